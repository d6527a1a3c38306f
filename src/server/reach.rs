//! Running an operation by its name: the call goes on as if the operation's own tool were called.

use rmcp::model::JsonObject;
use serde_json::Value;

use super::Inner;
use crate::{
    Error, Fault,
    operation::{Entry, nearest},
    operations::{
        self, Toolset,
        reach::{RUN_READ, RUN_WRITE, Run, SEARCH},
    },
};

/// What is beside the operation's arguments, and goes on to it.
const EXTRAS: [&str; 2] = ["reason", "planToken"];

/// The operation that is to run.
pub(super) struct Reached {
    pub(super) toolset: &'static Toolset,
    pub(super) entry: &'static Entry,
    pub(super) arguments: JsonObject,
}

/// Whether the tool runs another one.
pub(super) fn is_reach(entry: &Entry) -> bool {
    [RUN_READ, RUN_WRITE].contains(&entry.name)
}

impl Inner {
    /// The operation that a call of `runner` names.
    ///
    /// # Errors
    /// The runner is off, or there is no such operation for it.
    pub(super) fn reach(
        &self,
        (toolset, runner): (&Toolset, &Entry),
        mut arguments: JsonObject,
        is_live: bool,
    ) -> Result<Reached, Error> {
        if let Some(off) = self.guard.selection.off(toolset, runner, is_live) {
            return Err(off.denial(toolset, runner).into());
        }
        let extras: JsonObject =
            EXTRAS.iter().filter_map(|name| arguments.shift_remove_entry(*name)).collect();
        let run = Run::take(runner.read(arguments).map_err(Error::Arguments)?);
        let (toolset, entry) = named(&run.operation).ok_or_else(|| unknown(&run.operation))?;
        let is_read = entry.effect.is_read();
        if is_read != runner.effect.is_read() {
            let (kind, other) = if is_read { ("a read", RUN_READ) } else { ("a write", RUN_WRITE) };
            let problem = format!("is {kind}: run {} by {other}", entry.name);
            return Err(fault(problem));
        }
        let mut arguments = run.arguments;
        if !is_read {
            arguments.extend(extras);
        }
        Ok(Reached { toolset, entry, arguments })
    }

    /// Whether the tool that runs such an operation by its name is on.
    pub(super) fn is_reached(&self, entry: &Entry, is_live: bool) -> bool {
        let runner = if entry.effect.is_read() { RUN_READ } else { RUN_WRITE };
        self.find(runner).is_some_and(|(toolset, runner)| {
            self.guard.selection.off(toolset, runner, is_live).is_none()
        })
    }

    /// Marks what of the operations found is off.
    pub(super) fn mark_off(&self, output: &mut Value, is_live: bool) {
        let rows = output.get_mut("operations").and_then(Value::as_array_mut);
        for row in rows.into_iter().flatten().filter_map(Value::as_object_mut) {
            let name = row.get("name").and_then(Value::as_str).unwrap_or_default();
            let Some((_, entry)) = named(name) else { continue };
            if let Some(off) = self.guard.selection.off_by_name(entry, is_live) {
                row.insert("off".to_owned(), off.why().into());
            }
        }
    }
}

fn named(name: &str) -> Option<(&'static Toolset, &'static Entry)> {
    let name = name.trim();
    let is_named = |entry: &Entry| {
        entry.name == name || entry.name.strip_prefix("clerk_").is_some_and(|it| it == name)
    };
    let is_found = |entry: &Entry| is_named(entry) && !is_reach(entry) && entry.name != SEARCH;
    operations::all().find(|(_, entry)| is_found(entry))
}

fn unknown(name: &str) -> Error {
    let names = operations::all().map(|(_, entry)| entry.name);
    fault(match nearest(name, names) {
        Some(near) => format!("is none of Clerk's: did you mean `{near}`?"),
        None => format!("is none of Clerk's: find its name with {SEARCH}"),
    })
}

fn fault(problem: String) -> Error {
    Error::Arguments(vec![Fault { argument: "operation".to_owned(), problem }])
}
