//! The control API: what no client of Clerk does, but a test needs. It is under `/sandbox`, takes
//! the same keys, and each request is about the instance of its key.

mod clock;
mod faults;
mod requests;
mod snapshots;

use axum::Router;
use axum::routing::{delete, get, post};

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
        .method_not_allowed_fallback(routes::method_not_allowed)
}
