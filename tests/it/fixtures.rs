//! Replays tests/fixtures: for each tool, calls with what Clerk is asked, what it answers, and
//! what the agent reads.

use std::{collections::BTreeMap, fs};

use clerk_mcp::{
    Clerk, Server, ServerOptions, catalog,
    guard::{Guard, Selection},
};
use serde::Deserialize;
use serde_json::{Value, json};

use crate::support::{self, Script, Upstream};

/// One call of a tool.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Case {
    title: String,
    arguments: Value,
    /// In the order of the requests, or in any where they are sent at once.
    #[serde(default)]
    exchanges: Vec<Exchange>,
    /// The structured content of a call that succeeds.
    result: Option<Value>,
    /// What stands in the `error` of a call that fails: these fields and maybe others.
    error: Option<BTreeMap<String, Value>>,
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

fn ok() -> u16 {
    200
}

#[tokio::test]
async fn every_tool_does_what_its_fixtures_show() {
    // The others are held against Clerk's own file (see `whole`).
    let path = |name: &str| format!("tests/fixtures/{name}.json");
    let names = || catalog::all().map(|(_, entry)| entry.name);
    let with_fixtures: Vec<_> = names().filter(|it| fs::exists(path(it)).unwrap()).collect();
    assert!(with_fixtures.len() >= 42, "{} tools with fixtures", with_fixtures.len());
    for name in with_fixtures {
        let path = path(name);
        let text = fs::read_to_string(&path).unwrap_or_else(|error| panic!("{path}: {error}"));
        let cases: Vec<Case> =
            serde_json::from_str(&text).unwrap_or_else(|error| panic!("{path}: {error}"));
        assert!(cases.iter().any(|case| case.result.is_some()), "{path}: no call that succeeds");
        assert!(cases.iter().any(|case| case.error.is_some()), "{path}: no call that fails");
        for case in cases {
            replay(name, case).await;
        }
    }
}

async fn replay(tool: &str, case: Case) {
    let name = format!("{tool}: {}", case.title);
    let exchanges = case.exchanges.clone();
    let upstream = Upstream::start(move |seen, _| {
        let line = format!("{} {}", seen.method, seen.path);
        match exchanges.iter().find(|it| it.request == line) {
            Some(exchange) => Script::json(exchange.status, &exchange.answer),
            None => Script::json(418, &json!(format!("not in the fixture: {line}"))),
        }
    })
    .await;
    let (_, entry) = catalog::all().find(|(_, it)| it.name == tool).unwrap();
    // What answers with a secret is on only where it is named.
    let named = if entry.returns_secret { vec![tool.to_owned()] } else { Vec::new() };
    let selection = Selection { tools: named, ..Selection::default() };
    let clerk = Clerk::new(support::settings(&upstream.url));
    let guard = Guard { selection, ..Guard::default() };
    let client = support::connect(Server::new(ServerOptions::new(clerk, guard))).await;
    match (case.result, case.error) {
        (Some(result), None) => {
            let given = client.result(tool, &case.arguments).await;
            assert_ne!(given.is_error, Some(true), "{name}: {}", support::text(&given));
            let text: Value = serde_json::from_str(support::text(&given)).unwrap();
            let content = given.structured_content.unwrap();
            assert_eq!(content, result, "{name}");
            assert_eq!(content, text, "{name}: text and structured content");
        }
        (None, Some(fields)) => {
            let error = client.error(tool, &case.arguments).await;
            for (field, value) in fields {
                assert_eq!(error[&field], value, "{name}: {field} of {error}");
            }
        }
        _ => panic!("{name}: one of `result` and `error`"),
    }
    let mut asked: Vec<_> = upstream
        .seen()
        .into_iter()
        .map(|it| (format!("{} {}", it.method, it.path), it.body))
        .collect();
    let mut expected: Vec<_> = case.exchanges.into_iter().map(|it| (it.request, it.body)).collect();
    asked.sort_by_key(|(line, _)| line.clone());
    expected.sort_by_key(|(line, _)| line.clone());
    assert_eq!(asked, expected, "{name}: requests");
}
