//! The made-up data.

use std::collections::BTreeSet;

use clerk_sandbox::Options;
use serde_json::{Value, json};

use super::{Api, number, text};

/// Whether a user is of a kind.
type Test = fn(&Value) -> bool;

/// Everything a sandbox starts with, as its responses show it.
async fn everything(users: usize, seed: u64) -> String {
    let options = Options { users, seed, ..Options::default() };
    let api = Api::with(options).await;
    let people = api.get("/users?limit=500").await;
    let mut all = people.text.clone();
    for user in people.ids() {
        all.push_str(&api.get(&format!("/sessions?limit=500&user_id={user}")).await.text);
        let path = format!("/organizations?limit=500&include_members_count=true&user_id={user}");
        all.push_str(&api.get(&path).await.text);
        let path = format!("/users/{user}/organization_memberships?limit=500");
        all.push_str(&api.get(&path).await.text);
    }
    all.push_str(&api.get("/organizations?limit=500").await.text);
    all.push_str(&api.get("/instance").await.text);
    all
}

#[tokio::test]
async fn equal_seeds_agree_and_others_do_not() {
    let first = everything(25, 7).await;
    assert!(first.len() > 10_000);
    assert_eq!(first, everything(25, 7).await);
    assert_ne!(first, everything(25, 8).await);
}

#[tokio::test]
async fn ids_made_after_the_start_agree_as_well() {
    let created = async || {
        let api = Api::start().await;
        let user = api.send("POST", "/users", Some(&json!({ "username": "somebody" }))).await;
        text(&user.ok(), "id")
    };
    assert_eq!(created().await, created().await);
}

#[tokio::test]
async fn any_number_of_users() {
    for users in [0, 1, 2, 3] {
        let api = Api::with(Options { users, ..Options::default() }).await;
        assert_eq!(api.get("/users").await.ids().len(), users);
        let organizations = api.get("/organizations?include_members_count=true").await.ok();
        assert_eq!(organizations["total_count"], if users == 0 { 0 } else { 4 });
        for organization in organizations["data"].as_array().unwrap() {
            assert!(number(organization, "members_count") <= i64::try_from(users).unwrap());
        }
    }
}

#[tokio::test]
async fn users_of_all_kinds() {
    let api = Api::start().await;
    let users = api.get("/users?limit=500").await.ok();
    let users = users.as_array().unwrap();
    assert_eq!(users.len(), 25);
    let kinds: [(&str, Test); 18] = [
        ("banned", |user| user["banned"] == true),
        ("locked", |user| user["locked"] == true),
        ("with two factors", |user| user["two_factor_enabled"] == true),
        ("with backup codes", |user| user["backup_code_enabled"] == true),
        ("never signed in", |user| user["last_sign_in_at"].is_null()),
        ("with an unverified mailbox", |user| {
            let emails = user["email_addresses"].as_array().unwrap();
            emails.iter().any(|email| email["verification"]["status"] == "unverified")
        }),
        ("with Google", |user| user["external_accounts"][0]["provider"] == "oauth_google"),
        ("with a wallet", |user| user["web3_wallets"] != json!([])),
        ("with a telephone", |user| user["phone_numbers"] != json!([])),
        ("without a mailbox", |user| user["email_addresses"] == json!([])),
        ("with an image", |user| user["has_image"] == true),
        ("with an external id", |user| user["external_id"].is_string()),
        ("with private metadata", |user| user["private_metadata"] != json!({})),
        ("with an unverified primary address", |user| {
            let primary = &user["primary_email_address_id"];
            let mut emails = user["email_addresses"].as_array().unwrap().iter();
            emails.any(|email| {
                email["id"] == *primary && email["verification"]["status"] == "unverified"
            })
        }),
        ("with GitHub", |user| {
            let mut accounts = user["external_accounts"].as_array().unwrap().iter();
            accounts.any(|account| account["provider"] == "oauth_github")
        }),
        ("with a plan", |user| user["public_metadata"]["plan"].is_string()),
        ("with a risk score", |user| user["private_metadata"]["risk_score"].is_number()),
        ("without a password", |user| user["password_enabled"] == false),
    ];
    for (kind, is_of_kind) in kinds {
        let count = users.iter().filter(|user| is_of_kind(user)).count();
        assert!(count > 0 && count < users.len(), "{count} users are {kind}");
    }
}

