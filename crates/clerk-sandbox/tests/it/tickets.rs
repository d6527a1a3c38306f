//! Tokens that let somebody sign in, and sign-ups.

use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use super::{Api, number, start, text};

fn refusal(status: u16, code: &str) -> (u16, Vec<String>) {
    (status, vec![code.to_owned()])
}

#[tokio::test]
async fn a_sign_in_token_is_revoked_once() {
    let (api, user, _) = start().await;
    let body = json!({ "user_id": user["id"], "expires_in_seconds": 60 });
    let made = api.send("POST", "/sign_in_tokens", Some(&body)).await.ok();
    assert_eq!((&made["status"], &made["user_id"]), (&json!("pending"), &user["id"]));
    assert!(text(&made, "url").ends_with(&format!("__clerk_ticket={}", text(&made, "token"))));
    let path = format!("/sign_in_tokens/{}/revoke", text(&made, "id"));
    assert_eq!(api.send("POST", &path, None).await.ok()["status"], "revoked");
    let again = api.send("POST", &path, None).await.refusal();
    assert_eq!(again, refusal(400, "sign_in_token_cannot_be_revoked_code"));
    for (body, code) in [
        (json!({ "user_id": "user_nobody" }), "form_resource_not_found user_id"),
        (json!({ "user_id": user["id"], "org_id": "org_1" }), "form_resource_not_found org_id"),
        (
            json!({ "user_id": user["id"], "expires_in_seconds": 0 }),
            "form_param_value_invalid expires_in_seconds",
        ),
    ] {
        let refused = api.send("POST", "/sign_in_tokens", Some(&body)).await.refusal();
        assert_eq!(refused, refusal(422, code));
    }
}

/// A sign-in by a ticket.
async fn sign_in(api: &Api, ticket: &Value) -> super::Response {
    api.control("POST", "/sign_ins", &json!({ "ticket": ticket })).await
}

#[tokio::test]
async fn a_sign_in_token_lets_its_user_sign_in_once() {
    let (api, user, _) = start().await;
    let organization = json!({ "name": "Acme", "created_by": user["id"] });
    let organization = api.send("POST", "/organizations", Some(&organization)).await.ok();
    let body = json!({ "user_id": user["id"], "org_id": organization["id"] });
    let made = api.send("POST", "/sign_in_tokens", Some(&body)).await.ok();
    let done = sign_in(&api, &made["token"]).await.ok();
    assert_eq!((&done["status"], &done["user_id"]), (&json!("complete"), &user["id"]));
    let session = api.get(&format!("/sessions/{}", text(&done, "created_session_id"))).await.ok();
    assert_eq!(
        (&session["last_active_organization_id"], &session["actor"]),
        (&organization["id"], &Value::Null)
    );
    let again = sign_in(&api, &made["token"]).await.refusal();
    assert_eq!(again, refusal(400, "sign_in_token_already_used_code ticket"));
    let revoke = format!("/sign_in_tokens/{}/revoke", text(&made, "id"));
    let too_late = api.send("POST", &revoke, None).await.refusal();
    assert_eq!(too_late, refusal(400, "sign_in_token_cannot_be_revoked_code"));
}

#[tokio::test]
async fn a_ticket_that_is_revoked_expired_or_unknown_is_refused() {
    let (api, user, _) = start().await;
    for (path, body, revoked) in [
        ("/sign_in_tokens", json!({ "user_id": user["id"] }), "sign_in_token_revoked_code ticket"),
        (
            "/actor_tokens",
            json!({ "user_id": user["id"], "actor": { "sub": "user_support" } }),
            "actor_token_revoked_code ticket",
        ),
    ] {
        let made = api.send("POST", path, Some(&body)).await.ok();
        let late = api.send("POST", path, Some(&body)).await.ok();
        api.send("POST", &format!("{path}/{}/revoke", text(&made, "id")), None).await.ok();
        assert_eq!(sign_in(&api, &made["token"]).await.refusal(), refusal(400, revoked));
        api.control("POST", "/clock", &json!({ "advance": 31 * 86_400 })).await.ok();
        let expired = sign_in(&api, &late["token"]).await.refusal();
        assert_eq!(expired, refusal(400, "ticket_expired_code ticket"));
    }
    let unknown = sign_in(&api, &json!("a.b.c")).await.refusal();
    assert_eq!(unknown, refusal(400, "ticket_invalid_code ticket"));
    let with_identifier = json!({ "ticket": "a.b.c", "identifier": "one@test.example" });
    let refused = api.control("POST", "/sign_ins", &with_identifier).await.refusal();
    assert_eq!(refused, refusal(422, "form_param_unknown identifier"));
    let banned = format!("/users/{}/ban", text(&user, "id"));
    let made = json!({ "user_id": user["id"] });
    let made = api.send("POST", "/sign_in_tokens", Some(&made)).await.ok();
    api.send("POST", &banned, None).await.ok();
    assert_eq!(sign_in(&api, &made["token"]).await.refusal(), refusal(403, "user_banned"));
}

