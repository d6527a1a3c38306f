//! What end users do, by the control API.

use clerk_sandbox::Options;
use serde_json::{Value, json};
use testing::Contract;

use super::{Api, Response, number, text};

pub(super) async fn post(api: &Api, path: &str, body: &Value) -> Response {
    api.control("POST", path, body).await
}

/// What the file says against `user` in a session and against what an accepted invitation adds.
const IMPOSSIBLE: [&str; 4] = [
    "('user' was unexpected)",
    "('user_id', 'data' were unexpected)",
    // Nor can a pending session, which it has an event for, be pending or say why.
    "('tasks', 'user' were unexpected)",
    "\"pending\" is not one of",
];

/// The latest message to an address.
pub(super) async fn message(api: &Api, to: &str) -> Value {
    let path = format!("/inbox?to={}", to.replace('+', "%2B"));
    let inbox = api.control("GET", &path, &Value::Null).await.ok();
    inbox["data"].as_array().unwrap().last().cloned().unwrap_or_default()
}

/// The types of the events so far, which are forgotten then.
pub(super) async fn events(api: &Api) -> Vec<String> {
    let events = api.control("GET", "/events", &Value::Null).await.ok();
    api.control("DELETE", "/events", &Value::Null).await.ok();
    let events = events["data"].as_array().unwrap();
    for event in events {
        let payload = &event["payload"];
        let operation = Contract::webhooks().by_id(&text(event, "type"));
        let mut faults = operation.validate_body(payload);
        // The file closes two schemas and then adds to them, which nothing can satisfy.
        faults.retain(|fault| !IMPOSSIBLE.iter().any(|impossible| fault.contains(impossible)));
        assert!(faults.is_empty(), "{}: {faults:#?}\n{payload:#}", text(event, "type"));
    }
    events.iter().map(|event| text(event, "type")).collect()
}

pub(super) async fn empty() -> Api {
    Api::with(Options { users: 0, ..Options::default() }).await
}

#[tokio::test]
async fn a_sign_up_is_complete_once_the_code_that_was_sent_is_entered() {
    let api = empty().await;
    let person = json!({
        "email_address": "jane@test.example",
        "password": "a good password",
        "first_name": "Jane",
        "unsafe_metadata": { "from": "ad" },
    });
    let sign_up = post(&api, "/sign_ups", &person).await.ok();
    let faults = Contract::clerk().schema("SignUp").validate(&sign_up);
    assert!(faults.is_empty(), "{faults:#?}");
    assert_eq!(sign_up["status"], "missing_requirements");
    assert_eq!(sign_up["unverified_fields"], json!(["email_address"]));
    assert_eq!(api.get("/users/count").await.ok()["total_count"], 0);
    assert_eq!(events(&api).await, ["email.created"]);

    let code = text(&message(&api, "jane@test.example").await, "code");
    let verify = format!("/sign_ups/{}/verify", text(&sign_up, "id"));
    let wrong = if code == "000000" { "000001" } else { "000000" };
    let refused = post(&api, &verify, &json!({ "code": wrong })).await;
    assert_eq!(refused.refusal(), (422, vec!["form_code_incorrect code".to_owned()]));
    let sign_up = post(&api, &verify, &json!({ "code": code })).await.ok();
    assert_eq!(sign_up["status"], "complete");
    assert_eq!(events(&api).await, ["user.created", "session.created"]);

    let user = api.get(&format!("/users/{}", text(&sign_up, "created_user_id"))).await.ok();
    assert_eq!(
        (text(&user, "first_name").as_str(), &user["unsafe_metadata"]),
        ("Jane", &json!({ "from": "ad" }))
    );
    let verification = &user["email_addresses"][0]["verification"];
    assert_eq!(
        (&verification["status"], &verification["strategy"]),
        (&json!("verified"), &json!("email_code"))
    );
    let session =
        api.get(&format!("/sessions/{}", text(&sign_up, "created_session_id"))).await.ok();
    assert_eq!((&session["status"], &session["user_id"]), (&json!("active"), &user["id"]));
}

