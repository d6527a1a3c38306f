//! The file of events under a running server.

use std::fs;

use serde_json::{Value, json};

use super::{SECRET, signed, user_event};
use crate::http::client::{Http, message, status};

const VARIABLES: [(&str, &str); 1] = [("CLERK_WEBHOOK_SIGNING_SECRET", SECRET)];

async fn ready(http: &Http) -> (u16, Value) {
    let answer = http.client.get(format!("{}/readyz", http.url)).send().await.unwrap();
    (answer.status().as_u16(), message(answer).await)
}

#[tokio::test]
async fn a_file_that_is_removed_is_noticed_and_no_delivery_is_confirmed() {
    let folder = tempfile::tempdir().unwrap();
    let (file, away) = (folder.path().join("events.db"), folder.path().join("away.db"));
    let http = Http::start(&["--sandbox", "--events", file.to_str().unwrap()], &VARIABLES).await;
    let body = user_event("user.created", "user_1").to_string();
    assert_eq!(status(signed(&http, "msg_1", &body)).await, 204);
    // Clerk takes the key.
    assert_eq!(status(http.call("clerk_list_users", json!({}))).await, 200);
    let whole = json!({ "ready": true, "key": true, "events": true });
    assert_eq!(ready(&http).await, (200, whole.clone()));
    fs::rename(&file, &away).unwrap();
    let refused = signed(&http, "msg_2", &body).send().await.unwrap();
    assert_eq!(refused.status(), 503);
    assert!(refused.headers().contains_key("retry-after"), "Clerk sends it again");
    assert_eq!(ready(&http).await, (503, json!({ "ready": false, "key": true, "events": false })));
    let whoami = message(http.call("clerk_whoami", json!({})).send().await.unwrap()).await;
    let problem = &whoami["result"]["structuredContent"]["events"]["problem"];
    assert!(problem.as_str().unwrap().contains("removed or replaced"), "{whoami}");
    let listed = message(http.call("clerk_list_events", json!({})).send().await.unwrap()).await;
    assert!(listed.to_string().contains("removed or replaced"), "{listed}");
    fs::rename(&away, &file).unwrap();
    assert_eq!(status(signed(&http, "msg_2", &body)).await, 204);
    assert_eq!(ready(&http).await, (200, whole));
    let (log, ..) = http.end().await;
    assert!(log.contains("removed or replaced"), "{log}");
}

#[tokio::test]
async fn a_write_over_the_limit_on_files_is_refused_and_the_server_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.db");
    let options = ["--sandbox", "--events", file.to_str().unwrap()];
    // In blocks of 512 bytes, or of 1,024.
    let http = Http::limited("-f 600", &options, &VARIABLES).await;
    let mut body = user_event("user.created", "user_1");
    body["data"]["public_metadata"] = json!({ "x": "x".repeat(100_000) });
    let mut statuses = Vec::new();
    while statuses.last() != Some(&503) && statuses.len() < 20 {
        let id = format!("msg_{}", statuses.len());
        statuses.push(status(signed(&http, &id, &body.to_string())).await);
    }
    let kept = statuses.iter().filter(|status| **status == 204).count();
    assert_eq!((kept + 1, statuses.last()), (statuses.len(), Some(&503)), "{statuses:?}");
    let listed = message(http.call("clerk_list_events", json!({})).send().await.unwrap()).await;
    assert_eq!(listed["result"]["structuredContent"]["totalCount"], kept, "{listed}");
    let (log, code) = http.end().await;
    assert_eq!(code, Some(0), "{log}");
    assert!(log.contains("events could not be kept"), "{log}");
}
