//! The filters of `GET /users` and `GET /users/count`.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::{Api, number, text};

/// Whether a user passes a filter.
type Wanted<'a> = Box<dyn Fn(&Value) -> bool + 'a>;

/// All users, newest first.
async fn everyone(api: &Api) -> Vec<Value> {
    let users = api.get("/users?limit=500").await.ok();
    users.as_array().unwrap().clone()
}

fn ids(users: &[Value], wanted: impl Fn(&Value) -> bool) -> BTreeSet<String> {
    let wanted = users.iter().filter(|user| wanted(user));
    wanted.map(|user| text(user, "id")).collect()
}

/// Whether one of the entries of a list has text in a field that passes.
fn any(user: &Value, list: &str, field: &str, passes: impl Fn(&str) -> bool) -> bool {
    let entries = user[list].as_array().unwrap();
    entries.iter().any(|entry| passes(entry[field].as_str().unwrap()))
}

fn has_text(user: &Value, field: &str, part: &str) -> bool {
    user[field].as_str().is_some_and(|text| text.to_lowercase().contains(part))
}

/// Each filter returns and counts exactly the users that pass a check in the test: some, not all.
#[tokio::test]
async fn filters_of_users() {
    let api = Api::start().await;
    let users = everyone(&api).await;
    let with = |list: &str| users.iter().find(|user| user[list] != json!([])).unwrap();
    let first_of = |list: &str, field: &str| text(&with(list)[list][0], field);
    let email = first_of("email_addresses", "email_address");
    let phone = first_of("phone_numbers", "phone_number");
    let wallet = first_of("web3_wallets", "web3_wallet");
    let google = first_of("external_accounts", "provider_user_id");
    let username = users.iter().find_map(|user| user["username"].as_str()).unwrap();
    let external = users.iter().find_map(|user| user["external_id"].as_str()).unwrap();
    let (first, second) = (text(&users[0], "id"), text(&users[1], "id"));
    let created = number(&users[9], "created_at");
    let active = users.iter().find_map(|user| user["last_active_at"].as_i64()).unwrap();
    let signed_in = users.iter().find_map(|user| user["last_sign_in_at"].as_i64()).unwrap();
    let full_name = format!("{} {}", text(&users[2], "first_name"), text(&users[2], "last_name"));
    let at = |field: &'static str| move |user: &Value| user[field].as_i64();
    let (created_at, active_at, signed_in_at) =
        (at("created_at"), at("last_active_at"), at("last_sign_in_at"));

    let email_is = |wanted: String| {
        move |user: &Value| any(user, "email_addresses", "email_address", |value| value == wanted)
    };
    let name_has = |part: &'static str| {
        move |user: &Value| has_text(user, "first_name", part) || has_text(user, "last_name", part)
    };
    let cases: Vec<(Vec<(&str, String)>, Wanted)> = vec![
        (vec![("email_address", email.to_uppercase())], Box::new(email_is(email.clone()))),
        (
            vec![("email_address", email.clone()), ("email_address", "no@example.com".into())],
            Box::new(email_is(email.clone())),
        ),
        (
            vec![("phone_number", phone.clone())],
            Box::new(|user| any(user, "phone_numbers", "phone_number", |value| value == phone)),
        ),
        (
            vec![("web3_wallet", wallet.clone())],
            Box::new(|user| any(user, "web3_wallets", "web3_wallet", |value| value == wallet)),
        ),
        (
            vec![("username", username.to_uppercase())],
            Box::new(|user| user["username"] == username),
        ),
        (vec![("external_id", external.into())], Box::new(|user| user["external_id"] == external)),
        (
            vec![("external_id", format!("-{external}"))],
            Box::new(|user| user["external_id"] != external),
        ),
        (
            vec![("user_id", first.clone()), ("user_id", format!("+{second}"))],
            Box::new(|user| user["id"] == *first || user["id"] == *second),
        ),
        (vec![("user_id", format!("-{first}"))], Box::new(|user| user["id"] != *first)),
        (vec![("provider", "oauth_google".into()), ("provider_user_id", google.clone())], {
            Box::new(|user| {
                any(user, "external_accounts", "provider_user_id", |value| value == google)
            })
        }),
        (vec![("banned", "true".into())], Box::new(|user| user["banned"] == true)),
        (vec![("banned", "false".into())], Box::new(|user| user["banned"] == false)),
        (
            vec![("email_address_query", "NORTHWIND".into())],
            Box::new(|user| {
                any(user, "email_addresses", "email_address", |value| value.contains("northwind"))
            }),
        ),
        (
            vec![("phone_number_query", "5501".into())],
            Box::new(|user| user["phone_numbers"] != json!([])),
        ),
        (
            vec![("username_query", username[1..].to_uppercase())],
            Box::new(|user| has_text(user, "username", &username[1..])),
        ),
        (vec![("name_query", "AN".into())], Box::new(name_has("an"))),
        (
            vec![("name_query", full_name.to_lowercase())],
            Box::new(|user| {
                full_name == format!("{} {}", text(user, "first_name"), text(user, "last_name"))
            }),
        ),
        (
            vec![("query", wallet[10..].into())],
            Box::new(|user| any(user, "web3_wallets", "web3_wallet", |value| value == wallet)),
        ),
        (vec![("query", first[8..].to_lowercase())], Box::new(|user| user["id"] == *first)),
        (
            vec![("query", phone[4..].into())],
            Box::new(|user| any(user, "phone_numbers", "phone_number", |value| value == phone)),
        ),
        (
            vec![("created_at_before", created.to_string())],
            Box::new(move |user| created_at(user).unwrap() < created),
        ),
        (
            vec![("created_at_after", created.to_string())],
            Box::new(move |user| created_at(user).unwrap() > created),
        ),
        (
            vec![("last_active_at_before", active.to_string())],
            Box::new(move |user| active_at(user).is_some_and(|at| at < active)),
        ),
        (
            vec![("last_active_at_after", (active - 1).to_string())],
            Box::new(move |user| active_at(user).is_some_and(|at| at > active - 1)),
        ),
        (
            vec![("last_active_at_since", active.to_string())],
            Box::new(move |user| active_at(user).is_some_and(|at| at >= active)),
        ),
        (
            vec![("last_sign_in_at_before", signed_in.to_string())],
            Box::new(move |user| signed_in_at(user).is_some_and(|at| at < signed_in)),
        ),
        (
            vec![("last_sign_in_at_after", (signed_in - 1).to_string())],
            Box::new(move |user| signed_in_at(user).is_some_and(|at| at >= signed_in)),
        ),
        (
            vec![("banned", "false".into()), ("name_query", "an".into())],
            Box::new(|user| user["banned"] == false && name_has("an")(user)),
        ),
    ];
    for (filter, wanted) in cases {
        let filter: Vec<_> = filter.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let expected = ids(&users, wanted);
        assert!(!expected.is_empty() && expected.len() < users.len(), "{filter:?} says nothing");
        let page = [&filter[..], &[("limit", "500")]].concat();
        let found = api.query("/users", &page).await.ids();
        assert_eq!(BTreeSet::from_iter(found), expected, "{filter:?}");
        let count = api.query("/users/count", &filter).await.ok();
        assert_eq!(count["total_count"], expected.len(), "{filter:?}");
    }
}