#[tokio::test]
async fn test_addresses_have_a_known_code_and_get_no_mail() {
    let api = empty().await;
    let person =
        json!({ "email_address": "jane+clerk_test@test.example", "phone_number": "+12015550101" });
    let sign_up = post(&api, "/sign_ups", &person).await.ok();
    let verify = format!("/sign_ups/{}/verify", text(&sign_up, "id"));
    let half = post(&api, &verify, &json!({ "code": "424242" })).await.ok();
    assert_eq!(half["unverified_fields"], json!(["phone_number"]));
    let whole = post(&api, &verify, &json!({ "code": "424242" })).await.ok();
    assert_eq!(whole["status"], "complete");
    assert_eq!(events(&api).await, ["user.created", "session.created"]);

    let live = "Authorization: Bearer sk_live_x";
    api.control_with(live, "POST", "/reset", &json!({ "users": 0 })).await.ok();
    let sign_up = api.control_with(live, "POST", "/sign_ups", &person).await.ok();
    let verify = format!("/sign_ups/{}/verify", text(&sign_up, "id"));
    let refused = api.control_with(live, "POST", &verify, &json!({ "code": "424242" })).await;
    assert_eq!(refused.status, 422, "a production instance has no test mode");
}

#[tokio::test]
async fn a_code_expires_after_ten_minutes() {
    let api = empty().await;
    let sign_up =
        post(&api, "/sign_ups", &json!({ "email_address": "jane@test.example" })).await.ok();
    let code = text(&message(&api, "jane@test.example").await, "code");
    post(&api, "/clock", &json!({ "advance": 600 })).await.ok();
    let verify = format!("/sign_ups/{}/verify", text(&sign_up, "id"));
    let refused = post(&api, &verify, &json!({ "code": code })).await;
    assert_eq!(refused.refusal(), (400, vec!["verification_expired".to_owned()]));
}

#[tokio::test]
async fn sign_ups_obey_the_rules_of_users_and_the_blocklist() {
    let api = empty().await;
    for (body, errors) in [
        (json!({}), &["form_data_missing"][..]),
        (
            json!({ "email_address": "nobody", "password": "short" }),
            &["form_param_format_invalid email_address", "form_password_length_too_short password"],
        ),
        (json!({ "username": "12345" }), &["form_username_needs_non_number_char username"]),
        (json!({ "username": "somebody", "x": 1 }), &["form_param_unknown x"]),
    ] {
        let refused = post(&api, "/sign_ups", &body).await.refusal();
        assert_eq!(
            refused,
            (422, errors.iter().map(|code| (*code).to_owned()).collect()),
            "{body}"
        );
    }
    let blocked = json!({ "identifier": "*@bad.example" });
    api.send("POST", "/blocklist_identifiers", Some(&blocked)).await.ok();
    let on = json!({ "blocklist": true });
    api.send("PATCH", "/instance/restrictions", Some(&on)).await.ok();
    let refused = post(&api, "/sign_ups", &json!({ "email_address": "x@bad.example" })).await;
    assert_eq!(refused.refusal(), (403, vec!["not_allowed_access".to_owned()]));
}

#[tokio::test]
async fn users_sign_in_by_password_and_by_code() {
    let api = empty().await;
    let person = json!({
        "email_address": "jane@test.example", "username": "jane_doe", "password": "a good password",
        "verified": true,
    });
    let user_id = text(&post(&api, "/sign_ups", &person).await.ok(), "created_user_id");
    events(&api).await;
    for identifier in ["jane@test.example", "Jane_Doe"] {
        let body = json!({ "identifier": identifier, "password": "a good password" });
        let sign_in = post(&api, "/sign_ins", &body).await.ok();
        assert_eq!(
            (&sign_in["status"], &sign_in["user_id"]),
            (&json!("complete"), &json!(user_id))
        );
        assert_eq!(events(&api).await, ["session.created"]);
    }
    let body = json!({ "identifier": "jane@test.example", "strategy": "email_code" });
    let sign_in = post(&api, "/sign_ins", &body).await.ok();
    assert_eq!(sign_in["status"], "needs_first_factor");
    let code = text(&message(&api, "jane@test.example").await, "code");
    let verify = format!("/sign_ins/{}/verify", text(&sign_in, "id"));
    let sign_in = post(&api, &verify, &json!({ "code": code })).await.ok();
    assert_eq!(sign_in["status"], "complete");
    assert_eq!(events(&api).await, ["email.created", "session.created"]);
    let user = api.get(&format!("/users/{user_id}")).await.ok();
    assert!(number(&user, "last_sign_in_at") > number(&user, "created_at"));

    for (body, code) in [
        (
            json!({ "identifier": "nobody", "password": "x" }),
            "form_identifier_not_found identifier",
        ),
        (json!({ "identifier": "jane_doe", "password": "x" }), "form_password_incorrect password"),
        (json!({ "identifier": "jane_doe" }), "form_param_missing password"),
        (
            json!({ "identifier": "jane_doe", "strategy": "phone_code" }),
            "form_param_value_invalid strategy",
        ),
    ] {
        assert_eq!(
            post(&api, "/sign_ins", &body).await.refusal(),
            (422, vec![code.to_owned()]),
            "{body}"
        );
    }
}

