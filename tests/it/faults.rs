//! Upstream failures: the error that the client sees, and how many requests Clerk gets.

use std::time::Duration;

use clerk_mcp::{Clerk, Server, ServerOptions, guard::Guard};
use serde_json::{Value, json};

use crate::support::{self, Script, StoppedClock, Upstream};

fn user() -> Value {
    json!({ "object": "user", "id": "user_1", "first_name": "Ada" })
}

/// A failure of the upstream, and the result of a read and of a write: how many requests are sent, the code,
/// whether to try again, and a part of the hint.
struct Row {
    title: &'static str,
    script: Script,
    read: (usize, &'static str, bool, &'static str),
    write: (usize, &'static str, bool, &'static str),
}

const LOOK: &str = "It may have happened all the same: look with clerk_get_user";

fn rows() -> Vec<Row> {
    let row = |title, script, read, write| Row { title, script, read, write };
    vec![
        row(
            "401",
            Script::refusal(401, "", "clerk_key_invalid"),
            (1, "clerk_key_invalid", false, "CLERK_SECRET_KEY"),
            (1, "clerk_key_invalid", false, "CLERK_SECRET_KEY"),
        ),
        row(
            "403",
            Script::refusal(403, "", "authorization_invalid"),
            (1, "authorization_invalid", false, "settings or plan"),
            (1, "authorization_invalid", false, "settings or plan"),
        ),
        row(
            "404",
            Script::refusal(404, "", "resource_not_found"),
            (1, "resource_not_found", false, "clerk_list_users"),
            (1, "resource_not_found", false, "clerk_list_users"),
        ),
        row(
            "422",
            Script::refusal(422, "", "form_param_unknown"),
            (1, "form_param_unknown", false, "its feature may be off"),
            (1, "form_param_unknown", false, "its feature may be off"),
        ),
        row(
            "429 that asks for more time than a call has",
            Script::refusal(429, "retry-after: 60", "too_many_requests"),
            (1, "too_many_requests", true, "Wait 60 s"),
            (1, "too_many_requests", true, "Wait 60 s"),
        ),
        row(
            "429 with a short wait",
            Script::refusal(429, "retry-after: 0", "too_many_requests"),
            (3, "too_many_requests", true, "Wait 0 s"),
            (3, "too_many_requests", true, "Wait 0 s"),
        ),
        row(
            "429 without a wait",
            Script::Answer(429, "", String::new()),
            (3, "http_429", true, "Wait some seconds"),
            (3, "http_429", true, "Wait some seconds"),
        ),
        row(
            "500",
            Script::refusal(500, "", "internal_clerk_error"),
            (3, "internal_clerk_error", true, "problem of its own"),
            (1, "internal_clerk_error", false, LOOK),
        ),
        row(
            "502 of a proxy",
            Script::Answer(502, "content-type: text/html", "<html><h1>Bad gateway</h1>".to_owned()),
            (3, "http_502", true, "Clerk, or a proxy before it"),
            (1, "http_502", false, LOOK),
        ),
        row(
            "503 with nothing",
            Script::Answer(503, "", String::new()),
            (3, "http_503", true, "problem of its own"),
            (1, "http_503", false, LOOK),
        ),
        row(
            "JSON that is cut",
            Script::Answer(200, "", "{\"id\":\"user_1\",\"first".to_owned()),
            (1, "unreadable_answer", false, "Nothing was changed"),
            (1, "unreadable_answer", false, "It may have happened all the same"),
        ),
        row(
            "an answer that is something else",
            Script::json(200, &json!({ "object": "total_count", "total_count": 7 })),
            (1, "unreadable_answer", false, "Nothing was changed"),
            (1, "unreadable_answer", false, "It may have happened all the same"),
        ),
        row(
            "an answer that breaks off",
            Script::Cut(200, user().to_string()),
            (3, "connection_lost", true, "Nothing was changed"),
            (1, "unreadable_answer", false, "It may have happened all the same"),
        ),
        row(
            "a reset",
            Script::Reset,
            (3, "connection_lost", true, "Nothing was changed"),
            (1, "connection_lost", false, LOOK),
        ),
        row(
            "a redirect",
            Script::Answer(302, "location: http://127.0.0.1:1/", String::new()),
            (1, "http_302", false, "Redirects are not followed"),
            (1, "http_302", false, "Redirects are not followed"),
        ),
    ]
}

