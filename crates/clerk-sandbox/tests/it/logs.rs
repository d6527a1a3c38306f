//! The application's logs: what is logged, and how it is found.

use std::collections::HashMap;

use clerk_sandbox::Options;
use serde_json::{Value, json};

use super::people::{empty, message, post};
use super::{Api, number, text};

/// All logs of a query, the newest first.
pub(super) async fn logs(api: &Api, query: &str) -> Vec<Value> {
    let found = api.get(&format!("/logs?limit=500&{query}")).await.ok();
    found["data"].as_array().unwrap().clone()
}

pub(super) fn types(logs: &[Value]) -> Vec<&str> {
    logs.iter().map(|log| log["type"].as_str().unwrap()).collect()
}

async fn types_of(api: &Api, query: &str) -> Vec<String> {
    let logs = logs(api, query).await;
    types(&logs).into_iter().map(str::to_owned).collect()
}

fn refusal(code: &str) -> (u16, Vec<String>) {
    (422, vec![code.to_owned()])
}

const AT_HOME: &str = "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 \
                       (KHTML, like Gecko) Version/18.1 Safari/605.1.15";

/// A user with a password and an authenticator app.
async fn jane(api: &Api) -> String {
    let user = json!({
        "username": "jane_doe", "email_address": ["jane@acme.example"],
        "password": "a good password", "totp_secret": "JBSWY3DPEHPK3PXP",
    });
    text(&api.send("POST", "/users", Some(&user)).await.ok(), "id")
}

#[tokio::test]
async fn a_sign_in_is_logged_with_its_user_place_and_session() {
    let api = empty().await;
    let id = jane(&api).await;
    let body = json!({
        "identifier": "jane_doe", "password": "a good password", "user_agent": AT_HOME,
        "ip_address": "203.0.113.7", "location": { "city": "Vienna", "country": "AT" },
    });
    let sign_in = post(&api, "/sign_ins", &body).await.ok();
    let path = format!("/sign_ins/{}/verify", text(&sign_in, "id"));
    let wrong = post(&api, &path, &json!({ "code": "000000" })).await.json();
    let mut verify = json!({ "code": "424242" });
    for name in ["user_agent", "ip_address", "location"] {
        verify[name] = body[name].clone();
    }
    let session = text(&post(&api, &path, &verify).await.ok(), "created_session_id");
    let found = logs(&api, &format!("actor={id}")).await;
    assert_eq!(
        types(&found),
        ["session.created", "sign_in.completed", "sign_in.attempt_second_factor.failed"]
    );
    assert_eq!(found[2]["trace_id"], wrong["clerk_trace_id"], "the error's trace");
    assert_eq!(found[0]["trace_id"], found[1]["trace_id"], "one act, one trace");
    assert_ne!(found[1]["trace_id"], found[2]["trace_id"]);
    let client = api.get(&format!("/sessions/{session}")).await.ok();
    assert_eq!(client["latest_activity"]["city"], "Vienna");
    for log in &found[..2] {
        assert_eq!(
            (&log["subject"], &log["actor_type"], &log["source"]),
            (&json!(id), &json!("user"), &json!("fapi"))
        );
        assert_eq!(
            (&log["session_id"], &log["client_id"]),
            (&json!(session), &client["client_id"])
        );
        let device = &log["event_context"]["device"];
        assert_eq!(
            (&device["ip_address"], &device["browser"], &device["location"]),
            (
                &json!("203.0.113.7"),
                &json!({ "name": "Safari", "version": "18.1" }),
                &json!({ "city": "Vienna", "country": "AT" })
            )
        );
    }
    let made = &logs(&api, "type=user.created").await[0];
    assert_eq!(
        (&made["actor"], &made["actor_type"], &made["source"], &made["subject"]),
        (&json!("sandbox_key"), &json!("instance_key"), &json!("bapi"), &json!(id))
    );
    let nowhere = json!({ "identifier": "jane_doe", "password": "x", "location": { "city": "X" } });
    let refused = post(&api, "/sign_ins", &nowhere).await.refusal();
    assert_eq!(refused, refusal("form_param_format_invalid location"));
}

