//! `/sandbox/inbox`: the emails and text messages that would have been sent.

use serde_json::json;

use crate::Sandbox;
use crate::query::{NoQuery, Query};
use crate::reply::{self, Paginated, Reply};
use crate::state::State;

/// `GET /sandbox/inbox`, the oldest first.
pub(crate) async fn list(State(sandbox): State<Sandbox>, mut query: Query) -> Reply {
    let to = query.text("to").map(|to| to.to_lowercase());
    let slug = query.text("slug");
    query.finish()?;
    let store = sandbox.read();
    let found = store.inbox().filter(|message| {
        to.as_ref().is_none_or(|to| message.to == *to)
            && slug.as_ref().is_none_or(|slug| message.slug == slug)
    });
    let data: Vec<_> = found.collect();
    let total_count = data.len();
    Ok(reply::json(&Paginated { data, total_count }))
}

/// `DELETE /sandbox/inbox` empties it.
pub(crate) async fn clear(State(sandbox): State<Sandbox>, _: NoQuery) -> Reply {
    sandbox.write().clear_inbox();
    Ok(reply::json(&json!({ "data": [], "total_count": 0 })))
}
