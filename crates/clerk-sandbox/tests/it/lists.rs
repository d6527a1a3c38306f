//! Orders and pages of users, and organizations.

use clerk_sandbox::Options;
use serde_json::Value;

use super::{Api, number, text};

#[tokio::test]
async fn orders_of_users() {
    let api = Api::with(Options { users: 60, ..Options::default() }).await;
    for (field, value) in [
        ("created_at", "/created_at"),
        ("updated_at", "/updated_at"),
        ("email_address", "/email_addresses/0/email_address"),
        ("web3wallet", "/web3_wallets/0/web3_wallet"),
        ("first_name", "/first_name"),
        ("last_name", "/last_name"),
        ("phone_number", "/phone_numbers/0/phone_number"),
        ("username", "/username"),
        ("last_active_at", "/last_active_at"),
        ("last_sign_in_at", "/last_sign_in_at"),
    ] {
        let values = async |order: &str| {
            let pairs = [("order_by", order), ("limit", "500")];
            let users = api.query("/users", &pairs).await.ok();
            let values = users.as_array().unwrap().iter();
            let values: Vec<_> = values.map(|user| sortable(user.pointer(value))).collect();
            values
        };
        let ascending = values(field).await;
        assert_eq!(ascending.len(), 60);
        assert_eq!(ascending, values(&format!("+{field}")).await);
        let known = ascending.iter().take_while(|value| value.is_some()).count();
        assert!(known > 2 && ascending[known..].iter().all(Option::is_none), "{field}");
        assert!(ascending[..known].is_sorted(), "{field}");
        let mut descending = values(&format!("-{field}")).await;
        descending[..known].reverse();
        assert_eq!(descending, ascending, "{field}");
    }
    let newest_first = api.query("/users", &[("order_by", "-created_at")]).await.ids();
    assert_eq!(newest_first, api.get("/users").await.ids());
    let first_counts = api.get("/users?order_by=username&order_by=created_at").await.ids();
    assert_eq!(first_counts, api.get("/users?order_by=username").await.ids());
}

/// A text or a number of the same width; `None` for null.
fn sortable(value: Option<&Value>) -> Option<String> {
    match value? {
        Value::Null => None,
        Value::Number(number) => Some(format!("{:>20}", number.as_i64().unwrap())),
        value => Some(value.as_str().unwrap().to_owned()),
    }
}

#[tokio::test]
async fn pages_of_users() {
    let api = Api::with(Options { users: 57, ..Options::default() }).await;
    for order in ["-created_at", "+created_at", "created_at", "last_name"] {
        let page = async |more: &[(&str, &str)]| {
            let pairs = [&[("order_by", order)], more].concat();
            api.query("/users", &pairs).await.ids()
        };
        let whole = page(&[("limit", "500")]).await;
        assert_eq!(whole.len(), 57);
        assert_eq!(page(&[]).await, whole[..10]);
        assert_eq!(page(&[("limit", "20"), ("offset", "40")]).await, whole[40..]);
        assert_eq!(page(&[("offset", "57")]).await, [""; 0]);
        if order != "last_name" {
            let mut walked = page(&[("limit", "8")]).await;
            while let Some(last) = walked.last().cloned() {
                let next = page(&[("limit", "8"), ("starting_after", &last)]).await;
                if next.is_empty() {
                    break;
                }
                walked.extend(next);
            }
            assert_eq!(walked, whole, "{order}");
        }
    }
}

#[tokio::test]
async fn lists_of_organizations() {
    let api = Api::with(Options { users: 300, ..Options::default() }).await;
    let path = "/organizations?include_members_count=true&limit=500";
    let all = api.get(path).await.ok();
    let organizations = all["data"].as_array().unwrap();
    assert_eq!(all["total_count"], organizations.len());
    assert_eq!(organizations.len(), 12);
    let full = |organization: &&Value| {
        organization["members_count"] == organization["max_allowed_memberships"]
    };
    assert_eq!(organizations.iter().filter(full).count(), 1);

    for (field, value) in
        [("created_at", "/created_at"), ("name", "/name"), ("members_count", "/members_count")]
    {
        let values = async |order: &str| {
            let path = format!("{path}&order_by={order}");
            let body = api.get(&path).await.ok();
            let data = body["data"].as_array().unwrap().iter();
            let values: Vec<_> = data.map(|item| sortable(item.pointer(value)).unwrap()).collect();
            values
        };
        let mut ascending = values(field).await;
        assert!(ascending.is_sorted(), "{field}");
        assert_eq!(values(&format!("%2B{field}")).await, ascending);
        ascending.reverse();
        assert_eq!(values(&format!("-{field}")).await, ascending, "{field}");
    }

    let (one, other) = (&organizations[3], &organizations[5]);
    let (id, other_id) = (text(one, "id"), text(other, "id"));
    let words = text(one, "name");
    let find = async |pairs: &[(&str, &str)]| {
        let pairs = [pairs, &[("limit", "500")]].concat();
        api.query("/organizations", &pairs).await.ids()
    };
    assert_eq!(find(&[("query", &id)]).await, [id.as_str()]);
    assert_eq!(find(&[("query", &id[..20])]).await, [""; 0]);
    assert_eq!(find(&[("query", &words[1..].to_uppercase())]).await, [id.as_str()]);
    assert_eq!(find(&[("query", &text(one, "slug")[1..])]).await, [id.as_str()]);
    let plus = format!("+{other_id}");
    let listed = find(&[("organization_id", &id), ("organization_id", &plus)]).await;
    assert_eq!(listed, [id.as_str(), other_id.as_str()]);
    assert_eq!(find(&[("organization_id", &format!("-{id}"))]).await.len(), 11);
    let unencoded = api.get(&format!("/organizations?organization_id=+{id}")).await;
    assert_eq!(unencoded.ids(), [id.as_str()]);
    assert_eq!(api.get("/organizations?limit=5&offset=10").await.ok()["total_count"], 12);
    assert_eq!(api.get("/organizations?limit=5&offset=10").await.ids().len(), 2);
}

#[tokio::test]
async fn an_organization_by_id_and_by_slug() {
    let api = Api::start().await;
    let list = api.get("/organizations?limit=1").await.ok();
    let one = &list["data"][0];
    let (id, slug) = (text(one, "id"), text(one, "slug"));
    let by_id = api.get(&format!("/organizations/{id}")).await.ok();
    assert_eq!(by_id, api.get(&format!("/organizations/{slug}")).await.ok());
    assert_eq!(by_id, *one);
    assert_eq!(by_id.get("members_count"), None);
    assert_eq!(by_id.get("missing_member_with_elevated_permissions"), None);
    let path = format!(
        "/organizations/{slug}?include_members_count=true\
         &include_missing_member_with_elevated_permissions=true"
    );
    let more = api.get(&path).await.ok();
    assert!((2..=10).contains(&number(&more, "members_count")));
    assert_eq!(more["missing_member_with_elevated_permissions"], false);
}
