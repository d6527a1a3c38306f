//! The control API: instances, reset, snapshots, the clock, faults at run time, the request log.

use clerk_sandbox::Options;
use serde_json::{Value, json};

use super::{Api, KEY, number, start, text};

const OTHER: &str = "Authorization: Bearer sk_test_other";

async fn count(api: &Api, key: &str) -> i64 {
    let response = api.send_with("GET", "/users/count", None, &[key]).await;
    number(&response.ok(), "total_count")
}

#[tokio::test]
async fn each_key_has_an_instance_of_its_own() {
    let api = Api::start().await;
    let user = json!({ "username": "only_here" });
    api.send("POST", "/users", Some(&user)).await.ok();
    assert_eq!(count(&api, KEY).await, 26);
    assert_eq!(count(&api, OTHER).await, 25);
    let reset = api.control_with(OTHER, "POST", "/reset", &json!({ "users": 3 })).await.ok();
    assert_eq!(number(&reset, "users_count"), 3);
    assert_eq!((count(&api, KEY).await, count(&api, OTHER).await), (26, 3));
}

#[tokio::test]
async fn the_prefix_of_the_key_says_which_kind_of_instance_it_is() {
    let api = Api::start().await;
    for (key, kind) in [("sk_test_a", "development"), ("sk_live_a", "production")] {
        let key = format!("Authorization: Bearer {key}");
        let instance = api.send_with("GET", "/instance", None, &[&key]).await.ok();
        assert_eq!(instance["environment_type"], kind);
    }
}

#[tokio::test]
async fn of_too_many_keys_the_one_that_was_idle_longest_loses_its_instance() {
    let api = Api::with(Options { users: 1, ..Options::default() }).await;
    let key = |number: usize| format!("Authorization: Bearer sk_test_{number}");
    let user = json!({ "username": "somebody" });
    for number in 0..2 {
        api.send_with("POST", "/users", Some(&user), &[&key(number)]).await.ok();
    }
    for number in 2..100 {
        assert_eq!(count(&api, &key(number)).await, 1);
        assert_eq!(count(&api, &key(0)).await, 2, "it was just used");
    }
    assert_eq!(count(&api, &key(100)).await, 1);
    assert_eq!(count(&api, &key(0)).await, 2);
    assert_eq!(count(&api, &key(1)).await, 1, "made anew");
}

#[tokio::test]
async fn a_reset_makes_the_instance_as_it_was_at_first() {
    let api = Api::start().await;
    let before = api.get("/users?limit=500").await.text;
    let first = api.get("/users?limit=1").await.ids().remove(0);
    api.send("DELETE", &format!("/users/{first}"), None).await.ok();
    api.control("POST", "/faults", &json!({ "fault": "500" })).await.ok();
    assert_eq!(api.get("/users").await.status, 500);
    let reset = api.control("POST", "/reset", &Value::Null).await.ok();
    assert_eq!(number(&reset, "users_count"), 25);
    assert_eq!(api.get("/users?limit=500").await.text, before);
    let wrong = api.control("POST", "/reset", &json!({ "users": 1_000_001, "x": 1 })).await;
    let errors = ["form_param_value_invalid users", "form_param_unknown x"];
    assert_eq!(wrong.refusal(), (422, errors.map(str::to_owned).to_vec()));
}

#[tokio::test]
async fn a_snapshot_keeps_the_data_and_the_clock() {
    let api = Api::start().await;
    let before = api.get("/users?limit=500").await.text;
    api.control("POST", "/clock", &json!({ "now": "2027-01-01T00:00:00Z", "frozen": true }))
        .await
        .ok();
    api.control("POST", "/snapshots", &json!({ "name": "start" })).await.ok();
    api.send("POST", "/users", Some(&json!({ "username": "somebody" }))).await.ok();
    api.control("POST", "/clock", &json!({ "reset": true })).await.ok();
    let restored = api.control("POST", "/snapshots/start/restore", &Value::Null).await.ok();
    assert_eq!(restored["data"][0]["name"], "start");
    assert_eq!(api.get("/users?limit=500").await.text, before);
    let clock = api.control("GET", "/clock", &Value::Null).await.ok();
    assert_eq!(
        (text(&clock, "date").as_str(), &clock["frozen"]),
        ("2027-01-01T00:00:00Z", &json!(true))
    );

    let missing = api.control("POST", "/snapshots/other/restore", &Value::Null).await;
    assert_eq!(missing.refusal(), (404, vec!["resource_not_found".to_owned()]));
    let none = api.control("DELETE", "/snapshots/start", &Value::Null).await.ok();
    assert_eq!(none, json!({ "data": [], "total_count": 0 }));
}

#[tokio::test]
async fn the_clock_is_set_moved_and_frozen() {
    let (api, ..) = start().await;
    let set = json!({ "now": "2030-05-01T12:00:00Z", "frozen": true });
    let clock = api.control("POST", "/clock", &set).await.ok();
    assert_eq!(text(&clock, "date"), "2030-05-01T12:00:00Z");
    let user = api.send("POST", "/users", Some(&json!({ "username": "somebody" }))).await.ok();
    assert_eq!(user["created_at"], clock["now"]);
    let clock = api.control("POST", "/clock", &json!({ "advance": 3_600 })).await.ok();
    assert_eq!(text(&clock, "date"), "2030-05-01T13:00:00Z");
    assert_eq!(clock["frozen"], true);
    // Back in time, before the writes above.
    let set = json!({ "now": "2020-01-01T00:00:00Z", "frozen": false });
    let clock = api.control("POST", "/clock", &set).await.ok();
    let user = api.send("POST", "/users", Some(&json!({ "username": "earlier" }))).await.ok();
    let age = number(&user, "created_at") - number(&clock, "now");
    assert!((0..60_000).contains(&age), "{age}");
    let wrong = api.control("POST", "/clock", &json!({ "now": "tomorrow" })).await;
    assert_eq!(wrong.refusal(), (422, vec!["form_param_format_invalid now".to_owned()]));
    let wrong =
        api.control("POST", "/clock", &json!({ "advance": 1_000_000_000_000_000_u64 })).await;
    assert_eq!(wrong.refusal(), (422, vec!["form_param_value_invalid advance".to_owned()]));
}

