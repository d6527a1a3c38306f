//! What holds until the server is stopped, and what its log says then. A signal stops it, so this is
//! for Unix.

use std::{
    collections::HashMap,
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
};

use serde_json::{Value, json};

use super::client::{Events, Http, message, status};
use crate::support::{KEY, Script, Upstream, eventually};

#[tokio::test]
async fn no_route_is_open_without_the_token() {
    const TOKEN: &str = "a-token-that-is-long-enough";
    let http = Http::start(&["--sandbox"], &[("CLERK_MCP_HTTP_TOKEN", TOKEN)]).await;
    let routes = [
        ("GET", "/mcp"),
        ("POST", "/mcp"),
        ("POST", "/mcp/"),
        ("DELETE", "/mcp"),
        ("GET", "/sse"),
        ("POST", "/messages?sessionId=x"),
        ("GET", "/nothing"),
        ("GET", "/healthz/"),
    ];
    for (method, path) in routes {
        let request =
            || http.client.request(method.parse().unwrap(), format!("{}{path}", http.url));
        assert_eq!(status(request()).await, 401, "{method} {path}");
        assert_eq!(status(request().bearer_auth("another-token-of-that-length")).await, 401);
        let with_token = || request().bearer_auth(TOKEN);
        assert_eq!(
            status(with_token().header("host", "evil.example")).await,
            403,
            "{method} {path}"
        );
        for origin in ["https://evil.example", "null"] {
            assert_eq!(status(with_token().header("origin", origin)).await, 403, "{method} {path}");
        }
    }
    assert_eq!(status(http.client.get(format!("{}/healthz", http.url))).await, 200);
    assert_eq!(status(http.call("clerk_list_users", json!({})).bearer_auth(TOKEN)).await, 200);
    let (log, ..) = http.end().await;
    assert!(!log.contains(TOKEN), "{log}");
}

#[tokio::test]
async fn graceful_shutdown_answers_pending_calls() {
    let upstream = Upstream::always(Script::Hang).await;
    let http = Http::start(&[], &[("CLERK_API_URL", &upstream.url)]).await;
    let under_way = tokio::spawn(http.call("clerk_get_user", json!({ "userId": "user_1" })).send());
    upstream.until(|upstream| upstream.open() == 1).await;
    let (log, code) = http.end().await;
    let answer = message(under_way.await.unwrap().unwrap()).await;
    assert!(answer.to_string().contains("server_stopped"), "{answer}");
    assert_eq!(code, Some(0), "{log}");
}

#[tokio::test]
async fn per_request_keys_are_used_if_allowed() {
    const OTHER: &str = "sk_test_AnotherCallersKey";
    let upstream = Upstream::start(|seen, _| {
        let key = seen
            .headers
            .lines()
            .find_map(|line| line.strip_prefix("authorization: Bearer "))
            .unwrap();
        let refusal = json!({ "errors": [{ "code": key, "message": key }], "clerk_trace_id": key });
        Script::json(422, &refusal)
    })
    .await;
    let variables = [("CLERK_API_URL", upstream.url.as_str())];
    let http = Http::start(&["--key-from-header", "--log", "trace"], &variables).await;
    let call = || http.call("clerk_get_user", json!({ "userId": "user_1" }));
    let keys = [Some(OTHER), None, Some(OTHER)];
    for key in keys {
        let request =
            key.into_iter().fold(call(), |call, key| call.header("x-clerk-secret-key", key));
        let answer = message(request.send().await.unwrap()).await.to_string();
        assert!(!answer.contains(OTHER) && !answer.contains(KEY), "{answer}");
    }
    let seen: HashMap<bool, usize> =
        upstream.seen().iter().fold(HashMap::new(), |mut seen, request| {
            *seen.entry(request.headers.contains(OTHER)).or_default() += 1;
            seen
        });
    assert_eq!((seen[&true], seen[&false]), (2, 1));
    // HTTP+SSE carries it too.
    let mut events = Events::open(&http).await.unwrap();
    events.initialize(&http).await;
    let params = json!({ "name": "clerk_get_user", "arguments": { "userId": "user_1" } });
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    let request = http.post(&events.target, request).header("x-clerk-secret-key", OTHER);
    assert_eq!(status(request).await, 202);
    upstream
        .until(|upstream| {
            let seen = upstream.seen();
            seen.iter().filter(|request| request.headers.contains(OTHER)).count() == 3
        })
        .await;
    drop(events);
    let (log, ..) = http.end().await;
    assert!(!log.contains(OTHER) && !log.contains(KEY), "{log}");

    let http = Http::start(&[], &variables).await;
    let refused = http.call("clerk_get_user", json!({})).header("x-clerk-secret-key", OTHER);
    assert_eq!(status(refused).await, 403);
}

#[tokio::test]
async fn the_log_has_one_line_per_call_with_its_trace_and_no_personal_data() {
    let refusal = Script::Answer(
        404,
        "cf-ray: ray-1",
        "{\"errors\":[{\"code\":\"resource_not_found\",\"message\":\"Ada\"}]}".to_owned(),
    );
    let upstream = Upstream::always(refusal).await;
    let variables = [("CLERK_API_URL", upstream.url.as_str())];
    let http = Http::start(&["--log", "json"], &variables).await;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let params = json!({ "name": "clerk_get_user", "arguments": { "userId": "user_Ada" }, "_meta": { "traceparent": trace } });
    assert_eq!(status(http.stateless("tools/call", params)).await, 200);
    let (log, ..) = http.end().await;
    let lines: Vec<Value> = log.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let calls: Vec<_> = lines.iter().filter(|line| line["message"] == "call").collect();
    assert_eq!(calls.len(), 1, "{log}");
    let line = calls[0];
    assert_eq!(line["tool"], "clerk_get_user");
    assert_eq!((&line["outcome"], &line["status"]), (&json!("resource_not_found"), &json!(404)));
    assert_eq!((&line["trace"], &line["traceparent"]), (&json!("ray-1"), &json!(trace)));
    assert!(line["ms"].is_u64() && !log.contains("Ada"), "{log}");
}

#[tokio::test]
async fn a_restart_under_load_answers_or_refuses_every_call() {
    let http = Http::start(&["--sandbox"], &[]).await;
    let (url, client) = (http.url.clone(), http.client.clone());
    let address = url.strip_prefix("http://").unwrap().to_owned();
    let all = Arc::new(AtomicUsize::new(0));
    let clients: Vec<_> = (0..20)
        .map(|_| {
            let all = all.clone();
            let call = http.call("clerk_list_users", json!({ "limit": 1 })).build().unwrap();
            let client = client.clone();
            tokio::spawn(async move {
                let mut answered = 0;
                loop {
                    // Refused or closed: the server is gone.
                    let Ok(answer) = client.execute(call.try_clone().unwrap()).await else { break };
                    if answer.status() == 503 {
                        break;
                    }
                    let answer = message(answer).await;
                    let result = &answer["result"];
                    let stopped = result.to_string().contains("server_stopped");
                    assert!(stopped || result["structuredContent"]["totalCount"] == 25, "{answer}");
                    answered += 1;
                    if answered == 2 {
                        all.fetch_add(1, Ordering::Relaxed);
                    }
                }
                answered
            })
        })
        .collect();
    eventually(async || all.load(Ordering::Relaxed) == 20).await;
    let (log, code) = http.end().await;
    assert_eq!(code, Some(0), "{log}");
    for client in clients {
        assert!(client.await.unwrap() > 1);
    }
    let again = Http::start(&["--sandbox", "--listen", &address], &[]).await;
    assert_eq!(status(again.call("clerk_list_users", json!({}))).await, 200);
}
