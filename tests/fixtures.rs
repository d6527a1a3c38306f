//! Replays tests/fixtures: for each tool, calls with the requests that Clerk gets, its responses and
//! the result that the client sees. Each case is a test, `<tool>::<title>`:
//!
//! ```text
//! cargo test --test fixtures clerk_ban_user
//! ```
#![allow(dead_code, unused_imports, reason = "some helpers serve other tests only")]
#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "helpers fail the test too"
)]

#[path = "fixtures/generate.rs"]
mod generate;
#[path = "it/samples.rs"]
mod samples;
#[path = "it/support.rs"]
mod support;

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::ExitCode,
    time::Duration,
};

use clerk_mcp::{
    Clerk, Server, ServerOptions,
    approvals::{self, Approvals, Decision},
    catalog,
    events::{self, Event, Events},
    guard::{Guard, Policy, Selection, policy::Known},
    journal::{self, Begin, End, FieldChange, Inverse, Journal, State},
    principal::{Authentication, Principal},
    tool::{CallMeta, Tool},
};
use libtest_mimic::{Arguments, Trial};
use serde::Deserialize;
use serde_json::{Map, Value, json};
use tempfile::TempDir;
use testing::{Contract, Operation};

use crate::support::{Client, Script, Upstream};

/// One call of a tool.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    title: String,
    arguments: Value,
    /// Events that were received before the call, by id.
    #[serde(default)]
    events: BTreeMap<String, Value>,
    /// What was changed before the call, as the journal of changes keeps it.
    #[serde(default)]
    changes: Vec<Changed>,
    /// A call that was made before and waits for a second person.
    asked: Option<AskedCall>,
    /// In the order of the requests, or in any if they are sent at once.
    #[serde(default)]
    exchanges: Vec<Exchange>,
    /// The structured content of a call that succeeds.
    result: Option<Value>,
    /// What is in the `error` of a call that fails: these fields and maybe others.
    error: Option<BTreeMap<String, Value>>,
}

/// A change that was done.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Changed {
    tool: String,
    target: String,
    arguments: Map<String, Value>,
    fields: Vec<FieldChange>,
    inverse: Inverse,
}

/// A call that a second person must approve. `$approval` in the arguments of the case is its ID.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct AskedCall {
    tool: String,
    arguments: Value,
    approved: bool,
}

#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Exchange {
    /// As `GET /users?limit=2`.
    request: String,
    body: Option<Value>,
    #[serde(default = "ok")]
    status: u16,
    answer: Value,
}

/// The paths of the values that a schema does not declare. An object without properties declares
/// any.
fn undeclared(schema: &Value, value: &Value, path: &str) -> Vec<String> {
    match (value, schema["properties"].as_object()) {
        (Value::Object(members), Some(properties)) => {
            let undeclared = members.iter().flat_map(|(name, value)| {
                let path = format!("{path}.{name}");
                match properties.get(name) {
                    Some(schema) => undeclared(schema, value, &path),
                    None => vec![path],
                }
            });
            undeclared.collect()
        }
        (Value::Array(items), _) => {
            items.iter().flat_map(|item| undeclared(&schema["items"], item, path)).collect()
        }
        _ => Vec::new(),
    }
}

fn ok() -> u16 {
    200
}

fn main() -> ExitCode {
    // `cargo xtask fixture` sets it.
    if let Ok(tools) = env::var("FIXTURE") {
        runtime().block_on(generate::write(tools.split(',')));
        return ExitCode::SUCCESS;
    }
    let arguments = Arguments::from_args();
    let mut trials = vec![Trial::test("every_tool_has_a_fixture", || {
        every_tool_has_a_fixture();
        Ok(())
    })];
    for (_, tool) in catalog::all() {
        trials.extend(cases(tool).into_iter().map(|case| {
            Trial::test(format!("{}::{}", tool.name, slug(&case.title)), move || {
                runtime().block_on(replay(tool, case));
                Ok(())
            })
        }));
    }
    libtest_mimic::run(&arguments, trials).exit_code()
}

fn runtime() -> tokio::runtime::Runtime {
    tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap()
}

/// Where the cases of a tool are.
fn path(tool: &str) -> PathBuf {
    format!("tests/fixtures/{tool}.json").into()
}

/// The cases of a tool; none if it has no file.
fn cases(tool: &Tool) -> Vec<Case> {
    let path = path(tool.name);
    match fs::read_to_string(&path) {
        Ok(text) => serde_json::from_str(&text)
            .unwrap_or_else(|error| panic!("{}: {error}", path.display())),
        Err(_) => Vec::new(),
    }
}

/// A title as a name that needs no quotes in a shell.
fn slug(title: &str) -> String {
    let is_word = |letter: char| letter.is_ascii_alphanumeric();
    let words: Vec<_> =
        title.split(|letter| !is_word(letter)).filter(|word| !word.is_empty()).collect();
    words.join("_").to_lowercase()
}

