//! Destructive calls that take two steps: a plan, and the call with the plan's token.

use std::time::{SystemTime, UNIX_EPOCH};

use clerk_mcp::guard::Confirm;
use serde_json::{Value, json};

use super::{
    Instance, LIVE, LONER, MEMBER, NORTHWIND, Person, SABINE, TEST, confirmed, delete, server,
};
use crate::support::{self, Client, Script, Upstream};

async fn planner(url: &str, key: &str, mode: Confirm) -> Client {
    support::connect(server(url, key, confirmed(mode))).await
}

/// The token of the plan that the call is answered with.
async fn token(client: &Client, tool: &str, arguments: &Value) -> String {
    client.call(tool, arguments).await["plan"]["token"].as_str().unwrap().to_owned()
}

fn with(token: &str, mut arguments: Value) -> Value {
    arguments["planToken"] = token.into();
    arguments
}

fn now() -> i64 {
    i64::try_from(SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_millis()).unwrap()
}

/// An upstream where a user can be deleted again and again.
async fn immortal() -> Upstream {
    Upstream::start(|seen, _| match (seen.method.as_str(), seen.path.as_str()) {
        ("GET", "/users/user_1") => Script::json(200, &json!({ "id": "user_1", "updated_at": 7 })),
        ("GET", _) => Script::json(200, &json!({ "data": [], "total_count": 0 })),
        _ => Script::json(200, &json!({ "object": "user", "id": "user_1", "deleted": true })),
    })
    .await
}

fn deletions(upstream: &Upstream) -> usize {
    upstream.seen().iter().filter(|it| it.method == "DELETE").count()
}

#[tokio::test]
async fn the_first_call_tells_the_effect_and_the_second_does_it() {
    let cases = [(Confirm::Auto, LIVE), (Confirm::Plan, LIVE), (Confirm::Plan, TEST)];
    for (mode, key) in cases {
        let instance = Instance::start().await;
        let client = planner(&instance.url, key, mode).await;
        let result = client.result("clerk_delete_user", &delete(SABINE)).await;
        assert_ne!(result.is_error, Some(true));
        let output = result.structured_content.clone().unwrap();
        let told: Value = serde_json::from_str(support::text(&result)).unwrap();
        assert_eq!(told, output, "clients that show only text see the plan too");
        // It neither failed nor was done.
        assert_eq!(output.get("success"), None);
        let effect = output["plan"]["effect"].as_str().unwrap();
        for part in ["Sabine Müller", SABINE, " 1 active session.", "Northwind Robotics", NORTHWIND]
        {
            assert!(effect.contains(part), "{part}: {effect}");
        }
        let left = output["plan"]["expiresAt"].as_i64().unwrap() - now();
        assert!((240_000..=300_000).contains(&left), "{left}");
        assert_eq!(instance.writes(), [""; 0]);

        let token = output["plan"]["token"].as_str().unwrap();
        let output = client.call("clerk_delete_user", &with(token, delete(SABINE))).await;
        assert_eq!((&output["success"], &output["id"]), (&json!(true), &json!(SABINE)));
        assert_eq!(instance.writes(), [format!("DELETE /v1/users/{SABINE}")]);
        assert!(!instance.has_user(SABINE).await);
    }
}

#[tokio::test]
async fn the_mode_plan_does_not_ask() {
    let instance = Instance::start().await;
    let server = server(&instance.url, LIVE, confirmed(Confirm::Plan));
    let client = support::connect_as(Person::who_declines(), server).await;
    let output = client.call("clerk_delete_user", &delete(SABINE)).await;
    assert!(output["plan"]["token"].is_string(), "{output}");
    assert_eq!(instance.writes(), [""; 0]);
}

#[tokio::test]
async fn the_token_is_an_argument_only_where_there_are_plans() {
    let cases = [
        (Confirm::Auto, LIVE, true),
        (Confirm::Plan, TEST, true),
        (Confirm::Auto, TEST, false),
        (Confirm::Ask, LIVE, false),
        (Confirm::Never, LIVE, false),
    ];
    for (mode, key, has_plans) in cases {
        let client = planner("http://127.0.0.1:1", key, mode).await;
        for tool in client.0.list_all_tools().await.unwrap() {
            // An update can set a password.
            let destroys = [
                "_delete_",
                "_revoke_",
                "_ban_",
                "_remove_",
                "_bulk_",
                "_update_user",
                "_run_write",
            ]
            .iter()
            .any(|it| tool.name.contains(it) && !tool.name.ends_with("_metadata"));
            let takes = tool.input_schema["properties"].get("planToken").is_some();
            assert_eq!(takes, destroys && has_plans, "{} {mode:?} {key}", tool.name);
        }
    }
}

