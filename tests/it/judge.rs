//! Clerk's OpenAPI file as an outside judge of whatever leaves the server: arguments are formed from
//! the tools' own schemas, and each request must be one that the file allows.

mod mistakes;

use clerk_mcp::{
    Caller, Clerk, Outcome, Server, ServerOptions, catalog,
    guard::{Confirm, Guard, HourlyEach, Selection},
    tool::{CallMeta, Tool},
};
use serde_json::{Value, json};
use testing::{Contract, Script, Seen, Upstream, figure};

use crate::{samples::formed, support};

/// A server whose every tool is on and needs no approval, before an upstream that refuses.
struct Court {
    server: Server,
    upstream: Upstream,
}

/// What became of a call: the errors of its arguments, or the requests that it sent.
enum Ruling {
    Refused(Vec<(String, String)>),
    Sent(Vec<Seen>),
}

impl Court {
    async fn new() -> Self {
        let upstream = Upstream::always(Script::refusal(400, "", "no")).await;
        let selection = Selection {
            toolsets: vec!["all".to_owned()],
            tools: catalog::all().map(|(_, tool)| tool.name.to_owned()).collect(),
            ..Selection::default()
        };
        // Checks of secrets count, and there are many.
        let max_destructive = Some(HourlyEach::new(1_000_000));
        let guard =
            Guard { selection, confirm: Confirm::Never, max_destructive, ..Guard::default() };
        let clerk = Clerk::new(support::settings(&upstream.url));
        Self { server: Server::new(ServerOptions::new(clerk, guard)), upstream }
    }

    async fn rule(&self, tool: &Tool, arguments: &Value) -> Ruling {
        let call = self.server.call(tool.name, support::object(arguments), Caller::default());
        let outcome = call.await.unwrap();
        let sent = self.upstream.take_seen();
        let Outcome::Failed(report) = outcome else { return Ruling::Sent(sent) };
        if report["error"]["code"] != "invalid_arguments" {
            return Ruling::Sent(sent);
        }
        assert!(sent.is_empty(), "{} {arguments} was refused and sent", tool.name);
        let error = &report["error"];
        let errors = error["errors"].as_array().cloned().unwrap_or_else(|| vec![error.clone()]);
        let text = |error: &Value, name: &str| error[name].as_str().unwrap_or_default().to_owned();
        let pairs = errors.iter().map(|error| (text(error, "param"), text(error, "message")));
        Ruling::Refused(pairs.collect())
    }

    /// What the file has against a call: nothing, if it was refused here.
    async fn violations(&self, tool: &Tool, arguments: &Value) -> Vec<String> {
        match self.rule(tool, arguments).await {
            Ruling::Refused(_) => Vec::new(),
            Ruling::Sent(sent) => sent.iter().flat_map(violations).collect(),
        }
    }

    /// Arguments as a model forms them that has read the schema and does what an error says: which of
    /// several arguments are needed together, a schema can't say.
    async fn form(&self, tool: &Tool, all: bool) -> Result<Value, String> {
        let schema = Value::Object(tool.input_schema(CallMeta::default()));
        let mut arguments = formed(&schema, all);
        for _ in 0..12 {
            let errors = match self.rule(tool, &arguments).await {
                Ruling::Sent(_) => return Ok(arguments),
                Ruling::Refused(errors) => errors,
            };
            for (path, problem) in &errors {
                // One of several: the last that the error offers.
                let last = problem.rsplit_once(" or ").map_or("", |(_, name)| name);
                let other =
                    path.rsplit_once('.').map_or(last.to_owned(), |(at, _)| format!("{at}.{last}"));
                let offers = problem.contains("is missing: give ");
                let path = if offers && !last.is_empty() { &other } else { path };
                if problem.contains("at least one to change") {
                    arguments = formed(&schema, true);
                } else if problem.contains("combined")
                    || problem.contains("only")
                    || problem.contains("isn't a field of the result")
                {
                    remove(&mut arguments, path);
                } else if problem.contains("is missing") && add(&mut arguments, &schema, path) {
                } else {
                    return Err(format!("{arguments}: {path} {problem}"));
                }
            }
        }
        Err(format!("{arguments} needs more errors than a model reads"))
    }
}

