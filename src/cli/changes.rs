//! Changes on the command line: list them, show them as a diff, take them back.

use std::{
    io::{self, IsTerminal},
    process::ExitCode,
};

use clerk_mcp::{
    Caller, Outcome, Server,
    config::{ChangesCommand, ChangesOptions},
    principal::Principal,
    text::terminal::escape,
    tool::Reader,
};
use serde_json::{Map, Value, json};

use super::{
    CliError, call,
    print::{self, Reply},
    show,
};

const LIST: &str = "clerk_list_changes";
const UNDO: &str = "clerk_undo_changes";
/// How many changes `show` shows at most: as many as the tool lists.
const MOST: u64 = 500;

/// Runs `clerk-mcp changes`.
///
/// # Errors
/// Nothing can be printed.
pub(crate) async fn run(server: &Server, command: &ChangesCommand) -> Result<ExitCode, CliError> {
    match command {
        ChangesCommand::List(options) => {
            call::run(server, LIST, listed(options), options.json).await
        }
        ChangesCommand::Show { ids, json } => show_changes(server, ids, *json).await,
        ChangesCommand::Undo { ids, session, overwrite, dry_run } => {
            let which = match session {
                Some(session) => json!({ "session": session, "overwrite": overwrite }),
                None => json!({ "changeIds": ids, "overwrite": overwrite }),
            };
            undo(server, &object(which), *dry_run).await
        }
    }
}

/// The arguments of the tool that lists changes.
fn listed(options: &ChangesOptions) -> Map<String, Value> {
    let texts = [
        ("target", &options.target),
        ("tool", &options.tool),
        ("client", &options.client),
        ("who", &options.who),
        ("session", &options.session),
        ("since", &options.since),
        ("until", &options.until),
    ];
    let texts = texts.into_iter().filter_map(|(name, text)| Some((name, json!(text.as_ref()?))));
    let all = texts.chain([("limit", json!(options.limit))]);
    all.map(|(name, value)| (name.to_owned(), value)).collect()
}