#[tokio::test]
async fn invitations_and_sessions_expire_as_the_clock_moves() {
    let api = Api::start().await;
    let user = api.get("/users?limit=1").await.ids().remove(0);
    let active = async || {
        let path = format!("/sessions?user_id={user}&status=active");
        api.get(&path).await.ids().len()
    };
    assert!(active().await > 0);
    let invitation = json!({ "email_address": "new@test.example", "expires_in_days": 2 });
    api.send("POST", "/invitations", Some(&invitation)).await.ok();
    let organization = api.get("/organizations?limit=1").await.ids().remove(0);
    let path = format!("/organizations/{organization}/invitations");
    let to_organization = json!({ "email_address": "new@test.example", "role": "org:member" });
    api.send("POST", &path, Some(&to_organization)).await.ok();
    for (days, expired) in [(1, (0, 0)), (1, (1, 0)), (28, (1, 1))] {
        let advance = json!({ "advance": days * 86_400 });
        api.control("POST", "/clock", &advance).await.ok();
        let mine = api.get("/invitations?status=expired").await.ids().len();
        let theirs = api.get(&format!("{path}?status=expired")).await.ids().len();
        assert_eq!((mine, theirs), expired);
    }
    api.send("POST", "/invitations", Some(&invitation)).await.ok();
    api.control("POST", "/clock", &json!({ "advance": 315_360_000 })).await.ok();
    assert_eq!(active().await, 0);
}

#[tokio::test]
async fn faults_are_added_and_removed_at_run_time() {
    let api = Api::start().await;
    for fault in ["500;times=1;on=POST /v1/users", "429;rate=25%;on=GET /v1/users/count"] {
        api.control("POST", "/faults", &json!({ "fault": fault })).await.ok();
    }
    let mut statuses = Vec::new();
    for _ in 0..8 {
        statuses.push(api.get("/users/count").await.status);
    }
    assert_eq!(statuses, [200, 200, 200, 429, 200, 200, 200, 429]);
    assert_eq!(api.send("POST", "/users", Some(&json!({}))).await.status, 500);
    assert_eq!(api.send("POST", "/users", Some(&json!({}))).await.status, 422);
    let faults = api.control("GET", "/faults", &Value::Null).await.ok();
    assert_eq!(
        faults["data"][1],
        json!({
            "object": "fault",
            "fault": "429;rate=25%;on=GET /v1/users/count",
            "requests_matched": 8,
            "requests_failed": 2,
        })
    );
    let none = api.control("DELETE", "/faults", &Value::Null).await.ok();
    assert_eq!(none["total_count"], 0);
    for wrong in ["500;rate=0%", "500;rate=2", "whatever"] {
        let refused = api.control("POST", "/faults", &json!({ "fault": wrong })).await;
        assert_eq!(refused.refusal(), (422, vec!["form_param_format_invalid fault".to_owned()]));
    }
}

#[tokio::test]
async fn requests_are_logged_for_tests_to_look_at() {
    let api = Api::start().await;
    let body = json!({ "username": "somebody" });
    api.send("POST", "/users", Some(&body)).await.ok();
    api.query("/users", &[("user_id", "a"), ("user_id", "b"), ("limit", "5")]).await.ok();
    assert_eq!(api.get("/nowhere").await.status, 404);
    api.send_with("GET", "/users", None, &[OTHER]).await.ok();
    let all = api.control("GET", "/requests", &Value::Null).await.ok();
    assert_eq!(all["total_count"], 3, "those of this key, without those to /sandbox");
    let first = &all["data"][0];
    assert_eq!(first["body"], body);
    assert_eq!(
        (&first["method"], &first["path"], &first["status"]),
        (&json!("POST"), &json!("/v1/users"), &json!(200))
    );
    assert_eq!(all["data"][1]["query"], json!({ "user_id": ["a", "b"], "limit": ["5"] }));
    assert_eq!(all["data"][1]["body"], Value::Null);
    for (query, found) in [
        ("method=post", 1),
        ("path=/v1/users", 2),
        ("path=/v1/*", 3),
        ("status=404", 1),
        ("after=1", 2),
        ("after=1&status=200", 1),
    ] {
        let some = api.control("GET", &format!("/requests?{query}"), &Value::Null).await.ok();
        assert_eq!(some["total_count"], found, "{query}");
    }
    api.control("DELETE", "/requests", &Value::Null).await.ok();
    let none = api.control("GET", "/requests", &Value::Null).await.ok();
    assert_eq!(none["total_count"], 0);
}

#[tokio::test]
async fn the_control_api_needs_a_key_and_can_be_left_out() {
    let api = Api::start().await;
    for key in ["Authorization: Bearer pk_test_1", "X-Other: 1"] {
        let refused = api.control_with(key, "GET", "/clock", &Value::Null).await;
        assert_eq!(refused.status, 401);
    }
    let wrong = api.control("PUT", "/clock", &Value::Null).await;
    assert_eq!(wrong.refusal(), (405, vec!["method_not_allowed".to_owned()]));
    let without = Api::with(Options { control: false, ..Options::default() }).await;
    let missing = without.control("GET", "/clock", &Value::Null).await;
    assert_eq!(missing.refusal(), (404, vec!["resource_not_found".to_owned()]));
}
