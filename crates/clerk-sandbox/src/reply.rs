//! Responses: JSON with exactly the content type that Clerk sends.

use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use crate::act;
use crate::refusal::{Refusal, TOO_MANY_REQUESTS};

/// The result of a handler.
pub(crate) type Reply = Result<Response, Refusal>;

/// The content type of every JSON response. Clerk's own SDK compares it with `===`, so there is no
/// charset in it.
pub(crate) const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// A page of a list with the number of all that match, not only those on the page.
#[derive(Debug, Serialize)]
pub(crate) struct Paginated<T> {
    pub(crate) data: Vec<T>,
    pub(crate) total_count: usize,
}

/// Marks a response with the id of the user whom the request changed, if the response shows
/// something that belongs to the user instead.
#[derive(Clone, Debug)]
pub(crate) struct ChangedUser(pub(crate) String);

impl<T> Paginated<T> {
    /// The same page with each item in another form.
    pub(crate) fn map<U>(self, form: impl Fn(T) -> U) -> Paginated<U> {
        let data = self.data.into_iter().map(form).collect();
        Paginated { data, total_count: self.total_count }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let act = act::current();
        // A request that is refused before it is an act has no logs.
        let trace = if act.trace_id.is_empty() {
            format!("{:032x}", fastrand::u128(..))
        } else {
            act.trace_id.clone()
        };
        let body = json!({ "errors": self.errors(), "clerk_trace_id": trace });
        json_with(self.status(), &body)
    }
}

/// 200 with this body.
pub(crate) fn json(body: &impl Serialize) -> Response {
    json_with(StatusCode::OK, body)
}

/// The object was deleted.
pub(crate) fn deleted(object: &str, id: &str) -> Response {
    json(&json!({ "object": object, "id": id, "deleted": true }))
}

/// A bare array, unless the request has `paginated=true`.
pub(crate) fn list<T: Serialize>(list: &Paginated<T>, is_paginated: bool) -> Response {
    if is_paginated { json(list) } else { json(&list.data) }
}

/// This status with this body.
pub(crate) fn json_with(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(bytes) => (status, [(header::CONTENT_TYPE, JSON)], bytes).into_response(),
        Err(error) => {
            tracing::error!(%error, "a response of the sandbox could not be written as JSON");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// 429, with or without the seconds to wait.
pub(crate) fn too_many_requests(retry_after: Option<u64>) -> Response {
    let error = TOO_MANY_REQUESTS.because("Too many requests. Please try again in a bit.");
    let Some(seconds) = retry_after else {
        return Refusal::from(error).into_response();
    };
    let refusal = Refusal::from(error.with_meta(json!({ "resets_in": seconds })));
    ([(header::RETRY_AFTER, seconds.to_string())], refusal).into_response()
}
