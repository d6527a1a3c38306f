//! Resources, as a client lists and reads them.

use clerk_mcp::{
    Clerk, Server, ServerOptions,
    guard::{Guard, Selection},
};
use rmcp::{
    model::{ErrorData, ReadResourceRequestParams, ResourceContents},
    service::ServiceError,
};
use serde_json::{Value, json};

use crate::{
    guard::wire::Wire,
    people::sandbox,
    support::{self, Client, Script, Upstream},
};

/// A server in front of `url` with these tools excluded.
pub(crate) fn server(url: &str, excluded: &[&str]) -> Server {
    let exclude_tools = excluded.iter().map(|name| (*name).to_owned()).collect();
    let selection = Selection { exclude_tools, ..Selection::default() };
    Server::new(ServerOptions::new(
        Clerk::new(support::settings(url)),
        Guard { selection, ..Guard::default() },
    ))
}

async fn read(client: &Client, uri: &str) -> Result<(String, String), ErrorData> {
    match client.0.read_resource(ReadResourceRequestParams::new(uri)).await {
        Ok(result) => {
            let [contents] = &*result.contents else { panic!("{result:?}") };
            let ResourceContents::TextResourceContents { uri: of, mime_type, text, .. } = contents
            else {
                panic!("{contents:?}")
            };
            assert_eq!(of, uri);
            Ok((mime_type.clone().unwrap(), text.clone()))
        }
        Err(ServiceError::McpError(error)) => Err(error),
        Err(error) => panic!("{uri}: {error}"),
    }
}

async fn read_json(client: &Client, uri: &str) -> Value {
    let (mime_type, text) = read(client, uri).await.unwrap();
    assert_eq!(mime_type, "application/json");
    serde_json::from_str(&text).unwrap()
}

/// The IDs of a user, an organization and a session.
async fn ids(client: &Client) -> [String; 3] {
    let organizations = client.call("clerk_list_organizations", &json!({ "limit": 1 })).await;
    let organization = organizations["organizations"][0]["id"].as_str().unwrap().to_owned();
    let arguments = json!({ "organizationId": organization, "limit": 50 });
    let members = client.call("clerk_list_organization_memberships", &arguments).await;
    for member in members["memberships"].as_array().unwrap() {
        let user = member["userId"].as_str().unwrap();
        let sessions = client.call("clerk_list_sessions", &json!({ "userId": user })).await;
        if let Some(session) = sessions["sessions"][0]["id"].as_str() {
            return [user.to_owned(), organization, session.to_owned()];
        }
    }
    panic!("nobody has a session");
}

#[tokio::test]
async fn resources_are_listed_and_read_like_their_tools() {
    let client = support::connect(server(&sandbox(25).await, &[])).await;
    let listed = client.0.list_all_resources().await.unwrap();
    let uris: Vec<&str> = listed.iter().map(|resource| &*resource.uri).collect();
    assert_eq!(uris, ["clerk://instance", "clerk://tools"]);
    let templates = client.0.list_all_resource_templates().await.unwrap();
    let templates: Vec<&str> = templates.iter().map(|template| &*template.uri_template).collect();
    let expected = [
        "clerk://user/{id}",
        "clerk://user/{id}/timeline",
        "clerk://organization/{id}",
        "clerk://session/{id}",
    ];
    assert_eq!(templates, expected);
    let [user, organization, session] = ids(&client).await;
    let cases = [
        (format!("clerk://user/{user}"), "clerk_get_user", json!({ "userId": user })),
        (format!("clerk://user/{user}/timeline"), "clerk_case_timeline", json!({ "userId": user })),
        (
            format!("clerk://organization/{organization}"),
            "clerk_get_organization",
            json!({ "organizationId": organization }),
        ),
        (
            format!("clerk://session/{session}"),
            "clerk_get_session",
            json!({ "sessionId": session }),
        ),
        ("clerk://instance".to_owned(), "clerk_whoami", json!({})),
    ];
    for (uri, tool, arguments) in cases {
        let mut answers = [read_json(&client, &uri).await, client.call(tool, &arguments).await];
        // It changes with each request.
        for answer in &mut answers {
            answer.as_object_mut().unwrap().shift_remove("requestsLeft");
        }
        assert_eq!(answers[0], answers[1], "{uri}");
    }
}

