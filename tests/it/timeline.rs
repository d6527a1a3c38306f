//! `clerk_case_timeline`: several sources, one list, and what becomes of it if one of them fails.

use clerk_mcp::{
    Clerk, Server, ServerOptions,
    audit::Audit,
    events::{Event, Events, Settings},
    guard::Guard,
};
use std::sync::atomic::{AtomicUsize, Ordering};

use serde_json::{Value, json};

use crate::{
    people::{sandbox, send},
    support::{self, Client, Script, Seen, Upstream},
};

const TOOL: &str = "clerk_case_timeline";
/// 2026-11-25T03:00:00Z, in Unix ms.
const NIGHT: i64 = 1_795_575_600_000;

/// The sources of a user's timeline, by the paths that they are read at.
const SOURCES: [(&str, &str); 5] = [
    ("User", "/users/user_1"),
    ("Logs", "/logs"),
    ("Sessions", "/sessions"),
    ("Invitations", "/invitations"),
    ("Invitations", "/users/user_1/organization_invitations"),
];

fn log(id: &str, at: i64, kind: &str, more: &Value) -> Value {
    let mut log = json!({
        "object": "log", "id": id, "event_time": at, "type": kind, "subject": "user_1",
        "actor": "user_1", "actor_type": "user", "trace_id": null, "session_id": null,
    });
    log.as_object_mut().unwrap().extend(support::object(more));
    log
}

/// What Clerk has of user_1: a sign-in at night from a new place, and a ban by this server.
fn clerk(path: &str) -> Script {
    let device = json!({
        "ip_address": "198.51.100.23", "browser": { "name": "Chrome", "version": "142" },
        "location": { "city": "Lagos", "country": "NG" },
    });
    let signed_in = json!({ "trace_id": "trace_a", "event_context": { "device": device } });
    let mut session = signed_in.clone();
    session["session_id"] = json!("sess_1");
    let banned =
        json!({ "trace_id": "trace_1", "actor": "ins_key_1", "actor_type": "instance_key" });
    let rows = match path {
        "/logs" => {
            let logs = [
                log("c", NIGHT + 600_000, "user.banned", &banned),
                log("b", NIGHT + 1_000, "session.created", &session),
                log("a", NIGHT, "sign_in.completed", &signed_in),
            ];
            let cursor = json!({ "next_page_status": "false", "retention_limit_reached": false });
            return Script::json(200, &json!({ "data": logs, "cursor": cursor }));
        }
        "/users/user_1" => {
            let user = json!({
                "object": "user", "id": "user_1", "created_at": NIGHT - 9_000_000_000_i64,
                "last_sign_in_at": NIGHT + 200, "email_addresses": [{
                    "object": "email_address", "id": "idn_1", "email_address": "ada@example.com",
                }],
            });
            return Script::json(200, &user);
        }
        "/users/user_1/ban" => {
            let user = json!({ "object": "user", "id": "user_1", "banned": true }).to_string();
            return Script::Answer(200, "clerk-trace-id: trace_1", user);
        }
        "/sessions" => json!([{
            "object": "session", "id": "sess_1", "user_id": "user_1", "client_id": "client_1",
            "status": "revoked", "created_at": NIGHT + 900, "last_active_at": NIGHT + 300_000,
            "latest_activity": { "id": "act_1", "ip_address": "198.51.100.23", "country": "NG" },
        }]),
        "/invitations" => json!([{
            "object": "invitation", "id": "inv_1", "email_address": "ada@example.com",
            "status": "accepted", "created_at": NIGHT - 9_100_000_000_i64,
            "updated_at": NIGHT - 9_000_000_000_i64,
        }, {
            "object": "invitation", "id": "inv_2", "email_address": "ada@example.com.example",
            "status": "pending", "created_at": NIGHT, "updated_at": NIGHT,
        }]),
        "/users/user_1/organization_memberships" => json!([{
            "object": "organization_membership", "id": "orgmem_1", "role": "org:admin",
            "organization": { "object": "organization", "id": "org_2" },
        }]),
        "/organizations/org_2/invitations" => json!([
            {
                "object": "organization_invitation", "id": "orginv_2", "organization_id": "org_2",
                "email_address": "helper@example.net", "role": "org:admin", "status": "pending",
                "inviter_id": "user_1", "created_at": NIGHT + 120_000, "updated_at": NIGHT + 120_000,
            },
            {
                "object": "organization_invitation", "id": "orginv_3", "organization_id": "org_2",
                "email_address": "colleague@example.com", "status": "pending",
                "inviter_id": "user_2", "created_at": NIGHT + 130_000, "updated_at": NIGHT + 130_000,
            },
        ]),
        "/users/user_1/organization_invitations" => json!([{
            "object": "organization_invitation", "id": "orginv_1", "organization_id": "org_1",
            "email_address": "ada@example.com", "role": "org:admin", "status": "pending",
            "created_at": NIGHT + 60_000, "updated_at": NIGHT + 60_000,
        }]),
        _ => return Script::refusal(404, "", "resource_not_found"),
    };
    let total = rows.as_array().unwrap().len();
    Script::json(200, &json!({ "data": rows, "total_count": total }))
}

