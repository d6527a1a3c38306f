//! Whether the server is there, and whether it can do its work.

use std::{sync::Arc, time::Duration};

use axum::{
    Json, Router,
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
    routing::get,
};
use clerk_api::{Request, Route};
use serde::Serialize;
use serde_json::json;
use serde_with::skip_serializing_none;
use tokio::sync::Mutex;

use super::oauth::{KeysState, OAuth};
use crate::Server;

/// How long a request that went well shows that Clerk is there and takes the key.
const GOOD_FOR: Duration = Duration::from_mins(1);
/// How long one that did not go well shows the contrary: whoever asks more often, asks Clerk no
/// more often.
const BAD_FOR: Duration = Duration::from_secs(5);

/// The routes of health.
pub(super) fn router(server: Server, oauth: Option<OAuth>) -> Router {
    let readiness = Readiness { server, oauth, asking: Arc::default() };
    Router::new()
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready).with_state(readiness))
}

/// The answer of `/readyz`: each part by its name, if there is such a part. Nothing in it is about people.
#[skip_serializing_none]
#[derive(Serialize)]
struct Ready {
    ready: bool,
    /// Whether there is a key.
    key: bool,
    /// Whether events can be kept and read.
    events: Option<bool>,
    /// Whether the audit log can be written: otherwise writes are refused.
    audit: Option<bool>,
    /// Whether the journal can be written: otherwise writes are refused.
    journal: Option<bool>,
    /// Whether access tokens can be checked, if people sign in.
    issuer: Option<KeysState>,
}

/// What `/readyz` goes by.
#[derive(Clone)]
struct Readiness {
    server: Server,
    oauth: Option<OAuth>,
    /// Held while Clerk is asked: those who wait take the same answer.
    asking: Arc<Mutex<()>>,
}

/// Whether all parts are there and work. Whether Clerk takes the key is known from the last request, or
/// asked.
async fn ready(State(Readiness { server, oauth, asking }): State<Readiness>) -> Response {
    let clerk = server.clerk();
    let key = clerk.key().is_ok();
    let known = || {
        let health = clerk.health()?;
        let limit = if health.is_good { GOOD_FOR } else { BAD_FOR };
        (health.at.elapsed() < limit).then_some(health.is_good)
    };
    let _asking = asking.lock().await;
    if key && known().is_none() {
        // The key set has no rate limit. What Clerk answers is remembered by its client.
        if let Ok(probe) = Request::new(Route::get("/jwks"), &json!({})) {
            let _ = clerk.begin(None).send(probe).await;
        }
    }
    let (audit, journal) = server.can_log().await;
    let events = match server.events() {
        Some(events) => Some(events.check().await.is_ok()),
        None => None,
    };
    let issuer = match oauth {
        Some(oauth) => Some(oauth.keys().await),
        None => None,
    };
    let works = [Some(key), known().or(Some(false)), events, audit, journal];
    let ready = !works.contains(&Some(false)) && issuer != Some(KeysState::Missing);
    let status = if ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(Ready { ready, key, events, audit, journal, issuer })).into_response()
}
