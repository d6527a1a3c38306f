//! What holds for every tool, and each tool's definition against its snapshot.

use std::{
    collections::{HashMap, HashSet},
    fs,
    time::Duration,
};

use clerk_api::Method;
use clerk_mcp::{
    Clerk, McpServer, Server, ServerOptions, catalog,
    events::{Events, Settings},
    guard::Guard,
    mcp,
    tool::CallMeta,
};
use rmcp::model::Tool;
use serde_json::{Map, Value, json};

use crate::support;

/// What a client may be asked to pay for the list of tools, in tokens of o200k.
const TOKENS: usize = 7_000;
/// What the tools of events may cost beside, where events are received.
const TOKENS_OF_EVENTS: usize = 750;
/// And for one tool, on the average.
const TOKENS_A_TOOL: usize = 250;

fn tools() -> Vec<Tool> {
    let clerk = Clerk::new(support::settings("http://127.0.0.1:1"));
    McpServer::new(Server::new(ServerOptions::new(clerk, Guard::default()))).tools().to_vec()
}

/// The same where events are received.
fn tools_with_events() -> Vec<Tool> {
    let settings = Settings { file: None, retention: Some(Duration::from_hours(1)) };
    let events = Events::open(settings).unwrap();
    let clerk = Clerk::new(support::settings("http://127.0.0.1:1"));
    let options = ServerOptions::new(clerk, Guard::default());
    McpServer::new(Server::new(ServerOptions { events: Some(events), ..options })).tools().to_vec()
}

/// Every tool there is, listed or not.
fn whole() -> Vec<Tool> {
    catalog::all().map(|(_, entry)| mcp::listed(entry, CallMeta::default())).collect()
}

/// What a model sees of tools: clients rarely show it an output schema.
fn seen(tools: &[Tool]) -> String {
    Value::Array(tools.iter().map(mcp::seen).collect()).to_string()
}

fn tokens(text: &str) -> usize {
    tiktoken_rs::o200k_base_singleton().encode_ordinary(text).len()
}

/// The arguments below a schema, by their paths, each with its description.
fn arguments(path: &str, schema: &Value) -> Vec<(String, String)> {
    let mut found = Vec::new();
    for (name, argument) in schema["properties"].as_object().into_iter().flatten() {
        let path = format!("{path}.{name}");
        let about = argument["description"].as_str().unwrap_or_default();
        found.extend(arguments(&path, argument));
        found.push((path, about.to_owned()));
    }
    if let Some(items) = schema.get("items") {
        found.extend(arguments(&format!("{path}[]"), items));
    }
    found
}

#[test]
fn every_argument_says_what_it_is_in_three_words_or_more() {
    let (mut all, mut unclear) = (0, Vec::new());
    for tool in whole() {
        let found = arguments(&tool.name, &json!(*tool.input_schema));
        all += found.len();
        let is_short = |(_, about): &(String, String)| about.split_whitespace().count() < 3;
        unclear.extend(found.into_iter().filter(is_short));
    }
    testing::figure(format!("{all} arguments, {} of them undescribed", unclear.len()));
    assert!(unclear.is_empty(), "{unclear:#?}");
    assert!(all > 1_200, "{all}");
}

/// Objects whose form is the caller's.
const FREE: [&str; 6] = [
    "publicMetadata",
    "privateMetadata",
    "unsafeMetadata",
    "claims",
    "requestHeaders",
    // Of a tool that is run by its name.
    "arguments",
];

#[test]
fn an_object_has_its_properties_unless_its_form_is_the_callers() {
    let mut objects = 0;
    for tool in whole() {
        visit(&json!(*tool.input_schema), &tool.name, &mut |schema, path| {
            if schema["type"] != "object" || path == tool.name {
                return;
            }
            objects += 1;
            let name = path.rsplit('.').next().unwrap();
            let is_whole = schema["properties"].as_object().is_some_and(|all| !all.is_empty())
                || schema["additionalProperties"].is_object();
            assert!(is_whole != FREE.contains(&name), "{path}: {schema}");
        });
    }
    assert!(objects > 60, "{objects}");
}

#[test]
fn arguments_that_differ_are_described_differently() {
    let mut known: HashMap<String, (String, Value)> = HashMap::new();
    let mut same = Vec::new();
    for tool in whole() {
        visit(&json!(*tool.input_schema), &tool.name, &mut |schema, path| {
            let Some(about) = schema["description"].as_str() else { return };
            let name = path.rsplit('.').next().unwrap().to_owned();
            let form =
                ["type", "enum", "properties", "items"].map(|keyword| schema[keyword].clone());
            let this = (name, json!(form));
            let other = known.entry(about.to_owned()).or_insert_with(|| this.clone());
            if *other != this {
                same.push(format!("{path}: {about}"));
            }
        });
    }
    assert!(same.is_empty() && known.len() > 500, "{} {same:#?}", known.len());
}

