//! `/sandbox/logs`: how the application's logs are kept and searched.

use serde_json::json;

use crate::Sandbox;
use crate::body::OptionalFields;
use crate::model::LogSettings;
use crate::query::NoQuery;
use crate::reply::{self, Reply};
use crate::state::State;

/// `GET /sandbox/logs`
pub(crate) async fn show(State(sandbox): State<Sandbox>, _: NoQuery) -> Reply {
    Ok(reply::json(&json!(sandbox.read().settings.logs)))
}

/// `POST /sandbox/logs` changes what is given.
pub(crate) async fn change(
    State(sandbox): State<Sandbox>,
    _: NoQuery,
    OptionalFields(mut fields): OptionalFields,
) -> Reply {
    let mut store = sandbox.write();
    let before = store.settings.logs.clone();
    let settings = LogSettings {
        enabled: fields.flag("enabled").value().unwrap_or(before.enabled),
        retention_days: fields.count_within("retention_days", 1..=3_650, before.retention_days),
        window_days: fields.count_within("window_days", 1..=3_650, before.window_days),
    };
    fields.finish()?;
    store.settings.logs = settings;
    Ok(reply::json(&json!(store.settings.logs)))
}
