//! Why a configuration can't be used.

use std::{fmt::Write as _, path::PathBuf};

use clerk_api::KeyError;

use super::{file::FileFlaw, rule::Flaw};
use crate::{
    events::{StoreError, signature::InvalidSecret},
    guard::policy::{Mistake, UnknownName},
    http::TokenRequired,
    tool::projection::LEAST_TOKENS,
};

/// What is wrong with the command line, the environment or a file that one of them names. Options
/// that clap refuses aren't here.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The command line holds a secret key. The text doesn't repeat it.
    #[error(
        "a Clerk key is on the command line, where other programs and the shell's history can \
         read it. Set CLERK_SECRET_KEY instead, or put the key into a file and name the file in \
         CLERK_SECRET_KEY_FILE"
    )]
    KeyOnCommandLine,
    /// A variable begins with `CLERK_MCP_` and is none of ours.
    #[error("the variable {name} is unknown; {}", hint(nearest.as_deref()))]
    UnknownVariable {
        /// The name of the variable.
        name: String,
        /// The known variable that may be meant.
        nearest: Option<String>,
    },
    /// A value can't be meant.
    #[error("{name} {flaw}")]
    Value {
        /// The name of the variable or the option.
        name: String,
        /// What is wrong with the value.
        flaw: Flaw,
    },
    /// A file or a folder that a variable or an option names can't be used.
    #[error("{name}: {} {flaw}", path.display())]
    File {
        /// The name of the variable or the option.
        name: String,
        /// The path in it.
        path: PathBuf,
        /// What is wrong with it.
        flaw: FileFlaw,
    },
    /// A variable and the file that another names hold two secrets. Neither is shown.
    #[error("{one} and {other} are both set, and hold different values; remove one of them")]
    TwoSecrets {
        /// The name of the variable with the value.
        one: &'static str,
        /// The name of the variable with the path.
        other: &'static str,
    },
    /// What is set isn't a secret key. The text doesn't repeat it.
    #[error("{name}: {source}")]
    Key {
        /// The name of the variable.
        name: &'static str,
        /// What it is instead.
        source: KeyError,
    },
    /// A signing secret can't be used.
    #[error("{name} {source}")]
    SigningSecret {
        /// The name of the variable.
        name: &'static str,
        /// What is wrong with it.
        source: InvalidSecret,
    },
    /// Webhooks are to be sent, but there is nothing to sign them with.
    #[error("--webhook-url needs {variable}, to sign with")]
    NothingToSignWith {
        /// The name of the variable that is missing.
        variable: &'static str,
    },
    /// The bearer token is short enough to be guessed.
    #[error("{name} must have at least {least} characters")]
    ShortToken {
        /// The name of the variable.
        name: &'static str,
        /// How many characters are enough.
        least: usize,
    },
    /// The address needs a bearer token.
    #[error(transparent)]
    TokenRequired(#[from] TokenRequired),
    /// An option names a tool or a toolset that doesn't exist.
    #[error("{name}: {source}")]
    UnknownName {
        /// The name of the variable or the option.
        name: String,
        /// The name that doesn't exist.
        source: UnknownName,
    },
    /// There is no file of events to read.
    #[error("{name}: there is no file {}", path.display())]
    NoEventsFile {
        /// The name of the variable or the option.
        name: String,
        /// The path that `--events` gives.
        path: PathBuf,
    },
    /// The file of events can't be opened.
    #[error("{name}: {source}")]
    Events {
        /// The name of the variable or the option.
        name: String,
        /// Why not.
        source: StoreError,
    },
    /// The policy has mistakes; the text has a line for each.
    #[error("{}", listed(path, mistakes))]
    Policy {
        /// The path of the policy.
        path: PathBuf,
        /// All mistakes, in the order of their lines.
        mistakes: Vec<Mistake>,
    },
}

/// Why the value of an option is refused. clap puts the option and the value before it.
#[derive(Debug, thiserror::Error)]
pub(super) enum InvalidValue {
    #[error("it must be true or false")]
    Switch,
    #[error("an address is an IP address with a port, such as 127.0.0.1:7331")]
    Address,
    #[error("{0} is none of off, error, warn, info, debug, trace and json")]
    Log(String),
    #[error("it must be a number of at least {LEAST_TOKENS}")]
    AnswerTokens,
    #[error("a version is a date such as 2026-05-12")]
    ApiVersion,
    #[error(transparent)]
    Url(#[from] url::ParseError),
    #[error("the address must have no query and no fragment")]
    QueryOrFragment,
    #[error("the key would cross the network unencrypted; use https")]
    Unencrypted,
    #[error("an API can't be reached by {0}; use https")]
    Scheme(String),
    #[error("it must be an http address on this machine")]
    NotLocal,
    #[error("it must be a number, or a number with /hour after it")]
    PerHour,
    #[error("it must be an origin, such as https://app.example")]
    Origin,
}

fn hint(nearest: Option<&str>) -> String {
    nearest.map_or_else(|| "see --help".to_owned(), |name| format!("did you mean {name}?"))
}

fn listed(path: &std::path::Path, mistakes: &[Mistake]) -> String {
    let mut lines = String::new();
    for mistake in mistakes {
        let separator = if lines.is_empty() { "" } else { "\n" };
        let _infallible = write!(lines, "{separator}{}: {mistake}", path.display());
    }
    lines
}
