//! Events: received as signed webhooks, kept, offered to agents.

mod cli;
mod deliveries;
mod documented;
mod kill;
mod load;
mod tools;

use std::time::Duration;

use clerk_mcp::events::{Event, Events, Settings, signature::Secret};
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::http::client::Http;

const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

/// Events in memory.
fn in_memory() -> Events {
    Events::open(Settings { file: None, retention: Some(Duration::from_hours(24)) }).unwrap()
}

fn user_event(kind: &str, user_id: &str) -> Value {
    json!({ "object": "event", "type": kind, "timestamp": now(), "data": { "id": user_id } })
}

async fn keep(events: &Events, id: &str, body: &Value) {
    let event = Event::read(id, body.to_string().as_bytes(), now()).unwrap();
    events.keep(event).await.unwrap();
}

/// A delivery as Svix makes it.
fn signed(http: &Http, id: &str, body: &str) -> RequestBuilder {
    let seconds = now() / 1000;
    let signature = Secret::parse(SECRET).unwrap().sign(id, seconds, body.as_bytes());
    http.client
        .post(format!("{}/webhooks/clerk", http.url))
        .header("content-type", "application/json")
        .header("svix-id", id)
        .header("svix-timestamp", seconds)
        .header("svix-signature", signature)
        .body(body.to_owned())
}
