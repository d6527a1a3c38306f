//! What a user would notice, driven through a real MCP client.
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::needless_pass_by_value,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers fail the test too"
)]

mod answers;
mod arguments;
mod catalog;
mod cli;
mod completion;
mod config;
mod contract;
mod docs;
mod doctor;
mod duplicates;
mod events;
mod explain;
mod export;
mod faults;
mod find;
mod fuzz;
mod guard;
mod help;
mod hints;
mod http;
mod init;
mod investigate;
mod judge;
mod key;
mod layers;
mod people;
mod profiles;
mod prompts;
#[cfg(unix)]
mod pty;
mod readme;
mod resources;
mod results;
mod samples;
mod sandbox;
#[cfg(unix)]
mod screens;
mod search;
mod spec;
mod startup;
mod stdio;
mod support;
#[cfg(unix)]
mod telemetry;
mod terminal;
mod timeline;
mod whole;

/// How much is made up at random: tests/slow does the same many times more.
const TIMES: u32 = 1;
