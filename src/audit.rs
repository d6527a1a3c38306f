//! The audit log: what every write to Clerk leaves in the file that `--audit` names.
//!
//! The file has one JSON object a line. A write leaves a line `begun`, which is on the disk before
//! the request goes out, and a line `ended` after it; the same `call` ties the two. A write that
//! was refused and never sent leaves one line `refused`, and a second person's decision one line
//! `approved` or `rejected`. So a process that is killed at any moment
//! loses no write: a `begun` without its `ended` is a write whose outcome is unknown.
//!
//! Each line ends with `"prev"`, the hash of the line before (64 zeros in the first), and `"hash"`,
//! the SHA-256 of the line's own bytes up to `,"hash"`. So [`verify`] finds a line that was changed,
//! removed, inserted or moved. Two things a chain alone can't show: that its end was cut off, and
//! that someone who may write the file computed all hashes again from some line on. To find these
//! too, note the last hash elsewhere and give it to [`verify`] later.
//!
//! Several processes can write one file. If it is moved away (a log rotation), the next line begins
//! a new file with a new chain; a write that has begun then has its `ended` there.

mod about;
mod calls;
mod file;
mod line;
mod show;
mod verify;

use std::{
    fmt, io,
    path::{Path, PathBuf},
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use serde::Serialize;
use serde_json::{Map, Value};

pub use self::{
    about::{About, Account, Logged},
    calls::Called,
    line::Mark,
    show::{Filter, Form, Tally, show, tail},
    verify::{Break, Open, Since, Verdict, verify},
};
use crate::principal::Principal;

use self::{
    file::Chain,
    line::{Entry, Event},
};

const PATIENCE: Duration = Duration::from_secs(2);

/// The audit log that `--audit` names. Its methods block: don't call them on an async thread.
///
/// It holds no open file between two lines, so that the file can be moved away at any time.
#[derive(Clone, Debug)]
pub struct Audit {
    path: Arc<Path>,
    /// Lets the calls of this process queue up, since waiting for a file's lock is not fair.
    turn: Arc<Mutex<()>>,
    /// How long an append waits for other processes that append.
    patience: Duration,
}

/// A change that a client wants to make.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Write {
    /// The MCP client's name and version.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
    /// Who the call was made for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub principal: Option<Principal>,
    /// The kind of instance: `test` or `live`.
    pub key: &'static str,
    /// Tells instances apart: 16 hexadecimal digits that follow from the secret key, another one
    /// for each key. The key can't be found from them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub instance: Option<String>,
    /// The tool that was called.
    pub tool: String,
    /// What the tool does: how far-reaching it is.
    pub effect: String,
    /// The identifier in the request's path.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<String>,
    /// The call's arguments, without secrets.
    pub arguments: Map<String, Value>,
    /// The ids of what the arguments name by an email address, a slug or a name, by the paths of the
    /// arguments.
    #[serde(skip_serializing_if = "Map::is_empty")]
    pub identified: Map<String, Value>,
    /// The reason that the agent gives.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Whether a person was asked to approve it, and what they said.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub confirmation: Option<String>,
    /// The policy's rule that decided.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<String>,
    /// The ID of the second person's approval, if one is demanded.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approval: Option<String>,
    /// The second person who approved it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved_by: Option<Principal>,
}

/// The outcome of a write.
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Outcome {
    /// `done`, `failed`, `unknown` or `refused`.
    pub outcome: &'static str,
    /// The code of the error.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// The HTTP status of Clerk's response.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub status: Option<u16>,
    /// Clerk's name for the request.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trace_id: Option<String>,
    /// The identifier of what was created.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub id: Option<String>,
    /// How many rows were written to a file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rows: Option<u64>,
}

/// A write whose beginning is in the log, for [`Audit::end`].
#[derive(Debug)]
#[must_use = "a write that is begun and not ended counts as one whose outcome is unknown"]
pub struct Begun {
    call: String,
}

