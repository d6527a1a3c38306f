//! The page of one toolset.

use std::fmt::Write;

use clerk_mcp::{
    catalog::{On, Toolset},
    guard::Selection,
    tool::{CallMeta, Tool},
};
use serde_json::Value;

use super::{
    flags,
    schema::{Shown, linked, rows, shown_at},
    tokens,
};

pub(super) fn of(toolset: &'static Toolset) -> String {
    let mut page = format!("# {}\n\n{}.\n\n", toolset.name, toolset.about);
    writeln!(page, "{}\n", how_to_turn_on(toolset)).unwrap();
    let mut shown = Shown::new();
    for tool in toolset.tools {
        write!(page, "## {}\n\n{}\n\n", tool.name, linked(tool.about)).unwrap();
        facts(&mut page, toolset, tool);
        arguments(&mut page, tool);
        example(&mut page, tool);
        result(&mut page, tool, &mut shown);
    }
    page.truncate(page.trim_end().len());
    page + "\n"
}

fn how_to_turn_on(toolset: &Toolset) -> String {
    let option = format!("`--toolsets {}`", toolset.name);
    match toolset.on {
        On::Always => "Always on.".to_owned(),
        On::Default => {
            format!("On by default. If `--toolsets` is given, {option} turns it on.")
        }
        On::Partly(tools) => {
            let names: Vec<String> = tools.iter().map(|name| format!("`{name}`")).collect();
            format!("By default only {} are listed. {option} lists all.", names.join(", "))
        }
        On::Chosen => format!("Not listed by default: {option} lists its tools."),
    }
}

/// What an operator wants to know of a tool.
fn facts(page: &mut String, toolset: &Toolset, tool: &'static Tool) {
    let mut fact = |name: &str, text: &str| writeln!(page, "- **{name}:** {text}").unwrap();
    fact("Effect", &tool.effect.to_string());
    let route = tool.route().map(|route| format!("`{route}`"));
    fact("Clerk's operation", &route.unwrap_or_else(|| "none of its own".to_owned()));
    if !tool.effect.is_read() {
        fact("Approval", &approval(tool));
    }
    if !tool.undo_sentence().is_empty() {
        fact("Undo", &linked(&tool.undo_sentence()));
    }
    if !tool.verify_with.is_empty() {
        fact("Check with", &linked(tool.verify_with));
    }
    if !tool.replaces().is_empty() {
        fact("Replaces as a whole", &listed(tool.replaces().into_iter()));
    }
    if !tool.many_of.is_empty() {
        let one = linked(tool.many_of);
        fact("Does to many what", &format!("{one} does to one: excluded or denied with it"));
    }
    if !flags(tool).is_empty() {
        fact("Flags", &flags(tool).join(", "));
    }
    let is_listed = Selection::default().chooses(toolset, tool);
    let listed = if is_listed { ", in the default list" } else { "" };
    fact("Size", &format!("{} tokens{listed}", tokens(tool)));
    page.push('\n');
}

fn approval(tool: &Tool) -> String {
    if tool.needs_approval() {
        return "needed".to_owned();
    }
    let names = listed(tool.sensitive_arguments());
    if names.is_empty() { "not needed".to_owned() } else { format!("needed with {names}") }
}

/// Names of arguments, as code.
fn listed(names: impl Iterator<Item = String>) -> String {
    names.map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

fn arguments(page: &mut String, tool: &Tool) {
    let schema = Value::Object(tool.input_schema(CallMeta::default()));
    let rows = rows(&schema, "", &mut |_, _| None);
    if rows.is_empty() {
        page.push_str("No arguments.\n\n");
        return;
    }
    page.push_str("| Argument | Type | Description |\n|---|---|---|\n");
    for row in rows {
        let required = if row.is_required { " (required)" } else { "" };
        writeln!(page, "| `{}`{required} | {} | {} |", row.path, row.ty, row.about).unwrap();
    }
    page.push('\n');
    for rule in tool.rule_sentences() {
        writeln!(page, "- {rule}").unwrap();
    }
    if tool.rule_sentences().next().is_some() {
        page.push('\n');
    }
}

fn example(page: &mut String, tool: &'static Tool) {
    let json = serde_json::to_string_pretty(&tool.example()).unwrap();
    write!(page, "Example:\n\n```json\n{json}\n```\n\n").unwrap();
}

fn result(page: &mut String, tool: &'static Tool, shown: &mut Shown) {
    let schema = Value::Object(tool.output_schema(CallMeta::default()));
    if let Some(place) = shown_at(&schema, tool.name, "", shown) {
        write!(page, "The result has the fields of {place}.\n\n").unwrap();
        return;
    }
    let rows = rows(&schema, "", &mut |inner, path| shown_at(inner, tool.name, path, shown));
    // Each result has these.
    let mut rows = rows.iter().filter(|row| row.path != "success" && row.path != "note").peekable();
    if rows.peek().is_none() {
        page.push_str("The result is what Clerk returns.\n\n");
        return;
    }
    page.push_str("| Field of the result | Type | Description |\n|---|---|---|\n");
    for row in rows {
        writeln!(page, "| `{}` | {} | {} |", row.path, row.ty, row.about).unwrap();
    }
    page.push('\n');
}
