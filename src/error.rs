//! Why a call failed, by cause. How a failure reads to an agent is `server/report.rs`.

use std::{fmt, time::Duration};

use crate::{
    clerk::{KeyFault, Refusal},
    guard::Denial,
};

/// Why a call failed. Its text is a whole sentence for the agent; it never holds the key.
#[derive(Debug)]
pub enum Error {
    /// The call's arguments don't fit the tool's input. Nothing was sent.
    Arguments(Vec<Fault>),
    /// The named part of a path is no identifier. Nothing was sent.
    Id(&'static str),
    /// There is no usable Clerk key. Nothing was sent.
    Key(KeyFault),
    /// The guard does not let the call run. Nothing was changed.
    Denied(Box<Denial>),
    /// So many requests in this period are what Clerk takes, and the call's turn comes only after
    /// its time limit. Nothing was sent.
    RateLimit {
        /// How many requests Clerk takes.
        count: u32,
        /// In which time.
        period: Duration,
        /// How long until there is a turn.
        wait: Duration,
    },
    /// The server had no room for the call within its time limit. Nothing was sent.
    Busy,
    /// No connection to Clerk. Nothing was sent.
    Unreachable(String),
    /// No whole answer within this time. What was sent may have had its effect.
    Timeout(Duration),
    /// The connection broke before the whole answer was here.
    Interrupted(String),
    /// Clerk answered, and refused.
    Refused(Box<Refusal>),
    /// Clerk answered with success, and the answer can't be read.
    Unreadable {
        /// The HTTP status of the answer.
        status: u16,
        /// What is wrong with the answer.
        reason: String,
    },
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
    /// What had to be read before a write failed so; the write was not sent.
    Beforehand(Box<Error>),
    /// The events that were received can't be read: why, as a clause. Nothing was sent.
    Events(String),
    /// The server stopped while the call was under way.
    Stopped,
    /// A fault of this program.
    Internal(&'static str),
}

/// One thing that is wrong with a call's arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    /// The argument's name, as the tool's input schema has it.
    pub argument: String,
    /// What is wrong with it and what would be right, as the rest of a sentence.
    pub problem: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "`{}` {}", self.argument, self.problem)
    }
}

impl Error {
    /// The same failure, of a look at Clerk before a write.
    #[must_use]
    pub fn beforehand(self) -> Self {
        match self {
            Self::Timeout(_)
            | Self::Interrupted(_)
            | Self::Refused(_)
            | Self::Unreadable { .. }
            | Self::Stopped => Self::Beforehand(Box::new(self)),
            error => error,
        }
    }

    /// Whether a write that failed so may have had its effect at Clerk all the same.
    #[must_use]
    pub fn leaves_in_doubt(&self) -> bool {
        match self {
            Self::Timeout(_) | Self::Interrupted(_) | Self::Stopped => true,
            // A gateway that gave up says nothing of what the server behind it did.
            Self::Refused(refusal) => refusal.is_fault(),
            Self::HalfDone { error, .. } => error.leaves_in_doubt(),
            _ => false,
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Arguments(faults) => first_of(f, faults),
            Self::Id(name) => write!(f, "`{name}` is no identifier"),
            Self::Key(fault) => fault.fmt(f),
            Self::Denied(denial) => f.write_str(&denial.message),
            Self::RateLimit { count, period, .. } => write!(
                f,
                "Clerk takes {count} such requests in {} s, and the next turn comes too late for \
                 this call",
                period.as_secs()
            ),
            Self::Busy => f.write_str("too many calls are under way in this server"),
            Self::Unreachable(reason) => write!(f, "Clerk could not be reached: {reason}"),
            Self::Timeout(limit) => {
                write!(f, "Clerk did not answer within {} s", limit.as_secs_f32())
            }
            Self::Interrupted(reason) => {
                write!(f, "the connection broke before Clerk's answer was here: {reason}")
            }
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Unreadable { status, reason } => {
                write!(f, "Clerk answered {status}, but its answer can't be read: {reason}")
            }
            Self::NotOneUser { email, ids } => match ids.len() {
                0 => write!(f, "no user has the email address {email}"),
                n => write!(f, "{n} users have the email address {email}: {}", ids.join(", ")),
            },
            Self::HalfDone { done, undone, error } => {
                write!(f, "{done}, but {undone}: {error}")
            }
            Self::Beforehand(error) => error.fmt(f),
            Self::Events(reason) => write!(f, "the events can't be read: {reason}"),
            Self::Stopped => f.write_str("the server stopped before Clerk's answer was here"),
            Self::Internal(reason) => write!(f, "fault of clerk-mcp: {reason}"),
        }
    }
}

impl std::error::Error for Error {}

/// The first of several reasons, and how many more there are.
pub(crate) fn first_of(f: &mut fmt::Formatter<'_>, reasons: &[impl fmt::Display]) -> fmt::Result {
    let Some(first) = reasons.first() else { return f.write_str("no reason given") };
    write!(f, "{first}")?;
    match reasons.len() - 1 {
        0 => Ok(()),
        more => write!(f, " (and {more} more)"),
    }
}
