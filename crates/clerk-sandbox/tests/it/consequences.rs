//! How sessions end, and what a deletion takes along, with the events.

use serde_json::{Value, json};

use super::people::{empty, events, post};
use super::{Api, text};

#[tokio::test]
async fn sessions_end_as_users_end_them() {
    let api = empty().await;
    let user = json!({ "username": "jane_doe", "password": "a good password" });
    let user = api.send("POST", "/users", Some(&user)).await.ok();
    events(&api).await;
    for (act, status, expected) in [
        ("sign_out", "removed", &["session.removed"][..]),
        ("end", "ended", &["session.ended"]),
        ("idle", "abandoned", &[]),
    ] {
        let body = json!({ "identifier": "jane_doe", "password": "a good password" });
        let session = text(&post(&api, "/sign_ins", &body).await.ok(), "created_session_id");
        events(&api).await;
        let ended = post(&api, &format!("/sessions/{session}/{act}"), &Value::Null).await.ok();
        assert_eq!(ended["status"], status);
        assert_eq!(ended, api.get(&format!("/sessions/{session}")).await.ok());
        assert_eq!(events(&api).await, expected, "{act}");
        post(&api, &format!("/sessions/{session}/{act}"), &Value::Null).await.ok();
        assert_eq!(events(&api).await, [""; 0], "it is over already");
    }
    let body = json!({ "identifier": "jane_doe", "password": "a good password", "pending": true });
    let session = text(&post(&api, "/sign_ins", &body).await.ok(), "created_session_id");
    let organization = json!({ "name": "Acme", "created_by": user["id"] });
    let organization =
        text(&api.send("POST", "/organizations", Some(&organization)).await.ok(), "id");
    let touch = format!("/sessions/{session}/touch");
    events(&api).await;
    let pending = post(&api, &touch, &Value::Null).await.ok();
    assert_eq!(
        (&pending["status"], &pending["tasks"]),
        (&json!("pending"), &json!([{ "key": "choose-organization" }]))
    );
    let active = post(&api, &touch, &json!({ "organization_id": organization })).await.ok();
    assert_eq!(
        (&active["status"], &active["last_active_organization_id"]),
        (&json!("active"), &json!(organization))
    );
    assert_eq!(events(&api).await, ["session.created"]);
    let other = post(&api, &touch, &json!({ "organization_id": "org_other" })).await;
    assert_eq!(other.refusal(), (404, vec!["resource_not_found".to_owned()]));
}

#[tokio::test]
async fn what_a_deletion_takes_along_has_events_too() {
    let api = empty().await;
    let person = json!({ "username": "jane_doe", "password": "a good password" });
    let sign_up = post(&api, "/sign_ups", &person).await.ok();
    let user = text(&sign_up, "created_user_id");
    let organization = json!({ "name": "Acme", "created_by": user });
    let organization =
        text(&api.send("POST", "/organizations", Some(&organization)).await.ok(), "id");
    let other = json!({ "username": "other_one" });
    let other = text(&api.send("POST", "/users", Some(&other)).await.ok(), "id");
    let member = json!({ "user_id": other, "role": "org:member" });
    let members = format!("/organizations/{organization}/memberships");
    api.send("POST", &members, Some(&member)).await.ok();
    let domain = json!({ "name": "acme.example" });
    api.send("POST", &format!("/organizations/{organization}/domains"), Some(&domain)).await.ok();
    assert_eq!(
        events(&api).await,
        [
            "user.created",
            "session.created",
            "organization.created",
            "organizationMembership.created",
            "user.created",
            "organizationMembership.created",
            "organizationDomain.created",
        ]
    );
    api.send("POST", &format!("/users/{user}/ban"), None).await.ok();
    assert_eq!(events(&api).await, ["user.updated", "session.revoked"]);
    let person = json!({ "username": "third_one", "verified": true });
    let third = text(&post(&api, "/sign_ups", &person).await.ok(), "created_user_id");
    api.send("POST", &members, Some(&json!({ "user_id": third, "role": "org:member" }))).await.ok();
    events(&api).await;
    api.send("DELETE", &format!("/users/{third}"), None).await.ok();
    assert_eq!(
        events(&api).await,
        ["user.deleted", "session.removed", "organizationMembership.deleted"]
    );
    api.send("DELETE", &format!("/organizations/{organization}"), None).await.ok();
    assert_eq!(
        events(&api).await,
        [
            "organization.deleted",
            "organizationMembership.deleted",
            "organizationMembership.deleted",
            "organizationDomain.deleted",
        ]
    );
}

