//! What nobody in their right mind sends: lines of a client that are no MCP, and answers of an
//! upstream that are not Clerk's. The same for longer, and led by coverage, is in `fuzz/`.

use std::{
    cell::Cell,
    collections::HashMap,
    fmt, fs, io,
    process::Stdio,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{Router, body::Body, http::Response};
use clerk_mcp::{
    Caller, Clerk, McpServer, Outcome, Server, ServerOptions, catalog,
    guard::Guard,
    mcp,
    tool::{CallMeta, Tool},
};
use futures::{FutureExt, StreamExt, future};
use jsonschema::Validator;
use proptest::{
    collection::{hash_map, vec},
    option,
    prelude::*,
    sample::{Index, select},
    test_runner::TestRunner,
};
use rmcp::{ServiceExt, model::JsonObject};
use serde::de::IgnoredAny;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncWriteExt, BufReader},
    net::TcpListener,
    process::Command,
    runtime::Runtime,
    time::timeout,
};

use crate::support::{self, KEY, PATIENCE, Script, Upstream};

/// Stands for an id of its own in a generated line.
const ID: &str = "@id@";
/// The ids of the good requests after the generated ones.
const GOOD: [&str; 2] = ["a good ping", "a good list"];

fn runtime() -> Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

fn any_value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<u64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<String>().prop_map(Value::from),
        select(&["", "user_1", "2.0", "2026-07-28"][..]).prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 16, 4, |inner| {
        prop_oneof![
            vec(inner.clone(), 0..4).prop_map(Value::from),
            hash_map(".{0,8}", inner, 0..4).prop_map(|map| json!(map)),
        ]
    })
}

mod lines {
    use super::*;

    /// A line that is shown as text.
    #[derive(Clone)]
    pub(super) struct Line(Vec<u8>);