async fn show_changes(server: &Server, ids: &[String], json: bool) -> Result<ExitCode, CliError> {
    let arguments = json!({ "changeIds": ids, "detail": "full", "limit": MOST });
    let caller =
        Caller { client: Some(client()), principal: Principal::of_process(), ..Caller::default() };
    let Some(result) = done(server, LIST, object(arguments), caller).await? else {
        return Ok(ExitCode::FAILURE);
    };
    if json {
        print::json(&result)?;
    } else {
        for change in result.get("changes").and_then(Value::as_array).into_iter().flatten() {
            print::lines(&diff(change).join("\n"))?;
        }
    }
    let is_empty = result.get("totalCount").and_then(Value::as_u64) == Some(0);
    if is_empty && !json {
        print::aside("There is no such change of this instance in the journal.");
    }
    Ok(if is_empty { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

/// The result of a call that asks nobody. If it fails, that is printed.
async fn done(
    server: &Server,
    tool: &str,
    arguments: Map<String, Value>,
    caller: Caller,
) -> Result<Option<Value>, CliError> {
    match server.call(tool, arguments, caller).await? {
        Outcome::Done(result) => return Ok(Some(result)),
        Outcome::Failed(report) => print::aside(&show::failure(&report, print::width())),
        Outcome::NeedsApproval { .. } => {}
    }
    Ok(None)
}

/// A change as lines for a terminal.
fn diff(change: &Value) -> Vec<String> {
    let text = |name: &str| change.get(name).and_then(Value::as_str).map(escape);
    let head = ["id", "at", "tool", "target", "state"].into_iter().filter_map(text);
    let mut lines = vec![head.collect::<Vec<_>>().join("  ")];
    let labels = [
        ("By", "client"),
        ("For", "who"),
        ("Session", "session"),
        ("Reason", "reason"),
        ("Approved", "confirmation"),
        ("Part of", "partOf"),
        ("Takes back", "undoes"),
        ("Taken back by", "undoneBy"),
    ];
    for (label, name) in labels {
        lines.extend(text(name).map(|value| format!("  {label}: {value}")));
    }
    let values = change.get("values").and_then(Value::as_object);
    for (name, values) in values.into_iter().flatten() {
        lines.push(format!("  {}", escape(name)));
        for (sign, name) in [("-", "before"), ("+", "after")] {
            let value = values.get(name);
            lines.extend(value.map(|value| format!("  {sign} {}", escape(&value.to_string()))));
        }
    }
    if let Some(kept) = change.get("kept").and_then(Value::as_object) {
        lines.push("  What was lost:".to_owned());
        let text = format!("{:#}", Value::Object(kept.clone()));
        lines.extend(text.lines().map(|line| format!("    {}", escape(line))));
    }
    lines.extend(text("undo").map(|undo| format!("  Undo: {undo}")));
    lines
}

/// Shows what would be set back, asks, and does it. The guard may ask once more.
async fn undo(
    server: &Server,
    which: &Map<String, Value>,
    dry_run: bool,
) -> Result<ExitCode, CliError> {
    let arguments = |dry_run: bool| {
        let mut arguments = which.clone();
        arguments.insert("dryRun".to_owned(), dry_run.into());
        arguments
    };
    let is_for_person = io::stdout().is_terminal();
    let caller = Caller {
        client: Some(client()),
        principal: Principal::of_process(),
        reader: if is_for_person { Reader::Person } else { Reader::Agent },
        ..Caller::default()
    };
    let Some(mut preview) = done(server, UNDO, arguments(true), caller).await? else {
        return Ok(ExitCode::FAILURE);
    };
    if let (true, Some(members)) = (is_for_person, preview.as_object_mut()) {
        // It tells an agent how to go on; the person is asked.
        members.shift_remove("note");
    }
    let rows = preview.get("results").and_then(Value::as_array);
    let is_due = |row: &Value| row.get("outcome").is_some_and(|outcome| outcome == "would be done");
    let is_any_due = rows.is_some_and(|rows| rows.iter().any(is_due));
    if is_for_person {
        let layout = server.layout(UNDO, which);
        print::lines(&show::result(preview, layout, print::width()))?;
    } else {
        print::json(&preview)?;
    }
    if dry_run || !is_any_due {
        return Ok(ExitCode::SUCCESS);
    }
    if !(io::stdin().is_terminal() && io::stderr().is_terminal()) {
        print::aside(
            "Nothing was changed: there is no terminal to ask at. `clerk-mcp call \
             clerk_undo_changes` with dryRun=false doesn't ask unless an option says so.",
        );
        return Ok(ExitCode::FAILURE);
    }
    let asked = tokio::task::spawn_blocking(|| print::ask("Set this back?")).await;
    if let Ok(Ok(Reply::Yes)) = asked {
        return call::run(server, UNDO, arguments(false), false).await;
    }
    print::aside("Nothing was changed.");
    Ok(ExitCode::FAILURE)
}

fn client() -> String {
    concat!("clerk-mcp changes ", env!("CARGO_PKG_VERSION")).to_owned()
}

fn object(value: Value) -> Map<String, Value> {
    match value {
        Value::Object(object) => object,
        _ => Map::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_change_is_shown_as_a_diff_without_control_characters() {
        let change = json!({
            "id": "chg_7", "at": "2026-11-27T12:00:00Z", "tool": "clerk_update_user",
            "target": "user_1", "state": "done", "client": "Cursor\u{1b}[31m",
            "values": {
                "firstName": { "before": "Ada", "after": "Eve\n- \"forged\"" },
                "publicMetadata.plan": { "after": { "is": 1 } },
            },
            "kept": { "clerk_get_user": { "id": "user_1" } },
            "undo": "It can be set back with clerk_undo_changes.",
        });
        let lines = diff(&change);
        assert_eq!(lines[0], "chg_7  2026-11-27T12:00:00Z  clerk_update_user  user_1  done");
        for line in [
            "  firstName",
            "  - \"Ada\"",
            "  + \"Eve\\n- \\\"forged\\\"\"",
            "  publicMetadata.plan",
            "  + {\"is\":1}",
            "  What was lost:",
            "  Undo: It can be set back with clerk_undo_changes.",
        ] {
            assert!(lines.iter().any(|shown| shown == line), "{line}: {lines:#?}");
        }
        assert!(lines.iter().all(|line| !line.contains(char::is_control)), "{lines:#?}");
    }
}