#[tokio::test]
async fn failed_sign_ins_say_why() {
    let api = empty().await;
    let id = jane(&api).await;
    let one = |identifier: &str, strategy: &str| json!({ "identifier": identifier, "strategy": strategy, "password": "wrong" });
    for body in [
        one("jane_doe", "password"),
        one("nobody@acme.example", "email_code"),
        one("jane@acme.example", "enterprise_sso"),
    ] {
        post(&api, "/sign_ins", &body).await.refusal();
    }
    let code = post(&api, "/sign_ins", &one("jane@acme.example", "email_code")).await.ok();
    let path = format!("/sign_ins/{}/verify", text(&code, "id"));
    post(&api, &path, &json!({ "code": "wrong" })).await.refusal();
    api.send("POST", &format!("/users/{id}/lock"), None).await.ok();
    post(&api, "/sign_ins", &one("jane_doe", "password")).await.refusal();
    post(&api, "/sign_ins", &json!({})).await.refusal();
    let query = "type=sign_in.*&payload_fields=identifier,strategy,error_code,error_message";
    let mut found = logs(&api, query).await;
    found.reverse();
    let shown: Vec<_> = found
        .iter()
        .map(|log| {
            let field = |name: &str| log["payload"][name].as_str().unwrap_or_default().to_owned();
            (text(log, "type"), log["subject"] == id, field("strategy"), field("error_code"))
        })
        .collect();
    let shown: Vec<_> =
        shown.iter().map(|(a, b, c, d)| (a.as_str(), *b, c.as_str(), d.as_str())).collect();
    assert_eq!(
        shown,
        [
            ("sign_in.password.failed", true, "password", "form_password_incorrect"),
            ("sign_in.failed", false, "email_code", "form_identifier_not_found"),
            ("sign_in.failed", true, "enterprise_sso", "enterprise_connection_not_found"),
            ("sign_in.email_address.verification.code_sent", true, "email_code", ""),
            ("sign_in.attempt_first_factor.failed", true, "email_code", "form_code_incorrect"),
            ("sign_in.failed", true, "password", "user_locked"),
        ]
    );
    let nobody = &found[1];
    assert_eq!((&nobody["actor"], &nobody["subject"]), (&Value::Null, &Value::Null));
    assert_eq!(nobody["payload"]["identifier"], "nobody@acme.example");
    let by = "type=sign_in.failed&payload_filter%5Bidentifier%5D=nobody%40acme.example";
    assert_eq!(logs(&api, by).await.len(), 1);
}

#[tokio::test]
async fn changes_are_logged_with_what_they_lead_to() {
    let api = empty().await;
    let person = json!({ "email_address": "joe@acme.example", "password": "a good password" });
    let sign_up = post(&api, "/sign_ups", &person).await.ok();
    let code = message(&api, "joe@acme.example").await["code"].clone();
    let path = format!("/sign_ups/{}/verify", text(&sign_up, "id"));
    post(&api, &path, &json!({ "code": code })).await.ok();
    let joe = text(&logs(&api, "type=sign_up.completed").await[0], "subject");
    let session = text(&logs(&api, "type=session.created").await[0], "session_id");
    let sessions = format!("/sessions/{session}");
    let email = json!({ "email_address": "Other@acme.example", "primary": true });
    post(&api, &format!("{sessions}/email_addresses"), &email).await.ok();
    let body = json!({ "password": "another password", "sign_out_of_other_sessions": true });
    post(&api, &format!("{sessions}/password"), &body).await.ok();
    let organization = json!({ "name": "Acme", "created_by": joe });
    let acme = text(&api.send("POST", "/organizations", Some(&organization)).await.ok(), "id");
    api.send("POST", &format!("/users/{joe}/ban"), None).await.ok();
    api.send("DELETE", &format!("/organizations/{acme}"), None).await.ok();
    api.get("/users").await.ok();
    let mut found = types_of(&api, "").await;
    found.reverse();
    assert_eq!(
        found,
        [
            "sign_up.created",
            "user.created",
            "session.created",
            "sign_up.completed",
            "email_address.created",
            "user.updated",
            "user.password.changed",
            "organization.created",
            "organization_membership.created",
            "user.banned",
            "session.revoked",
            "organization.deleted",
            "organization_membership.deleted",
        ]
    );
    let banned = logs(&api, "type=user.banned").await;
    let trace = text(&banned[0], "trace_id");
    let query = format!("trace_id={trace}");
    assert_eq!(types_of(&api, &query).await, ["session.revoked", "user.banned"]);
    post(&api, &format!("{sessions}/password"), &body).await.refusal();
}