    impl fmt::Debug for Line {
        fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
            write!(f, "{}", self.0.escape_ascii())
        }
    }

    const METHODS: &[&str] = &[
        "ping",
        "initialize",
        "tools/list",
        "tools/call",
        "server/discover",
        "resources/list",
        "resources/read",
        "prompts/get",
        "completion/complete",
        "logging/setLevel",
        "subscriptions/listen",
        "tasks/get",
        "sampling/createMessage",
        "nothing/here",
        "",
        "notifications/initialized",
        "notifications/cancelled",
        "notifications/progress",
        "notifications/odd",
    ];

    fn params() -> impl Strategy<Value = Option<Value>> {
        let stateless = json!({ "_meta": {
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": { "name": "fuzz", "version": "1" },
        } });
        let tools: Vec<_> = catalog::all().map(|(_, entry)| entry.name).collect();
        let call = (select(tools), any_value())
            .prop_map(|(name, value)| json!({ "name": name, "arguments": { "userId": value } }));
        let good = json!({ "name": "clerk_get_user", "arguments": { "userId": "user_1" } });
        let cancel = any::<u8>().prop_map(|id| json!({ "requestId": id }));
        prop_oneof![
            Just(None),
            prop_oneof![call, Just(good), cancel, Just(stateless), any_value()].prop_map(Some)
        ]
    }

    fn request() -> impl Strategy<Value = Value> {
        let method = prop_oneof![8 => select(METHODS).prop_map(str::to_owned), 1 => ".{0,12}"];
        (method, params()).prop_map(|(method, params)| {
            let mut request = json!({ "jsonrpc": "2.0", "id": ID, "method": method });
            if let Some(params) = params {
                request["params"] = params;
            }
            request
        })
    }

    /// A request with some of its fields missing or changed, and fields that are no request's.
    fn odd_request() -> impl Strategy<Value = Value> {
        let field = select(&["jsonrpc", "id", "method", "params", "result", "error", "x"][..]);
        let edits = vec((field, option::of(any_value())), 1..3);
        (request(), edits).prop_map(|(mut request, edits)| {
            let members = request.as_object_mut().unwrap();
            for (field, value) in edits {
                match value {
                    Some(value) => members.insert(field.to_owned(), value),
                    None => members.shift_remove(field),
                };
            }
            request
        })
    }

    /// Bytes of a request changed, put in or taken out, or its end cut off.
    fn damaged() -> impl Strategy<Value = Vec<u8>> {
        let edit = (any::<Index>(), 0..4_u8, any::<u8>());
        (request(), vec(edit, 1..4)).prop_map(|(request, edits)| {
            let mut line = request.to_string().into_bytes();
            for (at, kind, byte) in edits {
                let at = at.index(line.len());
                match kind {
                    0 => line[at] = byte,
                    1 => line.insert(at, byte),
                    2 if line.len() > 1 => drop(line.remove(at)),
                    2 => {}
                    _ => line.truncate(at.max(1)),
                }
            }
            line
        })
    }

    fn deep() -> impl Strategy<Value = Vec<u8>> {
        (select(METHODS), 1..200_usize, any::<bool>()).prop_map(|(method, depth, is_list)| {
            let (open, close) = if is_list { ("[", "]") } else { ("{\"a\":", "}") };
            let (open, close) = (open.repeat(depth), close.repeat(depth));
            let method = json!(method);
            let request = format!(
                "{{\"jsonrpc\":\"2.0\",\"id\":\"{ID}\",\"method\":{method},\"params\":{{\"a\":{open}1{close}}}}}"
            );
            request.into_bytes()
        })
    }

    fn numbers() -> impl Strategy<Value = Vec<u8>> {
        let nines = "9".repeat(400);
        let numbers = ["1e400", "-1e-400", "1e308", "-0", "18446744073709551616", "NaN", &nines];
        let numbers: Vec<String> = numbers.map(str::to_owned).into();
        (select(numbers), any::<bool>()).prop_map(|(number, in_id)| {
            let id = if in_id { number.clone() } else { json!(ID).to_string() };
            let params =
                format!("{{\"name\":\"clerk_list_users\",\"arguments\":{{\"limit\":{number}}}}}");
            format!(
                "{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"tools/call\",\"params\":{params}}}"
            )
            .into_bytes()
        })
    }

    pub(super) fn line() -> impl Strategy<Value = Line> {
        let bytes = |json: Value| json.to_string().into_bytes();
        let oddities: &[&[u8]] = &[
            b"",
            b"\r",
            b" ",
            b"\0",
            b"\xff\xfe",
            b"null",
            b"[]",
            b"{}",
            b"\"\"",
            b"{\"jsonrpc\":\"2.0\",\"id\":\"@id@\",\"method\":\"pi\\u006eg\"}\r",
            b"\xef\xbb\xbf{\"jsonrpc\":\"2.0\",\"id\":\"@id@\",\"method\":\"ping\"}",
            b"{\"jsonrpc\":\"2.0\",\"id\":\"@id@\",\"method\":\"ping\",\"x\":\"\\ud800\"}",
            b"{\"jsonrpc\":\"2.0\",\"id\":\"@id@\",\"method\":\"ping\",\"x\":\"\xc3\x28\"}",
            b"{\"jsonrpc\":\"2.0\",\"id\":\"@id@\",\"method\":\"ping\",\"x\":\"\\u0000\0\"}",
        ];
        prop_oneof![
            4 => request().prop_map(bytes),
            4 => odd_request().prop_map(bytes),
            2 => damaged(),
            1 => vec(request(), 0..4).prop_map(|batch| Value::from(batch).to_string().into_bytes()),
            1 => deep(),
            1 => numbers(),
            1 => any_value().prop_map(bytes),
            1 => vec(any::<u8>(), 0..40),
            2 => select(oddities).prop_map(<[u8]>::to_vec),
        ]
        .prop_map(Line)
    }

    /// The lines with an id of its own in each, a number or a text in turns.
    pub(super) fn input(lines: &[Line]) -> Vec<u8> {
        let mut input = Vec::new();
        for (number, Line(line)) in lines.iter().enumerate() {
            let placeholder = json!(ID).to_string();
            let id = if number % 2 == 0 { number.to_string() } else { format!("\"n{number}\"") };
            let mut rest = line.as_slice();
            let places =
                rest.windows(placeholder.len()).position(|it| it == placeholder.as_bytes());
            if let Some(at) = places {
                input.extend_from_slice(&rest[..at]);
                input.extend_from_slice(id.as_bytes());
                rest = &rest[at + placeholder.len()..];
            }
            input.extend_from_slice(rest);
            input.push(b'\n');
        }
        for (id, method) in GOOD.into_iter().zip(["ping", "tools/list"]) {
            let good = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": {} });
            input.extend(format!("{good}\n").into_bytes());
        }
        input
    }

    /// How often an id is to be answered: at least and at most.
    pub(super) type Due = HashMap<Value, (usize, usize)>;

    /// The answers that are due for an input. A line that serde_json can't read is none: neither
    /// rmcp nor the other SDKs answer it, so that nesting beyond 127, halves of surrogate pairs
    /// and numbers beyond 1e308 are among what is not answered.
    pub(super) fn due(input: &[u8]) -> Due {
        let mut due = Due::new();
        let mut spared = Vec::new();
        for line in input.split(|byte| *byte == b'\n') {
            let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
            let Ok(message) = serde_json::from_slice::<Value>(line) else { continue };
            let has = |name: &str| message.get(name).is_some();
            if message["method"] == "notifications/cancelled" {
                spared.extend(id_of(&message["params"]["requestId"]));
            }
            let params = message.get("params").unwrap_or(&Value::Null);
            // MCP has no others. rmcp answers them without the id.
            let has_good_params = params.is_null()
                || params.is_object() && params.get("_meta").is_none_or(Value::is_object);
            let is_request = message["jsonrpc"] == "2.0"
                && message["method"].is_string()
                && has_good_params
                && !has("result")
                && !has("error");
            if let (true, Some(id)) = (is_request, id_of(&message["id"])) {
                // It is answered when the subscription ends.
                if message["method"] == "subscriptions/listen" {
                    spared.push(id.clone());
                }
                let (least, most) = due.entry(id).or_default();
                // One in two requests with the same id that are under way at once is enough.
                (*least, *most) = (1, *most + 1);
            }
        }
        for id in spared {
            due.entry(id).and_modify(|(least, _)| *least = 0);
        }
        due
    }

    fn id_of(id: &Value) -> Option<Value> {
        #[expect(clippy::cast_possible_truncation, reason = "whole and well within an i64")]
        match id {
            Value::String(_) => Some(id.clone()),
            Value::Number(number) if number.is_i64() => Some(id.clone()),
            // `1.0` is 1.
            Value::Number(number) => number
                .as_f64()
                .filter(|it| it.fract() == 0.0 && it.abs() < 9_007_199_254_740_992.0)
                .map(|it| Value::from(it as i64)),
            _ => None,
        }
    }

    /// Takes a line of the output off what is due.
    pub(super) fn settle(due: &mut Due, line: &str) -> Result<(), TestCaseError> {
        let message: Value = serde_json::from_str(line)
            .map_err(|error| TestCaseError::fail(format!("no JSON: {line}: {error}")))?;
        prop_assert_eq!(&message["jsonrpc"], "2.0", "{}", line);
        prop_assert!(!line.contains("failed unexpectedly"), "{}", line);
        prop_assert!(!line.contains(KEY), "{}", line);
        if message["method"].is_string() {
            prop_assert_eq!(message.get("id"), None, "a request of the server's: {}", line);
            return Ok(());
        }
        let has = |name: &str| message.get(name).is_some();
        prop_assert!(has("result") != has("error"), "{}", line);
        if message["id"].is_null() {
            prop_assert!(has("error"), "{}", line);
            return Ok(());
        }
        let Some((least, most)) = due.get_mut(&message["id"]) else {
            return Err(TestCaseError::fail(format!("nobody asked: {line}")));
        };
        prop_assert!(*most > 0, "answered too often: {}", line);
        (*least, *most) = (least.saturating_sub(1), *most - 1);
        Ok(())
    }

    pub(super) fn is_settled(due: &Due) -> bool {
        due.values().all(|(least, _)| *least == 0)
    }
}

