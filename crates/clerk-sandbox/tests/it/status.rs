//! Banning and locking users, and undoing it.

use serde_json::{Value, json};

use super::{Api, number, path_of, text};

/// Posts to the user, without a body, and checks that the response shows the user as they are then.
async fn post(api: &Api, user: &Value, action: &str) -> Value {
    let path = path_of(user);
    let after = api.send("POST", &format!("{path}/{action}"), None).await.ok();
    assert_eq!(after, api.get(&path).await.ok());
    after
}

async fn sessions(api: &Api, user: &Value) -> Vec<Value> {
    let path = format!("/sessions?limit=500&user_id={}", text(user, "id"));
    api.get(&path).await.ok().as_array().unwrap().clone()
}

/// The same user, but for some fields.
fn with(user: &Value, fields: &Value) -> Value {
    let mut user = user.clone();
    user.as_object_mut().unwrap().extend(fields.as_object().unwrap().clone());
    user
}

#[tokio::test]
async fn users_are_banned_locked_and_released() {
    let api = Api::start().await;
    // For a while, a rest that is shown in seconds stays the same.
    api.control("POST", "/clock", &json!({ "frozen": true })).await.ok();
    let user = api.get("/users?limit=1").await.ok()[0].clone();
    for (on, off, marked, unmarked) in [
        ("ban", "unban", json!({ "banned": true }), json!({ "banned": false })),
        (
            "lock",
            "unlock",
            json!({
                "locked": true,
                "verification_attempts_remaining": 0,
                "lockout_expires_in_seconds": 3_600,
            }),
            json!({
                "locked": false,
                "verification_attempts_remaining": 100,
                "lockout_expires_in_seconds": null,
            }),
        ),
    ] {
        let before = api.get(&path_of(&user)).await.ok();
        let after = post(&api, &user, on).await;
        assert!(number(&after, "updated_at") > number(&before, "updated_at"), "{on}");
        let updated = json!({ "updated_at": after["updated_at"] });
        assert_eq!(after, with(&with(&before, &marked), &updated), "{on}");
        assert_eq!(post(&api, &user, on).await, after, "a second {on} updates nothing");
        let freed = post(&api, &user, off).await;
        assert!(number(&freed, "updated_at") > number(&after, "updated_at"), "{off}");
        let updated = json!({ "updated_at": freed["updated_at"] });
        assert_eq!(freed, with(&with(&before, &unmarked), &updated), "{off}");
        assert_eq!(post(&api, &user, off).await, freed, "a second {off} updates nothing");
    }
}

#[tokio::test]
async fn a_ban_revokes_sessions_for_good() {
    let api = Api::start().await;
    let user = api.get("/users?limit=1").await.ok()[0].clone();
    let before = sessions(&api, &user).await;
    let others = async || {
        let users = api.get("/users?limit=5&offset=1").await.ok();
        let mut all = Vec::new();
        for user in users.as_array().unwrap() {
            all.extend(sessions(&api, user).await);
        }
        all
    };
    let others_before = others().await;
    post(&api, &user, "lock").await;
    assert_eq!(sessions(&api, &user).await, before, "a lock ends nothing");
    let banned = post(&api, &user, "ban").await;
    let after = sessions(&api, &user).await;
    for (before, after) in before.iter().zip(&after) {
        if before["status"] == "active" || before["status"] == "pending" {
            assert_eq!(after["status"], "revoked");
            assert_eq!(after["updated_at"], banned["updated_at"]);
        } else {
            assert_eq!(after, before, "it was over already");
        }
    }
    post(&api, &user, "unban").await;
    assert_eq!(sessions(&api, &user).await, after);
    assert_eq!(others().await, others_before);
}

#[tokio::test]
async fn lists_show_a_ban() {
    let api = Api::start().await;
    let free = api.get("/users?banned=false&limit=1").await.ok()[0].clone();
    let count = async || number(&api.get("/users/count?banned=true").await.ok(), "total_count");
    let before = count().await;
    post(&api, &free, "ban").await;
    assert_eq!(count().await, before + 1);
    let banned = api.get("/users?banned=true&limit=500").await.ids();
    assert!(banned.contains(&text(&free, "id")));
    post(&api, &free, "unban").await;
    assert_eq!(count().await, before);
}

#[tokio::test]
async fn refusals() {
    let api = Api::start().await;
    for action in ["ban", "unban", "lock", "unlock"] {
        let nobody = api.send("POST", &format!("/users/user_nobody/{action}"), None).await;
        assert_eq!(nobody.refusal(), (404, vec!["resource_not_found".to_owned()]), "{action}");
        let get = api.get(&format!("/users/user_nobody/{action}")).await;
        assert_eq!(get.refusal(), (405, vec!["method_not_allowed".to_owned()]), "{action}");
    }
}
