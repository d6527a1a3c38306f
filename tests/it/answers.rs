//! How large answers are, and that they say truthfully what they lack.

use std::sync::{Arc, Mutex};

use crate::{
    people::sandbox,
    support::{self, Client, Script, Upstream},
};
use clerk_mcp::{Clerk, Server, ServerOptions, Settings, guard::Guard};
use rmcp::{
    ClientHandler, RoleClient,
    model::{
        CallToolRequestParams, ClientRequest, NumberOrString, ProgressNotificationParam,
        ProgressToken, RequestMetaObject, ServerResult,
    },
    service::NotificationContext,
};
use serde_json::{Value, json};

/// A server of the sandbox, with answers of at most so many tokens.
pub(crate) fn server(url: &str, tokens: usize) -> Server {
    let key = support::key(clerk_sandbox::KEY);
    let settings = Settings { key, ..support::settings(url) };
    Server::new(ServerOptions {
        max_answer_tokens: tokens,
        ..ServerOptions::new(Clerk::new(settings), Guard::default())
    })
}

pub(crate) async fn client(url: &str, tokens: usize) -> Client {
    support::connect(server(url, tokens)).await
}

fn tokens(value: &Value) -> usize {
    tiktoken_rs::o200k_base_singleton().encode_ordinary(&value.to_string()).len()
}

fn rows<'a>(answer: &'a Value, key: &str) -> &'a [Value] {
    answer[key].as_array().unwrap()
}

