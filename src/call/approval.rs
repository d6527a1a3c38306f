//! How the person behind a caller can be asked, and what they answered.

use std::fmt;

/// Whether a person can be asked, and what they answered.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum ApprovalChannel {
    /// Nobody can be asked.
    #[default]
    None,
    /// A person can be asked.
    Open,
    /// A person was asked.
    Answered {
        /// What they answered.
        answer: Answer,
        /// The state that came with the question.
        state: String,
    },
}

/// What a person is asked, a sentence each: what would be done to what, as Clerk has it now. What
/// others wrote is in quotation marks, without line breaks or hidden characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question(pub(super) Vec<String>);

impl Question {
    /// The sentences.
    pub fn sentences(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(String::as_str)
    }
}

impl fmt::Display for Question {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.join(" "))
    }
}

/// What came of asking a person.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Answer {
    /// They approved.
    Approved,
    /// They declined.
    Declined,
    /// They accepted the form, but left its box empty.
    Unticked,
    /// They closed the question without an answer.
    Closed,
    /// They did not answer within five minutes.
    TimedOut,
    /// The client could not ask.
    CouldNotAsk,
    /// The answer can't be read.
    Unreadable,
    /// The person at the terminal declined.
    DeclinedAtTerminal,
    /// The terminal can't be read.
    TerminalUnreadable,
}

impl Answer {
    /// Why the call isn't approved, as a clause; `None` if it is.
    pub(super) const fn problem(self) -> Option<&'static str> {
        Some(match self {
            Self::Approved => return None,
            Self::Declined => "the person declined",
            Self::Unticked => "the person left the box empty",
            Self::Closed => "the person closed the question without an answer",
            Self::TimedOut => "the person did not answer within five minutes",
            Self::CouldNotAsk => "the client could not ask the person",
            Self::Unreadable => "the answer can't be read",
            Self::DeclinedAtTerminal => "the person at the terminal did not agree",
            Self::TerminalUnreadable => "the terminal could not be read",
        })
    }
}
