//! Calls that a second person must approve, over a client that can't ask anybody anything.

mod commands;
mod redeem;

use std::{
    fs,
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use clerk_mcp::{
    Clerk, Server, ServerOptions, Settings,
    approvals::{self, Approval, Approvals, Clock, Decision, Filter, State},
    audit::Audit,
    guard::{Confirm, Guard},
    principal::{Authentication, Principal},
};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::{
    Instance, LIVE, LONER, MEMBER, Person, SABINE, TEST, confirmed, delete, policy::policy, server,
};
use crate::support::{self, Client};

const DELETIONS: &str = "[[rules]]\nname = 'deletions'\naction = 'allow'\n\
    tools = ['clerk_delete_user', 'clerk_update_user']\n\
    approval = 'second-person'\napprovers = ['role:admin']\nreason = 'Ask in #support.'\n";
const HOUR: i64 = 3_600_000;

/// An instance, a file of approvals whose clock the test sets, and an audit log.
struct Desk {
    instance: Instance,
    folder: tempfile::TempDir,
    now: Arc<AtomicI64>,
    rules: &'static str,
}

impl Desk {
    async fn open(rules: &'static str) -> Self {
        let now = Arc::new(AtomicI64::new(Timestamp::now().as_millisecond()));
        let (instance, folder) = (Instance::start().await, tempfile::tempdir().unwrap());
        Self { instance, folder, now, rules }
    }

    /// The file, opened as another process would.
    fn approvals(&self) -> Approvals {
        let now = Arc::clone(&self.now);
        let clock =
            Clock::new(move || Timestamp::from_millisecond(now.load(Ordering::Relaxed)).unwrap());
        let file = self.folder.path().join("approvals.db");
        Approvals::open(approvals::Settings { clock, ..approvals::Settings::new(file) }).unwrap()
    }

    fn audit_file(&self) -> PathBuf {
        self.folder.path().join("audit.jsonl")
    }

    fn guard(&self) -> Guard {
        Guard {
            policy: Some(policy(self.rules)),
            approvals: Some(self.approvals()),
            audit: Some(Audit::new(self.audit_file())),
            ..confirmed(Confirm::Auto)
        }
    }

    /// A client of the process's own user. It can't be asked.
    async fn client(&self) -> Client {
        support::connect(server(&self.instance.url, TEST, self.guard())).await
    }

    async fn decide(&self, id: &str, by: &Principal, decision: Decision) -> Approval {
        let audit = Audit::new(self.audit_file());
        self.approvals().decide(id, by, decision, Some(&audit)).await.unwrap()
    }

    async fn approve(&self, id: &str) {
        self.decide(id, &admin(), Decision::Approve).await;
    }

    async fn state(&self, id: &str) -> State {
        self.approvals().get(id).await.unwrap().unwrap().state
    }

    fn pass(&self, hours: i64) {
        self.now.fetch_add(hours * HOUR, Ordering::Relaxed);
    }

    /// The lines of the audit log.
    fn audit(&self) -> Vec<Value> {
        let log = fs::read_to_string(self.audit_file()).unwrap();
        log.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
    }
}

fn admin() -> Principal {
    Principal {
        subject: Some("user_admin".to_owned()),
        email: Some("ann@example.com".to_owned()),
        roles: vec!["admin".to_owned()],
        ..Principal::by(Authentication::OAuth)
    }
}

/// The ID of the approval that a call waits for.
async fn asked(client: &Client, tool: &str, arguments: &Value) -> String {
    let error = client.error(tool, arguments).await;
    assert_eq!(error["code"], "needs_second_person", "{error}");
    let message = error["message"].as_str().unwrap();
    let id = message.split([' ', ',']).find(|word| word.starts_with("apv_")).unwrap();
    id.to_owned()
}

fn approved(id: &str) -> Value {
    json!({ "approvalId": id })
}

#[tokio::test]
async fn a_call_waits_until_somebody_else_approves_and_is_done_once() {
    let desk = Desk::open(DELETIONS).await;
    let client = desk.client().await;
    let call = json!({ "userId": SABINE, "reason": "She left." });
    let error = client.error("clerk_delete_user", &call).await;
    let hint = error["hint"].as_str().unwrap();
    for part in ["Stop here", "role:admin", "clerk_run_approved", "Ask in #support."] {
        assert!(hint.contains(part), "{part}: {hint}");
    }
    assert_eq!(error["retryable"], false);
    let id = asked(&client, "clerk_delete_user", &call).await;
    assert!(error["message"].as_str().unwrap().contains(&id), "the same call waits once: {error}");
    assert!(desk.instance.writes().is_empty());

    let kept = desk.approvals().get(&id).await.unwrap().unwrap();
    let question = kept.ask.question.sentences.join(" ");
    for part in ["Delete user", "\"Sabine Müller\"", " 1 active session.", "It can't be undone."] {
        assert!(question.contains(part), "{part}: {question}");
    }
    let early = client.error("clerk_run_approved", &approved(&id)).await;
    assert_eq!(early["code"], "needs_second_person", "{early}");
    desk.approve(&id).await;
    let done = client.call("clerk_run_approved", &approved(&id)).await;
    assert_eq!((&done["success"], &done["id"]), (&json!(true), &json!(SABINE)));
    assert_eq!(desk.instance.writes(), [format!("DELETE /v1/users/{SABINE}")]);
    let again = client.error("clerk_run_approved", &approved(&id)).await;
    assert_eq!(again["code"], "approval_used", "{again}");
    let listed = client.call("clerk_list_approvals", &json!({})).await;
    assert_eq!(listed["approvals"][0]["id"], json!(id), "{listed}");
    assert_eq!(listed["approvals"][0]["state"], "used", "{listed}");
    assert_eq!(listed["approvals"][0]["outcome"], "done", "{listed}");

    let log = desk.audit();
    let events: Vec<&str> = log.iter().map(|line| line["event"].as_str().unwrap()).collect();
    let expected = ["refused", "refused", "refused", "approved", "begun", "ended", "refused"];
    assert_eq!(events, expected);
    assert_eq!(log[0]["code"], "needs_second_person");
    assert_eq!(log[3]["principal"]["subject"], "user_admin");
    assert_eq!(log[4]["approvedBy"]["email"], "ann@example.com", "{}", log[4]);
    assert_eq!(log[4]["principal"]["authentication"], "process");
    assert_eq!(log[4]["reason"], "She left.");
    assert!(log[..5].iter().all(|line| line["approval"] == json!(id)), "{log:#?}");
}

#[tokio::test]
async fn the_same_call_is_done_once_it_is_approved_with_the_reason_that_was_shown() {
    let desk = Desk::open(DELETIONS).await;
    let client = desk.client().await;
    let call =
        |name: &str, reason: &str| json!({ "userId": MEMBER, "firstName": name, "reason": reason });
    let id = asked(&client, "clerk_update_user", &call("Eve", "Ticket 7.")).await;
    let changes = desk.approvals().get(&id).await.unwrap().unwrap().ask.question.changes;
    assert_eq!((changes.len(), changes[0].name.as_str()), (1, "firstName"), "{changes:?}");
    assert_eq!(changes[0].after.as_deref(), Some("\"Eve\""));
    assert!(changes[0].before.as_deref().is_some_and(|name| name.starts_with('"')), "{changes:?}");
    desk.approve(&id).await;
    // Another call of the tool isn't approved with it.
    let other = asked(&client, "clerk_update_user", &call("Mallory", "Ticket 7.")).await;
    assert_ne!(other, id);
    let done = client.call("clerk_update_user", &call("Eve", "Another one.")).await;
    assert_eq!(done["firstName"], "Eve");
    assert_eq!(desk.audit().last().unwrap()["outcome"], "done");
    let begun = desk.audit().into_iter().find(|line| line["event"] == "begun").unwrap();
    assert_eq!(begun["reason"], "Ticket 7.");
    let used = client.error("clerk_run_approved", &approved(&id)).await;
    assert_eq!(used["code"], "approval_used", "{used}");
    assert!(used["message"].as_str().unwrap().contains("the call was done"), "{used}");
    assert_eq!(desk.instance.writes().len(), 1);
}

#[tokio::test]
async fn a_person_who_agrees_in_the_client_is_no_second_person() {
    let desk = Desk::open(DELETIONS).await;
    let who = Person::who_agrees();
    let server = server(&desk.instance.url, LIVE, desk.guard());
    let client = support::connect_as(who.clone(), server).await;
    for arguments in [delete(SABINE), json!({ "userId": SABINE, "planToken": "apv_x" })] {
        let error = client.error("clerk_delete_user", &arguments).await;
        assert_eq!(error["code"], "needs_second_person", "{error}");
    }
    assert_eq!(who.asked(), [Value::Null; 0]);
    assert!(desk.instance.writes().is_empty());
}

#[tokio::test]
async fn rejected_expired_and_outdated_approvals_each_say_so() {
    let desk = Desk::open(DELETIONS).await;
    let client = desk.client().await;
    let rejected = asked(&client, "clerk_delete_user", &delete(SABINE)).await;
    desk.decide(&rejected, &admin(), Decision::Reject("No ticket.".to_owned())).await;
    let calls =
        [("clerk_run_approved", approved(&rejected)), ("clerk_delete_user", delete(SABINE))];
    for (tool, arguments) in calls {
        let error = client.error(tool, &arguments).await;
        assert_eq!(error["code"], "approval_rejected", "{error}");
        let message = error["message"].as_str().unwrap();
        assert!(message.contains("ann@example.com") && message.contains("No ticket."), "{message}");
    }

    let outdated = asked(&client, "clerk_delete_user", &delete(MEMBER)).await;
    desk.approve(&outdated).await;
    desk.instance.rename(MEMBER).await;
    let error = client.error("clerk_run_approved", &approved(&outdated)).await;
    assert_eq!(error["code"], "approval_outdated", "{error}");
    assert_eq!(desk.state(&outdated).await, State::Outdated);
    let anew = asked(&client, "clerk_delete_user", &delete(MEMBER)).await;
    assert_ne!(anew, outdated);

    let expired = asked(&client, "clerk_delete_user", &delete(LONER)).await;
    desk.approve(&expired).await;
    desk.pass(24);
    let error = client.error("clerk_run_approved", &approved(&expired)).await;
    assert_eq!(error["code"], "approval_expired", "{error}");
    assert_ne!(asked(&client, "clerk_delete_user", &delete(LONER)).await, expired);
    assert!(desk.instance.writes().is_empty());
}

#[tokio::test]
async fn an_approval_is_of_no_use_to_another_person_or_another_instance() {
    let desk = Desk::open(DELETIONS).await;
    let client = desk.client().await;
    let id = asked(&client, "clerk_delete_user", &delete(SABINE)).await;
    let server = server(&desk.instance.url, "sk_test_AnotherInstance", desk.guard());
    let other = support::connect(server).await;
    let pending = other.error("clerk_run_approved", &approved(&id)).await;
    assert_eq!(pending["code"], "approval_foreign", "{pending}");
    desk.approve(&id).await;
    let error = other.error("clerk_run_approved", &approved(&id)).await;
    assert_eq!(error["code"], "approval_foreign", "{error}");
    let unknown = client.error("clerk_run_approved", &approved("apv_x")).await;
    assert_eq!(unknown["code"], "approval_not_yours", "{unknown}");
    assert!(desk.instance.writes().is_empty());
    assert_eq!(desk.state(&id).await, State::Approved);
}

#[tokio::test]
async fn of_two_calls_with_one_approval_in_two_processes_one_is_sent() {
    let desk = Desk::open(DELETIONS).await;
    let (one, two) = (desk.client().await, desk.client().await);
    let call = json!({ "userId": MEMBER, "firstName": "Eve" });
    let id = asked(&one, "clerk_update_user", &call).await;
    desk.approve(&id).await;
    let approved = approved(&id);
    let (first, second) = tokio::join!(
        one.result("clerk_run_approved", &approved),
        two.result("clerk_update_user", &call)
    );
    let failed = [&first, &second].into_iter().filter(|it| it.is_error == Some(true)).count();
    assert_eq!((failed, desk.instance.writes().len()), (1, 1), "{first:?} {second:?}");
    assert_eq!(desk.state(&id).await, State::Used);
}

#[tokio::test]
async fn a_secret_argument_cannot_wait_and_is_not_kept() {
    let desk = Desk::open(
        "[[rules]]\nname = 'writes'\naction = 'allow'\neffects = ['write']\n\
         approval = 'second-person'\n",
    )
    .await;
    let client = desk.client().await;
    let call = json!({ "userId": SABINE, "password": "correct horse battery" });
    let error = client.error("clerk_update_user", &call).await;
    assert_eq!(error["code"], "secret_cannot_wait", "{error}");
    let call = json!({ "userId": SABINE, "publicMetadata": { "key": LIVE } });
    let error = client.error("clerk_update_user", &call).await;
    assert_eq!(error["code"], "secret_cannot_wait", "{error}");
    assert_eq!(desk.approvals().list(Filter::default()).await.unwrap(), []);
    assert!(desk.instance.writes().is_empty());
}

#[tokio::test]
async fn each_step_of_a_bulk_call_is_covered_by_its_approval() {
    let desk = Desk::open(
        "[[rules]]\nname = 'bans'\naction = 'allow'\ntools = ['clerk_ban_user']\n\
         approval = 'second-person'\napprovers = ['role:admin']\n",
    )
    .await;
    let client = desk.client().await;
    let call =
        |dry_run: bool| json!({ "action": "ban", "userIds": [SABINE, MEMBER], "dryRun": dry_run });
    let preview = client.call("clerk_bulk_update", &call(true)).await;
    assert_eq!(preview["results"][0]["outcome"], "would be done", "{preview}");
    let id = asked(&client, "clerk_bulk_update", &call(false)).await;
    let question = desk.approvals().get(&id).await.unwrap().unwrap().ask.question.sentences;
    assert!(question[0].starts_with("Ban user (2 in all)"), "{question:?}");
    desk.approve(&id).await;
    desk.instance.rename(MEMBER).await;
    let renamed = client.error("clerk_run_approved", &approved(&id)).await;
    assert_eq!(renamed["code"], "approval_outdated", "{renamed}");
    let id = asked(&client, "clerk_bulk_update", &call(false)).await;
    desk.approve(&id).await;
    let done = client.call("clerk_run_approved", &approved(&id)).await;
    assert_eq!((&done["done"], &done["failed"]), (&json!(2), &json!(0)), "{done}");
    let log = desk.audit();
    let begun: Vec<&Value> = log.iter().filter(|line| line["event"] == "begun").collect();
    assert_eq!(begun.len(), 2);
    assert!(begun.iter().all(|line| line["approvedBy"]["subject"] == "user_admin"), "{begun:?}");
}

#[tokio::test]
async fn an_export_waits_for_a_second_person_too() {
    let desk = Desk::open(
        "[[rules]]\nname = 'exports'\naction = 'allow'\neffects = ['export']\n\
         approval = 'second-person'\n",
    )
    .await;
    let key = support::key(TEST);
    let clerk = Clerk::new(Settings { key, ..support::settings(&desk.instance.url) });
    let folder = desk.folder.path().join("exports");
    fs::create_dir(&folder).unwrap();
    let export_folder = Some(folder.clone());
    let options = ServerOptions { export_folder, ..ServerOptions::new(clerk, desk.guard()) };
    let client = support::connect(Server::new(options)).await;
    client.call("clerk_list_users", &json!({ "limit": 1 })).await;
    let call = json!({ "exportTo": "users.csv", "limit": 5 });
    let id = asked(&client, "clerk_list_users", &call).await;
    let question = desk.approvals().get(&id).await.unwrap().unwrap().ask.question.sentences;
    assert!(question.iter().any(|it| it.contains("the file users.csv")), "{question:?}");
    desk.approve(&id).await;
    let other = json!({ "exportTo": "other.csv", "limit": 5 });
    assert_ne!(asked(&client, "clerk_list_users", &other).await, id);
    let done = client.call("clerk_run_approved", &approved(&id)).await;
    assert_eq!(done["export"]["rows"], 5, "{done}");
    assert_eq!(fs::read_dir(folder).unwrap().count(), 1);
}

#[tokio::test]
async fn without_a_file_the_call_is_refused_and_nothing_of_approvals_is_offered() {
    let instance = Instance::start().await;
    let guard = Guard { policy: Some(policy(DELETIONS)), ..confirmed(Confirm::Never) };
    let client = support::connect(server(&instance.url, TEST, guard)).await;
    let error = client.error("clerk_delete_user", &delete(SABINE)).await;
    assert_eq!(error["code"], "second_person_impossible", "{error}");
    let names = |tools: Vec<rmcp::model::Tool>| -> Vec<String> {
        tools.into_iter().map(|tool| tool.name.into_owned()).collect()
    };
    let listed = names(client.0.list_all_tools().await.unwrap());
    assert!(!listed.iter().any(|name| name.contains("approv")), "{listed:?}");
    let instructions =
        |client: &Client| client.0.peer_info().unwrap().instructions.clone().unwrap();
    assert!(!instructions(&client).contains("second"), "{}", instructions(&client));
    let desk = Desk::open(DELETIONS).await;
    let with_file = desk.client().await;
    assert!(instructions(&with_file).contains("needs_second_person"));
    let whoami = with_file.call("clerk_whoami", &json!({})).await;
    assert!(whoami["approvals"].as_str().unwrap().contains("clerk-mcp approvals"), "{whoami}");
    let listed = names(with_file.0.list_all_tools().await.unwrap());
    for tool in ["clerk_list_approvals", "clerk_run_approved"] {
        assert!(listed.iter().any(|name| name == tool), "{tool}: {listed:?}");
    }
    assert!(instance.writes().is_empty());
}
