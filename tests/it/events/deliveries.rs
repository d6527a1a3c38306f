//! Deliveries to the receiver, over HTTP.

use serde_json::json;

use super::{SECRET, now, signed, user_event};
use crate::http::client::{Http, message, status};

const VARIABLES: [(&str, &str); 1] = [("CLERK_WEBHOOK_SIGNING_SECRET", SECRET)];

#[cfg(unix)]
#[tokio::test]
async fn a_delivery_is_kept_once_and_what_is_refused_is_counted() {
    let http = Http::start(&["--sandbox"], &VARIABLES).await;
    let body = user_event("user.created", "user_1").to_string();
    for _ in 0..3 {
        assert_eq!(status(signed(&http, "msg_1", &body)).await, 204);
    }
    let altered = signed(&http, "msg_2", &body).body(body.replace("user_1", "user_2"));
    assert_eq!(status(altered).await, 401);
    let unsigned = http.client.post(format!("{}/webhooks/clerk", http.url)).body(body.clone());
    assert_eq!(status(unsigned).await, 400);
    let large = json!({ "type": "user.created", "data": { "x": "x".repeat(1 << 20) } }).to_string();
    assert_eq!(status(signed(&http, "msg_3", &large)).await, 413);
    assert_eq!(status(signed(&http, "msg_4", "[]")).await, 400);
    assert_eq!(status(http.client.get(format!("{}/webhooks/clerk", http.url))).await, 405);
    let listed = message(http.call("clerk_list_events", json!({})).send().await.unwrap()).await;
    assert_eq!(listed["result"]["structuredContent"]["totalCount"], 1, "{listed}");
    let whoami = message(http.call("clerk_whoami", json!({})).send().await.unwrap()).await;
    let events = &whoami["result"]["structuredContent"]["events"];
    assert_eq!((&events["received"], &events["refused"]), (&json!(1), &json!(4)), "{events}");
    assert!(events["place"].as_str().unwrap().contains("in memory"), "{events}");
    let (log, ..) = http.end().await;
    assert!(log.contains("a webhook was refused") && !log.contains(SECRET), "{log}");
}

/// What guards MCP does not stand before the webhooks, and what is before them not for MCP.
#[tokio::test]
async fn webhooks_need_no_token_and_open_nothing_else() {
    let token = ("CLERK_MCP_HTTP_TOKEN", "a-token-that-is-long-enough");
    let http = Http::start(&["--sandbox"], &[VARIABLES[0], token]).await;
    let body = user_event("user.created", "user_1").to_string();
    let delivery = signed(&http, "msg_1", &body).header("host", "hooks.example.com");
    assert_eq!(status(delivery).await, 204);
    assert_eq!(status(http.call("clerk_list_events", json!({}))).await, 401);
    let authorized = http.call("clerk_list_events", json!({})).bearer_auth(token.1);
    assert_eq!(status(authorized).await, 200);
}

#[tokio::test]
async fn without_a_secret_there_is_no_receiver() {
    let http = Http::start(&["--sandbox"], &[]).await;
    let body = user_event("user.created", "user_1").to_string();
    assert_eq!(status(signed(&http, "msg_1", &body)).await, 404);
}

/// A write whose response is lost has happened, so its event is delivered.
#[tokio::test]
async fn what_a_fault_hides_from_the_client_is_told_of_all_the_same() {
    let options = ["--sandbox", "--fault", "cut;on=POST /v1/users;times=1"];
    let http = Http::start(&options, &VARIABLES).await;
    let made = http.call("clerk_create_user", json!({ "emailAddress": "nia@example.com" }));
    let made = message(made.send().await.unwrap()).await;
    let waiting = http.call("clerk_wait_for_event", json!({ "after": "0", "waitSeconds": 5 }));
    let waited = message(waiting.send().await.unwrap()).await;
    let events = &waited["result"]["structuredContent"]["events"];
    assert_eq!(events[0]["type"], "user.created", "{made} {waited}");
}

/// The whole loop on one machine: a tool changes the sandbox, the event is here.
#[tokio::test]
async fn what_a_tool_changes_in_the_sandbox_arrives_as_an_event() {
    let http = Http::start(&["--sandbox"], &VARIABLES).await;
    let began = jiff::Timestamp::from_millisecond(now()).unwrap();
    let began = format!("{began:.0}");
    let call = async |tool: &str, arguments: serde_json::Value| {
        let answer = message(http.call(tool, arguments).send().await.unwrap()).await;
        assert_ne!(answer["result"]["isError"], true, "{tool}: {answer}");
        answer["result"]["structuredContent"].clone()
    };
    let user = call("clerk_create_user", json!({ "emailAddress": "nia@example.com" })).await;
    let id = user["id"].as_str().unwrap();
    let organization =
        call("clerk_create_organization", json!({ "name": "Acme", "createdBy": id })).await;
    let invitation = json!({
        "organizationId": organization["id"], "emailAddress": "new@example.com", "role": "org:member",
    });
    call("clerk_create_organization_invitation", invitation).await;
    let email = json!({ "userId": id, "emailAddress": "second@example.com" });
    let run = json!({ "operation": "clerk_create_email_address", "arguments": email });
    call("clerk_run_write", run).await;
    call("clerk_ban_user", json!({ "userId": id })).await;
    call("clerk_delete_user", json!({ "userId": id })).await;
    let expected = [
        "user.created",
        "organization.created",
        "organizationMembership.created",
        "organizationInvitation.created",
        "email.created",
        "user.updated",
        "user.updated",
        "user.deleted",
        "organizationMembership.deleted",
    ];
    let (mut cursor, mut kinds) = ("0".to_owned(), Vec::new());
    while kinds.len() < expected.len() {
        let waited =
            call("clerk_wait_for_event", json!({ "after": cursor, "waitSeconds": 10 })).await;
        assert_eq!(waited["timedOut"], false, "{kinds:?}");
        for event in waited["events"].as_array().unwrap() {
            kinds.push(event["type"].as_str().unwrap().to_owned());
            assert!(event["at"].as_str().unwrap() >= began.as_str(), "{event}");
        }
        cursor = waited["cursor"].as_str().unwrap().to_owned();
    }
    assert_eq!(kinds, expected);
    let of_user = call("clerk_list_events", json!({ "userId": id })).await;
    assert_eq!(of_user["totalCount"], 6, "{of_user}");
    let mut newest_first = of_user["events"].as_array().unwrap().iter();
    let banned = newest_first.find(|event| event["type"] == "user.updated").unwrap();
    assert_eq!(banned["changed"], json!(["banned: false → true"]), "{banned}");
    assert!(banned["from"].as_str().unwrap().contains("clerk-mcp"), "{banned}");
}