/// A session in which these lines come after the handshake.
async fn session(server: Server, lines: &[lines::Line]) -> Result<(), TestCaseError> {
    let (ours, theirs) = tokio::io::duplex(1 << 12);
    let serving =
        tokio::spawn(
            async move { McpServer::new(server).serve(ours).await.unwrap().waiting().await },
        );
    let (reader, mut writer) = tokio::io::split(theirs);
    let mut reader = BufReader::new(reader).lines();
    let client = json!({ "name": "fuzz", "version": "1" });
    let params =
        json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
    let first =
        json!({ "jsonrpc": "2.0", "id": "first", "method": "initialize", "params": params });
    let mut input = format!("{first}\n").into_bytes();
    input.extend(lines::input(lines));
    let mut due = lines::due(&input);
    let writing = async {
        writer.write_all(&input).await.unwrap();
        writer
    };
    let reading = async {
        while !lines::is_settled(&due) {
            let line = timeout(PATIENCE, reader.next_line()).await;
            let line =
                line.map_err(|_| TestCaseError::fail(format!("unanswered: {due:?}")))?.unwrap();
            lines::settle(&mut due, &line.ok_or_else(|| TestCaseError::fail("it has ended"))?)?;
        }
        Ok::<_, TestCaseError>(())
    };
    let (mut writer, read) = tokio::join!(writing, reading);
    read?;
    writer.shutdown().await.unwrap();
    while let Some(line) = timeout(PATIENCE, reader.next_line()).await.unwrap().unwrap() {
        lines::settle(&mut due, &line)?;
    }
    prop_assert!(serving.await.unwrap().is_ok());
    Ok(())
}

