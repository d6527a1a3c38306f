//! Whether a call's tool is on.

use serde_json::{Map, Value};

use super::{
    Call,
    record::{Record, Refused},
};
use crate::{
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
        let record = Record::new(&call, &arguments, reason);
        match call.off() {
            Some(off) => Err(record.refused(off.denial(call.toolset, call.tool).into())),
            None => Ok(Self { call, record, arguments, plan_token, errors }),
        }
    }
}

impl Call<'_> {
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
