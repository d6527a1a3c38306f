//! Keys, versions, routes, and how requests are refused.

use serde_json::{Value, json};
use testing::Contract;

use super::{Api, KEY};

#[tokio::test]
async fn only_secret_keys_are_taken() {
    let api = Api::start().await;
    for (headers, code) in [
        (&[][..], "authentication_invalid"),
        (&["Authorization: sk_test_1"], "authorization_header_format_invalid"),
        (&["Authorization: Basic sk_test_1"], "authorization_header_format_invalid"),
        (&["Authorization: Bearer sk_other_1"], "clerk_key_invalid"),
        (&["Authorization: Bearer pk_test_1"], "clerk_key_invalid"),
        (&["Authorization: Bearer sk_test"], "clerk_key_invalid"),
    ] {
        for path in ["/users", "/nowhere"] {
            let response = api.send_with("GET", path, None, headers).await;
            assert_eq!(response.refusal(), (401, vec![code.to_owned()]), "{headers:?} {path}");
        }
    }
    let headers = &["Authorization: bearer sk_test_anything"];
    assert_eq!(api.send_with("GET", "/users", None, headers).await.status, 200);
}

#[tokio::test]
async fn api_versions() {
    let api = Api::start().await;
    for version in ["2021-02-05", "2024-10-01", "2025-04-10", "2025-11-10", "2026-05-12"] {
        let header = format!("Clerk-API-Version: {version}");
        let response = api.send_with("GET", "/users", None, &[KEY, &header]).await;
        assert_eq!(response.status, 200, "{version}");
        let path = format!("/users?__clerk_api_version={version}");
        assert_eq!(api.send_with("GET", &path, None, &[KEY]).await.status, 200, "{version}");
        let both = api.send_with("GET", &path, None, &[KEY, &header]).await;
        assert_eq!(both.refusal(), (400, vec!["api_version_invalid".to_owned()]));
    }
    let header = "Clerk-API-Version: 2025-03-12";
    let unknown = api.send_with("GET", "/users", None, &[KEY, header]).await;
    assert_eq!(unknown.refusal(), (400, vec!["api_version_invalid".to_owned()]));
    let unknown = api.send_with("GET", "/users?__clerk_api_version=", None, &[KEY]).await;
    assert_eq!(unknown.refusal(), (400, vec!["api_version_invalid".to_owned()]));
}

#[tokio::test]
async fn refusals_of_queries() {
    let api = Api::start().await;
    let id = api.get("/users?limit=1").await.ids().remove(0);
    let many = "email_address=a%40example.com&".repeat(101);
    for (path, status, codes) in [
        ("/nowhere", 404, &["resource_not_found"][..]),
        ("/users/", 404, &["resource_not_found"]),
        ("/users/user_nobody", 404, &["resource_not_found"]),
        ("/users/%FF", 404, &["resource_not_found"]),
        ("/organizations/org_none", 404, &["resource_not_found"]),
        ("/sessions/sess_none", 404, &["resource_not_found"]),
        ("/users?bogus=1&bogus=2", 422, &["form_param_unknown bogus"]),
        ("/users/count?limit=1", 422, &["form_param_unknown limit"]),
        ("/users/count?offset=0", 422, &["form_param_unknown offset"]),
        ("/users/count?order_by=username", 422, &["form_param_unknown order_by"]),
        ("/users/count?starting_after=x", 422, &["form_param_unknown starting_after"]),
        ("/users/user_nobody?a=1", 422, &["form_param_unknown a"]),
        ("/organizations?status=active", 422, &["form_param_unknown status"]),
        ("/users?limit=0", 422, &["form_param_value_invalid limit"]),
        ("/users?limit=501", 422, &["form_param_value_invalid limit"]),
        ("/users?limit=10.0", 422, &["form_param_value_invalid limit"]),
        ("/users?limit=", 422, &["form_param_value_invalid limit"]),
        ("/users?offset=-1", 422, &["form_param_value_invalid offset"]),
        ("/users?banned=yes", 422, &["form_param_value_invalid banned"]),
        ("/users?order_by=age", 422, &["form_param_value_invalid order_by"]),
        ("/users?created_at_after=2024-10-29", 422, &["form_param_invalid_date created_at_after"]),
        ("/users?provider=oauth_google", 422, &["form_param_missing provider_user_id"]),
        ("/users?provider_user_id=1", 422, &["form_param_missing provider"]),
        ("/users?starting_after=user_nobody", 422, &["form_resource_not_found starting_after"]),
        (&format!("/users?{many}"), 422, &["form_param_array_size_exceeded email_address"]),
        (
            &format!("/users?starting_after={id}&order_by=username"),
            422,
            &["form_param_value_invalid order_by"],
        ),
        (
            &format!("/users?starting_after={id}&offset=1"),
            422,
            &["form_param_value_invalid offset"],
        ),
        ("/organizations?order_by=slug", 422, &["form_param_value_invalid order_by"]),
        ("/sessions", 400, &["missing_query_parameter"]),
        ("/sessions?user_id=u&status=pending", 422, &["form_param_value_invalid status"]),
        ("/sessions?user_id=u&status=ACTIVE", 422, &["form_param_value_invalid status"]),
        ("/sessions?user_id=u&paginated=1", 422, &["form_param_value_invalid paginated"]),
        (
            "/users?limit=x&offset=y&bogus=z",
            422,
            &[
                "form_param_value_invalid limit",
                "form_param_value_invalid offset",
                "form_param_unknown bogus",
            ],
        ),
    ] {
        let refusal = api.get(path).await.refusal();
        assert_eq!(refusal, (status, codes.iter().map(ToString::to_string).collect()), "{path}");
    }
}

