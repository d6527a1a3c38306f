use serde_json::{Value, json};

use super::*;
use crate::{
    http::oauth::token::{Invalid, is_opaque},
    principal::Authentication,
};

const NOW: i64 = 1_800_000_000;
const ISSUER: &str = "https://id.example.com";
const RESOURCE: &str = "https://mcp.example.com/mcp";

fn seconds(seconds: i64) -> SignedDuration {
    SignedDuration::from_secs(seconds)
}

fn verified(response: &Value, any_audience: bool) -> Result<(Principal, SignedDuration), Invalid> {
    let (issuer, resource) = (ISSUER.to_owned(), RESOURCE.to_owned());
    let rules = Rules { issuer, resource, any_audience };
    Introspected::read(response.to_string().as_bytes()).unwrap().verify(&rules, seconds(NOW))
}

/// A response that is accepted, with these members in place of its own; without those that are null.
fn response(more: Value) -> Value {
    let mut response = json!({
        "active": true, "iss": ISSUER, "sub": "user_1", "aud": [RESOURCE], "exp": NOW + 60,
        "nbf": NOW, "iat": NOW, "scope": "users email", "client_id": "client_1",
        "token_type": "Bearer", "username": "ada",
    });
    let (Value::Object(members), Value::Object(more)) = (&mut response, more) else {
        panic!("these are members");
    };
    members.extend(more);
    members.retain(|_, value| !value.is_null());
    response
}

#[test]
fn a_response_says_who_the_token_is_for_as_a_jwt_does() {
    let more = json!({ "org_id": "org_1", "roles": ["support"], "email": "a@example.com", "email_verified": true });
    let (person, expiry) = verified(&response(more), false).unwrap();
    assert_eq!(person.authentication, Authentication::OAuth);
    assert_eq!(person.subject.as_deref(), Some("user_1"));
    assert_eq!(person.client.as_deref(), Some("client_1"));
    assert_eq!(person.organization.as_deref(), Some("org_1"));
    assert_eq!(person.email.as_deref(), Some("a@example.com"));
    assert_eq!(
        (person.scopes, person.roles),
        (["users", "email"].map(str::to_owned).to_vec(), vec!["support".to_owned()])
    );
    assert_eq!(expiry, seconds(NOW + 60));
}

#[test]
fn good_responses_of_other_forms_are_accepted() {
    let others = [
        json!({ "iss": null }),
        json!({ "aud": RESOURCE }),
        json!({ "exp": NOW - 4 }),
        json!({ "nbf": NOW + 5, "iat": null }),
        json!({ "token_type": null }),
        json!({ "token_type": "bearer" }),
        json!({ "scope": null, "client_id": null }),
    ];
    for more in others {
        assert!(verified(&response(more.clone()), false).is_ok(), "{more}");
    }
    assert!(verified(&response(json!({ "aud": null })), true).is_ok());
}

