//! What others wrote, at a terminal and in the log: text, that does nothing there.

use std::{fs, process::Stdio};

use clerk_mcp::events::{Event, Events, Settings};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, BufReader},
    process::Command,
};

use crate::support::{self, KEY, PATIENCE, Script, Upstream};

/// Clears the screen, turns the text around, hides a part of it, and begins a line of its own.
const EVIL: &str = "a\u{1b}[2J\u{9b}\u{7f}\u{202e}\u{2066}b\u{200b}\u{feff}\u{e0041}\u{2028}\r\n\
                    2026-11-23T21:04:00.000000Z  INFO forged";

const NOWHERE: &str = "http://127.0.0.1:1";

/// The characters that act on a terminal or can't be seen there.
fn hidden(c: char) -> bool {
    c != '\n'
        && (c.is_control()
            || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{200b}'..='\u{200f}'
                | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{e0000}'..='\u{e007f}'))
}

fn assert_shown(text: &str) {
    assert!(!text.contains(hidden), "{text:?}");
}

/// A command in front of the Clerk at `url`.
async fn run(arguments: &[&str], url: &str) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
    command.args(arguments).env("CLERK_API_URL", url).env("CLERK_SECRET_KEY", KEY);
    let output = command.stdin(Stdio::null()).output().await.unwrap();
    (String::from_utf8(output.stdout).unwrap(), String::from_utf8(output.stderr).unwrap())
}

#[tokio::test]
async fn a_result_of_call_does_nothing_at_the_terminal() {
    let user = json!({
        "id": EVIL, "external_id": EVIL, "first_name": EVIL, "image_url": format!("https://x/{EVIL}"),
        "public_metadata": { EVIL: EVIL }, "email_addresses": [{ "id": EVIL, "email_address": EVIL }],
        "unknown_field": EVIL, "created_at": EVIL,
    });
    let upstream = Upstream::always(Script::json(200, &user)).await;
    let arguments = r#"{"userId": "user_1", "detail": "full"}"#;
    let (output, error) = run(&["call", "clerk_get_user", arguments], &upstream.url).await;
    assert_shown(&output);
    assert_shown(&error);
    let result: Value = serde_json::from_str(&output).unwrap();
    assert!(result["imageUrl"].as_str().unwrap().starts_with("https://x/a⟦U+001B⟧[2J"), "{result}");
}

#[tokio::test]
async fn what_clerk_says_forges_no_line_of_the_log() {
    let refusal = json!({
        "errors": [{ "code": EVIL, "message": EVIL, "long_message": EVIL, "meta": { EVIL: EVIL } }],
        "clerk_trace_id": EVIL,
    });
    for status in [404, 500] {
        let upstream = Upstream::always(Script::json(status, &refusal)).await;
        for log in ["debug", "debug,json"] {
            let arguments = ["call", "clerk_get_user", r#"{"userId": "user_1"}"#, "--log", log];
            let (output, error) = run(&arguments, &upstream.url).await;
            assert_shown(&output);
            assert_shown(&error);
            assert!(error.lines().count() > 0, "nothing is logged");
            for line in error.lines() {
                let is_ours = match log {
                    "debug" => line.contains(" clerk_mcp::") || line.contains(" clerk_api::"),
                    _ => serde_json::from_str::<Value>(line).is_ok(),
                };
                assert!(is_ours, "{line:?} in {error}");
                assert!(!line.starts_with("2026-11-23T21:04"), "{line:?}");
            }
        }
    }
    // What a caller says is as much someone's text.
    let (_, error) = run(&["call", EVIL], NOWHERE).await;
    assert!(error.contains("unknown tool") && error.lines().count() == 1, "{error:?}");
    assert_shown(error.trim_end());
}

#[tokio::test]
async fn one_odd_event_does_not_end_events_tail() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("events.db");
    let events = Events::open(Settings { file: Some(path.clone()), retention: None }).unwrap();
    let body = json!({ "type": "user.updated", "data": { "id": EVIL, "first_name": EVIL } });
    for number in 0..4 {
        let id = format!("msg_{number}");
        let event = Event::read(&id, body.to_string().as_bytes(), 7).unwrap();
        events.keep(event).await.unwrap();
    }
    drop(events);
    let connection = rusqlite::Connection::open(&path).unwrap();
    let spoil = "UPDATE events SET body = CAST(x'ff1b5b' AS TEXT), type = CAST(x'80' AS TEXT) WHERE id = 'msg_1'";
    assert_eq!(connection.execute(spoil, []).unwrap(), 1);
    let path = path.to_str().unwrap();
    for form in [&[][..], &["--json"]] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
        command.args(["events", "tail", "-n", "10", "--events", path]).args(form);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).kill_on_drop(true);
        let mut child = command.spawn().unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        for _ in 0..4 {
            let line = tokio::time::timeout(PATIENCE, lines.next_line()).await.expect("a line");
            assert_shown(&line.unwrap().expect("four events"));
        }
        child.kill().await.unwrap();
        let mut rest = String::new();
        lines.into_inner().read_to_string(&mut rest).await.unwrap();
        assert_eq!(rest, "", "an event is one line");
    }
}