#[test]
fn a_session_survives_all_lines_and_answers_each_request_once() {
    let runtime = runtime();
    let upstream = runtime.block_on(Upstream::always(Script::refusal(400, "", "no")));
    let server = Server::new(ServerOptions::new(
        Clerk::new(support::settings(&upstream.url)),
        Guard::default(),
    ));
    let mut runner = TestRunner::new(ProptestConfig::with_cases(60 * crate::TIMES));
    let outcome = runner
        .run(&vec(lines::line(), 0..20), |lines| runtime.block_on(session(server.clone(), &lines)));
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// The binary with these lines and no handshake but what is in them.
async fn process(lines: &[lines::Line]) -> Result<(), TestCaseError> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
    command.args(["--sandbox", "--log", "error"]).env("CLERK_SECRET_KEY", KEY).kill_on_drop(true);
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let input = lines::input(lines);
    let mut stdin = child.stdin.take().unwrap();
    let writing = async {
        // It may end before it has read all.
        let _ = stdin.write_all(&input).await;
        drop(stdin);
    };
    let ended = timeout(PATIENCE, async { tokio::join!(writing, child.wait_with_output()).1 });
    let ended = ended.await.expect("it ends").unwrap();
    let mut due = lines::due(&input);
    let output = String::from_utf8(ended.stdout).expect("text");
    for line in output.lines() {
        lines::settle(&mut due, line)?;
    }
    let log = String::from_utf8_lossy(&ended.stderr);
    prop_assert!(!log.contains("panicked") && !log.contains(KEY), "{}", log);
    match ended.status.code() {
        Some(0) => prop_assert_eq!(due[&json!(GOOD[0])].1, 0, "the ping is unanswered: {}", output),
        Some(2) => {
            prop_assert!(log.contains("the client did not begin"), "{}", log);
            prop_assert!(input.split(|byte| *byte == b'\n').any(is_no_request), "{}", log);
        }
        code => prop_assert!(false, "it ended with {:?}: {}", code, log),
    }
    Ok(())
}

