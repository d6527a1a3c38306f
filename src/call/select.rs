//! Whether a call's tool is on.

use serde_json::{Map, Value};

use super::{
    Call,
    record::{Record, Refused},
};
use crate::{
    export::FileName,
    guard::DisabledReason,
    tool::{
        ArgumentError, Exec, Local, Tool,
        param::{Param, Role},
    },
};

/// A call of a tool that is on, with its arguments as they came.
pub(super) struct Selected<'a> {
    pub(super) call: Call<'a>,
    pub(super) record: Record,
    pub(super) arguments: Map<String, Value>,
    /// The approval of a plan.
    pub(super) plan_token: Option<String>,
    /// The file that the result goes to.
    pub(super) export_to: Option<FileName>,
    /// What is wrong with the arguments that no tool has of its own.
    pub(super) errors: Vec<ArgumentError>,
}

impl<'a> Selected<'a> {
    /// # Errors
    /// The tool is off.
    pub(super) fn new(call: Call<'a>, mut arguments: Map<String, Value>) -> Result<Self, Refused> {
        // First of all, so that a refused write keeps its reason in the audit log.
        let (mut reason, mut plan_token, mut errors) = (None, None, Vec::new());
        if !call.tool.effect.is_read() {
            for param in Tool::META {
                match take(&mut arguments, param) {
                    Ok(text) if param.role == Role::Reason => reason = text,
                    Ok(text) => plan_token = text,
                    Err(error) => errors.push(error),
                }
            }
        }
        if let Some(inherited) = &call.step {
            reason.clone_from(&inherited.reason);
        }
        let (mut named, mut export_to) = (None, None);
        if call.exports() {
            match take(&mut arguments, Tool::EXPORT_TO) {
                Ok(name) => named = name,
                Err(error) => errors.push(error),
            }
        }
        match named.as_deref().map(|name| call.file_name(name)).transpose() {
            Ok(name) => export_to = name,
            Err(error) => errors.push(error),
        }
        let mut record = Record::new(&call, &arguments, reason);
        if let Some(name) = named {
            record.exports_to(&call, name);
        }
        match call.off() {
            Some(off) => Err(record.refused(off.denial(call.toolset, call.tool).into())),
            None => Ok(Self { call, record, arguments, plan_token, export_to, errors }),
        }
    }
}

impl Call<'_> {
    /// The file that a call may write its result to.
    fn file_name(&self, name: &str) -> Result<FileName, ArgumentError> {
        let wrong = |problem: String| ArgumentError::new(Tool::EXPORT_TO.name(), problem);
        if self.caller.key.is_some() {
            // The folder is the operator's, and so is the disk.
            let problem =
                "works only with the server's own Clerk key, not with a key of the request";
            return Err(wrong(problem.to_owned()));
        }
        FileName::parse(name).map_err(|error| wrong(error.to_string()))
    }

    fn off(&self) -> Option<DisabledReason> {
        let selection = &self.server.guard.selection;
        // A step's tool need not be offered alone either, nor what could be reached by its name.
        let is_reached = self.is_by_name || self.server.is_reached(self.tool, self.is_live());
        if is_reached || self.step.is_some() {
            selection.off_by_name(self.tool, self.is_live())
        } else {
            selection.off(self.toolset, self.tool, self.is_live())
        }
    }
}

impl super::Inner {
    /// Whether the tool that runs such an operation by its name is on.
    pub(super) fn is_reached(&self, tool: &Tool, is_live: bool) -> bool {
        let runs = |(_, runner): &&(_, &'static Tool)| {
            matches!(runner.exec, Exec::Local(Local::Run))
                && runner.effect.is_read() == tool.effect.is_read()
        };
        self.catalog.iter().find(runs).is_some_and(|(toolset, runner)| {
            self.guard.selection.off(toolset, runner, is_live).is_none()
        })
    }
}

/// Takes an argument that isn't the tool's own; an empty one counts as none.
fn take(
    arguments: &mut Map<String, Value>,
    param: &Param,
) -> Result<Option<String>, ArgumentError> {
    let limit = param.most_characters();
    let problem = match arguments.shift_remove(&param.name()) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) if text.trim().is_empty() => return Ok(None),
        Some(Value::String(text)) if text.chars().count() <= limit => return Ok(Some(text)),
        Some(Value::String(_)) => format!("must have at most {limit} characters"),
        Some(_) => "must be a text".to_owned(),
    };
    Err(ArgumentError::new(param.name(), problem))
}
