//! What agents see of events.

use clerk_mcp::{Clerk, Server, ServerOptions, guard::Guard};
use serde_json::{Value, json};

use super::{in_memory, keep, now, user_event};
use crate::{
    http::client::{Http, message},
    support::{self, Client},
};

pub(super) async fn connected(events: &clerk_mcp::events::Events) -> Client {
    let clerk = Clerk::new(support::settings("http://127.0.0.1:1"));
    let server = Server::new(ServerOptions {
        events: Some(events.clone()),
        ..ServerOptions::new(clerk, Guard::default())
    });
    support::connect(server).await
}

pub(super) fn ids(answer: &Value) -> Vec<&str> {
    answer["events"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn events_are_listed_read_and_waited_for() {
    let events = in_memory();
    let client = connected(&events).await;
    let empty = client.call("clerk_list_events", &json!({})).await;
    assert_eq!((&empty["events"], &empty["totalCount"]), (&json!([]), &json!(0)));
    keep(&events, "msg_1", &user_event("user.created", "user_1")).await;
    let mut updated = user_event("user.updated", "user_1");
    updated["data"]["first_name"] = json!("Ada");
    updated["timestamp"] = json!(now() + 10_000);
    keep(&events, "msg_2", &updated).await;
    keep(&events, "msg_3", &user_event("session.created", "sess_1")).await;

    let listed = client.call("clerk_list_events", &json!({ "type": "user.*" })).await;
    assert_eq!((ids(&listed), &listed["totalCount"]), (vec!["msg_2", "msg_1"], &json!(2)));
    let row = &listed["events"][0];
    assert_eq!(row["summary"], "user.updated: Ada was changed");
    assert!(row.get("payload").is_none() && row["userId"] == "user_1", "{row}");
    let full = json!({ "type": "user.updated", "detail": "full" });
    let full = client.call("clerk_list_events", &full).await;
    assert_eq!(full["events"][0]["payload"], updated);
    let concise = json!({ "type": "user.*", "detail": "concise", "limit": 1 });
    let concise = client.call("clerk_list_events", &concise).await;
    assert_eq!(concise["hasMore"], true);
    let names: Vec<_> = concise["events"][0].as_object().unwrap().keys().collect();
    assert_eq!(names, ["id", "summary", "at", "userId", "receivedAt"]);
    let all = client.call("clerk_list_events", &json!({ "all": true })).await;
    assert_eq!(ids(&all).len(), 3);

    let one = client.call("clerk_get_event", &json!({ "eventId": "msg_2" })).await;
    assert_eq!(one["payload"], updated);
    // What came while nobody waited is there by the cursor.
    let cursor = json!({ "after": "0", "sessionId": "sess_1", "waitSeconds": 1 });
    let waited = client.call("clerk_wait_for_event", &cursor).await;
    assert_eq!((ids(&waited), &waited["timedOut"]), (vec!["msg_3"], &json!(false)));
    let again = json!({ "after": waited["cursor"], "waitSeconds": 1 });
    let waited = client.call("clerk_wait_for_event", &again).await;
    assert_eq!((&waited["events"], &waited["timedOut"]), (&json!([]), &json!(true)));
    // Without a cursor it waits for what comes from now on, whenever that is.
    let wait = json!({ "type": "user.deleted" });
    let waiting = client.call("clerk_wait_for_event", &wait);
    tokio::pin!(waiting);
    let mut coming = 3;
    let waited = loop {
        coming += 1;
        let id = format!("msg_{coming}");
        keep(&events, &id, &user_event("user.deleted", "user_1")).await;
        let pause = tokio::time::sleep(std::time::Duration::from_millis(20));
        tokio::select! {
            waited = &mut waiting => break waited,
            () = pause => {}
        }
    };
    assert_eq!(waited["timedOut"], json!(false));
    assert!(ids(&waited)[0].starts_with("msg_"), "{waited}");
    assert!(waited["events"][0].get("payload").is_none());
}

#[tokio::test]
async fn many_events_come_in_turns_and_none_is_skipped() {
    let events = in_memory();
    let client = connected(&events).await;
    for number in 0..45 {
        keep(&events, &format!("msg_{number}"), &user_event("user.created", "user_1")).await;
    }
    let (mut cursor, mut seen) = ("0".to_owned(), Vec::new());
    for expected in [20, 20, 5] {
        let arguments = json!({ "after": cursor, "waitSeconds": 1 });
        let waited = client.call("clerk_wait_for_event", &arguments).await;
        seen.extend(ids(&waited).into_iter().map(str::to_owned));
        assert_eq!(ids(&waited).len(), expected);
        cursor = waited["cursor"].as_str().unwrap().to_owned();
    }
    let expected: Vec<_> = (0..45).map(|number| format!("msg_{number}")).collect();
    assert_eq!(seen, expected);
}

#[tokio::test]
async fn invalid_arguments_are_errors_and_likely_mistakes_are_noted() {
    let events = in_memory();
    let client = connected(&events).await;
    let cases = [
        ("clerk_list_events", json!({ "type": "user created" }), "`type`"),
        ("clerk_list_events", json!({ "userId": "../x" }), "`userId`"),
        ("clerk_list_events", json!({ "since": "yesterday" }), "`since`"),
        ("clerk_get_event", json!({ "eventId": "msg_none" }), "ID of a stored event"),
        ("clerk_get_event", json!({}), "`eventId`"),
        ("clerk_wait_for_event", json!({ "after": "soon" }), "`after`"),
        ("clerk_wait_for_event", json!({ "waitSeconds": 601 }), "`waitSeconds`"),
    ];
    for (tool, arguments, expected) in cases {
        let error = client.error(tool, &arguments).await;
        assert_eq!(error["code"], "invalid_arguments", "{error}");
        assert!(error["message"].as_str().unwrap().contains(expected), "{error}");
    }
    let slip = client.call("clerk_list_events", &json!({ "type": "user.craeted" })).await;
    assert_eq!(slip["note"], "Clerk documents no type user.craeted; did you mean user.created?");
    let new = client.call("clerk_list_events", &json!({ "type": "moon.landed" })).await;
    assert_eq!(new["note"], "Clerk documents no type moon.landed.");
}

#[tokio::test]
async fn without_events_their_tools_are_off_and_nothing_can_be_subscribed_to() {
    let clerk = Clerk::new(support::settings("http://127.0.0.1:1"));
    let client = support::connect(Server::new(ServerOptions::new(clerk, Guard::default()))).await;
    let tools = client.0.list_all_tools().await.unwrap();
    assert!(tools.iter().all(|tool| !tool.name.contains("event")));
    let error = client.error("clerk_list_events", &json!({})).await;
    assert_eq!(error["code"], "tool_off");
    assert!(error["message"].as_str().unwrap().contains("--events"), "{error}");
    let capabilities = client.0.peer_info().unwrap().capabilities.clone();
    assert_eq!(capabilities.resources.unwrap().subscribe, None);
    let client = connected(&in_memory()).await;
    let capabilities = client.0.peer_info().unwrap().capabilities.clone();
    assert_eq!(capabilities.resources.unwrap().subscribe, Some(true));
    let resources = client.0.list_all_resources().await.unwrap();
    assert!(resources.iter().any(|resource| resource.uri == "clerk://events"));
}

#[tokio::test]
async fn who_brings_a_key_of_another_instance_sees_no_events_of_ours() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.db").to_str().unwrap().to_owned();
    let http = Http::start(&["--sandbox", "--key-from-header", "--events", &file], &[]).await;
    for tool in ["clerk_list_events", "clerk_wait_for_event"] {
        let request = http.call(tool, json!({})).header("x-clerk-secret-key", "sk_test_OfACaller");
        let answer = message(request.send().await.unwrap()).await;
        assert_eq!(answer["result"]["isError"], true, "{answer}");
        assert!(answer.to_string().contains("own instance"), "{answer}");
    }
    let own = message(http.call("clerk_list_events", json!({})).send().await.unwrap()).await;
    assert_eq!(own["result"]["structuredContent"]["totalCount"], 0, "{own}");
}