#[test]
fn a_response_that_lacks_something_or_says_something_else_is_refused_for_its_reason() {
    let cases = [
        (json!({ "active": false }), Invalid::Inactive),
        (json!({ "active": null }), Invalid::Missing("active")),
        (json!({ "active": "true" }), Invalid::Form("active")),
        (json!({ "active": 1 }), Invalid::Form("active")),
        (json!({ "iss": "https://evil.example" }), Invalid::Issuer),
        (json!({ "iss": format!("{ISSUER}/") }), Invalid::Issuer),
        (json!({ "iss": [ISSUER] }), Invalid::Form("iss")),
        (json!({ "aud": null }), Invalid::Missing("aud")),
        (json!({ "aud": [] }), Invalid::Audience),
        (json!({ "aud": "https://other.example" }), Invalid::Audience),
        (json!({ "aud": format!("{RESOURCE}/") }), Invalid::Audience),
        (json!({ "aud": { "a": RESOURCE } }), Invalid::Form("aud")),
        (json!({ "exp": null }), Invalid::Missing("exp")),
        (json!({ "exp": NOW - 5 }), Invalid::Expired),
        (json!({ "exp": "1900000000" }), Invalid::Form("exp")),
        (json!({ "nbf": NOW + 6 }), Invalid::Early),
        (json!({ "nbf": "now" }), Invalid::Form("nbf")),
        (json!({ "iat": NOW + 6 }), Invalid::Early),
        (json!({ "sub": null }), Invalid::Missing("sub")),
        (json!({ "sub": "" }), Invalid::Form("sub")),
        (json!({ "sub": "user_1\nuser_2" }), Invalid::Form("sub")),
        (json!({ "client_id": 1 }), Invalid::Form("client_id")),
        (json!({ "scope": { "users": true } }), Invalid::Form("scope")),
        (json!({ "token_type": "DPoP" }), Invalid::NotBearer),
        (json!({ "token_type": "N_A" }), Invalid::NotBearer),
        (json!({ "token_type": true }), Invalid::Form("token_type")),
        (json!({ "cnf": { "jkt": "a" } }), Invalid::NotBearer),
    ];
    for (more, reason) in cases {
        assert_eq!(verified(&response(more.clone()), false).unwrap_err(), reason, "{more}");
    }
    let elsewhere = response(json!({ "aud": "https://other.example" }));
    assert_eq!(verified(&elsewhere, true).unwrap_err(), Invalid::Audience);
}

#[test]
fn what_is_no_response_is_not_read() {
    let twice = r#"{"active": false, "active": true}"#;
    for body in ["", "[]", "true", "null", "<html>", "{\"active\": true", twice] {
        assert!(Introspected::read(body.as_bytes()).is_none(), "{body}");
    }
}

#[test]
fn a_token_with_the_parts_of_a_jwt_is_not_opaque() {
    let long = "x".repeat(16 << 10);
    for token in ["oat_1", "a.b", "ory_at_a-_.~+/==", "eyJ", &long] {
        assert!(is_opaque(token), "{token:.40}");
    }
    let longer = "x".repeat((16 << 10) + 1);
    for token in ["", "a.b.c", "..", "a.b.c.d.e", "a b", "a\u{7f}", "ä", &longer] {
        assert!(!is_opaque(token), "{token:.40}");
    }
}

fn person() -> Principal {
    verified(&response(json!({})), false).unwrap().0
}

#[tokio::test(start_paused = true)]
async fn a_response_is_not_used_once_the_token_has_expired() {
    let mut known = Known::default();
    known.keep([1; 32], Ok((person(), seconds(NOW))));
    assert!(known.fresh(&[1; 32], seconds(NOW - 1)).unwrap().is_ok());
    assert!(known.fresh(&[1; 32], seconds(NOW)).is_none());
    assert!(known.fresh(&[2; 32], seconds(NOW - 1)).is_none());
}

#[tokio::test(start_paused = true)]
async fn the_responses_that_are_kept_are_bounded_and_refusals_go_first() {
    let hash = |number: usize| -> Hash { Sha256::digest(number.to_be_bytes()).into() };
    let mut known = Known::default();
    known.keep(hash(0), Err(NotVerified::Invalid(Invalid::Inactive)));
    for number in 1..=MOST {
        known.keep(hash(number), Ok((person(), seconds(NOW + 9))));
    }
    assert_eq!(known.responses.len(), MOST);
    assert!(known.fresh(&hash(0), seconds(NOW)).is_none());
    assert!(known.fresh(&hash(1), seconds(NOW)).is_some());
    known.keep(hash(MOST + 1), Ok((person(), seconds(NOW + 9))));
    assert_eq!(known.responses.len(), MOST);
    tokio::time::advance(KNOWN).await;
    known.keep(hash(0), Err(NotVerified::Invalid(Invalid::Inactive)));
    assert_eq!(known.responses.len(), 1);
}
