//! Why a request failed, by cause.

use std::{fmt, time::Duration};

use crate::Refusal;

/// Why a request failed. Its text is a fragment, without a full stop. It never holds the key of
/// its own accord, but can hold what Clerk or a proxy sent: before it is shown, the caller takes
/// secrets out before.
#[derive(Debug)]
pub enum Error {
    /// The field for this placeholder of the path isn't an identifier. Nothing was sent.
    InvalidId(&'static str),
    /// Clerk takes this many requests in a period, and the next turn comes only after the
    /// context's deadline. Nothing was sent.
    RateLimit {
        /// How many requests Clerk takes.
        count: u32,
        /// In which time.
        period: Duration,
        /// How long until the next turn.
        wait: Duration,
    },
    /// No connection to Clerk. Nothing was sent.
    Unreachable(Unreachable),
    /// No complete response within this time. What was sent may have taken effect.
    Timeout(Duration),
    /// The connection broke before the response was complete. What was sent may have taken effect.
    Interrupted(String),
    /// The context was cancelled. What was sent may have taken effect.
    Cancelled,
    /// Clerk responded with an error status.
    Refused(Box<Refusal>),
    /// Clerk responded with success, and the response can't be read.
    Unreadable {
        /// The HTTP status.
        status: u16,
        /// What is wrong with the response.
        reason: String,
    },
    /// A request that can't be built: a mistake of the program that uses this crate, or of this
    /// crate. Nothing was sent.
    Internal(&'static str),
}

impl Error {
    /// Whether a write that failed so may have taken effect at Clerk all the same.
    #[must_use]
    pub fn leaves_in_doubt(&self) -> bool {
        match self {
            // What can't be read, another server may have sent in Clerk's place.
            Self::Timeout(_) | Self::Interrupted(_) | Self::Cancelled | Self::Unreadable { .. } => {
                true
            }
            // A gateway that gave up says nothing of what the server behind it did.
            Self::Refused(refusal) => refusal.is_server_error(),
            _ => false,
        }
    }

    /// The HTTP status, if there was a response.
    #[must_use]
    pub fn status(&self) -> Option<u16> {
        match self {
            Self::Refused(refusal) => Some(refusal.status),
            Self::Unreadable { status, .. } => Some(*status),
            _ => None,
        }
    }

    /// The cause as one word, without anything that was sent.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::InvalidId(_) => "invalid_id",
            Self::RateLimit { .. } => "rate_limit",
            Self::Unreachable(_) => "unreachable",
            Self::Timeout(_) => "timeout",
            Self::Interrupted(_) => "interrupted",
            Self::Cancelled => "cancelled",
            Self::Refused(_) => "refused",
            Self::Unreadable { .. } => "unreadable",
            Self::Internal(_) => "internal",
        }
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::InvalidId(name) => write!(f, "`{name}` isn't a valid ID"),
            Self::RateLimit { count, period, .. } => write!(
                f,
                "Clerk takes {count} such requests in {} s, and the next turn comes too late for \
                 this call",
                period.as_secs()
            ),
            Self::Unreachable(unreachable) => unreachable.fmt(f),
            Self::Timeout(limit) => {
                write!(f, "Clerk did not answer within {} s", limit.as_secs_f32())
            }
            Self::Interrupted(reason) => {
                write!(f, "the connection broke before Clerk's answer was here: {reason}")
            }
            Self::Cancelled => f.write_str("the request was cancelled"),
            Self::Refused(refusal) => refusal.fmt(f),
            Self::Unreadable { status, reason } => {
                write!(f, "Clerk answered {status}, but its answer can't be read: {reason}")
            }
            Self::Internal(reason) => write!(f, "internal error: {reason}"),
        }
    }
}

impl std::error::Error for Error {}

/// Why there is no connection to Clerk. Its text is a fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unreachable {
    /// At which step it failed.
    pub cause: ConnectFailure,
    /// The host that was to be reached.
    pub host: String,
    /// The system's own words.
    pub reason: String,
}

/// At which step a connection failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectFailure {
    /// The host's name isn't known.
    Name,
    /// Nothing listens at the address.
    Refused,
    /// The host did not answer in time.
    Timeout,
    /// The proxy of the environment can't be used.
    Proxy,
    /// The host's certificate isn't trusted.
    Certificate,
    /// The certificates of the authorities that are trusted can't be read.
    Authorities,
    /// Something else.
    Other,
}

impl fmt::Display for Unreachable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { cause, host, reason } = self;
        match cause {
            ConnectFailure::Name => write!(f, "no host has the name {host}: {reason}"),
            ConnectFailure::Refused => write!(f, "{host} refuses connections: {reason}"),
            ConnectFailure::Timeout => write!(f, "{host} can't be reached in time: {reason}"),
            ConnectFailure::Proxy => write!(f, "the proxy doesn't connect to {host}: {reason}"),
            ConnectFailure::Certificate => {
                write!(f, "the certificate of {host} isn't trusted: {reason}")
            }
            ConnectFailure::Authorities => write!(
                f,
                "the certificates of the authorities that this machine trusts can't be read: \
                 {reason}"
            ),
            ConnectFailure::Other => write!(f, "{host} can't be reached: {reason}"),
        }
    }
}

impl From<Refusal> for Error {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(Box::new(refusal))
    }
}
