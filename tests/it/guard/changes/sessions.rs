//! Whose changes they are, and in which session of MCP.

use clerk_mcp::{
    guard::{Confirm, Guard},
    principal::Principal,
};
use serde_json::{Value, json};

use super::{journal, row};
use crate::{
    guard::{Instance, LONER, MEMBER, SABINE, TEST, http::Http, server},
    support,
};

#[tokio::test]
async fn what_a_session_changed_is_taken_back_at_once() {
    let (instance, folder) = (Instance::start().await, tempfile::tempdir().unwrap());
    let guard =
        || Guard { journal: Some(journal(&folder)), confirm: Confirm::Never, ..Guard::default() };
    let own = support::connect(server(&instance.url, TEST, guard())).await;
    let other = support::connect(server(&instance.url, TEST, guard())).await;
    let before = [instance.user(LONER).await, instance.user(MEMBER).await];

    own.call("clerk_update_user", &json!({ "userId": LONER, "firstName": "Wrong" })).await;
    other.call("clerk_lock_user", &json!({ "userId": SABINE })).await;
    let merge = json!({
        "action": "mergeMetadata", "userIds": [LONER, MEMBER], "publicMetadata": { "tier": "wrong" },
        "dryRun": false,
    });
    own.call("clerk_bulk_update", &merge).await;
    let banned = own.call("clerk_ban_user", &json!({ "userId": MEMBER })).await["changeId"].clone();
    own.call("clerk_undo_changes", &json!({ "changeIds": banned, "dryRun": false })).await;

    let session = json!({ "session": "current" });
    let listed = own.call("clerk_list_changes", &session).await;
    // The name, the bulk call and its two steps, the ban, and the undo with its step.
    assert_eq!(listed["totalCount"], 7, "{listed}");
    let name = listed["changes"][0]["session"].as_str().unwrap();
    assert!(name.starts_with("mcp_") && name.len() == 16, "{name}");
    let by_name = json!({ "session": name });
    assert_eq!(other.call("clerk_list_changes", &by_name).await["totalCount"], 7);
    assert_eq!(other.call("clerk_list_changes", &session).await["totalCount"], 1);

    let undo = json!({ "session": "current", "dryRun": false });
    let undone = own.call("clerk_undo_changes", &undo).await;
    assert_eq!((&undone["done"], &undone["total"]), (&json!(3), &json!(3)), "{undone}");
    for (user, before) in [LONER, MEMBER].into_iter().zip(before) {
        let now = instance.user(user).await;
        for field in ["firstName", "publicMetadata", "banned"] {
            assert_eq!(now[field], before[field], "{user} {field}");
        }
    }
    assert_eq!(instance.user(SABINE).await["locked"], true, "another session's change stays");
    assert_eq!(own.call("clerk_undo_changes", &undo).await["total"], 0);
    let undone = other.call("clerk_undo_changes", &undo).await;
    assert_eq!(undone["done"], 1, "{undone}");
}

#[tokio::test]
async fn either_changes_or_a_session_is_named() {
    let desk = super::Desk::start().await;
    for wrong in [json!({}), json!({ "changeIds": "chg_1", "session": "current" })] {
        let error = desk.client.error("clerk_undo_changes", &wrong).await;
        assert_eq!(error["code"], "invalid_arguments", "{error}");
    }
    let error = desk.client.error("clerk_undo_changes", &json!({ "changeIds": "17" })).await;
    assert_eq!(error["param"], "changeIds", "{error}");
    // A name that isn't one would find nothing, which looks as if nothing had been changed.
    for tool in ["clerk_undo_changes", "clerk_list_changes"] {
        let error = desk.client.error(tool, &json!({ "session": "sess_2ab" })).await;
        assert_eq!(
            (&error["code"], &error["param"]),
            (&json!("invalid_arguments"), &json!("session"))
        );
    }
}

#[tokio::test]
async fn changes_are_found_by_who_they_were_made_for() {
    let desk = super::Desk::start().await;
    desk.change("clerk_lock_user", json!({ "userId": LONER })).await;
    let user = Principal::of_process().subject.unwrap();
    for (who, count) in [(&*user, 1), (&format!("{user} (process)"), 1), ("user_2ab", 0)] {
        let listed = desk.client.call("clerk_list_changes", &json!({ "who": who })).await;
        assert_eq!(listed["totalCount"], count, "{who}: {listed}");
    }
}

#[tokio::test]
async fn over_http_a_session_has_a_name_that_does_not_open_it() {
    let (instance, folder) = (Instance::start().await, tempfile::tempdir().unwrap());
    let file = folder.path().join("changes.db");
    let options = ["--journal", file.to_str().unwrap()];
    let http = Http::start(&options, &instance.url).await;
    let sessions = [http.session().await, http.session().await];
    let lock = json!({ "userId": LONER });
    for (session, tool) in sessions.iter().zip(["clerk_lock_user", "clerk_unlock_user"]) {
        http.in_session(session, tool, &lock).await;
    }
    let current = json!({ "session": "current" });
    let mut names = Vec::new();
    for session in &sessions {
        let listed = http.in_session(session, "clerk_list_changes", &current).await;
        assert_eq!(listed["totalCount"], 1, "{listed}");
        let name = listed["changes"][0]["session"].as_str().unwrap().to_owned();
        assert!(!session.contains(&name[4..]), "{name} {session}");
        names.push(name);
    }
    assert_ne!(names[0], names[1]);
    // The stateless revision has no session.
    let error = http.call("test", None, "clerk_undo_changes", &current).await;
    assert_eq!(error["error"]["param"], "session", "{error}");
    assert!(error["error"]["hint"].as_str().unwrap().contains("clerk_list_changes"), "{error}");
    let listed = http.call("test", None, "clerk_list_changes", &json!({})).await;
    assert_eq!(listed["changes"][0]["who"], "loopback", "{listed}");
    let undo = json!({ "session": names[1], "dryRun": false });
    let undone = http.call("test", None, "clerk_undo_changes", &undo).await;
    let id = listed["changes"][0]["id"].as_str().unwrap();
    assert_eq!(row(&undone, id)["outcome"], "done", "{undone}");
    assert_ne!(undone["changeId"], Value::Null);
}
