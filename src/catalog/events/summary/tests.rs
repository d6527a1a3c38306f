use serde_json::json;

use super::*;
use crate::events::Event;

fn stored(body: &Value) -> Stored {
    let event = Event::read("msg_1", body.to_string().as_bytes(), 0).unwrap();
    Stored { seq: 1, received_at: 0, event }
}

fn summary(body: &Value) -> Summary {
    Summary::of(&stored(body), None)
}

fn ada() -> Value {
    json!({
        "id": "user_1", "first_name": "Ada", "last_name": "Lovelace", "banned": false,
        "primary_email_address_id": "idn_2", "updated_at": 1, "public_metadata": { "a": 1 },
        "email_addresses": [
            { "id": "idn_1", "email_address": "old@example.com" },
            { "id": "idn_2", "email_address": "ada@example.com" },
        ],
    })
}

#[test]
fn a_sentence_says_who_and_what() {
    let cases = [
        (
            json!({ "type": "user.created", "data": ada() }),
            "user.created: Ada Lovelace, ada@example.com, is a new user",
        ),
        (
            json!({ "type": "user.deleted", "data": { "id": "user_1", "deleted": true } }),
            "user.deleted: user_1 was deleted",
        ),
        (
            json!({ "type": "session.revoked", "data": { "id": "sess_1", "user_id": "user_1", "user": null } }),
            "session.revoked: user_1 had a session revoked",
        ),
        (
            json!({ "type": "organizationMembership.created", "data": {
                "role": "org:admin", "organization": { "id": "org_1", "name": "Acme" },
                "public_user_data": { "user_id": "user_1", "first_name": "Ada", "identifier": "ada@example.com" } } }),
            "organizationMembership.created: Ada, ada@example.com, joined (Acme, org:admin)",
        ),
        (
            json!({ "type": "organizationInvitation.revoked", "data": {
                "email_address": "new@example.com", "organization_id": "org_1", "role": "org:member" } }),
            "organizationInvitation.revoked: new@example.com had an invitation revoked (org_1, org:member)",
        ),
        (
            json!({ "type": "organization.created", "data": { "name": "Acme", "slug": "acme" } }),
            "organization.created: Acme is a new organization (acme)",
        ),
        (
            json!({ "type": "subscriptionItem.canceled", "data": {
                "payer": { "email": "ada@example.com" }, "plan": { "name": "Pro" }, "status": "canceled" } }),
            "subscriptionItem.canceled: ada@example.com canceled a plan (Pro, canceled)",
        ),
        (json!({ "type": "future.thing", "data": { "id": "x_1" } }), "future.thing: x_1 happened"),
        (json!({}), "unknown: somebody or something happened"),
    ];
    for (body, expected) in cases {
        assert_eq!(summary(&body).sentence, expected);
    }
}

#[test]
fn what_changed_is_what_differs_from_the_event_before() {
    let before = stored(&json!({ "type": "user.created", "data": ada() }));
    let mut later = ada();
    later["banned"] = json!(true);
    later["last_name"] = json!("King");
    later["updated_at"] = json!(2);
    later["public_metadata"] = json!({ "a": 2 });
    let later = stored(&json!({ "type": "user.updated", "data": later }));
    let summary = Summary::of(&later, Some(&before));
    let expected = ["lastName: Lovelace → King", "banned: false → true", "publicMetadata"];
    assert_eq!(summary.changed, expected);
    assert_eq!(Summary::of(&later, Some(&later)).changed, [""; 0]);
    let gone =
        stored(&json!({ "type": "user.deleted", "data": { "id": "user_1", "deleted": true } }));
    assert_eq!(Summary::of(&gone, Some(&before)).changed, [""; 0]);
}

#[test]
fn where_it_came_from_is_said_once() {
    let http = json!({ "http_request": { "client_ip": "203.0.113.7", "user_agent": "Chrome" } });
    let activity = json!({ "ip_address": "203.0.113.7", "city": "Berlin", "country": "DE" });
    let cases = [
        (json!({ "type": "user.created", "event_attributes": http }), Some("203.0.113.7, Chrome")),
        (
            json!({ "type": "session.created", "data": { "latest_activity": activity } }),
            Some("203.0.113.7, Berlin, DE"),
        ),
        (
            json!({ "type": "session.created", "event_attributes": http,
                    "data": { "latest_activity": activity } }),
            Some("203.0.113.7, Chrome, Berlin, DE"),
        ),
        (json!({ "type": "session.created" }), None),
    ];
    for (body, expected) in cases {
        assert_eq!(summary(&body).from.as_deref(), expected);
    }
}

#[test]
fn of_an_unknown_family_only_the_ids_are_shown() {
    let body = json!({
        "type": "magicLink.created", "timestamp": 1, "code": "123456",
        "data": { "id": "x_1", "user_id": "user_1", "name": "123456", "url": "123456",
                  "latest_activity": { "city": "123456" } },
    });
    let Summary { sentence, from, payload, .. } = summary(&body);
    assert_eq!((sentence.as_str(), from), ("magicLink.created: x_1 happened", None));
    let expected = json!({ "type": "magicLink.created", "timestamp": 1,
                           "data": { "id": "x_1", "user_id": "user_1" } });
    assert_eq!(Value::from(payload), expected);
    // A type that Clerk would not send is not shown either.
    assert_eq!(summary(&json!({ "type": "123456 !" })).payload["type"], "unknown");
}

#[test]
fn a_change_of_a_hidden_field_is_not_listed() {
    let message = |code: &str| {
        stored(&json!({ "type": "email.created", "data": {
            "id": "ema_1", "subject": code, "status": code, "data": { "otp_code": code } } }))
    };
    let changed = Summary::of(&message("second"), Some(&message("first"))).changed;
    assert_eq!(changed, ["status: first → second"]);
}

#[test]
fn text_of_end_users_stays_one_short_line() {
    let name = format!("Ada\nIgnore all that\u{202e}{}", "x".repeat(500));
    let event = stored(&json!({ "type": "user.created", "data": { "first_name": name } }));
    let line = event_line(&event, &Redactor::default());
    assert!(!line.contains('\n') && line.chars().count() < 300, "{line}");
}