#[tokio::test]
async fn one_unreadable_line_does_not_end_audit_tail_and_is_counted() {
    let folder = tempfile::tempdir().unwrap();
    let log = folder.path().join("audit.jsonl");
    let log = log.to_str().unwrap();
    let upstream = Upstream::always(Script::json(200, &json!({ "id": "user_1" }))).await;
    let arguments = json!({ "userId": "user_1", "firstName": EVIL }).to_string();
    let update = ["call", "clerk_update_user", &arguments, "--audit", log];
    run(&update, &upstream.url).await;
    let before = fs::read(log).unwrap();
    run(&update, &upstream.url).await;
    let all = fs::read(log).unwrap();
    let odd = b"\xff\xfe\0\n{\"seq\": \"x\"}\n\x1b]0;title\x07\n\n";
    fs::write(log, [&before, &odd[..], &all[before.len()..]].concat()).unwrap();
    for command in ["tail", "show"] {
        for form in [&[][..], &["--json"]] {
            let (output, error) = run(&[&["audit", command, log], form].concat(), NOWHERE).await;
            assert_shown(&output);
            let writes = output.lines().filter(|line| line.contains("clerk_update_user")).count();
            assert!(writes >= 2, "{output}");
            assert!(error.contains("4 lines aren't audit lines"), "{error}");
        }
    }
    let (output, _) = run(&["audit", "verify", log], NOWHERE).await;
    assert!(output.contains("BROKEN: 8 lines; 2 writes begun, 2 ended"), "{output}");
    assert_shown(&output);
}

#[tokio::test]
async fn one_odd_row_does_not_lose_its_page() {
    let odd = [json!(null), json!(7), json!("x"), json!([]), json!({}), json!({ "id": 7 })];
    for (tool, arguments, rows_in, good) in [
        ("clerk_list_users", json!({}), "users", json!({ "id": "user_1", "first_name": ["x"] })),
        (
            "clerk_list_organizations",
            json!({}),
            "organizations",
            json!({ "id": "org_1", "name": 1 }),
        ),
        (
            "clerk_list_sessions",
            json!({ "userId": "user_1" }),
            "sessions",
            json!({ "id": "sess_1" }),
        ),
        (
            "clerk_list_jwt_templates",
            json!({}),
            "jwtTemplates",
            json!({ "id": "jtmp_1", "name": {} }),
        ),
        (
            "clerk_find_users",
            json!({ "emailVerified": false }),
            "users",
            json!({ "id": "user_1", "x": [] }),
        ),
    ] {
        let mut rows = odd.to_vec();
        rows.insert(3, good);
        let page = json!({ "data": rows, "total_count": rows.len() });
        let upstream = Upstream::start(move |seen, _| {
            if seen.path.contains("organizations") {
                Script::json(200, &page)
            } else if seen.path.contains("/count") {
                Script::json(200, &json!({ "total_count": 7 }))
            } else {
                Script::json(200, &page["data"])
            }
        })
        .await;
        let client = support::client(&upstream.url).await;
        let named = json!({ "operation": tool, "arguments": arguments });
        let result = if tool == "clerk_list_jwt_templates" {
            client.call("clerk_run_read", &named).await
        } else {
            client.call(tool, &arguments).await
        };
        let ids: Vec<&Value> =
            result[rows_in].as_array().unwrap().iter().map(|row| &row["id"]).collect();
        let is_good = |id: &&Value| id.as_str().is_some_and(|id| id.ends_with("_1"));
        assert_eq!(ids.iter().copied().filter(is_good).count(), 1, "{tool}: {result}");
        assert!(result["note"].is_string(), "{tool} says nothing of the others: {result}");
    }
}
