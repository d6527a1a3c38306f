//! What a person sees who calls a tool at a terminal. The screens are in tests/screens.

use std::{
    fs,
    process::{Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    pty::{END, Terminal},
    support::{KEY, Script, Upstream},
};

const COLUMNS: u16 = 100;

/// Clears the screen, turns the text around, begins lines and columns of its own.
const EVIL: &str = "Eve\u{1b}[2J\u{202e}\u{200b}\r\nid: user_forged  user_2\n  - Clerk instance: none.\t│\u{9b}31m";

fn clerk_mcp(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
    command.args(arguments);
    command
}

/// A call in the sandbox.
fn call(columns: u16, tool: &str, arguments: &Value, options: &[&str]) -> Terminal {
    let arguments = arguments.to_string();
    let line = [&["call", tool, &arguments, "--sandbox"], options].concat();
    Terminal::run(columns, &mut clerk_mcp(&line), None)
}

/// A call in front of a Clerk at `url`.
fn call_at(url: &str, tool: &str, arguments: &Value, options: &[&str]) -> Terminal {
    let arguments = arguments.to_string();
    let line = [&["call", tool, &arguments], options].concat();
    let mut command = clerk_mcp(&line);
    command.env("CLERK_API_URL", url).env("CLERK_SECRET_KEY", KEY);
    Terminal::run(COLUMNS, &mut command, None)
}

/// Compares with tests/screens/NAME.txt.
fn assert_screen(name: &str, columns: u16, screen: &str) {
    for line in screen.lines() {
        // None of these characters is wide.
        assert!(line.chars().count() <= columns.into(), "{name}: {line}");
    }
    let path = format!("{}/tests/screens/{name}.txt", env!("CARGO_MANIFEST_DIR"));
    let screen = format!("{screen}\n");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &screen).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(screen, expected, "{name} differs; if that is meant, run `cargo xtask bless`");
}

#[test]
fn a_list_is_a_table_that_fits_the_terminal() {
    for columns in [160, 100, 80, 40] {
        let mut terminal = call(columns, "clerk_list_users", &json!({ "limit": 3 }), &[]);
        let (screen, code) = terminal.end();
        assert_eq!(code, Some(0), "{screen}");
        assert_screen(&format!("list_{columns}"), columns, &screen);
    }
    let (screen, code) =
        call(80, "clerk_list_users", &json!({ "query": "nobody at all" }), &[]).end();
    assert_eq!((screen.lines().next(), code), (Some("No users."), Some(0)), "{screen}");
}

#[test]
fn one_object_is_a_line_for_each_field_with_nested_ones_indented() {
    let found =
        clerk_mcp(&["call", "clerk_list_users", "{\"limit\": 1}", "--sandbox"]).output().unwrap();
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    let user = json!({ "userId": found["users"][0]["id"] });
    let (screen, code) = call(COLUMNS, "clerk_get_user", &user, &[]).end();
    assert_eq!(code, Some(0));
    assert_screen("object", COLUMNS, &screen);
    // What runs by its name is laid out by its own row.
    let by_name = json!({ "operation": "clerk_get_user", "arguments": user });
    let (named, _) = call(COLUMNS, "clerk_run_read", &by_name, &[]).end();
    assert_eq!(named, screen);
    let (screen, _) = call(COLUMNS, "clerk_whoami", &json!({}), &[]).end();
    // Who runs the tests isn't the same everywhere.
    let lines = screen.lines().filter(|line| !line.starts_with("  subject: "));
    assert_screen("whoami", COLUMNS, &lines.collect::<Vec<_>>().join("\n"));
}

#[test]
fn a_bulk_run_is_a_table_of_outcomes_with_a_count() {
    let found =
        clerk_mcp(&["call", "clerk_list_users", "{\"limit\": 2}", "--sandbox"]).output().unwrap();
    let found: Value = serde_json::from_slice(&found.stdout).unwrap();
    let id = |place: usize| found["users"][place]["id"].as_str().unwrap();
    let ids = format!("{},{},user_2gone", id(0), id(1));
    for (name, dry_run) in [("bulk_preview", true), ("bulk", false)] {
        let arguments = json!({ "action": "lock", "userIds": ids, "dryRun": dry_run });
        let (screen, code) = call(COLUMNS, "clerk_bulk_update", &arguments, &[]).end();
        assert_eq!(code, Some(0), "{screen}");
        assert_screen(name, COLUMNS, &screen);
    }
}

