use std::time::Duration;

use serde_json::{Value, json};

use super::*;
use crate::catalog::investigate::size::LARGER;

/// 2026-05-12, at some hour.
const NOW: i64 = 1_778_600_000_000;

/// The facts on a user that came 100 days ago and signed in an hour ago, changed by `user`.
fn told(user: &Value, sessions: Option<&Value>) -> Vec<String> {
    let mut wire = json!({
        "id": "user_1",
        "created_at": NOW - 100 * DAY,
        "last_sign_in_at": NOW - HOUR,
        "last_active_at": NOW - HOUR,
    });
    wire.as_object_mut().unwrap().extend(user.as_object().unwrap().clone());
    let found = facts_of(&wire, sessions);
    let sessions = sessions.map(in_seconds);
    assert_eq!(facts_of(&in_seconds(&wire), sessions.as_ref()), found, "the same in seconds");
    found
}

fn facts_of(user: &Value, sessions: Option<&Value>) -> Vec<String> {
    let user: User = serde_json::from_value(user.clone()).unwrap();
    let sessions = sessions.map(|rows| {
        let rows: Vec<Session> = serde_json::from_value(rows.clone()).unwrap();
        let total = rows.len() as u64;
        Sessions::of(rows, Some(total))
    });
    facts(&user, sessions.as_ref(), NOW, &LARGER[0])
}

/// The same with its times in seconds, as an emulator of Clerk sends them.
fn in_seconds(value: &Value) -> Value {
    match value {
        Value::Object(members) => {
            members.iter().map(|(name, value)| (name.clone(), in_seconds(value))).collect()
        }
        Value::Array(items) => items.iter().map(in_seconds).collect(),
        Value::Number(number) => match number.as_i64() {
            Some(time) if (NOW / 2..2 * NOW).contains(&time) => {
                json!(Duration::from_millis(time.unsigned_abs()).as_secs_f64())
            }
            _ => value.clone(),
        },
        value => value.clone(),
    }
}

fn session(status: &str, created_at: i64, country: &str) -> Value {
    json!({
        "id": "sess_1",
        "status": status,
        "created_at": created_at,
        "latest_activity": { "country": country },
    })
}

#[test]
fn of_the_user() {
    let email = |at: i64, status: &str| {
        json!({
            "primary_email_address_id": "idn_1",
            "email_addresses": [{
                "id": "idn_1",
                "email_address": "a@example.com",
                "created_at": at,
                "verification": { "status": status },
            }],
        })
    };
    let created = NOW - 100 * DAY;
    let cases = [
        (json!({}), vec![]),
        (json!({ "banned": true }), vec!["banned"]),
        (json!({ "banned": true, "deprovisioned": true }), vec!["banned and deprovisioned"]),
        (
            json!({ "locked": true, "lockout_expires_in_seconds": 1800 }),
            vec!["locked for 30 min more"],
        ),
        (json!({ "locked": true, "lockout_expires_in_seconds": null }), vec!["locked"]),
        (json!({ "locked": false, "lockout_expires_in_seconds": 5 }), vec![]),
        (
            json!({ "password_enabled": true, "two_factor_enabled": false }),
            vec!["no second factor while password sign-in is on"],
        ),
        (json!({ "password_enabled": true, "two_factor_enabled": true }), vec![]),
        // A value that isn't known is not a finding.
        (json!({ "password_enabled": true }), vec![]),
        (json!({ "password_enabled": false, "two_factor_enabled": false }), vec![]),
        (
            json!({ "two_factor_enabled": false, "mfa_disabled_at": NOW - 3 * DAY }),
            vec!["second factor turned off 3 days ago"],
        ),
        (json!({ "two_factor_enabled": true, "mfa_disabled_at": NOW - 3 * DAY }), vec![]),
        (json!({ "two_factor_enabled": false, "mfa_disabled_at": NOW - 31 * DAY }), vec![]),
        (json!({ "two_factor_enabled": false, "mfa_disabled_at": NOW + DAY }), vec![]),
        (email(created, "verified"), vec![]),
        (email(created, "unverified"), vec!["primary email address is unverified"]),
        (email(created, "expired"), vec!["primary email address is unverified"]),
        (json!({ "primary_email_address_id": null, "email_addresses": [{ "id": null }] }), vec![]),
        (
            email(NOW - 3 * HOUR, "verified"),
            vec![
                "the primary email address was added 3 h ago",
                "a@example.com added 2 h before the last sign-in",
            ],
        ),
        (
            email(NOW - HOUR, "verified"),
            vec![
                "the primary email address was added 60 min ago",
                "a@example.com added 0 min before the last sign-in",
            ],
        ),
        (
            email(NOW - HOUR + MINUTE, "verified"),
            vec!["the primary email address was added 59 min ago"],
        ),
        (email(NOW - 26 * HOUR, "verified"), vec!["the primary email address was added 26 h ago"]),
        (email(NOW - 31 * DAY, "verified"), vec![]),
        (
            json!({ "phone_numbers": [{ "phone_number": "+15550100", "created_at": NOW - 2 * HOUR }] }),
            vec!["+15550100 added 60 min before the last sign-in"],
        ),
        (
            json!({ "password_last_updated_at": NOW - 2 * HOUR }),
            vec!["password changed 60 min before the last sign-in"],
        ),
        (
            json!({ "password_last_updated_at": NOW - 30 * MINUTE }),
            vec!["password changed 30 min after the last sign-in"],
        ),
        (
            json!({ "last_sign_in_at": NOW - 60 * DAY, "password_last_updated_at": NOW - 40 * DAY }),
            vec![],
        ),
        // At the sign-up.
        (
            json!({ "created_at": NOW - 2 * HOUR, "password_last_updated_at": NOW - 2 * HOUR }),
            vec![],
        ),
        (json!({ "last_active_at": NOW - 400 * DAY }), vec!["last active 400 days ago"]),
        (json!({ "last_active_at": NOW - 90 * DAY }), vec![]),
        (
            json!({ "last_active_at": null, "last_sign_in_at": null }),
            vec!["never signed in, created 100 days ago"],
        ),
        (
            json!({ "last_active_at": null, "last_sign_in_at": NOW - 91 * DAY }),
            vec!["last active 91 days ago"],
        ),
        (json!({ "created_at": i64::MIN, "last_active_at": i64::MIN }), vec![]),
        (
            json!({ "locked": true, "lockout_expires_in_seconds": i64::MAX }),
            vec!["locked for 106751991167 days more"],
        ),
    ];
    for (user, expected) in cases {
        assert_eq!(told(&user, None), expected, "{user}");
    }
}

