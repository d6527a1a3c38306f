//! The control API: what no client of Clerk does, but a test needs. It is under `/sandbox`, takes
//! the same keys, and each request is about the instance of its key.

mod clock;
mod faults;
mod fixtures;
mod inbox;
mod incidents;
mod invitations;
mod logs;
mod place;
mod requests;
mod sessions;
mod sign_ins;
mod sign_ups;
mod sms;
mod snapshots;
mod tickets;
mod webhooks;

use axum::routing::{delete, get, post};
use axum::{Router, middleware};
use indexmap::IndexMap;

use crate::routes;

/// The paths of the control API.
pub(crate) fn routes() -> Router {
    Router::new()
        .route("/sandbox/reset", post(snapshots::reset))
        .route("/sandbox/snapshots", get(snapshots::list).post(snapshots::create))
        .route("/sandbox/snapshots/{name}", delete(snapshots::delete))
        .route("/sandbox/snapshots/{name}/restore", post(snapshots::restore))
        .route("/sandbox/clock", get(clock::show).post(clock::change))
        .route("/sandbox/faults", get(faults::list).post(faults::create).delete(faults::clear))
        .route("/sandbox/requests", get(requests::list).delete(requests::clear))
        .route("/sandbox/fixtures", post(fixtures::add))
        .route("/sandbox/webhooks", get(webhooks::list).post(webhooks::create))
        .route("/sandbox/webhooks/{id}", delete(webhooks::delete))
        .route("/sandbox/events", get(webhooks::events).delete(webhooks::clear_events))
        .route("/sandbox/inbox", get(inbox::list).delete(inbox::clear))
        .route("/sandbox/incidents", get(incidents::list).post(incidents::play))
        .route("/sandbox/logs", get(logs::show).post(logs::change))
        .route("/sandbox/sms", get(sms::list).post(sms::create).delete(sms::clear))
        .merge(of_end_users())
        .method_not_allowed_fallback(routes::method_not_allowed)
}

/// What end users do.
fn of_end_users() -> Router {
    let session = "/sandbox/sessions/{id}";
    Router::new()
        .route("/sandbox/sign_ups", post(sign_ups::create))
        .route("/sandbox/sign_ups/{id}", get(sign_ups::show))
        .route("/sandbox/sign_ups/{id}/verify", post(sign_ups::verify))
        .route("/sandbox/sign_ins", post(sign_ins::create))
        .route("/sandbox/sign_ins/{id}", get(sign_ins::show))
        .route("/sandbox/sign_ins/{id}/verify", post(sign_ins::verify))
        .route("/sandbox/invitations/{id}/accept", post(sign_ups::accept))
        .route("/sandbox/organization_invitations/{id}/accept", post(invitations::accept))
        .route(&format!("{session}/touch"), post(sessions::touch))
        .route(&format!("{session}/idle"), post(sessions::idle))
        .route(&format!("{session}/end"), post(sessions::finish))
        .route(&format!("{session}/sign_out"), post(sessions::sign_out))
        .route(&format!("{session}/email_addresses"), post(sessions::add_email_address))
        .route(&format!("{session}/password"), post(sessions::change_password))
        .layer(middleware::from_fn(place::take))
}

/// How many sign-ups and how many sign-ins are kept; the oldest are dropped.
const KEPT: usize = 1_000;

fn keep<T>(kept: &mut IndexMap<String, T>, id: String, item: T) {
    if kept.len() >= KEPT {
        kept.shift_remove_index(0);
    }
    kept.insert(id, item);
}
