//! The object that a call changes, as it is now: read as the row of its tool says.

use serde_json::{Map, Value};

use crate::{
    Ctx, Error,
    tool::{
        Exec, Output, Tool,
        detail::Detail,
        param::Role,
        record::{Record, Trust},
        undo::{Look, Opposite, Undo},
    },
};

/// How many rows of a list are read at most to find the one that a call changes: as many as Clerk
/// gives in one request.
const ROWS: u64 = 500;

/// The object that a call with these checked arguments changes, as agents see it; empty if the row
/// knows no way to read it, and none if it isn't found.
///
/// # Errors
/// It can't be read.
pub(crate) async fn look(
    tool: &'static Tool,
    arguments: &Map<String, Value>,
    ctx: &Ctx,
) -> Result<Option<Map<String, Value>>, Error> {
    let look = of(tool);
    let Some(reader) = reader(look) else { return Ok(Some(Map::new())) };
    let output = match ask(reader, arguments_for(reader, arguments), ctx).await {
        Err(error) if error.refusal().is_some_and(|refusal| refusal.status == 404) => {
            return Ok(None);
        }
        output => output?,
    };
    let object = match look {
        Look::Row { field, argument, .. } => {
            let wanted = tool.by_wire(argument, arguments).and_then(Value::as_str);
            let is_it = |row: &&Record| row.texts_at(field).first().copied() == wanted;
            output.rows().iter().find(is_it)
        }
        Look::Object(_) | Look::Whole(_) | Look::None => output.record(),
    };
    Ok(object.map(|object| tool.undo.in_place(shown(object, ctx))))
}

/// What is lost by a call with these checked arguments, by the tool that reads it: an object, or the
/// rows of a list. What can't be read is left out.
pub(crate) async fn keep(
    looks: &[&str],
    arguments: &Map<String, Value>,
    ctx: &Ctx,
) -> Map<String, Value> {
    let mut kept = Map::new();
    for reader in looks.iter().filter_map(|name| super::tool(name)) {
        let Ok(output) = ask(reader, arguments_for(reader, arguments), ctx).await else { continue };
        let value = match output.record() {
            Some(object) => shown(object, ctx).into(),
            None => output.rows().iter().map(|row| Value::from(shown(row, ctx))).collect(),
        };
        kept.insert(reader.name.to_owned(), value);
    }
    kept
}

/// The row that reads the object.
pub(in crate::catalog) fn reader(look: Look) -> Option<&'static Tool> {
    match look {
        Look::None => None,
        Look::Whole(tool) => Some(tool),
        Look::Object(name) | Look::Row { tool: name, .. } => super::tool(name),
    }
}

/// How a tool's row says that its object is read.
pub(super) fn of(tool: &Tool) -> Look {
    match tool.undo {
        Undo::SetBack { look, .. } | Undo::By(Opposite { look, .. }) => look,
        Undo::Nothing | Undo::Never(_) | Undo::Gone { .. } => Look::None,
    }
}

/// An object as agents see it whole, without secrets. Texts stay as they are: they may be set back.
pub(crate) fn shown(object: &Record, ctx: &Ctx) -> Map<String, Value> {
    let mut object = object.clone();
    let text = |text: &mut String, trust: Trust| match trust {
        Trust::Secret => text.clear(),
        Trust::Code | Trust::Text => *text = ctx.redact(text),
    };
    object.visit(&text, &|json| ctx.redactor().value(json));
    object.at(Detail::Full)
}

/// The arguments of a call that another tool takes, too; and as many rows as it gives.
pub(super) fn arguments_for(tool: &Tool, arguments: &Map<String, Value>) -> Map<String, Value> {
    let mut own = Map::new();
    for param in tool.arguments() {
        let name = param.name();
        if param.role == Role::Limit {
            own.insert(name, ROWS.into());
        } else if let Some(value) = arguments.get(&name)
            && matches!(param.role, Role::None | Role::Filter)
        {
            own.insert(name, value.clone());
        }
    }
    own
}

async fn ask(
    tool: &'static Tool,
    arguments: Map<String, Value>,
    ctx: &Ctx,
) -> Result<Output, Error> {
    match tool.exec {
        Exec::Rest(rest) => rest.run(tool, &arguments, ctx).await,
        Exec::Composite { run, .. } => run(arguments, ctx.clone()).await,
        Exec::Local(_) | Exec::Steps(_) => Err(Error::Internal("it reads no object")),
    }
}
