//! How much agents may do: Clerk's rate limits kept on our side, destructive calls in an hour, and
//! one client's share of a server.

use std::{sync::Arc, time::Duration};

use clerk_api::RateLimit;
use clerk_mcp::{
    Clerk, Server, ServerOptions, Settings,
    guard::{Confirm, Guard, HourlyEach},
};
use clerk_sandbox::Options;
use futures::{StreamExt, stream::FuturesUnordered};
use rmcp::model::CallToolResult;
use serde_json::{Value, json};

use super::{Instance, LIVE, LONER, MEMBER, SABINE, TEST, confirmed, delete, http::Http, server};
use crate::support::{self, Client, PATIENCE, Script, StoppedClock, Upstream, eventually};

/// A client of a server with a test key that keeps Clerk's limits.
async fn limited(url: &str) -> Client {
    let mut settings = Settings { key: support::key(TEST), ..support::settings(url) };
    settings.api.rate_limit = RateLimit::Clerk;
    support::connect(Server::new(ServerOptions::new(Clerk::new(settings), Guard::default()))).await
}

fn error(result: &CallToolResult) -> Value {
    let report: Value = serde_json::from_str(support::text(result)).unwrap();
    report["error"].clone()
}

/// How many of the calls were done; the others must have been refused by this side's limit.
fn done(results: &[CallToolResult]) -> usize {
    let (failed, done): (Vec<_>, Vec<_>) = results.iter().partition(|it| it.is_error == Some(true));
    for error in failed.into_iter().map(error) {
        assert_eq!((&error["code"], &error["retryable"]), (&json!("rate_limit"), &json!(true)));
        assert!((1..=30).contains(&error["retryAfterSeconds"].as_u64().unwrap()), "{error}");
        assert_eq!(error.get("status"), None, "it was not sent: {error}");
    }
    done.len()
}

/// Two hundred reads at once are twice what a development instance takes in ten seconds.
#[tokio::test]
async fn a_burst_of_calls_waits_its_turn_and_clerk_refuses_none() {
    let _clock = StoppedClock::new();
    let instance = Instance::with(Options { rate_limit: Some(100), ..Options::default() }).await;
    let client = limited(&instance.url).await;
    let calls = (0..200).map(async |_| client.result("clerk_get_user", &delete(SABINE)).await);
    let turns = async {
        // A quarter goes out at once, the others one by one.
        for sent in 25..200 {
            eventually(async || instance.sent().len() >= sent).await;
            tokio::time::advance(Duration::from_millis(135)).await;
        }
    };
    let (results, ()) = tokio::join!(futures::future::join_all(calls), turns);
    let sent = instance.sent();
    let refused = sent.iter().filter(|it| it.status == 429).count();
    assert_eq!((done(&results), sent.len(), refused), (200, 200, 0));
}

/// Ten changes of one user in ten seconds are what Clerk takes.
#[tokio::test]
async fn changes_of_one_user_wait_their_turn_and_what_comes_too_late_is_refused_by_us() {
    let clock = StoppedClock::new();
    let instance = Instance::with(Options { rate_limit: Some(1000), ..Options::default() }).await;
    let client = limited(&instance.url).await;
    let calls = (0..30).map(async |number| {
        let arguments = json!({ "userId": SABINE, "firstName": format!("N{number}") });
        client.result("clerk_update_user", &arguments).await
    });
    let turns = async {
        let changes = || instance.sent().iter().filter(|it| it.method == "PATCH").count();
        eventually(async || changes() == 5).await;
        // Others need not wait.
        client.call("clerk_update_user", &json!({ "userId": LONER, "firstName": "Ada" })).await;
        client.call("clerk_get_user", &delete(SABINE)).await;
        // A turn comes back in two seconds, and a call has thirty.
        for turn in 1..15 {
            clock.advance(Duration::from_secs(2)).await;
            eventually(async || changes() == 6 + turn).await;
        }
    };
    let (results, ()) = tokio::join!(futures::future::join_all(calls), turns);
    assert_eq!(done(&results), 19);
    let sent = instance.sent();
    assert!(sent.iter().all(|it| it.status == 200), "Clerk refused some");
    assert_eq!(sent.iter().filter(|it| it.path.ends_with(SABINE)).count(), 20);
}

#[tokio::test]
async fn there_are_so_many_destructive_calls_in_an_hour_and_no_more() {
    let instance = Instance::start().await;
    let guard = || Guard { max_destructive: Some(HourlyEach::new(3)), ..confirmed(Confirm::Never) };
    let client = support::connect(server(&instance.url, LIVE, guard())).await;
    let left = async || client.call("clerk_whoami", &json!({})).await["destructiveLeft"].clone();
    assert_eq!(left().await, 3);
    let list = client.call("clerk_list_users", &json!({ "limit": 10 })).await;
    let users = list["users"].as_array().unwrap();
    let calls = users.iter().map(async |user| {
        client.result("clerk_delete_user", &json!({ "userId": user["id"] })).await
    });
    let results = futures::future::join_all(calls).await;
    let done = results.iter().filter(|it| it.is_error != Some(true)).count();
    assert_eq!((done, instance.writes().len(), left().await), (3, 3, json!(0)));
    for (tool, arguments) in [
        ("clerk_delete_user", delete("user_nobody")),
        ("clerk_revoke_session", json!({ "sessionId": "sess_1" })),
    ] {
        let error = client.error(tool, &arguments).await;
        assert_eq!(error["code"], "too_many_destructive", "{error}");
        let seconds = error["retryAfterSeconds"].as_u64().unwrap();
        assert!((3500..=3600).contains(&seconds), "{error}");
    }
    assert_eq!(instance.writes().len(), 3);
    // What takes nothing away continues.
    client.call("clerk_create_user", &json!({ "username": "one_more" })).await;
}

