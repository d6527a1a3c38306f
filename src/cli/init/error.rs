//! Why nothing, or not everything, was set up.

use std::{io, path::PathBuf, process::ExitCode};

use clerk_api::KeyError;
use clerk_mcp::{clients::ClientError, edit::FileError, setup::ProfilesError};

/// Why nothing, or not everything, was set up.
#[derive(Debug, thiserror::Error)]
pub(crate) enum InitError {
    #[error("your home folder isn't known; set HOME")]
    NoHome,
    #[error("the path of this program isn't known: {0}")]
    NoProgram(io::Error),
    #[error("the path of this program isn't UTF-8 text; move it to a folder whose path is")]
    OddPath,
    #[error("no MCP client was found on this machine; name one, such as --client cursor")]
    NoClients,
    #[error(
        "there is no terminal to ask at; add --yes, with the key in CLERK_SECRET_KEY, \
         CLERK_SECRET_KEY_FILE, CLERK_SECRET_KEY_COMMAND or on standard input, or --dry-run"
    )]
    NoTerminal,
    #[error(
        "no secret key is given; set CLERK_SECRET_KEY, CLERK_SECRET_KEY_FILE or \
         CLERK_SECRET_KEY_COMMAND, or write the key to standard input"
    )]
    NoKey,
    #[error(
        "the key: {0}; copy it from the API keys page of the Clerk Dashboard, such as sk_test_…"
    )]
    Key(KeyError),
    /// The text never has the key in it.
    #[error("Clerk doesn't accept the key: {0}. Nothing was written")]
    Refused(String),
    #[error(
        "the profile `{0}` has another key; choose another name with --profile, or replace the key \
         at a terminal without --yes"
    )]
    OtherKey(String),
    #[error("cancelled; nothing was written")]
    Cancelled,
    #[error("the terminal can't be read: {0}")]
    Terminal(io::Error),
    #[error(transparent)]
    Profiles(ProfilesError),
    #[error(transparent)]
    Client(#[from] ClientError),
    #[error("{} {source}", path.display())]
    File { path: PathBuf, source: FileError },
    #[error("{} can't be written: {source}", path.display())]
    Unwritable { path: PathBuf, source: io::Error },
}

impl InitError {
    /// 2 if the command line or a variable is wrong, else 1.
    pub(crate) fn exit_code(&self) -> ExitCode {
        match self {
            Self::NoTerminal | Self::NoKey | Self::Key(_) => ExitCode::from(2),
            _ => ExitCode::FAILURE,
        }
    }
}