#[tokio::test]
async fn every_upstream_error_reaches_the_client_with_its_code_and_hint() {
    let calls = rows().into_iter().map(|row| async move {
        let read = ("clerk_get_user", json!({ "userId": "user_1" }), row.read);
        let write =
            ("clerk_update_user", json!({ "userId": "user_1", "firstName": "Ada" }), row.write);
        for (tool, arguments, (requests, code, retryable, hint)) in [read, write] {
            let name = format!("{tool} after {}", row.title);
            let upstream = Upstream::always(row.script.clone()).await;
            let error = support::client(&upstream.url).await.error(tool, &arguments).await;
            assert_eq!(error["code"], code, "{name}: {error}");
            assert_eq!(error["retryable"], retryable, "{name}: {error}");
            assert!(error["hint"].as_str().unwrap().contains(hint), "{name}: {error}");
            assert_eq!(upstream.seen().len(), requests, "{name}: requests");
        }
    });
    futures::future::join_all(calls).await;
}

#[tokio::test]
async fn a_hanging_request_times_out_after_the_configured_time() {
    let clock = StoppedClock::new();
    let read = ("clerk_get_user", json!({ "userId": "user_1" }), true, "Nothing was changed");
    let write =
        ("clerk_update_user", json!({ "userId": "user_1", "firstName": "Ada" }), false, LOOK);
    for (tool, arguments, retryable, hint) in [read, write] {
        let upstream = Upstream::always(Script::Hang).await;
        let timeout = Duration::from_secs(7);
        let mut settings = support::settings(&upstream.url);
        settings.api.timeout = timeout;
        let client = support::connect(Server::new(ServerOptions::new(
            Clerk::new(settings),
            Guard::default(),
        )))
        .await;
        let waiting = async {
            upstream.until(|upstream| upstream.open() == 1).await;
            let left = Duration::from_millis(10);
            clock.advance(timeout.saturating_sub(left)).await;
            assert_eq!(upstream.open(), 1, "{tool}");
            clock.advance(left).await;
        };
        let (error, ()) = tokio::join!(client.error(tool, &arguments), waiting);
        assert_eq!((&error["code"], &error["retryable"]), (&json!("timeout"), &json!(retryable)));
        assert!(error["hint"].as_str().unwrap().contains(hint), "{tool}: {error}");
        assert_eq!(upstream.seen().len(), 1, "{tool}");
    }
}

#[tokio::test]
async fn every_field_of_clerks_error_is_passed_on() {
    let body = json!({
        "errors": [
            { "code": "form_identifier_exists", "message": "short", "long_message": "That email address is taken.",
              "meta": { "param_name": "email_address" } },
            { "code": "form_param_unknown", "message": "is unknown", "meta": { "param_name": "odd_name", "names": ["a"] } },
        ],
        "clerk_trace_id": "trace_1",
    });
    let upstream = Upstream::always(Script::Answer(422, "retry-after: 3", body.to_string())).await;
    let client = support::client(&upstream.url).await;
    let error = client.error("clerk_create_user", &json!({ "emailAddress": "a@x.example" })).await;
    assert_eq!(
        error,
        json!({
            "status": 422,
            "code": "form_identifier_exists",
            "message": "That email address is taken. (and 1 more)",
            "param": "emailAddress",
            "errors": [
                { "code": "form_identifier_exists", "message": "That email address is taken.", "param": "emailAddress" },
                { "code": "form_param_unknown", "message": "is unknown", "param": "odd_name", "meta": { "names": ["a"] } },
            ],
            "traceId": "trace_1",
            "retryable": false,
            "retryAfterSeconds": 3,
            "hint": "Another one has it already. To find it, call clerk_list_users.",
        })
    );
}

