//! Events: received as signed webhooks, kept, offered to agents.

mod cli;
mod deliveries;
pub(crate) mod delivery;
mod documented;
#[cfg(unix)]
mod file;
#[cfg(unix)]
mod flood;
mod secrets;
mod subscriptions;
mod tools;

use std::time::Duration;

use clerk_mcp::events::{Event, Events, Settings};
use serde_json::Value;

use self::delivery::{SECRET, now, signed, user_event};

/// Events in memory.
fn in_memory() -> Events {
    Events::open(Settings { file: None, retention: Some(Duration::from_hours(24)) }).unwrap()
}

async fn keep(events: &Events, id: &str, body: &Value) {
    let event = Event::read(id, body.to_string().as_bytes(), now()).unwrap();
    events.keep(event).await.unwrap();
}
