//! What Prometheus reads, at an address of its own.

use serde_json::json;

use super::{
    client::{Events, Http, message, one_user, status},
    oauth::issuer::{Issuer, RESOURCE},
};
use crate::{
    events::delivery::{SECRET, signed, user_event},
    support::{Script, Upstream},
};

const ADDRESS: [&str; 2] = ["--metrics-address", "127.0.0.1:0"];

async fn read(http: &Http) -> String {
    let url = http.metrics.as_ref().unwrap();
    let response = http.client.get(url).send().await.unwrap();
    assert_eq!(response.headers()["content-type"], "text/plain; version=0.0.4; charset=utf-8");
    response.text().await.unwrap()
}

/// Whether the metrics have these lines, in any order.
fn assert_lines(text: &str, lines: &[&str]) {
    for line in lines {
        assert!(text.lines().any(|one| one == *line), "{line}\n{text}");
    }
}

#[tokio::test]
async fn calls_requests_sessions_and_events_are_counted() {
    let upstream = Upstream::start(|seen, before| match (seen.path.as_str(), before) {
        ("/users/user_ada@example.com", _) => Script::refusal(404, "", "odd_code_of_ada"),
        (_, 0) => Script::refusal(429, "retry-after: 0", "too_many_requests"),
        _ => Script::json(200, &json!({ "id": "user_1", "first_name": "Ada Lovelace" })),
    })
    .await;
    let variables = [("CLERK_WEBHOOK_SIGNING_SECRET", SECRET), ("CLERK_API_URL", &upstream.url)];
    let http = Http::start(&ADDRESS, &variables).await;
    let get = |user: &str| http.call("clerk_get_user", json!({ "userId": user }));
    assert_eq!(status(get("user_1")).await, 200);
    assert_eq!(status(get("user_2")).await, 200);
    assert_eq!(status(http.call("clerk_get_user", json!({}))).await, 200);
    let _session = http.session().await.unwrap();
    let _stream = Events::open(&http).await.unwrap();
    let body = user_event("user.created", "user_1").to_string();
    for _ in 0..2 {
        assert_eq!(status(signed(&http, "msg_1", &body)).await, 204);
    }
    assert_eq!(status(http.post("/webhooks/clerk", "{}")).await, 400);
    let text = read(&http).await;
    assert_lines(
        &text,
        &[
            "# TYPE clerk_mcp_calls_total counter",
            r#"clerk_mcp_calls_total{tool="clerk_get_user",outcome="done"} 2"#,
            r#"clerk_mcp_calls_total{tool="clerk_get_user",outcome="invalid_arguments"} 1"#,
            "# TYPE clerk_mcp_call_duration_seconds histogram",
            r#"clerk_mcp_call_duration_seconds_count{tool="clerk_get_user"} 3"#,
            r#"clerk_mcp_clerk_requests_total{status="429"} 1"#,
            r#"clerk_mcp_clerk_requests_total{status="200"} 2"#,
            "clerk_mcp_clerk_retries_total 1",
            r#"clerk_mcp_sessions{transport="streamable_http"} 1"#,
            r#"clerk_mcp_sessions{transport="sse"} 1"#,
            r#"clerk_mcp_events_received_total{kind="new"} 1"#,
            r#"clerk_mcp_events_received_total{kind="duplicate"} 1"#,
            r#"clerk_mcp_webhooks_refused_total{reason="header"} 1"#,
            concat!(r#"clerk_mcp_build_info{version=""#, env!("CARGO_PKG_VERSION"), r#""} 1"#),
        ],
    );
    assert!(text.contains("\nclerk_mcp_clerk_rate_limit_left "), "{text}");
    for personal in ["user_", "Ada", "ada", "example", "msg_1", "203.0"] {
        let values = text.lines().filter(|line| !line.starts_with('#'));
        let named = values.filter(|line| line.replace("clerk_get_user", "").contains(personal));
        assert_eq!(named.collect::<Vec<_>>(), Vec::<&str>::new(), "{personal}");
    }
    // They are nowhere else, and nothing else is there.
    assert_eq!(status(http.client.get(format!("{}/metrics", http.url))).await, 404);
    let elsewhere = http.metrics.as_ref().unwrap().replace("/metrics", "/mcp");
    assert_eq!(status(http.client.get(elsewhere)).await, 404);
}

#[tokio::test]
async fn people_who_are_not_let_in_are_counted_by_reason() {
    let issuer = Issuer::start().await;
    let options = ["--sandbox", "--oauth-issuer", &issuer.url, "--resource", RESOURCE];
    let allow = ["--oauth-allow", "sub:user_1,scope:desk"];
    let http = Http::start(&[&options[..], &allow, &ADDRESS].concat(), &[]).await;
    let call = |token: &str| http.stateless("tools/call", one_user()).bearer_auth(token);
    assert!(!read(&http).await.contains("\nclerk_mcp_clerk_rate_limit_left"), "there is no limit");
    assert_eq!(status(http.stateless("tools/call", one_user())).await, 401);
    assert_eq!(status(call("oat_opaque")).await, 401);
    assert_eq!(status(call(&issuer.token(json!({ "sub": "user_1", "exp": 1 })))).await, 401);
    assert_eq!(status(call(&issuer.token(json!({ "sub": "user_2" })))).await, 403);
    let let_in = call(&issuer.token(json!({ "sub": "user_1" }))).send().await.unwrap();
    assert!(message(let_in).await["result"]["structuredContent"].is_object());
    let text = read(&http).await;
    for reason in ["no_token", "malformed", "expired", "insufficient_scope"] {
        let line = format!("clerk_mcp_sign_ins_refused_total{{reason=\"{reason}\"}} 1");
        assert_lines(&text, &[&line]);
    }
    assert!(!text.contains("user_1") && !text.contains("user_2"), "{text}");
}
