//! The settings of the instance, and the errors that its switches make.

use serde_json::{Value, json};

use super::{Api, start, text};

fn refusal(status: u16, code: &str) -> (u16, Vec<String>) {
    (status, vec![code.to_owned()])
}

async fn set_organizations(api: &Api, body: Value) -> Value {
    api.send("PATCH", "/instance/organization_settings", Some(&body)).await.ok()
}

#[tokio::test]
async fn settings_stay_as_they_were_set() {
    let api = Api::start().await;
    let body = json!({ "allowed_origins": ["https://a.example"], "test_mode": false, "support_email": "" });
    assert_eq!(api.send("PATCH", "/instance", Some(&body)).await.status, 204);
    assert_eq!(api.get("/instance").await.ok()["allowed_origins"], json!(["https://a.example"]));
    let wrong = json!({ "preferred_sign_in_strategy_when_password_required": "magic" });
    assert_eq!(api.send("PATCH", "/instance", Some(&wrong)).await.refusal().0, 422);
    let restrictions = json!({ "blocklist": true });
    let restrictions = api.send("PATCH", "/instance/restrictions", Some(&restrictions)).await.ok();
    assert_eq!(
        (&restrictions["blocklist"], &restrictions["allowlist"]),
        (&json!(true), &json!(false))
    );
    for (path, body) in [
        ("/instance/protect", json!({ "rules_enabled": true })),
        ("/instance/communication", json!({ "blocked_country_codes": ["DE", "US"] })),
        (
            "/instance/oauth_application_settings",
            json!({ "default_scopes": ["profile"], "oauth_jwt_access_tokens": true }),
        ),
        (
            "/instance/organization_settings",
            json!({ "max_allowed_memberships": 3, "slug_disabled": true }),
        ),
    ] {
        let changed = api.send("PATCH", path, Some(&body)).await.ok();
        assert_eq!(api.get(path).await.ok(), changed);
        for (name, value) in body.as_object().unwrap() {
            assert_eq!(&changed[name], value, "{path}");
        }
        let unknown = api.send("PATCH", path, Some(&json!({ "x": 1 }))).await.refusal();
        assert_eq!(unknown, refusal(422, "form_param_unknown x"));
    }
    let codes = json!({ "blocked_country_codes": ["Germany"] });
    let refused = api.send("PATCH", "/instance/communication", Some(&codes)).await.refusal();
    assert_eq!(refused, refusal(422, "form_param_format_invalid blocked_country_codes"));
    let beta = json!({ "restricted_to_allowlist": true, "from_email_address": "hello" });
    let beta = api.send("PATCH", "/beta_features/instance_settings", Some(&beta)).await.ok();
    assert_eq!(
        (&beta["restricted_to_allowlist"], &beta["from_email_address"]),
        (&json!(true), &json!("hello"))
    );
}

#[tokio::test]
async fn without_organizations_nothing_of_them_is_there() {
    let (api, user, _) = start().await;
    set_organizations(&api, json!({ "enabled": false })).await;
    let memberships = format!("/users/{}/organization_memberships", text(&user, "id"));
    for path in [
        "/organizations",
        "/organization_roles",
        "/role_sets",
        "/organization_memberships",
        &memberships,
    ] {
        let refused = api.get(path).await.refusal();
        assert_eq!(refused, refusal(403, "organization_not_enabled_in_instance"), "{path}");
    }
    let body = json!({ "name": "Acme" });
    assert_eq!(api.send("POST", "/organizations", Some(&body)).await.refusal().0, 403);
    api.get("/users").await.ok();
    set_organizations(&api, json!({ "enabled": true })).await;
    api.send("POST", "/organizations", Some(&body)).await.ok();
}

#[tokio::test]
async fn without_slugs_none_is_taken() {
    let api = Api::start().await;
    set_organizations(&api, json!({ "slug_disabled": true })).await;
    let body = json!({ "name": "Acme", "slug": "acme" });
    let refused = api.send("POST", "/organizations", Some(&body)).await.refusal();
    assert_eq!(refused, refusal(403, "organization_slugs_disabled slug"));
    let made = api.send("POST", "/organizations", Some(&json!({ "name": "Acme" }))).await.ok();
    let path = format!("/organizations/{}", text(&made, "id"));
    let refused = api.send("PATCH", &path, Some(&json!({ "slug": "other" }))).await.refusal();
    assert_eq!(refused, refusal(403, "organization_slugs_disabled slug"));
}

