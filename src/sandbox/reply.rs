//! Answers: JSON with exactly the content type Clerk sends.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;

use super::refusal::Refusal;

/// What a handler comes to.
pub(super) type Reply = Result<Response, Refusal>;

/// The content type of every JSON answer. Clerk's own SDK compares it with `===`, so there is no
/// charset in it.
pub(super) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A list with the number of all that match, not only those on the page.
#[derive(Debug, Serialize)]
pub(super) struct Paginated<T> {
    pub(super) data: Vec<T>,
    pub(super) total_count: usize,
}

/// 200 with this body.
pub(super) fn json(body: &impl Serialize) -> Response {
    json_with(StatusCode::OK, body)
}

/// This status with this body.
pub(super) fn json_with(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => (status, [(header::CONTENT_TYPE, JSON)], bytes).into_response(),
        Err(error) => {
            tracing::error!(%error, "an answer of the sandbox could not be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