#[tokio::test]
async fn an_actor_acts_as_the_user_for_a_while() {
    let (api, _, _) = start().await;
    let user = json!({ "username": "careful", "totp_secret": "JBSWY3DPEHPK3PXP" });
    let user = api.send("POST", "/users", Some(&user)).await.ok();
    let own = json!({ "user_id": user["id"] });
    let own = api.send("POST", "/sign_in_tokens", Some(&own)).await.ok();
    let own = sign_in(&api, &own["token"]).await.ok();
    assert_eq!(own["status"], "needs_second_factor");
    let body = json!({ "user_id": user["id"], "actor": { "sub": "user_support" } });
    let made = api.send("POST", "/actor_tokens", Some(&body)).await.ok();
    let done = sign_in(&api, &made["token"]).await.ok();
    assert_eq!(done["status"], "complete");
    let session = format!("/sessions/{}", text(&done, "created_session_id"));
    let shown = api.get(&session).await.ok();
    assert_eq!(shown["actor"], body["actor"]);
    assert_eq!(number(&shown, "expire_at") - number(&shown, "created_at"), 1_800_000);
    let token = api.send("POST", &format!("{session}/tokens"), None).await.ok();
    let claims = text(&token, "jwt").split('.').nth(1).unwrap().to_owned();
    let claims = BASE64_URL_SAFE_NO_PAD.decode(claims).unwrap();
    let claims: Value = serde_json::from_slice(&claims).unwrap();
    assert_eq!((&claims["act"], &claims["sub"]), (&body["actor"], &user["id"]));
    let again = sign_in(&api, &made["token"]).await.refusal();
    assert_eq!(again, refusal(400, "actor_token_already_used_code ticket"));
}

#[tokio::test]
async fn a_sign_up_can_be_changed_until_it_is_complete() {
    let (api, user, _) = start().await;
    let complete = format!("/sign_ups/{}", text(&user, "id").replace("user_", "sua_"));
    let shown = api.get(&complete).await.ok();
    assert_eq!(shown["status"], "complete");
    assert_eq!(shown["created_user_id"], user["id"]);
    let body = json!({ "external_id": "crm_1", "custom_action": true });
    let refused = api.send("PATCH", &complete, Some(&body)).await.refusal();
    assert_eq!(refused, refusal(403, "sign_up_cannot_be_updated"));
    let begun = json!({ "email_address": "undecided@test.example" }).to_string();
    let headers = [super::KEY, "Content-Type: application/json"].join("\r\n");
    let begun = api.exchange("POST", "/sandbox/sign_ups", &begun, &[&headers]).await;
    let begun = String::from_utf8(begun).unwrap();
    let begun: serde_json::Value =
        serde_json::from_str(begun.split_once("\r\n\r\n").unwrap().1).unwrap();
    let unfinished = &format!("/sign_ups/{}", text(&begun, "id"));
    assert_eq!(api.get(unfinished).await.ok()["unverified_fields"], json!(["email_address"]));
    let changed = api.send("PATCH", unfinished, Some(&body)).await.ok();
    assert_eq!(
        (&changed["external_id"], &changed["custom_action"]),
        (&json!("crm_1"), &json!(true))
    );
    assert_eq!(api.get(unfinished).await.ok(), changed);
    let none = api.get("/sign_ups/sua_none").await.refusal();
    assert_eq!(none, refusal(404, "resource_not_found"));
}

#[tokio::test]
async fn testing_tokens_differ() {
    let api = Api::start().await;
    let one = api.send("POST", "/testing_tokens", None).await.ok();
    let two = api.send("POST", "/testing_tokens", None).await.ok();
    assert_ne!(one["token"], two["token"]);
    assert!(number(&one, "expires_at") > 1_700_000_000);
}
