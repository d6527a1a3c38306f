//! Joining organizations and leaving them.

use clerk_sandbox::Options;
use serde_json::{Value, json};

use super::{Api, Response, number, path_of, start, text};

/// An organization that the user administers, with room for so many.
async fn organization(api: &Api, user: &Value, most: u64) -> String {
    let body = json!({ "name": "Acme", "created_by": user["id"], "max_allowed_memberships": most });
    let organization = api.send("POST", "/organizations", Some(&body)).await.ok();
    format!("/organizations/{}/memberships", text(&organization, "id"))
}

fn of(path: &str, user: &Value) -> String {
    format!("{path}/{}", text(user, "id"))
}

async fn join(api: &Api, path: &str, user: &Value, role: &str) -> Response {
    api.send("POST", path, Some(&json!({ "user_id": user["id"], "role": role }))).await
}

async fn members(api: &Api, path: &str) -> Vec<Value> {
    api.get(path).await.ok()["data"].as_array().unwrap().clone()
}

fn refusal(status: u16, code: &str) -> (u16, Vec<String>) {
    (status, vec![code.to_owned()])
}

#[tokio::test]
async fn a_user_joins_an_organization() {
    let (api, user, other) = start().await;
    let path = organization(&api, &user, 5).await;
    let body = json!({
        "user_id": other["id"],
        "role": "org:member",
        "public_metadata": { "seat": 2 },
        "private_metadata": null,
    });
    let membership = api.send("POST", &path, Some(&body)).await.ok();
    assert!(text(&membership, "id").starts_with("orgmem_2"));
    assert_eq!(membership["role"], "org:member");
    assert_eq!(membership["permissions"].as_array().unwrap().len(), 2);
    assert_eq!(membership["public_metadata"], json!({ "seat": 2 }));
    assert_eq!(membership["private_metadata"], json!({}));
    assert_eq!(membership["public_user_data"]["user_id"], other["id"]);
    assert_eq!(membership["updated_at"], membership["created_at"]);
    assert!(number(&membership, "created_at") > number(&other, "created_at"));
    assert_eq!(members(&api, &path).await[0], membership, "newest first");
    let of_user = format!("{}/organization_memberships", path_of(&other));
    assert_eq!(members(&api, &of_user).await, [membership]);
    let counted = path.replace("/memberships", "?include_members_count=true");
    assert_eq!(api.get(&counted).await.ok()["members_count"], 2);
    let id = path.split('/').nth(2).unwrap();
    assert_eq!(api.get(&format!("/users?organization_id={id}")).await.ids().len(), 2);
}

#[tokio::test]
async fn invalid_memberships_are_refused() {
    let (api, user, other) = start().await;
    let path = organization(&api, &user, 2).await;
    let nobody = json!({ "id": "user_nobody" });
    for (user, role, expected) in [
        (&nobody, "org:member", refusal(404, "resource_not_found")),
        (&other, "org:owner", refusal(404, "resource_not_found role")),
        (&other, "admin", refusal(404, "resource_not_found role")),
        (&other, "", refusal(422, "form_param_missing role")),
        (&user, "org:member", refusal(400, "already_a_member_in_organization")),
    ] {
        assert_eq!(join(&api, &path, user, role).await.refusal(), expected, "{role}");
    }
    let post = async |path: &str, body: Value| api.send("POST", path, Some(&body)).await.refusal();
    let missing = ["form_param_missing user_id", "form_param_missing role"].map(str::to_owned);
    assert_eq!(post(&path, json!({})).await, (422, missing.to_vec()));
    let whole = json!({ "user_id": other["id"], "role": "org:admin" });
    let nowhere = "/organizations/org_none/memberships";
    assert_eq!(post(nowhere, whole.clone()).await, refusal(404, "resource_not_found"));
    let mut more = whole.clone();
    more["seat"] = json!(1);
    assert_eq!(post(&path, more).await, refusal(422, "form_param_unknown seat"));
    assert_eq!(members(&api, &path).await.len(), 1, "nobody joined");

    join(&api, &path, &other, "org:member").await.ok();
    let third = api.send("POST", "/users", Some(&json!({ "username": "third" }))).await.ok();
    let full = refusal(403, "organization_membership_quota_exceeded");
    assert_eq!(join(&api, &path, &third, "org:member").await.refusal(), full);
    let again = refusal(400, "already_a_member_in_organization");
    assert_eq!(join(&api, &path, &other, "org:member").await.refusal(), again);
    api.send("DELETE", &of(&path, &other), None).await.ok();
    join(&api, &path, &third, "org:member").await.ok();
}

