//! The API versions, and the limits that Clerk documents.

use serde_json::{Value, json};

use super::{Api, KEY, number, path_of, start, text};

const OLD: [&str; 2] = ["2021-02-05", "2024-10-01"];
const NEW: [&str; 3] = ["2025-04-10", "2025-11-10", "2026-05-12"];

async fn get(api: &Api, version: &str, path: &str) -> Value {
    let version = format!("Clerk-API-Version: {version}");
    api.send_with("GET", path, None, &[KEY, &version]).await.ok()
}

#[tokio::test]
async fn sessions_are_pending_and_have_tasks_since_2025_04_10() {
    let api = Api::start().await;
    let user = api.get("/users?limit=1").await.ids().remove(0);
    let path = format!("/sessions?user_id={user}&limit=500");
    let sessions = api.get(&path).await.ok();
    let pending =
        sessions.as_array().unwrap().iter().find(|session| session["status"] == "pending");
    let path = format!("/sessions/{}", text(pending.unwrap(), "id"));
    for version in NEW {
        let session = get(&api, version, &path).await;
        assert_eq!((&session["status"], session["tasks"].is_array()), (&json!("pending"), true));
    }
    for version in OLD {
        let session = get(&api, version, &path).await;
        assert_eq!(
            (&session["status"], session.get("tasks")),
            (&json!("active"), None),
            "{version}"
        );
    }
}

#[tokio::test]
async fn metadata_left_patch_in_2026_05_12() {
    let (api, user, _) = start().await;
    let organization = json!({ "name": "Acme" });
    let organization = api.send("POST", "/organizations", Some(&organization)).await.ok();
    let of_organization = format!("/organizations/{}", text(&organization, "id"));
    let body = json!({ "public_metadata": { "a": 1 } });
    for path in [path_of(&user), of_organization] {
        for version in ["2021-02-05", "2024-10-01", "2025-04-10", "2025-11-10"] {
            let version = format!("Clerk-API-Version: {version}");
            let changed = api.send_with("PATCH", &path, Some(&body), &[KEY, &version]).await.ok();
            assert_eq!(changed["public_metadata"], body["public_metadata"], "replaced as a whole");
        }
        api.send_with("PATCH", &path, Some(&body), &[KEY]).await.ok();
        let refused = api.send("PATCH", &path, Some(&body)).await;
        assert_eq!(refused.refusal(), (422, vec!["form_param_unknown public_metadata".to_owned()]));
    }
}

/// A metadata object whose JSON is this long.
fn metadata(bytes: usize) -> Value {
    json!({ "a": "x".repeat(bytes - r#"{"a":""}"#.len()) })
}

#[tokio::test]
async fn metadata_has_at_most_8_kb() {
    let (api, _, user) = start().await;
    let organization = json!({ "name": "Acme", "created_by": user["id"] });
    let organization = api.send("POST", "/organizations", Some(&organization)).await.ok();
    let organization = format!("/organizations/{}", text(&organization, "id"));
    let membership = format!("{organization}/memberships/{}", text(&user, "id"));
    for path in [path_of(&user), organization, membership] {
        let path = format!("{path}/metadata");
        for field in ["public_metadata", "private_metadata"] {
            let change = async |value: Value| {
                let body = json!({ field: value });
                api.send("PATCH", &path, Some(&body)).await
            };
            let refusal = (422, vec![format!("form_param_exceeds_allowed_size {field}")]);
            assert_eq!(change(metadata(8_193)).await.refusal(), refusal, "{path}");
            let before = change(metadata(8_192)).await.ok();
            assert_eq!(change(json!({ "b": 1 })).await.refusal(), refusal, "the result counts");
            let after = change(json!({})).await.ok();
            assert_eq!(after[field], before[field], "nothing changed");
            change(json!({ "a": null, "b": 1 })).await.ok();
        }
    }
    let user = json!({ "username": "somebody", "unsafe_metadata": metadata(8_193) });
    let refused = api.send("POST", "/users", Some(&user)).await;
    assert_eq!(
        refused.refusal(),
        (422, vec!["form_param_exceeds_allowed_size unsafe_metadata".to_owned()])
    );
}

#[tokio::test]
async fn names_addresses_and_lifetimes_have_limits() {
    let (api, user, _) = start().await;
    let path = path_of(&user);
    for (body, code) in [
        (json!({ "first_name": "x".repeat(257) }), "form_param_max_length_exceeded first_name"),
        (json!({ "last_name": "é".repeat(257) }), "form_param_max_length_exceeded last_name"),
        (json!({ "username": "123456" }), "form_username_needs_non_number_char username"),
    ] {
        let refused = api.send("PATCH", &path, Some(&body)).await;
        assert_eq!(refused.refusal(), (422, vec![code.to_owned()]), "{body}");
    }
    let longest = json!({ "first_name": "é".repeat(256) });
    assert_eq!(api.send("PATCH", &path, Some(&longest)).await.status, 200);
    let long = format!("{}@test.example", "x".repeat(255));
    let body = json!({ "email_address": [long], "phone_number": ["02015550100"] });
    let refused = api.send("POST", "/users", Some(&body)).await;
    let errors =
        ["form_param_format_invalid email_address", "form_param_format_invalid phone_number"];
    assert_eq!(refused.refusal(), (422, errors.map(str::to_owned).to_vec()));
    for days in [0, 366] {
        let body = json!({ "email_address": "x@test.example", "expires_in_days": days });
        let refused = api.send("POST", "/invitations", Some(&body)).await;
        assert_eq!(
            refused.refusal(),
            (422, vec!["form_param_value_invalid expires_in_days".to_owned()])
        );
    }
    let many: Vec<_> =
        (0..11).map(|n| json!({ "email_address": format!("{n}@test.example") })).collect();
    let refused = api.send("POST", "/invitations/bulk", Some(&json!(many))).await;
    assert_eq!(refused.refusal(), (422, vec!["form_param_array_size_exceeded".to_owned()]));
    assert_eq!(number(&api.get("/users/count").await.ok(), "total_count"), 2);
}
