//! A session.

use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

/// A session of a user on one client.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub(crate) struct Session {
    id: String,
    user_id: Option<String>,
    client_id: Option<String>,
    status: Option<String>,
    last_active_at: Option<i64>,
    last_active_organization_id: Option<String>,
    expire_at: Option<i64>,
    abandon_at: Option<i64>,
    created_at: Option<i64>,
    updated_at: Option<i64>,
}
