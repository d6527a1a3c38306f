//! Why a call failed, by cause. How a failure reads to an agent is `call/report.rs`.

use std::{fmt, time::Duration};

use clerk_api::{Error as ApiError, Refusal};

/// Why a call failed. Its text is a whole sentence for the agent; it never holds the key.
#[derive(Debug)]
pub enum Error {
    /// The call's arguments don't fit the tool's input. Nothing was sent.
    Arguments(Vec<ArgumentError>),
    /// What the arguments name by an email address, a slug or a name is not exactly one object.
    /// Nothing was changed.
    NotIdentified(Vec<ArgumentError>),
    /// There is no Clerk key. Nothing was sent.
    Key(NoKey),
    /// The guard does not let the call run. Nothing was changed.
    Denied(Box<Denial>),
    /// A request to Clerk failed.
    Clerk {
        /// Why.
        error: ApiError,
        /// What was read at Clerk about it, as a sentence.
        hint: Option<String>,
    },
    /// The server had no room for the call within its time limit. Nothing was sent.
    Busy,
    /// Nobody has the email address that the arguments name, or these several users do.
    NotOneUser {
        /// The address.
        email: String,
        /// The ids of the users.
        ids: Vec<String>,
    },
    /// The first of two requests had its effect, the second failed.
    HalfDone {
        /// What was done, as a clause.
        done: &'static str,
        /// What was not done, as a clause.
        undone: &'static str,
        /// Why the second request failed.
        error: Box<Error>,
    },
    /// A write failed that may have had its effect, or a part of it. The journal of changes has it.
    InDoubt {
        /// Its number there.
        change: i64,
        /// Why it failed.
        error: Box<Error>,
    },
    /// What had to be read before a write failed so; the write was not sent.
    Beforehand(Box<Error>),
    /// The events that were received can't be read: why, as a clause. Nothing was sent.
    Events(String),
    /// The journal of changes can't be read: why, as a clause. Nothing was sent.
    Journal(String),
    /// The server stopped while the call was under way.
    Stopped,
    /// An internal error.
    Internal(&'static str),
}

impl Error {
    /// The same failure, of a look at Clerk before a write.
    #[must_use]
    pub fn beforehand(self) -> Self {
        match self {
            Self::Clerk {
                error:
                    ApiError::Timeout(_)
                    | ApiError::Interrupted(_)
                    | ApiError::Cancelled
                    | ApiError::Refused(_)
                    | ApiError::Unreadable { .. },
                ..
            }
            | Self::Stopped => Self::Beforehand(Box::new(self)),
            error => error,
        }
    }

    /// Whether a write that failed so may have had its effect at Clerk all the same.
    #[must_use]
    pub fn leaves_in_doubt(&self) -> bool {
        match self {
            Self::Stopped => true,
            Self::Clerk { error, .. } => error.leaves_in_doubt(),
            Self::HalfDone { error, .. } | Self::InDoubt { error, .. } => error.leaves_in_doubt(),
            _ => false,
        }
    }

    /// Whether a write that failed so may have had its effect, or had a part of it.
    #[must_use]
    pub fn may_have_changed(&self) -> bool {
        self.leaves_in_doubt() || matches!(self, Self::HalfDone { .. } | Self::InDoubt { .. })
    }

