//! Tokens that let somebody sign in, and sign-ups.

use serde_json::json;

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
