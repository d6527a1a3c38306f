//! Identifiers on the allowlist and the blocklist.

use serde::Serialize;

/// An identifier that may sign up, or may not.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Restricted {
    pub(crate) object: &'static str,
    pub(crate) id: String,
    pub(crate) identifier: String,
    pub(crate) identifier_type: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) invitation_id: Option<String>,
    pub(crate) instance_id: String,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}
