//! Lists of roles.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Api, text};

async fn find(api: &Api, pairs: &[(&str, &str)]) -> Vec<String> {
    let page = api.query("/organization_roles", pairs).await.ok();
    page["data"].as_array().unwrap().iter().map(|role| text(role, "key")).collect()
}

#[tokio::test]
async fn roles_are_those_of_the_members() {
    let api = Api::start().await;
    let roles = api.get("/organization_roles").await.ok();
    assert_eq!(roles["total_count"], 2);
    let mut known = BTreeMap::new();
    for role in roles["data"].as_array().unwrap() {
        assert!(text(role, "id").starts_with("role_2"));
        let keys = role["permissions"].as_array().unwrap().iter();
        let keys: Vec<_> = keys.map(|permission| permission["key"].clone()).collect();
        known.insert(text(role, "key"), (role["name"].clone(), Value::from(keys)));
        assert_eq!(role["is_creator_eligible"], role["key"] == "org:admin");
    }
    assert!(known.keys().eq(["org:admin", "org:member"]));
    let organization = api.get("/organizations?order_by=-members_count").await.ids().remove(0);
    let path = format!("/organizations/{organization}/memberships");
    for member in api.get(&path).await.ok()["data"].as_array().unwrap() {
        let role = (member["role_name"].clone(), member["permissions"].clone());
        assert_eq!(known[&text(member, "role")], role);
    }
    assert_eq!(roles, api.get("/organization_roles").await.ok());
}

/// The same permission has the same id in each role.
#[tokio::test]
async fn permissions_are_shared() {
    let api = Api::start().await;
    let roles = api.get("/organization_roles?order_by=key").await.ok();
    let of = |index: usize| roles["data"][index]["permissions"].as_array().unwrap().clone();
    let (admin, member) = (of(0), of(1));
    assert!(member.len() < admin.len() && member.iter().all(|key| admin.contains(key)));
}

#[tokio::test]
async fn queries_orders_and_pages() {
    let api = Api::start().await;
    for order in ["name", "+name", "key"] {
        assert_eq!(find(&api, &[("order_by", order)]).await, ["org:admin", "org:member"]);
    }
    assert_eq!(find(&api, &[("order_by", "-name")]).await, ["org:member", "org:admin"]);
    let newest_first = find(&api, &[]).await;
    assert_eq!(newest_first, find(&api, &[("order_by", "-created_at")]).await);
    let oldest_first = find(&api, &[("order_by", "created_at")]).await;
    assert!(oldest_first.iter().eq(newest_first.iter().rev()));
    assert_eq!(find(&api, &[("query", "MEMB")]).await, ["org:member"]);
    assert_eq!(find(&api, &[("query", "org:ad")]).await, ["org:admin"]);
    assert_eq!(find(&api, &[("query", "nobody")]).await, [""; 0]);
    let id = api.get("/organization_roles?query=admin").await.ids().remove(0);
    assert_eq!(find(&api, &[("query", &id)]).await, ["org:admin"]);
    assert_eq!(find(&api, &[("query", &id[..20])]).await, [""; 0], "ids must be whole");
    assert_eq!(find(&api, &[("limit", "1"), ("offset", "1")]).await, newest_first[1..]);
    let page = api.get("/organization_roles?limit=1").await.ok();
    assert_eq!(page["total_count"], json!(2));
    for (query, code) in [
        ("order_by=id", "form_param_value_invalid order_by"),
        ("limit=0", "form_param_value_invalid limit"),
        ("name=x", "form_param_unknown name"),
    ] {
        let refusal = api.get(&format!("/organization_roles?{query}")).await.refusal();
        assert_eq!(refusal, (422, vec![code.to_owned()]), "{query}");
    }
}
