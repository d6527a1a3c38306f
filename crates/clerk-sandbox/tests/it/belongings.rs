//! What belongs to users beside addresses: passkeys, wallets, accounts, devices, pictures.

use serde_json::{Value, json};

use super::{Api, KEY, path_of, start, text};

fn refusal(status: u16, code: &str) -> (u16, Vec<String>) {
    (status, vec![code.to_owned()])
}

/// A user whom the sandbox made up, and who has some of these.
async fn with(api: &Api, field: &str) -> Value {
    let users = api.get("/users?limit=50").await.ok();
    let has = |user: &&Value| user[field].as_array().is_some_and(|items| !items.is_empty());
    users.as_array().unwrap().iter().find(has).expect("a user with one").clone()
}

#[tokio::test]
async fn passkeys_wallets_and_accounts_are_deleted_once() {
    let api = Api::start().await;
    for (field, path, object, code) in [
        ("passkeys", "passkeys", "passkey", "resource_not_found"),
        ("web3_wallets", "web3_wallets", "web3_wallet", "resource_not_found"),
        (
            "external_accounts",
            "external_accounts",
            "external_account",
            "external_account_not_found",
        ),
    ] {
        let user = with(&api, field).await;
        let id = text(&user[field][0], "id");
        let one = format!("{}/{path}/{id}", path_of(&user));
        let deleted = api.send("DELETE", &one, None).await.ok();
        assert_eq!(deleted, json!({ "object": object, "id": id, "deleted": true }));
        let after = api.get(&path_of(&user)).await.ok();
        let others = |user: &Value| user[field].as_array().unwrap().len();
        assert_eq!(others(&after), others(&user) - 1);
        assert!(after["updated_at"].as_i64() > user["updated_at"].as_i64());
        assert_eq!(api.send("DELETE", &one, None).await.refusal(), refusal(404, code));
    }
}

#[tokio::test]
async fn a_wallet_that_is_gone_is_not_primary() {
    let (api, user, _) = start().await;
    let id = text(&user["web3_wallets"][0], "id");
    assert_eq!(user["primary_web3_wallet_id"], json!(id));
    let path = format!("{}/web3_wallets/{id}", path_of(&user));
    api.send("DELETE", &path, None).await.ok();
    assert_eq!(api.get(&path_of(&user)).await.ok()["primary_web3_wallet_id"], Value::Null);
}

#[tokio::test]
async fn an_address_that_an_account_is_linked_to_stays_as_long_as_the_account() {
    let api = Api::start().await;
    let user = with(&api, "external_accounts").await;
    let email = format!("/email_addresses/{}", text(&user["email_addresses"][0], "id"));
    let refused = api.send("DELETE", &email, None).await.refusal();
    assert_eq!(refused, refusal(400, "delete_linked_identification_disallowed"));
    for account in user["external_accounts"].as_array().unwrap() {
        let path = format!("{}/external_accounts/{}", path_of(&user), text(account, "id"));
        api.send("DELETE", &path, None).await.ok();
    }
    let after = api.get(&email).await.ok();
    assert_eq!(after["linked_to"], json!([]));
    let another = json!({ "user_id": user["id"], "email_address": "another@test.example" });
    api.send("POST", "/email_addresses", Some(&another)).await.ok();
    api.send("DELETE", &email, None).await.ok();
}

#[tokio::test]
async fn a_trusted_device_is_listed_until_it_is_revoked() {
    let api = Api::start().await;
    let users = api.get("/users?limit=50").await.ok();
    // The second name is newer, and not in the OpenAPI file.
    for list in ["trusted_devices", "biometric_credentials"] {
        let send = async |method: &str, path: &str| api.send_text(method, path, "", &[KEY]).await;
        let mut found = None;
        for user in users.as_array().unwrap() {
            let path = format!("{}/{list}", path_of(user));
            if let Some(id) = send("GET", &path).await.ids().pop() {
                found = Some((path, id));
                break;
            }
        }
        let (path, id) = found.expect("a user with a device");
        let one = format!("{path}/{id}");
        assert_eq!(send("DELETE", &one).await.ok()["status"], "revoked");
        let again = send("DELETE", &one).await.refusal();
        assert_eq!(again, refusal(404, "resource_not_found"));
        assert!(!send("GET", &path).await.ids().contains(&id), "{list}");
    }
}