/// Every field of every payload is declared, with its type, and what isn't optional is there.
#[tokio::test]
async fn payloads_are_as_their_schemas_say() {
    let api = Api::with(Options { users: 3, ..Options::default() }).await;
    let users = api.get("/users?limit=3").await.ids();
    for (method, path, body) in [
        ("PATCH", format!("/users/{}", users[0]), json!({ "password": "a good password" })),
        ("POST", format!("/users/{}/ban", users[1]), json!({})),
        ("DELETE", format!("/users/{}", users[1]), Value::Null),
        ("POST", "/invitations".to_owned(), json!({ "email_address": "a@acme.example" })),
        ("POST", "/organizations".to_owned(), json!({ "name": "New", "created_by": users[0] })),
        ("POST", "/waitlist_entries".to_owned(), json!({ "email_address": "w@acme.example" })),
        ("POST", "/sign_in_tokens".to_owned(), json!({ "user_id": users[0] })),
        (
            "POST",
            "/phone_numbers".to_owned(),
            json!({ "user_id": users[0], "phone_number": "+436641234567", "verified": true }),
        ),
    ] {
        let body = Some(body).filter(|body| !body.is_null());
        api.send(method, &path, body.as_ref()).await.ok();
    }
    let by_sms = json!({ "identifier": "+436641234567", "strategy": "phone_code" });
    post(&api, "/sign_ins", &by_sms).await.ok();
    let found = logs(&api, "").await;
    assert!(found.len() > 12, "{}", found.len());
    let mut schemas: HashMap<String, Value> = HashMap::new();
    for log in &found {
        let kind = text(log, "type");
        let path = format!("/logs/{}:{}", log["event_time"], text(log, "id"));
        let whole = api.get(&path).await.ok();
        if !schemas.contains_key(&kind) {
            let schema = api.get(&format!("/logs/schemas?type={kind}")).await.ok();
            assert_eq!(schema["event_types"], json!([kind]));
            schemas.insert(kind.clone(), schema);
        }
        let mut count = 0;
        for field in schemas[&kind]["fields"].as_array().unwrap() {
            let pointer = format!("/{}", text(field, "path").replace('.', "/"));
            let value = whole["payload"].pointer(&pointer);
            count += usize::from(value.is_some());
            let fits = match (value, field["type"].as_str().unwrap()) {
                (None, _) => field["optional"] == true,
                (Some(value), "string") => value.is_string(),
                (Some(value), "integer") => value.is_i64(),
                (Some(value), "boolean") => value.is_boolean(),
                (Some(_), other) => panic!("{other}"),
            };
            let choices = field["enum"].as_array();
            let is_one = value.is_none_or(|value| choices.is_none_or(|all| all.contains(value)));
            assert!(fits && is_one, "{kind}: {field} {value:?}");
        }
        assert_eq!(count, leaves(&whole["payload"]), "{kind}: {:#}", whole["payload"]);
        let mut row = whole;
        row.as_object_mut().unwrap().remove("payload");
        assert_eq!(row, *log);
    }
}

fn leaves(value: &Value) -> usize {
    value.as_object().map_or(1, |object| object.values().map(leaves).sum())
}

