//! What the sandbox keeps, with the names Clerk gives the fields on the wire.
//!
//! Times are Unix milliseconds. [`UserReply`] and the like are what responses show: they add what
//! follows from the kept fields or is the same for all.

mod actor_token;
mod attempt;
mod credentials;
mod invitation;
mod jwt_template;
mod log;
mod log_type;
mod membership;
mod message;
mod money;
mod organization_domain;
mod record;
mod restricted;
mod role;
mod session;
mod settings;
mod ticket;
mod user;

use serde::Serialize;
use serde_json::{Map, Value};

pub(crate) use actor_token::ActorToken;
pub(crate) use attempt::{Needs, NewSession, Sent, SignIn, SignUp};
pub(crate) use credentials::{Credentials, Passkey, Password, PasswordCheck, TrustedDevice};
pub(crate) use invitation::{
    INVITATION_DAYS, INVITATION_LIFE, INVITATIONS_AT_ONCE, Invitation, InvitationStatus,
    OrganizationInvitation, with_ticket,
};
pub(crate) use jwt_template::JwtTemplate;
pub(crate) use log::{Log, Logs};
pub(crate) use log_type::{
    FieldKind, LOG_TYPES, LogField, LogType, SMS_REASONS, at, first, log_type, put,
};
pub(crate) use membership::{Membership, MembershipReply};
pub(crate) use message::{Channel, Message, SmsOutcome};
pub(crate) use money::money;
pub(crate) use organization_domain::OrganizationDomain;
pub(crate) use record::{Record, Records, tables};
pub(crate) use restricted::Restricted;
pub(crate) use role::{ADMIN, MEMBER, OrganizationRole, Permission, SYSTEM_PERMISSION};
pub(crate) use session::{Activity, Session, SessionReply, Status, Task};
pub(crate) use settings::{LogSettings, Settings};
pub(crate) use ticket::{SentCode, SignInToken};
pub(crate) use user::{
    ATTEMPTS, EmailAddress, ExternalAccount, Identifier, Link, PhoneNumber, User, UserReply,
    Verification, Web3Wallet,
};

/// A metadata object.
pub(crate) type Metadata = Map<String, Value>;

/// Where the instance's Frontend API would be.
pub(crate) const FRONTEND_API: &str = "https://clerk.example.com";

/// The role set of organizations that were given none.
pub(crate) const DEFAULT_ROLE_SET: &str = "role_set:default";

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Organization {
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) slug: String,
    pub(crate) image_url: String,
    pub(crate) has_image: bool,
    /// 0 means unlimited.
    pub(crate) max_allowed_memberships: u64,
    pub(crate) admin_delete_enabled: bool,
    pub(crate) public_metadata: Metadata,
    pub(crate) private_metadata: Metadata,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) created_by: Option<String>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) last_active_at: Option<i64>,
    pub(crate) role_set_key: String,
}

impl Organization {
    /// The address of the image of an organization without a logo.
    pub(crate) fn image_url_of(id: &str) -> String {
        format!("https://img.example.com/organizations/{id}.png")
    }
}

/// An organization in a response; `None` stands for what the request did not include.
#[derive(Debug, Serialize)]
pub(crate) struct OrganizationReply<'a> {
    pub(crate) object: &'static str,
    #[serde(flatten)]
    pub(crate) organization: &'a Organization,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) members_count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) pending_invitations_count: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) missing_member_with_elevated_permissions: Option<bool>,
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
