//! Creating users.

use serde_json::{Value, json};

use super::{number, path_of, start, text};

#[tokio::test]
async fn a_created_user() {
    let (api, user, other) = start().await;
    assert_eq!(user, api.get(&path_of(&user)).await.ok());
    assert_eq!(api.get("/users").await.ids(), [text(&other, "id"), text(&user, "id")]);
    let emails = &user["email_addresses"];
    assert_eq!(emails[0]["email_address"], "one@test.example");
    assert_eq!(emails[0]["verification"]["strategy"], "admin");
    assert_eq!(emails[1]["reserved"], true);
    assert_eq!(emails[1]["verification"], Value::Null);
    assert_eq!(user["primary_email_address_id"], emails[0]["id"]);
    assert_eq!(user["phone_numbers"][0]["verification"]["status"], "verified");
    assert_eq!(user["primary_phone_number_id"], user["phone_numbers"][0]["id"]);
    assert_eq!(user["primary_web3_wallet_id"], user["web3_wallets"][0]["id"]);
    assert_eq!(user["password_enabled"], true);
    assert_eq!(other["password_enabled"], false);
    assert_eq!(user["public_metadata"]["flags"], json!({ "a": 1, "b": 2 }));
    assert!(number(&user, "created_at") > 1_780_272_000_000, "in milliseconds");
    assert_eq!(user["created_at"], user["updated_at"]);
}

#[tokio::test]
async fn flags_of_a_new_user() {
    let (api, ..) = start().await;
    for (body, field, value) in [
        (json!({ "banned": true }), "banned", json!(true)),
        (json!({ "locked": true }), "verification_attempts_remaining", json!(0)),
        (
            json!({ "created_at": "2012-10-20T07:15:20.902Z" }),
            "created_at",
            json!(1_350_717_320_902_i64),
        ),
        (json!({ "legal_accepted_at": "1970-01-01T00:00:01Z" }), "legal_accepted_at", json!(1000)),
        (json!({ "totp_secret": "MZXW6YTB" }), "two_factor_enabled", json!(true)),
        (json!({ "backup_codes": ["x"] }), "backup_code_enabled", json!(true)),
        (json!({ "delete_self_enabled": false }), "delete_self_enabled", json!(false)),
        (
            json!({ "create_organization_enabled": false }),
            "create_organization_enabled",
            json!(false),
        ),
        (json!({ "create_organizations_limit": 3 }), "create_organizations_limit", json!(3)),
        (json!({ "bypass_client_trust": true }), "bypass_client_trust", json!(true)),
        (json!({ "locale": "fr-FR" }), "locale", json!("fr-FR")),
        (json!({ "skip_password_checks": true, "password": "x" }), "password_enabled", json!(true)),
        (
            json!({ "password_digest": "x", "password_hasher": "bcrypt" }),
            "password_enabled",
            json!(true),
        ),
        (json!({ "skip_password_requirement": true }), "password_enabled", json!(false)),
        (json!({ "first_name": null }), "first_name", Value::Null),
    ] {
        let mut body = body;
        body["email_address"] = json!([format!("{field}{}@test.example", body.to_string().len())]);
        let user = api.send("POST", "/users", Some(&body)).await.ok();
        assert_eq!(user[field], value, "{body}");
    }
    let exempt = json!({ "web3_wallet": ["0x02"], "skip_user_requirement": true });
    assert_eq!(api.send("POST", "/users", Some(&exempt)).await.status, 200);
}

