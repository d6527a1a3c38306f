//! What responses looked like in older versions. Handlers write that of the newest; each step back
//! undoes what a version changed.

use axum::body::{Body, to_bytes};
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::Version;

/// What a version changed, undone for one object of a response.
type Undo = fn(&mut Map<String, Value>);

/// The versions that changed responses, the newest first.
const CHANGES: [(Version, Undo); 2] =
    [(Version::METADATA_APART, with_gmail_dots), (Version::PENDING_SESSIONS, without_tasks)];

/// What responded to a creation with 201 before this version, and responds with 200 since.
const CREATED: [(&str, Version); 1] = [("/v1/api_keys", Version::METADATA_APART)];

/// The longest response that is changed, in bytes.
const LONGEST: usize = 64 << 20;

/// The middleware around the handlers, which gives a response the shape of the request's version.
pub(crate) async fn shape(request: Request, next: Next) -> Response {
    let version = request.extensions().get::<Version>().copied();
    let older = |since: Version| version.is_some_and(|version| version < since);
    let is_creation = request.method() == Method::POST
        && CREATED.iter().any(|(path, since)| request.uri().path() == *path && older(*since));
    let mut response = next.run(request).await;
    if is_creation && response.status() == StatusCode::OK {
        *response.status_mut() = StatusCode::CREATED;
    }
    if !CHANGES.iter().any(|(since, _)| older(*since)) {
        return response;
    }
    let (mut parts, body) = response.into_parts();
    let bytes = to_bytes(body, LONGEST).await.unwrap_or_default();
    let Ok(mut value) = serde_json::from_slice(&bytes) else {
        return Response::from_parts(parts, Body::from(bytes));
    };
    for (since, undo) in CHANGES {
        if older(since) {
            each_object(&mut value, undo);
        }
    }
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, Body::from(value.to_string()))
}

fn each_object(value: &mut Value, undo: Undo) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(|item| each_object(item, undo)),
        Value::Object(object) => {
            undo(object);
            // Metadata is the application's, whatever is in it.
            let fields = object.iter_mut().filter(|(name, _)| !name.ends_with("_metadata"));
            fields.for_each(|(_, field)| each_object(field, undo));
        }
        _ => {}
    }
}

/// Restrictions had a switch for the dots in Gmail addresses, which the models of older SDKs require.
fn with_gmail_dots(object: &mut Map<String, Value>) {
    if object.get("object") == Some(&json!("instance_restrictions")) {
        object.insert("ignore_dots_for_gmail_addresses".to_owned(), json!(false));
    }
}

/// Sessions had no tasks, and so were never pending: a user who has yet to choose an organization
/// was signed in.
fn without_tasks(object: &mut Map<String, Value>) {
    if object.get("object") != Some(&json!("session")) {
        return;
    }
    object.shift_remove("tasks");
    if object.get("status") == Some(&json!("pending")) {
        object.insert("status".to_owned(), json!("active"));
    }
}
