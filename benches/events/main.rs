//! How long events take to be kept and found, as a file of them grows. `just bench-events`.
#![expect(
    clippy::cast_precision_loss,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a benchmark prints, and fails by panicking"
)]

use std::time::{Duration, Instant};

use clerk_api::ClientConfig;
use clerk_mcp::{
    Caller, Clerk, Outcome, Server, ServerOptions, Settings as ClerkSettings,
    ctx::{NoKey, USER_AGENT},
    events::{Event, Events, Settings},
    guard::Guard,
};
use serde_json::{Value, json};

const SIZES: [usize; 3] = [10_000, 100_000, 1_000_000];
const USERS: usize = 4_999;
const KINDS: [&str; 4] = ["session.created", "user.updated", "session.ended", "user.created"];
const CALLS: usize = 20;

/// As large as Clerk's: a user of some fields.
fn event(number: usize, began: i64) -> Event {
    let user = format!("user_{}", number % USERS);
    let kind = KINDS[number % KINDS.len()];
    let object = if kind.starts_with("user") { user.clone() } else { format!("sess_{number}") };
    let data = json!({
        "id": object, "user_id": user, "first_name": "Ada", "last_name": "Lovelace",
        "email_addresses": [{ "id": "idn_1", "email_address": format!("{user}@example.com") }],
        "public_metadata": { "note": "x".repeat(700) },
    });
    let at = began + i64::try_from(number).unwrap() * 1_000;
    let body = json!({ "object": "event", "type": kind, "timestamp": at, "data": data });
    Event::read(&format!("msg_{number}"), body.to_string().as_bytes(), at).unwrap()
}

async fn fill(events: &Events, from: usize, to: usize, began: i64) -> Duration {
    let start = Instant::now();
    for batch in (from..to).step_by(500) {
        let kept = (batch..to.min(batch + 500)).map(|number| events.keep(event(number, began)));
        futures::future::join_all(kept).await;
    }
    start.elapsed()
}

/// The median time of a call, in ms, and how many events match.
async fn query(server: &Server, arguments: &Value) -> (f64, u64) {
    let arguments = arguments.as_object().unwrap();
    let (mut times, mut total) = (Vec::new(), 0);
    for _ in 0..CALLS {
        let start = Instant::now();
        let answer = server.call("clerk_list_events", arguments.clone(), Caller::default()).await;
        times.push(start.elapsed());
        let Outcome::Done(result) = answer.unwrap() else { continue };
        total = result["totalCount"].as_u64().unwrap();
    }
    times.sort();
    (times[CALLS / 2].as_secs_f64() * 1_000.0, total)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("events.db");
    let retention = Some(Duration::from_hours(24 * 365));
    let events = Events::open(Settings { file: Some(file.clone()), retention }).unwrap();
    let clerk = Clerk::new(ClerkSettings {
        api: ClientConfig::new("http://127.0.0.1:1".parse().unwrap(), USER_AGENT),
        key: Err(NoKey),
        profile: None,
        other_secrets: Vec::new(),
        upload_folder: None,
    });
    let server = Server::new(ServerOptions {
        events: Some(events.clone()),
        ..ServerOptions::new(clerk, Guard::default())
    });
    let began = jiff::Timestamp::now().as_millisecond() - 1_000_000_000;
    let queries = [
        ("the latest", json!({})),
        ("one user", json!({ "userId": "user_7" })),
        ("one type", json!({ "type": "user.created" })),
        ("a family", json!({ "type": "session.*" })),
        (
            "a family of one user, since",
            json!({
                "type": "session.*", "userId": "user_7", "since": (began + 5_000_000).to_string(),
            }),
        ),
        ("far down", json!({ "offset": 5_000 })),
    ];
    let mut from = 0;
    for size in SIZES {
        let took = fill(&events, from, size, began).await;
        let rate = (size - from) as f64 / took.as_secs_f64();
        let bytes = std::fs::metadata(&file).unwrap().len();
        println!("{size} events, {rate:.0} kept a second, {} MB", bytes / 1_000_000);
        for (name, arguments) in &queries {
            let (ms, total) = query(&server, arguments).await;
            println!("  {name}: {ms:.2} ms (p50), {total} match");
        }
        from = size;
    }
}
