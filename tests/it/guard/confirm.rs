//! Destructive calls that the person is asked about, in the revisions with a handshake.

use std::sync::Arc;

use clerk_mcp::guard::Confirm;
use rmcp::{
    ErrorData,
    model::{ElicitResult, ElicitationAction},
};
use serde_json::{Value, json};

use super::{
    Instance, LIVE, MEMBER, NORTHWIND, Person, SABINE, TEST, accepting, confirmed, delete, server,
    wire::Wire,
};
use crate::support::{self, Client, Script, Upstream};

async fn person(instance: &Instance, key: &str, confirm: Confirm, who: &Person) -> Client<Person> {
    support::connect_as(who.clone(), server(&instance.url, key, confirmed(confirm))).await
}

#[tokio::test]
async fn a_person_who_agrees_was_told_the_effect_and_it_is_done() {
    for (mode, key, kind) in
        [(Confirm::Ask, LIVE, "live"), (Confirm::Auto, LIVE, "live"), (Confirm::Ask, TEST, "test")]
    {
        let instance = Instance::start().await;
        let user = instance.user(SABINE).await;
        let emails = user["emailAddresses"].as_array().unwrap();
        let primary = emails.iter().find(|it| it["id"] == user["primaryEmailAddressId"]).unwrap();
        let who = Person::who_agrees();
        let client = person(&instance, key, mode, &who).await;
        let output = client.call("clerk_delete_user", &delete(SABINE)).await;
        assert_eq!((&output["success"], &output["deleted"]), (&json!(true), &json!(true)));
        assert_eq!(instance.writes(), [format!("DELETE /v1/users/{SABINE}")]);
        assert!(!instance.has_user(SABINE).await);

        let asked = who.asked();
        let [question] = &asked[..] else { panic!("one question, not {asked:#?}") };
        let message = question["message"].as_str().unwrap();
        for part in [
            "Delete user",
            "\"Sabine Müller\"",
            primary["emailAddress"].as_str().unwrap(),
            SABINE,
            " 1 active session.",
            &format!("Would be left without an admin: \"Northwind Robotics\" ({NORTHWIND})."),
            "It can't be undone.",
            &format!("Clerk instance: {kind}."),
        ] {
            assert!(message.contains(part), "{part}: {message}");
        }
        assert!(!message.contains("sk_"), "{message}");
        let schema = &question["requestedSchema"];
        assert_eq!(schema["properties"]["confirm"]["type"], "boolean", "{schema}");
        assert_eq!(schema["properties"]["confirm"]["default"], false, "{schema}");
        assert_eq!(schema["required"], json!(["confirm"]), "{schema}");
    }
}

#[tokio::test]
async fn a_question_counts_the_sessions_and_names_no_organization_that_keeps_an_admin() {
    let instance = Instance::start().await;
    let who = Person::who_agrees();
    let client = person(&instance, LIVE, Confirm::Ask, &who).await;
    client.call("clerk_delete_user", &delete(MEMBER)).await;
    let message = who.asked()[0]["message"].to_string();
    assert!(message.contains(" 3 active sessions and 1 pending session. "), "{message}");
    assert!(message.contains("No organization would be left without an admin."), "{message}");
}

#[tokio::test]
async fn a_question_about_a_session_names_its_user() {
    let instance = Instance::start().await;
    let arguments = json!({ "userId": SABINE, "status": "active" });
    let list = instance.witness().await.call("clerk_list_sessions", &arguments).await;
    let session = list["sessions"][0]["id"].as_str().unwrap();
    let who = Person::who_agrees();
    let client = person(&instance, LIVE, Confirm::Auto, &who).await;
    let output = client.call("clerk_revoke_session", &json!({ "sessionId": session })).await;
    assert_eq!(output["status"], "revoked");
    let message = who.asked()[0]["message"].as_str().unwrap().to_owned();
    for part in [session, "Sabine Müller", SABINE, "Clerk instance: live."] {
        assert!(message.contains(part), "{part}: {message}");
    }
    assert!(!message.contains("active session."), "the user's other sessions go on: {message}");
}