fn path(seen: &Seen) -> &str {
    seen.path.split('?').next().unwrap()
}

/// A client of a server with an event and an audit log, in front of an upstream.
async fn client(upstream: &Upstream, folder: &tempfile::TempDir) -> Client {
    let events = Events::open(Settings { file: None, retention: None }).unwrap();
    let body = json!({
        "type": "session.created", "timestamp": NIGHT + 1_500,
        "data": { "object": "session", "id": "sess_1", "user_id": "user_1" },
    });
    let event = Event::read("msg_1", body.to_string().as_bytes(), NIGHT).unwrap();
    events.keep(event).await.unwrap();
    let audit = Some(Audit::new(folder.path().join("audit.jsonl")));
    let clerk = Clerk::new(support::settings(&upstream.url));
    let guard = Guard { audit, ..Guard::default() };
    let options = ServerOptions { events: Some(events), ..ServerOptions::new(clerk, guard) };
    let client = support::connect(Server::new(options)).await;
    let ban = json!({ "userId": "user_1", "reason": "takeover" });
    client.call("clerk_ban_user", &ban).await;
    client
}

fn gaps(timeline: &Value) -> Vec<&str> {
    timeline["gaps"].as_array().unwrap().iter().map(|gap| gap.as_str().unwrap()).collect()
}

fn column<'t>(timeline: &'t Value, field: &str) -> Vec<&'t str> {
    let entries = timeline["entries"].as_array().unwrap();
    entries.iter().map(|entry| entry[field].as_str().unwrap_or("-")).collect()
}

#[test]
fn the_definition_costs_few_tokens() {
    let clerk = Clerk::new(support::settings("http://127.0.0.1:1"));
    let server = Server::new(ServerOptions::new(clerk, Guard::default()));
    let (_, tool) = server.tools().find(|(_, tool)| tool.name == TOOL).unwrap();
    let parts = json!({
        "name": tool.name,
        "description": tool.about,
        "inputSchema": tool.input_schema(server.call_meta()),
    });
    let cost = tiktoken_rs::o200k_base_singleton().encode_ordinary(&parts.to_string()).len();
    println!("{TOOL}: its definition has {cost} tokens");
    assert!(cost <= 350, "{cost}");
}