#[tokio::test]
async fn a_failure_is_in_sentences_on_standard_error() {
    let refusal = json!({
        "errors": [{ "code": "resource_not_found", "message": "not found",
                     "long_message": "No user was found with id user_9" }],
        "clerk_trace_id": "trace_1",
    });
    let upstream = Upstream::always(Script::json(404, &refusal)).await;
    let arguments = json!({ "userId": "user_9" });
    let mut terminal = call_at(&upstream.url, "clerk_get_user", &arguments, &[]);
    let (screen, code) = tokio::task::spawn_blocking(move || terminal.end()).await.unwrap();
    assert_eq!(code, Some(1));
    assert_screen("failure", COLUMNS, &screen);
    let wrong = json!({ "limit": "many", "orderBy": "height" });
    let (screen, code) = call(COLUMNS, "clerk_list_users", &wrong, &[]).end();
    assert_eq!(code, Some(1));
    assert_screen("failure_of_arguments", COLUMNS, &screen);
    // With standard error elsewhere, there is nothing on the screen.
    let folder = tempfile::tempdir().unwrap();
    let errors = folder.path().join("errors");
    let mut command =
        clerk_mcp(&["call", "clerk_list_users", "{\"limit\": -1}", "--sandbox", "--log", "off"]);
    let apart = Stdio::from(fs::File::create(&errors).unwrap());
    assert_eq!(Terminal::run(COLUMNS, &mut command, Some(apart)).end(), (String::new(), Some(1)));
    assert!(fs::read_to_string(errors).unwrap().starts_with("clerk-mcp: "));
}

