//! The commands and their options.

use std::{net::SocketAddr, path::PathBuf};

use clap::{Args, Subcommand};

use super::{HttpOptions, values};

/// The command to run.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Speak MCP over standard input and output (the default)
    Stdio,
    /// Call one tool and print its result; exits with 1 if the call failed
    Call {
        /// The tool's name, as in `clerk-mcp tools`
        tool: String,
        /// The arguments as a JSON object
        #[arg(default_value = "{}")]
        arguments: String,
    },
    /// List the tools that are on, with their effects and sizes
    Tools {
        /// Print the definitions that clients get
        #[arg(long)]
        json: bool,
        /// Compare all tools with an OpenAPI file of Clerk's Backend API; exits with 1 if they differ
        #[arg(long, value_name = "FILE", value_parser = values::path())]
        check_openapi: Option<PathBuf>,
    },
    /// Speak MCP over HTTP: streamable at /mcp, HTTP+SSE at /sse and /messages
    Http(HttpOptions),
    /// Run the sandbox alone, as an HTTP server
    Sandbox {
        /// The address to listen on
        #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:7332", value_parser = values::address)]
        listen: SocketAddr,
    },
    /// Read or check an audit log that --audit wrote
    #[command(subcommand)]
    Audit(AuditCommand),
    /// Follow the events that webhooks reported, send them again, or check a delivery
    #[command(subcommand)]
    Events(EventsCommand),
    /// Check a policy file for --policy, or explain what it decides
    #[command(subcommand)]
    Policy(PolicyCommand),
}

impl Command {
    /// Whether it talks to Clerk, or says what it would do with the key there is.
    pub(super) fn uses_clerk(&self) -> bool {
        match self {
            Self::Stdio | Self::Call { .. } | Self::Tools { .. } | Self::Http(_) => true,
            Self::Policy(command) => matches!(command, PolicyCommand::Explain { .. }),
            Self::Sandbox { .. } | Self::Audit(_) | Self::Events(_) => false,
        }
    }

    /// Whether it takes deliveries, makes or checks one, and so needs the signing secrets.
    pub(super) fn checks_signatures(&self) -> bool {
        match self {
            Self::Http(_) => true,
            Self::Events(command) => !matches!(command, EventsCommand::Tail(_)),
            _ => false,
        }
    }
}

/// What to do with an audit log.
#[derive(Debug, Subcommand)]
pub enum AuditCommand {
    /// Find lines that were changed, removed or inserted; exits with 1 if there are any
    Verify {
        /// The log
        #[arg(value_parser = values::path())]
        file: PathBuf,
        /// A hash noted earlier, which must still be in the log: shows whether the end was cut off
        #[arg(long, value_name = "HASH")]
        since: Option<String>,
    },
    /// Print the last writes
    Tail {
        /// The log
        #[arg(value_parser = values::path())]
        file: PathBuf,
        /// How many writes to print
        #[arg(short = 'n', long, default_value_t = 20, value_name = "N")]
        lines: usize,
        /// Print the log's lines as they are
        #[arg(long)]
        json: bool,
    },
    /// Print the writes that match
    Show(ShowOptions),
}

/// Which writes to print.
#[derive(Debug, Args)]
pub struct ShowOptions {
    /// The log
    #[arg(value_parser = values::path())]
    pub file: PathBuf,
    /// Only writes on this user: an id, or a value in the arguments such as an email address
    #[arg(long, value_name = "ID")]
    pub user: Option<String>,
    /// Only writes by this tool
    #[arg(long, value_name = "NAME")]
    pub tool: Option<String>,
    /// Only writes by this client, named with its version or without
    #[arg(long, value_name = "NAME")]
    pub client: Option<String>,
    /// Only writes with this outcome: done, failed, refused or unknown
    #[arg(long, value_name = "OUTCOME")]
    pub outcome: Option<String>,
    /// Only writes since this time, such as 2026-11-23T09:00:00Z
    #[arg(long, value_name = "TIME")]
    pub from: Option<jiff::Timestamp>,
    /// Print the log's lines as they are
    #[arg(long)]
    pub json: bool,
}

/// What to do with events.
#[derive(Debug, Subcommand)]
pub enum EventsCommand {
    /// Print events of the file --events as they arrive
    Tail(TailOptions),
    /// Send events of the file --events again, signed anew, to an address on this machine
    Replay(ReplayOptions),
    /// Check one delivery against CLERK_WEBHOOK_SIGNING_SECRET; exits with 1 if the signature
    /// doesn't fit
    Verify {
        /// The request's headers, one per line, such as `svix-id: msg_…`
        #[arg(long, value_name = "FILE", value_parser = values::path())]
        headers: PathBuf,
        /// The request's body, byte by byte
        #[arg(long, value_name = "FILE", value_parser = values::path())]
        body: PathBuf,
    },
}

/// What to print.
#[derive(Debug, Args)]
pub struct TailOptions {
    /// Only these types, such as user.created or session.*, comma-separated
    #[arg(long = "type", value_name = "TYPES", value_delimiter = ',')]
    pub types: Vec<String>,
    /// How many of the latest events to print first
    #[arg(short = 'n', long, default_value_t = 0, value_name = "N")]
    pub last: u64,
    /// Print payloads as JSON, one per line, without codes and links to sign in with
    #[arg(long)]
    pub json: bool,
}

/// What to send again.
#[derive(Debug, Args)]
pub struct ReplayOptions {
    /// The address to send to, such as http://127.0.0.1:3000/webhooks
    #[arg(long, value_name = "URL", value_parser = values::local_url)]
    pub to: reqwest::Url,
    /// Only these types, such as user.created or session.*, comma-separated
    #[arg(long = "type", value_name = "TYPES", value_delimiter = ',')]
    pub types: Vec<String>,
    /// Only events that happened at this time or later, such as 2026-11-23T09:00:00Z
    #[arg(long, value_name = "TIME")]
    pub since: Option<jiff::Timestamp>,
    /// Only events that happened before this time
    #[arg(long, value_name = "TIME")]
    pub until: Option<jiff::Timestamp>,
}

/// What to do with a policy.
#[derive(Debug, Subcommand)]
pub enum PolicyCommand {
    /// Find the mistakes in a file; exits with 2 if there are any
    Check {
        /// The policy file
        #[arg(value_parser = values::path())]
        file: PathBuf,
    },
    /// Explain which rule of the --policy decides on a call; sends only reads to Clerk
    Explain {
        /// The tool's name
        tool: String,
        /// The arguments as a JSON object
        #[arg(default_value = "{}")]
        arguments: String,
    },
}