#[tokio::test]
async fn new_organizations_follow_the_settings() {
    let (api, user, _) = start().await;
    let role = json!({ "name": "Owner", "key": "org:owner" });
    let role = api.send("POST", "/organization_roles", Some(&role)).await.ok();
    let refused = json!({ "creator_role_id": role["id"] });
    let refused =
        api.send("PATCH", "/instance/organization_settings", Some(&refused)).await.refusal();
    assert_eq!(
        refused,
        refusal(422, "organization_missing_creator_role_permissions creator_role_id")
    );
    let permissions = api.get("/organization_permissions?limit=100").await.ids();
    let path = format!("/organization_roles/{}", text(&role, "id"));
    api.send("PATCH", &path, Some(&json!({ "permissions": permissions }))).await.ok();
    let settings = set_organizations(
        &api,
        json!({ "creator_role_id": role["id"], "max_allowed_memberships": 2, "admin_delete_enabled": false }),
    )
    .await;
    assert_eq!(settings["creator_role"], "org:owner");
    let body = json!({ "name": "Acme", "created_by": user["id"] });
    let made = api.send("POST", "/organizations", Some(&body)).await.ok();
    assert_eq!(
        (&made["max_allowed_memberships"], &made["admin_delete_enabled"]),
        (&json!(2), &json!(false))
    );
    let members = api.get(&format!("/organizations/{}/memberships", text(&made, "id"))).await.ok();
    assert_eq!(members["data"][0]["role"], "org:owner");
}

#[tokio::test]
async fn domains_of_organizations_follow_the_settings() {
    let api = Api::start().await;
    let organization = api.get("/organizations?limit=1").await.ids().remove(0);
    let path = format!("/organizations/{organization}/domains");
    set_organizations(&api, json!({ "domains_enrollment_modes": ["manual_invitation"] })).await;
    let body = json!({ "name": "acme.example", "enrollment_mode": "automatic_invitation" });
    let refused = api.send("POST", &path, Some(&body)).await.refusal();
    assert_eq!(
        refused,
        refusal(403, "organization_domain_enrollment_mode_not_enabled enrollment_mode")
    );
    let common = json!({ "name": "gmail.com" });
    let refused = api.send("POST", &path, Some(&common)).await.refusal();
    assert_eq!(refused, refusal(422, "organization_domain_common name"));
    set_organizations(&api, json!({ "domains_enabled": false })).await;
    let body = json!({ "name": "acme.example" });
    let refused = api.send("POST", &path, Some(&body)).await.refusal();
    assert_eq!(refused, refusal(403, "organization_domains_not_enabled"));
    set_organizations(&api, json!({ "domains_enabled": true })).await;
    let made = api.send("POST", &path, Some(&body)).await.ok();
    assert_eq!(made["verification"]["status"], "verified", "unless the request says otherwise");
}

#[tokio::test]
async fn restrictions_keep_users_out() {
    let (api, _, _) = start().await;
    let user = |email: &str| json!({ "email_address": [email] });
    for identifier in ["bad@a.example", "*@evil.example"] {
        let body = json!({ "identifier": identifier });
        api.send("POST", "/blocklist_identifiers", Some(&body)).await.ok();
    }
    api.send("POST", "/users", Some(&user("bad@a.example"))).await.ok();
    let body = json!({ "blocklist": true, "block_email_subaddresses": true, "block_disposable_email_domains": true });
    api.send("PATCH", "/instance/restrictions", Some(&body)).await.ok();
    for email in ["Someone@Evil.example", "one+again@test.example", "a@mailinator.com"] {
        let refused = api.send("POST", "/users", Some(&user(email))).await.refusal();
        assert_eq!(refused, refusal(403, "not_allowed_access"), "{email}");
    }
    api.send("POST", "/users", Some(&user("good+one@a.example"))).await.ok();
}

#[tokio::test]
async fn lists_of_the_whole_instance_have_orders_and_filters() {
    let (api, user, other) = start().await;
    let body = json!({ "name": "Acme", "created_by": user["id"] });
    let organization = api.send("POST", "/organizations", Some(&body)).await.ok();
    let path = format!("/organizations/{}", text(&organization, "id"));
    let member = json!({ "user_id": other["id"], "role": "org:member" });
    api.send("POST", &format!("{path}/memberships"), Some(&member)).await.ok();
    for email in ["b@x.example", "a@x.example"] {
        let body = json!({ "email_address": email, "role": "org:member" });
        api.send("POST", &format!("{path}/invitations"), Some(&body)).await.ok();
    }
    let memberships = api.get("/organization_memberships?order_by=username").await.ok();
    assert_eq!(memberships["data"][0]["public_user_data"]["username"], "other_one");
    let invitations =
        api.get("/organization_invitations?order_by=email_address&status=pending").await.ok();
    let first = &invitations["data"][0];
    assert_eq!(
        (&first["email_address"], &first["public_organization_data"]["name"]),
        (&json!("a@x.example"), &json!("Acme"))
    );
    assert_eq!(api.get("/organization_invitations?query=B@X").await.ok()["total_count"], 1);
}
