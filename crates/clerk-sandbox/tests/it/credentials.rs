//! Passwords, second factors, and codes that verify an address.

use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};

use super::{Api, path_of, start, text};

fn refusal(status: u16, code: &str) -> (u16, Vec<String>) {
    (status, vec![code.to_owned()])
}

/// The code that an authenticator app shows now for this secret, in plain bytes.
fn totp(secret: &[u8]) -> String {
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
    let key = ring::hmac::Key::new(ring::hmac::HMAC_SHA1_FOR_LEGACY_USE_ONLY, secret);
    let mac = ring::hmac::sign(&key, &(now / 30).to_be_bytes());
    let mac = mac.as_ref();
    let offset = usize::from(mac[19] & 15);
    let number = u32::from_be_bytes(mac[offset..offset + 4].try_into().unwrap());
    format!("{:06}", (number & 0x7fff_ffff) % 1_000_000)
}

async fn create(api: &Api, fields: &[(&str, Value)]) -> Value {
    let mut body = json!({ "username": "somebody" });
    for (name, value) in fields {
        body[*name] = value.clone();
    }
    api.send("POST", "/users", Some(&body)).await.ok()
}

async fn verify(api: &Api, user: &Value, password: &str) -> (u16, String) {
    let path = format!("{}/verify_password", path_of(user));
    let response = api.send("POST", &path, Some(&json!({ "password": password }))).await;
    if response.status == 200 {
        return (200, response.text);
    }
    let (status, codes) = response.refusal();
    (status, codes.concat())
}

