//! Notifications of deliveries to subscribers.

use serde_json::json;

use super::{SECRET, signed, user_event};
use crate::http::client::{Events, Http, status};

async fn subscribe(http: &Http) -> Events {
    let mut events = Events::open(http).await.unwrap();
    events.initialize(http).await;
    let answer = events
        .request(http, "resources/subscribe", json!({ "uri": "clerk://events/user.*" }))
        .await;
    assert_eq!(answer["result"], json!({}), "{answer}");
    events
}

#[tokio::test]
async fn unsubscribed_and_unknown_resources_get_no_notification() {
    let variables = [("CLERK_WEBHOOK_SIGNING_SECRET", SECRET)];
    let http = Http::start(&["--sandbox"], &variables).await;
    let mut events = subscribe(&http).await;
    for uri in ["clerk://user/user_1", "clerk://events/", "clerk://events/a b", "clerk://x"] {
        let answer = events.request(&http, "resources/subscribe", json!({ "uri": uri })).await;
        assert!(answer["error"]["message"].is_string(), "{uri}: {answer}");
    }
    let uri = json!({ "uri": "clerk://events/user.*" });
    events.request(&http, "resources/unsubscribe", uri).await;
    let other = json!({ "uri": "clerk://events/session.created" });
    events.request(&http, "resources/subscribe", other).await;
    for (id, kind) in [("msg_1", "user.created"), ("msg_2", "session.created")] {
        let body = user_event(kind, "x_1").to_string();
        assert_eq!(status(signed(&http, id, &body)).await, 204);
    }
    let told = events.next("message").await;
    assert!(told.contains("clerk://events/session.created"), "{told}");
}
