//! Completion of the arguments of prompts and resource templates.

use rmcp::{
    model::{ArgumentInfo, CompleteRequestParams, CompletionInfo, Reference},
    service::ServiceError,
};
use serde_json::{Value, json};

use crate::{
    people::sandbox,
    resources::server,
    support::{self, Client, Script, Upstream},
};

async fn complete(
    client: &Client,
    of: Reference,
    (name, typed): (&str, &str),
) -> Result<CompletionInfo, ServiceError> {
    let params = CompleteRequestParams::new(of, ArgumentInfo::new(name, typed));
    client.0.complete(params).await.map(|result| result.completion)
}

async fn of_prompt(client: &Client, prompt: &str, argument: (&str, &str)) -> CompletionInfo {
    complete(client, Reference::for_prompt(prompt), argument).await.unwrap()
}

async fn of_resource(client: &Client, kind: &str, typed: &str) -> CompletionInfo {
    let template = format!("clerk://{kind}/{{id}}");
    complete(client, Reference::for_resource(template), ("id", typed)).await.unwrap()
}

fn none() -> CompletionInfo {
    CompletionInfo::default()
}

#[tokio::test]
async fn users_are_completed_by_id_or_email() {
    let client = support::connect(server(&sandbox(25).await, &[])).await;
    let listed =
        client.call("clerk_list_users", &json!({ "fields": ["id", "primaryEmailAddress"] })).await;
    let rows = listed["users"].as_array().unwrap();
    let texts = |fields: &[&str]| -> Vec<Value> {
        let text = |row: &Value| {
            let mut texts = fields.iter().filter_map(|field| row.get(field).cloned());
            texts.find(Value::is_string).unwrap()
        };
        rows.iter().map(text).collect()
    };
    let ids = of_resource(&client, "user", "").await;
    assert_eq!(json!(ids.values), json!(texts(&["id"])));
    assert_eq!((ids.total, ids.has_more), (Some(25), Some(true)));
    for (prompt, argument) in [
        ("offboard_user", "user"),
        ("respond_to_takeover", "user"),
        ("onboard_user", "emailAddress"),
    ] {
        let emails = of_prompt(&client, prompt, (argument, "")).await;
        assert_eq!(json!(emails.values), json!(texts(&["primaryEmailAddress", "id"])));
    }
    // What is typed narrows it.
    let email = rows.iter().find_map(|row| row["primaryEmailAddress"].as_str()).unwrap();
    let found = of_prompt(&client, "offboard_user", ("user", email)).await;
    assert_eq!((found.values, found.total), (vec![email.to_owned()], Some(1)));
    assert_eq!(found.has_more, Some(false));
    let nobody = of_prompt(&client, "offboard_user", ("user", "nobody-at-all")).await;
    assert_eq!((nobody.values.len(), nobody.total), (0, Some(0)));
}

#[tokio::test]
async fn organizations_are_completed_by_id_or_slug_and_sessions_by_nothing() {
    let client = support::connect(server(&sandbox(25).await, &[])).await;
    let listed = client.call("clerk_list_organizations", &json!({})).await;
    let first = &listed["organizations"][0];
    let ids = of_resource(&client, "organization", "").await;
    assert_eq!(ids.values[0], first["id"]);
    assert_eq!(json!(ids.total), listed["totalCount"]);
    let slugs = of_prompt(&client, "review_organization_access", ("organization", "")).await;
    assert_eq!(slugs.values[0], first["slug"]);
    assert_eq!(of_resource(&client, "session", "").await, none());
}