#[tokio::test]
async fn logs_are_found_by_all_or_any_filter() {
    let api = empty().await;
    let id = jane(&api).await;
    let other = json!({ "username": "other_one" });
    let other = text(&api.send("POST", "/users", Some(&other)).await.ok(), "id");
    api.send("POST", &format!("/users/{id}/ban"), None).await.ok();
    let token = json!({ "user_id": id });
    api.send("POST", "/sign_in_tokens", Some(&token)).await.ok();
    let newest = number(&logs(&api, "").await[0], "event_time");
    for (query, count) in [
        (String::new(), 4),
        (format!("subject={id}"), 3),
        ("type=user.*".to_owned(), 3),
        (format!("type=user.created&subject={id}"), 1),
        (format!("type=user.banned&subject={other}"), 0),
        (format!("type=user.banned&subject={other}&filter_match=any"), 2),
        ("filter_match=any".to_owned(), 4),
        ("type=user.banned&payload_filter%5Busername%5D=jane_doe".to_owned(), 1),
        ("type=user.banned&payload_filter%5Bbanned%5D=true".to_owned(), 1),
        (
            format!(
                "type=user.created&payload_filter[username]=jane_doe&subject={other}&filter_match=any"
            ),
            3,
        ),
        ("ip_address=127.0.0.1".to_owned(), 4),
        ("ip_address=127.0.0.2".to_owned(), 0),
        ("actor=sandbox_key".to_owned(), 4),
        ("client_id=client_1".to_owned(), 0),
        ("impersonator_user_id=user_1".to_owned(), 0),
        // What only developers see is left out, whatever else is asked for.
        ("end_user_facing_only=true".to_owned(), 3),
        (format!("end_user_facing_only=true&subject={id}&actor=sandbox_key&filter_match=any"), 3),
        (format!("event_time_before={newest}&event_time_after={newest}"), 1),
        (format!("event_time_before=1&subject={id}&filter_match=any"), 0),
    ] {
        assert_eq!(logs(&api, &query).await.len(), count, "{query}");
    }
    let fields = "type=user.banned&payload_fields=username,banned";
    let expected = json!({ "username": "jane_doe", "banned": true });
    assert_eq!(logs(&api, fields).await[0]["payload"], expected);
    assert_eq!(logs(&api, "").await[0].get("payload"), None);
    let many = (0..11).map(|_| "payload_filter[id]=1").collect::<Vec<_>>().join("&");
    for (query, code) in [
        ("payload_fields=id", "form_param_missing type"),
        ("payload_filter[id]=1", "form_param_missing type"),
        ("type=user.banned&payload_filter[color]=1", "form_param_value_invalid payload_filter"),
        ("type=user.banned&payload_filter[banned]=1", "form_param_value_invalid payload_filter"),
        ("type=user.banned&payload_fields=color", "form_param_value_invalid payload_fields"),
        // Not all user.* have it.
        ("type=user.*&payload_fields=username", "form_param_value_invalid payload_fields"),
        ("type=nothing&payload_fields=id", "form_param_value_invalid type"),
        (
            "type=user.banned&payload_fields=id&filter_match=any",
            "form_param_value_invalid payload_fields",
        ),
        (
            format!("type=user.banned&{many}").as_str(),
            "form_param_array_size_exceeded payload_filter",
        ),
        ("payload_filter=1", "form_param_format_invalid payload_filter"),
        ("starting_after=x", "form_param_value_invalid starting_after"),
        ("color=red", "form_param_unknown color"),
    ] {
        let refused = api.raw("GET", &format!("/logs?{query}"), None).await;
        assert_eq!(refused.refusal(), refusal(code), "{query}");
    }
    let refused = api.raw("GET", "/logs?type=user.banned&payload_fields=color", None).await.json();
    let sentence = text(&refused["errors"][0], "long_message");
    assert!(sentence.contains("username, first_name"), "it lists the fields: {sentence}");
}

#[tokio::test]
async fn schemas_are_those_of_all_types_that_a_name_stands_for() {
    let api = empty().await;
    let schema =
        async |kind: &str| api.raw("GET", &format!("/logs/schemas?type={kind}"), None).await;
    let paths = |schema: &Value| {
        let fields = schema["fields"].as_array().unwrap().clone();
        fields.iter().map(|field| text(field, "path")).collect::<Vec<_>>()
    };
    let failed = schema("sms.failed").await.ok();
    assert!(paths(&failed).contains(&"reason".to_owned()));
    let family = schema("sms").await.ok();
    assert_eq!(family["fields"], schema("sms.*").await.ok()["fields"]);
    assert!(!paths(&family).contains(&"reason".to_owned()), "sms.delivered has no reason");
    assert!(paths(&family).contains(&"phone_number".to_owned()));
    assert_eq!(schema("nothing").await.refusal(), refusal("form_param_value_invalid type"));
    let missing = api.raw("GET", "/logs/schemas", None).await.refusal();
    assert_eq!(missing, refusal("form_param_missing type"));
}

