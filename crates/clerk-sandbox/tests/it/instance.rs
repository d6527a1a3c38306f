//! What belongs to the instance: invitations to it, JWT templates, actor tokens, domains.

use serde_json::{Value, json};

use super::{Api, start, text};

fn refusal(status: u16, code: &str) -> (u16, Vec<String>) {
    (status, vec![code.to_owned()])
}

#[tokio::test]
async fn an_invitation_to_the_application_is_created_listed_and_revoked_once() {
    let (api, user, _) = start().await;
    let body = json!({ "email_address": "Nia@Example.com", "public_metadata": { "a": 1 } });
    let made = api.send("POST", "/invitations", Some(&body)).await.ok();
    assert_eq!(
        (&made["email_address"], &made["status"]),
        (&json!("nia@example.com"), &json!("pending"))
    );
    let again = api.send("POST", "/invitations", Some(&body)).await.refusal();
    assert_eq!(again, refusal(400, "duplicate_record email_address"));
    let body = json!({ "email_address": "nia@example.com", "ignore_existing": true });
    api.send("POST", "/invitations", Some(&body)).await.ok();
    let member = json!({ "email_address": user["email_addresses"][0]["email_address"] });
    let refused = api.send("POST", "/invitations", Some(&member)).await.refusal();
    assert_eq!(refused, refusal(422, "form_identifier_exists email_address"));
    let two = json!([{ "email_address": "a@x.example" }, { "email_address": "b@x.example" }]);
    let many = api.send("POST", "/invitations/bulk", Some(&two)).await.ok();
    assert_eq!(many.as_array().unwrap().len(), 2);
    let partly = json!([{ "email_address": "c@x.example" }, { "email_address": "b@x.example" }]);
    api.send("POST", "/invitations/bulk", Some(&partly)).await.refusal();
    assert_eq!(api.get("/invitations?query=x.example").await.ids().len(), 2, "all or none");
    let revoke = format!("/invitations/{}/revoke", text(&made, "id"));
    assert_eq!(api.send("POST", &revoke, None).await.ok()["revoked"], true);
    let again = api.send("POST", &revoke, None).await.refusal();
    assert_eq!(again, refusal(400, "invitation_already_revoked"));
    assert_eq!(api.get("/invitations?status=revoked").await.ids(), [text(&made, "id")]);
}

#[tokio::test]
async fn many_are_invited_to_an_organization_or_none() {
    let (api, user, _) = start().await;
    let body = json!({ "name": "Acme", "created_by": user["id"] });
    let organization = api.send("POST", "/organizations", Some(&body)).await.ok();
    let path = format!("/organizations/{}/invitations", text(&organization, "id"));
    let to = |email: &str| json!({ "email_address": email, "role": "org:member" });
    let bulk = format!("{path}/bulk");
    let twice = json!([to("a@x.example"), to("a@x.example")]);
    assert_eq!(
        api.send("POST", &bulk, Some(&twice)).await.refusal(),
        refusal(400, "organization_invitation_not_unique")
    );
    assert_eq!(api.get(&path).await.ok()["total_count"], 0);
    let two = json!([to("a@x.example"), to("b@x.example")]);
    assert_eq!(api.send("POST", &bulk, Some(&two)).await.ok()["total_count"], 2);
    let body = json!({ "email_address": ["b@x.example"] });
    let invited = api.send("POST", "/users", Some(&body)).await.ok();
    let of_user = format!("/users/{}/organization_invitations", text(&invited, "id"));
    assert_eq!(api.get(&of_user).await.ok()["total_count"], 1);
    assert_eq!(api.get(&format!("{of_user}?status=revoked")).await.ok()["total_count"], 0);
}

#[tokio::test]
async fn a_jwt_template_is_created_updated_and_deleted() {
    let api = Api::start().await;
    let seeded = api.get("/jwt_templates").await.ok();
    assert_eq!(seeded.as_array().unwrap().len(), 2);
    let body = json!({ "name": "api", "claims": { "aud": "api" }, "lifetime": 90 });
    let made = api.send("POST", "/jwt_templates", Some(&body)).await.ok();
    assert_eq!((&made["lifetime"], &made["allowed_clock_skew"]), (&json!(90), &json!(5)));
    let again = api.send("POST", "/jwt_templates", Some(&body)).await.refusal();
    assert_eq!(again, refusal(422, "form_identifier_exists name"));
    let path = format!("/jwt_templates/{}", text(&made, "id"));
    let body = json!({ "name": "api", "claims": { "aud": "v2" } });
    let changed = api.send("PATCH", &path, Some(&body)).await.ok();
    assert_eq!((&changed["claims"]["aud"], &changed["lifetime"]), (&json!("v2"), &json!(90)));
    assert_eq!(api.get(&path).await.ok(), changed);
    for (body, expected) in [
        (json!({ "name": "x" }), "form_param_missing claims"),
        (json!({ "name": "x", "claims": {}, "lifetime": 1 }), "form_param_value_invalid lifetime"),
        (
            json!({ "name": "x", "claims": {}, "custom_signing_key": true }),
            "form_param_missing signing_key",
        ),
    ] {
        let refused = api.send("POST", "/jwt_templates", Some(&body)).await.refusal();
        assert_eq!(refused, refusal(422, expected), "{body}");
    }
    let reserved = json!({ "name": "x", "claims": { "sub": "me" } });
    let refused = api.send("POST", "/jwt_templates", Some(&reserved)).await.refusal();
    assert_eq!(refused, refusal(400, "jwt_template_reserved_claim"));
    assert_eq!(api.send("DELETE", &path, None).await.ok()["deleted"], true);
    assert_eq!(api.get(&path).await.refusal(), refusal(404, "resource_not_found"));
}

