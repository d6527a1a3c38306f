//! An upstream that responds with anything.

use std::{
    cell::Cell,
    fs, io,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Body, http::Response};
use clerk_mcp::{
    Caller, Clerk, Outcome, Server, ServerOptions, catalog,
    guard::{Guard, Selection},
    mcp,
    tool::{CallMeta, Tool},
};
use futures::{FutureExt, StreamExt, future};
use jsonschema::Validator;
use proptest::{collection::vec, prelude::*, sample::select, test_runner::TestRunner};
use rmcp::model::JsonObject;
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tokio::{net::TcpListener, time::timeout};

use super::{body::Oddity, runtime};
use crate::support::{self, KEY, PATIENCE, Script, Upstream};

/// What an upstream answers with.
#[derive(Clone)]
struct Answer {
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: Vec<u8>,
    /// Whether the connection breaks before the body ends.
    breaks: bool,
}

/// A tool with a call of it that is right, and an upstream of its own.
struct Subject {
    tool: &'static Tool,
    arguments: JsonObject,
    answers: Vec<Value>,
    output: Validator,
    server: Server,
    answer: Arc<Mutex<Answer>>,
}

impl Subject {
    /// None if the call asks Clerk for nothing.
    async fn new(tool: &'static Tool) -> Option<Self> {
        let text = fs::read_to_string(format!("tests/fixtures/{}.json", tool.name)).unwrap();
        let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
        let good = cases.iter().find(|case| case["result"].is_object()).unwrap();
        good["exchanges"].as_array()?;
        let exchanges = cases.iter().filter_map(|case| case["exchanges"].as_array()).flatten();
        let answers: Vec<_> = exchanges.map(|exchange| exchange["answer"].clone()).collect();
        let answer = Answer { status: 400, headers: vec![], body: vec![], breaks: false };
        let answer = Arc::new(Mutex::new(answer));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let current = answer.clone();
        let router = Router::new().fallback(move || {
            let Answer { status, headers, body, breaks } = current.lock().unwrap().clone();
            let builder = Response::builder().status(status);
            let builder = headers
                .iter()
                .fold(builder, |builder, (name, value)| builder.header(*name, *value));
            let body = if breaks {
                let end = async {
                    // Until the beginning is sent.
                    tokio::time::sleep(Duration::from_millis(10)).await;
                    Err(io::Error::other("on purpose"))
                };
                let beginning = future::ready(Ok(body));
                Body::from_stream(beginning.into_stream().chain(end.into_stream()))
            } else {
                Body::from(body)
            };
            future::ready(builder.body(body).unwrap())
        });
        tokio::spawn(async move { axum::serve(listener, router).await.unwrap() });
        let schema = mcp::listed(tool, CallMeta::default()).output_schema.unwrap();
        Some(Self {
            tool,
            arguments: support::object(&good["arguments"]),
            answers,
            output: jsonschema::validator_for(&Value::Object((*schema).clone())).unwrap(),
            server: Server::new(ServerOptions::new(
                Clerk::new(support::settings(&url)),
                Guard::default(),
            )),
            answer,
        })
    }

    async fn check(&self, answer: Answer) -> Result<(), TestCaseError> {
        let tool = self.tool.name;
        let Answer { status, headers, body, breaks } = &answer;
        let shown = body.escape_ascii();
        let context = format!("{tool} after {status} {headers:?}, breaks: {breaks}, {shown}");
        *self.answer.lock().unwrap() = answer.clone();
        let call = self.server.call(tool, self.arguments.clone(), Caller::default());
        let result = timeout(PATIENCE, call).await;
        let result = result
            .map_err(|_| TestCaseError::fail(format!("no answer in time: {context}")))?
            .unwrap();
        let (text, is_error) = match result {
            Outcome::Done(result) => (result, false),
            Outcome::Failed(report) => (report, true),
            Outcome::NeedsApproval { .. } => {
                return Err(TestCaseError::fail(format!("{result:?}: {context}")));
            }
        };
        let whole = text.to_string();
        prop_assert!(!whole.contains(KEY), "{}: {}", context, whole);
        let code = text["error"]["code"].as_str().unwrap_or_default();
        if is_error {
            prop_assert_eq!(&text["success"], false, "{}: {}", context, whole);
            prop_assert!(!code.is_empty() && code != "internal_error", "{}: {}", context, whole);
        } else {
            prop_assert_eq!(&text["success"], true, "{}: {}", context, whole);
            let fault = self.output.validate(&text).err();
            prop_assert!(fault.is_none(), "{:?}: {}: {}", fault, context, whole);
        }
        let Answer { status, headers, body, breaks } = answer;
        let arrives = !breaks && status != 204 && !headers.contains(&GZIP);
        // What no tool reads need not be readable: it may nest deeper, and hold larger numbers.
        let is_json = arrives && serde_json::from_slice::<IgnoredAny>(&body).is_ok();
        let json = arrives.then(|| serde_json::from_slice::<Value>(&body).ok()).flatten();
        let is_success = (200..300).contains(&status);
        if tool == "clerk_whoami" {
            // It reports a failure in its result.
            prop_assert!(!is_error, "{}: {}", context, whole);
            let problem = &text["problem"];
            prop_assert!(is_success && is_json || problem.is_string(), "{}", context);
        } else if !is_success {
            prop_assert!(is_error, "{}: {}", context, whole);
        } else if is_error && !self.tool.effect.is_read() && !self.tool.is_bulk() {
            prop_assert_eq!(code, "unreadable_answer", "{}: {}", context, whole);
        } else if !is_json {
            prop_assert!(is_error, "{}: {}", context, whole);
        }
        let is_whole = json.is_some_and(|json| json.is_object() && json["id"].is_string());
        let is_one = !tool.contains("_list_") && !self.tool.is_bulk();
        if is_success && is_whole && is_one {
            prop_assert!(!is_error, "{}: {}", context, whole);
        }
        Ok(())
    }
}

