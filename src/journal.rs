//! The journal of changes: what each write that this server sent changed, from what to what, and how
//! it is taken back. One file of `SQLite`, which survives a kill at any moment.
//!
//! A change is written before its request is sent, and again when it ended. One that has no end is in
//! doubt: the process ended, or the end couldn't be written.

mod store;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::text::{has_mark, marked};

pub use self::store::{Filter, Journal, JournalError, Settings, count};

/// A change that is about to be sent to Clerk. Secrets were taken out of all of it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Begin {
    /// The tool.
    pub tool: String,
    /// The kind of the key: `test` or `live`.
    pub key: String,
    /// A fingerprint of the key, which distinguishes changes of other instances.
    pub instance: Option<String>,
    /// The name of the client that called.
    pub client: Option<String>,
    /// Who it was called for, as logs show them: `user_1 (jo@example.com)`, `root (process)`.
    pub who: Option<String>,
    /// The MCP session, by a name that opens nothing: `mcp_` and 12 digits. The stateless revision has
    /// none over HTTP.
    pub session: Option<String>,
    /// The ID of the object that is changed, if the call names it.
    pub target: Option<String>,
    /// The agent's reason.
    pub reason: Option<String>,
    /// How the call was approved, if it had to be.
    pub confirmation: Option<String>,
    /// The change that stands for the whole call, if this is a step of a call on many objects.
    pub part_of: Option<i64>,
    /// The change that this one takes back.
    pub undoes: Option<i64>,
    /// Whether it takes back only a part: the rest was changed by somebody else since, and can be set
    /// back later.
    pub partly: bool,
    /// The arguments of the call.
    pub arguments: Map<String, Value>,
    /// What the call changes, as it was.
    pub fields: Vec<FieldChange>,
    /// What is lost by the call, as it was, by the tool that reads it.
    pub kept: Map<String, Value>,
}

/// A field of an object before and after a change. A part of metadata is a field of its own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FieldChange {
    /// The argument that sets it, with the keys of metadata behind it.
    pub path: Vec<String>,
    /// Its value before; none if it had none.
    pub before: Option<Value>,
    /// Its value after; none if it has none, or it isn't known.
    pub after: Option<Value>,
}

/// How a change ended.
#[derive(Clone, Debug, PartialEq)]
pub struct End {
    /// Its state.
    pub state: State,
    /// The ID of the object, if only the result tells it.
    pub target: Option<String>,
    /// What was changed, before and after.
    pub fields: Vec<FieldChange>,
    /// How it is taken back.
    pub inverse: Inverse,
}

/// The state of a change.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum State {
    /// It was sent, or was about to be, and no end was written: it may have happened.
    InDoubt,
    /// Clerk did it.
    Done,
    /// Clerk did not do it.
    Failed,
}

/// How a change is taken back.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Inverse {
    /// The fields are set back by the tool that changed them.
    SetBack,
    /// By this call.
    Call {
        /// The tool.
        tool: String,
        /// Its arguments.
        arguments: Map<String, Value>,
    },
    /// It can't be, for this reason.
    None(String),
}

/// A change as it is kept.
#[derive(Clone, Debug, PartialEq)]
pub struct Change {
    /// Its number. IDs of changes are `chg_` and the number.
    pub seq: i64,
    /// When it began, in Unix ms.
    pub at: i64,
    /// When it ended, in Unix ms, if its end was written.
    pub ended_at: Option<i64>,
    /// How it began.
    pub begin: Begin,
    /// How it ended.
    pub end: End,
    /// The change that took it back.
    pub undone_by: Option<i64>,
}

/// What the IDs of changes begin with.
const PREFIX: &str = "chg_";

/// The ID of the change with a number.
#[must_use]
pub fn change_id(seq: i64) -> String {
    format!("{PREFIX}{seq}")
}

/// The number in the ID of a change.
#[must_use]
pub fn change_seq(id: &str) -> Option<i64> {
    let digits = id.strip_prefix(PREFIX)?;
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| digits.parse().ok()).flatten()
}

impl FieldChange {
    /// The field in one word: `publicMetadata.plan`.
    #[must_use]
    pub fn name(&self) -> String {
        self.path.join(".")
    }

    /// Whether a mark stands in it for something that looks like a secret: then its value isn't known,
    /// and can be neither compared nor set back.
    #[must_use]
    pub fn is_hidden(&self) -> bool {
        let values = [&self.before, &self.after];
        self.path.iter().any(|key| has_mark(key)) || values.into_iter().flatten().any(marked)
    }
}
