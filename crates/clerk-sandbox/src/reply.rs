//! Answers: JSON with exactly the content type Clerk sends.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse as _, Response};
use serde::Serialize;
use serde_json::json;

use super::refusal::Refusal;

/// What a handler comes to.
pub(crate) type Reply = Result<Response, Refusal>;

/// The content type of every JSON answer. Clerk's own SDK compares it with `===`, so there is no
/// charset in it.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A list with the number of all that match, not only those on the page.
#[derive(Debug, Serialize)]
pub(crate) struct Paginated<T> {
    pub(crate) data: Vec<T>,
    pub(crate) total_count: usize,
}

/// 200 with this body.
pub(crate) fn json(body: &impl Serialize) -> Response {
    json_with(StatusCode::OK, body)
}

/// What was asked to be deleted is.
pub(crate) fn deleted(object: &str, id: &str) -> Response {
    json(&json!({ "object": object, "id": id, "deleted": true }))
}

/// A list that is bare unless `paginated` was asked for.
pub(crate) fn list<T: Serialize>(data: Vec<T>, total_count: usize, is_paginated: bool) -> Response {
    if is_paginated { json(&Paginated { data, total_count }) } else { json(&data) }
}

/// This status with this body.
pub(crate) fn json_with(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => (status, [(header::CONTENT_TYPE, JSON)], bytes).into_response(),
        Err(error) => {
            tracing::error!(%error, "an answer of the sandbox could not be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}