/// Each change, and the events that it leads to; [`events`] checks them against Clerk's file.
#[tokio::test]
async fn every_change_has_its_event_in_clerks_form() {
    let api = Api::start().await;
    let user = json!({ "email_address": ["jane@test.example"], "phone_number": ["+12015550107"] });
    let user = api.send("POST", "/users", Some(&user)).await.ok();
    let (id, email) = (text(&user, "id"), text(&user["email_addresses"][0], "id"));
    let organization = json!({ "name": "Acme", "created_by": id, "max_allowed_memberships": 9 });
    let organization = api.send("POST", "/organizations", Some(&organization)).await.ok();
    let organization = format!("/organizations/{}", text(&organization, "id"));
    let other = api.get("/users?limit=1&offset=3").await.ids().remove(0);
    let domain = json!({ "name": "acme.example" });
    let domain = api.send("POST", &format!("{organization}/domains"), Some(&domain)).await.ok();
    let domain = format!("{organization}/domains/{}", text(&domain, "id"));
    let permission = json!({ "name": "Pay", "key": "org:bills:pay" });
    let permission = api.send("POST", "/organization_permissions", Some(&permission)).await.ok();
    let permission_id = text(&permission, "id");
    let permission = format!("/organization_permissions/{permission_id}");
    let role = json!({ "name": "Payer", "key": "org:payer" });
    let role = api.send("POST", "/organization_roles", Some(&role)).await.ok();
    let role = format!("/organization_roles/{}", text(&role, "id"));
    let invitation =
        json!({ "email_address": "x@test.example", "role": "org:member", "notify": false });
    let invitations = format!("{organization}/invitations");
    let invitation = api.send("POST", &invitations, Some(&invitation)).await.ok();
    let invitation = format!("{invitations}/{}", text(&invitation, "id"));
    events(&api).await;
    let (member, user) = (format!("{organization}/memberships/{other}"), format!("/users/{id}"));
    let metadata = json!({ "public_metadata": { "a": 1 } });
    for (method, path, body, expected) in [
        ("PATCH", user.clone(), json!({ "first_name": "Jane" }), "user.updated"),
        ("PATCH", format!("{user}/metadata"), metadata.clone(), "user.updated"),
        ("POST", format!("{user}/lock"), Value::Null, "user.updated"),
        ("PATCH", format!("/email_addresses/{email}"), json!({ "verified": true }), "user.updated"),
        ("PATCH", organization.clone(), json!({ "name": "Acme Two" }), "organization.updated"),
        ("PUT", format!("{organization}/metadata"), metadata.clone(), "organization.updated"),
        (
            "POST",
            format!("{organization}/memberships"),
            json!({ "user_id": other, "role": "org:member" }),
            "organizationMembership.created",
        ),
        ("PATCH", member.clone(), json!({ "role": "org:admin" }), "organizationMembership.updated"),
        ("PATCH", format!("{member}/metadata"), metadata, "organizationMembership.updated"),
        ("DELETE", member, Value::Null, "organizationMembership.deleted"),
        ("PATCH", domain.clone(), json!({ "verified": true }), "organizationDomain.updated"),
        ("DELETE", domain, Value::Null, "organizationDomain.deleted"),
        ("POST", format!("{invitation}/revoke"), Value::Null, "organizationInvitation.revoked"),
        ("PATCH", permission.clone(), json!({ "name": "Pay bills" }), "permission.updated"),
        ("POST", format!("{role}/permissions/{permission_id}"), Value::Null, "role.updated"),
        ("DELETE", permission, Value::Null, "permission.deleted role.updated"),
        ("PATCH", role.clone(), json!({ "name": "Payers" }), "role.updated"),
        ("DELETE", role, Value::Null, "role.deleted"),
        ("DELETE", user, Value::Null, "user.deleted organizationMembership.deleted"),
    ] {
        let body = (!body.is_null()).then_some(body);
        api.send(method, &path, body.as_ref()).await.ok();
        assert_eq!(events(&api).await.join(" "), expected, "{method} {path}");
        let refused = api.send(method, &format!("{path}/x"), None).await;
        assert!(refused.status >= 400 && events(&api).await.is_empty(), "{method} {path}");
    }
}

#[tokio::test]
async fn the_waitlist_has_events_of_each_entry() {
    let api = empty().await;
    let entry = json!({ "email_address": "one@test.example" });
    let one = api.send("POST", "/waitlist_entries", Some(&entry)).await.ok();
    assert_eq!(events(&api).await, ["waitlistEntry.created"]);
    let two = ["two@test.example", "three@test.example"];
    let two = json!(two.map(|address| json!({ "email_address": address })));
    api.send("POST", "/waitlist_entries/bulk", Some(&two)).await.ok();
    assert_eq!(events(&api).await, ["waitlistEntry.created"; 2]);
    let path = format!("/waitlist_entries/{}", text(&one, "id"));
    api.send("POST", &format!("{path}/reject"), None).await.ok();
    assert_eq!(events(&api).await, ["waitlistEntry.updated"]);
}
