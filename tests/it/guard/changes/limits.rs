//! Each step of an undo passes the guard like any write.

use clerk_mcp::{
    audit::Audit,
    guard::{Confirm, Guard, HourlyEach},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{journal, row};
use crate::{
    guard::{Instance, LONER, MEMBER, SABINE, TEST, policy::policy, server},
    support::{self, Client},
};

/// A client with a journal and these limits.
async fn limited(instance: &Instance, folder: &TempDir, guard: Guard) -> Client {
    let guard = Guard { journal: Some(journal(folder)), confirm: Confirm::Never, ..guard };
    support::connect(server(&instance.url, TEST, guard)).await
}

async fn change(client: &Client, tool: &str, arguments: Value) -> String {
    let result = client.call(tool, &arguments).await;
    result["changeId"].as_str().unwrap_or_else(|| panic!("{result}")).to_owned()
}

#[tokio::test]
async fn what_the_policy_denies_is_not_done_by_an_undo() {
    let (instance, folder) = (Instance::start().await, tempfile::tempdir().unwrap());
    let free = limited(&instance, &folder, Guard::default()).await;
    let ban = change(&free, "clerk_ban_user", json!({ "userId": LONER })).await;
    let lock = change(&free, "clerk_lock_user", json!({ "userId": LONER })).await;
    let rule = "[[rules]]\nname = 'bans stay'\naction = 'deny'\ntools = ['clerk_unban_user']\n";
    let ruled = Guard { policy: Some(policy(rule)), ..Guard::default() };
    let ruled = limited(&instance, &folder, ruled).await;
    let mut undo = json!({ "changeIds": [ban, lock] });
    let shown = ruled.call("clerk_undo_changes", &undo).await;
    assert_eq!(row(&shown, &ban)["outcome"], "would be refused", "{shown}");
    assert_eq!(row(&shown, &lock)["outcome"], "would be done", "{shown}");
    undo["dryRun"] = false.into();
    let undone = ruled.result("clerk_undo_changes", &undo).await;
    let undone = undone.structured_content.unwrap();
    let refused = row(&undone, &ban);
    assert_eq!(refused["outcome"], "failed", "{undone}");
    assert!(refused["why"].as_str().unwrap().starts_with("policy_denied: "), "{undone}");
    assert_eq!(row(&undone, &lock)["outcome"], "done", "{undone}");
    let user = instance.user(LONER).await;
    assert_eq!((&user["banned"], &user["locked"]), (&json!(true), &json!(false)));
    // It was refused, so nothing holds it back from one who may.
    let undone = free.call("clerk_undo_changes", &undo).await;
    assert_eq!((&undone["done"], &undone["skipped"]), (&json!(1), &json!(1)), "{undone}");
}

#[tokio::test]
async fn the_steps_of_an_undo_count_in_an_hour_like_calls() {
    let (instance, folder) = (Instance::start().await, tempfile::tempdir().unwrap());
    let rule = "[[rules]]\nname = 'five'\naction = 'allow'\nper_hour = 5\n\
                tools = ['clerk_update_user_metadata']\n";
    let ruled = Guard { policy: Some(policy(rule)), ..Guard::default() };
    let client = limited(&instance, &folder, ruled).await;
    let merge = json!({
        "action": "mergeMetadata", "userIds": [SABINE, MEMBER, LONER],
        "publicMetadata": { "tier": "wrong" }, "dryRun": false,
    });
    let merged = change(&client, "clerk_bulk_update", merge).await;
    let undo = json!({ "changeIds": merged, "dryRun": false });
    let undone = client.result("clerk_undo_changes", &undo).await.structured_content.unwrap();
    // Three of the five were used.
    assert_eq!(undone["done"], 2, "{undone}");
    let whys: Vec<&str> = undone["results"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["outcome"] != "done")
        .map(|row| row["why"].as_str().unwrap())
        .collect();
    assert!(whys.len() == 1 && whys[0].contains("five"), "{undone}");
}

#[tokio::test]
async fn the_deletions_of_an_undo_count_as_destructive() {
    let (instance, folder) = (Instance::start().await, tempfile::tempdir().unwrap());
    let guard = Guard { max_destructive: Some(HourlyEach::new(2)), ..Guard::default() };
    let client = limited(&instance, &folder, guard).await;
    let mut created = Vec::new();
    for number in 0..3 {
        let address = json!({ "emailAddress": format!("wrong{number}@example.com") });
        created.push(change(&client, "clerk_create_user", address).await);
    }
    let undo = json!({ "changeIds": created, "dryRun": false });
    let undone = client.result("clerk_undo_changes", &undo).await.structured_content.unwrap();
    assert_eq!(undone["done"], 2, "{undone}");
    // The newest goes first, so the oldest is left.
    assert_ne!(row(&undone, &created[0])["outcome"], "done", "{undone}");
    let found = json!({ "query": "wrong", "limit": 10 });
    let found = instance.witness().await.call("clerk_list_users", &found).await;
    assert_eq!(found["totalCount"], 1, "{found}");
}

#[tokio::test]
async fn each_step_of_an_undo_is_in_the_audit_log() {
    let (instance, folder) = (Instance::start().await, tempfile::tempdir().unwrap());
    let log = folder.path().join("audit.jsonl");
    let audit = Audit::new(&log);
    let guard = Guard { audit: Some(audit), ..Guard::default() };
    let client = limited(&instance, &folder, guard).await;
    let lock = change(&client, "clerk_lock_user", json!({ "userId": LONER })).await;
    let undo = json!({ "changeIds": lock, "dryRun": false, "reason": "the wrong person" });
    client.call("clerk_undo_changes", &undo).await;
    let lines = std::fs::read_to_string(&log).unwrap();
    let tools: Vec<Value> = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap())
        .filter(|line| line["tool"] == "clerk_unlock_user")
        .collect();
    assert_eq!(tools[0]["target"], LONER, "{lines}");
    assert_eq!(tools[0]["reason"], "the wrong person", "{lines}");
}
