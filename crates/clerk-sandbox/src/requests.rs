//! The log of requests, for tests to look at.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, PoisonError};

use axum::body::{Body, Bytes};
use axum::extract::Request;
use axum::http::{Method, StatusCode, Uri};
use futures::TryStreamExt as _;
use serde::Serialize;
use serde_json::{Map, Value, json};
use url::form_urlencoded;

/// How many requests are kept; the oldest are dropped.
const KEPT: usize = 1_000;

/// How much of a body is kept, in bytes. A longer one is not shown.
const LONGEST_BODY: usize = 64 * 1024;

/// One request. The key is not part of it: each key has a log of its own.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Logged {
    object: &'static str,
    pub(crate) id: u64,
    /// By the sandbox's clock.
    at: i64,
    pub(crate) method: String,
    pub(crate) path: String,
    /// Each parameter with all its values.
    query: Map<String, Value>,
    /// JSON, or a string if it isn't; null if there is none or it is too long.
    body: Value,
    /// Null as long as there is no response, which stays so if a fault holds it back.
    pub(crate) status: Option<u16>,
}

/// The latest requests of one key.
#[derive(Debug, Default)]
pub(crate) struct Requests(Mutex<Log>);

#[derive(Debug, Default)]
struct Log {
    last_id: u64,
    kept: VecDeque<Logged>,
}

/// What has been read of a request's body.
#[derive(Debug, Clone, Default)]
pub(crate) struct Seen(Arc<Mutex<Vec<u8>>>);

impl Requests {
    /// Logs a request that came at this time, and returns its number.
    pub(crate) fn begin(&self, method: &Method, uri: &Uri, at: i64) -> u64 {
        let mut log = self.log();
        log.last_id += 1;
        let id = log.last_id;
        if log.kept.len() >= KEPT {
            log.kept.pop_front();
        }
        log.kept.push_back(Logged {
            object: "request",
            id,
            at,
            method: method.to_string(),
            path: uri.path().to_owned(),
            query: parameters(uri.query().unwrap_or_default()),
            body: Value::Null,
            status: None,
        });
        id
    }

    /// Adds the body and the status once there is a response.
    pub(crate) fn end(&self, id: u64, body: &Seen, status: StatusCode) {
        let mut log = self.log();
        if let Some(logged) = log.kept.iter_mut().rev().find(|logged| logged.id == id) {
            logged.body = body.value();
            logged.status = Some(status.as_u16());
        }
    }

    /// All that are kept, the oldest first.
    pub(crate) fn all(&self) -> Vec<Logged> {
        self.log().kept.iter().cloned().collect()
    }

    pub(crate) fn clear(&self) {
        self.log().kept.clear();
    }

    fn log(&self) -> std::sync::MutexGuard<'_, Log> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Seen {
    /// The same request, whose body is remembered as it is read.
    pub(crate) fn watch(&self, request: Request) -> Request {
        let seen = self.clone();
        request.map(|body| {
            Body::from_stream(body.into_data_stream().inspect_ok(move |chunk| seen.add(chunk)))
        })
    }

    fn add(&self, chunk: &Bytes) {
        let mut seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        // One byte more than the longest shows that it is too long.
        let room = (LONGEST_BODY + 1).saturating_sub(seen.len());
        seen.extend(chunk.iter().take(room));
    }

    fn value(&self) -> Value {
        let seen = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.is_empty() || seen.len() > LONGEST_BODY {
            return Value::Null;
        }
        serde_json::from_slice(&seen).unwrap_or_else(|_| json!(String::from_utf8_lossy(&seen)))
    }
}

fn parameters(query: &str) -> Map<String, Value> {
    let mut parameters = Map::new();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let values = parameters.entry(name.into_owned()).or_insert_with(|| json!([]));
        if let Value::Array(values) = values {
            values.push(json!(value));
        }
    }
    parameters
}
