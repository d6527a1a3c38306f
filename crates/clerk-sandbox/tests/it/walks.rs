//! Walking through users in the order in which they were created, and what moves them in it.

use clerk_sandbox::Options;
use serde_json::{Value, json};
use testing::Contract;

use super::{Api, path_of, text};

/// The parameters of each list, all of them known.
#[tokio::test]
async fn no_parameter_is_missing() {
    let api = Api::start().await;
    let user = api.get("/users?limit=1").await.ids().remove(0);
    let organization = api.get("/organizations?limit=1").await.ids().remove(0);
    let session = api.get(&format!("/sessions?user_id={user}")).await.ids().remove(0);
    let operations = Contract::clerk().operations().into_iter();
    for operation in operations.filter(|operation| operation.method == "GET") {
        let path = operation
            .path
            .replace("{template_type}", "email")
            .replace("{user_id}", &user)
            .replace("{organization_id}", &organization)
            .replace("{session_id}", &session);
        for name in operation.query_parameters() {
            let response = api.raw("GET", &format!("{path}?{name}=1"), None).await;
            assert!(!response.text.contains("form_param_unknown"), "{path}: {name}");
        }
    }
}

/// All users that pass, by pages of three, each of which begins after the last of the page before.
async fn walk(api: &Api, filter: &[(&str, &str)]) -> Vec<String> {
    let mut walked: Vec<String> = Vec::new();
    loop {
        let last = walked.last().cloned().unwrap_or_default();
        let cursor = [("limit", "3"), ("starting_after", last.as_str())];
        let cursor = if walked.is_empty() { &cursor[..1] } else { &cursor[..] };
        let page = api.query("/users", &[filter, cursor].concat()).await.ids();
        if page.is_empty() {
            return walked;
        }
        walked.extend(page);
    }
}

#[tokio::test]
async fn cursors_keep_the_filters() {
    let api = Api::with(Options { users: 60, ..Options::default() }).await;
    let everyone = api.get("/users?limit=500").await.ids();
    let organization = api.get("/organizations?limit=1").await.ids().remove(0);
    let out = format!("-{organization}");
    let filters: [&[(&str, &str)]; 7] = [
        &[("banned", "false")],
        &[("organization_id", &organization)],
        &[("organization_id", &out)],
        &[("organization_id", &organization), ("banned", "false")],
        &[("user_id", &everyone[7]), ("user_id", &everyone[3]), ("user_id", &everyone[40])],
        &[("user_id", &everyone[7]), ("user_id", &everyone[3]), ("organization_id", &out)],
        &[("name_query", "a"), ("user_id", "user_nobody")],
    ];
    for filter in filters {
        let whole = [filter, &[("limit", "500")]].concat();
        let found = api.query("/users", &whole).await.ids();
        let place = |id: &String| everyone.iter().position(|other| other == id).unwrap();
        assert!(found.is_sorted_by_key(place), "{filter:?}");
        assert_eq!(walk(&api, filter).await, found, "{filter:?}");
        let count = api.query("/users/count", filter).await.ok();
        assert_eq!(count["total_count"], found.len(), "{filter:?}");
        let offset = [filter, &[("limit", "2"), ("offset", "1")]].concat();
        let expected: Vec<_> = found.iter().skip(1).take(2).collect();
        assert!(api.query("/users", &offset).await.ids().iter().eq(expected), "{filter:?}");

        let ascending = [filter, &[("order_by", "created_at")]].concat();
        let mut backwards = walk(&api, &ascending).await;
        backwards.reverse();
        assert_eq!(backwards, found, "{filter:?}");
        let by_name = [filter, &[("order_by", "last_name"), ("limit", "500")]].concat();
        let mut by_name = api.query("/users", &by_name).await.ids();
        by_name.sort();
        let mut found = found;
        found.sort();
        assert_eq!(by_name, found, "{filter:?}");
    }
}

/// The cursor need not pass the filters itself.
#[tokio::test]
async fn a_cursor_that_is_filtered_out() {
    let api = Api::start().await;
    let everyone = api.get("/users?limit=500").await.ok();
    let everyone = everyone.as_array().unwrap();
    let banned = everyone.iter().position(|user| user["banned"] == true).unwrap();
    let cursor = text(&everyone[banned], "id");
    let pairs = [("banned", "false"), ("limit", "1"), ("starting_after", &cursor)];
    assert_eq!(api.query("/users", &pairs).await.ids(), [text(&everyone[banned + 1], "id")]);
    let next = text(&everyone[banned + 2], "id");
    let pairs = [("user_id", next.as_str()), ("starting_after", &cursor)];
    assert_eq!(api.query("/users", &pairs).await.ids(), [next.as_str()]);
}

#[tokio::test]
async fn equally_old_users_come_in_a_fixed_order() {
    let api = Api::start().await;
    let create = async |name: &str, date: &str| {
        let body = json!({ "username": name, "created_at": date });
        text(&api.send("POST", "/users", Some(&body)).await.ok(), "id")
    };
    let mut same = Vec::new();
    for number in 0..7 {
        same.push(create(&format!("twin_{number}"), "2025-01-01T00:00:00Z").await);
        create(&format!("other_{number}"), &format!("2024-12-{:02}T00:00:00Z", 20 - number)).await;
    }
    same.sort();
    same.reverse();
    let whole = api.get("/users?limit=500").await.ok();
    let whole = whole.as_array().unwrap();
    assert!(whole.is_sorted_by_key(|user| -user["created_at"].as_i64().unwrap()));
    let ids: Vec<_> = whole.iter().map(|user| text(user, "id")).collect();
    let twins: Vec<_> = ids.iter().filter(|id| same.contains(id)).cloned().collect();
    assert_eq!(twins, same);
    assert_eq!(walk(&api, &[]).await, ids);
}

#[tokio::test]
async fn changes_and_deletions_keep_the_order() {
    let api = Api::start().await;
    let mut ids = api.get("/users?limit=500").await.ids();
    let moved = json!({ "id": ids.remove(20) });
    let date: Value = json!({ "created_at": "2040-01-01T00:00:00Z" });
    api.send("PATCH", &path_of(&moved), Some(&date)).await.ok();
    ids.insert(0, text(&moved, "id"));
    for index in [3, 9] {
        let gone = json!({ "id": ids.remove(index) });
        api.send("DELETE", &path_of(&gone), None).await.ok();
    }
    assert_eq!(walk(&api, &[]).await, ids);
    assert_eq!(api.get("/users/count").await.ok()["total_count"], ids.len());
    let created = api.send("POST", "/users", Some(&json!({ "username": "newest" }))).await.ok();
    ids.insert(1, text(&created, "id"));
    assert_eq!(walk(&api, &[]).await, ids);
}
