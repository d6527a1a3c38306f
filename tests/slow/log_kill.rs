//! A server that is killed again and again in the middle of its writes.

use std::{collections::HashSet, fs, process::Command};

use clerk_mcp::{Clerk, Server, ServerOptions, Settings, guard::Guard};
use clerk_sandbox::KEY;
use serde_json::{Value, json};

use crate::{people::sandbox, support, wire::Binary};

const ROUNDS: usize = 15;
/// How many calls are under way at a time.
const AT_ONCE: usize = 4;
/// How many users there are before.
const USERS: usize = 3;

/// Creates users, so many at a time, until this many results have come.
async fn create(server: &mut Binary, round: usize, results: usize) {
    for number in 0..results + AT_ONCE {
        let arguments = json!({ "username": format!("r{round}_b{number}") });
        let params = json!({ "name": "clerk_create_user", "arguments": arguments });
        server.wire.send("tools/call", params).await.unwrap();
        if number >= AT_ONCE {
            server.wire.line().await;
        }
    }
}

#[tokio::test]
async fn no_write_is_missing_from_the_log_of_a_server_that_was_killed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("audit.jsonl").to_str().unwrap().to_owned();
    let url = sandbox(USERS).await;
    let options = ["--audit", &path, "--rate-limit", "0"];
    for round in 0..ROUNDS {
        let mut server = Binary::start(&options, &url, KEY).await;
        create(&mut server, round, fastrand::usize(1..40)).await;
        // Some calls are under way.
        server.child.kill().await.unwrap();
    }
    // One more call repairs what the last kill may have left.
    let mut server = Binary::start(&options, &url, KEY).await;
    server.wire.call("clerk_create_user", json!({ "username": "the_last" })).await;

    let output = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"))
        .args(["audit", "verify", &path])
        .output()
        .unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.contains("intact") && output.status.success(), "{report}");
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<Value> = text.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let begun: HashSet<&str> = lines
        .iter()
        .filter(|line| line["event"] == "begun")
        .map(|line| line["arguments"]["username"].as_str().unwrap())
        .collect();
    let done: HashSet<&str> = lines
        .iter()
        .filter(|line| line["event"] == "ended" && line["outcome"] == "done")
        .map(|line| line["id"].as_str().unwrap())
        .collect();

    let mut ids = HashSet::new();
    let settings = Settings { key: support::key(KEY), ..support::settings(&url) };
    let witness =
        support::connect(Server::new(ServerOptions::new(Clerk::new(settings), Guard::default())))
            .await;
    for offset in (0..).step_by(250) {
        let arguments = json!({ "limit": 250, "offset": offset, "fields": ["id", "username"] });
        let page = witness.call("clerk_list_users", &arguments).await;
        let users = page["users"].as_array().unwrap();
        for user in users {
            ids.insert(user["id"].as_str().unwrap().to_owned());
            let name = user["username"].as_str().unwrap_or_default();
            let is_ours = name.contains("_b") || name == "the_last";
            assert!(!is_ours || begun.contains(name), "{name} is not in the log");
        }
        if users.len() < 250 {
            break;
        }
    }
    println!("{} begun, {} done, {} at Clerk", begun.len(), done.len(), ids.len() - USERS);
    assert!(done.iter().all(|name| ids.contains(*name)), "the log has a user who is not there");
    let created = ids.len() - USERS;
    assert!(created > ROUNDS && done.len() <= created && created <= begun.len(), "{created}");
}
