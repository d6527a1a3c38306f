//! What the client sends, and what it makes of responses, against a scripted server.

#![expect(clippy::indexing_slicing, clippy::unwrap_used, reason = "a test may panic")]

use std::{
    num::NonZeroU32,
    sync::{Arc, Mutex},
    time::Duration,
};

use clerk_api::{
    Client, ClientConfig, Error, FilePart, Page, RateLimit, Request, RequestContext, RetryPolicy,
    Route, SecretKey,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    sync::Notify,
};
use tokio_util::sync::CancellationToken;

const KEY: &str = "sk_test_0123456789abcdef";
const LIST: Route = Route::get("/users");
const GET: Route = Route::get("/users/{user_id}");
const UPDATE: Route = Route::patch("/users/{user_id}");
const LOGO: Route = Route::put("/organizations/{organization_id}/logo");

/// What the server does with each request, in their order; the last one with all further ones.
#[derive(Clone, Copy)]
enum Script {
    /// Status, headers, body.
    Respond(u16, &'static str, &'static str),
    /// Closes the connection without a response.
    Break,
    /// Closes it in the middle of the body of a response with this status.
    BreakIn(u16),
    Hang,
}

struct Upstream {
    url: String,
    seen: Arc<Mutex<Vec<String>>>,
    arrived: Arc<Notify>,
}

impl Upstream {
    async fn new(scripts: &'static [Script]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let (seen, arrived) = (Arc::new(Mutex::new(Vec::new())), Arc::new(Notify::new()));
        let upstream = Self { url, seen: Arc::clone(&seen), arrived: Arc::clone(&arrived) };
        tokio::spawn(async move {
            let mut scripts = scripts.iter().copied().peekable();
            let mut last = Script::Hang;
            loop {
                let mut stream = listener.accept().await.unwrap().0;
                let request = read(&mut stream).await;
                seen.lock().unwrap().push(request);
                last = scripts.next().unwrap_or(last);
                arrived.notify_one();
                tokio::spawn(respond(stream, last));
            }
        });
        upstream
    }

    fn config(&self) -> ClientConfig {
        ClientConfig {
            retry: RetryPolicy { max_retries: 2, min_delay: Duration::ZERO },
            rate_limit: RateLimit::Off,
            ..ClientConfig::new(self.url.parse().unwrap(), "test/1")
        }
    }

    async fn send(
        &self,
        request: &Request,
    ) -> (Result<clerk_api::Response, Error>, RequestContext) {
        let context = RequestContext::new(Duration::from_secs(30));
        (Client::new(self.config()).send(&key(), request, &context).await, context)
    }

    fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap().clone()
    }
}

fn key() -> SecretKey {
    SecretKey::parse(KEY).unwrap()
}

/// The request as it came: head and body.
async fn read(stream: &mut TcpStream) -> String {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes).into_owned();
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let length = head.lines().find_map(|line| line.strip_prefix("content-length: "));
            if body.len() >= length.map_or(0, |length| length.parse().unwrap()) {
                return text;
            }
        }
        let mut chunk = [0; 4096];
        let count = stream.read(&mut chunk).await.unwrap();
        assert_ne!(count, 0, "the request broke off: {text}");
        bytes.extend_from_slice(&chunk[..count]);
    }
}

async fn respond(mut stream: TcpStream, script: Script) {
    let text = match script {
        Script::Respond(status, headers, body) => format!(
            "HTTP/1.1 {status} X\r\n{headers}content-length: {}\r\nconnection: close\r\n\r\n{body}",
            body.len()
        ),
        Script::Break => return,
        Script::BreakIn(status) => {
            format!("HTTP/1.1 {status} X\r\ncontent-length: 100\r\n\r\n{{\"id\":")
        }
        Script::Hang => return std::future::pending().await,
    };
    stream.write_all(text.as_bytes()).await.unwrap();
    stream.shutdown().await.unwrap();
}

#[tokio::test]
async fn a_request_has_the_key_the_version_and_the_program_in_its_headers() {
    const BODY: &str = r#"{"data":[{"id":"user_1"}],"total_count":7}"#;
    let upstream =
        Upstream::new(&[Script::Respond(200, "clerk-trace-id: trace_1\r\n", BODY)]).await;
    let fields = json!({ "email_address": ["a+b@x.y", "c d"], "limit": 1, "query": null });
    let (response, context) = upstream.send(&Request::new(LIST, &fields).unwrap()).await;
    let page: Page<Value> = response.unwrap().page().await.unwrap().value;
    assert_eq!((page.rows, page.total), (vec![json!({ "id": "user_1" })], Some(7)));
    let [seen] = &upstream.seen()[..] else { panic!("{:?}", upstream.seen()) };
    let line = "GET /v1/users?email_address=a%2Bb%40x.y&email_address=c+d&limit=1 HTTP/1.1\r\n";
    assert!(seen.starts_with(line), "{seen}");
    let bearer = format!("authorization: Bearer {KEY}\r\n");
    for header in [bearer.as_str(), "clerk-api-version: 2026-05-12\r\n", "user-agent: test/1\r\n"] {
        assert!(seen.contains(header), "{seen}");
    }
    let last = context.last_response();
    assert_eq!((last.status, last.trace_id.as_deref()), (Some(200), Some("trace_1")));
    assert_eq!(last.requests_left, None);
}

