//! Incidents, and the stories that the logs tell of them.

use std::collections::{HashMap, HashSet};

use clerk_sandbox::Options;
use serde_json::{Value, json};

use super::people::post;
use super::{Api, number, text};

const NAMES: [&str; 5] =
    ["credential_stuffing", "duplicate_person", "locked_out", "sso_misconfigured", "takeover"];

/// All logs, the oldest first, with what a story says of them.
async fn told(api: &Api) -> Vec<Value> {
    api.control("POST", "/logs", &json!({ "retention_days": 3_650, "window_days": 3_650 }))
        .await
        .ok();
    let mut told = Vec::new();
    let mut cursor = String::new();
    loop {
        let page = api.get(&format!("/logs?limit=500{cursor}")).await.ok();
        for log in page["data"].as_array().unwrap() {
            told.push(log.clone());
        }
        match page["cursor"]["starting_after"].as_str() {
            Some(next) => cursor = format!("&starting_after={next}"),
            None => break,
        }
    }
    told.reverse();
    told
}

/// The identifiers of failed sign-ins, by the IDs of the logs.
async fn identifiers(api: &Api) -> HashMap<String, Value> {
    let query = "/logs?type=sign_in.failed&payload_fields=identifier&limit=500";
    let found = api.raw("GET", query, None).await.ok();
    let found = found["data"].as_array().unwrap().iter();
    found.map(|log| (text(log, "id"), log["payload"]["identifier"].clone())).collect()
}

/// Where the device of a log is, as stories say it.
fn place(log: &Value) -> Value {
    let device = &log["event_context"]["device"];
    match &device["location"] {
        Value::Null => Value::Null,
        location => json!({
            "ip_address": device["ip_address"],
            "city": location["city"],
            "country": location["country"],
        }),
    }
}

#[tokio::test]
async fn the_logs_of_an_incident_are_its_story() {
    let api = Api::start().await;
    let listed = api.control("GET", "/incidents", &Value::Null).await.ok();
    let listed: Vec<_> =
        listed["data"].as_array().unwrap().iter().map(|one| text(one, "incident")).collect();
    assert_eq!(listed, NAMES);
    let clock = json!({ "now": "2026-11-27T12:00:00Z", "frozen": true });
    post(&api, "/clock", &clock).await.ok();
    let mut seen = HashSet::new();
    for name in NAMES {
        let played = post(&api, "/incidents", &json!({ "incident": name })).await.ok();
        let story = played["story"].as_array().unwrap();
        let mut logs = told(&api).await;
        logs.retain(|log| seen.insert(text(log, "id")));
        assert_eq!(logs.len(), story.len(), "{name}");
        let identifiers = identifiers(&api).await;
        for (log, line) in logs.iter().zip(story) {
            let who = log.get("subject").unwrap_or_else(|| &identifiers[&text(log, "id")]);
            assert_eq!(
                (&log["type"], who, &place(log)),
                (&line["type"], &line["who"], &line["from"]),
                "{name}: {log:#}"
            );
            let late = number(log, "event_time") - number(line, "at");
            assert!((0..1_000).contains(&late), "{name}: {late} ms late: {log:#}");
        }
    }
    let now = api.control("GET", "/clock", &Value::Null).await.ok();
    assert_eq!(now["date"], "2026-11-27T12:00:00Z", "the clock is as before");
    let again = post(&api, "/incidents", &json!({ "incident": "takeover" })).await.refusal();
    assert_eq!(again, (400, vec!["request_body_invalid".to_owned()]));
    assert_eq!(told(&api).await.len(), seen.len(), "and nothing was played");
    let unknown = post(&api, "/incidents", &json!({ "incident": "war" })).await.refusal();
    assert_eq!(unknown, (422, vec!["form_param_value_invalid incident".to_owned()]));
}

#[tokio::test]
async fn incidents_leave_the_states_that_they_tell_of() {
    let api = Api::start().await;
    let play = async |name: &str| {
        let played = post(&api, "/incidents", &json!({ "incident": name })).await.ok();
        played["ids"].clone()
    };
    let tomas = api.get(&format!("/users/{}", text(&play("locked_out").await, "tomas"))).await.ok();
    assert_eq!(tomas["locked"], true, "still");
    let ids = play("takeover").await;
    let mara = api.get(&format!("/users/{}", text(&ids, "mara"))).await.ok();
    assert_eq!(mara["email_addresses"][1]["id"], mara["primary_email_address_id"]);
    let sessions =
        api.get(&format!("/sessions?user_id={}&status=active", text(&ids, "mara"))).await;
    let sessions = sessions.ok();
    assert_eq!(sessions[0]["latest_activity"]["country"], "NG");
    assert_eq!(sessions.as_array().unwrap().len(), 1);
    let connection = text(&play("sso_misconfigured").await, "connection");
    let connection = api.get(&format!("/enterprise_connections/{connection}")).await.ok();
    assert_eq!(connection["active"], false);
    assert_eq!(
        connection["saml_connection"]["idp_certificates"][0]["expires_at"], 1_772_323_200_000_i64,
        "2026-03-01"
    );
}

#[tokio::test]
async fn incidents_at_the_start_leave_the_made_up_people_as_they_are() {
    let plain = Api::start().await;
    let options = Options::default().with_incidents().unwrap();
    let played = Api::with(options).await;
    let all = async |api: &Api| {
        let users = api.get("/users?limit=500").await.ok();
        users.as_array().unwrap().clone()
    };
    let (plain, with) = (all(&plain).await, all(&played).await);
    let of_incidents: Vec<_> = with.iter().filter(|user| !plain.contains(user)).collect();
    assert_eq!((plain.len(), with.len(), of_incidents.len()), (25, 25 + 12, 12));
    let logs = told(&played).await;
    let ids: HashSet<_> = logs.iter().map(|log| text(log, "id")).collect();
    assert_eq!(ids.len(), logs.len(), "each has an ID of its own");
    assert!(logs.len() > 400, "{}", logs.len());
    let times: Vec<_> = logs.iter().map(|log| number(log, "event_time")).collect();
    assert!(times.is_sorted());
}

#[tokio::test]
async fn an_incident_is_the_same_for_a_seed_and_a_clock() {
    let mut runs = Vec::new();
    for _ in 0..2 {
        let api = Api::start().await;
        let clock = json!({ "now": "2026-11-27T12:00:00Z", "frozen": true });
        post(&api, "/clock", &clock).await.ok();
        post(&api, "/incidents", &json!({ "incident": "takeover" })).await.ok();
        runs.push(told(&api).await);
    }
    assert_eq!(runs[0], runs[1]);
    assert!(!runs[0].is_empty());
}