#[tokio::test]
async fn all_sources_make_one_list_with_causes() {
    let folder = tempfile::tempdir().unwrap();
    let upstream = Upstream::start(|seen, _| clerk(path(seen))).await;
    let client = client(&upstream, &folder).await;
    let timeline = client.call(TOOL, &json!({ "userId": "user_1" })).await;
    let expected = [
        // The write was made just now.
        ("clerk_ban_user", "audit"),
        ("user.banned", "logs"),
        ("session.last_active_at", "sessions"),
        ("organization_invitation.created", "invitations"),
        ("organization_invitation.created", "invitations"),
        ("session.created", "logs, events, sessions"),
        ("sign_in.completed", "logs, user"),
        ("user.created", "user"),
        ("invitation.updated", "invitations"),
        ("invitation.created", "invitations"),
    ];
    assert_eq!(column(&timeline, "type"), expected.map(|(kind, _)| kind), "{timeline:#}");
    assert_eq!(column(&timeline, "sources"), expected.map(|(_, sources)| sources));
    let entries = &timeline["entries"];
    let name = |index: usize| {
        let part = |name: &str| entries[index][name].as_str().unwrap();
        json!(format!("{} {}", part("type"), part("at")))
    };
    assert_eq!(entries[1]["cause"], name(0));
    assert_eq!(entries[2]["cause"], name(5));
    assert_eq!(entries[5]["cause"], name(6));
    assert_eq!(entries[8]["cause"], name(9));
    // Whom they invited meanwhile, and nobody else's invitation.
    let sent = &entries[3];
    assert_eq!(sent["who"], "the user", "{sent}");
    assert_eq!(sent["about"], "to helper@example.net, org_2, org:admin, now pending", "{sent}");
    assert_eq!(entries[5]["id"], json!(format!("{}:b", NIGHT + 1_000)));
    let session = &entries[5];
    let shown = json!({
        "at": "2026-11-25T03:00:01Z", "type": "session.created", "who": "the user",
        "on": "sess_1", "from": "198.51.100.23, Lagos, NG, Chrome", "about": "now revoked",
        "sources": "logs, events, sessions", "id": session["id"], "cause": session["cause"],
    });
    assert_eq!(*session, shown);
    let ban = &entries[0];
    assert_eq!(ban["about"], "done, reason: takeover");
    assert!(ban["who"].as_str().unwrap().starts_with("MCP client "), "{ban}");
    assert_eq!(entries[1]["who"], "a backend with secret key ins_key_1");
    let begin = ["Events: received since ", "Audit log: kept since "];
    let said = gaps(&timeline);
    assert!(
        said.len() == 2 && begin.iter().all(|begin| said.iter().any(|gap| gap.starts_with(begin))),
        "{said:?}"
    );
    assert_eq!(timeline.get("next"), None);
    assert_eq!(timeline["read"]["logs"], 3);
}

#[tokio::test]
async fn a_source_that_fails_is_a_gap_and_the_others_are_there() {
    let folder = tempfile::tempdir().unwrap();
    let all = Upstream::start(|seen, _| clerk(path(seen))).await;
    let whole = client(&all, &folder).await.call(TOOL, &json!({ "userId": "user_1" })).await;
    let ids = |timeline: &Value| -> Vec<String> {
        column(timeline, "id").into_iter().map(str::to_owned).collect()
    };
    for (source, failing) in SOURCES {
        let folder = tempfile::tempdir().unwrap();
        let upstream = Upstream::start(move |seen, _| match path(seen) {
            path if path == failing => Script::refusal(403, "", "no_access"),
            path => clerk(path),
        })
        .await;
        let client = client(&upstream, &folder).await;
        let timeline = client.call(TOOL, &json!({ "userId": "user_1" })).await;
        let gap = gaps(&timeline).into_iter().find(|gap| gap.starts_with(source)).unwrap();
        assert!(gap.contains("can't be read") && gap.contains("no_access"), "{gap}");
        assert_eq!(timeline["read"].get(source.to_lowercase()), None, "{timeline}");
        // Nothing is there that wasn't there before, but for the entries that lost a source.
        let entries = timeline["entries"].as_array().unwrap();
        assert!(entries.len() < whole["entries"].as_array().unwrap().len() + 2, "{timeline:#}");
        let sources = column(&timeline, "sources").join(", ");
        assert!(!sources.contains(&source.to_lowercase()), "{source}: {sources}");
        assert!(!ids(&timeline).is_empty());
    }
}

#[tokio::test]
async fn sent_invitations_that_cannot_be_read_are_a_gap_and_the_others_are_there() {
    for failing in ["/users/user_1/organization_memberships", "/organizations/org_2/invitations"] {
        let folder = tempfile::tempdir().unwrap();
        let upstream = Upstream::start(move |seen, _| match path(seen) {
            path if path == failing => Script::refusal(403, "", "no_access"),
            path => clerk(path),
        })
        .await;
        let client = client(&upstream, &folder).await;
        let timeline = client.call(TOOL, &json!({ "userId": "user_1" })).await;
        let gap = "Invitations: those that the user sent can't be read: ";
        assert!(gaps(&timeline).iter().any(|said| said.starts_with(gap)), "{timeline}");
        assert_eq!(timeline["read"]["invitations"], 3, "{timeline}");
    }
}

