//! `/sandbox/incidents`: stories to investigate.

use serde_json::json;

use crate::Sandbox;
use crate::body::Fields;
use crate::incidents;
use crate::query::NoQuery;
use crate::reply::{self, Paginated, Reply};
use crate::state::State;

/// The keys that incidents are played with, in a development and in a production instance.
const KEYS: [&str; 2] = ["sk_test_sandbox", "sk_live_sandbox"];

/// `GET /sandbox/incidents`: what there is to play.
pub(crate) async fn list(_: NoQuery) -> Reply {
    let data: Vec<_> =
        incidents::names().map(|name| json!({ "object": "incident", "incident": name })).collect();
    let total_count = data.len();
    Ok(reply::json(&Paginated { data, total_count }))
}

/// `POST /sandbox/incidents` plays one, and tells its story.
pub(crate) async fn play(State(sandbox): State<Sandbox>, _: NoQuery, mut fields: Fields) -> Reply {
    let name = fields.required("incident");
    fields.finish()?;
    let [test, live] = KEYS;
    let key = if sandbox.is_live() { live } else { test };
    // Requests that come meanwhile wait, as their changes would be lost.
    let mut store = sandbox.write();
    let played = incidents::play(store.clone(), &name, key)?;
    *store = played.store;
    Ok(reply::json(&played.shown))
}