/// A parameter that the sandbox reads is refused for its value; one that it does not read is unknown.
#[tokio::test]
async fn every_parameter_and_field_of_the_file_is_known() {
    let api = Api::start().await;
    for operation in Contract::clerk().operations() {
        let (method, template) = (operation.method, operation.path);
        let user = api.get("/users?limit=1").await.ids().remove(0);
        let path = template.replace("{user_id}", &user);
        let query = operation.query_parameters().into_iter().map(|name| format!("{name}=%20"));
        let query: Vec<_> = query.collect();
        let fields = operation.body_fields().into_keys();
        let body = Value::Object(fields.map(|name| (name.to_owned(), json!([[]]))).collect());
        let path = format!("{path}?{}", query.join("&"));
        let response = api.raw(method, &path, Some(&body)).await;
        assert!(
            !response.text.contains("form_param_unknown"),
            "{method} {template}: {}",
            response.text
        );
    }
}

#[tokio::test]
async fn an_unknown_method_is_405() {
    let api = Api::start().await;
    let response = api.send("DELETE", "/users", None).await;
    assert!(response.head.contains("allow: GET,HEAD,POST"), "{}", response.head);
    assert_eq!(response.refusal(), (405, vec!["method_not_allowed".to_owned()]));
}

#[tokio::test]
async fn unreadable_bodies_are_refused() {
    let api = Api::start().await;
    let json = &[KEY, "Content-Type: application/json; charset=utf-8"][..];
    let long = format!(r#"{{"first_name":"{}"}}"#, "x".repeat(1024 * 1024));
    for (headers, body, status, code) in [
        (&[KEY][..], "{}", 415, "unsupported_content_type"),
        (&[KEY, "Content-Type: text/plain"], "{}", 415, "unsupported_content_type"),
        (json, "", 400, "request_body_invalid"),
        (json, "{", 400, "request_body_invalid"),
        (json, "[]", 400, "request_body_invalid"),
        (json, "{} {}", 400, "request_body_invalid"),
        (json, &long, 413, "request_body_too_large"),
    ] {
        let response = api.send_text("POST", "/users", body, headers).await;
        response.check("POST", "/users");
        assert_eq!(response.refusal(), (status, vec![code.to_owned()]));
    }
}

#[tokio::test]
async fn the_root_describes_the_sandbox() {
    let api = Api::start().await;
    let welcome = api.exchange("GET", "/", "", &[]).await;
    let welcome = String::from_utf8(welcome).unwrap();
    let example = format!("sk_test_sandbox' http://{}/v1/users", api.address);
    assert!(welcome.contains(&example), "{welcome}");
}
