//! Headers of every response, and what `/readyz` says of each part.

use std::fs;

use reqwest::RequestBuilder;
use serde_json::{Value, json};

use super::client::{Events, Http, message, one_user};

#[tokio::test]
async fn every_response_forbids_what_browsers_and_caches_might_do_with_it() {
    let signing = ("CLERK_WEBHOOK_SIGNING_SECRET", "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD");
    let options =
        ["--sandbox", "--oauth-issuer", "http://127.0.0.1:1", "--oauth-allow", "sub:user_1"];
    let resource = ["--resource", "http://localhost:7331/mcp"];
    let team = Http::start(&[&options[..], &resource].concat(), &[]).await;
    let apart = ["--sandbox", "--webhooks-listen", "127.0.0.1:0"];
    let open = Http::start(&apart, &[signing]).await;
    let get = |http: &Http, path: &str| http.client.get(format!("{}{path}", http.url));
    let stream = Events::open(&open).await.unwrap().stream;
    let requests: Vec<(RequestBuilder, u16)> = vec![
        (open.stateless("tools/call", one_user()), 200),
        (open.post("/mcp", "{"), 400),
        (get(&open, "/healthz"), 200),
        (get(&open, "/readyz"), 200),
        (get(&open, "/nothing"), 404),
        (get(&open, "/mcp").header("origin", "https://evil.example"), 403),
        (open.receiver.post("/webhooks/clerk", "{}"), 400),
        (get(&team, "/mcp"), 401),
        (get(&team, "/.well-known/oauth-protected-resource"), 200),
    ];
    let mut responses = vec![stream];
    for (request, status) in requests {
        let response = request.send().await.unwrap();
        assert_eq!(response.status(), status, "{response:?}");
        responses.push(response);
    }
    for response in responses {
        let header = |name: &str| response.headers()[name].to_str().unwrap();
        let is_public = response.url().path().starts_with("/.well-known/");
        let kept = if is_public { "public, max-age=300" } else { "no-store" };
        assert_eq!(header("cache-control"), kept, "{response:?}");
        assert_eq!(header("x-content-type-options"), "nosniff");
        assert_eq!(header("referrer-policy"), "no-referrer");
        let policy = "default-src 'none'; frame-ancestors 'none'";
        assert_eq!(header("content-security-policy"), policy);
        for name in ["cache-control", "content-security-policy"] {
            assert_eq!(response.headers().get_all(name).iter().count(), 1, "{name}");
        }
    }
}

async fn ready(http: &Http) -> (u16, Value) {
    let answer = http.client.get(format!("{}/readyz", http.url)).send().await.unwrap();
    (answer.status().as_u16(), message(answer).await)
}

#[tokio::test]
async fn readiness_names_the_log_or_the_journal_that_cannot_be_written() {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name).to_str().unwrap().to_owned();
    let (audit, journal) = (path("audit.jsonl"), path("journal.db"));
    let options = ["--sandbox", "--audit", &audit, "--journal", &journal];
    let http =
        Http::start(&[&options[..], &["--metrics-address", "127.0.0.1:0"]].concat(), &[]).await;
    let whole = json!({ "ready": true, "key": true, "audit": true, "journal": true });
    assert_eq!(ready(&http).await, (200, whole.clone()));
    // A folder in its place can't be written, whoever the tests run as.
    fs::rename(&audit, path("away")).unwrap();
    fs::create_dir(&audit).unwrap();
    let without = json!({ "ready": false, "key": true, "audit": false, "journal": true });
    assert_eq!(ready(&http).await, (503, without));
    let create = http.call("clerk_create_user", json!({ "username": "ada" }));
    let refused = message(create.send().await.unwrap()).await.to_string();
    assert!(refused.contains("audit_unwritable"), "{refused}");
    let metrics = http.client.get(http.metrics.as_ref().unwrap()).send().await.unwrap();
    let metrics = metrics.text().await.unwrap();
    assert!(metrics.contains("clerk_mcp_log_failures_total{log=\"audit\"} 1"), "{metrics}");
    fs::remove_dir(&audit).unwrap();
    assert_eq!(ready(&http).await, (200, whole));
    #[cfg(unix)]
    {
        fs::rename(&journal, path("journal-away")).unwrap();
        let without = json!({ "ready": false, "key": true, "audit": true, "journal": false });
        assert_eq!(ready(&http).await, (503, without));
    }
}