#[tokio::test]
async fn what_it_means_that_logs_are_off_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let upstream = Upstream::start(|seen, _| match path(seen) {
        "/logs" => Script::refusal(404, "", "resource_not_found"),
        path => clerk(path),
    })
    .await;
    let client = client(&upstream, &folder).await;
    let timeline = client.call(TOOL, &json!({ "userId": "user_1" })).await;
    let off = "Logs: Clerk answered 404: application logs may be off for this instance.";
    assert!(gaps(&timeline).contains(&off), "{timeline}");
}

#[tokio::test]
async fn if_no_source_can_be_read_the_call_fails() {
    let upstream = Upstream::always(Script::refusal(401, "", "authentication_invalid")).await;
    let client = support::client(&upstream.url).await;
    for arguments in [json!({ "userId": "user_1" }), json!({ "traceId": "abc" })] {
        let error = client.error(TOOL, &arguments).await;
        assert_eq!(error["code"], "authentication_invalid", "{arguments}: {error}");
    }
}

#[tokio::test]
async fn a_window_and_a_limit_hold_and_next_goes_on() {
    let folder = tempfile::tempdir().unwrap();
    let upstream = Upstream::start(|seen, _| clerk(path(seen))).await;
    let client = client(&upstream, &folder).await;
    let whole = client.call(TOOL, &json!({ "userId": "user_1" })).await;
    let mut seen = Vec::new();
    let mut arguments = json!({ "userId": "user_1", "limit": 2 });
    loop {
        let page = client.call(TOOL, &arguments).await;
        seen.extend(column(&page, "id").into_iter().map(str::to_owned));
        let Some(next) = page.get("next") else { break };
        arguments["before"] = next["before"].clone();
    }
    assert_eq!(seen, column(&whole, "id"));
    let night = json!({
        "userId": "user_1", "after": "2026-11-25T03:00:00Z", "before": "2026-11-25T03:01:00Z",
    });
    let night = client.call(TOOL, &night).await;
    assert_eq!(column(&night, "type"), ["session.created", "sign_in.completed"], "{night:#}");
    let sent =
        upstream.seen().iter().rev().find(|seen| path(seen) == "/logs").unwrap().path.clone();
    assert!(sent.contains(&format!("event_time_after={NIGHT}")), "{sent}");
    // A little longer: what another source has before the end may be in the logs after it.
    assert!(sent.contains(&format!("event_time_before={}", NIGHT + 64_999)), "{sent}");
}

#[tokio::test]
async fn exactly_one_subject_is_taken() {
    let upstream = Upstream::always(Script::Reset).await;
    let client = support::client(&upstream.url).await;
    let two = json!({ "userId": "user_1", "ipAddress": "192.0.2.7" });
    for arguments in [json!({}), two, json!({ "sessionId": "user_1" })] {
        let error = client.error(TOOL, &arguments).await;
        assert_eq!(error["code"], "invalid_arguments", "{arguments}: {error}");
    }
    assert_eq!(upstream.seen(), []);
}

const INCIDENTS: [&str; 5] =
    ["credential_stuffing", "duplicate_person", "locked_out", "sso_misconfigured", "takeover"];

/// A sandbox whose clock stands still, that keeps all logs, and a client of a server before it.
async fn frozen() -> (String, Client, tempfile::TempDir) {
    let url = sandbox(1).await;
    send(&url, "POST /sandbox/clock", &json!({ "now": "2026-11-27T12:00:00Z", "frozen": true }))
        .await;
    send(&url, "POST /sandbox/logs", &json!({ "retention_days": 3_650, "window_days": 3_650 }))
        .await;
    // Each key is an instance of its own.
    let settings =
        clerk_mcp::Settings { key: support::key(clerk_sandbox::KEY), ..support::settings(&url) };
    let folder = tempfile::tempdir().unwrap();
    let options = ServerOptions::new(Clerk::new(settings), Guard::default());
    let export_folder = Some(folder.path().to_owned());
    let server = Server::new(ServerOptions { export_folder, ..options });
    (url, support::connect(server).await, folder)
}

/// The whole timeline, from the file to which it is written.
async fn whole(client: &Client, folder: &tempfile::TempDir, arguments: &Value) -> Value {
    static FILES: AtomicUsize = AtomicUsize::new(0);
    let name = format!("{}.jsonl", FILES.fetch_add(1, Ordering::Relaxed));
    let mut arguments = arguments.clone();
    arguments["exportTo"] = json!(name);
    let mut timeline = client.call(TOOL, &arguments).await;
    let lines = std::fs::read_to_string(folder.path().join(name)).unwrap();
    timeline["entries"] =
        lines.lines().map(|line| serde_json::from_str::<Value>(line).unwrap()).collect();
    timeline
}

