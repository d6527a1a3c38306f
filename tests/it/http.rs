//! The binary over HTTP: who gets in, what is bounded, how it ends.

mod approvals;
mod browsers;
pub(crate) mod client;
mod clock;
#[cfg(unix)]
mod ends;
mod headers;
mod load;
mod metrics;
mod oauth;
mod raw;
#[cfg(unix)]
mod reload;
mod sessions;
mod waiting;

use serde_json::{Value, json};

use self::client::{Events, Http, message, one_user, status};
use crate::support::{Script, Upstream};

#[tokio::test]
async fn the_same_tools_answer_on_every_route() {
    let http = Http::start(&["--sandbox"], &[]).await;
    let stateless = message(http.stateless("tools/call", one_user()).send().await.unwrap()).await;
    let session = http.session().await.unwrap();
    let request =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": one_user() });
    let request = http.post("/mcp", request).header("mcp-session-id", session);
    let session = message(request.send().await.unwrap()).await;
    let mut events = Events::open(&http).await.unwrap();
    events.initialize(&http).await;
    let events = events.request(&http, "tools/call", one_user()).await;
    for answer in [&stateless, &session, &events] {
        assert_eq!(answer["result"]["structuredContent"]["totalCount"], 25, "{answer}");
        assert_eq!(answer["result"]["structuredContent"], events["result"]["structuredContent"]);
    }
}

#[test]
fn beyond_this_machine_it_does_not_start_without_a_token() {
    let cases = [("", "CLERK_MCP_HTTP_TOKEN"), ("short", "at least 16 characters")];
    for (token, part) in cases {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
        command
            .args(["http", "--listen", "0.0.0.0:0", "--sandbox"])
            .env("CLERK_MCP_HTTP_TOKEN", token);
        let output = command.output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && error.contains(part), "{error}");
    }
}

#[tokio::test]
async fn what_is_no_request_gets_the_right_status() {
    let http = Http::start(&["--sandbox"], &[]).await;
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep = format!("{{\"a\":{nested}}}");
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(4 << 20));
    let bad_params = "{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"tools/call\",\"params\":[]}";
    let cases = [
        ("{bad", -32700, Value::Null),
        ("", -32700, Value::Null),
        ("[]", -32600, Value::Null),
        (&deep, -32700, Value::Null),
        ("{\"jsonrpc\":\"2.0\",\"id\":null,\"method\":\"ping\"}", -32600, Value::Null),
        (bad_params, -32602, json!(7)),
        (&bad_params.replace("[]", "NaN"), -32700, json!(7)),
    ];
    let events = Events::open(&http).await.unwrap();
    for (body, code, id) in cases {
        for path in ["/mcp", "/mcp/", events.target.as_str()] {
            let answer = http.post(path, body).send().await.unwrap();
            assert_eq!(answer.status(), 400);
            let answer = message(answer).await;
            assert_eq!((&answer["error"]["code"], &answer["id"]), (&json!(code), &id), "{path}");
        }
    }
    let (session, bytes) = (http.session().await.unwrap(), "\u{feff}{\"jsonrpc\":\"2.0\",");
    let read = [
        (format!("{bytes}\"method\":\"ping\",\"id\":1}}\r\n"), 200),
        (format!("{bytes}\"method\":\"notifications/odd\",\"params\":[1]}}"), 400),
        (format!("{bytes}\"method\":\"notifications/odd\"}}"), 202),
        (format!("{bytes}\"id\":99,\"result\":{{}}}}"), 202),
        (format!("{bytes}\"id\":99,\"error\":\"no\"}}"), 202),
    ];
    for (body, expected) in read {
        let request = http.post("/mcp", &body).header("mcp-session-id", &session);
        assert_eq!(status(request).await, expected, "{body}");
    }
    assert_eq!(status(http.post("/mcp", &large)).await, 413);
    assert_eq!(status(http.post("/messages?sessionId=nobody", "{}")).await, 404);
    assert_eq!(status(http.post("/nothing", "{}")).await, 404);
    // The server still serves others.
    assert_eq!(status(http.call("clerk_list_users", json!({}))).await, 200);
}

#[tokio::test]
async fn requests_are_bounded() {
    let upstream = Upstream::always(Script::Hang).await;
    let http = Http::start(&["--max-requests", "1"], &[("CLERK_API_URL", &upstream.url)]).await;
    let call = || http.call("clerk_get_user", json!({ "userId": "user_1" }));
    let hanging = tokio::spawn(call().send());
    upstream.until(|upstream| upstream.open() == 1).await;
    let refused = call().send().await.unwrap();
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["retry-after"]),
        (503, &"1".parse().unwrap())
    );
    hanging.abort();
}

#[tokio::test]
async fn a_client_that_hangs_up_cancels_its_call_upstream() {
    let upstream = Upstream::always(Script::Hang).await;
    let http = Http::start(&[], &[("CLERK_API_URL", &upstream.url)]).await;
    let call = http.call("clerk_get_user", json!({ "userId": "user_1" }));
    let hanging = tokio::spawn(call.send());
    upstream.until(|upstream| upstream.open() == 1).await;
    hanging.abort();
    upstream.until(|upstream| upstream.open() == 0).await;

    let mut events = Events::open(&http).await.unwrap();
    events.initialize(&http).await;
    let params = json!({ "name": "clerk_get_user", "arguments": { "userId": "user_1" } });
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    assert_eq!(status(http.post(&events.target, request)).await, 202);
    upstream.until(|upstream| upstream.open() == 1).await;
    drop(events);
    upstream.until(|upstream| upstream.open() == 0).await;
}

#[tokio::test]
async fn an_older_client_cancels_by_a_notification_and_ends_its_session() {
    let upstream = Upstream::always(Script::Hang).await;
    let http = Http::start(&[], &[("CLERK_API_URL", &upstream.url)]).await;
    let session = http.session().await.unwrap();
    let post = |message: Value| {
        let request = http.post("/mcp", message).header("mcp-session-id", &session);
        request.header("mcp-protocol-version", "2025-11-25")
    };
    let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(status(post(initialized)).await, 202);
    let params = json!({ "name": "clerk_get_user", "arguments": { "userId": "user_1" } });
    let call = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params });
    let hanging = tokio::spawn(post(call).send());
    upstream.until(|upstream| upstream.open() == 1).await;
    let cancel = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 7 } });
    assert_eq!(status(post(cancel)).await, 202);
    upstream.until(|upstream| upstream.open() == 0).await;
    hanging.abort();

    let session_request = |method: &str| {
        let request = http.client.request(method.parse().unwrap(), format!("{}/mcp", http.url));
        request.header("mcp-session-id", &session).header("accept", "text/event-stream")
    };
    assert_eq!(status(session_request("DELETE")).await, 204);
    assert_eq!(status(session_request("GET")).await, 404);
}
