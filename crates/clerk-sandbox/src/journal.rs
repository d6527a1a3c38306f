//! The application's log: what requests changed, for `GET /logs` to find.

use axum::body::{Body, to_bytes};
use axum::extract::{MatchedPath, Request};
use axum::http::Method;
use axum::middleware::Next;
use axum::response::Response;
use serde_json::{Value, json};

use crate::Sandbox;
use crate::model::{Record, tables};
use crate::state::State;
use crate::store::Store;
use crate::webhooks;

/// The longest body that is logged, in bytes.
const LONGEST: usize = 4 << 20;

/// How many events are kept; the oldest go first.
const MOST: usize = 10_000;

/// What the last part of a path does to its resource, if it isn't the resource.
const VERBS: [(&str, &str); 7] = [
    ("ban", "banned"),
    ("unban", "unbanned"),
    ("lock", "locked"),
    ("unlock", "unlocked"),
    ("revoke", "revoked"),
    ("invite", "updated"),
    ("reject", "updated"),
];

/// The middleware around the handlers that logs what succeeded.
pub(crate) async fn write(
    State(sandbox): State<Sandbox>,
    request: Request,
    next: Next,
) -> Response {
    let Some(verb) = verb(&request) else { return next.run(request).await };
    let agent = webhooks::user_agent(request.headers()).to_owned();
    let response = next.run(request).await;
    if !response.status().is_success() {
        return response;
    }
    let (parts, body) = response.into_parts();
    let Ok(bytes) = to_bytes(body, LONGEST).await else {
        return Response::from_parts(parts, Body::empty());
    };
    if let Ok(body) = serde_json::from_slice::<Value>(&bytes)
        && let Some(object) = body.get("object").and_then(Value::as_str)
    {
        let kind = format!("{object}.{verb}");
        log(&mut sandbox.write(), &kind, body, &agent);
    }
    Response::from_parts(parts, Body::from(bytes))
}

/// What the request does to its resource; nothing if it only reads, or is the sandbox's own.
fn verb(request: &Request) -> Option<&'static str> {
    let path = request.extensions().get::<MatchedPath>()?.as_str();
    let last = path.strip_prefix("/v1/")?.rsplit('/').next()?;
    let of_path = VERBS.iter().find(|(name, _)| *name == last).map(|(_, verb)| *verb);
    of_path.or_else(|| match *request.method() {
        Method::POST if last != "verify" => Some("created"),
        Method::PUT | Method::PATCH => Some("updated"),
        Method::DELETE => Some("deleted"),
        _ => None,
    })
}

fn log(store: &mut Store, kind: &str, payload: Value, agent: &str) {
    // In the form of a UUID that begins with the time.
    let (time, random) = (store.time(), store.number());
    let hex = format!("{time:012x}7{:019x}", random >> 52);
    let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
    let parts = parts.map(|(start, end)| hex.get(start..end).unwrap_or_default());
    let subject = payload.get("id").cloned().unwrap_or_default();
    let fields = [
        ("object", json!("log")),
        ("id", json!(parts.join("-"))),
        ("event_time", json!(time)),
        ("actor", json!("sandbox_key")),
        ("actor_type", json!("instance_key")),
        ("impersonator", Value::Null),
        ("subject", subject),
        ("type", json!(kind)),
        ("source", json!("bapi")),
        ("trace_id", json!(format!("{random:032x}"))),
        ("span_id", json!(format!("{:016x}", random >> 64))),
        (
            "event_context",
            json!({
                "environment": { "type": "development" },
                "device": { "ip_address": "127.0.0.1", "user_agent": agent },
            }),
        ),
        ("payload", payload),
    ];
    let record: Record = fields.into_iter().collect();
    store.records.put(tables::LOG, record);
    store.records.keep_newest(tables::LOG, MOST);
}