#[tokio::test]
async fn a_second_factor_is_asked_for() {
    let api = empty().await;
    let user = json!({
        "username": "jane_doe",
        "password": "a good password",
        "totp_secret": "JBSWY3DPEHPK3PXP",
        "backup_codes": ["a-backup-code"],
    });
    api.send("POST", "/users", Some(&user)).await.ok();
    let body = json!({ "identifier": "jane_doe", "password": "a good password" });
    // A backup code is used up; the test code always counts.
    for (code, status) in [("a-backup-code", 200), ("a-backup-code", 422), ("424242", 200)] {
        let sign_in = post(&api, "/sign_ins", &body).await.ok();
        assert_eq!(
            (&sign_in["status"], &sign_in["created_session_id"]),
            (&json!("needs_second_factor"), &Value::Null)
        );
        let verify = format!("/sign_ins/{}/verify", text(&sign_in, "id"));
        assert_eq!(post(&api, &verify, &json!({ "code": "111111" })).await.status, 422);
        let verified = post(&api, &verify, &json!({ "code": code })).await;
        assert_eq!(verified.status, status, "{code}");
        if status == 200 {
            assert_eq!(verified.ok()["status"], "complete");
        }
    }
}

#[tokio::test]
async fn too_many_wrong_passwords_lock_a_user_for_an_hour() {
    let api = empty().await;
    post(&api, "/clock", &json!({ "frozen": true })).await.ok();
    let user = json!({ "username": "jane_doe", "password": "a good password" });
    let user = api.send("POST", "/users", Some(&user)).await.ok();
    let path = format!("/users/{}", text(&user, "id"));
    let wrong = json!({ "identifier": "jane_doe", "password": "a wrong password" });
    let right = json!({ "identifier": "jane_doe", "password": "a good password" });
    for left in (1..100).rev() {
        assert_eq!(post(&api, "/sign_ins", &wrong).await.status, 422);
        if left % 33 == 0 {
            assert_eq!(api.get(&path).await.ok()["verification_attempts_remaining"], left);
        }
    }
    assert_eq!(post(&api, "/sign_ins", &wrong).await.status, 422);
    post(&api, "/clock", &json!({ "advance": 600 })).await.ok();
    let locked = post(&api, "/sign_ins", &right).await;
    assert_eq!(locked.json()["errors"][0]["meta"]["lockout_expires_in_seconds"], 3_000);
    assert_eq!(locked.refusal(), (403, vec!["user_locked".to_owned()]));
    let shown = api.get(&path).await.ok();
    assert_eq!(
        (&shown["locked"], &shown["lockout_expires_in_seconds"]),
        (&json!(true), &json!(3_000))
    );
    post(&api, "/clock", &json!({ "advance": 3_000 })).await.ok();
    assert_eq!(api.get(&path).await.ok()["locked"], false);
    assert_eq!(post(&api, "/sign_ins", &right).await.status, 200);

    api.send("POST", &format!("{path}/ban"), None).await.ok();
    let banned = post(&api, "/sign_ins", &right).await;
    assert_eq!(banned.refusal(), (403, vec!["user_banned".to_owned()]));
}