/// How a body is spoilt on its way.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Spoilt {
    No,
    /// It is said to be gzip, and is not.
    Gzip,
    /// The connection breaks.
    Breaks,
}

const GZIP: (&str, &str) = ("content-encoding", "gzip");

fn any_answer() -> impl Strategy<Value = (u16, Vec<(&'static str, &'static str)>, Spoilt, Oddity)> {
    let success = select(&[200_u16, 200, 200, 201, 202, 204, 206][..]);
    let failure = select(
        &[
            300_u16, 302, 304, 400, 401, 402, 403, 404, 409, 413, 415, 422, 423, 429, 500, 502,
            503, 599,
        ][..],
    );
    let header = select(
        &[
            ("content-type", "application/json"),
            ("content-type", "text/html"),
            ("content-type", "application/json; charset=utf-16"),
            ("content-type", ""),
            ("cf-ray", KEY),
            ("clerk-trace-id", "trace"),
            ("location", "http://127.0.0.1:1/"),
        ][..],
    );
    let status = prop_oneof![2 => success, 1 => failure];
    let spoilt = prop_oneof![
        14 => Just(Spoilt::No), 1 => Just(Spoilt::Gzip), 1 => Just(Spoilt::Breaks),
    ];
    (status, vec(header, 0..3), spoilt, Oddity::any()).prop_map(
        |(status, mut headers, spoilt, oddity)| {
            if spoilt == Spoilt::Gzip {
                headers.push(GZIP);
            }
            if status >= 400 {
                headers.push(("retry-after", "0"));
            }
            (status, headers, spoilt, oddity)
        },
    )
}

#[tokio::test]
async fn numbers_keep_their_last_digit() {
    // Metadata is read to be written back with a change.
    let numbers = "[0.30000000000000004,123456.78901234567,-6.648173451609066e+214]";
    let body = format!("{{\"id\":\"user_1\",\"public_metadata\":{{\"a\":{numbers}}}}}");
    let upstream = Upstream::always(Script::Answer(200, "", body)).await;
    let client = support::client(&upstream.url).await;
    let result = client.result("clerk_get_user", &json!({ "userId": "user_1" })).await;
    assert!(support::text(&result).contains(numbers), "{}", support::text(&result));
    // In tests, and only there, jsonschema turns it on as well.
    let manifest = fs::read_to_string("Cargo.toml").unwrap();
    let mut lines = manifest.lines().filter(|line| line.starts_with("serde_json = "));
    assert!(lines.any(|line| line.contains("\"float_roundtrip\"")), "{manifest}");
}

#[test]
fn any_upstream_response_gives_a_valid_result_or_error() {
    let runtime = runtime();
    // The tools of the default list.
    let selection = Selection::default();
    let tools = catalog::all()
        .filter(|(toolset, tool)| {
            selection.chooses(toolset, tool)
                && !tool.is_of_events()
                && !tool.is_of_journal()
                && !tool.is_of_approvals()
        })
        .map(|(_, tool)| Subject::new(tool));
    let subjects: Vec<_> =
        runtime.block_on(future::join_all(tools)).into_iter().flatten().collect();
    assert!(subjects.len() >= 29, "{} tools", subjects.len());
    let mut runner = TestRunner::new(ProptestConfig::with_cases(12 * crate::TIMES));
    let reads_are_spoilt = Cell::new(0);
    let outcome = runner.run(&any_answer(), |(status, headers, spoilt, oddity)| {
        // A read is tried again then, and waits before: some do for all.
        let with_reads =
            spoilt == Spoilt::No || reads_are_spoilt.replace(reads_are_spoilt.get() + 1) < 4;
        let chosen = subjects.iter().filter(|subject| with_reads || !subject.tool.effect.is_read());
        let breaks = spoilt == Spoilt::Breaks;
        let checks = chosen.map(|subject| {
            let (headers, body) = (headers.clone(), oddity.body(&subject.answers));
            subject.check(Answer { status, headers, body, breaks })
        });
        let checked = runtime.block_on(future::join_all(checks));
        checked.into_iter().collect()
    });
    outcome.unwrap_or_else(|error| panic!("{error}"));
}
