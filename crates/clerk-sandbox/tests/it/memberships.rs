//! Lists of memberships.

use std::collections::BTreeSet;

use clerk_sandbox::Options;
use serde_json::{Value, json};

use super::{Api, number, path_of, start, text};

/// All memberships at a path.
async fn all(api: &Api, path: &str) -> Vec<Value> {
    let page = api.get(&format!("{path}?limit=500")).await.ok();
    let memberships = page["data"].as_array().unwrap().clone();
    assert_eq!(page["total_count"], memberships.len());
    memberships
}

fn of_user(user: &Value) -> String {
    format!("{}/organization_memberships", path_of(user))
}

fn of_organization(organization: &Value) -> String {
    format!("/organizations/{}/memberships", text(organization, "id"))
}

async fn users(api: &Api) -> Vec<Value> {
    api.get("/users?limit=500").await.ok().as_array().unwrap().clone()
}

/// All organizations, the one with the most members first.
async fn organizations(api: &Api) -> Vec<Value> {
    let path = "/organizations?limit=500&include_members_count=true&order_by=-members_count";
    api.get(path).await.ok()["data"].as_array().unwrap().clone()
}

fn user_ids(memberships: &[Value]) -> Vec<String> {
    memberships.iter().map(|membership| text(&membership["public_user_data"], "user_id")).collect()
}

fn ids(memberships: &[Value]) -> BTreeSet<String> {
    memberships.iter().map(|membership| text(membership, "id")).collect()
}

#[tokio::test]
async fn both_lists_hold_the_same() {
    let api = Api::start().await;
    let mut by_user = Vec::new();
    for user in &users(&api).await {
        for membership in all(&api, &of_user(user)).await {
            let data = &membership["public_user_data"];
            assert_eq!(data["user_id"], user["id"]);
            for field in ["first_name", "last_name", "username", "image_url", "has_image", "banned"]
            {
                assert_eq!(data[field], user[field], "{field}");
            }
            by_user.push(membership);
        }
    }
    let mut by_organization = Vec::new();
    for organization in &organizations(&api).await {
        let members = all(&api, &of_organization(organization)).await;
        assert_eq!(organization["members_count"], members.len());
        for membership in &members {
            let path = format!("/organizations/{}", text(organization, "id"));
            assert_eq!(membership["organization"], api.get(&path).await.ok());
            assert!(number(membership, "created_at") >= number(organization, "created_at"));
        }
        by_organization.extend(members);
    }
    assert_eq!(ids(&by_user).len(), by_user.len(), "no id twice");
    let sorted = |mut memberships: Vec<Value>| {
        memberships.sort_by_key(|membership| text(membership, "id"));
        memberships
    };
    assert_eq!(sorted(by_user), sorted(by_organization));
}

#[tokio::test]
async fn a_membership() {
    let (api, user, other) = start().await;
    let body = json!({ "name": "Acme", "created_by": user["id"] });
    let organization = api.send("POST", "/organizations", Some(&body)).await.ok();
    let members = all(&api, &of_organization(&organization)).await;
    assert_eq!(members, all(&api, &of_user(&user)).await);
    let [member] = &members[..] else { panic!("one member, not {members:#?}") };
    assert!(text(member, "id").starts_with("orgmem_2"));
    assert_eq!(member["object"], "organization_membership");
    assert_eq!((&member["role"], &member["role_name"]), (&json!("org:admin"), &json!("Admin")));
    assert_eq!(member["permissions"].as_array().unwrap().len(), 8);
    assert_eq!(member["organization"], organization);
    assert_eq!(member["public_metadata"], json!({}));
    assert_eq!(member["private_metadata"], json!({}));
    assert_eq!(member["created_at"], organization["created_at"]);
    assert_eq!(member["updated_at"], member["created_at"]);
    assert_eq!(member["public_user_data"]["identifier"], "one@test.example");
    assert!(all(&api, &of_user(&other)).await.is_empty());
}

/// The primary email address, else the phone number, else the user name.
#[tokio::test]
async fn members_are_identified_by_address_phone_or_username() {
    let (api, ..) = start().await;
    for (body, identifier) in [
        (json!({ "username": "by_name", "email_address": ["a@test.example"] }), "a@test.example"),
        (json!({ "username": "by_phone", "phone_number": ["+12015550101"] }), "+12015550101"),
        (json!({ "username": "only_name" }), "only_name"),
    ] {
        let user = api.send("POST", "/users", Some(&body)).await.ok();
        let body = json!({ "name": "Acme", "created_by": user["id"] });
        api.send("POST", "/organizations", Some(&body)).await.ok();
        let memberships = all(&api, &of_user(&user)).await;
        assert_eq!(memberships[0]["public_user_data"]["identifier"], identifier);
    }
}

