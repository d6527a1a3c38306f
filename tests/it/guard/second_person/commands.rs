//! The binary: what a kill leaves, the commands on the file, and what stops the start.

use std::{fs, process::Command};

use clerk_mcp::approvals::{Filter, State};
use serde_json::{Value, json};

use super::{DELETIONS, Desk, approved};
use crate::{
    guard::{MEMBER, SABINE, TEST, wire::Binary},
    support::{Script, Upstream},
};

/// The options of a server with the policy and the file of approvals in a folder.
fn options(desk: &Desk) -> Vec<String> {
    let at = |name: &str| desk.folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(at("policy.toml"), DELETIONS).unwrap();
    let options = ["--policy", &at("policy.toml"), "--approvals", &at("approvals.db")];
    let audit = ["--audit", &at("audit.jsonl"), "--journal", "off"];
    options.into_iter().chain(audit).map(str::to_owned).collect()
}

async fn start(desk: &Desk, url: &str) -> Binary {
    let options = options(desk);
    let options: Vec<&str> = options.iter().map(String::as_str).collect();
    Binary::start(&options, url, TEST).await
}

/// Runs `clerk-mcp approvals`: what it prints, and its status.
fn run(desk: &Desk, arguments: &[&str]) -> (String, String, Option<i32>) {
    let file = desk.folder.path().join("approvals.db");
    let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
    command.arg("approvals").args(arguments).arg("--approvals").arg(file);
    let output = command.output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (text(output.stdout), text(output.stderr), output.status.code())
}

#[tokio::test]
async fn a_server_that_is_killed_while_it_does_what_was_approved_does_not_do_it_again() {
    let desk = Desk::open(DELETIONS).await;
    let upstream = Upstream::start(|seen, _| match (seen.method.as_str(), seen.path.as_str()) {
        ("GET", path) if path.starts_with("/users/") && !path.contains("organization") => {
            Script::json(200, &json!({ "object": "user", "id": SABINE, "updated_at": 7 }))
        }
        ("GET", _) => Script::json(200, &json!({ "data": [], "total_count": 0 })),
        _ => Script::Hang,
    })
    .await;
    let mut server = start(&desk, &upstream.url).await;
    let asked = server.wire.call("clerk_delete_user", json!({ "userId": SABINE })).await;
    assert_eq!(asked["error"]["code"], "needs_second_person", "{asked}");
    let id = desk.approvals().list(Filter::default()).await.unwrap().remove(0).id;
    desk.approve(&id).await;
    let call = json!({ "name": "clerk_run_approved", "arguments": approved(&id) });
    server.wire.send("tools/call", call).await.unwrap();
    let deletions = || upstream.seen().into_iter().filter(|seen| seen.method == "DELETE").count();
    upstream.until(|it| it.seen().iter().any(|seen| seen.method == "DELETE")).await;
    server.child.kill().await.unwrap();
    assert_eq!(desk.state(&id).await, State::Used);

    let mut server = start(&desk, &upstream.url).await;
    let again = server.wire.call("clerk_run_approved", approved(&id)).await;
    assert_eq!(again["error"]["code"], "approval_used", "{again}");
    let message = again["error"]["message"].as_str().unwrap();
    assert!(message.contains("isn't known"), "{message}");
    let same = server.wire.call("clerk_delete_user", json!({ "userId": SABINE })).await;
    assert_eq!(same["error"]["code"], "needs_second_person", "it is asked anew: {same}");
    let listed = server.wire.call("clerk_list_approvals", json!({})).await;
    let used = listed["approvals"].as_array().unwrap().iter().find(|it| it["id"] == json!(id));
    assert_eq!(used.unwrap()["outcome"], "inDoubt", "{listed}");
    assert_eq!(deletions(), 1);
}