/// When, what and from where, in lines that sort alike whichever of one second came first.
fn in_lines(mut lines: Vec<(String, String, String)>) -> Vec<(String, String, String)> {
    lines.sort();
    lines
}

/// What a story says of somebody.
fn expected(story: &[Value], who: &Value) -> Vec<(String, String, String)> {
    let lines = story.iter().filter(|line| line["who"] == *who).map(|line| {
        let at = jiff::Timestamp::from_millisecond(line["at"].as_i64().unwrap()).unwrap();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let place = ["ip_address", "city", "country"].map(|part| text(&line["from"][part]));
        let place = if line["from"].is_null() { String::new() } else { place.join(", ") };
        (format!("{at:.0}"), text(&line["type"]), place)
    });
    in_lines(lines.collect())
}

/// What the timeline has from logs, where none of its entries stands for several.
fn logged(timeline: &Value) -> Vec<(String, String, String)> {
    let entries = timeline["entries"].as_array().unwrap().iter();
    let entries = entries.filter(|entry| entry["sources"].as_str().unwrap().contains("logs"));
    let lines = entries.map(|entry| {
        assert_eq!(entry.get("count"), None, "{entry}");
        let text = |name: &str| entry[name].as_str().unwrap_or_default().to_owned();
        let from = text("from");
        let place: Vec<&str> = from.split(", ").take(3).collect();
        // The device of a backend has an address only.
        let place = if place.len() < 3 { String::new() } else { place.join(", ") };
        (text("at"), text("type"), place)
    });
    in_lines(lines.collect())
}

#[tokio::test]
async fn the_timeline_of_everybody_in_an_incident_is_the_true_story() {
    let (url, client, folder) = frozen().await;
    let mut checked = 0;
    for incident in INCIDENTS {
        let played = send(&url, "POST /sandbox/incidents", &json!({ "incident": incident })).await;
        let story = played["story"].as_array().unwrap();
        let people: std::collections::BTreeSet<&str> =
            story.iter().filter_map(|line| line["who"].as_str()).collect();
        for user in people.into_iter().filter(|who| who.starts_with("user_")) {
            let timeline = whole(&client, &folder, &json!({ "userId": user })).await;
            assert_eq!(timeline.get("next"), None, "{incident}: {}", timeline["note"]);
            assert_eq!(logged(&timeline), expected(story, &json!(user)), "{incident} {user}");
            let times = column(&timeline, "at");
            assert!(times.is_sorted_by(|newer, older| newer >= older), "{times:?}");
            checked += 1;
        }
    }
    assert!(checked >= 10, "{checked}");
}

#[tokio::test]
async fn an_ip_address_and_an_address_of_nobody_tell_of_the_night_too() {
    let (url, client, _folder) = frozen().await;
    let played =
        send(&url, "POST /sandbox/incidents", &json!({ "incident": "credential_stuffing" })).await;
    let of_machine = |line: &&Value| line["from"]["ip_address"] == "198.51.100.11";
    let count = played["story"].as_array().unwrap().iter().filter(of_machine).count();
    let machine = json!({ "ipAddress": "198.51.100.11", "limit": 10 });
    let timeline = client.call(TOOL, &machine).await;
    let entries = timeline["entries"].as_array().unwrap();
    let stands: u64 = entries.iter().map(|entry| entry["count"].as_u64().unwrap_or(1)).sum();
    assert_eq!(stands, count as u64, "{timeline:#}");
    let types = column(&timeline, "type");
    let expected = ["sign_in.failed", "session.created", "sign_in.completed", "sign_in.failed"];
    let mut sorted = [types.clone(), expected.to_vec()];
    for types in &mut sorted {
        types.sort_unstable();
    }
    assert_eq!(sorted[0], sorted[1], "{timeline:#}");
    assert!(gaps(&timeline)[..].iter().any(|gap| gap.contains("can't be searched by IP address")));

    let nobody = json!({ "emailAddress": "alex.1@mailbox.example" });
    let timeline = client.call(TOOL, &nobody).await;
    assert_eq!(column(&timeline, "type"), ["sign_in.failed"], "{timeline:#}");
    assert!(gaps(&timeline).contains(&"User: nobody has this address."), "{timeline:#}");
}