#[test]
fn the_list_is_the_documents_in_its_order_and_whoami() {
    let names: Vec<_> = tools().into_iter().map(|tool| tool.name).collect();
    assert_eq!(
        names,
        [
            "clerk_list_users",
            "clerk_get_user",
            "clerk_create_user",
            "clerk_update_user",
            "clerk_delete_user",
            "clerk_find_users",
            "clerk_investigate_user",
            "clerk_case_timeline",
            "clerk_explain_sign_in",
            "clerk_ban_user",
            "clerk_unban_user",
            "clerk_lock_user",
            "clerk_unlock_user",
            "clerk_update_user_metadata",
            "clerk_list_organizations",
            "clerk_get_organization",
            "clerk_create_organization",
            "clerk_list_organization_memberships",
            "clerk_add_organization_member",
            "clerk_remove_organization_member",
            "clerk_list_sessions",
            "clerk_get_session",
            "clerk_revoke_session",
            "clerk_bulk_update",
            "clerk_revoke_user_sessions",
            "clerk_list_organization_invitations",
            "clerk_create_organization_invitation",
            "clerk_revoke_organization_invitation",
            "clerk_update_organization_membership",
            "clerk_search_operations",
            "clerk_run_read",
            "clerk_run_write",
            "clerk_whoami",
        ]
    );
}

#[test]
fn the_list_costs_few_tokens() {
    for tool in tools() {
        println!("{:<36} {:>4}", tool.name, tokens(&seen(std::slice::from_ref(&tool))));
    }
    let list = seen(&tools());
    let cost = tokens(&list);
    println!("tools/list: {} tools, {} bytes, {cost} tokens", tools().len(), list.len());
    assert!(cost <= TOKENS && cost <= tools().len() * TOKENS_A_TOOL, "{cost} tokens");
    // The exact figures are in docs/reference, which is written from the catalog.
    let hundreds = cost.div_ceil(100);
    let (count, cost_rounded) = (tools().len(), format!("{},{}00", hundreds / 10, hundreds % 10));
    let figures = format!("{count} tools are listed by default, for about {cost_rounded} tokens");
    let readme = fs::read_to_string("README.md").unwrap();
    assert!(readme.contains(&figures), "the README lacks: {figures}");
    let with_events = tokens(&seen(&tools_with_events()));
    println!("with events: {} tokens more", with_events - cost);
    assert!(with_events - cost <= TOKENS_OF_EVENTS, "{with_events} tokens");
}

#[test]
fn every_tool_says_what_it_is() {
    let (mut names, mut beginnings) = (HashSet::new(), HashMap::new());
    let mut faults = Vec::new();
    for tool in whole() {
        let name = tool.name.clone();
        let mut check = |holds: bool, fault: String| {
            if !holds {
                faults.push(format!("{name}: {fault}"));
            }
        };
        let is_plain =
            name.chars().all(|character| matches!(character, 'a'..='z' | '0'..='9' | '_'));
        check(name.len() <= 60 && name.starts_with("clerk_") && is_plain, "its name".to_owned());
        check(names.insert(name.clone()), "another has its name".to_owned());
        check(tool.title.is_some(), "no title".to_owned());
        let description = tool.description.unwrap_or_default();
        let length = description.len();
        check((30..700).contains(&length), format!("{length} bytes of description"));
        let (_, entry) = catalog::all().find(|(_, known)| known.name == name).unwrap();
        let says_so = description.contains("secret");
        check(
            entry.returns_secret == says_so,
            "a secret in the answer, and only that, is told".to_owned(),
        );
        let first = description.split('.').next().unwrap().to_owned();
        if let Some(other) = beginnings.insert(first, name.clone()) {
            check(false, format!("it begins as {other} does"));
        }
    }
    assert!(faults.is_empty(), "{faults:#?}");
}

/// What only looks, though its method says otherwise.
const READS_BY_POST: &[&str] = &["clerk_preview_template"];

#[test]
fn every_hint_is_given_and_agrees_with_the_effect() {
    for (_, entry) in catalog::all() {
        let tool = mcp::listed(entry, CallMeta::default());
        let hints = tool.annotations.unwrap();
        let given = [hints.read_only_hint, hints.destructive_hint, hints.idempotent_hint];
        assert!(given.iter().all(Option::is_some), "{}: {given:?}", tool.name);
        let [read_only, destructive, idempotent] = given.map(Option::unwrap);
        if let Some(route) = entry.route() {
            let by_method = read_only == (route.method == Method::Get);
            assert_eq!(by_method, !READS_BY_POST.contains(&entry.name), "{}", tool.name);
        }
        assert!(!(read_only && destructive), "{}", tool.name);
        assert!(idempotent || !destructive, "{}", tool.name);
        // Whoever loses the answer to a write needs a tool to look with.
        let look = catalog::all().find(|(_, known)| known.name == entry.verify_with);
        assert_eq!(look.is_some(), !read_only, "{}", tool.name);
    }
    for toolset in catalog::CATALOG {
        let find = catalog::all().find(|(_, known)| known.name == toolset.find);
        assert!(find.is_some(), "{}: {}", toolset.name, toolset.find);
    }
}

