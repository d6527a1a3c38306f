//! Work on many objects: what a tool would do to each, before any of it is done.

use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_with::skip_serializing_none;
use sha2::{Digest, Sha256};

use rmcp::model::JsonObject;

/// What a tool that works on many objects is about to do.
#[derive(Debug, Default)]
pub(crate) struct Plan {
    /// One for each object.
    pub(crate) steps: Vec<Step>,
    /// How many objects are left for another call, beyond those it takes at most.
    pub(crate) more: u64,
    /// What identifies the objects where they were searched for: see [`Plan::selection`].
    pub(crate) selection: Option<String>,
    /// What whoever reads the result must know.
    pub(crate) notes: Vec<String>,
}

/// What is about to be done to one object, by the tool for one.
#[derive(Debug)]
pub(crate) struct Step {
    /// The object's id.
    pub(crate) id: String,
    /// What people know it by.
    pub(crate) name: Option<String>,
    /// The tool that does it.
    pub(crate) tool: &'static str,
    pub(crate) arguments: JsonObject,
    /// Why nothing is to be done.
    pub(crate) skip: Option<String>,
}

impl Plan {
    /// The steps where something is to be done.
    pub(crate) fn due(&self) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(|step| step.skip.is_none())
    }

    /// What tells this choice of objects from any other.
    pub(crate) fn digest(&self) -> String {
        let mut ids: Vec<&str> = self.steps.iter().map(|step| step.id.as_str()).collect();
        ids.sort_unstable();
        short_hash(&ids.join(" "))
    }

    /// What a confirmation is bound to: it changes when another thing would be done.
    pub(crate) fn version(&self) -> String {
        let due = self.due().map(|step| format!("{} {}", step.tool, step.id));
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

/// What such a tool answers with.
#[skip_serializing_none]
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
pub(crate) struct Table {
    // Whether nothing was changed.
    pub(crate) dry_run: bool,
    // Objects chosen.
    pub(crate) total: u64,
    pub(crate) done: u64,
    pub(crate) skipped: u64,
    pub(crate) failed: u64,
    // Nobody knows whether it happened.
    pub(crate) unknown: u64,
    pub(crate) not_tried: u64,
    // Chosen by find; bring it when dryRun is false.
    pub(crate) selection: Option<String>,
    pub(crate) results: Vec<Row>,
}

/// What became of one object.
#[skip_serializing_none]
#[derive(Debug, Default, Deserialize, Serialize, JsonSchema)]
pub(crate) struct Row {
    pub(crate) id: String,
    pub(crate) name: Option<String>,
    pub(crate) outcome: String,
    pub(crate) why: Option<String>,
}

/// Whether a call of such a tool only shows what it would do: where it does not say otherwise.
pub(crate) fn is_dry_run(arguments: &JsonObject) -> bool {
    arguments.get("dryRun") != Some(&Value::Bool(false))
}
