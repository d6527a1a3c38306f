//! What is checked when an approval is used, and what is kept of the call then.

use std::{sync::atomic::AtomicU64, time::Duration};

use clerk_mcp::journal::{self, Journal};

use super::*;
use crate::support::{Script, Upstream};

/// Anybody else whom the policy lets make the call may approve.
const ANYBODY: &str = "[[rules]]\nname = 'four eyes'\naction = 'allow'\n\
    tools = ['clerk_delete_user', 'clerk_bulk_update', 'clerk_update_user', \
    'clerk_revoke_user_sessions', 'clerk_update_jwt_template', \
    'clerk_update_instance_communication']\napproval = 'second-person'\n";

/// A client of a server of its own, with a desk's options and a journal.
async fn client_of(desk: &Desk, url: &str) -> Client {
    let file = desk.folder.path().join("journal.db");
    let settings = journal::Settings { file, retention: Duration::from_hours(24) };
    let journal = Some(Journal::open(settings).unwrap());
    support::connect(server(url, TEST, Guard { journal, ..desk.guard() })).await
}

fn ban(users: &[&str]) -> Value {
    json!({ "action": "ban", "userIds": users, "dryRun": false })
}

#[tokio::test]
async fn a_reload_that_denies_the_approver_the_call_or_a_step_voids_the_approval() {
    let desk = Desk::open(ANYBODY).await;
    let server = server(&desk.instance.url, TEST, desk.guard());
    let client = support::connect(server.clone()).await;
    let calls =
        [("clerk_delete_user", delete(SABINE)), ("clerk_bulk_update", ban(&[MEMBER, LONER]))];
    let mut ids = Vec::new();
    for (tool, call) in &calls {
        ids.push(asked(&client, tool, call).await);
        desk.approve(&ids[ids.len() - 1]).await;
    }
    let denied = "[[rules]]\nname = 'not admins'\naction = 'deny'\nwho = ['role:admin']\n\
                  tools = ['clerk_delete_user', 'clerk_ban_user']\n";
    server.replace_policy(policy(&format!("{denied}{ANYBODY}")));
    for ((tool, call), id) in calls.iter().zip(&ids) {
        let error = client.error("clerk_run_approved", &approved(id)).await;
        assert_eq!(error["code"], "approval_not_valid", "{tool}: {error}");
        assert_eq!(desk.state(id).await, State::Outdated, "{tool}");
        let anew = asked(&client, tool, call).await;
        assert_ne!(&anew, id, "{tool}");
        // Who may write the file on this machine may approve, whatever the policy says.
        let operator = Principal {
            subject: Some("operator".to_owned()),
            roles: vec!["admin".to_owned()],
            ..Principal::by(Authentication::Process)
        };
        desk.decide(&anew, &operator, Decision::Approve).await;
        let done = client.call("clerk_run_approved", &approved(&anew)).await;
        assert_eq!(done["success"], true, "{tool}: {done}");
    }
}

#[tokio::test]
async fn a_call_waits_anew_if_the_policy_names_other_approvers() {
    let desk = Desk::open(DELETIONS).await;
    let server = server(&desk.instance.url, TEST, desk.guard());
    let client = support::connect(server.clone()).await;
    let pending = asked(&client, "clerk_delete_user", &delete(SABINE)).await;
    let given = asked(&client, "clerk_delete_user", &delete(MEMBER)).await;
    desk.approve(&given).await;
    server.replace_policy(policy(&DELETIONS.replace("role:admin", "role:lead")));
    let anew = asked(&client, "clerk_delete_user", &delete(SABINE)).await;
    assert_ne!(anew, pending);
    assert_eq!(desk.state(&pending).await, State::Outdated);
    let error = client.error("clerk_delete_user", &delete(MEMBER)).await;
    assert_eq!(error["code"], "approval_not_valid", "{error}");
    assert_ne!(asked(&client, "clerk_delete_user", &delete(MEMBER)).await, given);
    assert!(desk.instance.writes().is_empty());
}

#[tokio::test]
async fn fields_that_somebody_changed_since_they_were_shown_are_not_overwritten() {
    let plan = Arc::new(AtomicU64::new(1));
    let now = Arc::clone(&plan);
    let upstream = Upstream::start(move |seen, _| {
        let plan = now.load(Ordering::Relaxed);
        match (seen.method.as_str(), seen.path.as_str()) {
            ("GET", "/jwt_templates/jtmp_1") => Script::json(
                200,
                &json!({ "id": "jtmp_1", "name": "shop", "claims": { "plan": plan } }),
            ),
            ("GET", "/instance/communication") => Script::refusal(403, "", "not_allowed"),
            _ => Script::json(200, &json!({ "id": "jtmp_1" })),
        }
    })
    .await;
    let desk = Desk::open(ANYBODY).await;
    let client = client_of(&desk, &upstream.url).await;
    let call = json!({
        "operation": "clerk_update_jwt_template",
        "arguments": { "templateId": "jtmp_1", "name": "shop", "claims": { "plan": 7 } },
    });
    let pending = asked(&client, "clerk_run_write", &call).await;
    assert_eq!(asked(&client, "clerk_run_write", &call).await, pending);
    plan.store(2, Ordering::Relaxed);
    let given = asked(&client, "clerk_run_write", &call).await;
    assert_ne!(given, pending, "the second person is shown the fields as they are");
    desk.approve(&given).await;
    plan.store(3, Ordering::Relaxed);
    let error = client.error("clerk_run_approved", &approved(&given)).await;
    assert_eq!(error["code"], "approval_outdated", "{error}");

    // What can't be shown isn't asked for.
    let call = json!({
        "operation": "clerk_update_instance_communication",
        "arguments": { "blockedCountryCodes": "US" },
    });
    let error = client.error("clerk_run_write", &call).await;
    assert_eq!(error["code"], "not_allowed", "{error}");
    assert!(upstream.seen().iter().all(|seen| seen.method == "GET"));
}

