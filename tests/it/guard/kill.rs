//! A server that is killed again and again in the middle of its writes.

use std::{collections::HashSet, fs, process::Command, time::Duration};

use clerk_mcp::sandbox::Options;
use serde_json::{Value, json};

use super::{Instance, wire::Binary};
use crate::support::KEY;

const ROUNDS: usize = 15;
/// How many calls are under way at a time.
const AT_ONCE: usize = 4;

/// Creates users without end.
async fn create(server: &mut Binary, round: usize) {
    for batch in 0.. {
        for number in 0..AT_ONCE {
            let arguments = json!({ "username": format!("r{round}_b{batch}_n{number}") });
            let params = json!({ "name": "clerk_create_user", "arguments": arguments });
            server.wire.send("tools/call", params).await.unwrap();
        }
        for _ in 0..AT_ONCE {
            server.wire.line().await;
        }
    }
}

#[tokio::test]
async fn no_write_is_missing_from_the_log_of_a_server_that_was_killed() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("audit.jsonl").to_str().unwrap().to_owned();
    let instance = Instance::with(Options { users: 3, ..Options::default() }).await;
    let options = ["--audit", &path, "--rate-limit", "0"];
    for round in 0..ROUNDS {
        let mut server = Binary::start(&options, &instance.url, KEY).await;
        let pause = Duration::from_millis(fastrand::u64(20..200));
        let creating = tokio::time::timeout(pause, create(&mut server, round)).await;
        assert!(creating.is_err(), "it goes on until it is killed");
        server.child.kill().await.unwrap();
    }
    // One more call mends what the last kill may have left.
    let mut server = Binary::start(&options, &instance.url, KEY).await;
    server.wire.call("clerk_create_user", json!({ "username": "the_last" })).await;

    let output = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"))
        .args(["audit", "verify", &path])
        .output()
        .unwrap();
    let report = String::from_utf8(output.stdout).unwrap();
    assert!(report.contains("intact") && output.status.success(), "{report}");
    let text = fs::read_to_string(&path).unwrap();
    let lines: Vec<Value> = text.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let begun: HashSet<&str> = lines
        .iter()
        .filter(|it| it["event"] == "begun")
        .map(|it| it["arguments"]["username"].as_str().unwrap())
        .collect();
    let done: HashSet<&str> = lines
        .iter()
        .filter(|it| it["event"] == "ended" && it["outcome"] == "done")
        .map(|it| it["id"].as_str().unwrap())
        .collect();

    let mut ids = HashSet::new();
    let witness = instance.witness().await;
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
    println!("{} begun, {} done, {} at Clerk", begun.len(), done.len(), ids.len() - 3);
    assert!(done.iter().all(|it| ids.contains(*it)), "the log has a user who is not there");
    let created = ids.len() - 3;
    assert!(created > ROUNDS && done.len() <= created && created <= begun.len(), "{created}");
}
