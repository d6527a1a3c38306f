//! `/instance`.

use serde_json::json;

use crate::Sandbox;
use crate::query::NoQuery;
use crate::reply::{self, Reply};
use crate::state::State;

/// `GET /instance`
pub(crate) async fn show(State(sandbox): State<Sandbox>, _: NoQuery) -> Reply {
    Ok(reply::json(&json!({
        "object": "instance",
        "id": sandbox.read().instance_id,
        "environment_type": if sandbox.is_live() { "production" } else { "development" },
        "allowed_origins": sandbox.read().settings.instance.allowed_origins,
        "workspace_id": null,
    })))
}