#[tokio::test]
async fn sessions_that_were_active_since_are_revoked_as_approved() {
    let upstream = Upstream::start(|seen, count| {
        let user = json!({ "object": "user", "id": "user_1", "updated_at": 7 });
        match (seen.method.as_str(), seen.path.split('?').next().unwrap_or_default()) {
            ("GET", "/sessions") => {
                let active = 1_790_000_000_000 + count as u64 * 60_000;
                let session =
                    json!({ "id": "sess_1", "status": "active", "last_active_at": active });
                Script::json(200, &json!({ "data": [session], "total_count": 1 }))
            }
            ("POST", _) => Script::json(
                200,
                &json!({ "id": "sess_1", "object": "session", "status": "revoked" }),
            ),
            _ => Script::json(200, &user),
        }
    })
    .await;
    let desk = Desk::open(ANYBODY).await;
    let client = client_of(&desk, &upstream.url).await;
    let call = json!({ "userId": "user_1", "dryRun": false });
    let id = asked(&client, "clerk_revoke_user_sessions", &call).await;
    let question = desk.approvals().get(&id).await.unwrap().unwrap().ask.question.sentences;
    assert!(question[0].contains("last active 20"), "{question:?}");
    desk.approve(&id).await;
    let done = client.call("clerk_run_approved", &approved(&id)).await;
    assert_eq!(done["sessionsRevoked"], 1, "{done}");
}

#[tokio::test]
async fn an_undo_of_the_current_session_can_be_done_from_another_one() {
    let undo = "[[rules]]\nname = 'undo'\naction = 'allow'\ntools = ['clerk_undo_changes']\n\
                approval = 'second-person'\n";
    let desk = Desk::open(undo).await;
    let client = client_of(&desk, &desk.instance.url).await;
    client.call("clerk_update_user", &json!({ "userId": MEMBER, "firstName": "Eve" })).await;
    let call = json!({ "session": "current", "dryRun": false });
    let id = asked(&client, "clerk_undo_changes", &call).await;
    assert_eq!(asked(&client, "clerk_undo_changes", &call).await, id);
    desk.approve(&id).await;
    let later = client_of(&desk, &desk.instance.url).await;
    let done = later.call("clerk_run_approved", &approved(&id)).await;
    assert_eq!(done["done"], 1, "{done}");
    assert_ne!(desk.instance.user(MEMBER).await["firstName"], "Eve");
}

#[tokio::test]
async fn an_approval_says_done_only_if_all_of_the_call_was() {
    let upstream = Upstream::start(|seen, _| match (seen.method.as_str(), seen.path.as_str()) {
        ("POST", "/users/user_1/ban") | ("PUT", "/users/user_3/metadata") => {
            Script::refusal(422, "", "broken")
        }
        ("POST", "/users/user_2/ban") => Script::Reset,
        (_, path) => {
            let id = ["user_1", "user_2", "user_3"].into_iter().find(|id| path.contains(id));
            let user = json!({ "object": "user", "id": id, "banned": false, "updated_at": 7 });
            let is_list = path.starts_with("/users?");
            Script::json(200, &if is_list { json!([user]) } else { user })
        }
    })
    .await;
    let desk = Desk::open(ANYBODY).await;
    let client = client_of(&desk, &upstream.url).await;
    let half = json!({ "userId": "user_3", "firstName": "Eve", "publicMetadata": { "plan": "a" } });
    let calls = [
        ("clerk_bulk_update", ban(&["user_1"]), "failed"),
        ("clerk_bulk_update", ban(&["user_2"]), "inDoubt"),
        ("clerk_update_user", half, "inDoubt"),
    ];
    for (tool, call, outcome) in calls {
        let id = asked(&client, tool, &call).await;
        desk.approve(&id).await;
        client.result("clerk_run_approved", &approved(&id)).await;
        let listed = client.call("clerk_list_approvals", &json!({})).await;
        let rows = listed["approvals"].as_array().unwrap();
        let used = rows.iter().find(|row| row["id"] == json!(id)).unwrap();
        assert_eq!((&used["state"], &used["outcome"]), (&json!("used"), &json!(outcome)), "{tool}");
    }
}
