//! JWT templates.

use secrecy::SecretString;
use serde::Serialize;

use super::Metadata;

/// The claims, the lifetime and the signature of a kind of token.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct JwtTemplate {
    pub(crate) object: &'static str,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) claims: Metadata,
    /// In seconds.
    pub(crate) lifetime: u64,
    /// In seconds.
    pub(crate) allowed_clock_skew: u64,
    pub(crate) custom_signing_key: bool,
    pub(crate) signing_algorithm: String,
    #[serde(skip)]
    pub(crate) signing_key: Option<SecretString>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

impl JwtTemplate {
    /// With Clerk's defaults for the rest.
    pub(crate) fn new(id: String, name: &str, claims: Metadata, now: i64) -> Self {
        Self {
            object: "jwt_template",
            id,
            name: name.to_owned(),
            claims,
            lifetime: 60,
            allowed_clock_skew: 5,
            custom_signing_key: false,
            signing_algorithm: "RS256".to_owned(),
            signing_key: None,
            created_at: now,
            updated_at: now,
        }
    }
}
