//! Changing and deleting users.

use clerk_sandbox::Options;
use serde_json::{Value, json};

use super::{Api, KEY, number, path_of, start, text};

/// The last version in which an update takes metadata.
const OLD: &str = "Clerk-API-Version: 2025-11-10";

#[tokio::test]
async fn updates() {
    let (api, user, _) = start().await;
    let path = path_of(&user);
    let mut before = user.clone();
    for (body, field, value) in [
        (json!({ "first_name": "Else" }), "first_name", json!("Else")),
        (json!({ "first_name": null }), "first_name", Value::Null),
        (json!({ "last_name": null }), "last_name", Value::Null),
        (json!({ "external_id": "ext_1" }), "external_id", json!("ext_1")),
        (json!({ "external_id": null }), "external_id", Value::Null),
        (json!({ "username": "SOME_BODY" }), "username", json!("SOME_BODY")),
        (json!({ "username": "" }), "username", Value::Null),
        (json!({ "username": "somebody" }), "username", json!("somebody")),
        (json!({ "username": null }), "username", Value::Null),
        (json!({ "profile_image_id": "img_1" }), "has_image", json!(true)),
        (json!({ "profile_image_id": null }), "has_image", json!(false)),
        (
            json!({ "primary_phone_number_id": null }),
            "primary_phone_number_id",
            user["primary_phone_number_id"].clone(),
        ),
        (json!({ "totp_secret": "MZXW6YTB" }), "totp_enabled", json!(true)),
        (json!({ "notify_primary_email_address_changed": true }), "locale", Value::Null),
        (json!({ "skip_legal_checks": true }), "last_name", Value::Null),
    ] {
        let after = api.send("PATCH", &path, Some(&body)).await.ok();
        assert_eq!(after[field], value, "{body}");
        assert!(number(&after, "updated_at") > number(&before, "updated_at"), "{body}");
        assert_eq!(after, api.get(&path).await.ok());
        assert_eq!(after["email_addresses"], user["email_addresses"], "the rest stays");
        before = after;
    }
    let again = json!({ "username": "some_body", "external_id": "ext_1" });
    let id = text(&api.send("POST", "/users", Some(&again)).await.ok(), "id");
    assert_ne!(id, text(&user, "id"), "what was cleared is free");
}

#[tokio::test]
async fn refusals_of_updates() {
    let (api, user, other) = start().await;
    let path = path_of(&user);
    let (email, unverified) =
        (&other["email_addresses"][0]["id"], &user["email_addresses"][1]["id"]);
    for (body, codes) in [
        (json!({ "username": "Other_One" }), &["form_identifier_exists username"][..]),
        (json!({ "username": "abc" }), &["form_username_invalid_length username"]),
        (json!({ "first_name": 5 }), &["form_param_format_invalid first_name"]),
        (json!({ "email_address": ["a@b.example"] }), &["form_param_unknown email_address"]),
        (
            json!({ "primary_email_address_id": email }),
            &["form_resource_not_found primary_email_address_id"],
        ),
        (
            json!({ "primary_email_address_id": unverified }),
            &["form_verification_needed primary_email_address_id"],
        ),
        (
            json!({ "primary_phone_number_id": "idn_none" }),
            &["form_resource_not_found primary_phone_number_id"],
        ),
        (
            json!({ "primary_web3_wallet_id": "idn_none" }),
            &["form_resource_not_found primary_web3_wallet_id"],
        ),
        (json!({ "skip_password_checks": true }), &["form_param_missing password"]),
        (json!({ "sign_out_of_other_sessions": true }), &["form_param_missing password"]),
        (json!({ "password": "short" }), &["form_password_length_too_short password"]),
        (
            json!({ "public_metadata": {}, "private_metadata": {}, "unsafe_metadata": {} }),
            &[
                "form_param_unknown public_metadata",
                "form_param_unknown private_metadata",
                "form_param_unknown unsafe_metadata",
            ],
        ),
    ] {
        let refusal = api.send("PATCH", &path, Some(&body)).await.refusal();
        assert_eq!(refusal, (422, codes.iter().map(ToString::to_string).collect()), "{body}");
    }
    assert_eq!(api.get(&path).await.ok(), user, "nothing changed");
    let nobody = api.send("PATCH", "/users/user_nobody", Some(&json!({ "bogus": 1 }))).await;
    assert_eq!(nobody.refusal(), (404, vec!["resource_not_found".to_owned()]));
}

#[tokio::test]
async fn another_primary_address() {
    let api = Api::with(Options { users: 0, ..Options::default() }).await;
    let body = json!({ "email_address": ["a@test.example", "b@test.example"] });
    let user = api.send("POST", "/users", Some(&body)).await.ok();
    let body = json!({ "primary_email_address_id": user["email_addresses"][1]["id"] });
    let user = api.send("PATCH", &path_of(&user), Some(&body)).await.ok();
    assert_eq!(user["primary_email_address_id"], user["email_addresses"][1]["id"]);
}

