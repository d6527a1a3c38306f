//! `/testing_tokens`. The sandbox has no bot detection that one would have to get past.

use serde_json::json;

use crate::Sandbox;
use crate::query::NoQuery;
use crate::reply::{self, Reply};
use crate::state::State;
use crate::time::SECOND;

/// How long a token is valid, in seconds.
const LIFETIME: i64 = 3_600;

/// `POST /testing_tokens`
pub(crate) async fn create(State(sandbox): State<Sandbox>, _: NoQuery) -> Reply {
    let mut store = sandbox.write();
    let now = store.now() / SECOND;
    let token = format!("{now}-{}", store.token_id());
    Ok(reply::json(&json!({
        "object": "testing_token",
        "token": token,
        "expires_at": now + LIFETIME,
    })))
}