#[tokio::test]
async fn a_token_that_is_not_this_calls_is_refused() {
    let instance = Instance::start().await;
    let arguments = json!({ "userId": SABINE, "status": "active" });
    let sessions = instance.witness().await.call("clerk_list_sessions", &arguments).await;
    let session = json!({ "sessionId": sessions["sessions"][0]["id"] });
    let client = planner(&instance.url, LIVE, Confirm::Auto).await;
    let token_of = async |tool: &str, arguments: &Value| token(&client, tool, arguments).await;
    let own = token_of("clerk_delete_user", &delete(SABINE)).await;
    let altered = |place: usize| {
        let letter = if &own[place..=place] == "A" { "B" } else { "A" };
        [&own[..place], letter, &own[place + 1..]].concat()
    };
    let other_key = planner(&instance.url, "sk_live_OfAnotherInstance", Confirm::Auto).await;
    let cases = [
        ("altered at its beginning", altered(0)),
        ("altered in its middle", altered(own.len() / 2)),
        ("altered at its end", altered(own.len() - 1)),
        ("cut", own[..own.len() - 1].to_owned()),
        ("longer", format!("{own}A")),
        ("made up", "yes".to_owned()),
        ("of another user", token_of("clerk_delete_user", &delete(MEMBER)).await),
        ("of another tool", token_of("clerk_revoke_session", &session).await),
        ("of another key", token(&other_key, "clerk_delete_user", &delete(SABINE)).await),
    ];
    for (title, token) in cases {
        let error = client.error("clerk_delete_user", &with(&token, delete(SABINE))).await;
        assert_eq!(error["code"], "confirmation_invalid", "{title}: {error}");
    }
    let error = client.error("clerk_revoke_session", &with(&own, session)).await;
    assert_eq!(error["code"], "confirmation_invalid", "for another tool: {error}");
    assert_eq!(instance.writes(), [""; 0]);
    // None of that has spent it.
    client.call("clerk_delete_user", &with(&own, delete(SABINE))).await;
}

#[tokio::test]
async fn a_token_works_once() {
    let upstream = immortal().await;
    let client = planner(&upstream.url, LIVE, Confirm::Auto).await;
    let token = token(&client, "clerk_delete_user", &delete("user_1")).await;
    let arguments = with(&token, delete("user_1"));
    client.call("clerk_delete_user", &arguments).await;
    let error = client.error("clerk_delete_user", &arguments).await;
    assert_eq!(error["code"], "confirmation_invalid", "{error}");
    assert!(error["message"].as_str().unwrap().contains("used"), "{error}");
    assert_eq!(deletions(&upstream), 1);
}

#[tokio::test]
async fn a_token_used_by_many_calls_at_once_works_for_one() {
    let upstream = immortal().await;
    let client = planner(&upstream.url, LIVE, Confirm::Auto).await;
    let token = token(&client, "clerk_delete_user", &delete("user_1")).await;
    let arguments = with(&token, delete("user_1"));
    let calls = (0..20).map(|_| client.result("clerk_delete_user", &arguments));
    let results = futures::future::join_all(calls).await;
    let done = results.iter().filter(|it| it.is_error != Some(true)).count();
    assert_eq!((done, deletions(&upstream)), (1, 1));
}

#[tokio::test]
async fn a_token_outlives_the_server_that_made_it() {
    let instance = Instance::start().await;
    let before = planner(&instance.url, LIVE, Confirm::Auto).await;
    let token = token(&before, "clerk_delete_user", &delete(LONER)).await;
    drop(before);
    let after = planner(&instance.url, LIVE, Confirm::Auto).await;
    after.call("clerk_delete_user", &with(&token, delete(LONER))).await;
    assert!(!instance.has_user(LONER).await);
}

#[tokio::test]
async fn a_target_that_changed_needs_a_new_plan() {
    let instance = Instance::start().await;
    let client = planner(&instance.url, LIVE, Confirm::Auto).await;
    let old = token(&client, "clerk_delete_user", &delete(SABINE)).await;
    instance.rename(SABINE).await;
    let error = client.error("clerk_delete_user", &with(&old, delete(SABINE))).await;
    assert_eq!(error["code"], "confirmation_invalid", "{error}");
    assert!(error["message"].as_str().unwrap().contains("changed"), "{error}");
    assert_eq!(instance.writes(), [""; 0]);
    let new = token(&client, "clerk_delete_user", &delete(SABINE)).await;
    client.call("clerk_delete_user", &with(&new, delete(SABINE))).await;
}