/// Visits each schema in a schema with its path.
fn visit(schema: &Value, path: &str, check: &mut impl FnMut(&Value, &str)) {
    check(schema, path);
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        visit(property, &format!("{path}.{name}"), check);
    }
    if let Some(items) = schema.get("items") {
        visit(items, &format!("{path}[]"), check);
    }
}

#[test]
fn every_schema_is_one_that_all_clients_take() {
    const KEYWORDS: &[&str] = &[
        "type",
        "description",
        "properties",
        "required",
        "additionalProperties",
        "enum",
        "items",
        "minimum",
        "maximum",
        "minLength",
        "maxLength",
        "default",
    ];
    for tool in whole() {
        let name = &tool.name;
        let input = Value::Object((*tool.input_schema).clone());
        assert_eq!(input["type"], "object", "{name}");
        visit(&input, name, &mut |schema, path| {
            for keyword in schema.as_object().unwrap().keys() {
                assert!(KEYWORDS.contains(&keyword.as_str()), "{path}: {keyword}");
            }
            assert!(schema["type"].is_string(), "{path}: {schema}");
        });
        assert!(!input["properties"].as_object().unwrap().contains_key("secretKey"));
        let output = Value::Object((**tool.output_schema.as_ref().unwrap()).clone());
        assert_eq!(output["type"], "object", "{name}");
        assert!(output.get("required").is_none(), "{name}");
        visit(&output, name, &mut |schema, path| {
            assert!(!schema.to_string().contains("$ref"), "{path}");
            // What is Clerk's may be null. A time is a number or a string.
            let is_one = |types: &[Value]| matches!(types, [_, null] if null == "null");
            let is_time = |types: &[Value]| types == ["integer", "string", "null"];
            let types = schema["type"].as_array();
            let is_typed = schema["type"].is_string()
                || types.is_some_and(|types| is_one(types) || is_time(types));
            assert!(is_typed, "{path}: {schema}");
        });
        jsonschema::validator_for(&input).unwrap();
        jsonschema::validator_for(&output).unwrap();
    }
}

/// Objects whose members are whoever's they are of: metadata, claims and other maps.
const UNTYPED: [&str; 18] = [
    "example",
    "publicMetadata",
    "privateMetadata",
    "unsafeMetadata",
    "claims",
    "act",
    "actor",
    "attributeMapping",
    "mappings",
    "byStatus",
    "payload",
    "arguments",
    "meta",
    "externalAccount",
    "payee",
    "subscriptionItem",
    "values",
    "kept",
];

#[test]
fn every_field_of_a_result_has_a_type_and_only_maps_are_without_fields() {
    let (mut all, mut described, mut loose) = (0, 0, Vec::new());
    for tool in whole() {
        let output = Value::Object((**tool.output_schema.as_ref().unwrap()).clone());
        visit(&output, &tool.name, &mut |schema, path| {
            all += 1;
            described += usize::from(schema["description"].is_string());
            let types = schema["type"].as_array().cloned().unwrap_or(vec![schema["type"].clone()]);
            let name = path.rsplit('.').next().unwrap();
            let is_empty = schema["properties"].as_object().is_none_or(Map::is_empty);
            let is_free = is_empty && types.contains(&json!("object"));
            if schema["type"].is_null() || is_free && !UNTYPED.contains(&name) {
                loose.push(path.to_owned());
            }
        });
    }
    testing::figure(format!("{all} fields of results, {described} of them described"));
    assert!(loose.is_empty(), "{loose:#?}");
    assert!(described > 4_000, "{described} of {all}");
}

#[test]
fn whatever_ends_something_says_so_in_its_result() {
    let ends = ["clerk_delete_", "clerk_remove_", "clerk_revoke_"];
    let says = ["deleted", "removed", "revoked", "status", "sessionsRevoked"];
    for tool in whole() {
        if !ends.iter().any(|verb| tool.name.starts_with(verb)) {
            continue;
        }
        let output = tool.output_schema.as_ref().unwrap();
        let has = |name: &&str| output["properties"].get(*name).is_some();
        assert!(says.iter().any(has), "{}: {:?}", tool.name, output["properties"]);
    }
}

#[test]
fn every_tool_matches_its_snapshot() {
    let bless = std::env::var_os("BLESS").is_some();
    let mut stray: HashSet<_> = fs::read_dir("tests/snapshots")
        .into_iter()
        .flatten()
        .map(|file| file.unwrap().file_name().into_string().unwrap())
        .collect();
    for tool in whole() {
        let file = format!("{}.json", tool.name);
        let path = format!("tests/snapshots/{file}");
        let now = serde_json::to_string_pretty(&tool).unwrap() + "\n";
        if bless {
            fs::create_dir_all("tests/snapshots").unwrap();
            fs::write(&path, &now).unwrap();
        }
        let then = fs::read_to_string(&path).unwrap_or_default();
        assert!(now == then, "{path} differs; if that is meant, run `cargo xtask bless`");
        stray.remove(&file);
    }
    assert!(stray.is_empty(), "snapshots of no tool: {stray:?}");
}