#[tokio::test]
async fn users_by_organization() {
    let api = Api::start().await;
    let organizations = api.get("/organizations?limit=2").await.ids();
    let (first, second) = (organizations[0].as_str(), organizations[1].as_str());
    let members = async |signed: &str| {
        let pairs = [("organization_id", signed), ("limit", "500")];
        BTreeSet::from_iter(api.query("/users", &pairs).await.ids())
    };
    let (of_first, of_second) = (members(first).await, members(&format!("+{second}")).await);
    for (organization, members) in [(first, &of_first), (second, &of_second)] {
        let path = format!("/organizations/{organization}?include_members_count=true");
        assert_eq!(api.get(&path).await.ok()["members_count"], members.len());
        for member in members {
            let path = format!("/organizations?limit=500&user_id={member}");
            assert!(api.get(&path).await.ids().iter().any(|id| id == organization));
            let path = format!("/organizations?limit=500&user_id=-{member}");
            assert!(!api.get(&path).await.ids().iter().any(|id| id == organization));
        }
    }
    let everyone = ids(&everyone(&api).await, |_| true);
    assert_eq!(members(&format!("-{first}")).await, &everyone - &of_first);
    let pairs = [("organization_id", first), ("organization_id", second), ("limit", "500")];
    let both = BTreeSet::from_iter(api.query("/users", &pairs).await.ids());
    assert_eq!(both, &of_first | &of_second);
}
