//! The journal of changes, and taking changes back, through a real client against the sandbox.

mod commands;
mod doubt;
mod kept;
mod limits;
mod places;
mod sessions;

use std::time::Duration;

use clerk_mcp::{
    guard::{Confirm, Guard, Selection},
    journal::{Journal, Settings},
};
use serde_json::{Value, json};
use tempfile::TempDir;

use super::{Instance, LIVE, LONER, MEMBER, NORTHWIND, Person, SABINE, TEST, server};
use crate::support::{self, Client};

/// A client of a server that keeps a journal and asks nobody.
struct Desk {
    instance: Instance,
    client: Client,
    folder: TempDir,
}

impl Desk {
    async fn start() -> Self {
        Self::with(Selection::default()).await
    }

    /// The same with every tool.
    async fn with_all() -> Self {
        let tools = vec!["clerk_create_directory".to_owned()];
        let toolsets = vec!["all".to_owned()];
        Self::with(Selection { toolsets, tools, ..Selection::default() }).await
    }

    async fn with(selection: Selection) -> Self {
        let (instance, folder) = (Instance::start().await, tempfile::tempdir().unwrap());
        let journal = Some(journal(&folder));
        let guard = Guard { journal, confirm: Confirm::Never, selection, ..Guard::default() };
        let client = support::connect(server(&instance.url, TEST, guard)).await;
        Self { instance, client, folder }
    }

    /// Makes a change, and returns its ID.
    async fn change(&self, tool: &str, arguments: Value) -> String {
        let result = self.client.call(tool, &arguments).await;
        result["changeId"].as_str().unwrap_or_else(|| panic!("{tool}: {result}")).to_owned()
    }

    /// Takes changes back.
    async fn undo(&self, ids: &str) -> Value {
        let arguments = json!({ "changeIds": ids, "dryRun": false });
        self.client.call("clerk_undo_changes", &arguments).await
    }

    async fn preview(&self, ids: &str) -> Value {
        self.client.call("clerk_undo_changes", &json!({ "changeIds": ids })).await
    }

    async fn user(&self, id: &str) -> Value {
        self.instance.user(id).await
    }
}

fn journal(folder: &TempDir) -> Journal {
    let file = folder.path().join("changes.db");
    Journal::open(Settings { file, retention: Duration::from_hours(24) }).unwrap()
}

/// The outcome for one change.
fn row<'a>(result: &'a Value, id: &str) -> &'a Value {
    let rows = result["results"].as_array().unwrap();
    rows.iter().find(|row| row["id"] == id).unwrap_or_else(|| panic!("no {id} in {result}"))
}

#[tokio::test]
async fn a_user_is_set_back_and_the_undo_can_be_undone() {
    let desk = Desk::start().await;
    let before = desk.user(LONER).await;
    let arguments = json!({
        "userId": LONER, "firstName": "Changed", "clear": ["lastName"],
        "publicMetadata": { "plan": "other" },
    });
    let id = desk.change("clerk_update_user", arguments).await;
    let listed = desk.client.call("clerk_list_changes", &json!({ "target": LONER })).await;
    let change = &listed["changes"][0];
    assert_eq!((&change["id"], &change["state"]), (&json!(id), &json!("done")), "{listed}");
    let line = format!("firstName: {} → \"Changed\"", before["firstName"]);
    assert!(change["changed"].as_array().unwrap().contains(&json!(line)), "{change}");

    let shown = desk.preview(&id).await;
    assert_eq!(row(&shown, &id)["outcome"], "would be done", "{shown}");
    assert_eq!(desk.user(LONER).await["firstName"], "Changed");
    let undone = desk.undo(&id).await;
    assert_eq!(row(&undone, &id)["outcome"], "done", "{undone}");
    let after = desk.user(LONER).await;
    for field in ["firstName", "lastName", "publicMetadata"] {
        assert_eq!(after[field], before[field], "{field}");
    }

    let again = desk.undo(&id).await;
    assert_eq!(row(&again, &id)["outcome"], "skipped", "{again}");
    let listed = desk.client.call("clerk_list_changes", &json!({ "changeIds": id })).await;
    let undo = listed["changes"][0]["undoneBy"].as_str().unwrap().to_owned();
    desk.undo(&undo).await;
    assert_eq!(desk.user(LONER).await["firstName"], "Changed");
    // Nothing holds it back any more: it can be taken back once more.
    desk.undo(&id).await;
    assert_eq!(desk.user(LONER).await["firstName"], before["firstName"]);
}

