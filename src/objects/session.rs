//! A session.

use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// A session of a user on one client.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub(crate) struct Session {
    id: String,
    user_id: Option<String>,
    client_id: Option<String>,
    pub(crate) status: Option<String>,
    last_active_at: Option<i64>,
    #[serialize_always]
    last_active_organization_id: Option<String>,
    expire_at: Option<i64>,
    abandon_at: Option<i64>,
    created_at: Option<i64>,
    updated_at: Option<i64>,
}