#[tokio::test]
async fn an_organization_without_a_limit_takes_any_number_of_members() {
    let api = Api::start().await;
    let users = api.get("/users?limit=20").await.ok();
    let path = organization(&api, &users[0], 0).await;
    for user in &users.as_array().unwrap()[1..] {
        join(&api, &path, user, "org:member").await.ok();
    }
    assert_eq!(api.get(&path).await.ok()["total_count"], 20);
}

#[tokio::test]
async fn another_role() {
    let (api, user, other) = start().await;
    let path = organization(&api, &user, 5).await;
    let before = join(&api, &path, &other, "org:member").await.ok();
    let change =
        async |user: &Value, body: Value| api.send("PATCH", &of(&path, user), Some(&body)).await;
    let after = change(&other, json!({ "role": "org:admin" })).await.ok();
    assert_eq!((&after["role"], &after["role_name"]), (&json!("org:admin"), &json!("Admin")));
    assert_eq!(after["permissions"].as_array().unwrap().len(), 8);
    assert_eq!((&after["id"], &after["created_at"]), (&before["id"], &before["created_at"]));
    assert!(number(&after, "updated_at") > number(&before, "updated_at"));
    assert!(members(&api, &path).await.contains(&after));
    let demoted = change(&user, json!({ "role": "org:member" })).await.ok();
    assert_eq!(demoted["role"], "org:member");

    let last = change(&other, json!({ "role": "org:member" })).await.refusal();
    assert_eq!(last, refusal(400, "organization_minimum_permissions_needed"));
    change(&other, json!({ "role": "org:admin" })).await.ok();
    let nobody = json!({ "id": "user_nobody" });
    let admin = json!({ "role": "org:admin" });
    assert_eq!(change(&nobody, admin.clone()).await.refusal(), refusal(404, "resource_not_found"));
    let unknown = change(&user, json!({ "role": "org:owner" })).await.refusal();
    assert_eq!(unknown, refusal(404, "resource_not_found role"));
    let missing = change(&user, json!({})).await.refusal();
    assert_eq!(missing, refusal(422, "form_param_missing role"));
    let nowhere = of("/organizations/org_none/memberships", &user);
    let response = api.send("PATCH", &nowhere, Some(&admin)).await.refusal();
    assert_eq!(response, refusal(404, "resource_not_found"));
}

#[tokio::test]
async fn a_member_leaves_an_organization() {
    let (api, user, other) = start().await;
    let path = organization(&api, &user, 5).await;
    let membership = join(&api, &path, &other, "org:member").await.ok();
    let last = api.send("DELETE", &of(&path, &user), None).await.refusal();
    assert_eq!(last, refusal(400, "organization_minimum_permissions_needed"));
    assert_eq!(api.send("DELETE", &of(&path, &other), None).await.ok(), membership);
    assert_eq!(members(&api, &path).await.len(), 1);
    let of_user = format!("{}/organization_memberships", path_of(&other));
    assert!(members(&api, &of_user).await.is_empty());
    let id = path.split('/').nth(2).unwrap();
    assert_eq!(api.get(&format!("/users?organization_id={id}")).await.ids().len(), 1);
    let gone = api.send("DELETE", &of(&path, &other), None).await.refusal();
    assert_eq!(gone, refusal(404, "resource_not_found"));
    let again = join(&api, &path, &other, "org:admin").await.ok();
    assert_ne!(again["id"], membership["id"]);
    assert_eq!(api.send("DELETE", &of(&path, &user), None).await.status, 200, "another remains");
}

/// 10 in 10 seconds for each membership, and no limit for joining and leaving.
#[tokio::test]
async fn changes_are_limited() {
    let options = Options { users: 0, rate_limit: Some(1_000), ..Options::default() };
    let api = Api::with(options).await;
    let (user, other) = super::two_users(&api).await;
    let path = organization(&api, &user, 5).await;
    join(&api, &path, &other, "org:member").await.ok();
    let body = json!({ "role": "org:admin" });
    for round in 0..10 {
        let response = api.send("PATCH", &of(&path, &user), Some(&body)).await;
        assert_eq!(response.status, 200, "{round}");
    }
    let response = api.send("PATCH", &of(&path, &user), Some(&body)).await;
    assert_eq!(response.refusal(), refusal(429, "too_many_requests"));
    assert_eq!(api.send("PATCH", &of(&path, &other), Some(&body)).await.status, 200);
    assert_eq!(api.send("DELETE", &of(&path, &user), None).await.status, 200);
}