fn violations(seen: &Seen) -> Vec<String> {
    let Seen { method, path, body, .. } = seen;
    let Some(operation) = Contract::clerk().of_request(method, path) else {
        return vec![format!("{method} {path} isn't an operation")];
    };
    let errors = operation.validate_request(path, body.as_ref()).into_iter();
    errors.map(|error| format!("{method} {path}: {error}")).collect()
}

/// The names of a path: `a`, `0` and `b` of `a[0].b`.
fn names(path: &str) -> Vec<String> {
    path.replace('[', ".").replace(']', "").split('.').map(str::to_owned).collect()
}

fn pointer(path: &str) -> String {
    names(path).iter().flat_map(|name| ["/", name]).collect()
}

/// Takes out what is at a path.
fn remove(arguments: &mut Value, path: &str) {
    let whole = pointer(path);
    let (parent, name) = whole.rsplit_once('/').unwrap();
    let parent = arguments.pointer_mut(parent).unwrap();
    parent.as_object_mut().unwrap().shift_remove(name);
}

/// Adds what the schema has at a path.
fn add(arguments: &mut Value, schema: &Value, path: &str) -> bool {
    let whole = pointer(path);
    let (parent, name) = whole.rsplit_once('/').unwrap();
    let mut inner = schema;
    for name in names(path) {
        inner = if name.parse::<usize>().is_ok() {
            &inner["items"]
        } else {
            &inner["properties"][&name]
        };
    }
    let Some(Value::Object(parent)) = arguments.pointer_mut(parent) else { return false };
    !inner.is_null() && parent.insert(name.to_owned(), formed(inner, true)).is_none()
}

/// Each value in the arguments with its path.
fn paths(value: &Value, at: &str, found: &mut Vec<String>) {
    if !at.is_empty() {
        found.push(at.to_owned());
    }
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            let at = if at.is_empty() { name.clone() } else { format!("{at}.{name}") };
            paths(value, &at, found);
        }),
        Value::Array(items) => items
            .iter()
            .enumerate()
            .for_each(|(index, value)| paths(value, &format!("{at}[{index}]"), found)),
        _ => {}
    }
}

fn with(arguments: &Value, path: &str, value: Value) -> Value {
    let mut arguments = arguments.clone();
    *arguments.pointer_mut(&pointer(path)).unwrap() = value;
    arguments
}

/// What agents give in place of what is right.
fn wrong() -> Vec<Value> {
    vec![
        json!(""),
        json!("x"),
        json!("7"),
        json!(-1),
        json!(0),
        json!(400),
        json!(1.5),
        json!(true),
        json!([]),
        json!({}),
        json!(["x"]),
        json!({ "unknown": 1 }),
        json!({ "unknown": null }),
        json!(" sample "),
        json!("2020-01-01T00:00:00Z"),
        json!("in some words"),
        json!("x".repeat(2_000)),
    ]
}

/// The tools that send one operation of Clerk's.
fn tools() -> impl Iterator<Item = &'static Tool> {
    catalog::all().map(|(_, tool)| tool).filter(|tool| tool.route().is_some())
}

#[tokio::test]
async fn what_a_model_forms_from_a_schema_is_sent_as_clerks_file_allows() {
    let court = Court::new().await;
    let (mut calls, mut faults) = (0, Vec::new());
    for tool in tools() {
        for all in [false, true] {
            calls += 1;
            match court.form(tool, all).await {
                Ok(arguments) => {
                    let found = court.violations(tool, &arguments).await;
                    faults.extend(found.iter().map(|fault| format!("{}: {fault}", tool.name)));
                }
                Err(fault) => faults.push(format!("{}: {fault}", tool.name)),
            }
        }
    }
    figure(format!("{calls} calls formed from schemas, {} violations", faults.len()));
    assert!(faults.is_empty() && calls > 490, "{faults:#?}");
}

#[tokio::test]
async fn whatever_stands_at_any_depth_is_refused_or_sent_as_clerks_file_allows() {
    let court = Court::new().await;
    let (mut calls, mut faults) = (0, Vec::new());
    for tool in tools() {
        let Ok(arguments) = court.form(tool, true).await else { continue };
        let mut found = Vec::new();
        paths(&arguments, "", &mut found);
        for (place, path) in found.iter().enumerate() {
            // An eighth of the values at each place, the next eighth at the next.
            let values = wrong().into_iter().skip(place % 8).step_by(8);
            let mut broken: Vec<Value> =
                values.map(|value| with(&arguments, path, value)).collect();
            if !path.ends_with(']') {
                let mut without = arguments.clone();
                remove(&mut without, path);
                broken.push(without);
            }
            for arguments in broken {
                calls += 1;
                let found = court.violations(tool, &arguments).await;
                faults.extend(found.iter().map(|fault| format!("{}.{path}: {fault}", tool.name)));
            }
        }
    }
    figure(format!("{calls} calls with broken arguments, {} violations", faults.len()));
    assert!(faults.is_empty() && calls > 3_000, "{faults:#?}");
}