fn ids(answer: &Value) -> Vec<&str> {
    rows(answer, "users").iter().map(|user| user["id"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_hundred_users_cost_what_they_may() {
    let url = sandbox(100).await;
    let client = client(&url, 1_000_000).await;
    for (detail, ceiling) in [("concise", 8_000), ("standard", 15_000), ("full", 30_000)] {
        let arguments = json!({ "limit": 100, "detail": detail });
        let answer = client.call("clerk_list_users", &arguments).await;
        assert_eq!(rows(&answer, "users").len(), 100);
        assert!(answer.get("note").is_none(), "{answer}");
        let cost = tokens(&answer);
        println!("100 users, {detail}: {cost} tokens");
        assert!(cost <= ceiling, "{detail}: {cost} tokens");
    }
    let arguments = json!({ "limit": 100, "fields": ["id", "primaryEmailAddress"] });
    let cost = tokens(&client.call("clerk_list_users", &arguments).await);
    assert!(cost <= 4_500, "{cost}");
}

#[tokio::test]
async fn a_large_result_loses_detail_then_rows_and_says_so() {
    let url = sandbox(1_000).await;
    let client = client(&url, 20_000).await;
    // A hundred full users are more than the server's limit, and fit as standard ones.
    let answer = client.call("clerk_list_users", &json!({ "limit": 100 })).await;
    assert_eq!(rows(&answer, "users").len(), 100);
    assert!(tokens(&answer) <= 20_000);
    let note = answer["note"].as_str().unwrap();
    assert!(
        note.starts_with(
            "Lowered to standard detail (without nulls, images, nested ids and payloads)"
        ),
        "{note}"
    );
    assert!(rows(&answer, "users")[0].get("imageUrl").is_none());
    assert_eq!((&answer["hasMore"], &answer["nextOffset"]), (&json!(true), &json!(100)));
    // 500 users are too many even at the concise level, so the result says how to continue.
    let mut arguments = json!({ "limit": 500 });
    let mut seen: Vec<String> = Vec::new();
    loop {
        let answer = client.call("clerk_list_users", &arguments).await;
        assert!(tokens(&answer) <= 20_000);
        assert_eq!(answer["totalCount"], 1_000);
        seen.extend(ids(&answer).into_iter().map(str::to_owned));
        if answer["hasMore"] == json!(false) {
            assert!(answer.get("nextOffset").is_none());
            break;
        }
        assert_eq!(answer["nextOffset"], seen.len());
        let note = answer["note"].as_str().unwrap();
        let parts =
            ["Cut to fit 20000 tokens", "of 500 rows at concise", "Go on with offset", "query"];
        // The last pages fit as they are.
        assert!(seen.len() > 500 || parts.iter().all(|part| note.contains(part)), "{note}");
        arguments["offset"] = answer["nextOffset"].clone();
    }
    let mut all = seen.clone();
    all.sort();
    all.dedup();
    assert_eq!((seen.len(), all.len()), (1_000, 1_000));
}

#[tokio::test]
async fn max_tokens_holds_for_every_read_and_not_beyond_the_servers() {
    let url = sandbox(200).await;
    let client = client(&url, 3_000).await;
    let user = ids(&client.call("clerk_list_users", &json!({ "limit": 1 })).await)[0].to_owned();
    let organizations = client.call("clerk_list_organizations", &json!({ "limit": 1 })).await;
    let organization = organizations["organizations"][0]["id"].clone();
    let calls = [
        ("clerk_list_users", json!({ "limit": 200 })),
        ("clerk_get_user", json!({ "userId": user })),
        ("clerk_investigate_user", json!({ "userId": user })),
        ("clerk_explain_sign_in", json!({ "userId": user })),
        ("clerk_list_organizations", json!({ "limit": 100, "includeMembersCount": true })),
        ("clerk_get_organization", json!({ "organizationId": organization })),
        (
            "clerk_list_organization_memberships",
            json!({ "organizationId": organization, "limit": 500 }),
        ),
        ("clerk_list_sessions", json!({ "userId": user, "limit": 500 })),
        ("clerk_whoami", json!({})),
    ];
    for (tool, arguments) in calls {
        for max in [200, 333, 1_000, 90_000] {
            let mut arguments = arguments.clone();
            arguments["maxTokens"] = json!(max);
            let answer = client.call(tool, &arguments).await;
            let limit = max.min(3_000);
            let cost = tokens(&answer);
            assert!(cost <= limit, "{tool} {arguments}: {cost} tokens: {answer}");
        }
        let mut arguments = arguments;
        arguments["maxTokens"] = json!(199);
        assert_eq!(client.error(tool, &arguments).await["param"], "maxTokens");
    }
}

#[tokio::test]
async fn fields_are_selected_and_unknown_ones_are_reported() {
    let url = sandbox(25).await;
    let client = client(&url, 20_000).await;
    let arguments = json!({ "limit": 2, "fields": ["id", "primaryEmailAddress", "createdAt"] });
    let answer = client.call("clerk_list_users", &arguments).await;
    for user in rows(&answer, "users") {
        let names: Vec<_> = user.as_object().unwrap().keys().collect();
        assert_eq!(names, ["id", "primaryEmailAddress", "createdAt"]);
        assert!(user["primaryEmailAddress"].as_str().unwrap().contains('@'));
    }
    assert_eq!(answer["totalCount"], 25);
    let id = rows(&answer, "users")[0]["id"].clone();
    let arguments = json!({ "userId": id, "fields": "privateMetadata,name" });
    let user = client.call("clerk_get_user", &arguments).await;
    let names: Vec<_> = user.as_object().unwrap().keys().collect();
    assert_eq!(names, ["privateMetadata", "name", "success"]);
    let error = client.error("clerk_list_users", &json!({ "fields": ["emial"] })).await;
    assert_eq!(
        error["message"],
        "`fields` has \"emial\", which isn't a field of the result: did you mean \
         \"emailAddresses\"?"
    );
    let message = async |tool: &'static str, arguments: Value| {
        client.error(tool, &arguments).await["message"].as_str().unwrap().to_owned()
    };
    let of_sessions =
        message("clerk_list_sessions", json!({ "userId": id, "fields": "zzz" })).await;
    assert!(of_sessions.contains("it has id, userId, clientId"), "{of_sessions}");
    let nested =
        message("clerk_get_user", json!({ "userId": id, "fields": "emailAddresses.mail" }));
    assert_eq!(
        nested.await,
        "`fields` has \"emailAddresses.mail\", which isn't a field of the result: did you mean \
         \"emailAddresses.emailAddress\"?"
    );
    let below = message("clerk_get_user", json!({ "userId": id, "fields": "createdAt.day" })).await;
    assert!(below.contains("createdAt has no fields of its own"), "{below}");
}

#[tokio::test]
async fn a_level_of_detail_is_the_same_for_one_and_for_many() {
    let url = sandbox(25).await;
    let client = client(&url, 20_000).await;
    for detail in ["full", "standard", "concise"] {
        let list = client.call("clerk_list_users", &json!({ "limit": 3, "detail": detail })).await;
        for row in rows(&list, "users") {
            let arguments = json!({ "userId": row["id"], "detail": detail });
            let user = client.call("clerk_get_user", &arguments).await;
            for (name, value) in
                row.as_object().unwrap().iter().filter(|(_, value)| !value.is_array())
            {
                assert_eq!(user.get(name), Some(value), "{detail}: {name}");
            }
        }
    }
}

/// The reported progress and its total.
pub(crate) type Progress = (f64, Option<f64>);

/// A client that keeps the progress notifications.
#[derive(Clone, Default)]
struct Listener(Arc<Mutex<Vec<Progress>>>);

impl ClientHandler for Listener {
    async fn on_progress(
        &self,
        progress: ProgressNotificationParam,
        _: NotificationContext<RoleClient>,
    ) {
        self.0.lock().unwrap().push((progress.progress, progress.total));
    }
}

/// Calls a tool and listens to its progress.
pub(crate) async fn listening(
    server: Server,
    tool: &str,
    arguments: &Value,
) -> (Value, Vec<Progress>) {
    let listener = Listener::default();
    let client = support::connect_as(listener.clone(), server).await;
    let mut call =
        CallToolRequestParams::new(tool.to_owned()).with_arguments(support::object(arguments));
    let mut meta = RequestMetaObject::default();
    meta.set_progress_token(ProgressToken(NumberOrString::Number(7)));
    call.meta = Some(meta);
    let request = ClientRequest::CallToolRequest(rmcp::model::CallToolRequest::new(call));
    let ServerResult::CallToolResult(result) = client.0.send_request(request).await.unwrap() else {
        panic!("no result of a call")
    };
    let heard = listener.0.lock().unwrap().clone();
    (result.structured_content.unwrap(), heard)
}

#[tokio::test]
async fn all_pages_are_walked_in_one_call_with_progress() {
    let url = sandbox(1_200).await;
    let arguments = json!({ "all": true, "maxRows": 1_100, "fields": ["id"] });
    let (answer, heard) = listening(server(&url, 100_000), "clerk_list_users", &arguments).await;
    assert_eq!(rows(&answer, "users").len(), 1_100);
    assert_eq!((&answer["totalCount"], &answer["hasMore"]), (&json!(1_200), &json!(true)));
    assert_eq!(answer["nextOffset"], 1_100);
    let done: Vec<f64> = heard.iter().map(|(done, _)| *done).collect();
    assert_eq!(done, [500.0, 1_000.0, 1_100.0]);
    assert!(heard.iter().all(|(_, total)| *total == Some(1_100.0)), "{heard:?}");
    let client = client(&url, 100_000).await;
    let direct = client
        .call("clerk_list_users", &json!({ "limit": 500, "offset": 600, "fields": "id" }))
        .await;
    assert_eq!(ids(&answer)[600..], ids(&direct)[..]);
    // By another order there isn't a valid cursor, and the offset does it.
    let arguments =
        json!({ "all": true, "fields": "id", "orderBy": "+email_address", "offset": 900 });
    let answer = client.call("clerk_list_users", &arguments).await;
    assert_eq!((rows(&answer, "users").len(), &answer["hasMore"]), (300, &json!(false)));
    let error = client.error("clerk_list_users", &json!({ "maxRows": 5 })).await;
    assert_eq!(error["message"], "`maxRows` can be given only with `all`: true");
}

#[tokio::test]
async fn all_pages_stops_when_no_more_rows_fit() {
    let page = |seen: &support::Seen| {
        let offset: u64 = seen
            .path
            .split("offset=")
            .nth(1)
            .map_or(0, |rest| rest.split('&').next().unwrap().parse().unwrap());
        let row =
            |n: u64| json!({ "object": "organization", "id": format!("org_{n}"), "name": "Acme" });
        let rows: Vec<_> = (offset..offset + 500).map(row).collect();
        Script::json(200, &json!({ "data": rows, "total_count": 1_000_000 }))
    };
    let upstream = Upstream::start(move |seen, _| page(seen)).await;
    let client = client(&upstream.url, 5_000).await;
    let arguments = json!({ "all": true, "maxRows": 10_000 });
    let answer = client.call("clerk_list_organizations", &arguments).await;
    assert!(tokens(&answer) <= 5_000);
    assert_eq!(answer["totalCount"], 1_000_000);
    assert!(upstream.seen().len() <= 2, "{} pages", upstream.seen().len());
}

#[tokio::test]
async fn all_pages_keeps_its_rows_when_a_page_fails() {
    let upstream = Upstream::start(|seen, _| {
        if seen.path.contains("offset=500") {
            return Script::refusal(422, "", "no_more");
        }
        let row = |n: u64| json!({ "object": "organization", "id": format!("org_{n}") });
        let rows: Vec<_> = (0..500).map(row).collect();
        Script::json(200, &json!({ "data": rows, "total_count": 900 }))
    })
    .await;
    let client = client(&upstream.url, 100_000).await;
    let answer = client.call("clerk_list_organizations", &json!({ "all": true })).await;
    assert_eq!((rows(&answer, "organizations").len(), &answer["nextOffset"]), (500, &json!(500)));
    assert!(answer["note"].as_str().unwrap().starts_with("The walk ended early: "), "{answer}");
}