#[tokio::test]
async fn an_actor_token_is_revoked_once() {
    let (api, user, _) = start().await;
    let body = json!({ "user_id": user["id"], "actor": { "sub": "user_support" } });
    let made = api.send("POST", "/actor_tokens", Some(&body)).await.ok();
    assert_eq!((&made["status"], made["token"].is_string()), (&json!("pending"), true));
    let revoke = format!("/actor_tokens/{}/revoke", text(&made, "id"));
    let revoked = api.send("POST", &revoke, None).await.ok();
    assert_eq!((&revoked["status"], revoked.get("token")), (&json!("revoked"), None));
    let again = api.send("POST", &revoke, None).await.refusal();
    assert_eq!(again, refusal(400, "actor_token_cannot_be_revoked_code"));
    for (body, expected) in [
        (json!({ "user_id": user["id"], "actor": {} }), "form_param_missing actor"),
        (
            json!({ "user_id": "user_none", "actor": { "sub": "x" } }),
            "form_resource_not_found user_id",
        ),
    ] {
        let refused = api.send("POST", "/actor_tokens", Some(&body)).await.refusal();
        assert_eq!(refused, refusal(422, expected), "{body}");
    }
}

#[tokio::test]
async fn a_domain_belongs_to_one_organization() {
    let (api, user, _) = start().await;
    let mut paths = Vec::new();
    for name in ["Acme", "Other"] {
        let body = json!({ "name": name, "created_by": user["id"] });
        let organization = api.send("POST", "/organizations", Some(&body)).await.ok();
        paths.push(format!("/organizations/{}/domains", text(&organization, "id")));
    }
    let [path, other] = paths.try_into().unwrap();
    let body = json!({
        "name": "Acme.example", "enrollment_mode": "automatic_invitation", "verified": false,
    });
    let made = api.send("POST", &path, Some(&body)).await.ok();
    assert_eq!(
        (&made["name"], &made["verification"]["status"]),
        (&json!("acme.example"), &json!("unverified"))
    );
    for (path, code) in [
        (&path, "organization_domain_already_exists_same_organization"),
        (&other, "organization_domain_already_exists"),
    ] {
        assert_eq!(api.send("POST", path, Some(&body)).await.refusal(), refusal(422, code));
    }
    let one = format!("{path}/{}", text(&made, "id"));
    let elsewhere = format!("{other}/{}", text(&made, "id"));
    let change = json!({ "enrollment_mode": "manual_invitation" });
    assert_eq!(api.send("PATCH", &elsewhere, Some(&change)).await.refusal().0, 404);
    let changed = api.send("PATCH", &one, Some(&change)).await.ok();
    assert_eq!(changed["enrollment_mode"], "manual_invitation");
    let verified = api.send("POST", &format!("{one}/verify_ownership"), None).await.ok();
    assert_eq!(verified["ownership_verification"]["status"], "verified");
    for (query, count) in [
        ("verified=true", 1),
        ("verified=false", 0),
        ("enrollment_mode=manual_invitation,enterprise_sso", 1),
        ("enrollment_mode=-manual_invitation", 0),
        ("query=acme", 1),
    ] {
        let found = api.get(&format!("/organization_domains?{query}")).await.ok();
        assert_eq!(found["total_count"], count, "{query}");
    }
    assert_eq!(api.get(&path).await.ok()["data"], json!([verified]));
    assert_eq!(api.send("DELETE", &one, None).await.ok()["deleted"], true);
    assert_eq!(api.get(&path).await.ok()["data"], json!([]));
}

#[tokio::test]
async fn metadata_of_organizations_and_memberships() {
    let (api, user, _) = start().await;
    let body = json!({ "name": "Acme", "created_by": user["id"] });
    let organization = api.send("POST", "/organizations", Some(&body)).await.ok();
    let path = format!("/organizations/{}", text(&organization, "id"));
    let set = |value: Value| json!({ "public_metadata": value });
    api.send("PATCH", &format!("{path}/metadata"), Some(&set(json!({ "a": 1 })))).await.ok();
    let replaced =
        api.send("PUT", &format!("{path}/metadata"), Some(&set(json!({ "b": 2 })))).await;
    assert_eq!(replaced.ok()["public_metadata"], json!({ "b": 2 }));
    let member = format!("{path}/memberships/{}/metadata", text(&user, "id"));
    for value in [json!({ "a": 1, "b": 1 }), json!({ "b": null, "c": 2 })] {
        api.send("PATCH", &member, Some(&set(value))).await.ok();
    }
    let members = api.get(&format!("{path}/memberships")).await.ok();
    assert_eq!(members["data"][0]["public_metadata"], json!({ "a": 1, "c": 2 }));
}

#[tokio::test]
async fn an_operation_that_the_sandbox_lacks_is_422_and_an_unknown_one_404() {
    let api = Api::start().await;
    let refused = api.get("/things_to_come").await.refusal();
    assert_eq!(refused, refusal(422, "sandbox_not_supported"));
    assert_eq!(api.get("/oauth_appliances").await.refusal(), refusal(404, "resource_not_found"));
}