#[tokio::test]
async fn the_tool_guide_names_the_tools_that_are_on() {
    let off = ["clerk_delete_user", "clerk_ban_user"];
    let client = support::connect(server("http://127.0.0.1:1", &off)).await;
    let (mime_type, guide) = read(&client, "clerk://tools").await.unwrap();
    assert_eq!(mime_type, "text/markdown");
    let tools = client.0.list_all_tools().await.unwrap();
    let named = guide.lines().filter(|line| line.starts_with("- `"));
    let named: Vec<&str> = named.map(|line| line.split('`').nth(1).unwrap()).collect();
    assert_eq!(named, tools.iter().map(|tool| &*tool.name).collect::<Vec<_>>());
    let line = "- `clerk_list_users` (read): List users with filters and pages; newest first.\n";
    assert!(guide.contains(line), "{guide}");
    assert!(guide.contains("\n## users: Find, create, change and delete users\n"), "{guide}");
    assert!(guide.contains("`clerk_revoke_session` (destructive)"), "{guide}");
}

#[tokio::test]
async fn what_is_not_there_is_not_found_and_asks_clerk_nothing() {
    let upstream = Upstream::always(Script::json(200, &json!({}))).await;
    let client = support::connect(server(&upstream.url, &[])).await;
    let long = format!("clerk://user/{}", "a".repeat(5_000));
    let uris = [
        "",
        "clerk://",
        "clerk://user",
        "clerk://user/",
        "clerk://user/{id}",
        "clerk://user/..",
        "clerk://user/../organizations/org_1",
        "clerk://user/user_1/ban",
        "clerk://user//timeline",
        "clerk://user/user_1/timeline/x",
        "clerk://user/user_1?a=b",
        "clerk://user/user_1#a",
        "clerk://user/user%5F1",
        "clerk://user/\u{202e}1",
        "CLERK://user/user_1",
        "clerk://tools/",
        "clerk://instance/x",
        "file:///etc/passwd",
        "http://127.0.0.1/",
        &long,
    ];
    for uri in uris {
        let error = read(&client, uri).await.unwrap_err();
        assert_eq!(error.code.0, -32002, "{uri}");
        assert!(error.message.starts_with("there is no resource `"), "{}", error.message);
        assert!(error.message.chars().count() < 400, "{}", error.message);
        assert!(!error.message.contains('\u{202e}'), "{}", error.message);
        let named = error.data.unwrap()["uri"].as_str().unwrap().to_owned();
        assert!(named == uri || error.message.contains('⟦'), "{named}");
    }
    assert_eq!(upstream.seen(), []);
}

#[tokio::test]
async fn a_failure_is_an_error_that_says_what_the_tool_says() {
    let client = support::connect(server(&sandbox(5).await, &["clerk_get_session"])).await;
    let error = read(&client, "clerk://user/user_nobody").await.unwrap_err();
    assert_eq!(error.code.0, -32002);
    assert!(error.message.contains("Nothing in this Clerk instance has that ID."), "{error:?}");
    let data = error.data.unwrap();
    assert_eq!(data["code"], "resource_not_found");
    assert_eq!(data["uri"], "clerk://user/user_nobody");
    // One that is off is neither listed nor read.
    let templates = client.0.list_all_resource_templates().await.unwrap();
    assert_eq!(templates.len(), 3);
    let error = read(&client, "clerk://session/sess_1").await.unwrap_err();
    assert_eq!(error.code.0, -32602);
    assert!(error.message.contains("clerk_get_session is off"), "{error:?}");
    let upstream = Upstream::always(Script::refusal(403, "", "forbidden")).await;
    let client = support::connect(server(&upstream.url, &[])).await;
    let error = read(&client, "clerk://user/user_1").await.unwrap_err();
    assert_eq!(error.code.0, -32603);
    assert!(error.message.contains("Long text of forbidden"), "{error:?}");
}

