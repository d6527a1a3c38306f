//! Invitations to organizations, changes of organizations, allowlist and blocklist.

use serde_json::{Value, json};

use super::{Api, start, text};

fn refusal(status: u16, code: &str) -> (u16, Vec<String>) {
    (status, vec![code.to_owned()])
}

async fn organization(api: &Api, user: &Value) -> String {
    let body = json!({ "name": "Acme", "created_by": user["id"] });
    let organization = api.send("POST", "/organizations", Some(&body)).await.ok();
    format!("/organizations/{}", text(&organization, "id"))
}

#[tokio::test]
async fn an_invitation_is_created_listed_and_revoked_once() {
    let (api, user, _) = start().await;
    let path = organization(&api, &user).await;
    let invitations = format!("{path}/invitations");
    let body = json!({
        "email_address": "Nia@Example.com", "role": "org:member", "expires_in_days": 2,
        "public_metadata": { "from": 1 },
    });
    let invitation = api.send("POST", &invitations, Some(&body)).await.ok();
    assert_eq!(invitation["email_address"], "nia@example.com");
    let lasts =
        invitation["expires_at"].as_i64().unwrap() - invitation["created_at"].as_i64().unwrap();
    assert_eq!((&invitation["status"], lasts), (&json!("pending"), 2 * 86_400_000));
    let listed = api.get(&format!("{invitations}?status=pending")).await.ok();
    assert_eq!(listed, json!({ "data": [invitation], "total_count": 1 }));
    let counted = api.get(&format!("{path}?include_members_count=true")).await.ok();
    assert_eq!(counted["pending_invitations_count"], 1);
    let again = api.send("POST", &invitations, Some(&body)).await;
    assert_eq!(again.refusal(), refusal(400, "organization_invitation_not_unique"));
    let one = format!("{invitations}/{}", text(&invitation, "id"));
    assert_eq!(api.get(&one).await.ok(), invitation);
    let revoked = api.send("POST", &format!("{one}/revoke"), None).await.ok();
    assert_eq!(revoked["status"], "revoked");
    let again = api.send("POST", &format!("{one}/revoke"), None).await;
    assert_eq!(again.refusal(), refusal(404, "organization_invitation_not_pending"));
    assert_eq!(api.get(&format!("{invitations}?status=pending")).await.ok()["total_count"], 0);
    // A revoked invitation can be repeated.
    api.send("POST", &invitations, Some(&body)).await.ok();
}

#[tokio::test]
async fn invalid_invitations_are_refused() {
    let (api, user, _) = start().await;
    let path = format!("{}/invitations", organization(&api, &user).await);
    let email = user["email_addresses"][0]["email_address"].clone();
    let cases = [
        (json!({ "role": "org:member" }), refusal(422, "form_param_missing email_address")),
        (
            json!({ "email_address": "x", "role": "org:member" }),
            refusal(422, "form_param_format_invalid email_address"),
        ),
        (
            json!({ "email_address": "a@b.example", "role": "boss" }),
            refusal(404, "resource_not_found role"),
        ),
        (
            json!({ "email_address": email, "role": "org:member" }),
            refusal(400, "already_a_member_in_organization"),
        ),
    ];
    for (body, expected) in cases {
        assert_eq!(api.send("POST", &path, Some(&body)).await.refusal(), expected, "{body}");
    }
    let none = api.get("/organizations/org_none/invitations").await;
    assert_eq!(none.refusal(), refusal(404, "resource_not_found"));
}

#[tokio::test]
async fn an_organization_is_changed_and_deleted_with_what_belongs_to_it() {
    let (api, user, _) = start().await;
    let path = organization(&api, &user).await;
    let body = json!({ "name": "Acme Two", "max_allowed_memberships": 9 });
    let changed = api.send("PATCH", &path, Some(&body)).await.ok();
    assert_eq!(
        (&changed["name"], &changed["max_allowed_memberships"]),
        (&json!("Acme Two"), &json!(9))
    );
    assert!(changed["updated_at"].as_i64() > changed["created_at"].as_i64());
    let metadata = format!("{path}/metadata");
    for change in [json!({ "a": { "b": 1, "c": 2 } }), json!({ "a": { "b": null }, "d": 3 })] {
        api.send("PATCH", &metadata, Some(&json!({ "public_metadata": change }))).await.ok();
    }
    assert_eq!(api.get(&path).await.ok()["public_metadata"], json!({ "a": { "c": 2 }, "d": 3 }));
    let unknown = api.send("PATCH", &path, Some(&json!({ "public_metadata": {} }))).await;
    assert_eq!(unknown.refusal(), refusal(422, "form_param_unknown public_metadata"));
    let deleted = api.send("DELETE", &path, None).await.ok();
    assert_eq!((&deleted["deleted"], &deleted["object"]), (&json!(true), &json!("organization")));
    assert_eq!(api.get(&path).await.refusal().0, 404);
    let of_user = format!("/users/{}/organization_memberships", text(&user, "id"));
    assert_eq!(api.get(&of_user).await.ok()["total_count"], 0);
}

#[tokio::test]
async fn identifiers_are_allowed_and_blocked() {
    let (api, ..) = start().await;
    for list in ["allowlist_identifiers", "blocklist_identifiers"] {
        let path = format!("/{list}");
        let body = json!({ "identifier": "*@Example.com" });
        let made = api.send("POST", &path, Some(&body)).await.ok();
        assert_eq!(made["identifier"], "*@example.com");
        let again = api.send("POST", &path, Some(&body)).await;
        assert_eq!(again.refusal(), refusal(400, "duplicate_record identifier"));
        let listed = api.get(&path).await.ok();
        let rows = listed.get("data").unwrap_or(&listed);
        assert_eq!(rows, &json!([made]));
        let one = format!("{path}/{}", text(&made, "id"));
        assert_eq!(api.send("DELETE", &one, None).await.ok()["deleted"], true);
        assert_eq!(api.send("DELETE", &one, None).await.refusal().0, 404);
    }
}
