//! Sessions of older clients: how many there may be, and which one makes room.

use reqwest::{RequestBuilder, Response};
use serde_json::{Value, json};

use super::client::{Endpoint, Events, Http, message, status};
use crate::support::{Script, Upstream, eventually};

/// A request in a session.
fn post(http: &Endpoint, session: &str, message: Value) -> RequestBuilder {
    http.post("/mcp", message).header("mcp-session-id", session)
}

async fn ping(http: &Endpoint, session: &str) -> u16 {
    let ping = json!({ "jsonrpc": "2.0", "id": 1, "method": "ping" });
    let response = post(http, session, ping).send().await.unwrap();
    let status = response.status().as_u16();
    response.text().await.unwrap();
    status
}

/// Opens the stream of a session.
async fn stream(http: &Endpoint, session: &str) -> Response {
    let get = http.client.get(format!("{}/mcp", http.url)).header("mcp-session-id", session);
    let stream = get.header("accept", "text/event-stream").send().await.unwrap();
    assert_eq!(stream.status(), 200);
    stream
}

async fn opens(http: &Endpoint) -> bool {
    match http.session().await {
        Ok(_) => true,
        Err(status) => {
            assert_eq!(status, 503);
            false
        }
    }
}

#[tokio::test]
async fn the_session_that_is_idle_for_longest_makes_room() {
    let http = Http::start(&["--sandbox", "--max-sessions", "2"], &[]).await;
    let first = http.session().await.unwrap();
    let second = http.session().await.unwrap();
    assert_eq!(ping(&http, &first).await, 200);
    let third = http.session().await.unwrap();
    // 404 makes the client begin a new one.
    assert_eq!(ping(&http, &second).await, 404);
    assert_eq!((ping(&http, &first).await, ping(&http, &third).await), (200, 200));
    // The stateless revision has no sessions to run out of.
    assert_eq!(status(http.call("clerk_list_users", json!({}))).await, 200);
}

#[tokio::test]
async fn a_session_with_an_open_stream_makes_no_room() {
    let http = Http::start(&["--sandbox", "--max-sessions", "2"], &[]).await;
    let (first, second) = (http.session().await.unwrap(), http.session().await.unwrap());
    let streams = (stream(&http, &first).await, stream(&http, &second).await);
    assert_eq!(http.session().await, Err(503));
    drop(streams.1);
    eventually(async || opens(&http).await).await;
    assert_eq!((ping(&http, &first).await, ping(&http, &second).await), (200, 404));
}

#[tokio::test]
async fn a_session_with_a_call_under_way_makes_no_room_even_if_its_client_has_gone() {
    let upstream = Upstream::always(Script::Hang).await;
    let http = Http::start(&["--max-sessions", "1"], &[("CLERK_API_URL", &upstream.url)]).await;
    let session = http.session().await.unwrap();
    let params = json!({ "name": "clerk_get_user", "arguments": { "userId": "user_1" } });
    let call = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params });
    let waiting = post(&http, &session, call).send().await.unwrap();
    upstream.until(|upstream| upstream.open() == 1).await;
    assert_eq!(http.session().await, Err(503));
    drop(waiting);
    // The connection is closed once the next request is served by another.
    assert_eq!(ping(&http, &session).await, 200);
    assert_eq!(http.session().await, Err(503));
    let cancelled = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 7 } });
    assert_eq!(status(post(&http, &session, cancelled)).await, 202);
    eventually(async || opens(&http).await).await;
}

#[tokio::test]
async fn every_request_that_begins_a_session_counts() {
    let http = Http::start(&["--sandbox", "--max-sessions", "1"], &[]).await;
    let session = http.session().await.unwrap();
    let _stream = stream(&http, &session).await;
    let params = json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": { "name": "test", "version": "1" } });
    let begin = json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params });
    for path in ["/mcp", "/mcp/", "/mcp?a=b", "/mcp/?a"] {
        assert_eq!(status(http.post(path, &begin)).await, 503, "{path}");
        // rmcp takes this for no session, and a version for none of its.
        let odd = http.post(path, &begin).header("mcp-session-id", &b"\xff"[..]);
        assert_eq!(status(odd).await, 503, "{path}");
        let later = http.post(path, &begin).header("mcp-protocol-version", "2026-07-28");
        assert_eq!(status(later).await, 503, "{path}");
    }
    for path in ["/mcp/a", "/MCP", "//mcp", "/mcp%2f"] {
        assert_eq!(status(http.post(path, &begin)).await, 404, "{path}");
    }
    // What begins none makes no room.
    let list = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/list" });
    assert_eq!(status(http.post("/mcp", list)).await, 400);
    assert_eq!(ping(&http, &session).await, 200);
}

#[tokio::test]
async fn a_session_that_its_client_ends_needs_no_place() {
    let http = Http::start(&["--sandbox", "--max-sessions", "2"], &[]).await;
    let (first, second) = (http.session().await.unwrap(), http.session().await.unwrap());
    let _stream = stream(&http, &first).await;
    let delete = http.client.delete(format!("{}/mcp/", http.url));
    assert_eq!(status(delete.header("mcp-session-id", second)).await, 204);
    assert!(http.session().await.is_ok());
}

#[tokio::test]
async fn a_stream_that_its_client_has_left_needs_no_place() {
    let http = Http::start(&["--sandbox", "--max-sessions", "2"], &[]).await;
    let streams = (Events::open(&http).await.unwrap(), Events::open(&http).await.unwrap());
    assert_eq!(Events::open(&http).await.err(), Some(503));
    drop(streams);
    eventually(async || match Events::open(&http).await {
        Ok(_) => true,
        Err(status) => {
            assert_eq!(status, 503);
            false
        }
    })
    .await;
}

#[tokio::test]
async fn an_id_that_is_under_way_in_a_session_is_refused() {
    let upstream = Upstream::always(Script::Hang).await;
    let http = Http::start(&[], &[("CLERK_API_URL", &upstream.url)]).await;
    let session = http.session().await.unwrap();
    let params = json!({ "name": "clerk_get_user", "arguments": { "userId": "user_1" } });
    let call = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params });
    let _waiting = post(&http, &session, call.clone()).send().await.unwrap();
    upstream.until(|upstream| upstream.open() == 1).await;
    let again = post(&http, &session, call.clone()).send().await.unwrap();
    assert_eq!(again.status(), 400);
    let again = message(again).await;
    assert_eq!((&again["id"], &again["error"]["code"]), (&json!(7), &json!(-32600)));
    // Another session has ids of its own.
    let other = http.session().await.unwrap();
    let _waiting = post(&http, &other, call).send().await.unwrap();
    upstream.until(|upstream| upstream.open() == 2).await;
}
