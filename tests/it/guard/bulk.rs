//! Work on many: each single effect passes the guard, and what is told is what happened.

use std::{fs, sync::Arc};

use clerk_mcp::{
    audit::Audit,
    catalog,
    guard::{Confirm, Guard, HourlyEach, Policy, Selection, policy::Known},
};
use clerk_sandbox::Options;
use serde_json::{Value, json};

use super::{
    Instance, LIVE, LONER, MEMBER, NORTHWIND, Person, SABINE, TEST, confirmed, policy::policy,
    server,
};
use crate::support;

fn ban(dry_run: bool) -> Value {
    json!({ "action": "ban", "userIds": [SABINE, MEMBER, LONER], "dryRun": dry_run })
}

fn outcomes(answer: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let rows = answer["results"].as_array().unwrap().iter();
    rows.map(|row| (text(&row["id"]), text(&row["outcome"]))).collect()
}

fn of(outcome: &str, answer: &Value) -> usize {
    outcomes(answer).iter().filter(|(_, it)| it == outcome).count()
}

#[tokio::test]
async fn a_dry_run_changes_nothing_and_a_second_run_skips_what_is_done() {
    let instance = Instance::start().await;
    let client = support::connect(server(&instance.url, TEST, Guard::default())).await;
    let shown = client.call("clerk_bulk_update", &ban(true)).await;
    assert_eq!((of("would be done", &shown), &shown["dryRun"]), (3, &json!(true)));
    assert_eq!(instance.writes(), [""; 0]);
    let done = client.call("clerk_bulk_update", &ban(false)).await;
    assert_eq!((of("done", &done), &done["success"]), (3, &json!(true)));
    assert_eq!(instance.writes().len(), 3);
    for id in [SABINE, MEMBER, LONER] {
        assert_eq!(instance.user(id).await["banned"], true);
    }
    let again = client.call("clerk_bulk_update", &ban(false)).await;
    assert_eq!((of("skipped", &again), instance.writes().len()), (3, 3));
}

#[tokio::test]
async fn each_effect_counts_against_the_hourly_limit() {
    let instance = Instance::start().await;
    let guard = Guard { max_destructive: Some(HourlyEach::new(2)), ..Guard::default() };
    let client = support::connect(server(&instance.url, TEST, guard)).await;
    // A dry run uses nothing up.
    client.call("clerk_bulk_update", &ban(true)).await;
    let answer = client.call("clerk_bulk_update", &ban(false)).await;
    assert_eq!(instance.writes().len(), 2);
    let counts = ["done", "failed", "success"].map(|it| answer[it].clone());
    assert_eq!(counts, [json!(2), json!(1), json!(false)], "{answer}");
    let why = answer["results"][0]["why"].as_str().unwrap();
    assert!(why.starts_with("too_many_destructive"), "{why}");
}

#[tokio::test]
async fn a_bulk_call_counts_once_and_each_of_its_steps_once() {
    let rule = "default = 'deny'\n[[rules]]\nname = 'few'\naction = 'allow'\nper_hour = 4\n";
    let instance = Instance::start().await;
    let guard = Guard { policy: Some(policy(rule)), ..Guard::default() };
    let client = support::connect(server(&instance.url, TEST, guard)).await;
    let result = client.call("clerk_bulk_update", &ban(false)).await;
    assert_eq!(result["done"], 3, "{result}");
    let error = client.error("clerk_unban_user", &json!({ "userId": LONER })).await;
    assert_eq!(error["code"], "policy_denied", "{error}");
}

#[tokio::test]
async fn a_policy_decides_on_each() {
    let instance = Instance::start().await;
    let known = Known {
        tools: catalog::all().map(|(_, entry)| entry.name).collect(),
        toolsets: catalog::CATALOG.iter().map(|it| it.name).collect(),
    };
    let email = instance.user(SABINE).await["emailAddresses"][0]["emailAddress"].clone();
    let domain = email.as_str().unwrap().rsplit_once('@').unwrap().1;
    let rule = format!(
        "[[rules]]\nname = 'staff'\naction = 'deny'\ntools = ['clerk_ban_user']\n\
         email_domains = ['{domain}']\n"
    );
    let policy = Policy::read(&rule, &known).unwrap();
    let guard = Guard { policy: Some(policy), ..Guard::default() };
    let client = support::connect(server(&instance.url, TEST, guard)).await;
    let shown = client.call("clerk_bulk_update", &ban(true)).await;
    let refused = outcomes(&shown);
    assert!(refused.contains(&(SABINE.to_owned(), "would be refused".to_owned())), "{shown}");
    let done = client.call("clerk_bulk_update", &ban(false)).await;
    assert!(outcomes(&done).contains(&(SABINE.to_owned(), "failed".to_owned())), "{done}");
    assert_eq!(instance.user(SABINE).await["banned"], false);
    let writes = instance.writes();
    assert!(!writes.is_empty() && writes.iter().all(|it| !it.contains(SABINE)), "{writes:?}");
}