#[test]
fn of_sessions() {
    let far = |hours: i64| NOW - hours * HOUR;
    let cases = [
        (json!([]), vec![]),
        (json!([session("active", far(1), "DE"), session("active", far(9), "DE")]), vec![]),
        (
            json!([
                session("active", far(1), "US"),
                session("active", far(9), "DE"),
                session("active", far(20), "BR"),
                session("revoked", far(30), "FR"),
                { "id": "sess_2", "status": "active" },
            ]),
            vec!["3 active sessions last used in 3 countries: BR, DE, US"],
        ),
        // The first in its country.
        (
            json!([
                session("active", far(1), "NG"),
                session("ended", far(30), "DE"),
                session("expired", far(60), "DE"),
            ]),
            vec!["the newest session was last used in NG, all 2 others in DE"],
        ),
        (json!([session("active", far(9), "NG"), session("ended", far(30), "DE")]), vec![]),
        // Those that are over count for what happened, not for who is signed in.
        (
            json!([
                session("ended", far(30), "DE"),
                session("revoked", far(30) + 34 * MINUTE, "BR")
            ]),
            vec!["2 sessions created 34 min apart, last used in DE and BR"],
        ),
        (json!([session("ended", far(30), "DE"), session("ended", far(31) - 1, "BR")]), vec![]),
        (
            json!([{ "id": "sess_1", "status": "active", "actor": { "sub": "user_x" } }]),
            vec!["1 active session impersonated by user_x"],
        ),
        (
            json!([{ "id": "sess_1", "status": "active", "actor": {} }]),
            vec!["1 active session impersonated by somebody"],
        ),
        (json!([{ "id": "sess_1", "status": "ended", "actor": { "sub": "user_x" } }]), vec![]),
        (json!([{ "id": "sess_1", "status": "active", "actor": null }]), vec![]),
    ];
    for (sessions, expected) in cases {
        assert_eq!(told(&json!({}), Some(&sessions)), expected, "{sessions}");
    }
    let countries = ["A", "B", "C", "D", "E", "F"];
    let all: Vec<Value> =
        (0..).zip(countries).map(|(n, country)| session("active", far(n * 5), country)).collect();
    let expected = "6 active sessions last used in 6 countries: A, B, C, D, E and 1 more";
    assert_eq!(told(&json!({}), Some(&json!(all))), [expected]);
}

#[test]
fn who_may_not_sign_in_and_is() {
    let sessions = json!([session("active", NOW, "DE"), session("pending", NOW, "DE")]);
    let banned = json!({ "banned": true });
    assert_eq!(told(&banned, Some(&sessions)), ["banned, with 1 active session"]);
    assert_eq!(told(&banned, Some(&json!([]))), ["banned"]);
    // Where the sessions are not known, nothing is said of them.
    assert_eq!(told(&banned, None), ["banned"]);
}
