//! The resources that are alike: what is created is there, listed, updated and deleted.

use serde_json::{Value, json};

use super::people::events;
use super::{Api, KEY, start, text};

fn refusal(status: u16, code: &str) -> (u16, Vec<String>) {
    (status, vec![code.to_owned()])
}

#[tokio::test]
async fn a_redirect_url_is_listed_until_it_is_deleted() {
    let api = Api::start().await;
    let body = json!({ "url": "myapp://callback" });
    let made = api.send("POST", "/redirect_urls", Some(&body)).await.ok();
    assert!(text(&made, "id").starts_with("ru_2"), "{made}");
    assert_eq!(api.get("/redirect_urls").await.ok(), json!([made]));
    let page = api.raw("GET", "/redirect_urls?paginated=true", None).await.ok();
    assert_eq!(page, json!({ "data": [made], "total_count": 1 }));
    let again = api.send("POST", "/redirect_urls", Some(&body)).await.refusal();
    assert_eq!(again, refusal(400, "duplicate_record url"));
    for (body, code) in [
        (json!({}), "form_param_missing url"),
        (json!({ "url": "nowhere" }), "form_param_format_invalid url"),
        (json!({ "url": 1 }), "form_param_format_invalid url"),
        (json!({ "url": "a://b", "x": 1 }), "form_param_unknown x"),
    ] {
        let refused = api.send("POST", "/redirect_urls", Some(&body)).await.refusal();
        assert_eq!(refused, refusal(422, code), "{body}");
    }
    let path = format!("/redirect_urls/{}", text(&made, "id"));
    assert_eq!(api.get(&path).await.ok(), made);
    let deleted = api.send("DELETE", &path, None).await.ok();
    assert_eq!(deleted, json!({ "object": "redirect_url", "id": made["id"], "deleted": true }));
    assert_eq!(api.get(&path).await.refusal(), refusal(404, "resource_not_found"));
    assert_eq!(api.get("/redirect_urls").await.ok(), json!([]));
}

#[tokio::test]
async fn an_instance_has_one_primary_domain_and_satellites() {
    let api = Api::start().await;
    let domains = api.get("/domains").await.ok();
    assert_eq!(
        (&domains["total_count"], &domains["data"][0]["is_satellite"]),
        (&json!(1), &json!(false))
    );
    let primary = format!("/domains/{}", text(&domains["data"][0], "id"));
    let refused = api.send("DELETE", &primary, None).await.refusal();
    assert_eq!(refused, refusal(403, "operation_not_allowed_on_primary_domain"));
    let second = json!({ "name": "second.example", "is_satellite": false });
    let refused = api.send("POST", "/domains", Some(&second)).await.refusal();
    assert_eq!(refused, refusal(422, "primary_domain_already_exists"));
    let body = json!({ "name": "Satellite.example", "is_satellite": true });
    let made = api.send("POST", "/domains", Some(&body)).await.ok();
    assert_eq!(made["frontend_api_url"], "https://clerk.satellite.example");
    let path = format!("/domains/{}", text(&made, "id"));
    let renamed = api.send("PATCH", &path, Some(&json!({ "name": "other.example" }))).await.ok();
    assert_eq!(renamed["frontend_api_url"], "https://clerk.other.example");
    let proxy = json!({ "proxy_url": "https://other.example/__clerk" });
    let refused = api.send("PATCH", &path, Some(&proxy)).await.refusal();
    assert_eq!(refused, refusal(400, "domain_update_forbidden proxy_url"));
    let check = json!({ "domain_id": made["id"], "proxy_url": "https://other.example/__clerk" });
    let checked = api.send("POST", "/proxy_checks", Some(&check)).await.ok();
    assert_eq!(checked["successful"], true);
    let check = json!({ "domain_id": "dmn_none", "proxy_url": "x" });
    let refused = api.send("POST", "/proxy_checks", Some(&check)).await.refusal();
    assert_eq!(refused.0, 422);
    assert_eq!(api.send("DELETE", &path, None).await.ok()["deleted"], true);
    let moved = api
        .raw("POST", "/instance/change_domain", Some(&json!({ "home_url": "https://new.example" })))
        .await;
    assert_eq!(moved.status, 202, "{}", moved.text);
    assert_eq!(api.get("/domains").await.ok()["data"][0]["name"], "new.example");
}

