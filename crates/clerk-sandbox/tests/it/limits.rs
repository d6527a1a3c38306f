//! Rate limits.

use clerk_sandbox::Options;
use serde_json::json;

use super::{Api, KEY, Response, path_of};

const OTHER_KEY: &str = "Authorization: Bearer sk_test_other";

async fn with_limit(rate_limit: u32) -> Api {
    Api::with(Options { rate_limit: Some(rate_limit), ..Options::default() }).await
}

async fn count(api: &Api, key: &str) -> Response {
    api.send_with("GET", "/users/count", None, &[key]).await
}

/// Checks that this is a 429, and how long it says to wait.
fn assert_too_many(response: Response) {
    let seconds = response.head.lines().find_map(|line| line.strip_prefix("retry-after: "));
    let seconds: u64 = seconds.expect("Retry-After").parse().unwrap();
    assert!((1..=10).contains(&seconds), "{seconds}");
    assert_eq!(response.json()["errors"][0]["meta"], json!({ "resets_in": seconds }));
    assert_eq!(response.refusal(), (429, vec!["too_many_requests".to_owned()]));
}

#[tokio::test]
async fn one_request_too_many_is_429() {
    let api = with_limit(100).await;
    for request in 1..=100 {
        let wrong_key = count(&api, "Authorization: Bearer sk_other_x").await;
        assert_eq!(wrong_key.status, 401, "and not counted");
        assert_eq!(count(&api, KEY).await.status, 200, "{request}");
    }
    let refused = count(&api, KEY).await;
    assert_too_many(refused);
    for (method, path) in [("GET", "/nowhere"), ("DELETE", "/users/user_nobody")] {
        assert_too_many(api.send_text(method, path, "", &[KEY]).await);
    }
    let otherwise_spelt = KEY.replace("Bearer", "bearer");
    assert_too_many(count(&api, &otherwise_spelt).await);
    assert_eq!(count(&api, OTHER_KEY).await.status, 200);
}

/// Every request with a valid key counts.
#[tokio::test]
async fn requests_that_fail_count() {
    let api = with_limit(3).await;
    let fault = &[KEY, "X-Sandbox-Fault: 500"][..];
    let version = &[KEY, "Clerk-API-Version: 1999-01-01"];
    for (path, headers, status) in
        [("/nowhere", &[KEY][..], 404), ("/users", fault, 500), ("/users", version, 400)]
    {
        assert_eq!(api.send_text("GET", path, "", headers).await.status, status);
    }
    assert_too_many(count(&api, KEY).await);
}

#[tokio::test]
async fn changes_of_one_user_are_limited() {
    let api = with_limit(1_000).await;
    let users = api.get("/users?limit=2").await.ok();
    let (one, other) = (path_of(&users[0]), path_of(&users[1]));
    let metadata = format!("{one}/metadata");
    let change = async |method: &str, path: &str, key: &str| {
        api.send_text(method, path, "{}", &[key, "Content-Type: application/json"]).await
    };
    for round in 0..10 {
        let (method, path) = [("PATCH", &one), ("PATCH", &metadata), ("PUT", &metadata)][round % 3];
        assert_eq!(change(method, path, KEY).await.status, 200, "{round}");
    }
    let before = api.get(&one).await.ok();
    for (method, path) in [("PATCH", &one), ("PATCH", &metadata), ("PUT", &metadata)] {
        assert_too_many(change(method, path, KEY).await);
    }
    assert_eq!(change("PATCH", &one, OTHER_KEY).await.status, 200, "another instance");
    assert_eq!(api.get(&one).await.ok(), before, "nothing changed");
    assert_eq!(change("PATCH", &other, KEY).await.status, 200);
    assert_eq!(change("DELETE", &one, KEY).await.status, 200);
}

#[tokio::test]
async fn no_limit_unless_asked_for() {
    let api = Api::start().await;
    let users = api.get("/users?limit=1").await.ok();
    let path = path_of(&users[0]);
    for _ in 0..110 {
        let headers = [KEY, "Content-Type: application/json"];
        assert_eq!(api.send_text("PATCH", &path, "{}", &headers).await.status, 200);
    }
}
