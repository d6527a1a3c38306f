//! Why a command failed.

use std::{
    io::{self, ErrorKind},
    net::SocketAddr,
    path::PathBuf,
    process::ExitCode,
};

use clerk_mcp::{
    UnknownTool,
    approvals::{ApprovalsError, DecideError},
    call::ExplainError,
    config::{ConfigError, FileFlaw},
    drift::NotOpenApi,
    events::{InvalidTypes, SendError, StoreError},
    mcp::transport::ServeError,
};

use super::{init::InitError, print};

impl CliError {
    /// Prints why the command failed to standard error, a line for each mistake in a policy.
    pub(crate) fn print(&self) {
        match self {
            Self::Config(error @ ConfigError::Policy { .. }) => {
                for line in error.to_string().lines() {
                    print::error(&line);
                }
            }
            error => print::error(error),
        }
    }

    /// The status to exit with: 2 if the command line, a variable or a file that one of them names
    /// is wrong, 1 if what they ask for failed.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::Config(
                ConfigError::Events { .. }
                | ConfigError::Journal { .. }
                | ConfigError::Approvals { .. },
            )
            | Self::Approvals(_)
            | Self::Decide(_)
            | Self::Events(_)
            | Self::Stdio(_)
            | Self::Listen { .. }
            | Self::Sandbox(_)
            | Self::Serve(_)
            | Self::Definition(_)
            | Self::Print(_)
            | Self::Send(_)
            | Self::Folder { .. } => ExitCode::FAILURE,
            Self::Init(error) => error.exit_code(),
            _ => ExitCode::from(2),
        }
    }
}

/// Why a command failed, printed to standard error.
#[derive(Debug, thiserror::Error)]
pub(crate) enum CliError {
    #[error(transparent)]
    Config(#[from] ConfigError),
    #[error(transparent)]
    Approvals(#[from] ApprovalsError),
    #[error(transparent)]
    Decide(#[from] DecideError),
    #[error(transparent)]
    Events(#[from] StoreError),
    #[error(transparent)]
    Stdio(#[from] ServeError),
    #[error("{0}. `clerk-mcp tools` lists those that are on")]
    UnknownTool(#[from] UnknownTool),
    #[error(transparent)]
    Explain(#[from] ExplainError),
    /// The option or its variable is `name`.
    #[error("{name} {address} {}", refused(source))]
    Listen { name: String, address: SocketAddr, source: io::Error },
    #[error(transparent)]
    Url(#[from] url::ParseError),
    #[error("the sandbox failed: {0}")]
    Sandbox(io::Error),
    #[error("the server failed: {0}")]
    Serve(io::Error),
    #[error(
        "{0} needs the secret that verifies webhooks; set CLERK_WEBHOOK_SIGNING_SECRET, such as \
         whsec_…"
    )]
    NoReceiver(String),
    #[error("ARGUMENTS aren't a JSON object, such as '{{\"limit\": 3}}': {0}")]
    Arguments(serde_json::Error),
    /// A tool's definition can't be written as JSON.
    #[error(transparent)]
    Definition(#[from] serde_json::Error),
    #[error("standard output can't be written to: {0}; keep its reader open")]
    Print(io::Error),
    /// An audit log can't be read.
    #[error("FILE {} can't be read: {source}; give the file that a server's --audit names", path.display())]
    AuditLog { path: PathBuf, source: io::Error },
    /// Another file can't be read.
    #[error("{option}: {} {flaw}", path.display())]
    File { option: &'static str, path: PathBuf, flaw: FileFlaw },
    #[error("--check-openapi: {} isn't YAML or JSON: {source}", path.display())]
    Yaml { path: PathBuf, source: Box<serde_saphyr::Error> },
    #[error("--fixtures: {}: {source}", path.display())]
    Fixtures { path: PathBuf, source: clerk_sandbox::InvalidFixtures },
    #[error("give both the log and the policy, as --audit FILE --policy FILE")]
    NothingToReplay,
    #[error("--audit: {0}")]
    Replay(io::Error),
    #[error("--incidents: {0}")]
    Incidents(String),
    #[error("--check-openapi: {}: {source}; give one of Clerk's Backend API", path.display())]
    NotOpenApi { path: PathBuf, source: NotOpenApi },
    #[error(
        "no file of events is named; give it with --events or in CLERK_MCP_EVENTS, such as \
         --events FILE"
    )]
    NoEvents,
    #[error("CLERK_WEBHOOK_SIGNING_SECRET is not set; set it to the secret, such as whsec_…")]
    NoSigningSecret,
    #[error("--type {0}")]
    Types(#[from] InvalidTypes),
    /// The manual pages can't be written.
    #[error("FOLDER {} can't be written to: {source}; give a folder that exists", path.display())]
    Folder { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Send(#[from] SendError),
    #[error(transparent)]
    Init(#[from] InitError),
}

/// Why an address can't be listened on, and what to do.
fn refused(error: &io::Error) -> String {
    match error.kind() {
        ErrorKind::AddrInUse => "is in use by another program; end that one, or choose another \
                                 port, such as 127.0.0.1:7400"
            .to_owned(),
        ErrorKind::AddrNotAvailable => {
            "isn't an address of this machine; choose one that is, such as 127.0.0.1:7400"
                .to_owned()
        }
        ErrorKind::PermissionDenied => {
            "needs more rights; choose a port above 1023, such as 127.0.0.1:7400".to_owned()
        }
        _ => format!("can't be listened on: {error}; choose another, such as 127.0.0.1:7400"),
    }
}