#[tokio::test]
async fn what_failed_is_shown_with_its_reason_and_the_lock_with_the_failure_before_it() {
    let (url, client, folder) = frozen().await;
    send(&url, "POST /sandbox/incidents", &json!({ "incident": "locked_out" })).await;
    let all = json!({ "emailAddress": "tomas@alpenrad.example" });
    let timeline = whole(&client, &folder, &all).await;
    let entries = timeline["entries"].as_array().unwrap();
    let of = |kind: &str| entries.iter().filter(|entry| entry["type"] == kind).collect::<Vec<_>>();
    let said = [
        ("sign_in.failed", "user_locked", 2),
        ("sign_in.password.failed", "form_password_incorrect", 100),
        ("sms.undeliverable", "destination_unreachable", 3),
    ];
    for (kind, reason, count) in said {
        let found = of(kind);
        assert!(found.len() >= count, "{kind}: {timeline:#}");
        for entry in found {
            assert!(entry["about"].as_str().unwrap_or_default().contains(reason), "{entry}");
        }
    }
    let failed = of("sign_in.password.failed");
    assert!(
        of("user.locked")[0]["cause"].as_str().unwrap().starts_with("sign_in.password.failed "),
        "{timeline:#}"
    );
    let by_lock =
        |entry: &&&Value| entry["cause"].as_str().unwrap_or_default().starts_with("user.");
    assert_eq!(failed.iter().filter(by_lock).count(), 0);
    // Folded, they still name who was tried.
    send(&url, "POST /sandbox/incidents", &json!({ "incident": "credential_stuffing" })).await;
    let machine = json!({ "ipAddress": "198.51.100.11", "limit": 10 });
    let timeline = client.call(TOOL, &machine).await;
    let several =
        timeline["entries"].as_array().unwrap().iter().find(|entry| entry["count"].is_u64());
    let about = several.unwrap()["about"].as_str().unwrap();
    assert!(about.contains("@mailbox.example") && about.contains("more"), "{about}");
}

#[tokio::test]
async fn a_burst_is_gone_through_page_by_page_and_what_was_before_it_is_reached() {
    // 450 in less than six seconds, more than are read at once, and some an hour before.
    let burst = (0..450).map(|number| NIGHT - number * 13);
    let times: Vec<i64> = burst.chain((0..5).map(|number| NIGHT - 3_600_000 - number)).collect();
    let count = times.len();
    let upstream = Upstream::start(move |seen, _| {
        let url = reqwest::Url::parse(&format!("http://clerk{}", seen.path)).unwrap();
        let query: std::collections::HashMap<_, _> = url.query_pairs().into_owned().collect();
        if path(seen) != "/logs" {
            return Script::refusal(404, "", "resource_not_found");
        }
        let text = |name: &str| query.get(name).map_or("0", String::as_str);
        let before = match text("event_time_before") {
            "0" => i64::MAX,
            before => before.parse().unwrap(),
        };
        let [from, limit] = ["starting_after", "limit"].map(|name| text(name).parse().unwrap());
        let found: Vec<_> = times.iter().filter(|at| **at <= before).collect();
        let rows: Vec<Value> = found
            .iter()
            .skip(from)
            .take(limit)
            .map(|at| log(&format!("{at}"), **at, "sign_in.failed", &json!({})))
            .collect();
        let more = if from + limit < found.len() { "true" } else { "false" };
        let cursor = json!({
            "starting_after": (from + limit).to_string(), "next_page_status": more,
            "retention_limit_reached": false,
        });
        Script::json(200, &json!({ "data": rows, "cursor": cursor }))
    })
    .await;
    let client = support::client(&upstream.url).await;
    let mut arguments = json!({ "ipAddress": "198.51.100.11" });
    let (mut seen, mut pages) = (0, 0);
    loop {
        let page = client.call(TOOL, &arguments).await;
        let entries = page["entries"].as_array().unwrap();
        seen += entries.iter().map(|entry| entry["count"].as_u64().unwrap_or(1)).sum::<u64>();
        pages += 1;
        assert!(pages < 10, "{page}");
        let Some(next) = page.get("next") else { break };
        assert_ne!(arguments["before"], next["before"], "{page}");
        arguments["before"] = next["before"].clone();
    }
    assert_eq!(seen, count as u64);
}
