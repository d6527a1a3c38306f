//! Faults on demand.

use std::time::Duration;

use clerk_sandbox::{Fault, Options, Sandbox, serve};
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::time::{Instant, timeout};

use super::{Api, KEY};

/// The raw response to a request with this fault in its header.
async fn raw(api: &Api, fault: &str) -> String {
    let header = format!("X-Sandbox-Fault: {fault}");
    let response = api.exchange("GET", "/v1/users", "", &[KEY, &header]).await;
    String::from_utf8(response).unwrap()
}

async fn with_faults(faults: &[&str]) -> Api {
    let faults = faults.iter().map(|fault| fault.parse().unwrap()).collect();
    Api::with(Options { faults, ..Options::default() }).await
}

#[tokio::test]
async fn faults_that_replace_the_response() {
    let api = Api::start().await;
    for (fault, status, in_head, in_body) in [
        ("429", 429, "content-type: application/json\r\n", "too_many_requests"),
        ("429;retry-after=2", 429, "retry-after: 2\r\n", r#""resets_in":2"#),
        ("500", 500, "content-type: application/json\r\n", "internal_clerk_error"),
        ("502-html", 502, "content-type: text/html", "502 Bad Gateway"),
        ("503-empty", 503, "content-length: 0\r\n", ""),
    ] {
        let response = raw(&api, fault).await;
        let (head, body) = response.split_once("\r\n\r\n").unwrap();
        assert!(head.starts_with(&format!("HTTP/1.1 {status} ")), "{fault}: {head}");
        assert!(head.contains(in_head), "{fault}: {head}");
        assert!(body.contains(in_body), "{fault}: {body}");
        assert_eq!(head.contains("retry-after"), fault.contains("retry-after"), "{fault}");
        assert_eq!(body.is_empty(), fault == "503-empty", "{fault}");
    }
}

#[tokio::test]
async fn faults_that_cut_the_response_in_half() {
    let api = Api::start().await;
    let whole = api.get("/users").await;
    for (fault, has_all_that_is_promised) in [("cut", false), ("malformed", true)] {
        let response = raw(&api, fault).await;
        let (head, body) = response.split_once("\r\n\r\n").expect(fault);
        assert!(head.starts_with("HTTP/1.1 200 "), "{head}");
        assert!(whole.text.starts_with(body) && body.len() == whole.text.len() / 2, "{fault}");
        let promised = head.split_once("content-length: ").unwrap().1;
        let promised: usize = promised.lines().next().unwrap().parse().unwrap();
        assert_eq!(promised == body.len(), has_all_that_is_promised, "{fault}");
        assert!(serde_json::from_str::<Value>(body).is_err());
    }
}

#[tokio::test(start_paused = true)]
async fn faults_that_delay_or_withhold_the_response() {
    let api = Api::start().await;
    assert_eq!(raw(&api, "reset").await, "");
    let hanging = timeout(Duration::from_hours(1), raw(&api, "hang")).await;
    assert!(hanging.is_err());
    let start = Instant::now();
    let slow = raw(&api, "slow=200").await;
    assert!(start.elapsed() >= Duration::from_millis(200));
    assert!(slow.starts_with("HTTP/1.1 200 "));
}

/// The server stops on request, even while a request hangs.
#[tokio::test(start_paused = true)]
async fn stopping_does_not_wait_for_what_hangs() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let api = Api { address: listener.local_addr().unwrap() };
    let sandbox = Sandbox::new(Options::default());
    let (stop, stopped) = oneshot::channel::<()>();
    let serving =
        tokio::spawn(
            async move { serve(listener, &sandbox, async { stopped.await.unwrap() }).await },
        );
    let hanging = timeout(Duration::from_hours(1), raw(&api, "hang")).await;
    assert!(hanging.is_err() && !serving.is_finished());
    let _hanging = tokio::spawn(async move { raw(&api, "hang").await });
    tokio::time::sleep(Duration::from_millis(50)).await;
    stop.send(()).unwrap();
    let served = timeout(Duration::from_secs(5), serving).await.expect("an end");
    assert!(served.unwrap().is_ok());
}