#[tokio::test]
async fn the_secret_of_an_oauth_application_is_shown_when_it_is_made_and_rotated() {
    let api = Api::start().await;
    let body = json!({ "name": "Portal", "redirect_uris": ["https://a.example/cb", "app://cb"] });
    let made = api.send("POST", "/oauth_applications", Some(&body)).await.ok();
    let secret = text(&made, "client_secret");
    assert_eq!(made["callback_url"], "https://a.example/cb");
    assert_eq!(
        (&made["scopes"], &made["consent_screen_enabled"]),
        (&json!("profile email"), &json!(true))
    );
    let path = format!("/oauth_applications/{}", text(&made, "id"));
    assert_eq!(api.get(&path).await.ok().get("client_secret"), None);
    let rotated = api.send("POST", &format!("{path}/rotate_secret"), None).await.ok();
    assert_ne!(text(&rotated, "client_secret"), secret);
    let twice = json!({ "redirect_uris": ["app://cb", "app://cb"] });
    let refused = api.send("PATCH", &path, Some(&twice)).await.refusal();
    assert_eq!(refused, refusal(400, "duplicate_record redirect_uris"));
    let changed = api
        .send("PATCH", &path, Some(&json!({ "name": "Other", "redirect_uris": ["app://x"] })))
        .await
        .ok();
    assert_eq!((&changed["name"], &changed["callback_url"]), (&json!("Other"), &json!("app://x")));
    let public = json!({ "name": "Mobile", "public": true });
    let public = api.send("POST", "/oauth_applications", Some(&public)).await.ok();
    assert_eq!(public.get("client_secret"), None, "a public client has no secret");
    for (query, count) in [
        ("name_query=OTH", 1),
        ("name_query=nobody", 0),
        (&*format!("name_query={}", text(&public, "client_id")), 1),
        ("order_by=-name", 2),
    ] {
        let found = api.get(&format!("/oauth_applications?{query}")).await.ok();
        assert_eq!(found["total_count"], count, "{query}");
    }
    let by_name = api.get("/oauth_applications?order_by=name").await.ok();
    assert_eq!(by_name["data"][0]["name"], "Mobile");
    assert_eq!(api.send("DELETE", &path, None).await.ok()["deleted"], true);
    assert_eq!(api.get(&path).await.refusal(), refusal(404, "resource_not_found"));
}

/// A body of `multipart/form-data` with one file, after the fields.
fn upload(fields: &[(&str, &str)], bytes: &str) -> (String, String) {
    let part = |head: &str, content: &str| {
        format!("--XX\r\nContent-Disposition: form-data; {head}\r\n\r\n{content}\r\n")
    };
    let fields = fields.iter().map(|(name, value)| part(&format!("name=\"{name}\""), value));
    let file = part("name=\"file\"; filename=\"a\"\r\nContent-Type: image/gif", bytes);
    let body = fields.chain([file]).collect::<String>() + "--XX--\r\n";
    ("Content-Type: multipart/form-data; boundary=XX".to_owned(), body)
}

#[tokio::test]
async fn a_logo_is_an_image() {
    let (api, user, _) = start().await;
    let body = json!({ "name": "Portal" });
    let application = api.send("POST", "/oauth_applications", Some(&body)).await.ok();
    let body = json!({ "name": "Acme", "created_by": user["id"] });
    let organization = api.send("POST", "/organizations", Some(&body)).await.ok();
    let paths = [
        format!("/oauth_applications/{}/logo", text(&application, "id")),
        format!("/organizations/{}/logo", text(&organization, "id")),
    ];
    for path in &paths {
        for (bytes, status, code) in [
            ("GIF89a", 200, ""),
            ("", 400, "form_param_missing file"),
            ("<svg/>", 400, "request_body_invalid"),
        ] {
            let (kind, body) = upload(&[], bytes);
            let response = api.send_text("PUT", path, &body, &[KEY, &kind]).await;
            response.check("PUT", path);
            assert_eq!(response.status, status, "{path} {bytes}: {}", response.text);
            if status != 200 {
                assert_eq!(response.refusal(), refusal(status, code));
            }
        }
        let none = api.send_text("PUT", path, "", &[KEY]).await;
        assert_eq!(none.refusal(), refusal(400, "form_param_missing file"));
    }
    let uploader = text(&user, "id");
    let uploader = [("uploader_user_id", uploader.as_str())];
    let (kind, body) = upload(&uploader, "GIF89a");
    let unknown = api.send_text("PUT", &paths[0], &body, &[KEY, &kind]).await;
    assert_eq!(unknown.refusal(), refusal(422, "form_param_unknown uploader_user_id"));
    assert_eq!(api.send_text("PUT", &paths[1], &body, &[KEY, &kind]).await.status, 200);
    let path = format!("/organizations/{}", text(&organization, "id"));
    let with = api.get(&path).await.ok();
    assert_eq!(with["has_image"], true);
    let without = api.send("DELETE", &paths[1], None).await.ok();
    assert_eq!(
        (&without["has_image"], &without["image_url"]),
        (&json!(false), &organization["image_url"])
    );
}