fn every_tool_has_a_fixture() {
    let mut missing = Vec::new();
    let default = Selection::default();
    for (toolset, tool) in catalog::all() {
        let cases = cases(tool);
        if !cases.iter().any(|case| case.result.is_some()) {
            missing.push(format!("{}: a call that succeeds", tool.name));
        }
        if default.chooses(toolset, tool) && !cases.iter().any(|case| case.error.is_some()) {
            missing.push(format!("{}: a call that fails", tool.name));
        }
        let mut titles: Vec<_> = cases.iter().map(|case| slug(&case.title)).collect();
        titles.sort_unstable();
        if titles.windows(2).any(|pair| pair[0] == pair[1]) {
            missing.push(format!("{}: a title of its own for each case", tool.name));
        }
    }
    let is_json = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "json");
    let files = fs::read_dir("tests/fixtures").unwrap().map(|entry| entry.unwrap().path());
    for file in files.filter(is_json) {
        let stem = file.file_stem().unwrap().to_owned();
        if !catalog::all().any(|(_, tool)| stem == tool.name) {
            missing.push(format!("{}: a tool of this name", file.display()));
        }
    }
    assert!(missing.is_empty(), "missing: {missing:#?}");
}

/// A client of a server that offers the tool, and the folder of its journal.
async fn connect(
    tool: &Tool,
    upstream: &Upstream,
    events: &BTreeMap<String, Value>,
    changes: &[Changed],
) -> (Client, TempDir) {
    let (toolset, _) = catalog::all().find(|(_, known)| known.name == tool.name).unwrap();
    let mut selection = Selection {
        events: tool.is_of_events(),
        journal: tool.is_of_journal(),
        ..Selection::default()
    };
    // A tool that isn't on by default, or returns a secret, is on only if it is named.
    if tool.returns_secret || !selection.chooses(toolset, tool) {
        selection.tools = vec![tool.name.to_owned()];
    }
    let clerk = Clerk::new(support::settings(&upstream.url));
    let folder = tempfile::tempdir().unwrap();
    let journal =
        if tool.is_of_journal() { Some(changed(folder.path(), changes).await) } else { None };
    let mut guard = Guard { selection, journal, ..Guard::default() };
    if tool.is_of_approvals() {
        guard.policy = Some(Policy::read(SECOND_PERSON, &Known::default()).unwrap());
        guard.approvals = Some(approvals(folder.path()));
    }
    let events = if tool.is_of_events() { Some(received(events).await) } else { None };
    let options = ServerOptions { events, ..ServerOptions::new(clerk, guard) };
    (support::connect(Server::new(options)).await, folder)
}

/// Each write needs a second person.
const SECOND_PERSON: &str = "[[rules]]\nname = 'writes'\naction = 'allow'\n\
    effects = ['write', 'destructive']\napproval = 'second-person'\n";

fn approvals(folder: &Path) -> Approvals {
    Approvals::open(approvals::Settings::new(folder.join("approvals.db"))).unwrap()
}

/// Makes a call that waits then, and approves it if that is wanted. Returns the ID of its approval.
async fn ask(client: &Client, folder: &Path, asked: AskedCall) -> String {
    let error = client.error(&asked.tool, &asked.arguments).await;
    assert_eq!(error["code"], "needs_second_person", "{error}");
    let approvals = approvals(folder);
    let id = approvals.list(approvals::Filter::default()).await.unwrap().remove(0).id;
    if asked.approved {
        let subject = Some("user_admin".to_owned());
        let admin = Principal { subject, ..Principal::by(Authentication::OAuth) };
        approvals.decide(&id, &admin, Decision::Approve, None).await.unwrap();
    }
    id
}

async fn changed(folder: &Path, changes: &[Changed]) -> Journal {
    let settings =
        journal::Settings { file: folder.join("changes.db"), retention: Duration::from_hours(24) };
    let journal = Journal::open(settings).unwrap();
    let key = support::settings("http://127.0.0.1:1").key.unwrap();
    for Changed { tool, target, arguments, fields, inverse } in changes.iter().cloned() {
        let begin = Begin {
            tool,
            key: key.kind().to_owned(),
            instance: Some(key.fingerprint()),
            target: Some(target),
            arguments,
            fields: fields.clone(),
            ..Begin::default()
        };
        let seq = journal.begin(begin).await.unwrap();
        let end = End { state: State::Done, target: None, fields, inverse };
        journal.end(seq, end).await.unwrap();
    }
    journal
}

async fn received(bodies: &BTreeMap<String, Value>) -> Events {
    let events = Events::open(events::Settings { file: None, retention: None }).unwrap();
    for (id, body) in bodies {
        let event = Event::read(id, body.to_string().as_bytes(), 0).unwrap();
        events.keep(event).await.unwrap();
    }
    events
}

