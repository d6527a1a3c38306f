//! Invitations, to the application and to its organizations.

use std::ops::RangeInclusive;

use serde::Serialize;

use super::Metadata;

/// How many days an invitation is valid unless the request says otherwise.
pub(crate) const INVITATION_DAYS: u64 = 30;

/// How many invitations one request may create.
pub(crate) const INVITATIONS_AT_ONCE: usize = 10;

/// How many days that may be.
pub(crate) const INVITATION_LIFE: RangeInclusive<u64> = 1..=365;

/// The link that accepts an invitation: its ticket is the invitation's id.
pub(crate) fn with_ticket(url: &str, id: &str) -> String {
    let joint = if url.contains('?') { '&' } else { '?' };
    format!("{url}{joint}__clerk_ticket={id}")
}

/// What has become of an invitation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum InvitationStatus {
    Pending,
    Accepted,
    Revoked,
    Expired,
}

impl InvitationStatus {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Accepted => "accepted",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
        }
    }
}

/// An invitation to sign up.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Invitation {
    pub(crate) object: &'static str,
    pub(crate) id: String,
    pub(crate) email_address: String,
    pub(crate) public_metadata: Metadata,
    pub(crate) revoked: bool,
    pub(crate) status: InvitationStatus,
    pub(crate) url: String,
    pub(crate) expires_at: i64,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

impl Invitation {
    /// Whether it can still be accepted.
    pub(crate) fn is_pending(&self) -> bool {
        self.status == InvitationStatus::Pending
    }
}

/// An invitation to an organization.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct OrganizationInvitation {
    pub(crate) object: &'static str,
    pub(crate) id: String,
    pub(crate) email_address: String,
    pub(crate) role: String,
    pub(crate) role_name: String,
    pub(crate) organization_id: String,
    pub(crate) inviter_id: Option<String>,
    pub(crate) public_inviter_data: Option<()>,
    pub(crate) status: InvitationStatus,
    pub(crate) public_metadata: Metadata,
    pub(crate) private_metadata: Metadata,
    pub(crate) url: Option<String>,
    pub(crate) expires_at: i64,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

impl OrganizationInvitation {
    /// Whether it can still be accepted.
    pub(crate) fn is_pending(&self) -> bool {
        self.status == InvitationStatus::Pending
    }
}
