//! What a client makes the server keep for it over HTTP+SSE.

use serde_json::{Value, json};

use super::client::{Events, Http, status};
use crate::support::{Script, Upstream, eventually};

fn call(id: u64, tool: &str, arguments: Value) -> Value {
    let params = json!({ "name": tool, "arguments": arguments });
    json!({ "jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params })
}

fn cancel(id: u64) -> Value {
    json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } })
}

#[tokio::test]
async fn a_client_that_reads_nothing_gets_no_more_places_by_cancelling() {
    let http = Http::start(&["--sandbox", "--log", "off"], &[]).await;
    let mut deaf = Events::open(&http).await.unwrap();
    deaf.initialize(&http).await;
    let mut refused = 0;
    for id in 1..500 {
        let list = json!({ "jsonrpc": "2.0", "id": id, "method": "tools/list" });
        match status(http.post(&deaf.target, list)).await {
            202 => {}
            503 => refused += 1,
            other => panic!("{other}"),
        }
        // One that never was, one whose answer waits to be read, and one that is yet to come.
        for id in [id + 1_000_000, id, id + 1] {
            let status = status(http.post(&deaf.target, cancel(id))).await;
            assert!(matches!(status, 202 | 503), "{status}");
        }
    }
    assert!(refused > 0, "all that it asked for was taken in");
}

#[tokio::test]
async fn a_cancelled_request_gives_its_place_back() {
    let upstream = Upstream::always(Script::Hang).await;
    let http = Http::start(&[], &[("CLERK_API_URL", &upstream.url)]).await;
    let mut events = Events::open(&http).await.unwrap();
    events.initialize(&http).await;
    for id in 1..200 {
        let get = call(id, "clerk_get_user", json!({ "userId": "user_1" }));
        // The place is free once the server has read the message.
        eventually(async || status(http.post(&events.target, &get)).await == 202).await;
        eventually(async || status(http.post(&events.target, cancel(id))).await == 202).await;
    }
    assert_eq!(events.request(&http, "ping", json!({})).await["result"], json!({}));
}

#[tokio::test]
async fn an_id_that_is_under_way_on_a_stream_is_refused() {
    let upstream = Upstream::always(Script::Hang).await;
    let http = Http::start(&[], &[("CLERK_API_URL", &upstream.url)]).await;
    let mut events = Events::open(&http).await.unwrap();
    events.initialize(&http).await;
    let get = call(7, "clerk_get_user", json!({ "userId": "user_1" }));
    for _ in 0..2 {
        assert_eq!(status(http.post(&events.target, &get)).await, 202);
    }
    let refused: Value = serde_json::from_str(&events.next("message").await).unwrap();
    assert_eq!((&refused["id"], &refused["error"]["code"]), (&json!(7), &json!(-32600)));
}

#[tokio::test]
async fn what_comes_before_initialize_ends_no_stream() {
    let http = Http::start(&["--sandbox"], &[]).await;
    let mut events = Events::open(&http).await.unwrap();
    let early = [
        json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }),
        cancel(1),
        json!({ "jsonrpc": "2.0", "id": 1, "result": {} }),
    ];
    for message in early {
        assert_eq!(status(http.post(&events.target, message)).await, 202);
    }
    events.initialize(&http).await;
    assert_eq!(events.request(&http, "ping", json!({})).await["result"], json!({}));
}