#[tokio::test]
async fn there_is_no_plan_for_what_is_not_there() {
    let instance = Instance::start().await;
    let client = planner(&instance.url, LIVE, Confirm::Auto).await;
    let error = client.error("clerk_delete_user", &delete("user_nobody")).await;
    assert_eq!(error["code"], "resource_not_found", "{error}");
    let token = token(&client, "clerk_delete_user", &delete(LONER)).await;
    instance.witness().await.call("clerk_delete_user", &delete(LONER)).await;
    let error = client.error("clerk_delete_user", &with(&token, delete(LONER))).await;
    assert_eq!(error["code"], "resource_not_found", "{error}");
    assert_eq!(instance.writes(), [""; 0]);
}

#[tokio::test]
async fn an_effect_that_cannot_be_read_says_so_and_a_target_that_cannot_be_read_stops() {
    let upstream = Upstream::start(|seen, _| match seen.path.as_str() {
        "/users/user_1" => Script::json(200, &json!({ "id": "user_1", "updated_at": 7 })),
        _ => Script::refusal(403, "", "not_allowed"),
    })
    .await;
    let client = planner(&upstream.url, LIVE, Confirm::Auto).await;
    let output = client.call("clerk_delete_user", &delete("user_1")).await;
    let effect = output["plan"]["effect"].as_str().unwrap();
    for part in ["How many active sessions", "Whether an organization", "could not be read"] {
        assert!(effect.contains(part), "{effect}");
    }
    let upstream = Upstream::always(Script::refusal(500, "", "broken")).await;
    let client = planner(&upstream.url, LIVE, Confirm::Auto).await;
    let error = client.error("clerk_delete_user", &delete("user_1")).await;
    assert_eq!(error["code"], "broken", "{error}");
    assert!(upstream.seen().iter().all(|it| it.method == "GET"));
}

#[tokio::test]
async fn a_plan_holds_no_secret_even_where_a_name_does() {
    for secret in [LIVE, "sk_live_AnotherInstancesKey0123", "whsec_c2VjcmV0c2VjcmV0c2VjcmV0"] {
        let user = json!({ "id": "user_1", "first_name": secret, "updated_at": 1 });
        let upstream = Upstream::start(move |seen, _| match seen.path.as_str() {
            "/users/user_1" => Script::json(200, &user),
            _ => Script::json(200, &json!({ "data": [], "total_count": 0 })),
        })
        .await;
        let client = planner(&upstream.url, LIVE, Confirm::Auto).await;
        let result = client.result("clerk_delete_user", &delete("user_1")).await;
        let whole = serde_json::to_string(&result).unwrap();
        assert!(whole.contains("removed]") && !whole.contains(secret), "{whole}");
    }
}

#[tokio::test]
async fn what_is_run_by_its_name_is_planned_too_and_the_plan_names_each_id() {
    let instance = Instance::start().await;
    let client = planner(&instance.url, LIVE, Confirm::Plan).await;
    let invite = json!({
        "organizationId": NORTHWIND, "emailAddress": "nia@example.com", "role": "org:member",
    });
    let invitation = client.call("clerk_create_organization_invitation", &invite).await;
    let id = invitation["id"].as_str().unwrap();
    let run = |token: Option<&Value>| {
        json!({
            "operation": "clerk_revoke_organization_invitation", "planToken": token,
            "arguments": { "organizationId": NORTHWIND, "invitationId": id },
        })
    };
    let planned = client.call("clerk_run_write", &run(None)).await;
    let effect = planned["plan"]["effect"].as_str().unwrap();
    assert!(effect.contains(id) && effect.contains(NORTHWIND), "{effect}");
    let done = client.call("clerk_run_write", &run(Some(&planned["plan"]["token"]))).await;
    assert_eq!(done["status"], "revoked", "{done}");
    // A change of the whole instance, and an address that is taken as verified, need it as well.
    for (operation, arguments, named) in [
        ("clerk_update_instance", json!({ "testMode": true }), "the whole instance"),
        (
            "clerk_create_email_address",
            json!({ "userId": SABINE, "emailAddress": "x@example.com", "verified": true }),
            SABINE,
        ),
    ] {
        let run = json!({ "operation": operation, "arguments": arguments });
        let planned = client.call("clerk_run_write", &run).await;
        let effect = planned["plan"]["effect"].as_str().unwrap();
        assert!(effect.contains(named), "{operation}: {effect}");
    }
}