impl Begun {
    /// The identifier that both lines of the write have.
    #[must_use]
    pub fn call(&self) -> &str {
        &self.call
    }
}

/// Why a line could not be written. The log is unchanged.
#[derive(Debug)]
pub struct AuditError {
    path: Arc<Path>,
    error: io::Error,
}

impl fmt::Display for AuditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let reason = self.error.to_string();
        let reason = reason.split(" (os error").next().unwrap_or_default();
        write!(f, "{} can't be written: {reason}", self.path.display())
    }
}

impl std::error::Error for AuditError {}

impl Audit {
    /// The log in the file `path`, which is not opened yet.
    pub fn new(path: impl Into<PathBuf>) -> Self {
        Self { path: path.into().into(), turn: Arc::default(), patience: PATIENCE }
    }

    /// Checks that the log can be written now: creates the file if there is none, reads its last
    /// line, cuts off one that a crash left unfinished.
    ///
    /// # Errors
    /// The file can't be opened, locked or continued.
    pub fn check(&self) -> Result<(), AuditError> {
        self.with(|_| Ok(()))
    }

    /// Writes that `write` begins. It is on the disk when this returns: only now send it.
    ///
    /// # Errors
    /// The line could not be written. The write must not be sent.
    pub fn begin(&self, write: &Write) -> Result<Begun, AuditError> {
        self.with(|chain| {
            let call = chain.new_call();
            chain.append(&Entry {
                call: Some(&call),
                write: Some(write),
                ..Event::Begun.into()
            })?;
            Ok(Begun { call })
        })
    }

    /// Writes the outcome of a write.
    ///
    /// # Errors
    /// The line could not be written. The log says of this write that its outcome is unknown.
    pub fn end(&self, begun: &Begun, outcome: &Outcome) -> Result<(), AuditError> {
        let call = Some(begun.call.as_str());
        self.with(|chain| {
            chain.append(&Entry { call, outcome: Some(outcome), ..Event::Ended.into() })
        })
    }

    /// Writes that `write` was refused: it was not sent and never will be.
    ///
    /// # Errors
    /// The line could not be written.
    pub fn refuse(&self, write: &Write, outcome: &Outcome) -> Result<(), AuditError> {
        self.with(|chain| {
            let call = chain.new_call();
            chain.append(&Entry {
                call: Some(&call),
                write: Some(write),
                outcome: Some(outcome),
                ..Event::Refused.into()
            })
        })
    }

    /// Writes what a second person decided on a write that somebody asked for: `write` has them as its
    /// principal, and their reason. It is on the disk when this returns.
    ///
    /// # Errors
    /// The line could not be written. The decision must not hold.
    pub fn decide(&self, is_approved: bool, write: &Write) -> Result<(), AuditError> {
        self.one(if is_approved { Event::Approved } else { Event::Rejected }, write)
    }

    /// Logs that a decision doesn't hold that is in the log already.
    ///
    /// # Errors
    /// The line could not be written.
    pub fn void(&self, write: &Write) -> Result<(), AuditError> {
        self.one(Event::Void, write)
    }

    /// A line of a call of its own.
    fn one(&self, event: Event, write: &Write) -> Result<(), AuditError> {
        self.with(|chain| {
            let call = chain.new_call();
            chain.append(&Entry { call: Some(&call), write: Some(write), ..event.into() })
        })
    }

    fn with<T>(&self, act: impl FnOnce(&mut Chain) -> io::Result<T>) -> Result<T, AuditError> {
        let until = Instant::now() + self.patience;
        let _turn = self.turn.lock().unwrap_or_else(PoisonError::into_inner);
        Chain::take_up(&self.path, until)
            .and_then(|mut chain| act(&mut chain))
            .map_err(|error| AuditError { path: Arc::clone(&self.path), error })
    }
}

#[cfg(test)]
mod tests;