#[tokio::test]
async fn a_read_succeeds_on_its_third_attempt() {
    for fault in
        [Script::refusal(500, "", "x"), Script::Reset, Script::refusal(429, "retry-after: 0", "x")]
    {
        let upstream = Upstream::start(move |_, before| match before {
            0 | 1 => fault.clone(),
            _ => Script::json(200, &user()),
        })
        .await;
        let client = support::client(&upstream.url).await;
        let user = client.call("clerk_get_user", &json!({ "userId": "user_1" })).await;
        assert_eq!((user["firstName"].as_str(), upstream.seen().len()), (Some("Ada"), 3));
    }
}

#[tokio::test]
async fn retry_after_is_obeyed() {
    let upstream = Upstream::start(|_, before| match before {
        0 => Script::refusal(429, "retry-after: 1", "too_many_requests"),
        _ => Script::json(200, &user()),
    })
    .await;
    let clock = StoppedClock::new();
    let client = support::client(&upstream.url).await;
    let arguments = json!({ "userId": "user_1", "firstName": "Ada" });
    let call = client.call("clerk_update_user", &arguments);
    let waiting = async {
        upstream.until(|upstream| upstream.seen().len() == 1 && upstream.open() == 0).await;
        clock.advance(Duration::from_millis(990)).await;
        assert_eq!(upstream.seen().len(), 1);
        clock.advance(Duration::from_millis(10)).await;
        upstream.until(|upstream| upstream.seen().len() == 2).await;
    };
    tokio::join!(call, waiting);
    assert_eq!(upstream.seen().len(), 2);
}

#[tokio::test]
async fn an_unreachable_clerk_is_an_error_and_nothing_was_sent() {
    let client = support::client("http://127.0.0.1:1").await;
    let error = client.error("clerk_delete_user", &json!({ "userId": "user_1" })).await;
    assert_eq!((&error["code"], &error["retryable"]), (&json!("clerk_unreachable"), &json!(true)));
    assert!(error["hint"].as_str().unwrap().starts_with("Nothing was sent to Clerk."), "{error}");
}

#[tokio::test]
async fn an_endless_response_is_cut_off() {
    let upstream = Upstream::always(Script::Endless).await;
    let mut settings = support::settings(&upstream.url);
    settings.api.timeout = Duration::from_secs(30);
    let server = Server::new(ServerOptions::new(Clerk::new(settings), Guard::default()));
    let error = support::connect(server)
        .await
        .error("clerk_get_user", &json!({ "userId": "user_1" }))
        .await;
    assert_eq!(error["code"], "unreadable_answer", "{error}");
    assert!(error["message"].as_str().unwrap().contains("longer than 32 MiB"), "{error}");
}