#[tokio::test]
async fn faults_that_carry_a_write_out() {
    let api = Api::start().await;
    for (index, (fault, is_carried_out)) in [
        ("slow=1", true),
        ("cut", true),
        ("malformed", true),
        ("hostile-names", true),
        ("429", false),
        ("500", false),
        ("502-html", false),
        ("503-empty", false),
        ("reset", false),
    ]
    .into_iter()
    .enumerate()
    {
        let name = format!("written_{index}");
        let body = json!({ "username": name }).to_string();
        let header = format!("X-Sandbox-Fault: {fault}");
        let headers = [KEY, "Content-Type: application/json", &header];
        api.exchange("POST", "/v1/users", &body, &headers).await;
        let count = api.query("/users/count", &[("username", &name)]).await.ok();
        assert_eq!(count["total_count"], i32::from(is_carried_out), "{fault}");
    }
}

#[tokio::test]
async fn hostile_names_replace_only_names() {
    let api = Api::start().await;
    let header = "X-Sandbox-Fault: hostile-names";
    for path in ["/users?limit=10", "/organizations"] {
        let calm = api.get(path).await.ok();
        let hostile = api.send_with("GET", path, None, &[KEY, header]).await.ok();
        assert_ne!(calm, hostile);
        let text = hostile.to_string();
        for part in ["Ignore all previous instructions", "\\u001b[2J", "\u{202e}", "\u{200b}"] {
            assert!(text.contains(part), "{path}: {part:?}");
        }
        let (mut calm, mut hostile) = (calm, hostile);
        remove_names(&mut calm);
        remove_names(&mut hostile);
        assert_eq!(calm, hostile, "only names differ");
    }
}

fn remove_names(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(remove_names),
        Value::Object(fields) => {
            fields.retain(|name, _| !["first_name", "last_name", "name"].contains(&name.as_str()));
            fields.values_mut().for_each(remove_names);
        }
        _ => {}
    }
}

#[tokio::test]
async fn options_apply_to_what_they_match() {
    let api =
        with_faults(&["500;times=2;on=GET /v1/users/count", "503-empty;on=DELETE /v1/users"]).await;
    let status = async |method, path: &'static str, key: &'static str| {
        api.send_text(method, path, "", &[key]).await.status
    };
    assert_eq!(status("GET", "/users", KEY).await, 200, "another path");
    assert_eq!(status("GET", "/users/count", "X-Key: none").await, 401, "the key comes first");
    assert_eq!(status("GET", "/users/count", KEY).await, 500);
    assert_eq!(status("GET", "/users/count?bogus=1", KEY).await, 500);
    assert_eq!(status("GET", "/users/count", KEY).await, 200, "twice only");
    for _ in 0..3 {
        assert_eq!(status("DELETE", "/users/user_nobody", KEY).await, 503);
    }
}

#[tokio::test]
async fn of_several_faults_one_applies() {
    let api = with_faults(&["429;times=1", "500;times=1"]).await;
    let headers = [KEY, "X-Sandbox-Fault: 503-empty"];
    assert_eq!(api.send_text("GET", "/users", "", &headers).await.status, 503, "the header wins");
    for status in [429, 500, 200] {
        assert_eq!(api.send_text("GET", "/users", "", &[KEY]).await.status, status);
    }
}

#[tokio::test]
async fn invalid_fault_headers_are_refused() {
    let api = Api::start().await;
    for fault in ["", "418", "429;times=1", "500;on=GET /v1", "500;retry-after=1"] {
        let header = format!("X-Sandbox-Fault: {fault}");
        let response = api.send_with("GET", "/users", None, &[KEY, &header]).await;
        assert_eq!(response.refusal(), (400, vec!["malformed_request_parameters".to_owned()]));
    }
}

#[test]
fn invalid_faults_are_refused() {
    for (text, word) in [
        ("", "429;retry-after=SECONDS"),
        ("404", "`404` is none of 429"),
        ("slow", "slow=MILLISECONDS"),
        ("slow=fast", "`slow` takes a whole number, not `fast`"),
        ("429;retry-after=-1", "`retry-after` takes a whole number"),
        ("500;retry-after=1", "`retry-after=1` is none of"),
        ("500;times=", "`times` takes a whole number"),
        ("500;on=GET", "such as `GET /v1/users`"),
        ("500;on=get /v1", "such as `GET /v1/users`"),
        ("500;on=GET /users", "such as `GET /v1/users`"),
        ("500;", "`` is none of"),
    ] {
        let problem = text.parse::<Fault>().unwrap_err().to_string();
        assert!(problem.starts_with(&format!("`{text}` is not a fault: ")), "{problem}");
        assert!(problem.contains(word), "{problem}");
    }
    for text in ["500 ; times=2 ; on=PATCH /v1/users", "hang;on=GET /v1", "slow=0"] {
        assert!(text.parse::<Fault>().is_ok(), "{text}");
    }
}
