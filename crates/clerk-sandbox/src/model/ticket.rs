//! Tokens that let somebody sign in.

use serde::Serialize;

/// Lets a user sign in without anything else.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SignInToken {
    pub(crate) object: &'static str,
    pub(crate) id: String,
    pub(crate) status: &'static str,
    pub(crate) user_id: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) token: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) url: Option<String>,
    /// The organization that is active in the session.
    #[serde(skip)]
    pub(crate) organization_id: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

/// A code that was sent to an address or a number.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct SentCode {
    pub(crate) object: &'static str,
    pub(crate) id: String,
    pub(crate) status: &'static str,
    pub(crate) strategy: &'static str,
    pub(crate) attempts: u64,
    pub(crate) expire_at: i64,
    pub(crate) channel: Option<&'static str>,
    #[serde(skip)]
    pub(crate) identifier_id: String,
    #[serde(skip)]
    pub(crate) code: String,
}