/// Whether a line may end a session that has not begun: a notification, an answer, or an
/// `initialize`, which can fail.
fn is_no_request(line: &[u8]) -> bool {
    let Ok(message) = serde_json::from_slice::<Value>(line) else { return false };
    message.is_object() && (message.get("id").is_none() || message.get("method").is_none())
        || message["method"] == "initialize"
}

#[test]
fn the_process_ends_only_where_a_session_does_not_begin_with_a_request() {
    let runtime = runtime();
    let mut runner = TestRunner::new(ProptestConfig::with_cases(6 * crate::TIMES));
    let outcome = runner.run(&vec(lines::line(), 0..8), |lines| runtime.block_on(process(&lines)));
    outcome.unwrap_or_else(|error| panic!("{error}"));
}

/// What an upstream answers with.
#[derive(Clone)]
struct Answer {
    status: u16,
    headers: Vec<(&'static str, &'static str)>,
    body: Vec<u8>,
    /// Whether the connection breaks before the body ends.
    breaks: bool,
}

/// What becomes of a body that Clerk might send.
#[derive(Clone)]
enum Oddity {
    Bytes(Vec<u8>),
    Json(Value),
    /// One of the answers in the tool's fixtures with these places changed, and cut there.
    Changed(Index, Vec<(Vec<Index>, Value)>, Option<Index>),
}

impl fmt::Debug for Oddity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bytes(bytes) => write!(f, "{}", bytes.escape_ascii()),
            Self::Json(json) => json.fmt(f),
            Self::Changed(which, edits, cut) => write!(f, "{which:?} {edits:?} {cut:?}"),
        }
    }
}

impl Oddity {
    fn any() -> impl Strategy<Value = Self> {
        let text: &[&str] = &[
            "",
            " ",
            "null",
            "[]",
            "{}",
            "[null]",
            "{\"data\":[]}",
            "<html>",
            "{\"errors\":[]}",
            "{\"errors\":{}}",
            "\u{feff}{}",
            "{\"id\":\"\\ud800\"}",
            "{\"id\":1e999}",
        ];
        let deep = (1..200_usize, any::<bool>()).prop_map(|(depth, is_list)| {
            let (open, close) = if is_list { ("[", "]") } else { ("{\"errors\":", "}") };
            format!("{}1{}", open.repeat(depth), close.repeat(depth)).into_bytes()
        });
        let value = prop_oneof![4 => any_value(), 1 => Just(json!(KEY))];
        let edit = (vec(any::<Index>(), 1..5), value);
        prop_oneof![
            1 => vec(any::<u8>(), 0..200).prop_map(Self::Bytes),
            1 => deep.prop_map(Self::Bytes),
            1 => select(text).prop_map(|it: &str| Self::Bytes(it.as_bytes().to_vec())),
            1 => any_value().prop_map(Self::Json),
            6 => (any::<Index>(), vec(edit, 0..4), option::weighted(0.2, any::<Index>()))
                .prop_map(|(which, edits, cut)| Self::Changed(which, edits, cut)),
        ]
    }

    fn body(&self, answers: &[Value]) -> Vec<u8> {
        match self {
            Self::Bytes(bytes) => bytes.clone(),
            Self::Json(json) => json.to_string().into_bytes(),
            Self::Changed(which, edits, cut) => {
                let mut json = which.get(answers).clone();
                for (path, value) in edits {
                    let mut node = &mut json;
                    for step in path {
                        let count = match node {
                            Value::Array(items) => items.len(),
                            Value::Object(members) => members.len(),
                            _ => 0,
                        };
                        if count == 0 {
                            break;
                        }
                        node = match node {
                            Value::Array(items) => step.get_mut(items),
                            Value::Object(members) => {
                                members.values_mut().nth(step.index(count)).unwrap()
                            }
                            _ => unreachable!(),
                        };
                    }
                    *node = value.clone();
                }
                let mut body = json.to_string().into_bytes();
                if let Some(cut) = cut {
                    body.truncate(cut.index(body.len()));
                }
                body
            }
        }
    }
}