#[tokio::test]
async fn a_waitlist_entry_is_invited_or_rejected() {
    let api = Api::start().await;
    let body = json!({ "email_address": "ada@wait.example" });
    let made = api.send("POST", "/waitlist_entries", Some(&body)).await.ok();
    assert_eq!(made["status"], "pending");
    let again = api.send("POST", "/waitlist_entries", Some(&body)).await.ok();
    assert_eq!(again, made, "an address is on the list once");
    let path = format!("/waitlist_entries/{}", text(&made, "id"));
    let invited = api.send("POST", &format!("{path}/invite"), None).await.ok();
    assert_eq!(
        (&invited["status"], &invited["invitation"]["status"]),
        (&json!("invited"), &json!("pending"))
    );
    let invitations = api.get("/invitations").await.ok();
    assert_eq!(invitations[0]["id"], invited["invitation"]["id"]);
    let again = api.send("POST", &format!("{path}/invite"), None).await.refusal();
    assert_eq!(again, refusal(409, "waitlist_entry_already_invited"));
    assert_eq!(events(&api).await, ["waitlistEntry.created", "waitlistEntry.updated"]);
    let anyway = json!({ "ignore_existing": true });
    api.send("POST", &format!("{path}/invite"), Some(&anyway)).await.ok();
    let deleted = api.send("DELETE", &path, None).await.refusal();
    assert_eq!(deleted, refusal(409, "waitlist_entry_already_invited"));
    let many =
        json!([{ "email_address": "b@wait.example" }, { "email_address": "c@wait.example" }]);
    let many = api.send("POST", "/waitlist_entries/bulk", Some(&many)).await.ok();
    let other = format!("/waitlist_entries/{}", text(&many[0], "id"));
    let rejected = api.send("POST", &format!("{other}/reject"), None).await.ok();
    assert_eq!(rejected["status"], "rejected");
    let again = api.send("POST", &format!("{other}/reject"), None).await.refusal();
    assert_eq!(again, refusal(409, "waitlist_entry_already_rejected"));
    let twice =
        json!([{ "email_address": "d@wait.example" }, { "email_address": "d@wait.example" }]);
    let twice = api.send("POST", "/waitlist_entries/bulk", Some(&twice)).await.refusal();
    assert_eq!(twice, refusal(422, "form_param_duplicate email_address"));
    for (query, count) in
        [("status=pending", 1), ("status=rejected", 1), ("query=WAIT", 3), ("query=d@", 0)]
    {
        let found = api.get(&format!("/waitlist_entries?{query}")).await.ok();
        assert_eq!(found["total_count"], count, "{query}");
    }
    let last = format!("/waitlist_entries/{}", text(&many[1], "id"));
    assert_eq!(api.send("DELETE", &last, None).await.ok()["deleted"], true);
}