#[tokio::test]
async fn each_effect_has_its_line_in_the_audit_log() {
    let instance = Instance::start().await;
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("audit.jsonl");
    let guard = Guard { audit: Some(Audit::new(&path)), ..Guard::default() };
    let client = support::connect(server(&instance.url, TEST, guard)).await;
    let mut arguments = ban(true);
    arguments["reason"] = json!("spam wave");
    client.call("clerk_bulk_update", &arguments).await;
    assert!(!path.exists() || fs::read_to_string(&path).unwrap().is_empty());
    arguments["dryRun"] = json!(false);
    client.call("clerk_bulk_update", &arguments).await;
    let log = fs::read_to_string(&path).unwrap();
    let lines: Vec<Value> = log.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let begun: Vec<_> = lines.iter().filter(|it| it["event"] == "begun").collect();
    let targets: Vec<_> = begun.iter().map(|it| it["target"].as_str().unwrap()).collect();
    assert_eq!(targets, [SABINE, MEMBER, LONER]);
    assert!(begun.iter().all(|it| it["tool"] == "clerk_ban_user" && it["reason"] == "spam wave"));
    let done = lines.iter().filter(|it| it["event"] == "ended" && it["outcome"] == "done");
    assert_eq!(done.count(), 3);
}

#[tokio::test]
async fn a_person_is_asked_once_for_all_with_their_names() {
    let instance = Arc::new(Instance::start().await);
    let person = Person::who_agrees();
    let guard = confirmed(Confirm::Auto);
    let client = support::connect_as(person.clone(), server(&instance.url, LIVE, guard)).await;
    client.call("clerk_bulk_update", &ban(true)).await;
    assert!(person.asked().is_empty());
    let answer = client.call("clerk_bulk_update", &ban(false)).await;
    assert_eq!(of("done", &answer), 3);
    let [question] = &person.asked()[..] else { panic!("asked {} times", person.asked().len()) };
    let question = question["message"].as_str().unwrap();
    let parts = [
        "Ban user (3 in all)",
        "Sabine",
        SABINE,
        MEMBER,
        LONER,
        "sessions don't come back",
        "live",
    ];
    assert!(parts.iter().all(|it| question.contains(it)), "{question}");
}

#[tokio::test]
async fn who_declines_leaves_all_as_it_was() {
    let instance = Instance::start().await;
    let person = Person::who_declines();
    let guard = confirmed(Confirm::Ask);
    let client = support::connect_as(person, server(&instance.url, LIVE, guard)).await;
    let error = client.error("clerk_bulk_update", &ban(false)).await;
    assert_eq!((error["code"].as_str(), instance.writes().len()), (Some("not_confirmed"), 0));
    // What takes nothing away needs no consent, as the tools for one do not.
    let mut add = json!({
        "action": "addToOrganization", "userIds": [LONER], "organizationId": NORTHWIND,
        "role": "org:member", "dryRun": false,
    });
    assert_eq!(of("done", &client.call("clerk_bulk_update", &add).await), 1);
    add["userIds"] = json!([SABINE]);
    assert_eq!(of("skipped", &client.call("clerk_bulk_update", &add).await), 1);
}

#[tokio::test]
async fn a_plan_is_carried_out_and_not_when_another_thing_would_be_done() {
    let instance = Instance::start().await;
    let guard = confirmed(Confirm::Plan);
    let client = support::connect(server(&instance.url, LIVE, guard)).await;
    let planned = client.call("clerk_bulk_update", &ban(false)).await;
    assert_eq!((planned.get("success"), instance.writes().len()), (None, 0));
    assert!(planned["plan"]["token"].is_string(), "{planned}");
    let mut arguments = ban(false);
    arguments["planToken"] = planned["plan"]["token"].clone();
    // Since then someone else has banned one of them.
    let one = json!({ "userId": MEMBER });
    instance.witness().await.call("clerk_ban_user", &one).await;
    let error = client.error("clerk_bulk_update", &arguments).await;
    assert_eq!(
        (error["code"].as_str(), instance.writes().len()),
        (Some("confirmation_invalid"), 0)
    );
    let planned = client.call("clerk_bulk_update", &ban(false)).await;
    arguments["planToken"] = planned["plan"]["token"].clone();
    let done = client.call("clerk_bulk_update", &arguments).await;
    assert_eq!((of("done", &done), of("skipped", &done)), (2, 1), "{done}");
}