#[test]
fn a_pipe_gets_the_same_json_as_ever_and_so_does_a_terminal_with_json() {
    let line = ["call", "clerk_list_users", "{\"limit\": 3}", "--sandbox"];
    let piped = String::from_utf8(clerk_mcp(&line).output().unwrap().stdout).unwrap();
    let result: Value = serde_json::from_str(&piped).unwrap();
    assert_eq!(piped, format!("{result:#}\n"));
    assert!(
        result["users"][0]["emailAddresses"].is_array()
            && result["users"][0]["createdAt"].is_number()
    );
    let (screen, code) =
        call(COLUMNS, "clerk_list_users", &json!({ "limit": 3 }), &["--json"]).end();
    assert_eq!((screen, code), (piped.trim_end().to_owned(), Some(0)));
    let (screen, code) =
        call(COLUMNS, "clerk_get_user", &json!({ "userId": "user_9" }), &["--json"]).end();
    let report: Value = serde_json::from_str(&screen).unwrap();
    assert_eq!((&report["error"]["code"], code), (&json!("resource_not_found"), Some(1)));
    // The person's terminal may be standard error alone, as in `clerk-mcp call … | jq`.
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("piped");
    let mut shell = Command::new("sh");
    shell.args(["-c", r#""$0" "$@" > "$FILE""#, env!("CARGO_BIN_EXE_clerk-mcp")]).args(line);
    let (screen, _) = Terminal::run(COLUMNS, shell.env("FILE", &file), None).end();
    assert_eq!((screen.as_str(), fs::read_to_string(file).unwrap()), ("", piped));
}

/// A Clerk with one user, who is deleted or locked on request.
async fn clerk_with(user: Value) -> Upstream {
    Upstream::start(move |seen, _| match (seen.method.as_str(), seen.path.as_str()) {
        ("GET", "/users/count") => Script::json(200, &json!({ "total_count": 1 })),
        ("GET", path) if path == "/users" || path.starts_with("/users?") => {
            Script::json(200, &json!([user]))
        }
        ("GET", path) if path.starts_with("/sessions") => {
            Script::json(200, &json!({ "data": [{ "status": "active" }], "total_count": 1 }))
        }
        ("GET", path) if path.contains("memberships") => {
            Script::json(200, &json!({ "data": [], "total_count": 0 }))
        }
        ("DELETE", _) => Script::json(200, &json!({ "id": user["id"], "deleted": true })),
        _ => Script::json(200, &user),
    })
    .await
}

fn deletions(upstream: &Upstream) -> usize {
    upstream.seen().iter().filter(|seen| seen.method == "DELETE").count()
}

#[tokio::test]
async fn a_call_runs_only_if_the_person_types_y() {
    let user = json!({
        "id": "user_1", "first_name": "Ada", "last_name": "Lovelace",
        "primary_email_address_id": "idn_1",
        "email_addresses": [{ "id": "idn_1", "email_address": "ada@example.com" }],
    });
    let first = "[y/N] ";
    let again = "or n for no.\r\nDo it? [y/N] ";
    for (name, typed, code, deleted) in [
        ("approved", vec![(first, "y\n")], 0, 1),
        ("approved_at_last", vec![(first, "what\n"), (again, "yes\n")], 0, 1),
        ("declined", vec![(first, "n\n")], 1, 0),
        ("declined_by_enter", vec![(first, "\n")], 1, 0),
        ("not_answered", vec![(first, END)], 1, 0),
    ] {
        let upstream = clerk_with(user.clone()).await;
        let arguments = json!({ "userId": "user_1" });
        let mut terminal =
            call_at(&upstream.url, "clerk_delete_user", &arguments, &["--confirm", "ask"]);
        let ended = tokio::task::spawn_blocking(move || {
            for (question, line) in typed {
                terminal.wait_for(question).types(line);
            }
            terminal.end()
        });
        let (screen, status) = ended.await.unwrap();
        assert_screen(name, COLUMNS, &screen);
        assert_eq!((status, deletions(&upstream)), (Some(code), deleted), "{name}");
    }
}

#[tokio::test]
async fn ctrl_c_at_the_question_changes_nothing() {
    let upstream = clerk_with(json!({ "id": "user_1" })).await;
    let arguments = json!({ "userId": "user_1" });
    let mut terminal =
        call_at(&upstream.url, "clerk_delete_user", &arguments, &["--confirm", "ask"]);
    let ended = tokio::task::spawn_blocking(move || terminal.wait_for("[y/N] ").interrupt().end());
    let (screen, status) = ended.await.unwrap();
    assert!(screen.ends_with("Nothing was changed."), "{screen}");
    assert_eq!((status, deletions(&upstream)), (Some(130), 0));
}

#[tokio::test]
async fn a_hostile_name_adds_no_line_and_no_column_and_does_not_act_on_the_terminal() {
    let user = json!({
        "id": "user_1", "first_name": EVIL, "last_name": "x", "username": EVIL,
        "primary_email_address_id": "idn_1", "public_metadata": { EVIL: EVIL, "list": [EVIL, { EVIL: 1 }] },
        "email_addresses": [{ "id": "idn_1", "email_address": EVIL }],
    });
    let upstream = clerk_with(user).await;
    let mut screens = Vec::new();
    for (tool, arguments) in [
        ("clerk_list_users", json!({})),
        ("clerk_list_users", json!({ "fields": "id,firstName,publicMetadata" })),
        ("clerk_get_user", json!({ "userId": "user_1" })),
        ("clerk_delete_user", json!({ "userId": "user_1" })),
    ] {
        let mut terminal = call_at(&upstream.url, tool, &arguments, &["--confirm", "ask"]);
        let ended = tokio::task::spawn_blocking(move || {
            if tool == "clerk_delete_user" {
                terminal.wait_for("[y/N] ").types("n\n");
            }
            let (screen, _) = terminal.end();
            (screen, terminal.raw.clone())
        });
        let (screen, raw) = ended.await.unwrap();
        assert!(screen.contains("Eve") && !screen.contains("Code: "), "{screen}");
        let acts = |c: char| {
            c.is_control() && !['\r', '\n'].contains(&c)
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{200b}'..='\u{200f}')
        };
        assert!(!raw.contains(acts), "{tool}: {raw:?}");
        let forged = |line: &&str| {
            line.trim_start().starts_with("id: user_forged")
                || line.starts_with("  - Clerk instance: none")
        };
        assert_eq!(screen.lines().find(forged), None, "{screen}");
        screens.push(screen);
    }
    assert_screen("hostile", COLUMNS, &screens.join("\n\n"));
}

#[test]
fn the_progress_of_a_long_scan_is_one_line_that_is_erased() {
    let arguments = json!({ "emailVerified": false, "limit": 2 });
    let mut terminal = call(COLUMNS, "clerk_find_users", &arguments, &["--users", "1200"]);
    let (screen, code) = terminal.end();
    assert_eq!(code, Some(0));
    for told in ["clerk_find_users: 500 of", "clerk_find_users: 1000 of"] {
        assert!(terminal.raw.contains(told), "{told}: {}", terminal.raw);
    }
    assert!(!screen.contains("clerk_find_users"), "{screen}");
    // None where standard error is no terminal.
    let folder = tempfile::tempdir().unwrap();
    let errors = folder.path().join("errors");
    let line = [
        "call",
        "clerk_find_users",
        &arguments.to_string(),
        "--sandbox",
        "--users",
        "1200",
        "--log",
        "off",
    ];
    let apart = Stdio::from(fs::File::create(&errors).unwrap());
    Terminal::run(COLUMNS, &mut clerk_mcp(&line), Some(apart)).end();
    assert_eq!(fs::read_to_string(errors).unwrap(), "");
}

/// A Clerk with three users. It responds to the change of the second only once the test allows it.
async fn slow_clerk(told: &std::sync::Arc<tokio::sync::Notify>) -> Upstream {
    let told = told.clone();
    Upstream::start(move |seen, _| {
        let users: Vec<Value> = (1..=3)
            .map(|number| json!({ "id": format!("user_{number}"), "locked": false }))
            .collect();
        match seen.path.as_str() {
            path if path.starts_with("/users?") => Script::json(200, &json!(users)),
            "/users/user_2/lock" => {
                Script::When(told.clone(), r#"{"id": "user_2", "locked": true}"#)
            }
            _ => Script::json(200, &json!({ "id": "user_1", "locked": true })),
        }
    })
    .await
}

#[tokio::test]
async fn ctrl_c_ends_a_bulk_run_and_says_what_is_done_and_twice_ends_it_at_once() {
    let folder = tempfile::tempdir().unwrap();
    for (name, is_patient) in [("interrupted", true), ("interrupted_twice", false)] {
        let told = std::sync::Arc::default();
        let upstream = slow_clerk(&told).await;
        let log = folder.path().join(name);
        let arguments =
            json!({ "action": "lock", "userIds": "user_1,user_2,user_3", "dryRun": false });
        let options = ["--audit", log.to_str().unwrap()];
        let mut terminal = call_at(&upstream.url, "clerk_bulk_update", &arguments, &options);
        upstream
            .until(|upstream| upstream.seen().iter().any(|seen| seen.path == "/users/user_2/lock"))
            .await;
        let ended = tokio::task::spawn_blocking(move || {
            terminal.interrupt().wait_for("Ctrl-C again");
            if is_patient {
                told.notify_one();
            } else {
                terminal.interrupt();
            }
            terminal.end()
        });
        let (screen, code) = ended.await.unwrap();
        assert_screen(name, COLUMNS, &screen);
        assert_eq!(code, Some(130));
        let log = fs::read_to_string(log).unwrap();
        let outcomes = |outcome: &str| log.matches(&format!("\"outcome\":\"{outcome}\"")).count();
        let expected = if is_patient { (2, 0) } else { (1, 1) };
        assert_eq!((outcomes("done"), outcomes("unknown")), expected, "{log}");
        assert!(!upstream.seen().iter().any(|seen| seen.path == "/users/user_3/lock"));
    }
}
