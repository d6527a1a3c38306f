//! Destructive calls that the person is asked about in 2026-07-28, where the client calls again
//! with the answer and with the state that it was given.

use clerk_mcp::guard::Confirm;
use serde_json::{Value, json};

use super::{Instance, LIVE, MEMBER, SABINE, TEST, confirmed, delete, server, wire::Wire};
use crate::support::{self, Script, Upstream};

/// A client of the stateless revision.
struct Client {
    wire: Wire,
    capabilities: Value,
}

impl Client {
    fn of(url: &str, key: &str, confirm: Confirm) -> Self {
        let wire = Wire::to(server(url, key, confirmed(confirm)));
        Self { wire, capabilities: json!({ "elicitation": {} }) }
    }

    /// Calls a tool, with these further parameters, and returns the result.
    async fn call(&mut self, tool: &str, arguments: &Value, more: &Value) -> Value {
        let mut params = json!({
            "name": tool,
            "arguments": arguments,
            "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                "io.modelcontextprotocol/clientCapabilities": self.capabilities,
                "io.modelcontextprotocol/clientInfo": { "name": "tests", "version": "1" },
            },
        });
        for (name, value) in more.as_object().unwrap() {
            params[name] = value.clone();
        }
        let answer = self.wire.request("tools/call", params).await;
        answer.get("result").unwrap_or_else(|| panic!("{answer}")).clone()
    }

    async fn delete(&mut self, user: &str, more: &Value) -> Value {
        self.call("clerk_delete_user", &delete(user), more).await
    }

    /// The state of the question that a call is answered with.
    async fn state(&mut self, tool: &str, arguments: &Value) -> String {
        state_of(&self.call(tool, arguments, &json!({})).await)
    }
}

/// The state in a result that asks, which must ask one question.
fn state_of(result: &Value) -> String {
    assert_eq!(result["resultType"], "input_required", "{result}");
    assert_eq!(result["inputRequests"].as_object().unwrap().len(), 1, "{result}");
    result["requestState"].as_str().unwrap().to_owned()
}

/// The answer of a person who ticks the box, with this state.
fn yes(state: &str) -> Value {
    answer(&json!({ "action": "accept", "content": { "confirm": true } }), state)
}

fn answer(answer: &Value, state: &str) -> Value {
    json!({ "inputResponses": { "confirm": answer }, "requestState": state })
}