#[tokio::test]
async fn roles() {
    let api = Api::start().await;
    let mut with_one_administrator = 0;
    for organization in &organizations(&api).await {
        let path = of_organization(organization);
        let find = async |roles: &[&str]| {
            let pairs: Vec<_> = roles.iter().map(|role| ("role", *role)).collect();
            api.query(&path, &pairs).await.ok()["data"].as_array().unwrap().clone()
        };
        let members = all(&api, &path).await;
        let (admins, others) = (find(&["org:admin"]).await, find(&["org:member"]).await);
        for (list, role, permissions) in [(&admins, "org:admin", 8), (&others, "org:member", 2)] {
            assert!(list.iter().all(|membership| {
                membership["role"] == role
                    && membership["permissions"].as_array().unwrap().len() == permissions
            }));
        }
        assert_eq!(admins.len() + others.len(), members.len());
        assert!(user_ids(&admins).contains(&text(organization, "created_by")));
        assert_eq!(find(&["org:admin", "org:member", "org:none"]).await, members);
        assert!(find(&["org:none"]).await.is_empty());
        with_one_administrator += usize::from(admins.len() == 1);
    }
    assert_eq!(with_one_administrator, 2);
}

#[tokio::test]
async fn pages_and_orders() {
    let api = Api::with(Options { users: 60, ..Options::default() }).await;
    let organization = &organizations(&api).await[0];
    let path = of_organization(organization);
    let whole = all(&api, &path).await;
    let created: Vec<_> =
        whole.iter().map(|membership| -number(membership, "created_at")).collect();
    assert!(whole.len() > 7 && created.is_sorted(), "newest first");
    let people = users(&api).await;
    let person = |member: &Value| {
        let id = &member["public_user_data"]["user_id"];
        people.iter().find(|user| user["id"] == *id).unwrap()
    };
    for (field, value) in [
        ("email_address", "/email_addresses/0/email_address"),
        ("phone_number", "/phone_numbers/0/phone_number"),
        ("first_name", "/first_name"),
        ("last_name", "/last_name"),
        ("username", "/username"),
    ] {
        let values = async |order: &str| {
            let members = api.query(&path, &[("order_by", order)]).await.ok();
            let members = members["data"].as_array().unwrap().iter();
            let values =
                members.map(|membership| person(membership).pointer(value).and_then(Value::as_str));
            let values: Vec<_> = values.map(|value| value.map(str::to_owned)).collect();
            values
        };
        let ascending = values(field).await;
        assert_eq!(ascending, values(&format!("+{field}")).await);
        let known = ascending.iter().take_while(|value| value.is_some()).count();
        assert!(known > 0 && ascending[known..].iter().all(Option::is_none), "{field}");
        assert!(ascending[..known].is_sorted(), "{field}");
        let mut descending = values(&format!("-{field}")).await;
        descending[..known].reverse();
        assert_eq!(descending, ascending, "{field}");
    }
    let oldest_first = api.query(&path, &[("order_by", "created_at")]).await.ids();
    assert!(
        oldest_first
            .iter()
            .rev()
            .eq(whole.iter().map(|membership| membership["id"].as_str().unwrap()))
    );
    let page = api.get(&format!("{path}?limit=3&offset=2")).await.ok();
    assert_eq!(page["data"].as_array().unwrap()[..], whole[2..5]);
    assert_eq!(page["total_count"], whole.len());
    assert_eq!(api.get(&format!("{path}?offset=500")).await.ids(), [""; 0]);
}

#[tokio::test]
async fn pages_of_a_user() {
    let (api, user, _) = start().await;
    for number in 0..12 {
        let body = json!({ "name": format!("Acme {number}"), "created_by": user["id"] });
        api.send("POST", "/organizations", Some(&body)).await.ok();
    }
    let path = of_user(&user);
    let whole = all(&api, &path).await;
    assert_eq!(whole.len(), 12);
    assert_eq!(whole[0]["organization"]["name"], "Acme 11", "newest first");
    assert_eq!(api.get(&path).await.ids().len(), 10);
    let page = api.get(&format!("{path}?limit=5&offset=10")).await.ok();
    assert_eq!(page["data"].as_array().unwrap()[..], whole[10..]);
    assert_eq!(page["total_count"], 12);
}

