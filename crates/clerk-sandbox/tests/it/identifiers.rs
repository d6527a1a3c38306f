//! Email addresses and phone numbers by themselves, and the tokens of accounts elsewhere.

use serde_json::{Value, json};

use super::{Api, KEY, start, text};

fn refusal(status: u16, code: &str) -> (u16, Vec<String>) {
    (status, vec![code.to_owned()])
}

const KINDS: [(&str, &str, &str, &str); 2] = [
    ("email_addresses", "email_address", "new@example.com", "other@example.com"),
    ("phone_numbers", "phone_number", "+14155550100", "+14155550101"),
];

#[tokio::test]
async fn an_identifier_is_created_made_primary_and_deleted() {
    let (api, user, _) = start().await;
    let path = format!("/users/{}", text(&user, "id"));
    for (list, kind, value, _) in KINDS {
        let primary = format!("primary_{kind}_id");
        let before = api.get(&path).await.ok();
        let body = json!({ "user_id": user["id"], kind: value });
        let made = api.send("POST", &format!("/{list}"), Some(&body)).await.ok();
        assert_eq!((&made[kind], &made["verification"]), (&json!(value), &Value::Null));
        let one = format!("/{list}/{}", text(&made, "id"));
        assert_eq!(api.get(&one).await.ok(), made);
        let again = api.send("POST", &format!("/{list}"), Some(&body)).await.refusal();
        assert_eq!(again, refusal(422, &format!("form_identifier_exists {kind}")));
        if before[&primary].is_null() {
            assert_eq!(api.get(&path).await.ok()[&primary], made["id"], "the first one is primary");
        } else {
            let early = api.send("PATCH", &one, Some(&json!({ "primary": true }))).await.refusal();
            assert_eq!(early, refusal(422, "form_verification_needed primary"));
        }
        let body = json!({ "primary": true, "verified": true });
        let changed = api.send("PATCH", &one, Some(&body)).await.ok();
        assert_eq!(changed["verification"]["status"], "verified");
        assert_eq!(api.get(&path).await.ok()[&primary], made["id"]);
        assert_eq!(api.send("DELETE", &one, None).await.ok()["deleted"], true);
        assert_eq!(api.get(&one).await.refusal(), refusal(404, "resource_not_found"));
        let after = api.get(&path).await.ok();
        assert_eq!(after[list], before[list]);
    }
}

#[tokio::test]
async fn a_replacement_removes_all_other_identifiers() {
    let (api, user, _) = start().await;
    let path = format!("/users/{}", text(&user, "id"));
    for (list, kind, value, other) in KINDS {
        let body = json!({ "user_id": user["id"], kind: other });
        api.send("POST", &format!("/{list}"), Some(&body)).await.ok();
        let body = json!({ kind: value });
        let made = api.send("PUT", &format!("{path}/{kind}"), Some(&body)).await.ok();
        assert_eq!(made["verification"]["status"], "verified");
        let after = api.get(&path).await.ok();
        assert_eq!(after[list], json!([made]));
        assert_eq!(after[format!("primary_{kind}_id")], made["id"]);
        let body = json!({ kind: value, "identification_status": "maybe" });
        let refused = api.send("PUT", &format!("{path}/{kind}"), Some(&body)).await.refusal();
        assert_eq!(refused, refusal(422, "form_param_value_invalid identification_status"));
    }
}

#[tokio::test]
async fn the_last_identifier_cannot_be_deleted() {
    let api = Api::start().await;
    let body = json!({ "email_address": ["only@example.com"] });
    let user = api.send("POST", "/users", Some(&body)).await.ok();
    let path = format!("/email_addresses/{}", text(&user["email_addresses"][0], "id"));
    let refused = api.send("DELETE", &path, None).await.refusal();
    assert_eq!(refused, refusal(400, "last_required_identification_deletion_failed"));
}

#[tokio::test]
async fn each_account_of_the_provider_has_an_oauth_token() {
    let api = Api::start().await;
    let users = api.get("/users?limit=500").await.ok();
    let has_account = |user: &&Value| user["external_accounts"][0]["provider"] == "oauth_google";
    let user = users.as_array().unwrap().iter().find(has_account).expect("a user of Google");
    let path = format!("/users/{}/oauth_access_tokens", text(user, "id"));
    let tokens = api.get(&format!("{path}/oauth_google")).await.ok();
    assert_eq!(tokens[0]["external_account_id"], user["external_accounts"][0]["id"]);
    assert_eq!(api.get(&format!("{path}/google")).await.ok(), tokens);
    assert_eq!(api.get(&format!("{path}/oauth_gitlab")).await.ok(), json!([]));
    // The OpenAPI file has the bare list only, so this goes past the comparison with it.
    let paginated = format!("{path}/google?paginated=true");
    let paginated = api.send_text("GET", &paginated, "", &[KEY]).await;
    assert_eq!(paginated.json(), json!({ "data": tokens, "total_count": 1 }));
}