/// What breaks a value that its schema describes, each with the path that the error must name.
fn breaks(path: &str, schema: &Value, is_read: bool) -> Vec<(String, Value)> {
    let at = || path.to_owned();
    let mut found = vec![];
    match schema["type"].as_str().unwrap() {
        "integer" => {
            found.extend([(at(), json!("x")), (at(), json!(1.5)), (at(), json!([1, 2]))]);
            let most = schema["maximum"].as_i64().map(|most| most + 1);
            let least = schema["minimum"].as_i64().map(|least| least - 1);
            found.extend(most.into_iter().chain(least).map(|limit| (at(), limit.into())));
        }
        "boolean" => found.extend([(at(), json!("x")), (at(), json!(7)), (at(), json!({}))]),
        "array" | "object" => {
            found.extend([(at(), json!(7)), (at(), json!("x")), (at(), json!([7]))]);
        }
        _ => found.extend([(at(), json!({ "a": 1 })), (at(), json!(true)), (at(), json!([[]]))]),
    }
    if schema["enum"].is_array() {
        found.push((at(), json!("zzz")));
    }
    if !is_read {
        found.extend([(at(), json!("")), (at(), json!("  "))]);
        if ["array", "object"].contains(&schema["type"].as_str().unwrap()) {
            found.push((at(), json!([])));
        }
    }
    found
}

/// The schema of what stands at a path.
fn schema_at<'s>(schema: &'s Value, path: &str) -> &'s Value {
    names(path).iter().fold(schema, |schema, name| match name.parse::<usize>() {
        Ok(_) => &schema["items"],
        Err(_) => &schema["properties"][name],
    })
}

#[tokio::test]
async fn an_argument_that_breaks_its_schema_at_any_depth_is_refused_by_its_path() {
    let court = Court::new().await;
    let (mut calls, mut faults) = (0, Vec::new());
    for tool in tools() {
        let schema = Value::Object(tool.input_schema(CallMeta::default()));
        let Ok(arguments) = court.form(tool, true).await else { continue };
        let mut found = vec![String::new()];
        paths(&arguments, "", &mut found);
        for path in found {
            let inner = if path.is_empty() { &schema } else { schema_at(&schema, &path) };
            // Within metadata and the like everything is allowed.
            if inner.is_null() {
                continue;
            }
            let mut broken = Vec::new();
            if !path.is_empty() {
                let all = breaks(&path, inner, tool.effect.is_read()).into_iter();
                broken.extend(all.map(|(at, value)| (at, with(&arguments, &path, value))));
            }
            if inner["properties"].is_object() && inner["additionalProperties"].is_null() {
                let unknown =
                    if path.is_empty() { "zzz".to_owned() } else { format!("{path}.zzz") };
                let mut more = arguments.clone();
                let place = if path.is_empty() { String::new() } else { pointer(&path) };
                more.pointer_mut(&place).unwrap()["zzz"] = json!(1);
                broken.push((unknown, more));
                for name in inner["required"].as_array().into_iter().flatten() {
                    let name = name.as_str().unwrap();
                    let missing =
                        if path.is_empty() { name.to_owned() } else { format!("{path}.{name}") };
                    let mut less = arguments.clone();
                    remove(&mut less, &missing);
                    broken.push((missing, less));
                }
            }
            for (at, arguments) in broken {
                calls += 1;
                match court.rule(tool, &arguments).await {
                    Ruling::Refused(errors)
                        if errors.iter().any(|(path, _)| path.starts_with(&at)) => {}
                    Ruling::Refused(errors) => {
                        faults.push(format!("{}.{at}: {errors:?}", tool.name));
                    }
                    Ruling::Sent(_) => {
                        faults.push(format!("{}.{at}: {arguments} was taken", tool.name));
                    }
                }
            }
        }
    }
    figure(format!("{calls} calls that break a schema, {} taken", faults.len()));
    assert!(faults.is_empty() && calls > 5_000, "{faults:#?}");
}
