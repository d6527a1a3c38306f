//! The whole catalog against Clerk's OpenAPI file: each operation is called with what the file
//! requires and with all that it allows, and answered with what the file promises.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use clerk_api::Route;
use clerk_mcp::{
    Clerk, Server, ServerOptions, catalog, drift,
    guard::{Confirm, Guard, Selection},
    mcp,
    tool::{CallMeta, Tool},
};
use serde_json::{Map, Value, json};
use testing::{Contract, Operation, Script, Upstream, figure};

use crate::support;

/// How many operations Clerk has: the README's figure.
const OPERATIONS: usize = 249;

#[test]
fn the_catalog_is_what_the_file_says() {
    let drift = drift::compare(Contract::clerk().document()).unwrap();
    let drift::Drift { covered, operations, differences } = &drift;
    figure(format!(
        "the catalog has {covered} of {operations} operations, with {} differences",
        differences.len()
    ));
    assert!(differences.is_empty(), "{differences:#?}");
    assert_eq!((*covered, *operations), (OPERATIONS, OPERATIONS));
}

/// A tool and its operation.
struct Case {
    entry: &'static Tool,
    route: Route,
    operation: Operation<'static>,
}

fn cases() -> Vec<Case> {
    let of = |entry: &'static Tool| {
        let route = entry.route()?;
        let operation = Contract::clerk().find(route.method.as_str(), route.path)?;
        Some(Case { entry, route, operation })
    };
    catalog::all().map(|(_, tool)| tool).filter_map(of).collect()
}

fn is_free(name: &str) -> bool {
    ["metadata", "claims", "headers", "attributes"].iter().any(|end| name.ends_with(end))
}

fn camel(value: &Value) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .map(|(name, value)| {
                (name_of(name), if is_free(name) { value.clone() } else { camel(value) })
            })
            .collect(),
        Value::Array(items) => items.iter().map(camel).collect(),
        value => value.clone(),
    }
}

fn name_of(snake: &str) -> String {
    let mut camel = String::new();
    for (place, word) in snake.split('_').enumerate() {
        let (first, rest) = word.split_at(usize::from(place > 0 && !word.is_empty()));
        camel += &first.to_uppercase();
        camel += rest;
    }
    camel
}

impl Case {
    /// The arguments that the file requires, or all of them.
    fn arguments(&self, all: bool) -> Value {
        let samples = self.operation.samples();
        let mut arguments = Map::new();
        for name in self.entry.wire_names() {
            let sample = match samples.get(name) {
                Some(sample) => Some(sample),
                None if self.entry.is_body(name) => samples.get(""),
                None => None,
            };
            let is_in_path = self.route.placeholders().any(|it| it == name);
            let is_required = is_in_path || self.entry.requires(name);
            if !all && !is_required {
                continue;
            }
            let is_time = name.ends_with("_after") || name.ends_with("_before");
            let takes_one =
                self.entry.argument_schema(name).is_some_and(|it| it["type"] == "string");
            let value = match sample {
                _ if name == "order_by" => json!("-created_at"),
                Some((value, _)) if is_time && value.is_number() => json!(1_769_817_600_000_i64),
                Some((Value::Array(values), _)) if takes_one => values[0].clone(),
                _ if name == "file_base64" => json!("data:image/png;base64,iVBORw0KGgo="),
                Some((value, _)) if is_free(name) => value.clone(),
                Some((value, _)) => camel(value),
                None if is_in_path => json!("id_1"),
                None => continue,
            };
            arguments.insert(name_of(name), value);
        }
        arguments.into()
    }
}

/// What the answer promises, had, and has not in the result; and where the result breaks the
/// output schema.
fn lost(entry: &'static Tool, body: Option<&Value>, result: &Value) -> Vec<String> {
    let tool = serde_json::to_value(mcp::listed(entry, CallMeta::default())).unwrap();
    let schema = &tool["outputSchema"];
    let validator = jsonschema::validator_for(schema).unwrap();
    let mut faults: Vec<String> = validator.iter_errors(result).map(|it| it.to_string()).collect();
    let rows =
        schema["properties"].as_object().unwrap().iter().find(|it| it.1["items"].is_object());
    let is_list = schema["properties"].get("hasMore").is_some();
    let (named, had, has) = match (rows, body) {
        (Some((rows, schema)), Some(body)) if is_list => {
            let data = body.get("data").or(body.get("m2m_tokens")).unwrap_or(body);
            (&schema["items"]["properties"], camel(&data[0]), &result[rows][0])
        }
        (_, Some(body)) => (&schema["properties"], camel(body), result),
        (_, None) => return faults,
    };
    for name in named.as_object().into_iter().flatten().map(|it| it.0) {
        let value = had.get(name).filter(|it| !it.is_null());
        if value.is_some() && has.get(name).is_none() {
            faults.push(format!("{name} is lost"));
        }
    }
    faults
}

#[tokio::test]
async fn every_operation_sends_and_reads_what_the_file_says() {
    let answer: Arc<Mutex<(u16, Value)>> = Arc::default();
    let upstream = Upstream::start({
        let answer = answer.clone();
        move |_, _| {
            let (status, body) = answer.lock().unwrap().clone();
            Script::json(status, &body)
        }
    })
    .await;
    let names = || catalog::all().map(|(_, entry)| entry.name.to_owned());
    let selection = Selection {
        toolsets: vec!["all".to_owned()],
        tools: names().collect(),
        ..Selection::default()
    };
    let guard = Guard { selection, confirm: Confirm::Never, ..Guard::default() };
    let clerk = Clerk::new(support::settings(&upstream.url));
    let server = Server::new(ServerOptions {
        max_answer_tokens: 1_000_000,
        ..ServerOptions::new(clerk, guard)
    });
    let client = support::connect(server).await;
    let mut faults: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let cases = cases();
    for case in &cases {
        let operation = case.operation;
        let success = operation.success();
        let body = success.schema().map(|schema| schema.sample());
        *answer.lock().unwrap() = (success.status, body.clone().unwrap_or(json!({})));
        let mut found = Vec::new();
        for all in [false, true] {
            let before = upstream.seen().len();
            let arguments = case.arguments(all);
            let result = client.result(case.entry.name, &arguments).await;
            let text = support::text(&result);
            // What one of several arguments is needed for, the file can't say.
            let is_rule = text.contains(": give ") || text.contains("nothing would change");
            if !all && is_rule && result.is_error == Some(true) {
                continue;
            }
            if result.is_error == Some(true) {
                found.push(format!("{arguments}: {text}"));
                continue;
            }
            found.extend(lost(case.entry, body.as_ref(), &result.structured_content.unwrap()));
            let seen = upstream.seen();
            let sent = seen.iter().skip(before).find(|it| it.method == operation.method);
            let Some(sent) = sent else {
                found.push("nothing was sent".to_owned());
                continue;
            };
            if let Some(body) = &sent.body {
                found.extend(operation.validate_body(body));
            }
            let known = operation.query_parameters();
            let query = sent.path.split_once('?').map_or("", |(_, query)| query);
            for name in query.split('&').filter_map(|it| it.split('=').next()) {
                if !name.is_empty() && !known.contains(name) {
                    found.push(format!("{name} is no parameter"));
                }
            }
        }
        if !found.is_empty() {
            faults.insert(case.entry.name.to_owned(), found);
        }
    }
    let all = Contract::clerk().operations().len();
    figure(format!("{} of {all} operations, {} with faults", cases.len(), faults.len()));
    assert_eq!((cases.len(), all), (OPERATIONS, OPERATIONS));
    assert!(faults.is_empty(), "{faults:#?}");
}