    /// What Clerk said, where it refused.
    #[must_use]
    pub fn refusal(&self) -> Option<&Refusal> {
        match self {
            Self::Clerk { error: ApiError::Refused(refusal), .. } => Some(refusal),
            Self::InDoubt { error, .. } => error.refusal(),
            _ => None,
        }
    }
}

impl From<Denial> for Error {
    fn from(denial: Denial) -> Self {
        Self::Denied(Box::new(denial))
    }
}

impl From<ApiError> for Error {
    fn from(error: ApiError) -> Self {
        Self::Clerk { error, hint: None }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arguments(faults) | Self::NotIdentified(faults) => first_of(f, faults),
            Self::Key(why) => why.fmt(f),
            Self::Denied(denial) => f.write_str(&denial.message),
            Self::Clerk { error: ApiError::Internal(reason), .. } | Self::Internal(reason) => {
                write!(f, "internal error: {reason}")
            }
            Self::Clerk { error: ApiError::Cancelled, .. } | Self::Stopped => {
                f.write_str("the server stopped before Clerk's answer was here")
            }
            Self::Clerk { error, .. } => error.fmt(f),
            Self::Busy => f.write_str("too many calls are under way in this server"),
            Self::NotOneUser { email, ids } => match ids.len() {
                0 => write!(f, "no user has the email address {email}"),
                n => write!(f, "{n} users have the email address {email}: {}", ids.join(", ")),
            },
            Self::HalfDone { done, undone, error } => {
                write!(f, "{done}, but {undone}: {error}")
            }
            Self::InDoubt { error, .. } | Self::Beforehand(error) => error.fmt(f),
            Self::Events(reason) => write!(f, "the events can't be read: {reason}"),
            Self::Journal(reason) => write!(f, "what was changed can't be read: {reason}"),
        }
    }
}

impl std::error::Error for Error {}

/// The first of several reasons, and how many more there are.
fn first_of(f: &mut fmt::Formatter<'_>, reasons: &[ArgumentError]) -> fmt::Result {
    let Some(first) = reasons.first() else { return f.write_str("no reason given") };
    write!(f, "{first}")?;
    match reasons.len() - 1 {
        0 => Ok(()),
        more => write!(f, " (and {more} more)"),
    }
}

/// One thing that is wrong with a call's arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ArgumentError {
    /// Where it stands, such as `invitations[2].emailAddress`.
    pub argument: String,
    /// What is wrong with it and what would be right, as the rest of a sentence.
    pub problem: String,
    /// How to find what would be right: a sentence with the names of tools in braces.
    pub find: Option<&'static str>,
}

impl ArgumentError {
    pub(crate) fn new(argument: impl Into<String>, problem: impl Into<String>) -> Self {
        Self { argument: argument.into(), problem: problem.into(), find: None }
    }

    /// The same with a sentence on how to find what would be right, which names tools in braces.
    pub(crate) fn find(self, find: &'static str) -> Self {
        Self { find: Some(find), ..self }
    }
}

impl fmt::Display for ArgumentError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.argument, self.problem)
    }
}

/// The server has no key of its own: none is set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no Clerk key is set")]
pub struct NoKey;

/// Why the guard does not let a call run. Nothing was changed at Clerk.
#[derive(Clone, Debug)]
pub struct Denial {
    /// What kind of refusal it is, such as `tool_off`.
    pub code: &'static str,
    /// What is not allowed and why, as a sentence.
    pub message: String,
    /// What to do about it.
    pub hint: String,
    /// When the same call would be allowed.
    pub retry_after: Option<Duration>,
    /// The scopes with which the policy may allow the same call to the same person.
    pub scopes: Vec<String>,
}

impl Denial {
    pub(crate) fn new(
        code: &'static str,
        message: impl Into<String>,
        hint: impl Into<String>,
    ) -> Self {
        let (message, hint) = (message.into(), hint.into());
        Self { code, message, hint, retry_after: None, scopes: Vec::new() }
    }

    /// The same refusal, of a call that may be allowed with these scopes too, if there are any.
    pub(crate) fn lacking(mut self, scopes: Vec<String>) -> Self {
        if !scopes.is_empty() {
            let named = scopes.join(" ");
            let hint = &self.hint;
            self.hint =
                format!("{hint} An access token that has the scope {named} too may allow it.");
        }
        Self { scopes, ..self }
    }

    /// The same refusal, of a call that would be allowed after `wait`.
    pub(crate) fn until(self, wait: Duration) -> Self {
        Self { retry_after: Some(wait), ..self }
    }
}
