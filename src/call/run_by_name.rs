//! Running a tool by its name: the call runs as if the tool itself were called.

use serde_json::{Map, Value};

use super::{
    Call,
    record::{Record, Refused},
};
use crate::{
    Error,
    catalog::{
        self, Toolset,
        words::{letters, words},
    },
    tool::{ArgumentError, Exec, Local, Tool, nearest, param::Role},
};

impl<'a> Call<'a> {
    /// The call of the tool that the arguments name, if this is the call of a tool that runs others.
    ///
    /// # Errors
    /// The tool that runs others is off, or it can't run a tool of this name.
    pub(super) fn by_name(
        self,
        mut arguments: Map<String, Value>,
    ) -> Result<(Call<'a>, Map<String, Value>), Refused> {
        if !matches!(self.tool.exec, Exec::Local(Local::Run)) {
            return Ok((self, arguments));
        }
        // What is beside the tool's arguments is passed on to it.
        let meta: Map<String, Value> = Tool::META
            .iter()
            .filter_map(|param| arguments.shift_remove_entry(&param.name()))
            .collect();
        let reason = Tool::META.iter().find(|param| param.role == Role::Reason);
        let reason = reason.and_then(|param| meta.get(&param.name())?.as_str());
        let reason = reason.map(str::to_owned);
        let runner = self.tool;
        let (toolset, tool, mut inner) = match self.named_in(arguments.clone()) {
            Ok(named) => named,
            Err(error) => return Err(Record::new(&self, &arguments, reason).refused(error)),
        };
        let call = Call { toolset, tool, is_by_name: true, ..self };
        let is_read = tool.effect.is_read();
        if is_read != runner.effect.is_read() {
            let error = if is_read {
                fault("is a read, and this tool runs writes", "{clerk_run_read} runs it.")
            } else {
                fault("is a write, and this tool runs reads", "{clerk_run_write} runs it.")
            };
            return Err(Record::new(&call, &inner, reason).refused(error));
        }
        if !is_read {
            inner.extend(meta);
        }
        Ok((call, inner))
    }

    /// The tool that the arguments name, and its arguments.
    fn named_in(
        &self,
        arguments: Map<String, Value>,
    ) -> Result<(&'static Toolset, &'static Tool, Map<String, Value>), Error> {
        let runner = self.tool;
        let selection = &self.server.guard.selection;
        if let Some(off) = selection.off(self.toolset, runner, self.is_live()) {
            return Err(off.denial(self.toolset, runner).into());
        }
        let arguments = runner.check(arguments).map_err(Error::Arguments)?.arguments;
        let name = runner.of_role(Role::Operation, &arguments).and_then(Value::as_str);
        let name = name.unwrap_or_default();
        let (toolset, tool) = named(name).ok_or_else(|| self.unknown_operation(name))?;
        let inner = runner.of_role(Role::Arguments, &arguments).and_then(Value::as_object);
        Ok((toolset, tool, inner.cloned().unwrap_or_default()))
    }

    fn unknown_operation(&self, name: &str) -> Error {
        let selection = &self.server.guard.selection;
        let can_run = |tool: &Tool| selection.off_by_name(tool, self.is_live()).is_none();
        let offered = |toolset, tool| self.server.offers(toolset, tool, &self.caller.principal);
        let names = catalog::all().filter(|(toolset, tool)| offered(toolset, tool));
        let names = names.map(|(_, tool)| tool).filter(|tool| can_run(tool));
        let problem = match nearest(name, names.map(|tool| tool.name)) {
            Some(near) => format!("isn't an operation: did you mean `{near}`?"),
            None => "isn't an operation".to_owned(),
        };
        fault(problem, "{clerk_search_operations} finds its name.")
    }
}

/// The tool of a name, however that is spelled, or of Clerk's name for its operation. Those that find
/// and run others have none here.
pub(super) fn named(name: &str) -> Option<(&'static Toolset, &'static Tool)> {
    let name = letters(name);
    let runs = |tool: &Tool| {
        matches!(tool.exec, Exec::Local(Local::Run | Local::RunApproved | Local::Search))
    };
    let tools = || catalog::all().filter(|(_, tool)| !runs(tool));
    let is_clerks = |tool: &Tool| {
        let operation_id = words(tool.name).operation_id;
        !operation_id.is_empty() && letters(operation_id) == name
    };
    let by_name = tools().find(|(_, tool)| letters(tool.name) == name);
    by_name.or_else(|| tools().find(|(_, tool)| is_clerks(tool)))
}

fn fault(problem: impl Into<String>, find: &'static str) -> Error {
    Error::Arguments(vec![ArgumentError::new("operation", problem).find(find)])
}
