//! Machines, their tokens, API keys and OAuth tokens.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Api, KEY, NEWEST, number, start, text};

fn refusal(status: u16, code: &str) -> (u16, Vec<String>) {
    (status, vec![code.to_owned()])
}

async fn machine(api: &Api, name: &str, scopes: &[&Value]) -> Value {
    let ids: Vec<_> = scopes.iter().map(|machine| &machine["id"]).collect();
    let body = json!({ "name": name, "scoped_machines": ids });
    api.send("POST", "/machines", Some(&body)).await.ok()
}

/// A request with the secret key of a machine.
async fn send_as(
    api: &Api,
    machine: &Value,
    method: &str,
    path: &str,
    body: &Value,
) -> super::Response {
    let key = format!("Authorization: Bearer {}", text(machine, "secret_key"));
    api.send_with(method, path, Some(body), &[&key, NEWEST]).await
}

#[tokio::test]
async fn a_machine_reaches_the_machines_in_its_scopes() {
    let api = Api::start().await;
    let storage = machine(&api, "storage", &[]).await;
    let worker = machine(&api, "worker", &[&storage]).await;
    assert_eq!(worker["scoped_machines"][0]["name"], "storage");
    let path = format!("/machines/{}", text(&worker, "id"));
    assert_eq!(api.get(&path).await.ok().get("secret_key"), None);
    let secret = api.get(&format!("{path}/secret_key")).await.ok();
    assert_eq!(secret["secret"], worker["secret_key"]);
    let mail = machine(&api, "mail", &[]).await;
    let scopes = format!("{path}/scopes");
    let to = json!({ "to_machine_id": mail["id"] });
    let added = api.send("POST", &scopes, Some(&to)).await.ok();
    assert_eq!(added["to_machine_id"], mail["id"]);
    let again = api.send("POST", &scopes, Some(&to)).await.refusal();
    assert_eq!(again, refusal(409, "duplicate_record to_machine_id"));
    let one = format!("{scopes}/{}", text(&mail, "id"));
    assert_eq!(api.send("DELETE", &one, None).await.ok()["deleted"], true);
    assert_eq!(api.send("DELETE", &one, None).await.refusal().0, 404);
    let renamed = api.send("PATCH", &path, Some(&json!({ "name": "jobs" }))).await.ok();
    assert_eq!((&renamed["name"], &renamed["default_token_ttl"]), (&json!("jobs"), &json!(3_600)));
    let found = api.get("/machines?query=JOB&order_by=name").await.ok();
    assert_eq!(found["total_count"], 1);
    api.send("DELETE", &format!("/machines/{}", text(&storage, "id")), None).await.ok();
    assert_eq!(
        api.get(&path).await.ok()["scoped_machines"],
        json!([]),
        "a scope goes with the machine"
    );
    let unknown = json!({ "name": "x", "scoped_machines": ["mch_none"] });
    let refused = api.send("POST", "/machines", Some(&unknown)).await.refusal();
    assert_eq!(refused, refusal(422, "form_resource_not_found scoped_machines"));
}

#[tokio::test]
async fn a_rotated_machine_key_stays_valid_as_long_as_asked() {
    let api = Api::start().await;
    let worker = machine(&api, "worker", &[]).await;
    let rotate = format!("/machines/{}/secret_key/rotate", text(&worker, "id"));
    let refused = api.send("POST", &rotate, Some(&json!({}))).await.refusal();
    assert_eq!(refused, refusal(422, "form_param_missing previous_token_ttl"));
    let later = json!({ "previous_token_ttl": 60 });
    api.send("POST", &rotate, Some(&later)).await.ok();
    let made = send_as(&api, &worker, "POST", "/m2m_tokens", &json!({})).await;
    assert_eq!(made.status, 201, "the old key is still valid");
    let at_once = json!({ "previous_token_ttl": 0 });
    let second = api.get(&rotate.replace("/rotate", "")).await.ok();
    api.send("POST", &rotate, Some(&at_once)).await.ok();
    let key = format!("Authorization: Bearer {}", text(&second, "secret"));
    let refused = api.send_with("POST", "/m2m_tokens", Some(&json!({})), &[&key]).await;
    assert_eq!(refused.refusal(), refusal(401, "clerk_key_invalid"));
}