#[tokio::test]
async fn a_file_is_sent_as_a_form_with_the_fields_beside_it() {
    let upstream = Upstream::new(&[Script::Respond(200, "", "{}")]).await;
    let fields = json!({ "organization_id": "org_1", "uploader_user_id": "user_1" });
    let file = FilePart {
        file_name: "image.png".to_owned(),
        media_type: "image/png".to_owned(),
        bytes: "PNG!".into(),
    };
    let request = Request::new(LOGO, &fields).unwrap().with_file(file);
    upstream.send(&request).await.0.unwrap();
    let [seen] = &upstream.seen()[..] else { panic!("{:?}", upstream.seen()) };
    assert!(seen.starts_with("PUT /v1/organizations/org_1/logo HTTP/1.1\r\n"), "{seen}");
    for part in [
        "content-type: multipart/form-data; boundary=",
        "name=\"file\"; filename=\"image.png\"\r\ncontent-type: image/png\r\n\r\nPNG!\r\n",
        "name=\"uploader_user_id\"\r\n\r\nuser_1\r\n",
    ] {
        assert!(seen.to_lowercase().contains(&part.to_lowercase()), "{part}: {seen}");
    }
}

#[tokio::test]
async fn only_what_is_safe_is_sent_again() {
    // The request, what it meets, how often it is sent, how it ends.
    type Case<'a> = (&'a Request, &'static [Script], usize, Result<u16, &'a str>);
    const DOWN: Script = Script::Respond(503, "", "");
    const BUSY: Script = Script::Respond(429, "retry-after: 0\r\n", "");
    const MISSING: Script = Script::Respond(404, "", r#"{"errors":[{"code":"not_found"}]}"#);
    const GOOD: Script = Script::Respond(200, "", r#"{"id":"user_1"}"#);
    let read = Request::new(GET, &json!({ "user_id": "user_1" })).unwrap();
    let write = Request::new(UPDATE, &json!({ "user_id": "user_1", "first_name": "A" })).unwrap();
    let cases: [Case; 9] = [
        (&read, &[DOWN, DOWN, GOOD], 3, Ok(200)),
        (&read, &[DOWN], 3, Err("refused")),
        (&read, &[Script::Break, GOOD], 2, Ok(200)),
        (&read, &[Script::BreakIn(200), GOOD], 2, Ok(200)),
        (&read, &[MISSING], 1, Err("refused")),
        (&write, &[BUSY, BUSY, GOOD], 3, Ok(200)),
        (&write, &[DOWN, GOOD], 1, Err("refused")),
        (&write, &[Script::BreakIn(200), GOOD], 1, Err("unreadable")),
        (&write, &[Script::BreakIn(422), GOOD], 1, Err("refused")),
    ];
    for (number, (request, scripts, count, expected)) in cases.into_iter().enumerate() {
        let upstream = Upstream::new(scripts).await;
        let outcome = upstream.send(request).await.0;
        let outcome = outcome.as_ref().map(|response| response.status).map_err(Error::kind);
        assert_eq!((outcome, upstream.seen().len()), (expected, count), "case {number}");
    }
}

#[tokio::test]
async fn a_write_whose_connection_broke_is_in_doubt() {
    let upstream = Upstream::new(&[Script::Break]).await;
    let write = Request::new(UPDATE, &json!({ "user_id": "user_1", "first_name": "A" })).unwrap();
    let error = upstream.send(&write).await.0.unwrap_err();
    assert!(error.leaves_in_doubt() && error.kind() == "interrupted", "{error:?}");
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test]
async fn a_cancelled_context_ends_its_requests() {
    let upstream = Upstream::new(&[Script::Hang]).await;
    let token = CancellationToken::new();
    let context = RequestContext::new(Duration::from_mins(10)).with_cancellation(token.clone());
    let client = Client::new(ClientConfig { timeout: Duration::MAX, ..upstream.config() });
    let request = Request::new(LIST, &json!({})).unwrap();
    let cancel = async {
        upstream.arrived.notified().await;
        token.cancel();
    };
    let (key, cancelled) = (key(), client.clone());
    let (outcome, ()) = tokio::join!(cancelled.send(&key, &request, &context), cancel);
    assert!(matches!(outcome, Err(Error::Cancelled)), "{outcome:?}");
    let later = client.send(&key, &request, &context).await;
    assert!(matches!(later, Err(Error::Cancelled)), "{later:?}");
    assert_eq!(upstream.seen().len(), 1);
}

#[tokio::test]
async fn what_is_left_of_the_rate_budget_is_told() {
    let upstream = Upstream::new(&[Script::Respond(200, "", "[]")]).await;
    let rate_limit = RateLimit::PerTenSeconds(NonZeroU32::new(8).unwrap());
    let client = Client::new(ClientConfig { rate_limit, ..upstream.config() });
    let context = RequestContext::new(Duration::from_secs(30));
    let request = Request::new(LIST, &json!({})).unwrap();
    client.send(&key(), &request, &context).await.unwrap();
    assert_eq!(context.last_response().requests_left, Some(1));
}

#[tokio::test]
async fn the_key_is_in_no_debug_output_and_in_no_error() {
    let upstream = Upstream::new(&[Script::Respond(500, "", "")]).await;
    let client = Client::new(ClientConfig { retry: RetryPolicy::NEVER, ..upstream.config() });
    let context = RequestContext::new(Duration::from_secs(30));
    let request = Request::new(LIST, &json!({})).unwrap();
    let error = client.send(&key(), &request, &context).await.unwrap_err();
    let shown = format!("{:?} {client:?} {context:?} {request:?} {error:?} {error}", key());
    assert!(!shown.contains("0123456789abcdef"), "{shown}");
}
