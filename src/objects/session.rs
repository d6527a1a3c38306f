//! A session.

use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::operation::Metadata;

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
    #[schemars(with = "Option<Metadata>")]
    latest_activity: Option<Activity>,
}

/// From where a session was last used, as far as Clerk can tell.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize)]
#[serde(rename_all(serialize = "camelCase"))]
struct Activity {
    device_type: Option<String>,
    is_mobile: Option<bool>,
    browser_name: Option<String>,
    ip_address: Option<String>,
    city: Option<String>,
    country: Option<String>,
}