#[tokio::test]
async fn a_bulk_call_is_taken_back_at_once_but_for_what_others_changed_since() {
    let desk = Desk::start().await;
    let witness = desk.instance.witness().await;
    let users = [SABINE, MEMBER, LONER];
    let mut before = Vec::new();
    for user in users {
        before.push(desk.user(user).await["publicMetadata"].clone());
    }
    let merge = json!({
        "action": "mergeMetadata", "userIds": users, "publicMetadata": { "tier": "wrong", "seen": { "by": 1 } },
        "dryRun": false,
    });
    let id = desk.change("clerk_bulk_update", merge).await;
    let touched = json!({ "userId": MEMBER, "publicMetadata": { "tier": "mine" } });
    witness.call("clerk_update_user_metadata", &touched).await;
    let other = json!({ "userId": SABINE, "publicMetadata": { "beside": true } });
    witness.call("clerk_update_user_metadata", &other).await;

    let undone = desk.undo(&id).await;
    assert_eq!((&undone["done"], &undone["failed"]), (&json!(3), &json!(0)), "{undone}");
    let named: Vec<_> = undone["results"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row["leftAlone"].is_array())
        .collect();
    assert_eq!(named.len(), 1, "{undone}");
    assert!(named[0]["name"].as_str().unwrap().contains(MEMBER), "{undone}");
    assert_eq!(
        named[0]["leftAlone"][0].as_str().unwrap().split(':').next(),
        Some("publicMetadata.tier")
    );

    let now = |user: &'static str| async { desk.user(user).await["publicMetadata"].clone() };
    assert_eq!(now(LONER).await, before[2]);
    let mut sabine = before[0].clone();
    sabine["beside"] = json!(true);
    assert_eq!(now(SABINE).await, sabine, "what others added stays");
    let mut member = before[1].clone();
    member["tier"] = json!("mine");
    assert_eq!(now(MEMBER).await, member, "what others changed stays");
    // The person insists: what was left is set back now, and only that.
    let overwrite = json!({ "changeIds": id, "overwrite": true, "dryRun": false });
    let undone = desk.client.call("clerk_undo_changes", &overwrite).await;
    assert_eq!((&undone["done"], &undone["skipped"]), (&json!(1), &json!(2)), "{undone}");
    assert_eq!(now(MEMBER).await, before[1]);
    let again = desk.client.call("clerk_undo_changes", &overwrite).await;
    assert_eq!(again["skipped"], 3, "{again}");
}

#[tokio::test]
async fn pairs_are_taken_back_by_their_opposite_and_what_was_created_is_deleted() {
    let desk = Desk::start().await;
    let member = json!({ "organizationId": NORTHWIND, "userId": LONER, "role": "org:member" });
    let lock = desk.change("clerk_lock_user", json!({ "userId": LONER })).await;
    let ban = desk.change("clerk_ban_user", json!({ "userId": LONER })).await;
    let joined = desk.change("clerk_add_organization_member", member).await;
    let created = json!({ "emailAddress": "wrong@example.com" });
    let created = desk.change("clerk_create_user", created).await;
    let again = desk.change("clerk_ban_user", json!({ "userId": LONER })).await;
    let undone = desk.undo(&[&*lock, &ban, &joined, &created, &again].join(",")).await;
    let outcome = |id: &str| row(&undone, id)["outcome"].as_str().unwrap().to_owned();
    for id in [&lock, &ban, &joined, &created] {
        assert_eq!(outcome(id), "done", "{id}: {undone}");
    }
    assert_eq!(outcome(&again), "skipped", "they were banned already: {undone}");
    let user = desk.user(LONER).await;
    assert_eq!((&user["locked"], &user["banned"]), (&json!(false), &json!(false)));
    let found = json!({ "emailAddress": "wrong@example.com" });
    let found = desk.instance.witness().await.call("clerk_list_users", &found).await;
    assert_eq!(found["totalCount"], 0, "{found}");
}

#[tokio::test]
async fn fifty_users_are_set_back_in_one_call_that_a_person_approved() {
    let (instance, folder) = (Instance::start().await, tempfile::tempdir().unwrap());
    let who = Person::who_agrees();
    let selection = Selection { allow_writes: true, ..Selection::default() };
    let guard = Guard {
        journal: Some(journal(&folder)),
        confirm: Confirm::Ask,
        selection,
        ..Guard::default()
    };
    let client = support::connect_as(who.clone(), server(&instance.url, LIVE, guard)).await;
    let witness = instance.witness().await;
    let mut users = Vec::new();
    for number in 0..50 {
        let address = json!({
            "emailAddress": format!("number{number}@example.com"), "publicMetadata": { "plan": "pro" },
        });
        let user = witness.call("clerk_create_user", &address).await;
        users.push(user["id"].as_str().unwrap().to_owned());
    }
    let merge = json!({
        "action": "mergeMetadata", "userIds": users, "publicMetadata": { "plan": "free" },
        "maxUsers": 50, "dryRun": false,
    });
    let merged = client.call("clerk_bulk_update", &merge).await;
    assert_eq!(merged["done"], 50, "{merged}");
    for user in &users[..2] {
        let patch = json!({ "userId": user, "publicMetadata": { "plan": "enterprise" } });
        witness.call("clerk_update_user_metadata", &patch).await;
    }
    let sent = instance.sent().len();
    let undo = json!({ "changeIds": merged["changeId"], "dryRun": false });
    let undone = client.call("clerk_undo_changes", &undo).await;
    assert_eq!((&undone["done"], &undone["skipped"]), (&json!(48), &json!(2)), "{undone}");
    let left =
        undone["results"].as_array().unwrap().iter().filter(|row| row["leftAlone"].is_array());
    let left: Vec<String> = left.map(|row| row["name"].to_string()).collect();
    assert_eq!(left.len(), 2, "{left:?}");
    for (number, user) in users.iter().enumerate() {
        let plan = if number < 2 { "enterprise" } else { "pro" };
        assert_eq!(instance.user(user).await["publicMetadata"], json!({ "plan": plan }), "{user}");
        assert_eq!(left.iter().any(|name| name.contains(user)), number < 2, "{left:?}");
    }
    // One look for the preview, one before the write, and the write: its response has the fields.
    println!("undo: {} requests for 50 users", instance.sent().len() - sent);
    assert!(instance.sent().len() - sent <= 50 + 48 * 2, "{}", instance.sent().len() - sent);
}

