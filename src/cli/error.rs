//! Why a command failed.

use std::{io, net::SocketAddr, path::PathBuf};

use clerk_mcp::{
    UnknownTool,
    call::ExplainError,
    config::{ConfigError, FileFlaw},
    drift::NotOpenApi,
    events::{InvalidTypes, SendError, StoreError},
    mcp::transport::ServeError,
};

use super::print;

impl CliError {
    /// Prints why the command failed to standard error, a line for each mistake in a policy.
    pub(crate) fn print(&self) {
        match self {
            Self::Config(ConfigError::Policy { path, mistakes }) => {
                for mistake in mistakes {
                    print::error(&format_args!("{}: {mistake}", path.display()));
                }
            }
            error => print::error(error),
        }
    }
}

/// Why a command failed, printed to standard error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Events(#[from] StoreError),
    #[error(transparent)]
    Stdio(#[from] ServeError),
    #[error(transparent)]
    UnknownTool(#[from] UnknownTool),
    #[error(transparent)]
    Explain(#[from] ExplainError),
    #[error("{address} can't be listened on: {source}")]
    Listen { address: SocketAddr, source: io::Error },
    #[error(transparent)]
    Url(#[from] url::ParseError),
    #[error("the sandbox failed: {0}")]
    Sandbox(io::Error),
    #[error("the server failed: {0}")]
    Serve(io::Error),
    #[error("--webhooks-listen needs CLERK_WEBHOOK_SIGNING_SECRET")]
    NoReceiver,
    #[error("the arguments aren't a JSON object: {0}")]
    Arguments(serde_json::Error),
    /// A tool's definition can't be written as JSON.
    #[error(transparent)]
    Definition(#[from] serde_json::Error),
    #[error("can't print: {0}")]
    Print(io::Error),
    /// An audit log can't be read.
    #[error("{} can't be read: {source}", path.display())]
    AuditLog { path: PathBuf, source: io::Error },
    /// Another file can't be read.
    #[error("{} {flaw}", path.display())]
    File { path: PathBuf, flaw: FileFlaw },
    #[error("{}: {source}", path.display())]
    Yaml { path: PathBuf, source: Box<serde_saphyr::Error> },
    #[error("{}: {source}", path.display())]
    NotOpenApi { path: PathBuf, source: NotOpenApi },
    #[error("give the file that events are in, with --events FILE")]
    NoEvents,
    #[error("CLERK_WEBHOOK_SIGNING_SECRET is not set")]
    NoSigningSecret,
    #[error("--type {0}")]
    Types(#[from] InvalidTypes),
    #[error(transparent)]
    Send(#[from] SendError),
}