/// One user is signed in on many devices in several countries, and each session shows which.
#[tokio::test]
async fn a_user_has_sessions_in_several_countries() {
    let api = Api::start().await;
    let mut most = (0, 0, 0);
    for user in api.get("/users?limit=500").await.ids() {
        let path = format!("/sessions?status=active&limit=500&user_id={user}");
        let sessions = api.get(&path).await.ok();
        let sessions = sessions.as_array().unwrap();
        let different = |field: &str| {
            let activities = sessions.iter().map(|session| &session["latest_activity"]);
            activities.map(|activity| text(activity, field)).collect::<BTreeSet<_>>().len()
        };
        assert!(sessions.is_empty() || different("ip_address") > 0 && different("city") > 0);
        most = most.max((sessions.len(), different("country"), different("browser_name")));
    }
    assert!(most >= (7, 6, 5), "{most:?}");
}

#[tokio::test]
async fn people_in_several_organizations() {
    let api = Api::with(Options { users: 500, ..Options::default() }).await;
    let (mut several, mut with_both_roles) = (0, 0);
    for user in api.get("/users?limit=500").await.ids() {
        let path = format!("/v1/users/{user}/organization_memberships");
        let response = api.exchange("GET", &path, "", &[super::KEY]).await;
        let response = String::from_utf8(response).unwrap();
        let page: Value = serde_json::from_str(response.split_once("\r\n\r\n").unwrap().1).unwrap();
        let memberships = page["data"].as_array().unwrap();
        let roles: BTreeSet<_> =
            memberships.iter().map(|membership| text(membership, "role")).collect();
        several += usize::from(memberships.len() > 1);
        with_both_roles += usize::from(roles.len() > 1);
    }
    assert!(several >= 20 && with_both_roles >= 10, "{several}, {with_both_roles}");
    let organizations = api.get("/organizations?limit=500&include_members_count=true").await.ok();
    for organization in organizations["data"].as_array().unwrap() {
        let most = number(organization, "max_allowed_memberships");
        assert!(most == 0 || number(organization, "members_count") <= most);
    }
}

#[tokio::test]
async fn the_instance() {
    let api = Api::start().await;
    let instance = api.get("/instance").await.ok();
    assert!(is_clerk_id(&text(&instance, "id"), "ins_2"));
    assert_eq!(instance["environment_type"], "development");
    assert_eq!(api.get("/instance?a=1").await.status, 422);
}

/// Even in a large sandbox no two users share an identifier, and no identifier is real.
#[tokio::test]
async fn identifiers_are_unique_and_reserved_for_examples() {
    let api = Api::with(Options { users: 3_000, ..Options::default() }).await;
    let mut identifiers = BTreeSet::new();
    let mut total = 0;
    let mut seen = |identifier: String| {
        total += 1;
        identifiers.insert(identifier);
    };
    for offset in (0..3_000).step_by(500) {
        let users = api.get(&format!("/users?limit=500&offset={offset}")).await.ok();
        for user in users.as_array().unwrap() {
            let id = text(user, "id");
            assert!(is_clerk_id(&id, "user_2"), "{id}");
            seen(id);
            user["username"].as_str().into_iter().for_each(|name| seen(name.to_owned()));
            for email in user["email_addresses"].as_array().unwrap() {
                let (id, address) = (text(email, "id"), text(email, "email_address"));
                assert!(is_clerk_id(&id, "idn_2"), "{id}");
                let domain = address.rsplit(['@', '.']).next().unwrap();
                let reserved = ["com", "net", "org"].map(|top| format!("example.{top}"));
                assert!(
                    domain == "example" || reserved.iter().any(|end| address.ends_with(end)),
                    "{address}"
                );
                assert!(address.is_ascii(), "{address}");
                seen(address);
            }
            for phone in user["phone_numbers"].as_array().unwrap() {
                let number = text(phone, "phone_number");
                assert!(number.len() == 12 && number[5..].starts_with("55501"), "{number}");
                seen(number);
            }
        }
    }
    assert_eq!(identifiers.len(), total);
    assert!(total > 8_000);
}

fn is_clerk_id(id: &str, prefix: &str) -> bool {
    id.strip_prefix(prefix).is_some_and(|rest| {
        rest.len() == 26 && rest.bytes().all(|byte| byte.is_ascii_alphanumeric())
    })
}