#[tokio::test]
async fn the_commands_show_a_call_and_the_one_who_asked_cannot_approve_it() {
    let desk = Desk::open(DELETIONS).await;
    let mut server = start(&desk, &desk.instance.url).await;
    let call = json!({ "userId": MEMBER, "firstName": "Eve\u{1b}[2J", "reason": "Ticket 7." });
    server.wire.call("clerk_update_user", call).await;
    let (listed, _, code) = run(&desk, &["list"]);
    assert_eq!((listed.lines().count(), code), (1, Some(0)), "{listed}");
    let id = listed.split_whitespace().next().unwrap();
    assert!(listed.contains("pending  clerk_update_user") && listed.contains(MEMBER), "{listed}");
    let (shown, _, _) = run(&desk, &["show", id]);
    for part in ["Update user", "firstName", "Reason: Ticket 7.", "role:admin"] {
        assert!(shown.contains(part), "{part}: {shown}");
    }
    assert!(!shown.contains('\u{1b}'), "{shown}");
    let (json, _, _) = run(&desk, &["show", id, "--json"]);
    let json: Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["askedBy"]["authentication"], "process", "{json}");

    // The tests run as the user that the server runs as.
    let (_, error, code) = run(&desk, &["approve", id, "--yes"]);
    assert!(code == Some(1) && error.contains("a second person must decide"), "{error}");
    let (_, error, code) = run(&desk, &["reject", id, "--reason", "No."]);
    assert!(code == Some(1) && error.contains("a second person must decide"), "{error}");
    let (_, error, code) = run(&desk, &["approve", "apv_x", "--yes"]);
    assert!(code == Some(1) && error.contains("there is no approval apv_x"), "{error}");
    assert_eq!(desk.state(id).await, State::Pending);
}

#[tokio::test]
async fn the_operator_approves_at_the_command_line_what_somebody_who_signed_in_asked_for() {
    let desk = Desk::open(DELETIONS).await;
    // As a server with sign-in keeps it.
    let client = desk.client().await;
    let id = super::asked(&client, "clerk_delete_user", &json!({ "userId": SABINE })).await;
    let mut ask = desk.approvals().get(&id).await.unwrap().unwrap().ask;
    ask.asked_by = super::admin();
    ask.call = "of somebody else".to_owned();
    let asked = desk.approvals().ask(ask).await.unwrap();
    let clerk_mcp::approvals::Asked::New(asked) = asked else { panic!("{asked:?}") };
    let (_, shown, code) = run(&desk, &["approve", &asked.id]);
    assert!(code == Some(1) && shown.contains("--yes doesn't ask"), "{shown}");
    let (printed, _, code) = run(&desk, &["approve", &asked.id, "--yes"]);
    assert!(code == Some(0) && printed.contains("(process)"), "{printed}");
    let (_, error, code) = run(&desk, &["reject", &asked.id, "--reason", "No."]);
    assert!(code == Some(1) && error.contains("is approved"), "{error}");
    assert_eq!(desk.state(&asked.id).await, State::Approved);
}

#[test]
fn a_policy_that_demands_a_second_person_needs_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    fs::write(at("policy.toml"), DELETIONS).unwrap();
    fs::write(at("other.db"), "not a database, and long enough to be none at all").unwrap();
    let policy = at("policy.toml");
    let (missing, other) = (at("missing.db"), at("other.db"));
    let cases: [(&[&str], i32, &str); 6] = [
        (&["stdio", "--policy", &policy], 2, "name a file for approvals"),
        (&["tools", "--policy", &policy], 2, "such as --approvals ~/clerk-approvals.db"),
        (&["stdio", "--policy", &policy, "--approvals", &other], 1, "name another file"),
        (&["approvals", "list"], 2, "--approvals names no file"),
        (&["approvals", "list", "--approvals", &missing], 2, "there is no file"),
        (
            &[
                "policy",
                "explain",
                "clerk_delete_user",
                "{\"userId\": \"user_1\"}",
                "--policy",
                &policy,
                "--sandbox",
            ],
            0,
            "",
        ),
    ];
    for (arguments, status, part) in cases {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
        let output = command.args(arguments).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        let is_right = output.status.code() == Some(status) && error.contains(part);
        assert!(is_right, "{arguments:?} {:?}: {error}", output.status);
    }
}
