//! Finding an operation, and forming its call from what the search shows.

use clerk_mcp::{
    Clerk, Server, ServerOptions, catalog,
    guard::{Guard, Selection},
    tool::CallMeta,
};
use serde_json::{Value, json};

use crate::{
    samples::cases,
    support::{self, Client, Script, Upstream},
};

const SEARCH: &str = "clerk_search_operations";

fn options(url: &str, guard: Guard) -> ServerOptions {
    ServerOptions::new(Clerk::new(support::settings(url)), guard)
}

/// A client of a server of which nothing reaches Clerk.
async fn searching(guard: Guard) -> Client {
    support::connect(Server::new(options("http://127.0.0.1:1", guard))).await
}

fn names(result: &Value) -> Vec<&str> {
    let operations = result["operations"].as_array().unwrap();
    operations.iter().map(|operation| operation["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn clerks_own_name_of_every_operation_finds_it_first() {
    let client = searching(Guard::default()).await;
    let mut found = 0;
    for case in cases() {
        let query = json!({ "query": case.operation.id(), "limit": 1 });
        let result = client.call(SEARCH, &query).await;
        assert_eq!(names(&result), [case.tool.name], "{query}");
        found += 1;
    }
    assert!(found > 240, "{found}");
}

#[tokio::test]
async fn schemas_of_several_are_shown_with_how_many_match() {
    let client = searching(Guard::default()).await;
    let query = json!({ "query": "oauth application", "schemas": true, "limit": 12 });
    let result = client.call(SEARCH, &query).await;
    let operations = result["operations"].as_array().unwrap();
    assert!(operations.len() > 5 && operations.len() == result["shown"], "{result}");
    assert!(result["total"].as_u64().unwrap() >= result["shown"].as_u64().unwrap());
    for operation in operations {
        let (_, tool) = catalog::all().find(|(_, tool)| operation["name"] == tool.name).unwrap();
        let whole = Value::Object(tool.input_schema(CallMeta::default()));
        assert_eq!(operation["arguments"], whole, "{operation}");
        assert!(operation["example"]["arguments"].is_object(), "{operation}");
    }
    let several = json!({ "query": "organization role", "schemas": true });
    let result = client.call(SEARCH, &several).await;
    assert_eq!(result["shown"], 3);
    let note = result["note"].as_str().unwrap();
    assert!(note.starts_with(&format!("Shows 3 of {} ", result["total"])), "{note}");
    // A name is one operation; two are two.
    let named = json!({ "query": "UpdateUser, clerk_delete_machine", "schemas": true });
    let result = client.call(SEARCH, &named).await;
    assert_eq!(result["shown"], 2, "{result}");
}

#[tokio::test]
async fn schemas_that_do_not_fit_are_named() {
    let options = options("http://127.0.0.1:1", Guard::default());
    let server = Server::new(ServerOptions { max_answer_tokens: 1_500, ..options });
    let client = support::connect(server).await;
    let query = json!({ "query": "enterprise connection", "schemas": true, "limit": 8 });
    let result = client.call(SEARCH, &query).await;
    let operations = result["operations"].as_array().unwrap();
    let (whole, brief): (Vec<_>, Vec<_>) =
        operations.iter().partition(|operation| operation["arguments"].is_object());
    assert!(!whole.is_empty() && !brief.is_empty(), "{result}");
    let note = result["note"].as_str().unwrap();
    for operation in &brief {
        assert!(operation["about"].is_string(), "{operation}");
        assert!(note.contains(operation["name"].as_str().unwrap()), "{note}");
    }
    assert!(note.contains("search for each by its exact name"), "{note}");
    let tokens = tiktoken_rs::o200k_base_singleton().encode_ordinary(&result.to_string()).len();
    assert!(tokens <= 1_500, "{tokens}");
    let names = names(&result);
    let alone = json!({ "query": brief[0]["name"], "schemas": true });
    assert_eq!(names.len(), 8);
    assert_eq!(client.call(SEARCH, &alone).await["shown"], 1);
}

#[tokio::test]
async fn the_example_of_an_operation_runs_as_it_stands() {
    let upstream = Upstream::always(Script::json(200, &json!({ "id": "x_1" }))).await;
    let client = support::client(&upstream.url).await;
    for (query, tool) in [
        ("clerk_delete_machine", "clerk_run_write"),
        ("clerk_get_machine", "clerk_run_read"),
        ("clerk_ban_user", "clerk_ban_user"),
    ] {
        let found = client.call(SEARCH, &json!({ "query": query, "schemas": true })).await;
        let example = &found["operations"][0]["example"];
        assert_eq!(example["tool"], tool, "{example}");
        client.call(tool, &example["arguments"]).await;
    }
    assert_eq!(upstream.seen().len(), 3);
}

#[tokio::test]
async fn a_list_that_an_update_replaces_names_the_tool_that_reads_it() {
    let client = searching(Guard::default()).await;
    for (query, list, reader) in [
        (
            "UpdateOAuthApplication",
            "redirectUris",
            "clerk_run_read with operation clerk_get_oauth_application",
        ),
        (
            "UpdateInstanceCommunication",
            "blockedCountryCodes",
            "clerk_run_read with operation clerk_get_instance_communication",
        ),
        ("UpdateUser", "publicMetadata", "clerk_get_user"),
    ] {
        let found = client.call(SEARCH, &json!({ "query": query, "schemas": true })).await;
        let replaces = found["operations"][0]["replaces"].as_str().unwrap_or_default();
        assert!(replaces.contains(list) && replaces.contains(reader), "{query}: {found}");
    }
    let merges = json!({ "query": "clerk_update_user_metadata", "schemas": true });
    assert_eq!(client.call(SEARCH, &merges).await["operations"][0].get("replaces"), None);
}

#[tokio::test]
async fn an_operation_runs_by_any_spelling_of_its_name() {
    let upstream = Upstream::always(Script::json(200, &json!({ "id": "x_1" }))).await;
    let client = support::client(&upstream.url).await;
    for operation in ["clerk_get_machine", "get_machine", "getMachine", "GetMachine", "get machine"]
    {
        let call = json!({ "operation": operation, "arguments": { "machineId": "mch_1" } });
        client.call("clerk_run_read", &call).await;
    }
    assert_eq!(upstream.seen().len(), 5);
    let error = client.error("clerk_run_read", &json!({ "operation": "get_machin" })).await;
    assert!(error["message"].as_str().unwrap().contains("clerk_get_machine"), "{error}");
}

#[tokio::test]
async fn an_operation_that_is_off_says_what_turns_it_on() {
    let exclude_tools = vec!["clerk_delete_machine".to_owned()];
    let selection = Selection { exclude_tools, ..Selection::default() };
    let client = searching(Guard { selection, ..Guard::default() }).await;
    let found = client.call(SEARCH, &json!({ "query": "clerk_delete_machine" })).await;
    let off = found["operations"][0]["off"].as_str().unwrap();
    assert!(off.contains("--exclude-tools"), "{found}");
}