#[tokio::test]
async fn a_trusted_device_has_the_form_of_clerks() {
    let api = Api::start().await;
    for user in api.get("/users?limit=50").await.ok().as_array().unwrap() {
        let path = format!("{}/trusted_devices", path_of(user));
        for id in api.get(&path).await.ids() {
            api.send("DELETE", &format!("{path}/{id}"), None).await.ok();
        }
    }
}

/// Uploads this as the file of a form.
async fn upload(api: &Api, method: &str, path: &str, file: &str) -> super::Response {
    let part = |name: &str, rest: &str, content: &str| {
        format!("--b\r\nContent-Disposition: form-data; name=\"{name}\"{rest}\r\n\r\n{content}\r\n")
    };
    let body = part("file", "; filename=\"a.gif\"\r\nContent-Type: image/gif", file) + "--b--\r\n";
    let headers = [KEY, "Content-Type: multipart/form-data; boundary=b"];
    let response = api.send_text(method, path, &body, &headers).await;
    response.check(method, path);
    response
}

#[tokio::test]
async fn a_picture_is_set_and_deleted() {
    let (api, user, _) = start().await;
    let path = format!("{}/profile_image", path_of(&user));
    let none = api.send("DELETE", &path, None).await.refusal();
    assert_eq!(none, refusal(404, "image_not_found"));
    assert_eq!(upload(&api, "POST", &path, "GIF89a…").await.ok()["has_image"], true);
    assert_eq!(api.get(&path_of(&user)).await.ok()["has_image"], true);
    let text = upload(&api, "POST", &path, "<svg/>").await.refusal();
    assert_eq!(text, refusal(400, "request_body_invalid"));
    let nothing = upload(&api, "POST", &path, "").await.refusal();
    assert_eq!(nothing, refusal(400, "form_param_missing file"));
    let json = api.send("POST", &path, Some(&json!({}))).await.refusal();
    assert_eq!(json, refusal(415, "unsupported_content_type"));
    assert_eq!(api.send("DELETE", &path, None).await.ok()["has_image"], false);
}

#[tokio::test]
async fn a_picture_of_more_than_ten_megabytes_is_refused() {
    let (api, user, _) = start().await;
    let path = format!("{}/profile_image", path_of(&user));
    let file = format!("GIF89a{}", "x".repeat(10 * 1024 * 1024));
    let refused = upload(&api, "POST", &path, &file).await.refusal();
    assert_eq!(refused, refusal(413, "image_too_large"));
}

#[tokio::test]
async fn several_users_are_banned_or_none() {
    let (api, user, other) = start().await;
    let partly = json!({ "user_ids": [user["id"], "user_nobody"] });
    let refused = api.send("POST", "/users/ban", Some(&partly)).await.refusal();
    assert_eq!(refused, refusal(404, "resource_not_found"));
    assert_eq!(api.get("/users/count?banned=true").await.ok()["total_count"], 0);
    let both = json!({ "user_ids": [user["id"], other["id"]] });
    let banned = api.send("POST", "/users/ban", Some(&both)).await;
    assert_eq!(banned.ids(), [text(&user, "id"), text(&other, "id")]);
    assert_eq!(api.get("/users/count?banned=true").await.ok()["total_count"], 2);
    api.send("POST", "/users/unban", Some(&both)).await.ok();
    assert_eq!(api.get("/users/count?banned=true").await.ok()["total_count"], 0);
    let none = api.send("POST", "/users/ban", Some(&json!({ "user_ids": [] }))).await.refusal();
    assert_eq!(none, refusal(422, "form_param_missing user_ids"));
    let many = json!({ "user_ids": vec![user["id"].clone(); 51] });
    let refused = api.send("POST", "/users/ban", Some(&many)).await.refusal();
    assert_eq!(refused, refusal(422, "form_param_array_size_exceeded user_ids"));
}