#[tokio::test]
async fn an_invitation_is_accepted_by_its_link() {
    let api = empty().await;
    let invitation = json!({
        "email_address": "jane@test.example", "public_metadata": { "team": 7 },
        "redirect_url": "https://app.example/join?from=mail",
    });
    let invitation = api.send("POST", "/invitations", Some(&invitation)).await.ok();
    let link = text(&message(&api, "jane@test.example").await, "url");
    assert_eq!(link, text(&invitation, "url"));
    let (_, ticket) = link.split_once("&__clerk_ticket=").unwrap();
    assert_eq!(events(&api).await, ["email.created"]);
    let body = json!({ "ticket": ticket, "password": "a good password" });
    let sign_up = post(&api, "/sign_ups", &body).await.ok();
    assert_eq!(
        (&sign_up["status"], &sign_up["email_address"]),
        (&json!("complete"), &json!("jane@test.example"))
    );
    assert_eq!(events(&api).await, ["user.created", "session.created"]);
    let user = api.get(&format!("/users/{}", text(&sign_up, "created_user_id"))).await.ok();
    assert_eq!(user["public_metadata"], json!({ "team": 7 }));
    let accepted = api.get("/invitations?status=accepted").await.ids();
    assert_eq!(accepted, [text(&invitation, "id")]);
    let path = format!("/invitations/{}", text(&invitation, "id"));
    assert_eq!(
        post(&api, &format!("{path}/accept"), &Value::Null).await.status,
        422,
        "the address is taken"
    );
    let late = api.send("POST", &format!("{path}/revoke"), None).await;
    assert_eq!(late.refusal(), (400, vec!["invitation_already_accepted".to_owned()]));
    let quiet = json!({ "email_address": "john@test.example", "notify": false });
    let quiet = api.send("POST", "/invitations", Some(&quiet)).await.ok();
    assert_eq!(events(&api).await, [""; 0]);
    let accept = format!("/invitations/{}/accept", text(&quiet, "id"));
    assert_eq!(post(&api, &accept, &Value::Null).await.ok()["status"], "complete");
}

#[tokio::test]
async fn an_invitation_to_an_organization_is_accepted_by_old_and_new_users() {
    let api = empty().await;
    let user = json!({ "email_address": ["old@test.example"] });
    let user = api.send("POST", "/users", Some(&user)).await.ok();
    let organization = json!({ "name": "Acme", "created_by": user["id"] });
    let organization = api.send("POST", "/organizations", Some(&organization)).await.ok();
    let other = json!({ "email_address": ["other@test.example"] });
    let other = text(&api.send("POST", "/users", Some(&other)).await.ok(), "id");
    let path = format!("/organizations/{}/invitations", text(&organization, "id"));
    events(&api).await;
    for (address, expected) in [
        (
            "other@test.example",
            &["organizationMembership.created", "organizationInvitation.accepted"][..],
        ),
        (
            "new@test.example",
            &[
                "user.created",
                "session.created",
                "organizationMembership.created",
                "organizationInvitation.accepted",
            ],
        ),
    ] {
        let invitation = json!({ "email_address": address, "role": "org:member" });
        let invitation = api.send("POST", &path, Some(&invitation)).await.ok();
        assert_eq!(events(&api).await, ["organizationInvitation.created", "email.created"]);
        let accept = format!("/organization_invitations/{}/accept", text(&invitation, "id"));
        post(&api, &accept, &Value::Null).await.ok();
        assert_eq!(events(&api).await, expected);
        let shown = api.get(&format!("{path}/{}", text(&invitation, "id"))).await.ok();
        assert_eq!(shown["status"], "accepted");
        let again = post(&api, &accept, &Value::Null).await;
        assert_eq!(again.refusal(), (404, vec!["organization_invitation_not_pending".to_owned()]));
    }
    let members = format!("/organizations/{}/memberships", text(&organization, "id"));
    assert_eq!(api.get(&members).await.ok()["total_count"], 3);
    let memberships = api.get(&format!("/users/{other}/organization_memberships")).await.ok();
    assert_eq!(memberships["data"][0]["role"], "org:member");
}