#[tokio::test]
async fn whatever_is_no_consent_changes_nothing() {
    type Answer = fn() -> Result<ElicitResult, ErrorData>;
    let answers: [(&str, Answer); 8] = [
        ("box left empty", || Ok(accepting(json!({ "confirm": false })))),
        ("no content", || Ok(ElicitResult::new(ElicitationAction::Accept))),
        ("other content", || Ok(accepting(json!({ "yes": true })))),
        ("a text", || Ok(accepting(json!({ "confirm": "true" })))),
        ("a number", || Ok(accepting(json!({ "confirm": 1 })))),
        ("declined", || Ok(ElicitResult::new(ElicitationAction::Decline))),
        ("declined with a tick", || {
            let content = json!({ "confirm": true });
            Ok(ElicitResult::new(ElicitationAction::Decline).with_content(content))
        }),
        ("cancelled", || Ok(ElicitResult::new(ElicitationAction::Cancel))),
    ];
    let instance = Instance::start().await;
    for mode in [Confirm::Ask, Confirm::Auto] {
        for (title, answer) in answers {
            let who = Person::who(answer);
            let client = person(&instance, LIVE, mode, &who).await;
            let error = client.error("clerk_delete_user", &delete(SABINE)).await;
            assert_eq!(error["code"], "not_confirmed", "{title}: {error}");
            assert_eq!(error["retryable"], false, "{title}: {error}");
            assert_eq!(who.asked().len(), 1, "{title}");
        }
        let who = Person::who(|| Err(ErrorData::internal_error("no window", None)));
        let client = person(&instance, LIVE, mode, &who).await;
        let error = client.error("clerk_delete_user", &delete(SABINE)).await;
        assert_eq!(error["code"], "not_confirmed", "{error}");
    }
    assert_eq!(instance.writes(), [""; 0]);
    assert!(instance.has_user(SABINE).await);
}

#[tokio::test]
async fn what_changed_while_the_person_thought_was_not_agreed_to() {
    let instance = Arc::new(Instance::start().await);
    let who = Person { renames: Some((instance.clone(), SABINE)), ..Person::who_agrees() };
    let client = person(&instance, LIVE, Confirm::Ask, &who).await;
    let error = client.error("clerk_delete_user", &delete(SABINE)).await;
    assert_eq!(error["code"], "confirmation_invalid", "{error}");
    assert_eq!(instance.writes(), [""; 0]);
    // That another user changes is no matter.
    let who = Person { renames: Some((instance.clone(), MEMBER)), ..Person::who_agrees() };
    let client = person(&instance, LIVE, Confirm::Ask, &who).await;
    client.call("clerk_delete_user", &delete(SABINE)).await;
}

#[tokio::test]
async fn a_client_that_cannot_ask_is_refused_where_the_person_must_be() {
    let instance = Instance::start().await;
    for key in [LIVE, TEST] {
        let client = support::connect(server(&instance.url, key, confirmed(Confirm::Ask))).await;
        let error = client.error("clerk_delete_user", &delete(SABINE)).await;
        assert_eq!(error["code"], "confirmation_impossible", "{error}");
        assert!(error["hint"].as_str().unwrap().contains("--confirm plan"), "{error}");
    }
    assert_eq!(instance.writes(), [""; 0]);
}

#[tokio::test]
async fn nobody_is_asked_where_no_consent_is_wanted() {
    let cases = [(Confirm::Auto, TEST), (Confirm::Never, TEST), (Confirm::Never, LIVE)];
    for (mode, key) in cases {
        let instance = Instance::start().await;
        let who = Person::who_declines();
        let client = person(&instance, key, mode, &who).await;
        client.call("clerk_delete_user", &delete(SABINE)).await;
        // A client that can't ask is no different.
        let client = support::connect(server(&instance.url, key, confirmed(mode))).await;
        client.call("clerk_delete_user", &delete(MEMBER)).await;
        assert!(!instance.has_user(SABINE).await && !instance.has_user(MEMBER).await);
        // Nobody looks at what nobody is told.
        assert!(instance.sent().iter().all(|it| it.method == "DELETE"), "{:?}", instance.sent());
    }
}

#[tokio::test]
async fn a_write_that_takes_nothing_away_runs_at_once_in_every_mode() {
    let instance = Instance::start().await;
    for mode in [Confirm::Auto, Confirm::Ask, Confirm::Plan, Confirm::Never] {
        let who = Person::who_declines();
        let name = format!("By {mode:?}");
        let arguments = json!({ "userId": SABINE, "firstName": name });
        let client = person(&instance, LIVE, mode, &who).await;
        let output = client.call("clerk_update_user", &arguments).await;
        assert_eq!(output["firstName"], Value::from(name));
        let plain = support::connect(server(&instance.url, LIVE, confirmed(mode))).await;
        plain.call("clerk_create_user", &json!({ "username": format!("by_{mode:?}") })).await;
    }
    assert_eq!(instance.writes().len(), 8);
}