fn code(result: &Value) -> String {
    assert_eq!(result["isError"], true, "{result}");
    let text = result["content"][0]["text"].as_str().unwrap();
    let report: Value = serde_json::from_str(text).unwrap();
    report["error"]["code"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn the_first_call_asks_and_the_second_does_it() {
    for (mode, key, kind) in
        [(Confirm::Auto, LIVE, "live"), (Confirm::Ask, LIVE, "live"), (Confirm::Ask, TEST, "test")]
    {
        let instance = Instance::start().await;
        let mut client = Client::of(&instance.url, key, mode);
        let result = client.delete(SABINE, &json!({})).await;
        let state = state_of(&result);
        let request = &result["inputRequests"]["confirm"];
        assert_eq!(request["method"], "elicitation/create", "{result}");
        let message = request["params"]["message"].as_str().unwrap();
        for part in [
            "Sabine Müller",
            SABINE,
            " 1 active session.",
            "\"Northwind Robotics\"",
            &format!("Clerk instance: {kind}."),
        ] {
            assert!(message.contains(part), "{part}: {message}");
        }
        assert!(!result.to_string().contains(key), "{result}");
        assert_eq!(instance.writes(), [""; 0]);

        let result = client.delete(SABINE, &yes(&state)).await;
        assert_eq!(result["resultType"], "complete", "{result}");
        assert_eq!(result["structuredContent"]["deleted"], true, "{result}");
        assert_eq!(instance.writes(), [format!("DELETE /v1/users/{SABINE}")]);
    }
}

#[tokio::test]
async fn whatever_is_no_consent_changes_nothing() {
    let instance = Instance::start().await;
    let mut client = Client::of(&instance.url, LIVE, Confirm::Auto);
    let answers = [
        json!({ "action": "decline" }),
        json!({ "action": "decline", "content": { "confirm": true } }),
        json!({ "action": "cancel" }),
        json!({ "action": "accept" }),
        json!({ "action": "accept", "content": { "confirm": false } }),
        json!({ "action": "accept", "content": { "confirm": "true" } }),
        json!({ "action": "perhaps", "content": { "confirm": true } }),
        json!({ "confirm": true }),
        json!({}),
        json!(true),
        json!(null),
    ];
    let state = client.state("clerk_delete_user", &delete(SABINE)).await;
    for given in answers {
        let result = client.delete(SABINE, &answer(&given, &state)).await;
        assert_eq!(code(&result), "not_confirmed", "{given}");
    }
    assert_eq!(instance.writes(), [""; 0]);
}

#[tokio::test]
async fn a_state_that_is_not_this_calls_is_refused() {
    let instance = Instance::start().await;
    let arguments = json!({ "userId": SABINE, "status": "active" });
    let sessions = instance.witness().await.call("clerk_list_sessions", &arguments).await;
    let session = json!({ "sessionId": sessions["sessions"][0]["id"] });
    let mut client = Client::of(&instance.url, LIVE, Confirm::Auto);
    let own = client.state("clerk_delete_user", &delete(SABINE)).await;
    let altered = |place: usize| {
        let letter = if &own[place..=place] == "A" { "B" } else { "A" };
        [&own[..place], letter, &own[place + 1..]].concat()
    };
    let mut elsewhere = Client::of(&instance.url, "sk_live_OfAnotherInstance", Confirm::Auto);
    let cases = [
        ("altered at its beginning", altered(0)),
        ("altered in its middle", altered(own.len() / 2)),
        ("altered at its end", altered(own.len() - 1)),
        ("empty", String::new()),
        ("of another user", client.state("clerk_delete_user", &delete(MEMBER)).await),
        ("of another tool", client.state("clerk_revoke_session", &session).await),
        ("of another key", elsewhere.state("clerk_delete_user", &delete(SABINE)).await),
    ];
    for (title, state) in cases {
        let result = client.delete(SABINE, &yes(&state)).await;
        assert_eq!(code(&result), "confirmation_invalid", "{title}");
    }
    assert_eq!(instance.writes(), [""; 0]);
    client.delete(SABINE, &yes(&own)).await;
    assert!(!instance.has_user(SABINE).await, "none of that has spent it");
}

#[tokio::test]
async fn an_answer_without_its_state_and_a_state_without_its_answer_ask_again() {
    let instance = Instance::start().await;
    let mut client = Client::of(&instance.url, LIVE, Confirm::Auto);
    let state = client.state("clerk_delete_user", &delete(SABINE)).await;
    let mut without_state = yes(&state);
    without_state.as_object_mut().unwrap().shift_remove("requestState");
    let without_answer = json!({ "requestState": state });
    let content = json!({ "action": "accept", "content": { "confirm": true } });
    let other_name = json!({ "inputResponses": { "other": content }, "requestState": state });
    for more in [without_state, without_answer, other_name] {
        state_of(&client.delete(SABINE, &more).await);
    }
    assert_eq!(instance.writes(), [""; 0]);
}

#[tokio::test]
async fn a_state_works_once_and_not_after_its_target_changed() {
    let upstream = Upstream::start(|seen, _| match (seen.method.as_str(), seen.path.as_str()) {
        ("GET", "/users/user_1") => Script::json(200, &json!({ "id": "user_1", "updated_at": 7 })),
        ("GET", _) => Script::json(200, &json!({ "data": [], "total_count": 0 })),
        _ => Script::json(200, &json!({ "object": "user", "id": "user_1", "deleted": true })),
    })
    .await;
    let mut client = Client::of(&upstream.url, LIVE, Confirm::Auto);
    let state = client.state("clerk_delete_user", &delete("user_1")).await;
    assert_eq!(client.delete("user_1", &yes(&state)).await["resultType"], "complete");
    assert_eq!(code(&client.delete("user_1", &yes(&state)).await), "confirmation_invalid");
    assert_eq!(upstream.seen().iter().filter(|it| it.method == "DELETE").count(), 1);

    let instance = Instance::start().await;
    let mut client = Client::of(&instance.url, LIVE, Confirm::Auto);
    let state = client.state("clerk_delete_user", &delete(SABINE)).await;
    instance.rename(SABINE).await;
    assert_eq!(code(&client.delete(SABINE, &yes(&state)).await), "confirmation_invalid");
    assert_eq!(instance.writes(), [""; 0]);
}

#[tokio::test]
async fn the_token_of_a_plan_is_no_consent_and_a_state_is_no_token() {
    let instance = Instance::start().await;
    let planner = support::connect(server(&instance.url, LIVE, confirmed(Confirm::Plan))).await;
    let plan = planner.call("clerk_delete_user", &delete(SABINE)).await;
    let token = plan["plan"]["token"].as_str().unwrap();
    let mut asker = Client::of(&instance.url, LIVE, Confirm::Auto);
    let state = asker.state("clerk_delete_user", &delete(SABINE)).await;
    assert_eq!(code(&asker.delete(SABINE, &yes(token)).await), "confirmation_invalid");
    let arguments = json!({ "userId": SABINE, "planToken": state });
    let error = planner.error("clerk_delete_user", &arguments).await;
    assert_eq!(error["code"], "confirmation_invalid", "{error}");
    // Nor does a token as an argument answer the question.
    let arguments = json!({ "userId": SABINE, "planToken": token });
    state_of(&asker.call("clerk_delete_user", &arguments, &json!({})).await);
    assert_eq!(instance.writes(), [""; 0]);
}

#[tokio::test]
async fn only_a_client_that_has_forms_is_asked() {
    let instance = Instance::start().await;
    for capabilities in [json!({}), json!({ "elicitation": { "url": {} } })] {
        let mut client = Client::of(&instance.url, LIVE, Confirm::Ask);
        client.capabilities = capabilities.clone();
        let result = client.delete(SABINE, &json!({})).await;
        assert_eq!(code(&result), "confirmation_impossible", "{capabilities}");
        let mut client = Client::of(&instance.url, LIVE, Confirm::Auto);
        client.capabilities = capabilities;
        let result = client.delete(SABINE, &json!({})).await;
        assert!(result["structuredContent"]["plan"]["token"].is_string(), "{result}");
    }
    assert_eq!(instance.writes(), [""; 0]);
    for capabilities in [json!({ "elicitation": { "form": {} } }), json!({ "elicitation": {} })] {
        let mut client = Client::of(&instance.url, LIVE, Confirm::Auto);
        client.capabilities = capabilities;
        state_of(&client.delete(SABINE, &json!({})).await);
    }
}

#[tokio::test]
async fn nobody_is_asked_where_no_consent_is_wanted() {
    for (mode, key) in [(Confirm::Auto, TEST), (Confirm::Never, LIVE)] {
        let instance = Instance::start().await;
        let mut client = Client::of(&instance.url, key, mode);
        let result = client.delete(SABINE, &json!({})).await;
        assert_eq!(result["structuredContent"]["deleted"], true, "{result}");
    }
    let instance = Instance::start().await;
    let mut client = Client::of(&instance.url, LIVE, Confirm::Ask);
    let arguments = json!({ "userId": SABINE, "firstName": "Ada" });
    let result = client.call("clerk_update_user", &arguments, &json!({})).await;
    assert_eq!(result["structuredContent"]["firstName"], "Ada", "{result}");
}

#[tokio::test]
async fn a_question_holds_no_secret_even_where_a_name_does() {
    for secret in [LIVE, "sk_live_AnotherInstancesKey0123"] {
        let user = json!({ "id": "user_1", "first_name": secret, "updated_at": 1 });
        let upstream = Upstream::start(move |seen, _| match seen.path.as_str() {
            "/users/user_1" => Script::json(200, &user),
            _ => Script::json(200, &json!({ "data": [], "total_count": 0 })),
        })
        .await;
        let mut client = Client::of(&upstream.url, LIVE, Confirm::Ask);
        let result = client.delete("user_1", &json!({})).await;
        state_of(&result);
        assert!(!result.to_string().contains(secret), "{result}");
    }
}
