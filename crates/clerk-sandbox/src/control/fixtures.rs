//! `/sandbox/fixtures`

use serde_json::json;

use crate::Sandbox;
use crate::fixtures;
use crate::query::NoQuery;
use crate::refusal::REQUEST_BODY_INVALID;
use crate::reply::{self, Reply};
use crate::state::State;

/// `POST /sandbox/fixtures` adds what the body holds, YAML or JSON, to what there is: all, or
/// nothing if part of it is refused.
pub(crate) async fn add(State(sandbox): State<Sandbox>, _: NoQuery, body: String) -> Reply {
    if body.trim().is_empty() {
        let sentence = "The body must hold fixtures, in YAML or JSON.";
        return Err(REQUEST_BODY_INVALID.because(sentence).into());
    }
    let document = fixtures::read(&body)?;
    let mut store = sandbox.write();
    fixtures::add(&mut store, &document)?;
    Ok(reply::json(&json!({
        "object": "instance",
        "id": store.instance_id,
        "users_count": store.users().len(),
        "organizations_count": store.organizations.len(),
    })))
}