#[tokio::test]
async fn refusals_of_new_users() {
    let (api, ..) = start().await;
    let count = api.get("/users/count").await.ok();
    for (body, codes) in [
        (json!({}), &["form_data_missing"][..]),
        (json!({ "first_name": "Nobody" }), &["form_data_missing"]),
        (json!({ "web3_wallet": ["0x03"] }), &["form_data_missing"]),
        (json!({ "skip_user_requirement": true }), &["form_data_missing"]),
        (json!({ "username": "" }), &["form_data_missing"]),
        (json!({ "username": "abc" }), &["form_username_invalid_length username"]),
        (json!({ "username": "a+bc" }), &["form_username_invalid_character username"]),
        (json!({ "username": "SOME_BODY" }), &["form_identifier_exists username"]),
        (
            json!({ "email_address": ["ONE@test.example"] }),
            &["form_identifier_exists email_address"],
        ),
        (
            json!({ "email_address": ["a@b.example", "A@b.example"] }),
            &["form_identifier_exists email_address"],
        ),
        (json!({ "phone_number": ["+12015550100"] }), &["form_identifier_exists phone_number"]),
        (
            json!({ "username": "good_name", "external_id": "ext_1" }),
            &["form_identifier_exists external_id"],
        ),
        (
            json!({ "username": "good_name", "web3_wallet": ["0X01"] }),
            &["form_identifier_exists web3_wallet"],
        ),
        (json!({ "email_address": ["nonsense"] }), &["form_param_format_invalid email_address"]),
        (
            json!({ "email_address": ["a b@c.example"] }),
            &["form_param_format_invalid email_address"],
        ),
        (
            json!({ "email_address": ["a@b@c.example"] }),
            &["form_param_format_invalid email_address"],
        ),
        (
            json!({ "email_address": "a@b.example" }),
            &["form_param_format_invalid email_address", "form_data_missing"],
        ),
        (
            json!({ "email_address": null }),
            &["form_param_format_invalid email_address", "form_data_missing"],
        ),
        (json!({ "phone_number": ["2015550100"] }), &["form_param_format_invalid phone_number"]),
        (
            json!({ "email_address": ["a@b.example"], "email_address_identification_status": ["reserved", "verified"] }),
            &["form_param_array_length_mismatch email_address_identification_status"],
        ),
        (
            json!({ "phone_number": ["+12015550101"], "phone_number_identification_status": ["good"] }),
            &["form_param_value_invalid phone_number_identification_status"],
        ),
        (
            json!({ "username": "good_name", "password": "1234567" }),
            &["form_password_length_too_short password"],
        ),
        (
            json!({ "username": "good_name", "password": "x".repeat(73) }),
            &["form_password_length_too_long password"],
        ),
        (
            json!({ "username": "good_name", "password_digest": "x" }),
            &["form_param_missing password_hasher"],
        ),
        (
            json!({ "username": "good_name", "password_hasher": "md5" }),
            &["form_param_missing password_digest"],
        ),
        (
            json!({ "username": "good_name", "password_digest": "x", "password_hasher": "rot13" }),
            &["form_param_value_invalid password_hasher"],
        ),
        (
            json!({ "username": "good_name", "created_at": 5 }),
            &["form_param_format_invalid created_at"],
        ),
        (
            json!({ "username": "good_name", "public_metadata": [] }),
            &["form_param_format_invalid public_metadata"],
        ),
        (
            json!({ "username": "good_name", "public_metadata": null }),
            &["form_param_format_invalid public_metadata"],
        ),
        (
            json!({ "username": "good_name", "banned": "yes" }),
            &["form_param_format_invalid banned"],
        ),
        (
            json!({ "username": "good_name", "create_organizations_limit": -1 }),
            &["form_param_format_invalid create_organizations_limit"],
        ),
        (
            json!({ "username": "x", "password": "y", "bogus": 1, "role": 2 }),
            &[
                "form_username_invalid_length username",
                "form_password_length_too_short password",
                "form_param_unknown bogus",
                "form_param_unknown role",
            ],
        ),
    ] {
        let refusal = api.send("POST", "/users", Some(&body)).await.refusal();
        assert_eq!(refusal, (422, codes.iter().map(ToString::to_string).collect()), "{body}");
    }
    assert_eq!(api.get("/users/count").await.ok(), count, "nobody was created");
}
