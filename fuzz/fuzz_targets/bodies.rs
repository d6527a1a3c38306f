//! Any bytes as an upstream's answer, with any status: a result that is JSON, no key in it, and no
//! success of a write that was not one.
#![no_main]

use std::{
    cell::LazyCell,
    sync::{Arc, Mutex},
    thread_local,
};

use clerk_mcp::{Server, catalog, guard::Guard, tool::Tool};
use clerk_mcp_fuzz::{Answer, call, changing_upstream, mutate, runtime, server, value};
use libfuzzer_sys::{arbitrary::Unstructured, fuzz_target};
use rmcp::model::JsonObject;
use serde::de::IgnoredAny;
use serde_json::Value;
use tokio::runtime::Runtime;

const STATUSES: [u16; 16] =
    [200, 200, 200, 200, 201, 202, 204, 302, 400, 401, 404, 409, 422, 429, 500, 503];
const HEADERS: [(&str, &str); 8] = [
    ("content-type", "application/json"),
    ("content-type", "text/html"),
    ("content-type", ""),
    ("content-encoding", "gzip"),
    ("retry-after", "0"),
    ("retry-after", "1e300"),
    ("cf-ray", "sk_test_KeyThatMustNotLeak42"),
    ("clerk-trace-id", "trace"),
];

/// A tool with the arguments and Clerk's answers of its fixtures.
struct Case {
    entry: &'static Tool,
    arguments: JsonObject,
    answers: Vec<Value>,
}

fn case(entry: &'static Tool) -> Case {
    let path = format!("{}/../tests/fixtures/{}.json", env!("CARGO_MANIFEST_DIR"), entry.name);
    let cases: Vec<Value> = serde_json::from_str(&std::fs::read_to_string(path).unwrap()).unwrap();
    let good = cases.iter().find(|it| it["result"].is_object()).unwrap();
    let answers = cases.iter().flat_map(|case| case["exchanges"].as_array()).flatten();
    Case {
        entry,
        arguments: good["arguments"].as_object().unwrap().clone(),
        answers: answers.map(|exchange| exchange["answer"].clone()).collect(),
    }
}

struct Setting {
    runtime: Runtime,
    server: Server,
    answer: Arc<Mutex<Answer>>,
    tools: Vec<Case>,
}

thread_local! {
    static SETTING: LazyCell<Setting> = LazyCell::new(|| {
        let runtime = runtime();
        let (url, answer) = changing_upstream(&runtime);
        let tools = catalog::all().map(|(_, entry)| case(entry)).collect();
        Setting { server: server(&url, Guard::default()), answer, tools, runtime }
    });
}

fn body(tool: &Case, bytes: &mut Unstructured<'_>) -> Vec<u8> {
    match bytes.int_in_range(0..=5).unwrap_or(0) {
        0 | 1 => bytes.bytes(bytes.len()).unwrap_or_default().to_vec(),
        2 => value(bytes, 5).to_string().into_bytes(),
        kind => {
            let Ok(mut json) = bytes.choose(&tool.answers).cloned() else { return Vec::new() };
            mutate(&mut json, bytes);
            let mut body = json.to_string().into_bytes();
            if kind == 3 {
                body.truncate(bytes.int_in_range(0..=body.len()).unwrap_or(0));
            }
            body
        }
    }
}

fuzz_target!(|data: &[u8]| {
    SETTING.with(|setting| {
        let bytes = &mut Unstructured::new(data);
        let tool = bytes.choose(&setting.tools).unwrap_or(&setting.tools[0]);
        let status = *bytes.choose(&STATUSES).unwrap_or(&200);
        let header = *bytes.choose(&HEADERS).unwrap_or(&HEADERS[0]);
        let body = body(tool, bytes);
        let is_json = serde_json::from_slice::<IgnoredAny>(&body).is_ok();
        *setting.answer.lock().unwrap() = Answer { status, headers: vec![header], body };
        let outcome =
            call(&setting.runtime, &setting.server, tool.entry.name, tool.arguments.clone());
        if tool.entry.name == "clerk_whoami" {
            assert!(!outcome.is_error, "it tells of a failure in its output");
        } else if !(200..300).contains(&status) {
            assert!(outcome.is_error, "{} after {status}", tool.entry.name);
        } else if !is_json || status == 204 {
            assert!(outcome.is_error, "{} without JSON", tool.entry.name);
            if !tool.entry.effect.is_read() {
                let codes = ["unreadable_answer", "half_done"];
                assert!(
                    codes.contains(&outcome.code.as_str()),
                    "{}: {}",
                    tool.entry.name,
                    outcome.code
                );
            }
        }
    });
});
