//! Running a tool by its name: the call goes on as if the tool itself were called.

use serde_json::{Map, Value};

use super::Call;
use crate::{
    Error,
    catalog::{self, Toolset, operations},
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
    ) -> Result<(Call<'a>, Map<String, Value>), Error> {
        let runner = self.tool;
        if !matches!(runner.exec, Exec::Local(Local::Run)) {
            return Ok((self, arguments));
        }
        let selection = &self.server.guard.selection;
        if let Some(off) = selection.off(self.toolset, runner, self.is_live()) {
            return Err(off.denial(self.toolset, runner).into());
        }
        // What is beside the tool's arguments goes on to it.
        let meta: Map<String, Value> = Tool::META
            .iter()
            .filter_map(|param| arguments.shift_remove_entry(&param.name()))
            .collect();
        let arguments = runner.check(arguments).map_err(Error::Arguments)?.arguments;
        let name = runner.of_role(Role::Operation, &arguments).and_then(Value::as_str);
        let name = name.unwrap_or_default();
        let (toolset, tool) = named(name).ok_or_else(|| unknown(name))?;
        let is_read = tool.effect.is_read();
        if is_read != runner.effect.is_read() {
            let (kind, other) = if is_read {
                ("a read", operations::RUN_READ)
            } else {
                ("a write", operations::RUN_WRITE)
            };
            return Err(fault(format!("is {kind}: run {} by {}", tool.name, other.name)));
        }
        let inner = runner.of_role(Role::Arguments, &arguments).and_then(Value::as_object);
        let mut inner = inner.cloned().unwrap_or_default();
        if !is_read {
            inner.extend(meta);
        }
        Ok((Call { toolset, tool, is_by_name: true, ..self }, inner))
    }
}

/// The tool of a name, but for those that find and run others.
pub(super) fn named(name: &str) -> Option<(&'static Toolset, &'static Tool)> {
    let name = name.trim();
    let is_named = |tool: &Tool| {
        tool.name == name || tool.name.strip_prefix("clerk_").is_some_and(|bare| bare == name)
    };
    let runs = |tool: &Tool| matches!(tool.exec, Exec::Local(Local::Run | Local::Search));
    catalog::all().find(|(_, tool)| is_named(tool) && !runs(tool))
}

fn unknown(name: &str) -> Error {
    let names = catalog::all().map(|(_, tool)| tool.name);
    fault(match nearest(name, names) {
        Some(near) => format!("is none of Clerk's: did you mean `{near}`?"),
        None => format!("is none of Clerk's: find its name with {}", operations::SEARCH.name),
    })
}

fn fault(problem: String) -> Error {
    Error::Arguments(vec![ArgumentError::new("operation", problem)])
}
