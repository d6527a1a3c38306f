//! Creating, changing and deleting roles and permissions.

use serde_json::json;

use super::{Api, start, text};

fn refusal(status: u16, code: &str) -> (u16, Vec<String>) {
    (status, vec![code.to_owned()])
}

#[tokio::test]
async fn a_role_is_created_assigned_renamed_and_deleted_once_no_member_has_it() {
    let (api, user, _) = start().await;
    let body = json!({ "name": "Read reports", "key": "org:reports:read" });
    let permission = api.send("POST", "/organization_permissions", Some(&body)).await.ok();
    let permission_id = text(&permission, "id");
    let body = json!({ "name": "Auditor", "key": "org:auditor", "permissions": [permission_id] });
    let role = api.send("POST", "/organization_roles", Some(&body)).await.ok();
    assert_eq!(role["permissions"], json!([permission]));
    let path = format!("/organization_roles/{}", text(&role, "id"));
    assert_eq!(api.get(&path).await.ok(), role);

    let body = json!({ "name": "Acme", "max_allowed_memberships": 0 });
    let organization = api.send("POST", "/organizations", Some(&body)).await.ok();
    let members = format!("/organizations/{}/memberships", text(&organization, "id"));
    let body = json!({ "user_id": user["id"], "role": "org:auditor" });
    let member = api.send("POST", &members, Some(&body)).await.ok();
    assert_eq!(
        (&member["role"], &member["role_name"], &member["permissions"]),
        (&json!("org:auditor"), &json!("Auditor"), &json!(["org:reports:read"]))
    );
    let renamed = api.send("PATCH", &path, Some(&json!({ "key": "org:reader" }))).await.ok();
    assert_eq!((&renamed["key"], &renamed["name"]), (&json!("org:reader"), &json!("Auditor")));
    let listed = api.get(&format!("{members}?role=org:reader")).await.ok();
    assert_eq!(listed["total_count"], 1);
    let refused = api.send("DELETE", &path, None).await.refusal();
    assert_eq!(refused, refusal(422, "organization_role_assigned_members"));

    let body = json!({ "email_address": "new@example.com", "role": "org:reader" });
    let invitations = format!("/organizations/{}/invitations", text(&organization, "id"));
    let invitation = api.send("POST", &invitations, Some(&body)).await.ok();
    assert_eq!(invitation["role_name"], "Auditor");
    api.send("DELETE", &format!("{members}/{}", text(&user, "id")), None).await.ok();
    let refused = api.send("DELETE", &path, None).await.refusal();
    assert_eq!(refused, refusal(422, "organization_role_exists_in_invitations"));
    let revoke = format!("{invitations}/{}/revoke", text(&invitation, "id"));
    api.send("POST", &revoke, None).await.ok();
    assert_eq!(api.send("DELETE", &path, None).await.ok()["deleted"], true);
    assert_eq!(api.get(&path).await.refusal(), refusal(404, "resource_not_found"));
}

#[tokio::test]
async fn a_permission_is_added_to_a_role_and_removed() {
    let api = Api::start().await;
    let roles = api.get("/organization_roles?query=org:member").await.ok();
    let role = format!("/organization_roles/{}", text(&roles["data"][0], "id"));
    let body = json!({ "name": "Read reports", "key": "org:reports:read" });
    let permission = api.send("POST", "/organization_permissions", Some(&body)).await.ok();
    let one = format!("/organization_permissions/{}", text(&permission, "id"));
    let of_role = format!("{role}/permissions/{}", text(&permission, "id"));
    let given = api.send("POST", &of_role, None).await.ok();
    assert_eq!(given["permissions"].as_array().unwrap().len(), 3);
    let again = api.send("POST", &of_role, None).await.refusal();
    assert_eq!(again, refusal(409, "organization_role_permission_association_exists"));
    let changed = api.send("PATCH", &one, Some(&json!({ "name": "See reports" }))).await.ok();
    assert_eq!(changed["name"], "See reports");
    assert_eq!(api.get(&role).await.ok()["permissions"][2]["name"], "See reports");
    api.send("DELETE", &of_role, None).await.ok();
    let again = api.send("DELETE", &of_role, None).await.refusal();
    assert_eq!(again, refusal(404, "organization_role_permission_association_not_found"));
    api.send("POST", &of_role, None).await.ok();
    api.send("DELETE", &one, None).await.ok();
    assert_eq!(api.get(&one).await.refusal().0, 404);
    assert_eq!(api.get(&role).await.ok()["permissions"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn invalid_roles_and_permissions_are_refused() {
    let api = Api::start().await;
    let cases = [
        (
            "/organization_roles",
            json!({ "name": "A", "key": "auditor" }),
            "form_param_format_invalid key",
        ),
        (
            "/organization_roles",
            json!({ "name": "A", "key": "org:admin" }),
            "form_identifier_exists key",
        ),
        ("/organization_roles", json!({ "key": "org:a" }), "form_param_missing name"),
        (
            "/organization_permissions",
            json!({ "name": "A", "key": "org:a" }),
            "form_param_format_invalid key",
        ),
        (
            "/organization_permissions",
            json!({ "name": "A", "key": "org:sys_a:b" }),
            "form_param_format_invalid key",
        ),
        ("/organization_permissions", json!({ "name": "A" }), "form_param_missing key"),
    ];
    for (path, body, expected) in cases {
        let refused = api.send("POST", path, Some(&body)).await.refusal();
        assert_eq!(refused, refusal(422, expected), "{body}");
    }
    let unknown = json!({ "name": "A", "key": "org:a", "permissions": ["perm_none"] });
    assert_eq!(api.send("POST", "/organization_roles", Some(&unknown)).await.refusal().0, 404);
    let system = api.get("/organization_permissions?query=org:sys_profile:manage").await.ok();
    let system = format!("/organization_permissions/{}", text(&system["data"][0], "id"));
    let refused = api.send("DELETE", &system, None).await.refusal();
    assert_eq!(refused, refusal(403, "organization_system_permission_not_modifiable"));
    let admin = api.get("/organization_roles?query=org:admin").await.ok();
    let admin = format!("/organization_roles/{}", text(&admin["data"][0], "id"));
    let refused = api.send("DELETE", &admin, None).await.refusal();
    assert_eq!(refused, refusal(422, "organization_role_default_creator_role"));
}

#[tokio::test]
async fn roles_permissions_and_domains_have_quotas() {
    let (api, _, _) = start().await;
    let acme = api.send("POST", "/organizations", Some(&json!({ "name": "Acme" }))).await.ok();
    let domains = format!("/organizations/{}/domains", text(&acme, "id"));
    for (path, most, code) in [
        ("/organization_roles", 10, "organization_instance_roles_quota_exceeded"),
        ("/organization_permissions", 50, "organization_instance_permissions_quota_exceeded"),
        (domains.as_str(), 10, "organization_domain_quota_exceeded"),
    ] {
        let body = |number: usize| match path {
            "/organization_roles" => json!({ "name": "R", "key": format!("org:r{number}") }),
            "/organization_permissions" => {
                json!({ "name": "P", "key": format!("org:p{number}:read") })
            }
            _ => {
                json!({ "name": format!("d{number}.example"), "enrollment_mode": "manual_invitation" })
            }
        };
        for number in 0..most {
            api.send("POST", path, Some(&body(number))).await.ok();
        }
        let refused = api.send("POST", path, Some(&body(most))).await.refusal();
        assert_eq!(refused, refusal(403, code));
    }
}