fn fixture(entry: &Tool) -> String {
    format!("tests/fixtures/{}.json", entry.name)
}

/// A tool with a call of it that is right, and an upstream of its own.
struct Subject {
    entry: &'static Tool,
    arguments: JsonObject,
    answers: Vec<Value>,
    output: Validator,
    server: Server,
    answer: Arc<Mutex<Answer>>,
}

impl Subject {
    async fn new(entry: &'static Tool) -> Self {
        let text = fs::read_to_string(fixture(entry)).unwrap();
        let cases: Vec<Value> = serde_json::from_str(&text).unwrap();
        let good = cases.iter().find(|case| case["result"].is_object()).unwrap();
        let exchanges = cases.iter().filter_map(|case| case["exchanges"].as_array()).flatten();
        let answers = exchanges.map(|it| it["answer"].clone()).collect();
        let answer = Answer { status: 400, headers: vec![], body: vec![], breaks: false };
        let answer = Arc::new(Mutex::new(answer));
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let current = answer.clone();
        let router = Router::new().fallback(move || {
            let Answer { status, headers, body, breaks } = current.lock().unwrap().clone();
            let builder = Response::builder().status(status);
            let builder =
                headers.iter().fold(builder, |it, (name, value)| it.header(*name, *value));
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
        let schema = mcp::listed(entry, CallMeta::default()).output_schema.unwrap();
        Self {
            entry,
            arguments: support::object(&good["arguments"]),
            answers,
            output: jsonschema::validator_for(&Value::Object((*schema).clone())).unwrap(),
            server: Server::new(ServerOptions::new(
                Clerk::new(support::settings(&url)),
                Guard::default(),
            )),
            answer,
        }
    }

    async fn check(&self, answer: Answer) -> Result<(), TestCaseError> {
        let tool = self.entry.name;
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
            // It tells of a failure in its output.
            prop_assert!(!is_error, "{}: {}", context, whole);
            let problem = &text["problem"];
            prop_assert!(is_success && is_json || problem.is_string(), "{}", context);
        } else if !is_success {
            prop_assert!(is_error, "{}: {}", context, whole);
        } else if is_error && !self.entry.effect.is_read() && !self.entry.is_bulk() {
            prop_assert_eq!(code, "unreadable_answer", "{}: {}", context, whole);
        } else if !is_json {
            prop_assert!(is_error, "{}: {}", context, whole);
        }
        let is_whole = json.is_some_and(|it| it.is_object() && it["id"].is_string());
        let is_one = !tool.contains("_list_") && !self.entry.is_bulk();
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
async fn a_number_keeps_its_last_digit() {
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
fn no_answer_of_an_upstream_is_too_much_and_no_write_is_told_wrongly() {
    let runtime = runtime();
    let subjects: Vec<Subject> = runtime.block_on(future::join_all(
        catalog::all()
            .filter(|(_, it)| !it.returns_secret)
            .filter(|(_, it)| fs::exists(fixture(it)).unwrap())
            .map(|(_, entry)| Subject::new(entry)),
    ));
    let mut runner = TestRunner::new(ProptestConfig::with_cases(20 * crate::TIMES));
    let reads_are_spoilt = Cell::new(0);
    let outcome = runner.run(&any_answer(), |(status, headers, spoilt, oddity)| {
        // A read is tried again then, and waits before: some do for all.
        let with_reads =
            spoilt == Spoilt::No || reads_are_spoilt.replace(reads_are_spoilt.get() + 1) < 4;
        let chosen = subjects.iter().filter(|it| with_reads || !it.entry.effect.is_read());
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