#[tokio::test]
async fn a_plan_uses_nothing_up() {
    let instance = Instance::start().await;
    let guard = Guard { max_destructive: Some(HourlyEach::new(1)), ..confirmed(Confirm::Auto) };
    let client = support::connect(server(&instance.url, LIVE, guard)).await;
    let mut plans = Vec::new();
    for user in [SABINE, LONER, MEMBER] {
        plans.push((user, client.call("clerk_delete_user", &delete(user)).await));
    }
    let mut results = Vec::new();
    for (user, plan) in plans {
        let arguments = json!({ "userId": user, "planToken": plan["plan"]["token"] });
        results.push(client.result("clerk_delete_user", &arguments).await);
    }
    let codes = results.iter().map(|it| match it.is_error {
        Some(true) => error(it)["code"].as_str().unwrap().to_owned(),
        _ => "done".to_owned(),
    });
    let codes: Vec<_> = codes.collect();
    assert_eq!(codes, ["done", "too_many_destructive", "too_many_destructive"]);
    assert_eq!(instance.writes(), [format!("DELETE /v1/users/{SABINE}")]);
}

/// An upstream that never answers for one user.
async fn slow_for_one() -> Upstream {
    Upstream::start(|seen, _| match seen.path.as_str() {
        "/users/user_slow" => Script::Hang,
        _ => Script::json(200, &json!({ "id": "user_1" })),
    })
    .await
}

#[tokio::test]
async fn one_client_of_many_leaves_room_for_the_others_whatever_it_calls_itself() {
    let upstream = slow_for_one().await;
    let http = Arc::new(Http::start(&["--key-from-header"], &upstream.url).await);
    let greedy: Vec<_> = (0..40)
        .map(|number| {
            let http = http.clone();
            tokio::spawn(async move {
                let (name, key) = (format!("client {number}"), format!("sk_test_{number}"));
                let key = (number % 2 == 0).then_some(key.as_str());
                http.call(&name, key, "clerk_get_user", &delete("user_slow")).await
            })
        })
        .collect();
    upstream.until(|it| it.open() == 16).await;
    let (session, user) = (http.session().await, delete("user_1"));
    let modest = http.in_session(&session, "clerk_get_user", &user);
    let answer = tokio::time::timeout(PATIENCE, modest).await;
    assert_eq!(answer.expect("the others wait for the greedy one")["id"], "user_1");
    let seen = upstream.seen();
    assert_eq!(seen.len(), 17, "the greedy one got no more, and none of it ended: {seen:?}");
    greedy.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn a_client_that_lets_too_many_calls_wait_is_refused_at_once() {
    let upstream = slow_for_one().await;
    let http = Arc::new(Http::start(&[], &upstream.url).await);
    let mut calls: FuturesUnordered<_> = (0..140)
        .map(|number| {
            let http = http.clone();
            tokio::spawn(async move {
                let name = format!("client {number}");
                http.call(&name, None, "clerk_get_user", &delete("user_slow")).await
            })
        })
        .collect();
    for _ in 128..140 {
        let refused = tokio::time::timeout(PATIENCE, calls.next()).await.unwrap().unwrap().unwrap();
        assert_eq!(refused["error"]["code"], "server_busy", "{refused}");
    }
    upstream.until(|it| it.open() == 16).await;
    calls.iter().for_each(tokio::task::JoinHandle::abort);
}

/// Linux answers for all of 127.0.0.0/8.
#[cfg(target_os = "linux")]
#[tokio::test]
async fn an_address_with_many_sessions_leaves_room_for_other_addresses() {
    let upstream = slow_for_one().await;
    let http = Arc::new(Http::start(&[], &upstream.url).await);
    let mut greedy = Vec::new();
    for _ in 0..3 {
        let session = http.session().await;
        greedy.extend((0..16).map(|_| {
            let (http, session) = (http.clone(), session.clone());
            tokio::spawn(async move {
                http.in_session(&session, "clerk_get_user", &delete("user_slow")).await
            })
        }));
    }
    upstream.until(|it| it.open() == 24).await;
    let (other, user) = (http.from([127, 0, 0, 2]), delete("user_1"));
    let modest = other.call("modest", None, "clerk_get_user", &user);
    let answer = tokio::time::timeout(PATIENCE, modest).await;
    assert_eq!(answer.expect("the others wait for the greedy one")["id"], "user_1");
    assert_eq!(upstream.seen().len(), 25);
    greedy.iter().for_each(tokio::task::JoinHandle::abort);
}
