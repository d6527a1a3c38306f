//! What the sandbox keeps, with the names Clerk gives the fields on the wire.
//!
//! Times are Unix milliseconds. The answers' forms ([`UserReply`] and the like) add what follows
//! from the kept fields or is the same for everybody.

mod membership;
mod session;
mod user;

use serde::Serialize;
use serde_json::{Map, Value};

pub(super) use membership::{ADMIN, MEMBER, Membership, MembershipReply};
pub(super) use session::{Activity, Session, SessionReply, Status, Task};
pub(super) use user::{
    EmailAddress, ExternalAccount, Identifier, Link, PhoneNumber, User, UserReply, Verification,
    Web3Wallet,
};

/// A metadata object.
pub(super) type Metadata = Map<String, Value>;

/// The role set of organizations that were given none.
pub(super) const DEFAULT_ROLE_SET: &str = "role_set:default";

#[derive(Debug, Serialize)]
pub(super) struct Organization {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) slug: String,
    pub(super) image_url: String,
    pub(super) has_image: bool,
    /// 0 means unlimited.
    pub(super) max_allowed_memberships: u64,
    pub(super) admin_delete_enabled: bool,
    pub(super) public_metadata: Metadata,
    pub(super) private_metadata: Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) created_by: Option<String>,
    pub(super) created_at: i64,
    pub(super) updated_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) last_active_at: Option<i64>,
    pub(super) role_set_key: String,
}

/// An organization as it is answered; what is `None` was not asked for.
#[derive(Debug, Serialize)]
pub(super) struct OrganizationReply<'a> {
    pub(super) object: &'static str,
    #[serde(flatten)]
    pub(super) organization: &'a Organization,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) members_count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) pending_invitations_count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) missing_member_with_elevated_permissions: Option<bool>,
}

impl<'a> From<&'a Organization> for OrganizationReply<'a> {
    fn from(organization: &'a Organization) -> Self {
        Self {
            object: "organization",
            organization,
            members_count: None,
            pending_invitations_count: None,
            missing_member_with_elevated_permissions: None,
        }
    }
}
