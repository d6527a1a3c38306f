//! Clerk's Backend API as MCP tools.
//!
//! The way of one call: a [`transport`] hands it to the [`Server`], which looks the operation up in
//! the catalog ([`operations`]) and runs it. An operation ([`operation`]) is pure: it makes a
//! [`clerk_api::Request`] of the arguments and an output of the [`clerk_api::Response`]. In between,
//! [`ctx`] does the I/O by [`clerk_api`]. [`guard`] says which tools are on, [`config`] is all that the process is
//! told, [`events`] are what Clerk told by webhooks, and [`sandbox`] is a Clerk of our own to run
//! against.

pub mod audit;
pub mod config;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod ctx;
pub mod drift;
mod error;
pub mod events;
pub mod guard;
pub mod log;
mod objects;
pub mod operation;
pub mod operations;
pub mod progress;
pub mod redact;
pub mod sandbox;
mod server;
mod shape;
pub mod text;
pub mod transport;
mod upload;

pub use ctx::{Clerk, Settings};
pub use error::{Error, Fault};
pub use server::{Asking, Caller, Server};
