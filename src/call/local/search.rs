//! Searching the catalog by words.

mod rank;
mod terms;
#[cfg(test)]
mod tests;

use serde::Deserialize;
use serde_json::{Map, Value, json};

use self::rank::{Found, ranked};
use super::super::{Call, run_by_name::named};
use crate::{
    Error,
    catalog::operations,
    tokens,
    tool::{CallMeta, Output, Tool, projection::Projection, values::typed},
};

/// How many operations are shown if it isn't said.
const LIMIT: usize = 8;
/// How many if their arguments are shown too, and the query isn't the name of one.
const WITH_SCHEMAS: usize = 3;
/// How many tokens of a result are kept for what stands beside the operations.
const BESIDE: usize = 120;

/// The checked arguments.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Search {
    query: String,
    schemas: Option<bool>,
    limit: Option<usize>,
}

/// Nothing is sent to Clerk: the catalog is here. What the policy denies to who calls isn't found.
pub(in crate::call) fn search(call: &Call, arguments: Map<String, Value>) -> Result<Output, Error> {
    let search: Search = typed(arguments)?;
    let principal = &call.caller.principal;
    let is_offered = |tool: &Tool| {
        let found = call.server.find(tool.name);
        found.is_none_or(|(toolset, tool)| call.server.offers(toolset, tool, principal))
    };
    let Found { tools, named } = ranked(&search.query, is_offered);
    let with_schemas = search.schemas == Some(true);
    let limit = search.limit.unwrap_or(match (with_schemas, named) {
        (false, _) => LIMIT,
        (true, 0) => WITH_SCHEMAS,
        (true, named) => named,
    });
    let total = tools.len();
    let chosen = tools.into_iter().take(limit);
    let limit = call.server.answer_limit(&Projection::default());
    let Rows { rows, without_schema } = Rows::fit(call, chosen, with_schemas, limit.tokens);
    let shown = rows.len();
    let mut notes = Vec::new();
    if total == 0 {
        notes.push(
            "No operation has these words. Try the name of a resource, such as invitation, domain, \
             template or machine."
                .to_owned(),
        );
    } else if shown < total && shown != named {
        notes.push(format!(
            "Shows {shown} of {total} operations that match. Name one exactly, or raise limit (at \
             most 50), to see others."
        ));
    }
    if !without_schema.is_empty() {
        notes.push(format!(
            "The arguments of {} are left out to fit {limit}: search for each by its exact name.",
            without_schema.join(", ")
        ));
    }
    let value = json!({ "operations": rows, "shown": shown, "total": total });
    Output::composed(call.tool, &value, notes)
}

/// The operations of a result.
#[derive(Default)]
struct Rows {
    rows: Vec<Value>,
    /// Those whose arguments there was no room for.
    without_schema: Vec<&'static str>,
}

impl Rows {
    /// As many as there is room for; then the arguments of as many as there is still room for.
    fn fit(
        call: &Call,
        tools: impl Iterator<Item = &'static Tool>,
        with_schemas: bool,
        tokens: usize,
    ) -> Self {
        let mut left = tokens.saturating_sub(BESIDE);
        let mut shown = Vec::new();
        for tool in tools {
            let brief = row(call, tool, false);
            let cost = tokens::of(&brief) + 1;
            if cost > left {
                break;
            }
            left -= cost;
            shown.push((tool, brief, cost));
        }
        let mut fitted = Self::default();
        for (tool, brief, brief_cost) in shown {
            let whole = with_schemas.then(|| row(call, tool, true));
            let cost = whole.as_ref().map_or(0, |row| tokens::of(row) + 1);
            match whole {
                Some(whole) if cost <= left + brief_cost => {
                    left = left + brief_cost - cost;
                    fitted.rows.push(whole);
                }
                whole => {
                    fitted.without_schema.extend(whole.map(|_| tool.name));
                    fitted.rows.push(brief);
                }
            }
        }
        fitted
    }
}

fn row(call: &Call, tool: &'static Tool, with_schema: bool) -> Value {
    let mut row = Map::new();
    let mut add = |name: &str, value: Value| _ = row.insert(name.to_owned(), value);
    add("name", tool.name.into());
    add("effect", tool.effect.to_string().into());
    let flags: Vec<&str> = tool.flags.iter().map(|flag| flag.name()).collect();
    if !flags.is_empty() {
        add("flags", flags.into());
    }
    if with_schema {
        let export = call.server.export_folder.is_some();
        let meta = CallMeta { export, ..CallMeta::default() };
        add("description", tool.about.into());
        add("arguments", tool.input_schema(meta).into());
        add("example", example(call, tool));
        if let Some(replaces) = replaces(call, tool) {
            add("replaces", replaces.into());
        }
    } else {
        let first = tool.about.split_inclusive(". ").next().unwrap_or_default().trim_end();
        add("about", first.into());
    }
    let selection = &call.server.guard.selection;
    let off = named(tool.name).and_then(|(_, tool)| selection.off_by_name(tool, call.is_live()));
    if let Some(off) = off {
        add("off", off.why().into());
    }
    row.into()
}

/// A call of the operation: of its own tool if that is listed, else of the one that runs it.
fn example(call: &Call, tool: &'static Tool) -> Value {
    let arguments = tool.example();
    let selection = &call.server.guard.selection;
    let is_listed = call.server.catalog.iter().any(|(toolset, listed)| {
        listed.name == tool.name && selection.off(toolset, listed, call.is_live()).is_none()
    });
    if is_listed {
        return json!({ "tool": tool.name, "arguments": arguments });
    }
    let arguments = json!({ "operation": tool.name, "arguments": arguments });
    json!({ "tool": operations::runner(tool).name, "arguments": arguments })
}

/// What an update replaces as a whole, and the tool that reads it first.
fn replaces(call: &Call, tool: &'static Tool) -> Option<String> {
    let names = tool.replaces();
    let reader = call.nameable(tool).name(tool.verify_with)?;
    (!names.is_empty()).then(|| {
        format!(
            "{} replaced as a whole: read the value first with {reader}, and send what is to stay \
             too.",
            match names.as_slice() {
                [one] => format!("{one} is"),
                names => format!("{} are each", names.join(", ")),
            }
        )
    })
}
