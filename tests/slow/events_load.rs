//! Many deliveries while clients are subscribed, one of which does not listen.

use std::time::Duration;

use futures::{StreamExt, stream};
use serde_json::json;

use crate::{
    delivery::{SECRET, signed, user_event},
    http::client::{Events, Http, message, status},
};

const DELIVERIES: usize = 10_000;
const SUBSCRIBERS: usize = 10;

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
async fn subscribers_are_notified_and_a_stalled_one_harms_no_other() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.db").to_str().unwrap().to_owned();
    let variables = [("CLERK_WEBHOOK_SIGNING_SECRET", SECRET)];
    let http = Http::start(&["--sandbox", "--events", &file], &variables).await;
    // It is notified of each event four times, more than all buffers on the way hold, and reads nothing.
    let mut stalled = subscribe(&http).await;
    for uri in ["clerk://events", "clerk://events/*", "clerk://events/user.created"] {
        stalled.request(&http, "resources/subscribe", json!({ "uri": uri })).await;
    }
    let mut subscribers = Vec::new();
    for _ in 0..SUBSCRIBERS {
        subscribers.push(subscribe(&http).await);
    }
    let sending = stream::iter(0..DELIVERIES).map(|number| {
        let id = format!("msg_{number}");
        let body = user_event("user.created", &format!("user_{number}")).to_string();
        let delivery = signed(&http, &id, &body);
        async move { status(delivery).await }
    });
    let sending = sending.buffer_unordered(32).collect::<Vec<_>>();
    let hearing = subscribers.iter_mut().map(|subscriber| async {
        let told = subscriber.next("message").await;
        assert!(told.contains("notifications/resources/updated"), "{told}");
        assert!(told.contains("clerk://events/user.*"), "{told}");
    });
    let all_told = futures::future::join_all(hearing);
    let both = async { tokio::join!(sending, all_told) };
    let (statuses, _) = tokio::time::timeout(Duration::from_mins(10), both).await.unwrap();
    assert!(statuses.iter().all(|status| *status == 204), "{statuses:?}");
    let listed = message(http.call("clerk_list_events", json!({})).send().await.unwrap()).await;
    assert_eq!(listed["result"]["structuredContent"]["totalCount"], DELIVERIES, "{listed}");
    drop(stalled);
}
