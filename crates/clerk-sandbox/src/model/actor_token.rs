//! Actor tokens.

use serde::Serialize;

use super::Metadata;

/// Lets one user sign in as another.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ActorToken {
    pub(crate) object: &'static str,
    pub(crate) id: String,
    pub(crate) status: &'static str,
    pub(crate) user_id: String,
    pub(crate) actor: Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    /// How long the session lasts at most, in milliseconds.
    #[serde(skip)]
    pub(crate) session_lifetime: i64,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}
