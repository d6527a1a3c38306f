//! What a tool does, and what an operator should know of it.

use std::fmt;

/// What a tool does to Clerk's data.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Effect {
    /// It changes nothing.
    Read,
    /// It adds something. Done again, it adds something again or is refused.
    Create,
    /// It replaces what was there. Done again, it changes nothing more.
    Update,
    /// It takes something away from people that can't be given back: a user, a session.
    Destroy,
}

impl Effect {
    /// Whether nothing is changed.
    #[must_use]
    pub const fn is_read(self) -> bool {
        matches!(self, Self::Read)
    }

    /// Whether something is taken away that can't be given back.
    #[must_use]
    pub const fn is_destructive(self) -> bool {
        matches!(self, Self::Destroy)
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Read => "read",
            Self::Create | Self::Update => "write",
            Self::Destroy => "destructive",
        })
    }
}

/// What an operator should know of a tool before turning it on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Flag {
    /// Clerk sends an email or an SMS to someone.
    SendsMessage,
    /// It changes the instance for all of its users: such a call needs approval.
    InstanceWide,
    /// It says whether a password, a code or a token is right, and so could be used to guess one:
    /// such calls are limited to so many an hour.
    ChecksSecret,
    /// It is about money.
    Billing,
    /// Clerk advises against it.
    Deprecated,
    /// It works with the keys of development instances only.
    TestOnly,
    /// It is about the journal of changes, and on only if there is one.
    Journal,
    /// It is about approvals by a second person, and on only if there is a file for them.
    Approvals,
}

impl Flag {
    /// Its name in `clerk-mcp tools`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::SendsMessage => "sends a message",
            Self::InstanceWide => "changes the instance",
            Self::ChecksSecret => "checks a secret",
            Self::Billing => "billing",
            Self::Deprecated => "deprecated",
            Self::TestOnly => "test instances only",
            Self::Journal => "needs a journal",
            Self::Approvals => "needs a file of approvals",
        }
    }
}