#[tokio::test]
async fn roles_are_the_instances_or_those_that_all_have() {
    let client = support::connect(server(&sandbox(5).await, &[])).await;
    let role = async |client: &Client, typed| {
        let info = of_prompt(client, "onboard_user", ("role", typed)).await;
        (info.values.join(" "), info.total, info.has_more)
    };
    let both = ("org:admin org:member".to_owned(), Some(2), Some(false));
    assert_eq!(role(&client, "org:").await, both);
    assert_eq!(role(&client, "org:m").await, ("org:member".to_owned(), Some(1), Some(false)));
    assert_eq!(role(&client, "x").await, (String::new(), Some(0), Some(false)));
    let roles = json!({
        "data": [{ "key": "org:billing" }, { "key": "org:\u{202e}x" }, { "key": "org:admin" }],
        "total_count": 3,
    });
    let upstream = Upstream::always(Script::json(200, &roles)).await;
    let client = support::connect(server(&upstream.url, &[])).await;
    assert_eq!(role(&client, "org:b").await, ("org:billing".to_owned(), Some(1), Some(false)));
    assert_eq!(role(&client, "").await.0, "org:billing org:admin");
    assert!(upstream.seen().iter().all(|request| request.method == "GET"
        && request.path.starts_with("/organization_roles?limit=100")));
    // Of many only a part is known.
    let rows: Vec<Value> =
        (0..100).map(|number| json!({ "key": format!("org:r{number}") })).collect();
    let many = json!({ "data": rows, "total_count": 250 });
    let upstream = Upstream::always(Script::json(200, &many)).await;
    let client = support::connect(server(&upstream.url, &[])).await;
    let info = of_prompt(&client, "onboard_user", ("role", "")).await;
    assert_eq!((info.values.len(), info.total, info.has_more), (100, None, Some(true)));
}

#[tokio::test]
async fn any_failure_completes_to_nothing_without_an_error() {
    let excluded = ["clerk_list_users", "clerk_list_organization_memberships"];
    let upstream = Upstream::always(Script::refusal(500, "", "internal")).await;
    let client = support::connect(server(&upstream.url, &excluded)).await;
    assert_eq!(of_resource(&client, "user", "a").await, none());
    assert_eq!(of_prompt(&client, "offboard_user", ("user", "a")).await, none());
    assert_eq!(of_prompt(&client, "onboard_user", ("role", "")).await, none());
    assert_eq!(of_prompt(&client, "onboard_user", ("name", "A")).await, none());
    assert_eq!(of_prompt(&client, "onboard_user", ("nothing", "A")).await, none());
    let long = "a".repeat(10_000);
    assert_eq!(of_resource(&client, "organization", &long).await, none());
    assert_eq!(upstream.seen(), []);
    assert_eq!(of_resource(&client, "organization", "a").await, none());
    assert!(upstream.seen().iter().all(|request| request.method == "GET"));
    assert!(!upstream.seen().is_empty());
}

#[tokio::test]
async fn what_would_not_be_sent_as_it_is_shown_is_no_value() {
    let organization = |id: &str, slug: &str| json!({ "id": id, "slug": slug, "name": "A" });
    let rows = [
        organization("org_1", "a\u{200b}"),
        organization("org_2", support::KEY),
        organization("org_3", "fine"),
        organization("org_4", "fine"),
        organization("org_5", ""),
    ];
    let page = json!({ "data": rows, "total_count": 5 });
    let upstream = Upstream::always(Script::json(200, &page)).await;
    let client = support::connect(server(&upstream.url, &[])).await;
    let hostile = "a&limit=500\u{202e}\n#%00../";
    let found = of_prompt(&client, "onboard_user", ("organization", hostile)).await;
    assert_eq!(found.values, ["fine", "org_5"]);
    assert_eq!((found.total, found.has_more), (Some(5), Some(false)));
    let [seen] = &*upstream.seen() else { panic!() };
    assert!(seen.path.starts_with("/organizations?"), "{}", seen.path);
    assert!(seen.path.contains("limit=10&") && !seen.path.contains("limit=500"), "{}", seen.path);
}

#[tokio::test]
async fn a_prompt_or_template_that_is_not_there_is_an_error() {
    let client = support::connect(server("http://127.0.0.1:1", &[])).await;
    let cases = [
        (Reference::for_prompt("offbord_user"), -32602),
        (Reference::for_resource("clerk://user/user_1"), -32002),
        (Reference::for_resource("clerk://nothing/{id}"), -32002),
    ];
    for (of, code) in cases {
        let error = complete(&client, of, ("user", "a")).await.unwrap_err();
        let ServiceError::McpError(error) = error else { panic!("{error}") };
        assert_eq!(error.code.0, code, "{error}");
    }
}
