//! Domains of organizations.

use serde::Serialize;
use serde_json::{Value, json};

/// A domain of an organization.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct OrganizationDomain {
    pub(crate) object: &'static str,
    pub(crate) id: String,
    pub(crate) organization_id: String,
    pub(crate) name: String,
    pub(crate) enrollment_mode: String,
    affiliation_email_address: Option<String>,
    affiliation_verification: Value,
    ownership_verification: Value,
    verification: Value,
    total_pending_invitations: u64,
    total_pending_suggestions: u64,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    #[serde(skip)]
    pub(crate) is_verified: bool,
}

impl OrganizationDomain {
    /// An unverified domain.
    pub(crate) fn new(
        id: String,
        organization_id: String,
        name: String,
        enrollment_mode: String,
        now: i64,
    ) -> Self {
        let mut domain = Self {
            object: "organization_domain",
            id,
            organization_id,
            name,
            enrollment_mode,
            affiliation_email_address: None,
            affiliation_verification: Value::Null,
            ownership_verification: Value::Null,
            verification: Value::Null,
            total_pending_invitations: 0,
            total_pending_suggestions: 0,
            created_at: now,
            updated_at: now,
            is_verified: false,
        };
        domain.set_verified(false, now);
        domain
    }

    /// Marks the domain and its ownership as verified, or as not.
    pub(crate) fn set_verified(&mut self, is_verified: bool, now: i64) {
        let status = if is_verified { "verified" } else { "unverified" };
        let verification = json!({
            "status": status, "strategy": "admin", "attempts": null, "expire_at": null,
            "verified_at": is_verified.then_some(now),
        });
        self.is_verified = is_verified;
        self.affiliation_verification = verification.clone();
        self.ownership_verification = verification.clone();
        self.verification = verification;
        self.updated_at = now;
    }
}