#[tokio::test]
async fn a_password_is_verified() {
    let (api, user, other) = start().await;
    let right = (200, r#"{"verified":true}"#.to_owned());
    let wrong = (422, "incorrect_password password".to_owned());
    assert_eq!(verify(&api, &user, "long enough").await, right);
    assert_eq!(verify(&api, &user, "Long enough").await, wrong);
    assert_eq!(verify(&api, &other, "long enough").await, (400, "no_password_set".to_owned()));
    let body = json!({ "password": "another one" });
    api.send("PATCH", &path_of(&user), Some(&body)).await.ok();
    assert_eq!(verify(&api, &user, "long enough").await, wrong);
    assert_eq!(verify(&api, &user, "another one").await, right);
}

#[tokio::test]
async fn everyone_whom_the_sandbox_made_up_has_the_documented_password() {
    let api = Api::start().await;
    let users = api.get("/users?limit=50").await.ok();
    let users = users.as_array().unwrap();
    let with = users.iter().find(|user| user["password_enabled"] == true).unwrap();
    assert_eq!(verify(&api, with, "sandbox-password").await.0, 200);
    let with = users.iter().find(|user| user["totp_enabled"] == true).unwrap();
    let path = format!("{}/verify_totp", path_of(with));
    let body = json!({ "code": totp(b"Hello!\xde\xad\xbe\xef") });
    assert_eq!(api.send("POST", &path, Some(&body)).await.ok()["code_type"], "totp");
}

#[tokio::test]
async fn a_hashed_password_is_verified_if_the_sandbox_can_compute_the_hash() {
    let (api, _, _) = start().await;
    let sha256 = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8";
    let fields = [("password_digest", json!(sha256)), ("password_hasher", json!("sha256"))];
    let user = create(&api, &fields).await;
    assert_eq!(verify(&api, &user, "password").await.0, 200);
    assert_eq!(verify(&api, &user, "Password").await.0, 422);
    let body = json!({ "password_digest": "$2a$12$x", "password_hasher": "bcrypt" });
    api.send("PATCH", &path_of(&user), Some(&body)).await.ok();
    let lacks = (422, "sandbox_not_supported".to_owned());
    assert_eq!(verify(&api, &user, "password").await, lacks);
}

#[tokio::test]
async fn a_leaked_password_is_refused_unless_nothing_is_checked() {
    let (api, user, _) = start().await;
    let body = json!({ "password": "Password123" });
    let refused = api.send("PATCH", &path_of(&user), Some(&body)).await.refusal();
    assert_eq!(refused, refusal(422, "form_password_pwned password"));
    let body = json!({ "password": "Password123", "skip_password_checks": true });
    api.send("PATCH", &path_of(&user), Some(&body)).await.ok();
    assert_eq!(verify(&api, &user, "Password123").await.0, 200);
}

#[tokio::test]
async fn a_password_is_removed_and_sessions_end_only_on_request() {
    let (api, user, _) = start().await;
    let session = json!({ "user_id": user["id"] });
    let session = api.send("POST", "/sessions", Some(&session)).await.ok();
    let session = format!("/sessions/{}", text(&session, "id"));
    let path = format!("{}/remove_password", path_of(&user));
    let removed = api.send("POST", &path, None).await.ok();
    assert_eq!(removed["password_enabled"], false);
    assert_eq!(removed["password_last_updated_at"], Value::Null);
    assert_eq!(api.get(&session).await.ok()["status"], "active");
    let body = json!({ "sign_out_of_other_sessions": true });
    let again = api.send("POST", &path, Some(&body)).await.ok();
    assert_eq!(again["updated_at"], removed["updated_at"], "there was none");
    assert_eq!(api.get(&session).await.ok()["status"], "revoked");
}

#[tokio::test]
async fn only_a_password_can_be_compromised() {
    let (api, user, other) = start().await;
    let session = json!({ "user_id": user["id"] });
    let session = api.send("POST", "/sessions", Some(&session)).await.ok();
    let path = format!("{}/password/set_compromised", path_of(&user));
    let body = json!({ "revoke_all_sessions": true });
    let marked = api.send("POST", &path, Some(&body)).await.ok();
    assert!(marked["updated_at"].as_i64() > user["updated_at"].as_i64());
    let session = api.get(&format!("/sessions/{}", text(&session, "id"))).await.ok();
    assert_eq!(session["status"], "revoked");
    let path = format!("{}/password/unset_compromised", path_of(&user));
    api.send("POST", &path, None).await.ok();
    for verb in ["set", "unset"] {
        let path = format!("{}/password/{verb}_compromised", path_of(&other));
        let refused = api.send("POST", &path, None).await.refusal();
        assert_eq!(refused, refusal(400, "no_password_set"), "{verb}");
    }
}

#[tokio::test]
async fn a_backup_code_is_accepted_once_and_a_code_of_the_app_always() {
    let (api, _, other) = start().await;
    let user = create(
        &api,
        &[("totp_secret", json!("MZXW6YTBOI======")), ("backup_codes", json!(["one", "two"]))],
    )
    .await;
    assert_eq!(user["two_factor_enabled"], true);
    let path = format!("{}/verify_totp", path_of(&user));
    let accepted = |code_type: &str| json!({ "verified": true, "code_type": code_type });
    let code = json!({ "code": totp(b"foobar") });
    for _ in 0..2 {
        assert_eq!(api.send("POST", &path, Some(&code)).await.ok(), accepted("totp"));
    }
    let one = json!({ "code": "one" });
    assert_eq!(api.send("POST", &path, Some(&one)).await.ok(), accepted("backup_code"));
    let refused = api.send("POST", &path, Some(&one)).await.refusal();
    assert_eq!(refused, refusal(422, "totp_invalid_length code"));
    let wrong = json!({ "code": "abcdef" });
    let refused = api.send("POST", &path, Some(&wrong)).await.refusal();
    assert_eq!(refused, refusal(422, "totp_incorrect_code code"));
    let path = format!("{}/verify_totp", path_of(&other));
    let refused = api.send("POST", &path, Some(&code)).await.refusal();
    assert_eq!(refused, refusal(400, "totp_disabled"));
    let bad = json!({ "username": "another", "totp_secret": "0189" });
    let refused = api.send("POST", "/users", Some(&bad)).await.refusal();
    assert_eq!(refused, refusal(422, "invalid_totp_secret_code totp_secret"));
}

#[tokio::test]
async fn second_factors_are_removed_one_by_one_or_all_at_once() {
    let (api, _, _) = start().await;
    let phone = "+12015550107";
    let user = create(
        &api,
        &[
            ("totp_secret", json!("MZXW6YTBOI")),
            ("backup_codes", json!(["one"])),
            ("phone_number", json!([phone])),
        ],
    )
    .await;
    let path = path_of(&user);
    let number = format!("/phone_numbers/{}", text(&user["phone_numbers"][0], "id"));
    let reserved = json!({ "reserved_for_second_factor": true });
    let reserved = api.send("PATCH", &number, Some(&reserved)).await.ok();
    assert_eq!(reserved["default_second_factor"], true);
    let deleted = api.send("DELETE", &format!("{path}/totp"), None).await.ok();
    assert_eq!(deleted, json!({ "user_id": user["id"] }));
    api.send("DELETE", &format!("{path}/backup_code"), None).await.ok();
    let user = api.get(&path).await.ok();
    let flags = ["totp_enabled", "backup_code_enabled", "two_factor_enabled"];
    assert_eq!(flags.map(|flag| user[flag] == true), [false, false, true], "the phone is left");
    api.send("DELETE", &format!("{path}/mfa"), None).await.ok();
    let user = api.get(&path).await.ok();
    assert_eq!(user["two_factor_enabled"], false);
    assert_eq!(user["mfa_enabled_at"], Value::Null);
    assert!(user["mfa_disabled_at"].is_i64());
    assert_eq!(user["phone_numbers"][0]["default_second_factor"], false);
    let nobody = api.send("DELETE", "/users/user_nobody/mfa", None).await.refusal();
    assert_eq!(nobody, refusal(404, "resource_not_found"));
}

#[tokio::test]
async fn an_unverified_number_is_no_second_factor() {
    let (api, user, _) = start().await;
    let body = json!({
        "user_id": user["id"],
        "phone_number": "+12015550108",
        "reserved_for_second_factor": true,
    });
    let code = "identification_update_second_factor_unverified reserved_for_second_factor";
    let refused = api.send("POST", "/phone_numbers", Some(&body)).await.refusal();
    assert_eq!(refused, refusal(400, code));
    let body = json!({ "user_id": user["id"], "phone_number": "+12015550108" });
    let made = api.send("POST", "/phone_numbers", Some(&body)).await.ok();
    let path = format!("/phone_numbers/{}", text(&made, "id"));
    let reserve = json!({ "reserved_for_second_factor": true });
    assert_eq!(api.send("PATCH", &path, Some(&reserve)).await.refusal(), refusal(400, code));
    assert_eq!(api.get(&path).await.ok()["reserved_for_second_factor"], false, "unchanged");
    let both = json!({ "reserved_for_second_factor": true, "verified": true });
    api.send("PATCH", &path, Some(&both)).await.ok();
    assert_eq!(api.get(&path_of(&user)).await.ok()["two_factor_enabled"], true);
    api.send("DELETE", &path, None).await.ok();
    assert_eq!(api.get(&path_of(&user)).await.ok()["two_factor_enabled"], false);
}

#[tokio::test]
async fn the_code_that_is_sent_verifies_an_address() {
    let (api, user, _) = start().await;
    for (path, field, value) in [
        ("/email_addresses", "email_address", "third+clerk_test@test.example"),
        ("/phone_numbers", "phone_number", "+12015550109"),
    ] {
        let body = json!({ "user_id": user["id"], field: value });
        let made = api.send("POST", path, Some(&body)).await.ok();
        let one = format!("{path}/{}", text(&made, "id"));
        let sent = api.send("POST", &format!("{one}/prepare_verification"), None).await.ok();
        assert_eq!(sent["status"], "unverified");
        let attempt = async |code: &str| {
            let body = json!({ "verification_id": sent["id"], "code": code });
            api.send("POST", &format!("{one}/attempt_verification"), Some(&body)).await
        };
        let wrong = attempt("000000").await.ok();
        assert_eq!((&wrong["status"], &wrong["attempts"]), (&json!("unverified"), &json!(1)));
        assert_eq!(attempt("424242").await.ok()["status"], "verified");
        assert_eq!(api.get(&one).await.ok()["verification"]["status"], "verified");
        let again = attempt("424242").await.refusal();
        assert_eq!(again, refusal(400, "verification_already_verified"));
        let other = json!({ "verification_id": "ver_none", "code": "424242" });
        let path = format!("{one}/attempt_verification");
        let refused = api.send("POST", &path, Some(&other)).await.refusal();
        assert_eq!(refused, refusal(404, "resource_not_found verification_id"));
    }
}

#[tokio::test]
async fn three_wrong_codes_are_enough() {
    let (api, user, _) = start().await;
    let one = format!("/email_addresses/{}", text(&user["email_addresses"][1], "id"));
    let sent = api.send("POST", &format!("{one}/prepare_verification"), None).await.ok();
    let path = format!("{one}/attempt_verification");
    let mut statuses = Vec::new();
    for code in ["1", "2", "3", "424242"] {
        let body = json!({ "verification_id": sent["id"], "code": code });
        statuses.push(text(&api.send("POST", &path, Some(&body)).await.ok(), "status"));
    }
    assert_eq!(statuses, ["unverified", "unverified", "failed", "failed"]);
    assert_eq!(api.get(&one).await.ok()["verification"], Value::Null);
}
