//! Clerk's Backend API as MCP tools.
//!
//! Life of a call: a [`mcp::transport`] hands it to the [`McpServer`], which calls the [`Server`]. That
//! looks the tool up in the [`catalog`] and takes the call through its states ([`call`]): is the tool
//! on, are the arguments right, does the policy allow it, must a person approve it; then it is
//! logged, run and rendered. A tool is described by its row ([`tool`]). [`clerk_api`] does the I/O
//! with Clerk. [`config`] is the only reader of flags, environment and files, [`events`] are what
//! Clerk's webhooks reported, and [`clerk_sandbox`] is a Clerk to test against.

pub mod approvals;
pub mod audit;
pub mod call;
pub mod catalog;
pub mod clients;
pub mod config;
pub mod ctx;
pub mod current;
pub mod doctor;
pub mod drift;
pub mod edit;
mod error;
pub mod events;
mod export;
pub mod folders;
pub mod guard;
pub mod http;
pub mod journal;
pub mod log;
pub mod mcp;
pub mod metrics;
mod names;
pub mod principal;
mod private;
pub mod progress;
pub mod redact;
pub mod setup;
mod sqlite;
pub mod telemetry;
pub mod text;
mod tokens;
pub mod tool;
mod upload;

pub use call::{Answer, ApprovalChannel, Caller, Outcome, Server, ServerOptions, UnknownTool};
pub use ctx::{Clerk, Ctx, Settings};
pub use error::{ArgumentError, Error};
pub use mcp::McpServer;