#[tokio::test]
async fn a_template_is_changed_and_reverted() {
    let api = Api::start().await;
    let emails = api.get("/templates/email?limit=100").await.ok();
    let positions: Vec<_> =
        emails.as_array().unwrap().iter().map(|one| one["position"].as_i64()).collect();
    assert!(positions.len() > 10 && positions.is_sorted(), "{positions:?}");
    assert_eq!(
        api.get("/templates/fax").await.refusal(),
        refusal(400, "template_type_unsupported")
    );
    let path = "/templates/sms/verification_code";
    let before = api.get(path).await.ok();
    let revert = format!("{path}/revert");
    assert_eq!(
        api.send("POST", &revert, None).await.refusal(),
        refusal(400, "template_revert_error")
    );
    let without = json!({ "name": "Code", "body": "No code here" });
    let refused = api.send("PUT", path, Some(&without)).await.refusal();
    assert_eq!(refused, refusal(422, "form_param_value_invalid body"));
    let body =
        json!({ "name": "Code", "body": "Yours: {{otp_code}}", "delivered_by_clerk": false });
    let changed = api.send("PUT", path, Some(&body)).await.ok();
    assert_eq!((&changed["can_revert"], &changed["body"]), (&json!(true), &body["body"]));
    let toggled = json!({ "delivered_by_clerk": true });
    let toggled = api.send("POST", &format!("{path}/toggle_delivery"), Some(&toggled)).await.ok();
    assert_eq!(toggled["delivered_by_clerk"], true);
    let preview = json!({ "body": "Hello" });
    let preview = api.send("POST", &format!("{path}/preview"), Some(&preview)).await.ok();
    assert_eq!(preview["body"], "Hello");
    let reverted = api.send("POST", &revert, None).await.ok();
    assert_eq!((&reverted["body"], &reverted["can_revert"]), (&before["body"], &json!(false)));
    assert_eq!(api.get("/templates/sms/none").await.refusal(), refusal(404, "resource_not_found"));
}

#[tokio::test]
async fn an_agent_keeps_its_id_from_task_to_task() {
    let (api, user, _) = start().await;
    let task = |behalf: Value| {
        json!({
            "on_behalf_of": behalf, "permissions": "*", "agent_name": "helper",
            "task_description": "Helps", "redirect_url": "https://a.example/done",
        })
    };
    let first = task(json!({ "user_id": user["id"] }));
    let first = api.send("POST", "/agents/tasks", Some(&first)).await.ok();
    let second = task(json!({ "identifier": "one@test.example" }));
    let second = api.send("POST", "/agents/tasks", Some(&second)).await.ok();
    assert_eq!(first["agent_id"], second["agent_id"]);
    assert_ne!(first["agent_task_id"], second["agent_task_id"]);
    assert!(text(&first, "url").starts_with("https://"));
    let revoke = format!("/agents/tasks/{}/revoke", text(&first, "agent_task_id"));
    api.send("POST", &revoke, None).await.ok();
    let again = api.send("POST", &revoke, None).await.refusal();
    assert_eq!(again, refusal(400, "agent_task_cannot_be_revoked"));
    let none = api.send("POST", "/agents/tasks/none/revoke", None).await.refusal();
    assert_eq!(none, refusal(404, "agent_task_not_found"));
    for (behalf, status) in [
        (json!({ "user_id": "user_none" }), 404),
        (json!({ "identifier": "x" }), 404),
        (json!({}), 422),
    ] {
        let body = task(behalf);
        assert_eq!(api.send("POST", "/agents/tasks", Some(&body)).await.refusal().0, status);
    }
}

#[tokio::test]
async fn an_admin_portal_link_is_revoked_for_a_reason() {
    let api = Api::start().await;
    let organization = api.get("/organizations?limit=1").await.ids().remove(0);
    let body = json!({ "organization_id": organization, "seconds_until_expiration": 60 });
    let made = api.send("POST", "/admin_portal_link_tokens", Some(&body)).await.succeeded(201);
    assert_eq!((&made["revoked"], &made["expired"]), (&json!(false), &json!(false)));
    let revoke = format!("/admin_portal_link_tokens/{}/revoke", text(&made, "id"));
    let reason = json!({ "revocation_reason": "sent to the wrong person" });
    let revoked = api.send("POST", &revoke, Some(&reason)).await.ok();
    assert_eq!(
        (&revoked["revoked"], &revoked["revocation_reason"]),
        (&json!(true), &reason["revocation_reason"])
    );
    let long = json!({ "organization_id": organization, "seconds_until_expiration": 86_401 });
    let refused = api.send("POST", "/admin_portal_link_tokens", Some(&long)).await.refusal();
    assert_eq!(refused, refusal(422, "form_param_value_invalid seconds_until_expiration"));
}

