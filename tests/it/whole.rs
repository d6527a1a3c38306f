//! The whole catalog against Clerk's OpenAPI file: each operation is called with what the file
//! requires and with all that it allows, and answered with what the file promises.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
};

use clerk_mcp::{
    Clerk, Server, ServerOptions, catalog, drift,
    guard::{Confirm, Guard, Selection},
    mcp,
    tool::{CallMeta, Tool},
};
use serde_json::{Value, json};
use testing::{Contract, Script, Upstream, figure};

use crate::{
    samples::{camel, cases},
    support,
};

/// How many operations Clerk's file has: the README's figure.
const OPERATIONS: usize = 249;
/// How many are newer, and offered.
const NEWER: usize = 9;
/// How many of the file's have a newer name, by which the tools call them first.
const RENAMED: usize = 2;

#[test]
fn the_catalog_is_what_the_file_says() {
    let drift = drift::compare(Contract::clerk().document()).unwrap();
    let drift::Drift { covered, operations, differences, .. } = &drift;
    figure(format!(
        "the catalog has {covered} of {operations} operations, with {} differences",
        differences.len()
    ));
    assert!(differences.is_empty(), "{differences:#?}");
    assert_eq!((*covered, *operations), (OPERATIONS + NEWER, OPERATIONS + NEWER));
}

#[test]
fn what_is_newer_than_the_file_is_what_the_contract_says() {
    let sorted = |mut all: Vec<(String, String, Option<String>)>| {
        all.sort();
        all
    };
    let ours = drift::newer()
        .map(|(method, path, why)| (method.to_owned(), path.to_owned(), why.map(str::to_owned)));
    assert_eq!(sorted(ours.collect()), sorted(Contract::newer()));
}

/// Fields that the response had and the result lacks, and where the result breaks the
/// output schema.
fn lost(tool: &'static Tool, body: Option<&Value>, result: &Value) -> Vec<String> {
    let listed = serde_json::to_value(mcp::listed(tool, CallMeta::default())).unwrap();
    let schema = &listed["outputSchema"];
    let validator = jsonschema::validator_for(schema).unwrap();
    let mut faults: Vec<String> =
        validator.iter_errors(result).map(|error| error.to_string()).collect();
    let rows = schema["properties"]
        .as_object()
        .unwrap()
        .iter()
        .find(|(_, schema)| schema["items"].is_object());
    let is_list = schema["properties"].get("hasMore").is_some();
    let (named, had, has) = match (rows, body) {
        (Some((rows, schema)), Some(body)) if is_list => {
            let data = body.get("data").or(body.get("m2m_tokens")).unwrap_or(body);
            (&schema["items"]["properties"], camel(&data[0]), &result[rows][0])
        }
        (_, Some(body)) => (&schema["properties"], camel(body), result),
        (_, None) => return faults,
    };
    for name in named.as_object().into_iter().flatten().map(|(name, _)| name) {
        let value = had.get(name).filter(|value| !value.is_null());
        if value.is_some() && has.get(name).is_none() {
            faults.push(format!("{name} is lost"));
        }
    }
    faults
}

/// The arguments with `detail`, if a result isn't shown in full without it.
fn in_full(tool: &Tool, mut arguments: Value) -> Value {
    let schema = tool.input_schema(CallMeta::default());
    if schema["properties"].get("detail").is_some() {
        arguments["detail"] = json!("full");
    }
    arguments
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
    let names = || catalog::all().map(|(_, tool)| tool.name.to_owned());
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
    let cases: Vec<_> = cases().collect();
    for case in &cases {
        let operation = case.operation;
        let success = operation.success();
        let body = success.schema().map(|schema| schema.sample());
        *answer.lock().unwrap() = (success.status, body.clone().unwrap_or(json!({})));
        let mut found = Vec::new();
        for all in [false, true] {
            let before = upstream.seen().len();
            let arguments = case.arguments(all);
            let arguments = in_full(case.tool, arguments);
            let result = client.result(case.tool.name, &arguments).await;
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
            found.extend(lost(case.tool, body.as_ref(), &result.structured_content.unwrap()));
            let seen = upstream.seen();
            let sent = seen.iter().skip(before).find(|request| request.method == operation.method);
            let Some(sent) = sent else {
                found.push("nothing was sent".to_owned());
                continue;
            };
            if let Some(body) = &sent.body {
                found.extend(operation.validate_body(body));
            }
            let unknown = operation.unknown_in_query(&sent.path).into_iter();
            found.extend(unknown.map(|name| format!("{name} is no parameter")));
        }
        if !found.is_empty() {
            faults.insert(case.tool.name.to_owned(), found);
        }
    }
    let all = Contract::clerk().operations().len();
    figure(format!("{} of {all} operations, {} with faults", cases.len(), faults.len()));
    let expected = (OPERATIONS + NEWER - RENAMED, OPERATIONS + NEWER);
    assert_eq!((cases.len(), all), expected);
    assert!(faults.is_empty(), "{faults:#?}");
}