#[tokio::test]
async fn a_person_sees_each_field_that_is_set_back_and_agrees_to_exactly_that() {
    let (instance, folder) = (Instance::start().await, tempfile::tempdir().unwrap());
    let instance = std::sync::Arc::new(instance);
    let journal = journal(&folder);
    let client = async |who: &Person| {
        let selection = Selection { allow_writes: true, ..Selection::default() };
        let guard = Guard {
            journal: Some(journal.clone()),
            confirm: Confirm::Ask,
            selection,
            ..Guard::default()
        };
        support::connect_as(who.clone(), server(&instance.url, LIVE, guard)).await
    };
    let who = Person::who_agrees();
    let created = json!({ "emailAddress": "wrong@example.com", "firstName": "Wrong" });
    let own = client(&who).await;
    let created = own.call("clerk_create_user", &created).await;
    let name = json!({ "userId": LONER, "firstName": "Eve\n- Done." });
    let renamed = own.call("clerk_update_user", &name).await;
    let ids = format!("{}, {}", created["changeId"], renamed["changeId"]).replace('"', "");
    let undo = json!({ "changeIds": ids, "dryRun": false });

    let careless = Person { renames: Some((instance.clone(), LONER)), ..Person::who_agrees() };
    let error = client(&careless).await.error("clerk_undo_changes", &undo).await;
    assert_eq!(error["code"], "confirmation_invalid", "{error}");
    instance.witness().await.call("clerk_update_user", &name).await;

    let undone = own.call("clerk_undo_changes", &undo).await;
    assert_eq!(undone["done"], 2, "{undone}");
    let asked = who.asked();
    let message = asked[0]["message"].as_str().unwrap();
    for part in [
        "Undo changes (2 in all)",
        "firstName: ",
        "by clerk_delete_user",
        "Delete user",
        "It can't be undone.",
    ] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(!message.contains("\n- Done"), "{message}");
}

#[tokio::test]
async fn read_only_and_excluded_tools_hold_for_undo() {
    let (instance, folder) = (Instance::start().await, tempfile::tempdir().unwrap());
    let journal = journal(&folder);
    let client = async |selection: Selection| {
        let guard = Guard {
            journal: Some(journal.clone()),
            confirm: Confirm::Never,
            selection,
            ..Guard::default()
        };
        support::connect(server(&instance.url, TEST, guard)).await
    };
    let id = client(Selection::default()).await;
    let id = id.call("clerk_lock_user", &json!({ "userId": LONER })).await["changeId"].clone();
    let undo = json!({ "changeIds": id, "dryRun": false });
    let writes = instance.writes().len();

    let reader = client(Selection { read_only: true, ..Selection::default() }).await;
    assert_eq!(reader.call("clerk_list_changes", &json!({})).await["totalCount"], 1);
    assert_eq!(reader.error("clerk_undo_changes", &undo).await["code"], "tool_off");
    for (tool, code) in [("clerk_unlock_user", "failed"), ("clerk_undo_changes", "tool_off")] {
        let selection = Selection { exclude_tools: vec![tool.to_owned()], ..Selection::default() };
        let result = client(selection).await.result("clerk_undo_changes", &undo).await;
        assert!(support::text(&result).contains(code), "{}", support::text(&result));
    }
    assert_eq!(instance.writes().len(), writes);
}

#[tokio::test]
async fn a_plan_of_an_undo_is_carried_out_unless_something_changed_since() {
    let (instance, folder) = (Instance::start().await, tempfile::tempdir().unwrap());
    let guard =
        Guard { journal: Some(journal(&folder)), confirm: Confirm::Plan, ..Guard::default() };
    let client = support::connect(server(&instance.url, TEST, guard)).await;
    let created = json!({ "emailAddress": "wrong@example.com" });
    let created = client.call("clerk_create_user", &created).await;
    let undo = json!({ "changeIds": created["changeId"], "dryRun": false });
    let plan = client.call("clerk_undo_changes", &undo).await;
    assert!(plan["plan"]["effect"].as_str().unwrap().contains("by clerk_delete_user"), "{plan}");
    let user = created["id"].as_str().unwrap();
    assert!(instance.has_user(user).await);
    let mut redeemed = undo.clone();
    redeemed["planToken"] = plan["plan"]["token"].clone();
    let undone = client.call("clerk_undo_changes", &redeemed).await;
    assert_eq!(undone["done"], 1, "{undone}");
    assert!(!instance.has_user(user).await);
}