#[tokio::test]
async fn an_m2m_token_is_verified_by_the_machine_that_it_is_for() {
    let api = Api::start().await;
    let storage = machine(&api, "storage", &[]).await;
    let stranger = machine(&api, "stranger", &[]).await;
    let worker = machine(&api, "worker", &[&storage]).await;
    let refused = api.send("POST", "/m2m_tokens", Some(&json!({}))).await.refusal();
    assert_eq!(refused, refusal(401, "authentication_invalid"), "it takes a machine's key");
    let body = json!({ "claims": { "job": 7 }, "seconds_until_expiration": 60 });
    let made = send_as(&api, &worker, "POST", "/m2m_tokens", &body).await.succeeded(201);
    assert_eq!((&made["subject"], &made["scopes"]), (&worker["id"], &json!([storage["id"]])));
    let token = json!({ "token": made["token"] });
    let verified = send_as(&api, &storage, "POST", "/m2m_tokens/verify", &token).await.ok();
    assert_eq!((&verified["claims"], verified.get("token")), (&body["claims"], None));
    let refused = send_as(&api, &stranger, "POST", "/m2m_tokens/verify", &token).await.refusal();
    assert_eq!(refused, refusal(404, "resource_not_found"));
    api.send("POST", "/m2m_tokens/verify", Some(&token)).await.ok();
    let list = format!("/m2m_tokens?subject={}", text(&worker, "id"));
    assert_eq!(api.get(&list).await.ok()["total_count"], 1);
    let revoke = format!("/m2m_tokens/{}/revoke", text(&made, "id"));
    let refused = send_as(&api, &stranger, "POST", &revoke, &json!({})).await.refusal();
    assert_eq!(refused, refusal(403, "authorization_invalid"));
    let revoked =
        send_as(&api, &worker, "POST", &revoke, &json!({ "revocation_reason": "leaked" }))
            .await
            .ok();
    assert_eq!(
        (&revoked["revoked"], &revoked["revocation_reason"]),
        (&json!(true), &json!("leaked"))
    );
    assert_eq!(api.get(&list).await.ok()["total_count"], 0);
    assert_eq!(api.get(&format!("{list}&revoked=true")).await.ok()["total_count"], 1);
    let refused = api.send("POST", "/m2m_tokens/verify", Some(&token)).await.refusal();
    assert_eq!(refused, refusal(404, "resource_not_found"));
    let reserved = json!({ "claims": { "sub": "me" } });
    let refused = send_as(&api, &worker, "POST", "/m2m_tokens", &reserved).await.refusal();
    assert_eq!(refused, refusal(400, "machine_token_reserved_claim claims"));
    let elsewhere = send_as(&api, &worker, "GET", "/users", &Value::Null).await;
    assert_eq!(elsewhere.refusal(), refusal(403, "authorization_invalid"));
}

#[tokio::test]
async fn an_m2m_token_that_is_valid_long_enough_is_used_again() {
    let api = Api::start().await;
    let worker = machine(&api, "worker", &[]).await;
    let first = send_as(&api, &worker, "POST", "/m2m_tokens", &json!({})).await.succeeded(201);
    let again = json!({ "min_remaining_ttl_seconds": 600 });
    let again = send_as(&api, &worker, "POST", "/m2m_tokens", &again).await.succeeded(201);
    assert_eq!(again["id"], first["id"]);
    let longer = json!({ "min_remaining_ttl_seconds": 7_200, "seconds_until_expiration": 9_000 });
    let longer = send_as(&api, &worker, "POST", "/m2m_tokens", &longer).await.succeeded(201);
    assert_ne!(longer["id"], first["id"]);
    let too_long = json!({ "min_remaining_ttl_seconds": 3_600 });
    let refused = send_as(&api, &worker, "POST", "/m2m_tokens", &too_long).await.refusal();
    assert_eq!(refused, refusal(400, "bad_request min_remaining_ttl_seconds"));
}