async fn replay(tool: &'static Tool, case: Case) {
    for exchange in &case.exchanges {
        let faults = faults(exchange);
        assert!(faults.is_empty(), "{}: {faults:#?}", exchange.request);
    }
    let exchanges = case.exchanges.clone();
    let upstream = Upstream::start(move |seen, _| {
        let line = format!("{} {}", seen.method, seen.path);
        match exchanges.iter().find(|exchange| exchange.request == line) {
            Some(exchange) => Script::json(exchange.status, &exchange.answer),
            None => Script::json(418, &json!(format!("not in the fixture: {line}"))),
        }
    })
    .await;
    let (client, folder) = connect(tool, &upstream, &case.events, &case.changes).await;
    let mut arguments = case.arguments;
    if let Some(asked) = case.asked {
        let id = ask(&client, folder.path(), asked).await;
        let text = arguments.to_string().replace("$approval", &id);
        arguments = serde_json::from_str(&text).unwrap();
    }
    match (case.result, case.error) {
        (Some(expected), None) => {
            let result = client.result(tool.name, &arguments).await;
            let text = support::text(&result);
            assert_ne!(result.is_error, Some(true), "{text}");
            let text: Value = serde_json::from_str(text).unwrap();
            let content = result.structured_content.unwrap();
            assert_eq!(text, content, "the text and the structured content");
            let runs_another =
                ["clerk_run_read", "clerk_run_write", "clerk_run_approved"].contains(&tool.name);
            if !runs_another {
                let schema = Value::Object(tool.output_schema(CallMeta::default()));
                let undeclared = undeclared(&schema, &content, "");
                assert_eq!(undeclared, [""; 0], "in the result, not declared");
                let fault = jsonschema::validator_for(&schema).unwrap().validate(&content).err();
                let fault = fault.map(|fault| format!("{}: {fault}", fault.instance_path()));
                assert_eq!(fault, None, "the result isn't what its schema says");
            }
            assert_eq!(without_clock(content), expected, "the result");
        }
        (None, Some(fields)) => {
            let error = client.error(tool.name, &arguments).await;
            for (field, value) in fields {
                assert_eq!(error[&field], value, "{field} of {error}");
            }
        }
        _ => panic!("give one of `result` and `error`"),
    }
    let line = |(method, path): (String, String)| format!("{method} {path}");
    let seen = upstream.seen().into_iter();
    let mut sent: Vec<_> =
        seen.map(|request| (line((request.method, request.path)), request.body)).collect();
    let exchanges = case.exchanges.into_iter();
    let mut expected: Vec<_> =
        exchanges.map(|exchange| (exchange.request, exchange.body)).collect();
    sent.sort_by_key(|(line, _)| line.clone());
    expected.sort_by_key(|(line, _)| line.clone());
    assert_eq!(sent, expected, "the requests");
}

/// The result without the times at which events were received and changes sent, and without who runs
/// the tests.
fn without_clock(mut result: Value) -> Value {
    if let Some(Value::Object(caller)) = result.get_mut("caller") {
        caller.remove("subject");
    }
    let events = result.get_mut("events").and_then(Value::as_array_mut);
    for event in events.into_iter().flatten() {
        if let Some(time) = event.get_mut("receivedAt") {
            *time = json!(0);
        }
    }
    let approvals = result.get_mut("approvals").and_then(Value::as_array_mut);
    for approval in approvals.into_iter().flatten() {
        for name in ["id", "askedAt", "expiresAt"] {
            if let Some(value) = approval.get_mut(name) {
                *value = json!("");
            }
        }
    }
    let changes = result.get_mut("changes").and_then(Value::as_array_mut);
    for change in changes.into_iter().flatten() {
        if let Some(time) = change.get_mut("at") {
            *time = json!("");
        }
    }
    result
}

/// The operation that a request such as `GET /users/user_1?a=b` is for: of several whose templates
/// fit, the one with the fewest placeholders.
fn operation(method: &str, target: &str) -> Option<Operation<'static>> {
    let path = target.split('?').next().unwrap();
    let fits = |template: &str| {
        let (template, path) = (template.split('/'), path.split('/'));
        template.clone().count() == path.clone().count()
            && template.zip(path).all(|(known, given)| known == given || known.starts_with('{'))
    };
    let operations = Contract::clerk().operations().into_iter();
    operations
        .filter(|operation| operation.method == method && fits(operation.path))
        .min_by_key(|operation| operation.path.matches('{').count())
}

/// What Clerk's OpenAPI file doesn't know of a request: its path, a parameter or a field.
fn faults(exchange: &Exchange) -> Vec<String> {
    let (method, target) = exchange.request.split_once(' ').expect("a method and a path");
    let Some(operation) = operation(method, target) else {
        return vec!["no such operation".to_owned()];
    };
    let unknown = operation.unknown_in_query(target).into_iter();
    let mut faults: Vec<_> = unknown.map(|name| format!("no parameter {name}")).collect();
    if let Some(body) = &exchange.body {
        faults.extend(operation.validate_body(body));
    }
    faults
}
