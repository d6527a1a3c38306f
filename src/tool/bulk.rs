//! Work on many objects: what a tool would do to each, before any of it is done.

use serde::Serialize;
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;
use sha2::{Digest, Sha256};

use super::{
    Output, SESSIONS_REVOKED, Tool,
    field::{Field, Fields, boolean, code, integer, text},
    param::Role,
};

/// What a tool that works on many objects is about to do.
#[derive(Debug, Default)]
pub(crate) struct BulkPreview {
    /// Whose objects they are, if they are one user's: an id, and what people know it by.
    pub(crate) of: Option<(String, Option<String>)>,
    /// One for each object.
    pub(crate) steps: Vec<Step>,
    /// How many objects are left for another call, beyond those it takes at most.
    pub(crate) more: u64,
    /// The field of the result that says again how many were done, in the words of what is done.
    pub(crate) done_as: Option<&'static str>,
    /// What identifies the objects if they were searched for: see [`BulkPreview::digest`].
    pub(crate) selection: Option<String>,
    /// Notes for the reader of the result.
    pub(crate) notes: Vec<String>,
}

/// What is about to be done to one object, by the tool for one.
#[derive(Debug)]
pub(crate) struct Step {
    /// The object's id.
    pub(crate) id: String,
    /// What people know it by.
    pub(crate) name: Option<String>,
    /// Whether the name says which object it is, and so stays: that of a session says when it was last
    /// active.
    pub(crate) is_known_by_name: bool,
    /// The tool that does it.
    pub(crate) tool: &'static Tool,
    /// Its arguments.
    pub(crate) arguments: Map<String, Value>,
    /// Why nothing is to be done.
    pub(crate) skip: Option<String>,
    /// The change that it takes back, if it does.
    pub(crate) takes_back: Option<TakenBack>,
}

/// A change that a step takes back.
#[derive(Clone, Debug)]
pub(crate) struct TakenBack {
    /// Its number.
    pub(crate) change: i64,
    /// What is set back, in lines.
    pub(crate) sets_back: Vec<String>,
    /// What isn't, in lines, each with the reason.
    pub(crate) left_alone: Vec<String>,
    /// Whether somebody else changed some of it since, which is left alone.
    pub(crate) partly: bool,
    /// The fields that are set back, by their paths, as they must be when it is sent.
    pub(crate) expects: Vec<(Vec<String>, Option<Value>)>,
}

impl BulkPreview {
    /// The steps in which something is to be done.
    pub(crate) fn due(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.skip.is_none())
    }

    /// What identifies this choice of objects.
    pub(crate) fn digest(&self) -> String {
        let mut ids: Vec<&str> = self.steps.iter().map(|step| step.id.as_str()).collect();
        ids.sort_unstable();
        short_hash(&ids.join(" "))
    }

    /// What an approval is bound to: it changes when another thing would be done.
    pub(crate) fn version(&self) -> String {
        let arguments = |step: &Step| serde_json::to_string(&step.arguments).unwrap_or_default();
        let lines = |step: &Step| step.takes_back.as_ref().map(|back| back.sets_back.join("\n"));
        let due = self.due().map(|step| {
            let lines = lines(step).unwrap_or_default();
            format!("{} {} {} {lines}", step.tool.name, step.id, arguments(step))
        });
        let mut due: Vec<String> = due.collect();
        due.sort_unstable();
        short_hash(&due.join("\n"))
    }
}

fn short_hash(text: &str) -> String {
    let hash = Sha256::digest(text.as_bytes());
    let first = hash.iter().take(8).fold(0_u64, |all, byte| all << 8 | u64::from(*byte));
    format!("{first:016x}")
}

/// The fields of the outcome for one object.
pub(crate) static OUTCOME: Fields = Fields::closed(&[&[
    code("id").identity(),
    text("name").concise(),
    code("outcome").concise().about(
        "done, would be done, skipped, would be refused, failed, not tried, or unknown if it may \
         have happened.",
    ),
    text("why").concise(),
]]);

/// What stands beside the outcomes.
pub(crate) static COUNTS: Fields = Fields::closed(&[COUNT]);
/// The same for a tool that revokes sessions.
pub(crate) static SESSION_COUNTS: Fields = Fields::closed(&[COUNT, SESSIONS_REVOKED]);
/// The field of [`SESSION_COUNTS`] that says how many were revoked.
pub(crate) const REVOKED_SESSIONS: &str = "sessionsRevoked";

const COUNT: &[Field] = &[
    boolean("dry_run").about("Whether this is a preview: nothing was changed."),
    integer("total").about("How many objects were chosen."),
    integer("done").about("How many were changed."),
    integer("skipped").about("How many were left as they are, each with the reason."),
    integer("failed").about("How many could not be changed."),
    integer("unknown").about("How many may have been changed: look before you repeat."),
    integer("not_tried").about("How many were not begun, since all would fail alike."),
    code("selection").about("Identifies the users that find chose: give it with dryRun: false."),
];

/// What such a tool returns, as [`COUNTS`] and [`OUTCOME`] declare it.
#[skip_serializing_none]
#[derive(Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Table {
    pub(crate) dry_run: bool,
    pub(crate) total: u64,
    pub(crate) done: u64,
    pub(crate) skipped: u64,
    pub(crate) failed: u64,
    pub(crate) unknown: u64,
    pub(crate) not_tried: u64,
    pub(crate) selection: Option<String>,
    pub(crate) results: Vec<Row>,
}

/// The outcome for one object.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) outcome: String,
    pub(crate) why: Option<String>,
    pub(crate) sets_back: Option<Vec<String>>,
    pub(crate) left_alone: Option<Vec<String>>,
}

/// How a call on many objects ended as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Ending {
    /// Each step was done, or there was nothing to do in it.
    Done,
    /// A step failed or wasn't tried.
    Failed,
    /// Whether a step was done isn't known.
    InDoubt,
}

impl Output {
    /// How the call ended that this is the [`Table`] of.
    pub(crate) fn ending(&self) -> Ending {
        let has = |name: &str, value: Value| self.head.get(name) == Some(&value);
        match (has("unknown", 0.into()), has("success", true.into())) {
            (false, _) => Ending::InDoubt,
            (true, true) => Ending::Done,
            (true, false) => Ending::Failed,
        }
    }
}

impl Tool {
    /// Whether a call only shows what it would do: unless it says otherwise.
    pub(crate) fn is_dry_run(&self, arguments: &Map<String, Value>) -> bool {
        self.of_role(Role::DryRun, arguments) != Some(&Value::Bool(false))
    }
}