#[tokio::test]
async fn a_tool_that_is_kept_from_agents_is_kept_from_work_on_many() {
    let instance = Instance::start().await;
    let selection =
        Selection { exclude_tools: vec!["clerk_ban_user".to_owned()], ..Selection::default() };
    let guard = Guard { selection, ..Guard::default() };
    let client = support::connect(server(&instance.url, TEST, guard)).await;
    let answer = client.call("clerk_bulk_update", &ban(false)).await;
    assert_eq!((of("failed", &answer), instance.writes().len()), (3, 0), "{answer}");
    // Not to be offered alone is another thing.
    let selection = Selection { toolsets: vec!["bulk".to_owned()], ..Selection::default() };
    let guard = Guard { selection, ..Guard::default() };
    let client = support::connect(server(&instance.url, TEST, guard)).await;
    let answer = client.call("clerk_bulk_update", &ban(false)).await;
    assert_eq!(of("done", &answer), 3, "{answer}");
}

#[tokio::test]
async fn what_is_found_is_shown_before_it_is_changed() {
    let instance = Instance::with(Options { users: 600, ..Options::default() }).await;
    let client = support::connect(server(&instance.url, TEST, Guard::default())).await;
    let find = json!({ "neverSignedIn": true, "locked": false });
    let count = client.call("clerk_find_users", &find).await["matched"].as_u64().unwrap();
    assert!(count > 10, "{count}");
    let mut arguments = json!({ "action": "lock", "find": find, "maxUsers": 10, "dryRun": false });
    let error = client.error("clerk_bulk_update", &arguments).await;
    assert_eq!((error["param"].as_str(), instance.writes().len()), (Some("selection"), 0));
    arguments["dryRun"] = json!(true);
    let shown = client.call("clerk_bulk_update", &arguments).await;
    let note = shown["note"].as_str().unwrap();
    assert!(note.contains(&format!("{} more match", count - 10)), "{note}");
    arguments["dryRun"] = json!(false);
    arguments["selection"] = shown["selection"].clone();
    let done = client.call("clerk_bulk_update", &arguments).await;
    let ids = |answer: &Value| outcomes(answer).into_iter().map(|it| it.0).collect::<Vec<_>>();
    assert_eq!((of("done", &done), ids(&done)), (10, ids(&shown)));
    let left = client.call("clerk_find_users", &arguments["find"]).await;
    assert_eq!(left["matched"], count - 10);
}

#[tokio::test]
async fn whose_sessions_are_revoked_is_said() {
    let instance = Instance::start().await;
    let client = support::connect(server(&instance.url, LIVE, confirmed(Confirm::Plan))).await;
    let arguments = json!({ "userId": SABINE, "dryRun": false });
    let planned = client.call("clerk_revoke_user_sessions", &arguments).await;
    let effect = planned["plan"]["effect"].as_str().unwrap();
    let parts = ["Revoke session (1 in all) of \"Sabine", SABINE, "last active"];
    assert!(parts.iter().all(|it| effect.contains(it)), "{effect}");
}

#[tokio::test]
async fn a_users_sessions_are_revoked_but_the_one_to_keep() {
    let instance = Instance::start().await;
    let client = support::connect(server(&instance.url, TEST, Guard::default())).await;
    let of_user = json!({ "userId": MEMBER, "status": "active", "fields": ["id"] });
    let active = client.call("clerk_list_sessions", &of_user).await;
    let keep = active["sessions"][0]["id"].clone();
    assert_eq!(active["totalCount"], 3);
    let mut arguments = json!({ "userId": MEMBER, "status": "active", "exceptSessionId": [keep] });
    let shown = client.call("clerk_revoke_user_sessions", &arguments).await;
    assert_eq!((of("would be done", &shown), instance.writes().len()), (2, 0));
    arguments["dryRun"] = json!(false);
    let done = client.call("clerk_revoke_user_sessions", &arguments).await;
    assert_eq!(of("done", &done), 2);
    let active = client.call("clerk_list_sessions", &of_user).await;
    assert_eq!(active["sessions"], json!([{ "id": keep }]));
}

#[tokio::test]
async fn a_slip_in_the_session_to_keep_is_refused() {
    let instance = Instance::start().await;
    let client = support::connect(server(&instance.url, TEST, Guard::default())).await;
    let arguments = json!({ "userId": MEMBER, "exceptSessionId": ["sess_slip"], "dryRun": false });
    let error = client.error("clerk_revoke_user_sessions", &arguments).await;
    assert_eq!(error["param"], "exceptSessionId", "{error}");
    assert_eq!(instance.writes(), [""; 0]);
}