#[tokio::test]
async fn what_end_users_wrote_is_cleaned_and_secrets_are_gone() {
    let user = json!({
        "object": "user", "id": "user_1", "first_name": "Ada\u{202e}", "last_name": support::KEY,
    });
    let upstream = Upstream::always(Script::json(200, &user)).await;
    let client = support::connect(server(&upstream.url, &[])).await;
    let (_, text) = read(&client, "clerk://user/user_1").await.unwrap();
    assert!(text.contains("Ada⟦U+202E⟧"), "{text}");
    assert!(!text.contains(support::KEY), "{text}");
}

#[tokio::test]
async fn the_stateless_revision_is_told_how_long_all_may_be_kept() {
    let url = sandbox(5).await;
    let mut wire = Wire::to(server(&url, &[]));
    let stateless = |mut params: Value| {
        params["_meta"] = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": { "name": "tests", "version": "1" },
        });
        params
    };
    let user = json!({ "name": "offboard_user", "arguments": { "user": "user_1" } });
    let completed = json!({
        "ref": { "type": "ref/prompt", "name": "onboard_user" },
        "argument": { "name": "role", "value": "" },
    });
    let cases = [
        ("prompts/list", json!({}), Some(3_600_000)),
        ("resources/list", json!({}), Some(3_600_000)),
        ("resources/templates/list", json!({}), Some(3_600_000)),
        ("resources/read", json!({ "uri": "clerk://tools" }), Some(3_600_000)),
        ("resources/read", json!({ "uri": "clerk://instance" }), Some(0)),
        ("prompts/get", user, None),
        ("completion/complete", completed, None),
    ];
    for (method, params, ttl_ms) in cases {
        let answer = wire.request(method, stateless(params)).await;
        let result = &answer["result"];
        assert_eq!(result.get("ttlMs").and_then(Value::as_u64), ttl_ms, "{method}: {answer}");
        let scope = result.get("cacheScope").and_then(Value::as_str);
        assert_eq!(scope, ttl_ms.map(|_| "private"), "{method}: {answer}");
        assert_eq!(result["resultType"], "complete", "{method}: {answer}");
        let info = &result["_meta"]["io.modelcontextprotocol/serverInfo"];
        assert_eq!(info["name"], "clerk-mcp", "{method}: {answer}");
    }
    for uri in ["clerk://user/user_nobody", "clerk://nothing"] {
        let answer = wire.request("resources/read", stateless(json!({ "uri": uri }))).await;
        assert_eq!(answer["error"]["code"], -32602, "{answer}");
    }
}

#[tokio::test]
async fn older_revisions_are_told_nothing_of_it_and_malformed_parameters_are_named() {
    let mut wire = Wire::to(server(&sandbox(5).await, &[]));
    wire.initialize("tests", "1").await;
    for method in ["prompts/list", "resources/list", "resources/templates/list"] {
        let answer = wire.request(method, json!({})).await;
        for name in ["ttlMs", "cacheScope", "resultType", "_meta"] {
            assert!(answer["result"].get(name).is_none(), "{method}: {answer}");
        }
    }
    let cases = [
        ("resources/read", json!({})),
        ("resources/read", json!({ "uri": 7 })),
        ("prompts/get", json!({ "arguments": {} })),
        ("prompts/get", json!({ "name": "offboard_user", "arguments": ["user_1"] })),
        ("completion/complete", json!({})),
        ("completion/complete", json!({ "ref": { "type": "ref/tool", "name": "a" } })),
    ];
    for (method, params) in cases {
        let answer = wire.request(method, params).await;
        assert_eq!(answer["error"]["code"], -32602, "{method}: {answer}");
        let said = format!("the parameters of {method} are malformed");
        assert_eq!(answer["error"]["message"], said, "{answer}");
    }
}
