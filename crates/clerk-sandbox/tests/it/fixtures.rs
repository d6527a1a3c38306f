//! Fixtures: users, organizations, memberships and roles of one's own.

use clerk_sandbox::{Fixtures, Options};
use serde_json::{Value, json};

use super::{Api, KEY, text};

const YAML: &str = "
permissions:
  - { key: 'org:invoices:create', name: Create invoices }
roles:
  - key: org:billing
    name: Billing
    permissions: [org:invoices:create, org:sys_billing:manage]
users:
  - id: user_jane
    email_address: Jane@Acme.example
    first_name: Jane
    password: a good password
    public_metadata: { plan: pro }
  - username: john_doe
    email_address: [john@acme.example, john2@acme.example]
organizations:
  - id: org_acme
    name: Acme
    created_by: jane@acme.example
memberships:
  - { organization: acme, user: john_doe, role: org:billing }
";

/// Sends fixtures as they are.
async fn send(api: &Api, text: &str) -> super::Response {
    let headers = [KEY, "Content-Type: application/yaml"];
    super::Response::parse(api.exchange("POST", "/sandbox/fixtures", text, &headers).await)
}

async fn check(api: &Api) {
    let jane = api.get("/users/user_jane").await.ok();
    assert_eq!(jane["email_addresses"][0]["email_address"], "jane@acme.example");
    assert_eq!(jane["public_metadata"], json!({ "plan": "pro" }));
    let john = text(&api.get("/users?username=john_doe").await.ok()[0], "id");
    let members = api.get("/organizations/org_acme/memberships?order_by=created_at").await.ok();
    let members = members["data"].as_array().unwrap();
    let roles: Vec<_> = members
        .iter()
        .map(|member| (text(&member["public_user_data"], "user_id"), text(member, "role")))
        .collect();
    assert_eq!(
        roles,
        [("user_jane".to_owned(), "org:admin".to_owned()), (john, "org:billing".to_owned())]
    );
    assert_eq!(members[1]["permissions"], json!(["org:invoices:create", "org:sys_billing:manage"]));
}

#[tokio::test]
async fn every_instance_starts_with_the_fixtures() {
    let fixtures = Some(Fixtures::parse(YAML).unwrap());
    let api = Api::with(Options { fixtures, ..Options::default() }).await;
    assert_eq!(api.get("/users/count").await.ok()["total_count"], 2);
    check(&api).await;
    api.send("DELETE", "/users/user_jane", None).await.ok();
    api.control("POST", "/reset", &Value::Null).await.ok();
    check(&api).await;
    let other = &["Authorization: Bearer sk_test_other"];
    assert_eq!(api.send_with("GET", "/users/user_jane", None, other).await.status, 200);
    let sign_in = json!({ "identifier": "jane@acme.example", "password": "a good password" });
    assert_eq!(api.control("POST", "/sign_ins", &sign_in).await.ok()["status"], "complete");
}

#[tokio::test]
async fn fixtures_are_added_at_run_time_as_a_whole_or_not_at_all() {
    let api = Api::with(Options { users: 0, ..Options::default() }).await;
    let added = send(&api, YAML).await.ok();
    assert_eq!((&added["users_count"], &added["organizations_count"]), (&json!(2), &json!(1)));
    check(&api).await;
    let json = json!({ "users": [{ "username": "third_one" }, { "username": "john_doe" }] });
    let refused = send(&api, &json.to_string()).await;
    assert_eq!(
        refused.refusal(),
        (422, vec!["form_identifier_exists users[1].username".to_owned()])
    );
    assert_eq!(api.get("/users/count").await.ok()["total_count"], 2);
    let json = json!({ "users": [{ "username": "third_one" }] });
    assert_eq!(send(&api, &json.to_string()).await.ok()["users_count"], 3);
    let events = api.control("GET", "/events", &Value::Null).await.ok();
    assert_eq!(events["total_count"], 0, "fixtures are what was there already");
}

#[tokio::test]
async fn mistakes_are_named_by_their_place() {
    let api = Api::with(Options { users: 0, ..Options::default() }).await;
    for (text, status, code) in [
        ("", 400, "request_body_invalid"),
        ("users: [", 400, "request_body_invalid"),
        ("- users", 400, "request_body_invalid"),
        ("people: []", 422, "form_param_unknown people"),
        ("users: {}", 422, "form_param_format_invalid users"),
        ("users: [{ x: 1, username: somebody }]", 422, "form_param_unknown users[0].x"),
        ("users: [{ id: jane, username: somebody }]", 422, "form_param_format_invalid users[0].id"),
        (
            "organizations: [{ name: Acme, created_by: nobody }]",
            422,
            "form_resource_not_found organizations[0].created_by",
        ),
        (
            "roles: [{ key: 'org:x', name: X, permissions: ['org:y:z'] }]",
            422,
            "form_resource_not_found roles[0].permissions",
        ),
        (
            "memberships: [{ organization: acme, user: jane, role: 'org:member' }]",
            422,
            "form_resource_not_found memberships[0].organization",
        ),
    ] {
        assert_eq!(send(&api, text).await.refusal(), (status, vec![code.to_owned()]), "{text}");
        if !text.is_empty() {
            assert!(Fixtures::parse(text).is_err(), "{text}");
        }
    }
    let error = Fixtures::parse("users: [{ username: x }]").unwrap_err().to_string();
    assert!(error.starts_with("users[0].username: Your username must be between"), "{error}");
}
