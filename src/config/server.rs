//! The options of the server: Clerk, the sandbox, results and the log.

use std::path::PathBuf;

use clap::Args;
use clerk_sandbox::Fault;
use reqwest::Url;

use super::values::{self, Log, count};
use crate::{call::MAX_ANSWER_TOKENS, tool::projection::LEAST_TOKENS};

/// Where Clerk is, and how to talk to it.
#[derive(Debug, Args)]
#[command(next_help_heading = "Clerk")]
pub(super) struct ServerOptions {
    /// Base URL of Clerk's Backend API
    #[arg(long, env = "CLERK_API_URL", default_value = "https://api.clerk.com", value_parser = values::api_url, value_name = "URL")]
    pub(super) api_url: Url,
    /// Version of Clerk's API, a date
    #[arg(long, env = "CLERK_MCP_API_VERSION", default_value = "2026-05-12", value_parser = values::api_version, value_name = "DATE")]
    pub(super) api_version: String,
    /// Time limit of one request to Clerk, in seconds
    #[arg(long, env = "CLERK_MCP_TIMEOUT", default_value = "10", value_parser = count::<u64>(1..=30, 10), value_name = "SECONDS")]
    pub(super) timeout: u64,
    /// Allow image uploads from files in this folder
    #[arg(long, env = "CLERK_MCP_UPLOAD_FOLDER", value_parser = values::path(), value_name = "FOLDER")]
    pub(super) upload_folder: Option<PathBuf>,
    /// Allow lists to be written to new files in this folder
    #[arg(long, env = "CLERK_MCP_EXPORT_FOLDER", value_parser = values::path(), value_name = "FOLDER")]
    pub(super) export_folder: Option<PathBuf>,
}

/// What replaces Clerk.
#[derive(Debug, Args)]
#[command(next_help_heading = "Sandbox")]
pub(super) struct SandboxOptions {
    /// Use the built-in sandbox instead of Clerk: no key, no network
    #[arg(long, env = "CLERK_MCP_SANDBOX", value_parser = values::switch)]
    pub(super) sandbox: bool,
    /// Number of users in the sandbox
    #[arg(long, env = "CLERK_MCP_USERS", default_value_t = 25, value_parser = count::<u32>(0..=1_000_000, 25), value_name = "N")]
    pub(super) users: u32,
    /// Seed of the sandbox's users: the same seed, the same users
    #[arg(long, env = "CLERK_MCP_SEED", default_value_t = 1, value_parser = count::<u64>(0..=u64::MAX, 1), value_name = "N")]
    pub(super) seed: u64,
    /// Begin with incidents to investigate, such as a takeover
    #[arg(long, env = "CLERK_MCP_INCIDENTS", value_parser = values::switch)]
    pub(super) incidents: bool,
    /// Fault to inject, such as `slow=1500` or `429;retry-after=2`
    #[arg(long, env = "CLERK_MCP_FAULT", value_name = "FAULT")]
    pub(super) fault: Vec<Fault>,
}

/// How much is said.
#[derive(Debug, Args)]
pub(super) struct OutputOptions {
    /// Size limit of a result, in tokens; a larger one is shortened
    #[arg(long, help_heading = "Output", env = "CLERK_MCP_MAX_ANSWER_TOKENS", default_value_t = MAX_ANSWER_TOKENS, value_parser = count::<usize>(u64::from(LEAST_TOKENS)..=u64::MAX, 20_000), value_name = "N")]
    pub(super) max_answer_tokens: usize,
    /// Send traces and metrics to this OpenTelemetry collector
    #[arg(long, help_heading = "Output", env = "CLERK_MCP_OTLP_ENDPOINT", value_parser = values::collector_url, value_name = "URL")]
    pub(super) otlp_endpoint: Option<Url>,
    /// Log level: off, error, warn, info, debug or trace; `json` for JSON
    #[arg(long, help_heading = "Output", env = "CLERK_MCP_LOG", default_value = "info", value_parser = values::log, value_name = "LEVEL")]
    pub(super) log: Log,
}