/// End users choose their names, and may know a secret that they paste there.
#[tokio::test]
async fn a_question_holds_no_secret_even_where_a_name_does() {
    for secret in [LIVE, "sk_live_AnotherInstancesKey0123", "whsec_c2VjcmV0c2VjcmV0c2VjcmV0"] {
        let user = json!({ "id": "user_1", "first_name": secret, "updated_at": 1 });
        let upstream = Upstream::start(move |seen, _| match seen.path.as_str() {
            "/users/user_1" => Script::json(200, &user),
            _ => Script::json(200, &json!({ "data": [], "total_count": 0 })),
        })
        .await;
        let who = Person::who_declines();
        let server = server(&upstream.url, LIVE, confirmed(Confirm::Ask));
        let client = support::connect_as(who.clone(), server).await;
        let error = client.error("clerk_delete_user", &delete("user_1")).await;
        assert_eq!(error["code"], "not_confirmed");
        let message = who.asked()[0]["message"].to_string();
        assert!(!message.contains(secret), "{message}");
    }
}

/// The person reads the question as plain text: nothing in a name may look like more of it.
#[tokio::test]
async fn hidden_and_endless_names_are_shown_as_such_in_a_question() {
    let name = format!("A\u{202E}B\u{E0041}C\u{1b}[2J \"D\" {}", "x".repeat(10_000));
    let user = json!({ "id": "user_1", "first_name": name, "updated_at": 1 });
    let upstream = Upstream::start(move |seen, _| match seen.path.as_str() {
        "/users/user_1" => Script::json(200, &user),
        _ => Script::json(200, &json!({ "data": [], "total_count": 0 })),
    })
    .await;
    let who = Person::who_agrees();
    let server = server(&upstream.url, LIVE, confirmed(Confirm::Ask));
    let client = support::connect_as(who.clone(), server).await;
    client.result("clerk_delete_user", &delete("user_1")).await;
    let message = who.asked()[0]["message"].as_str().unwrap().to_owned();
    let begin = "Delete user: \"A⟦U+202E⟧B⟦U+E0041⟧C⟦U+001B⟧[2J 'D' x";
    assert!(message.starts_with(begin) && message.len() < 500, "{message}");
    assert_eq!(message.matches('"').count(), 2, "{message}");
    assert!(!message.contains(['\u{202E}', '\u{E0041}', '\u{1b}']), "{message}");
}

/// A name of several lines would let an end user write the rest of the question.
#[tokio::test]
async fn a_name_breaks_no_line_in_a_question() {
    let name = "Jo\n\nClerk instance: test.\r\nNothing is deleted.";
    let user = json!({ "id": "user_1", "first_name": name, "updated_at": 1 });
    let upstream = Upstream::start(move |seen, _| match seen.path.as_str() {
        "/users/user_1" => Script::json(200, &user),
        _ => Script::json(200, &json!({ "data": [], "total_count": 0 })),
    })
    .await;
    let who = Person::who_declines();
    let server = server(&upstream.url, LIVE, confirmed(Confirm::Ask));
    let client = support::connect_as(who.clone(), server).await;
    client.error("clerk_delete_user", &delete("user_1")).await;
    let message = who.asked()[0]["message"].as_str().unwrap().to_owned();
    assert!(!message.contains(['\n', '\r']), "{message}");
}

#[tokio::test]
async fn a_question_is_taken_back_when_its_call_is_cancelled() {
    let instance = Instance::start().await;
    let mut wire = Wire::to(server(&instance.url, LIVE, confirmed(Confirm::Ask)));
    let client = json!({ "name": "test", "version": "1" });
    let capabilities = json!({ "elicitation": {} });
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": capabilities, "clientInfo": client });
    wire.request("initialize", params).await;
    let params = json!({ "name": "clerk_delete_user", "arguments": delete(SABINE) });
    let call = wire.send("tools/call", params).await.unwrap();
    let question = wire.receive().await.unwrap();
    assert_eq!(question["method"], "elicitation/create", "{question}");
    let cancelled = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": call } });
    wire.write(&cancelled).await.unwrap();
    let taken_back = wire.receive().await.unwrap();
    assert_eq!(taken_back["method"], "notifications/cancelled", "{taken_back}");
    assert_eq!(taken_back["params"]["requestId"], question["id"]);
    // An answer that comes too late changes nothing.
    let yes = json!({ "action": "accept", "content": { "confirm": true } });
    wire.write(&json!({ "jsonrpc": "2.0", "id": question["id"], "result": yes })).await.unwrap();
    assert_eq!(wire.request("ping", json!({})).await["result"], json!({}));
    assert_eq!(instance.writes(), [""; 0]);
}
