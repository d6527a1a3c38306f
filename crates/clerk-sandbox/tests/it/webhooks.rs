//! Webhooks: who gets them, signed how, and when again.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;

use super::{Api, text};

/// A receiver that responds with these statuses in turn, then with 200; and what it got.
async fn receiver(statuses: &'static [u16]) -> (String, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let url = format!("http://{}/hook", listener.local_addr().unwrap());
    let got = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&got);
    tokio::spawn(async move {
        let mut statuses = statuses.iter();
        loop {
            let (mut connection, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            let mut buffer = [0; 4096];
            while !is_whole(&request) {
                let read = connection.read(&mut buffer).await.unwrap();
                request.extend(&buffer[..read]);
                if read == 0 {
                    break;
                }
            }
            let status = statuses.next().unwrap_or(&200);
            kept.lock().unwrap().push(String::from_utf8(request).unwrap());
            let response =
                format!("HTTP/1.1 {status} X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
            connection.write_all(response.as_bytes()).await.unwrap();
        }
    });
    (url, got)
}

fn is_whole(request: &[u8]) -> bool {
    let text = String::from_utf8_lossy(request);
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    header(head, "content-length").is_some_and(|length| body.len() >= length.parse().unwrap())
}

fn header<'a>(request: &'a str, name: &str) -> Option<&'a str> {
    let mut lines = request.lines().filter_map(|line| line.split_once(": "));
    lines.find(|(field, _)| field.eq_ignore_ascii_case(name)).map(|(_, value)| value)
}

/// Waits until the receiver has this many requests.
async fn wait(got: &Mutex<Vec<String>>, count: usize) -> Vec<String> {
    for _ in 0..1_000 {
        if got.lock().unwrap().len() >= count {
            break;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    let got = got.lock().unwrap().clone();
    assert_eq!(got.len(), count);
    got
}

async fn create(api: &Api, username: &str) {
    api.send("POST", "/users", Some(&json!({ "username": username }))).await.ok();
}

#[tokio::test]
async fn a_receiver_gets_the_events_that_it_asked_for() {
    let api = Api::start().await;
    let (url, got) = receiver(&[]).await;
    let body = json!({ "url": url, "events": ["user.deleted"] });
    let added = api.control("POST", "/webhooks", &body).await.ok();
    assert!(text(&added, "signing_secret").starts_with("whsec_"));
    let user = api.get("/users?limit=1").await.ids().remove(0);
    create(&api, "somebody").await;
    api.send("DELETE", &format!("/users/{user}"), None).await.ok();
    let request = wait(&got, 1).await.remove(0);
    let (head, body) = request.split_once("\r\n\r\n").unwrap();
    let event: Value = serde_json::from_str(body).unwrap();
    assert_eq!((&event["type"], &event["data"]["id"]), (&json!("user.deleted"), &json!(user)));
    for name in ["svix-id", "svix-timestamp", "svix-signature"] {
        assert!(header(head, name).is_some(), "{head}");
    }
    let path = format!("/webhooks/{}", text(&added, "id"));
    assert_eq!(api.control("DELETE", &path, &Value::Null).await.ok()["total_count"], 0);
    assert_eq!(api.control("DELETE", &path, &Value::Null).await.status, 404);
}

#[tokio::test]
async fn webhooks_go_to_this_machine_unless_the_operator_names_a_host() {
    let api = Api::start().await;
    for (url, code) in [
        ("http://app:3000/hook", "form_param_value_invalid url"),
        ("http://169.254.169.254/", "form_param_value_invalid url"),
        ("file:///etc/passwd", "form_param_format_invalid url"),
    ] {
        let refused = api.control("POST", "/webhooks", &json!({ "url": url })).await;
        assert_eq!(refused.refusal(), (422, vec![code.to_owned()]), "{url}");
    }
    let short = json!({ "url": "http://localhost", "secret": "whsec_YWJj" });
    let refused = api.control("POST", "/webhooks", &short).await;
    assert_eq!(refused.refusal(), (422, vec!["form_param_format_invalid secret".to_owned()]));
    let options =
        clerk_sandbox::Options { webhook_hosts: vec!["app".to_owned()], ..Default::default() };
    let api = Api::with(options).await;
    let body = json!({ "url": "http://app:3000/hook" });
    api.control("POST", "/webhooks", &body).await.ok();
    let all = api.control("GET", "/webhooks", &Value::Null).await.ok();
    assert_eq!(
        (&all["data"][0]["url"], &all["data"][0]["signing_secret"]),
        (&body["url"], &Value::Null)
    );
}

/// The clock stands still, so nothing but its moves brings a further attempt.
#[tokio::test]
async fn what_is_not_accepted_is_sent_again_as_the_sandboxs_clock_moves() {
    let api = Api::start().await;
    let (url, got) = receiver(&[500, 404]).await;
    api.control("POST", "/webhooks", &json!({ "url": url })).await.ok();
    api.control("POST", "/clock", &json!({ "frozen": true })).await.ok();
    create(&api, "somebody").await;
    wait(&got, 1).await;
    for (seconds, count) in [(5, 2), (300, 3)] {
        // The attempt before has to be over before the next one is waited for.
        attempts(&api, count - 1).await;
        api.control("POST", "/clock", &json!({ "advance": seconds })).await.ok();
        wait(&got, count).await;
    }
    attempts(&api, 3).await;
    let events = api.control("GET", "/events?type=user.created", &Value::Null).await.ok();
    let event = &events["data"][0];
    let tried = event["attempts"].as_array().unwrap();
    let statuses: Vec<_> = tried.iter().map(|attempt| attempt["status"].clone()).collect();
    assert_eq!(statuses, [500, 404, 200]);
    let got = got.lock().unwrap().clone();
    let ids: Vec<_> = got.iter().map(|request| header(request, "svix-id")).collect();
    assert!(ids.iter().all(|id| *id == Some(&*text(event, "id"))), "{ids:?}");
}

/// Waits until so many attempts are recorded, which is when the next one is planned.
async fn attempts(api: &Api, count: usize) {
    for _ in 0..1_000 {
        let events = api.control("GET", "/events?type=user.created", &Value::Null).await.ok();
        if events["data"][0]["attempts"].as_array().unwrap().len() == count {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("no attempt number {count}");
}