#[tokio::test]
async fn a_new_password_may_end_sessions() {
    let api = Api::start().await;
    let user = api.get("/users?limit=1").await.ids().remove(0);
    let active = format!("/sessions?user_id={user}&status=active");
    let path = format!("/users/{user}");
    let body = json!({ "password": "x", "skip_password_checks": true });
    let changed = api.send("PATCH", &path, Some(&body)).await.ok();
    assert_eq!(changed["password_last_updated_at"], changed["updated_at"]);
    assert_eq!(api.get(&active).await.ids().len(), 3);
    let body = json!({ "password": "long enough", "sign_out_of_other_sessions": true });
    assert_eq!(api.send("PATCH", &path, Some(&body)).await.status, 200);
    assert_eq!(api.get(&active).await.ids(), [""; 0]);
}

#[tokio::test]
async fn metadata_is_replaced_or_merged() {
    let (api, user, _) = start().await;
    let path = format!("{}/metadata", path_of(&user));
    for (method, body, public, private) in [
        (
            "PATCH",
            json!({ "public_metadata": { "plan": null, "flags": { "b": null, "c": { "d": null, "e": 3 } } } }),
            json!({ "flags": { "a": 1, "c": { "e": 3 } } }),
            json!({}),
        ),
        (
            "PATCH",
            json!({ "public_metadata": { "flags": [1] }, "private_metadata": { "crm": 7 } }),
            json!({ "flags": [1] }),
            json!({ "crm": 7 }),
        ),
        ("PATCH", json!({}), json!({ "flags": [1] }), json!({ "crm": 7 })),
        (
            "PUT",
            json!({ "public_metadata": { "x": null } }),
            json!({ "x": null }),
            json!({ "crm": 7 }),
        ),
        ("PUT", json!({ "private_metadata": {} }), json!({ "x": null }), json!({})),
    ] {
        let user = api.send(method, &path, Some(&body)).await.ok();
        assert_eq!(user["public_metadata"], public, "{method} {body}");
        assert_eq!(user["private_metadata"], private, "{method} {body}");
    }
    for (method, body, code) in [
        ("PUT", json!({ "metadata": {} }), "form_param_unknown metadata"),
        ("PATCH", json!({ "first_name": "x" }), "form_param_unknown first_name"),
        ("PUT", json!({ "public_metadata": null }), "form_param_format_invalid public_metadata"),
        ("PATCH", json!({ "unsafe_metadata": "x" }), "form_param_format_invalid unsafe_metadata"),
    ] {
        let refusal = api.send(method, &path, Some(&body)).await.refusal();
        assert_eq!(refusal, (422, vec![code.to_owned()]), "{method} {body}");
    }
    for method in ["PUT", "PATCH"] {
        let nobody = api.send(method, "/users/user_nobody/metadata", Some(&json!({}))).await;
        assert_eq!(nobody.refusal(), (404, vec!["resource_not_found".to_owned()]));
    }
}

#[tokio::test]
async fn older_versions_take_metadata_in_an_update() {
    let (api, user, _) = start().await;
    let body = json!({ "public_metadata": { "seats": 2 }, "last_name": "Old" });
    let response = api.send_with("PATCH", &path_of(&user), Some(&body), &[KEY, OLD]).await;
    let user = response.ok();
    assert_eq!(user["public_metadata"], json!({ "seats": 2 }), "replaced, not merged");
    assert_eq!(user["last_name"], "Old");
}

#[tokio::test]
async fn deleting_takes_what_belongs_to_the_user() {
    let api = Api::start().await;
    let organization = api.get("/organizations?limit=1&include_members_count=true").await.ok();
    let organization = &organization["data"][0];
    let id = text(organization, "id");
    let user = api.query("/users", &[("organization_id", &id), ("limit", "1")]).await.ok();
    let user = &user[0];
    let sessions = format!("/sessions?user_id={}", text(user, "id"));
    assert_ne!(api.get(&sessions).await.ids(), [""; 0]);
    let deleted = api.send("DELETE", &path_of(user), None).await.ok();
    assert_eq!(deleted["id"], user["id"]);
    assert_eq!(deleted["deleted"], true);
    assert_eq!(deleted["object"], "user");
    assert_eq!(deleted.get("external_id").unwrap_or(&Value::Null), &user["external_id"]);
    for method in ["GET", "DELETE"] {
        let gone = api.send(method, &path_of(user), None).await;
        assert_eq!(gone.refusal(), (404, vec!["resource_not_found".to_owned()]));
    }
    assert_eq!(api.get(&sessions).await.ids(), [""; 0]);
    let after = api.get(&format!("/organizations/{id}?include_members_count=true")).await.ok();
    assert_eq!(number(&after, "members_count"), number(organization, "members_count") - 1);
    assert_eq!(api.get("/users/count").await.ok()["total_count"], 24);
}

#[tokio::test]
async fn users_have_a_time_zone() {
    let (api, user, _) = super::start().await;
    let path = super::path_of(&user);
    let zone = json!({ "timezone": "Europe/Vienna" });
    for (body, expected) in
        [(zone.clone(), zone["timezone"].clone()), (json!({ "timezone": null }), Value::Null)]
    {
        let changed = api.raw("PATCH", &path, Some(&body)).await.ok();
        assert_eq!(changed["timezone"], expected);
        assert_eq!(api.raw("GET", &path, None).await.ok()["timezone"], expected);
    }
    let new = json!({ "username": "new_one", "timezone": "Asia/Tokyo" });
    let made = api.raw("POST", "/users", Some(&new)).await.ok();
    assert_eq!(made["timezone"], "Asia/Tokyo");
}