#[tokio::test]
async fn filters() {
    let api = Api::start().await;
    let organization = &organizations(&api).await[0];
    let path = of_organization(organization);
    let find = async |pairs: &[(&str, &str)]| {
        let page = api.query(&path, pairs).await.ok();
        user_ids(page["data"].as_array().unwrap())
    };
    let members = find(&[]).await;
    let (one, other) = (members[3].as_str(), members[5].as_str());
    assert_eq!(find(&[("user_id", one), ("user_id", "user_nobody")]).await, [one]);
    assert_eq!(find(&[("user_id", other), ("user_id", &format!("+{one}"))]).await, [one, other]);
    let without = find(&[("user_id", &format!("-{one}"))]).await;
    assert!(without.len() == members.len() - 1 && !without.contains(&members[3]));

    let everyone = users(&api).await;
    let people: Vec<_> =
        everyone.iter().filter(|user| members.contains(&text(user, "id"))).collect();
    let outsider = everyone.iter().find(|user| !members.contains(&text(user, "id"))).unwrap();
    assert_eq!(find(&[("user_id", &text(outsider, "id"))]).await, [""; 0]);
    for (parameter, value, cut) in [
        ("email_address", "/email_addresses/0/email_address", 0),
        ("phone_number", "/phone_numbers/0/phone_number", 0),
        ("username", "/username", 0),
        ("web3_wallet", "/web3_wallets/0/web3_wallet", 0),
        ("email_address_query", "/email_addresses/0/email_address", 1),
        ("phone_number_query", "/phone_numbers/0/phone_number", 2),
        ("username_query", "/username", 1),
        ("name_query", "/last_name", 1),
        ("query", "/id", 1),
    ] {
        let with_it = people.iter().find_map(|user| Some((user, user.pointer(value)?.as_str()?)));
        let (user, value) = with_it.expect(parameter);
        let found = find(&[(parameter, &value[cut..])]).await;
        assert!(found.contains(&text(user, "id")), "{parameter}");
        assert!(found.len() < members.len(), "{parameter}");
    }
    for field in ["created_at", "last_active_at"] {
        let times = people.iter().filter_map(|user| user[field].as_i64());
        let middle = times.clone().max().unwrap();
        let latest = times.filter(|time| *time == middle).count();
        let known = people.iter().filter(|user| user[field].is_i64()).count();
        let (before, after) = (format!("{field}_before"), format!("{field}_after"));
        let just_before = (middle - 1).to_string();
        assert_eq!(find(&[(&before, &middle.to_string())]).await.len(), known - latest);
        assert_eq!(find(&[(&after, &just_before)]).await.len(), latest);
        assert_eq!(find(&[(&after, &just_before), ("role", "org:none")]).await, [""; 0]);
    }
}

#[tokio::test]
async fn refusals() {
    let api = Api::start().await;
    let organization = &organizations(&api).await[0];
    let user = api.get("/users?limit=1").await.ok();
    let (of_organization, of_user) = (of_organization(organization), of_user(&user[0]));
    let by_slug = format!("/organizations/{}/memberships", text(organization, "slug"));
    for (path, status, code) in [
        ("/users/user_nobody/organization_memberships", 404, "resource_not_found"),
        ("/organizations/org_none/memberships", 404, "resource_not_found"),
        (&by_slug, 404, "resource_not_found"),
        (&format!("{of_user}?order_by=created_at"), 422, "form_param_unknown order_by"),
        (&format!("{of_user}?role=org:admin"), 422, "form_param_unknown role"),
        (&format!("{of_user}?limit=501"), 422, "form_param_value_invalid limit"),
        (&format!("{of_organization}?banned=true"), 422, "form_param_unknown banned"),
        (&format!("{of_organization}?external_id=1"), 422, "form_param_unknown external_id"),
        (&format!("{of_organization}?paginated=true"), 422, "form_param_unknown paginated"),
        (&format!("{of_organization}?order_by=role"), 422, "form_param_value_invalid order_by"),
    ] {
        assert_eq!(api.get(path).await.refusal(), (status, vec![code.to_owned()]), "{path}");
    }
    let post = api.send("POST", &of_user, Some(&json!({}))).await;
    assert_eq!(post.refusal(), (405, vec!["method_not_allowed".to_owned()]));
}

#[tokio::test]
async fn a_deleted_user_is_a_member_no_more() {
    let api = Api::start().await;
    let organization = &organizations(&api).await[0];
    let path = of_organization(organization);
    let before = all(&api, &path).await;
    let gone = json!({ "id": before[2]["public_user_data"]["user_id"] });
    assert!(!all(&api, &of_user(&gone)).await.is_empty());
    api.send("DELETE", &path_of(&gone), None).await.ok();
    let mut rest = before;
    rest.remove(2);
    assert_eq!(all(&api, &path).await, rest);
    let refusal = api.get(&of_user(&gone)).await.refusal();
    assert_eq!(refusal, (404, vec!["resource_not_found".to_owned()]));
}