/// The types on each page from the newest to the oldest, with its status.
async fn pages(api: &Api, query: &str) -> Vec<(usize, String, bool)> {
    let mut pages = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = api.raw("GET", &format!("/logs?{query}{cursor}"), None).await.ok();
        let next = &page["cursor"];
        let status = text(next, "next_page_status");
        assert_eq!(next["has_next_page"], status != "false");
        let end = next["retention_limit_reached"] == true;
        pages.push((page["data"].as_array().unwrap().len(), status.clone(), end));
        match next["starting_after"].as_str() {
            Some(next) => cursor = format!("&starting_after={next}"),
            None => break,
        }
        assert_ne!(status, "false");
    }
    pages
}

#[tokio::test]
async fn pages_end_with_the_limit_the_window_and_the_retention() {
    let api = empty().await;
    let day = |day: u32| json!({ "now": format!("2027-01-{day:02}T12:00:00Z"), "frozen": true });
    let clock = async |body: Value| api.control("POST", "/clock", &body).await.ok();
    for (at, count) in [(1, 1), (10, 3), (13, 2)] {
        clock(day(at)).await;
        for number in 0..count {
            let user = json!({ "username": format!("user_{at}_{number}") });
            api.send("POST", "/users", Some(&user)).await.ok();
        }
    }
    clock(day(14)).await;
    let page = |count: usize, status: &str, end: bool| (count, status.to_owned(), end);
    let whole = [page(2, "true", false), page(2, "true", false), page(1, "false", true)];
    assert_eq!(pages(&api, "limit=2").await, whole);
    let all = logs(&api, "").await;
    let ids: Vec<_> = all.iter().map(|log| text(log, "id")).collect();
    assert_eq!(ids.len(), 5, "one is older than a week");
    let first = api.raw("GET", "/logs?limit=3", None).await.ok();
    let cursor = text(&first["cursor"], "starting_after");
    let rest = api.raw("GET", &format!("/logs?starting_after={cursor}"), None).await.ids();
    assert_eq!(rest, ids[3..]);
    let rest = api.raw("GET", &format!("/logs?starting_after={cursor}&limit=1"), None).await.ok();
    let back = text(&rest["cursor"], "ending_before");
    let newer = api.raw("GET", &format!("/logs?ending_before={back}&limit=2"), None).await;
    assert_eq!(newer.ids(), ids[1..3]);

    let kept = json!({ "retention_days": 30, "window_days": 2 });
    api.control("POST", "/logs", &kept).await.ok();
    let found = pages(&api, "limit=10").await;
    assert_eq!(found[0], page(2, "unknown", false));
    assert_eq!(found[1], page(3, "unknown", false));
    assert_eq!(found[2], page(0, "unknown", false), "an empty page is not the end");
    assert_eq!(found.last().unwrap(), &page(0, "false", true));
    assert_eq!(found.iter().map(|(count, ..)| count).sum::<usize>(), 6);
    let after = number(&all[0], "event_time") - 1;
    let bounded = pages(&api, &format!("limit=10&event_time_after={after}")).await;
    assert_eq!(bounded, [page(2, "false", false)]);
    let of_one = format!("subject={}", text(&all[4], "subject"));
    assert_eq!(pages(&api, &of_one).await.len(), found.len(), "and so with filters");

    api.control("POST", "/logs", &json!({ "retention_days": 1 })).await.ok();
    api.control("POST", "/clock", &json!({ "advance": 3_600 })).await.ok();
    assert_eq!(logs(&api, "").await.len(), 0);
    let old = format!("/logs/{}:{}", all[4]["event_time"], text(&all[4], "id"));
    assert_eq!(api.raw("GET", &old, None).await.refusal().0, 404);
}

