//! What the targets share: a server, an upstream in Clerk's place, and values made of bytes.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Router,
    body::Body,
    extract::Request,
    http::{Response, StatusCode},
};
use clerk_api::{ClientConfig, RateLimit, SecretKey};
use clerk_mcp::{Caller, Server, ServerOptions, ctx::USER_AGENT, guard::Guard, Clerk, Settings};
use libfuzzer_sys::arbitrary::Unstructured;
use rmcp::model::JsonObject;
use serde_json::{Map, Value};
use tokio::{net::TcpListener, runtime::Runtime};

/// The key that must stand in no result.
pub const KEY: &str = "sk_test_KeyThatMustNotLeak42";

/// A runtime on one thread whose clock jumps to the next timer when there is nothing to do: no
/// input takes the time that its waits would, and what never ends is known at once.
pub fn runtime() -> Runtime {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    builder.enable_all().start_paused(true).build().unwrap()
}

/// What an upstream answers with.
#[derive(Clone, Default)]
pub struct Answer {
    pub status: u16,
    pub headers: Vec<(&'static str, &'static str)>,
    pub body: Vec<u8>,
}

/// Starts an upstream that answers each request as the function says.
pub fn upstream(
    runtime: &Runtime,
    answer: impl Fn(&Request) -> Answer + Clone + Send + Sync + 'static,
) -> String {
    runtime.block_on(async {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let router = Router::new().fallback(move |request: Request| {
            let answer = answer.clone();
            async move {
                let Answer { status, headers, body } = answer(&request);
                let status = StatusCode::from_u16(status).unwrap();
                let mut response = Response::builder().status(status);
                for (name, value) in headers {
                    response = response.header(name, value);
                }
                response.body(Body::from(body)).unwrap()
            }
        });
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        url
    })
}

/// An upstream whose answer can be changed between two inputs.
pub fn changing_upstream(runtime: &Runtime) -> (String, Arc<Mutex<Answer>>) {
    let answer = Arc::new(Mutex::new(Answer { status: 400, ..Answer::default() }));
    let current = answer.clone();
    (upstream(runtime, move |_| current.lock().unwrap().clone()), answer)
}

/// A server that talks to `url`.
pub fn server(url: &str, guard: Guard) -> Server {
    Server::new(ServerOptions::new(
        Clerk::new(Settings {
            api: ClientConfig {
                timeout: Duration::from_secs(5),
                rate_limit: RateLimit::Off,
                ..ClientConfig::new(url.parse().unwrap(), USER_AGENT)
            },
            key: SecretKey::parse(KEY).map_err(|_| clerk_mcp::ctx::NoKey),
            other_secrets: Vec::new(),
            upload_folder: None,
        }),
        guard,
    ))
}

/// Calls a tool, and checks what holds for every result.
pub fn call(runtime: &Runtime, server: &Server, tool: &str, arguments: JsonObject) -> Outcome {
    let call = server.call(tool, arguments, Caller::default());
    let response = runtime.block_on(call).unwrap();
    match response {
        clerk_mcp::Outcome::Done(result) => check(tool, &result, false),
        clerk_mcp::Outcome::Failed(report) => check(tool, &report, true),
        asks @ clerk_mcp::Outcome::NeedsApproval { .. } => panic!("{asks:?}"),
    }
}

/// What a call came to.
pub struct Outcome {
    pub is_error: bool,
    /// The code of an error.
    pub code: String,
}

fn check(tool: &str, text: &Value, is_error: bool) -> Outcome {
    let whole = text.to_string();
    assert!(!whole.contains(KEY), "{tool} leaks the key: {whole}");
    let code = text["error"]["code"].as_str().unwrap_or_default().to_owned();
    if is_error {
        assert_eq!(text["success"], false, "{whole}");
        assert!(!code.is_empty() && code != "internal_error", "{whole}");
        assert!(text["error"]["hint"].is_string() && text["error"]["message"].is_string());
    }
    Outcome { is_error, code }
}

/// Any JSON value, made of bytes.
pub fn value(bytes: &mut Unstructured<'_>, depth: usize) -> Value {
    match bytes.int_in_range(0..=11).unwrap_or(0) {
        0 => Value::Null,
        1 => bytes.arbitrary::<bool>().unwrap_or_default().into(),
        2 => bytes.arbitrary::<i64>().unwrap_or_default().into(),
        3 => bytes.arbitrary::<u64>().unwrap_or_default().into(),
        4 => bytes.arbitrary::<f64>().unwrap_or_default().into(),
        5 => i64::from(bytes.arbitrary::<u8>().unwrap_or_default()).into(),
        6 | 7 => bytes.arbitrary::<&str>().unwrap_or_default().into(),
        8 => "user_1".into(),
        9 if depth > 0 => {
            let count = bytes.int_in_range(0..=4).unwrap_or(0);
            (0..count).map(|_| value(bytes, depth - 1)).collect()
        }
        10 if depth > 0 => {
            let count = bytes.int_in_range(0..=4).unwrap_or(0);
            let member = |bytes: &mut Unstructured<'_>| {
                let name = bytes.arbitrary::<&str>().unwrap_or_default().to_owned();
                (name, value(bytes, depth - 1))
            };
            Value::Object((0..count).map(|_| member(bytes)).collect::<Map<_, _>>())
        }
        _ => KEY.into(),
    }
}

/// Changes some places of `json`, as the bytes say.
pub fn mutate(json: &mut Value, bytes: &mut Unstructured<'_>) {
    for _ in 0..bytes.int_in_range(0..=3).unwrap_or(0) {
        let mut node = &mut *json;
        loop {
            let children = match node {
                Value::Array(items) => items.len(),
                Value::Object(members) => members.len(),
                _ => 0,
            };
            let Some(last) = children.checked_sub(1) else { break };
            if bytes.ratio(1, 4).unwrap_or(true) {
                break;
            }
            let index = bytes.int_in_range(0..=last).unwrap_or(0);
            node = match node {
                Value::Array(items) => &mut items[index],
                Value::Object(members) => members.values_mut().nth(index).unwrap(),
                _ => unreachable!(),
            };
        }
        *node = value(bytes, 3);
    }
}
