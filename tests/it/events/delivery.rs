//! Webhooks as Svix delivers them.

use clerk_mcp::events::signature::Secret;
use reqwest::RequestBuilder;
use serde_json::{Value, json};

use crate::http::client::Endpoint;

pub(crate) const SECRET: &str = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD";

pub(crate) fn now() -> i64 {
    jiff::Timestamp::now().as_millisecond()
}

pub(crate) fn user_event(kind: &str, user_id: &str) -> Value {
    json!({ "object": "event", "type": kind, "timestamp": now(), "data": { "id": user_id } })
}

/// A delivery as Svix makes it.
pub(crate) fn signed(http: &Endpoint, id: &str, body: &str) -> RequestBuilder {
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