#[tokio::test]
async fn an_instance_without_logs_has_no_such_paths() {
    let api = empty().await;
    api.control("POST", "/logs", &json!({ "enabled": false })).await.ok();
    for path in ["/logs", "/logs/schemas?type=user", "/logs/1:none"] {
        let refused = api.raw("GET", path, None).await.refusal();
        assert_eq!(refused, (404, vec!["resource_not_found".to_owned()]));
    }
    api.control("POST", "/logs", &json!({ "enabled": true })).await.ok();
    assert_eq!(api.raw("GET", "/logs/1:none", None).await.refusal().0, 404);
    assert_eq!(logs(&api, "").await.len(), 0);
}

#[tokio::test]
async fn logs_have_a_lower_limit_of_their_own() {
    let api = Api::with(Options { users: 0, rate_limit: Some(50), ..Options::default() }).await;
    for _ in 0..10 {
        api.raw("GET", "/logs", None).await.ok();
    }
    let refused = api.raw("GET", "/logs/schemas?type=user", None).await.refusal();
    assert_eq!(refused, (429, vec!["too_many_requests".to_owned()]));
    api.get("/users").await.ok();
}

#[tokio::test]
async fn text_messages_arrive_or_say_why_not() {
    let api = empty().await;
    let user = json!({ "phone_number": ["+436641234567"], "username": "jane_doe" });
    let user = api.send("POST", "/users", Some(&user)).await.ok();
    let sign_in = async || {
        let body = json!({ "identifier": "+436641234567", "strategy": "phone_code" });
        post(&api, "/sign_ins", &body).await.ok();
        let mut found = types_of(&api, &format!("subject={}", text(&user, "id"))).await;
        found.reverse();
        found.split_off(1)
    };
    let code = "sign_in.phone_number.verification.code_sent";
    assert_eq!(sign_in().await, [code, "sms.accepted", "sms.delivered"]);
    let payload = "type=sms.delivered&payload_fields=phone_number,user_id,phone_number_id,slug";
    let expected = json!({
        "phone_number": "+436641234567", "user_id": user["id"], "slug": "verification_code",
        "phone_number_id": user["phone_numbers"][0]["id"],
    });
    assert_eq!(logs(&api, payload).await[0]["payload"], expected);
    let outcome = |outcome: &str, reason: Option<&str>| json!({ "to": "+43", "outcome": outcome, "reason": reason });
    for (set, expected) in [
        (outcome("accepted", None), &[code, "sms.accepted"][..]),
        (outcome("unconfirmed", None), &[code, "sms.accepted", "sms.unconfirmed"]),
        (
            outcome("undeliverable", Some("destination_unreachable")),
            &[code, "sms.accepted", "sms.undeliverable"],
        ),
        (outcome("failed", Some("invalid_phone_number")), &["sms.failed"]),
    ] {
        api.control("DELETE", "/sms", &Value::Null).await.ok();
        api.control("POST", "/sms", &set).await.ok();
        let before = sign_in().await.len() - expected.len();
        let found = sign_in().await.split_off(before + expected.len());
        assert_eq!(found, expected, "{set}");
    }
    let reason = "type=sms.failed&payload_fields=reason,rejected_before_send";
    let expected = json!({ "reason": "invalid_phone_number", "rejected_before_send": false });
    assert_eq!(logs(&api, reason).await[0]["payload"], expected);
    api.control("DELETE", "/sms", &Value::Null).await.ok();
    let blocked = json!({ "blocked_country_codes": ["AT"] });
    api.send("PATCH", "/instance/communication", Some(&blocked)).await.ok();
    api.control("DELETE", "/inbox", &Value::Null).await.ok();
    assert_eq!(sign_in().await.last().unwrap(), "sms.failed");
    let expected = json!({ "reason": "country_not_supported", "rejected_before_send": true });
    assert_eq!(logs(&api, reason).await[0]["payload"], expected);
    assert_eq!(message(&api, "+436641234567").await, Value::Null, "nothing was sent");
    for (set, code) in [
        (outcome("lost", None), "form_param_value_invalid outcome"),
        (outcome("failed", None), "form_param_missing reason"),
        (outcome("failed", Some("bad weather")), "form_param_value_invalid reason"),
        (outcome("delivered", Some("unknown")), "form_param_value_invalid reason"),
    ] {
        assert_eq!(api.control("POST", "/sms", &set).await.refusal(), refusal(code), "{set}");
    }
}