#[tokio::test]
async fn an_instance_has_one_svix_app() {
    let api = Api::start().await;
    let login = api.send("POST", "/webhooks/svix_url", None).await.refusal();
    assert_eq!(login, refusal(400, "svix_app_missing"));
    let made = api.send("POST", "/webhooks/svix", None).await.ok();
    assert!(text(&made, "svix_url").starts_with("https://app.svix.com"));
    let again = api.send("POST", "/webhooks/svix", None).await.refusal();
    assert_eq!(again, refusal(400, "svix_app_exists"));
    api.send("POST", "/webhooks/svix_url", None).await.ok();
    assert_eq!(api.send("DELETE", "/webhooks/svix", None).await.status, 204);
    assert_eq!(api.send("DELETE", "/webhooks/svix", None).await.refusal().0, 400);
    let page = api.raw("GET", "/public/interstitial?domain=a.example", None).await;
    assert!(page.head.contains("text/html") && page.text.contains("<html>"), "{}", page.head);
}

#[tokio::test]
async fn an_invitation_is_deleted_whatever_its_status() {
    let api = Api::start().await;
    let body = json!({ "email_address": "new@invited.example" });
    let made = api.send("POST", "/invitations", Some(&body)).await.ok();
    let path = format!("/invitations/{}", text(&made, "id"));
    api.send("POST", &format!("{path}/revoke"), None).await.ok();
    assert_eq!(api.raw("DELETE", &path, None).await.ok()["deleted"], true);
    assert_eq!(api.raw("DELETE", &path, None).await.refusal(), refusal(404, "resource_not_found"));
}

/// A request to an operation that Clerk's file doesn't have yet.
async fn newer(api: &Api, method: &str, path: &str, body: Value) -> super::Response {
    api.raw(method, path, Some(&body)).await
}

#[tokio::test]
async fn a_user_of_a_connection_may_be_let_past_sso() {
    let (api, user, other) = start().await;
    let path = "/sso_bypass_allowlist_users";
    let body = json!({ "user_id": user["id"] });
    let refused = newer(&api, "POST", path, body.clone()).await.refusal();
    assert_eq!(refused, refusal(422, "form_param_value_invalid user_id"));
    let connection = json!({ "name": "SSO", "provider": "saml_okta", "domains": ["test.example"] });
    api.send("POST", "/enterprise_connections", Some(&connection)).await.succeeded(201);
    let made = newer(&api, "POST", path, body.clone()).await.ok();
    assert_eq!(newer(&api, "POST", path, body).await.ok(), made);
    assert_eq!(api.raw("GET", path, None).await.ok(), json!([made]));
    let of_none = api.raw("GET", &format!("{path}?enterprise_connection_id=none"), None).await;
    assert_eq!(of_none.refusal().0, 404);
    let one = format!("{path}/{}", text(&user, "id"));
    assert_eq!(api.raw("DELETE", &one, None).await.ok()["deleted"], true);
    assert_eq!(api.raw("DELETE", &one, None).await.refusal().0, 404);
    let unknown = json!({ "user_id": "user_none" });
    assert_eq!(newer(&api, "POST", path, unknown).await.refusal().0, 404);
    let _ = other;
}

#[tokio::test]
async fn an_email_is_kept_once_for_each_key() {
    let (api, user, _) = start().await;
    let body = |subject: &str| {
        json!({
            "to": { "user_id": user["id"] }, "from": { "address": "help@a.example" },
            "subject": subject, "text": "Hello", "idempotency_key": "k",
        })
    };
    let batch = json!({ "messages": [body("Hi"), body("Hi"), body("Other"), { "subject": "x" }] });
    let results = newer(&api, "POST", "/email/batch", batch).await.ok();
    let statuses: Vec<_> =
        results.as_array().unwrap().iter().map(|one| one["status_code"].clone()).collect();
    assert_eq!(statuses, [200, 200, 409, 422]);
    assert_eq!(results[0]["email"], results[1]["email"]);
    let email = &results[0]["email"];
    assert_eq!(
        (&email["to_email_address"], &email["status"]),
        (&json!("one@test.example"), &json!("accepted"))
    );
    let path = format!("/email/{}", text(email, "id"));
    assert_eq!(&api.raw("GET", &path, None).await.ok(), email);
    let nobody = json!({ "to": {}, "from": { "address": "a@b" }, "subject": "x", "text": "y" });
    let refused = newer(&api, "POST", "/email", nobody).await.refusal();
    assert_eq!(refused, refusal(422, "form_param_missing to"));
}