#[tokio::test]
async fn an_m2m_token_as_a_jwt_is_verified_but_not_kept() {
    let api = Api::start().await;
    let storage = machine(&api, "storage", &[]).await;
    let worker = machine(&api, "worker", &[&storage]).await;
    let body = json!({
        "token_format": "jwt",
        "claims": { "job": 7 },
        "seconds_until_expiration": 60,
        "min_remaining_ttl_seconds": 600,
    });
    let made = send_as(&api, &worker, "POST", "/m2m_tokens", &body).await.succeeded(201);
    let jwt = text(&made, "token");
    let part = |index: usize| {
        let part = jwt.split('.').nth(index).unwrap();
        serde_json::from_slice::<Value>(&BASE64_URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap()
    };
    assert_eq!(part(0)["cat"], "cl_B7d4PD333AAA");
    let claims = part(1);
    assert_eq!((&claims["sub"], &claims["jti"]), (&worker["id"], &made["id"]));
    let seconds = claims["exp"].as_i64().unwrap() - claims["iat"].as_i64().unwrap();
    assert!(claims["job"] == 7 && (59..=61).contains(&seconds), "{claims}");
    let token = json!({ "token": jwt });
    let verify = "/m2m_tokens/verify";
    let verified = send_as(&api, &storage, "POST", verify, &token).await.ok();
    assert_eq!((&verified["claims"], &verified["id"]), (&body["claims"], &made["id"]));
    assert_eq!(verified["scopes"], json!([storage["id"]]));
    let refused = send_as(&api, &worker, "POST", verify, &token).await.refusal();
    assert_eq!(refused, refusal(404, "resource_not_found"), "it is for another machine");
    let list = format!("/m2m_tokens?subject={}", text(&worker, "id"));
    assert_eq!(api.get(&list).await.ok()["total_count"], 0);
    let revoke = format!("/m2m_tokens/{}/revoke", text(&made, "id"));
    let refused = send_as(&api, &worker, "POST", &revoke, &json!({})).await.refusal();
    assert_eq!(refused, refusal(404, "resource_not_found"));
    let wrong = json!({ "token_format": "jwt", "claims": "all" });
    let refused = send_as(&api, &worker, "POST", "/m2m_tokens", &wrong).await.refusal();
    assert_eq!(refused, refusal(422, "form_param_format_invalid claims"));
}

#[tokio::test]
async fn an_api_key_is_verified_until_it_is_revoked() {
    let (api, user, _) = start().await;
    let body =
        json!({ "name": "ci", "subject": user["id"], "scopes": ["read"], "claims": { "a": 1 } });
    let made = api.send("POST", "/api_keys", Some(&body)).await.ok();
    let secret = json!({ "secret": made["secret"] });
    let path = format!("/api_keys/{}", text(&made, "id"));
    assert_eq!(api.get(&path).await.ok().get("secret"), None);
    assert_eq!(api.get(&format!("{path}/secret")).await.ok(), secret);
    let same = api.send("POST", "/api_keys", Some(&body)).await.refusal();
    assert_eq!(same, refusal(409, "duplicate_record name"));
    for (body, expected) in [
        (
            json!({ "name": "x", "subject": "user_none" }),
            refusal(404, "resource_not_found subject"),
        ),
        (
            json!({ "name": "x", "subject": "nobody" }),
            refusal(422, "form_param_format_invalid subject"),
        ),
        (json!({ "subject": user["id"] }), refusal(422, "form_param_missing name")),
    ] {
        let refused = api.send("POST", "/api_keys", Some(&body)).await.refusal();
        assert_eq!(refused, expected, "{body}");
    }
    let verified = api.send("POST", "/api_keys/verify", Some(&secret)).await.ok();
    assert_eq!(verified["scopes"], json!(["read"]));
    let head = [KEY, "Content-Type: application/json"];
    let sdk = api.exchange("POST", "/api_keys/verify", &secret.to_string(), &head).await;
    let sdk = String::from_utf8(sdk).unwrap();
    assert!(sdk.starts_with("HTTP/1.1 200"), "the path of the JavaScript SDK: {sdk}");
    let changed = json!({ "scopes": ["read", "write"], "description": "for CI" });
    let changed = api.send("PATCH", &path, Some(&changed)).await.ok();
    assert_eq!(
        (&changed["scopes"], &changed["claims"]),
        (&json!(["read", "write"]), &body["claims"])
    );
    let list = format!("/api_keys?subject={}", text(&user, "id"));
    assert_eq!(api.get(&list).await.ok()["total_count"], 1);
    assert_eq!(api.get("/api_keys").await.refusal(), refusal(422, "form_param_missing subject"));
    assert_eq!(api.get(&format!("{list}&limit=101")).await.refusal().0, 422);
    api.send("POST", &format!("{path}/revoke"), None).await.ok();
    let refused = api.send("POST", "/api_keys/verify", Some(&secret)).await.refusal();
    assert_eq!(refused, refusal(404, "resource_not_found"));
    assert_eq!(api.get(&list).await.ok()["total_count"], 0);
    assert_eq!(api.get(&format!("{list}&include_invalid=true")).await.ok()["total_count"], 1);
    let expired = json!({ "name": "short", "subject": user["id"], "seconds_until_expiration": 0 });
    let expired = api.send("POST", "/api_keys", Some(&expired)).await.ok();
    assert_eq!(expired["expired"], true);
    assert_eq!(api.send("DELETE", &path, None).await.ok()["deleted"], true);
    api.send("DELETE", &format!("/users/{}", text(&user, "id")), None).await.ok();
    let gone = api.get(&format!("{list}&include_invalid=true")).await.ok();
    assert_eq!(gone["total_count"], 0, "keys go with their user");
}

#[tokio::test]
async fn an_oauth_token_is_verified_until_it_is_revoked() {
    let (api, user, _) = start().await;
    let application =
        api.send("POST", "/oauth_applications", Some(&json!({ "name": "Portal" }))).await.ok();
    let body = json!({ "client_id": application["client_id"], "subject": user["id"] });
    let head = [KEY, "Content-Type: application/json"];
    let made = api.exchange("POST", "/sandbox/oauth_access_tokens", &body.to_string(), &head).await;
    let made = String::from_utf8(made).unwrap();
    let made: Value = serde_json::from_str(made.split_once("\r\n\r\n").unwrap().1).unwrap();
    let verify = "/oauth_applications/access_tokens/verify";
    let token = json!({ "access_token": made["token"] });
    let verified = api.send("POST", verify, Some(&token)).await.ok();
    assert_eq!(
        (&verified["subject"], &verified["scopes"]),
        (&user["id"], &json!(["profile", "email"]))
    );
    let (created_at, end) = (number(&verified, "created_at"), number(&verified, "expiration"));
    assert_eq!(end - created_at, 86_400, "in seconds");
    let mut exchanged = body.clone();
    exchanged["aud"] = json!(["https://mcp.test.example/mcp"]);
    exchanged["act"] = json!({ "sub": "agent_1", "act": { "sub": "agent_2" } });
    let other = api.control("POST", "/oauth_access_tokens", &exchanged).await.ok();
    let verified = api.raw("POST", verify, Some(&json!({ "access_token": other["token"] }))).await;
    let verified = verified.ok();
    assert_eq!((&verified["aud"], &verified["act"]), (&exchanged["aud"], &exchanged["act"]));
    let path = format!("/oauth_applications/{}/revoke_token", text(&application, "id"));
    let revoke = json!({ "token": made["token"] });
    assert_eq!(api.send("POST", &path, Some(&revoke)).await.status, 204);
    let refused = api.send("POST", verify, Some(&token)).await.refusal();
    assert_eq!(refused, refusal(404, "resource_not_found"));
    let none = api.send("POST", &path, Some(&json!({ "token": "oat_none" }))).await.refusal();
    assert_eq!(none, refusal(404, "resource_not_found token"));
}
