//! Writes and undos that fail, are cut off, or come at once.

use clerk_mcp::{
    guard::{Confirm, Guard},
    journal::{Filter, State},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Desk, journal};
use crate::{
    guard::{Instance, LONER, MEMBER, SABINE, Sent, TEST, server, wire::Binary},
    support::{self, Client, Script, Upstream},
};

#[tokio::test]
async fn a_journal_that_cannot_be_written_stops_writes() {
    let desk = Desk::start().await;
    std::fs::remove_file(desk.folder.path().join("changes.db")).unwrap();
    let error = desk.client.error("clerk_lock_user", &json!({ "userId": LONER })).await;
    assert_eq!(error["code"], "journal_unwritable", "{error}");
    assert_eq!(desk.instance.writes(), [""; 0]);
    desk.client.call("clerk_get_user", &json!({ "userId": LONER })).await;
}

#[tokio::test]
async fn one_change_is_taken_back_once_whoever_asks() {
    let (instance, folder) = (Instance::start().await, tempfile::tempdir().unwrap());
    let guard =
        || Guard { journal: Some(journal(&folder)), confirm: Confirm::Never, ..Guard::default() };
    let one = support::connect(server(&instance.url, TEST, guard())).await;
    let other = support::connect(server(&instance.url, TEST, guard())).await;
    let before = instance.user(LONER).await["firstName"].clone();
    let mut ids = Vec::new();
    for name in ["First", "Second", "Third"] {
        let renamed =
            one.call("clerk_update_user", &json!({ "userId": LONER, "firstName": name })).await;
        ids.push(renamed["changeId"].as_str().unwrap().to_owned());
    }
    let undo = json!({ "changeIds": ids, "dryRun": false });
    let results = tokio::join!(
        one.call("clerk_undo_changes", &undo),
        other.call("clerk_undo_changes", &undo)
    );
    assert_eq!(instance.user(LONER).await["firstName"], before, "{results:?}");
    let done = [&results.0, &results.1].map(|result| result["done"].as_u64().unwrap());
    assert!(done.iter().sum::<u64>() <= 3, "{results:?}");
    // After a restart, too.
    let third = support::connect(server(&instance.url, TEST, guard())).await;
    let again = third.call("clerk_undo_changes", &undo).await;
    assert_eq!((&again["done"], &again["failed"]), (&json!(0), &json!(0)), "{again}");
    assert_eq!(instance.user(LONER).await["firstName"], before);
}

/// A user whose look fails, or whose update does.
async fn moody(fails: &'static str) -> (Upstream, Client, TempDir) {
    let upstream = Upstream::start(move |seen, _| {
        let user = json!({
            "object": "user", "id": LONER, "first_name": "Ada", "last_name": "L",
            "public_metadata": {}, "private_metadata": {}, "unsafe_metadata": {},
        });
        match seen.method.as_str() {
            method if method != fails => Script::json(200, &user),
            "GET" => Script::refusal(403, "", "forbidden"),
            _ => Script::Reset,
        }
    })
    .await;
    let folder = tempfile::tempdir().unwrap();
    let guard =
        Guard { journal: Some(journal(&folder)), confirm: Confirm::Never, ..Guard::default() };
    let client = support::connect(server(&upstream.url, TEST, guard)).await;
    (upstream, client, folder)
}

#[tokio::test]
async fn a_write_whose_object_cannot_be_read_is_done_and_says_that_it_stays() {
    let (_upstream, client, _folder) = moody("GET").await;
    let name = json!({ "userId": LONER, "firstName": "Eve" });
    let result = client.call("clerk_update_user", &name).await;
    assert!(result["note"].as_str().unwrap().contains("It can't be undone"), "{result}");
    let listed = client.call("clerk_list_changes", &json!({})).await;
    assert!(listed["changes"][0]["undo"].as_str().unwrap().starts_with("No: "), "{listed}");
}

#[tokio::test]
async fn a_write_whose_response_is_lost_stays_in_doubt() {
    let (_upstream, client, _folder) = moody("PATCH").await;
    let name = json!({ "userId": LONER, "firstName": "Eve" });
    let error = client.error("clerk_update_user", &name).await;
    let listed = client.call("clerk_list_changes", &json!({})).await;
    let change = &listed["changes"][0];
    assert_eq!(error["changeId"], change["id"], "{error}");
    assert!(error["hint"].as_str().unwrap().contains("clerk_list_changes, chg_1"), "{error}");
    assert_eq!(change["state"], "inDoubt", "{listed}");
    assert!(change["undo"].as_str().unwrap().contains("clerk_get_user"), "{listed}");
    let undo = json!({ "changeIds": change["id"] });
    let shown = client.call("clerk_undo_changes", &undo).await;
    assert_eq!(shown["skipped"], 1, "{shown}");
}

#[tokio::test]
async fn a_server_that_is_killed_in_a_write_leaves_it_in_doubt() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("changes.db").to_str().unwrap().to_owned();
    let user = json!({ "object": "user", "id": LONER, "first_name": "Ada" });
    let upstream = Upstream::start(move |seen, _| match seen.method.as_str() {
        "GET" => Script::json(200, &user),
        _ => Script::Hang,
    })
    .await;
    let mut server = Binary::start(&["--journal", &file], &upstream.url, TEST).await;
    let name = json!({ "userId": LONER, "firstName": "Eve" });
    let call = json!({ "name": "clerk_update_user", "arguments": name });
    server.wire.send("tools/call", call).await.unwrap();
    support::eventually(async || upstream.seen().iter().any(|seen| seen.method == "PATCH")).await;
    server.child.kill().await.unwrap();
    let journal = journal(&folder);
    let (changes, _) = journal.page(Filter::default(), 10, 0).await.unwrap();
    assert_eq!(changes.len(), 1);
    assert_eq!(changes[0].end.state, State::InDoubt);
    assert_eq!(changes[0].begin.fields[0].before, Some(json!("Ada")));
}

#[tokio::test]
async fn one_more_read_for_each_write_and_none_without_a_journal() {
    let desk = Desk::start().await;
    let name = json!({ "userId": LONER, "firstName": "Eve" });
    desk.change("clerk_update_user", name.clone()).await;
    let methods = |sent: Vec<Sent>| -> Vec<String> {
        sent.into_iter().map(|request| request.method).collect()
    };
    assert_eq!(methods(desk.instance.sent()), ["GET", "PATCH"]);
    let plain = Instance::start().await;
    let client = support::connect(server(&plain.url, TEST, Guard::default())).await;
    let result = client.call("clerk_update_user", &name).await;
    assert_eq!(result["changeId"], Value::Null);
    assert_eq!(methods(plain.sent()), ["PATCH"]);
}

#[tokio::test]
async fn an_upstream_that_fails_in_the_middle_is_told_for_each_change() {
    let desk = Desk::start().await;
    let users = [SABINE, MEMBER, LONER];
    let merge = json!({
        "action": "mergeMetadata", "userIds": users, "publicMetadata": { "tier": "wrong" }, "dryRun": false,
    });
    let id = desk.change("clerk_bulk_update", merge).await;
    // The user is gone: that step fails, the others don't.
    desk.instance.witness().await.call("clerk_delete_user", &json!({ "userId": MEMBER })).await;
    let undone = desk.undo(&id).await;
    assert_eq!((&undone["done"], &undone["skipped"]), (&json!(2), &json!(1)), "{undone}");
    for user in [SABINE, LONER] {
        assert_eq!(desk.user(user).await["publicMetadata"]["tier"], Value::Null);
    }
}
