//! Any arguments to any tool: an answer that is JSON, and no request that leads elsewhere.
#![no_main]

use std::{cell::LazyCell, thread_local};

use axum::extract::Request;
use clerk_mcp::{
    Server,
    guard::{Confirm, Guard, Policy, policy::Known},
    mcp,
    tool::{CallMeta, Tool},
    catalog,
};
use clerk_mcp_fuzz::{Answer, call, runtime, server, upstream, value};
use libfuzzer_sys::{arbitrary::Unstructured, fuzz_target};
use rmcp::model::JsonObject;
use serde_json::{Value, json};
use tokio::runtime::Runtime;

const POLICY: &str = r#"
[[rules]]
name = "staff"
action = "deny"
effects = ["write", "destructive"]
email_domains = ["*.ourco.example"]

[[rules]]
name = "roles"
action = "deny"
metadata_keys = ["role"]

[[rules]]
name = "organizations"
action = "allow"
organizations = ["org_1"]
per_hour = 1000000
"#;

/// The server as it is by default, and one with a policy and plans.
fn servers(runtime: &Runtime) -> [Server; 2] {
    let url = upstream(runtime, |request: &Request| {
        let path = request.uri().path().strip_prefix("/v1").unwrap();
        let further = [
            "/users/count",
            "/users/{}/metadata",
            "/users/{}/organization_memberships",
            "/organizations/{}/memberships",
        ];
        let mut templates = catalog::all().filter_map(|(_, it)| it.route()).map(|it| it.path).chain(further);
        assert!(templates.any(|it| fits(it, path)), "{path}");
        let id = path.rsplit('/').next().unwrap_or_default();
        let email = json!({ "id": "i", "email_address": "a@b.example" });
        let body = json!({ "id": id, "email_addresses": [email], "public_metadata": { "a": 1 } });
        let status = if request.method() == "GET" { 200 } else { 400 };
        Answer { status, headers: Vec::new(), body: body.to_string().into_bytes() }
    });
    let known = Known {
        tools: catalog::all().map(|(_, entry)| entry.name).collect(),
        toolsets: catalog::CATALOG.iter().map(|it| it.name).collect(),
    };
    let policy = Some(Policy::read(POLICY, &known).unwrap());
    let guarded = Guard { confirm: Confirm::Plan, policy, ..Guard::default() };
    [server(&url, Guard::default()), server(&url, guarded)]
}

fn fits(template: &str, path: &str) -> bool {
    let (path, template): (Vec<_>, Vec<_>) =
        (path.split('/').collect(), template.split('/').collect());
    path.len() == template.len()
        && path.iter().zip(&template).all(|(it, other)| {
            it == other
                || other.starts_with('{')
                    && it.bytes().all(|it| it.is_ascii_alphanumeric() || b"_-".contains(&it))
        })
}

fn arguments(schema: &Value, bytes: &mut Unstructured<'_>) -> JsonObject {
    if bytes.ratio(1, 4).unwrap_or_default() {
        let rest = bytes.bytes(bytes.len()).unwrap_or_default();
        return serde_json::from_slice(rest).unwrap_or_default();
    }
    let mut arguments = JsonObject::new();
    let properties = schema["properties"].as_object().into_iter().flatten();
    for (name, property) in properties.chain([
        (&"reason".to_owned(), &json!({ "type": "string" })),
        (&"planToken".to_owned(), &json!({ "type": "string" })),
    ]) {
        let given = match bytes.int_in_range(0..=7).unwrap_or(0) {
            0..=2 => continue,
            3 => value(bytes, 3),
            _ => match property["type"].as_str().unwrap_or_default() {
                "integer" => i64::from(bytes.arbitrary::<u16>().unwrap_or_default()).into(),
                "boolean" => bytes.arbitrary::<bool>().unwrap_or_default().into(),
                "object" => {
                    json!({ bytes.arbitrary::<&str>().unwrap_or_default(): value(bytes, 3) })
                }
                _ if name.ends_with("Id") => "user_1".into(),
                _ => bytes.arbitrary::<&str>().unwrap_or_default().into(),
            },
        };
        arguments.insert(name.clone(), given);
    }
    if bytes.ratio(1, 8).unwrap_or_default() {
        let name = bytes.arbitrary::<&str>().unwrap_or_default();
        arguments.insert(name.to_owned(), value(bytes, 2));
    }
    arguments
}

struct Setting {
    runtime: Runtime,
    servers: [Server; 2],
    tools: Vec<(&'static Tool, Value)>,
}

thread_local! {
    static SETTING: LazyCell<Setting> = LazyCell::new(|| {
        let runtime = runtime();
        let schema = |entry: &'static Tool| Value::Object((*mcp::listed(entry, CallMeta::default()).input_schema).clone());
        let tools = catalog::all().map(|(_, entry)| (entry, schema(entry))).collect();
        Setting { servers: servers(&runtime), tools, runtime }
    });
}

fuzz_target!(|data: &[u8]| {
    SETTING.with(|setting| {
        let bytes = &mut Unstructured::new(data);
        let (entry, schema) = bytes.choose(&setting.tools).unwrap_or(&setting.tools[0]);
        let server = &setting.servers[bytes.int_in_range(0..=1).unwrap_or(0)];
        let arguments = arguments(schema, bytes);
        let outcome = call(&setting.runtime, server, entry.name, arguments);
        // Writes are answered 400; only a plan is no error.
        let may_succeed = entry.effect.is_read() || entry.effect.is_destructive();
        assert!(outcome.is_error || may_succeed, "{}: {}", entry.name, outcome.code);
    });
});