/// A few bytes of JSON can be very many values, and a deep one a deep stack.
#[tokio::test]
async fn a_response_that_would_fill_the_memory_is_not_read() {
    let cases = [
        (format!("[{}{{}}]", "{},".repeat(600_000)), "more than a million values"),
        (format!("[{}{{}}]", r#"{"id":"a"},"#.repeat(200_000)), "too many values"),
        ("[".repeat(100_000), "EOF while parsing"),
        (
            format!(
                r#"[{{"id":"a","public_metadata":{}1{}}}]"#,
                r#"{"a":"#.repeat(200),
                "}".repeat(200)
            ),
            "recursion limit",
        ),
    ];
    for (body, reason) in cases {
        let upstream = Upstream::always(Script::Answer(200, "", body)).await;
        let client = support::client(&upstream.url).await;
        let error = client.error("clerk_list_users", &json!({ "limit": 1 })).await;
        assert_eq!(error["code"], "unreadable_answer", "{error}");
        assert!(error["message"].as_str().unwrap().contains(reason), "{reason}: {error}");
        let user = client.error("clerk_get_user", &json!({ "userId": "user_1" })).await;
        assert_eq!(user["code"], "unreadable_answer", "it goes on: {user}");
    }
}

#[tokio::test]
async fn wrong_types_in_an_answer_are_named_and_break_nothing() {
    let odd = json!([
        { "id": "user_1", "banned": "yes", "created_at": "today", "email_addresses": [{ "id": 7, "email_address": "a@x" }], "new": [1] },
        { "id": "user_2", "banned": false },
        "no user",
    ]);
    let upstream = Upstream::always(Script::json(200, &odd)).await;
    let client = support::client(&upstream.url).await;
    let list = client.call("clerk_list_users", &json!({ "userId": "user_1,user_2" })).await;
    assert_eq!(list["users"].as_array().unwrap().len(), 2);
    assert_eq!(list["users"][0].get("banned"), None);
    assert_eq!(list["users"][0]["emailAddresses"], json!([{ "emailAddress": "a@x" }]));
    assert_eq!(list["users"][1]["banned"], json!(false));
    let note = list["note"].as_str().unwrap();
    for place in ["[].banned", "[].created_at", "[].email_addresses[].id"] {
        assert!(note.contains(place), "{note}");
    }
}

#[tokio::test]
async fn a_count_that_fails_leaves_the_page_and_says_so() {
    let clock = StoppedClock::new();
    for fault in [Script::refusal(422, "", "x"), Script::json(200, &json!([])), Script::Hang] {
        let hangs = matches!(fault, Script::Hang);
        let upstream = Upstream::start(move |seen, _| {
            if seen.path.starts_with("/users/count") {
                fault.clone()
            } else {
                Script::json(200, &json!([user()]))
            }
        })
        .await;
        let client = support::client(&upstream.url).await;
        let arguments = json!({ "limit": 1 });
        let waiting = async {
            upstream
                .until(|upstream| {
                    upstream.seen().len() == 2 && upstream.open() == usize::from(hangs)
                })
                .await;
            if hangs {
                clock.advance(Duration::from_secs(30)).await;
            }
        };
        let (list, ()) = tokio::join!(client.call("clerk_list_users", &arguments), waiting);
        assert_eq!(
            (&list["totalCount"], &list["users"][0]["id"]),
            (&json!(null), &json!("user_1"))
        );
        assert!(list["note"].as_str().unwrap().starts_with("totalCount is not known: "), "{list}");
    }
}

#[tokio::test]
async fn a_partial_update_says_which_part_was_done() {
    let upstream = Upstream::start(|seen, _| match seen.method.as_str() {
        "PATCH" => Script::json(200, &user()),
        _ => Script::refusal(422, "", "form_param_exceeds_allowed_size"),
    })
    .await;
    let client = support::client(&upstream.url).await;
    let arguments = json!({ "userId": "user_1", "firstName": "Ada", "publicMetadata": { "a": 1 } });
    let error = client.error("clerk_update_user", &arguments).await;
    assert_eq!((&error["code"], &error["status"]), (&json!("half_done"), &json!(422)));
    let message = error["message"].as_str().unwrap();
    assert!(message.starts_with(
        "All fields but the metadata were updated, but the metadata was not replaced: "
    ));
    assert!(error["hint"].as_str().unwrap().contains("with the metadata only"), "{error}");
}

#[tokio::test]
async fn a_call_that_the_client_cancels_is_dropped_upstream() {
    let upstream = Upstream::always(Script::Hang).await;
    let mut settings = support::settings(&upstream.url);
    settings.api.timeout = Duration::from_secs(30);
    let client =
        support::connect(Server::new(ServerOptions::new(Clerk::new(settings), Guard::default())))
            .await;
    let call = rmcp::model::CallToolRequestParams::new("clerk_get_user")
        .with_arguments(support::object(&json!({ "userId": "user_1" })));
    let request =
        rmcp::model::ClientRequest::CallToolRequest(rmcp::model::CallToolRequest::new(call));
    let handle = client
        .0
        .send_cancellable_request(request, rmcp::service::PeerRequestOptions::no_options())
        .await
        .unwrap();
    upstream.until(|upstream| upstream.open() == 1).await;
    handle.cancel(None).await.unwrap();
    upstream.until(|upstream| upstream.open() == 0).await;
}
