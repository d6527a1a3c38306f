//! Memberships: who belongs to an organization, and as what.

use serde::Serialize;

use super::{Metadata, Organization, OrganizationReply, User};

/// That a user belongs to an organization.
#[derive(Debug, Serialize)]
pub(in crate::sandbox) struct Membership {
    pub(in crate::sandbox) id: String,
    #[serde(skip)]
    pub(in crate::sandbox) organization_id: String,
    #[serde(skip)]
    pub(in crate::sandbox) user_id: String,
    pub(in crate::sandbox) role: Role,
    pub(in crate::sandbox) public_metadata: Metadata,
    pub(in crate::sandbox) private_metadata: Metadata,
    pub(in crate::sandbox) created_at: i64,
    pub(in crate::sandbox) updated_at: i64,
}

impl Membership {
    /// One without metadata.
    pub(in crate::sandbox) fn new(
        id: String,
        organization: &Organization,
        user_id: String,
        role: Role,
        created_at: i64,
    ) -> Self {
        Self {
            id,
            organization_id: organization.id.clone(),
            user_id,
            role,
            public_metadata: Metadata::new(),
            private_metadata: Metadata::new(),
            created_at,
            updated_at: created_at,
        }
    }
}

/// What a member is in an organization: one of the two roles every instance starts with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub(in crate::sandbox) enum Role {
    /// May do everything.
    #[serde(rename = "org:admin")]
    Admin,
    #[serde(rename = "org:member")]
    Member,
}

impl Role {
    /// All there are.
    pub(in crate::sandbox) const ALL: [Self; 2] = [Self::Admin, Self::Member];

    /// The role with this key.
    pub(in crate::sandbox) fn with_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.key() == key)
    }

    pub(in crate::sandbox) fn key(self) -> &'static str {
        match self {
            Self::Admin => "org:admin",
            Self::Member => "org:member",
        }
    }

    pub(in crate::sandbox) fn name(self) -> &'static str {
        match self {
            Self::Admin => "Admin",
            Self::Member => "Member",
        }
    }

    pub(in crate::sandbox) fn description(self) -> &'static str {
        match self {
            Self::Admin => "Role with elevated permissions",
            Self::Member => "Role with non-privileged permissions",
        }
    }

    pub(in crate::sandbox) fn permissions(self) -> &'static [&'static str] {
        match self {
            Self::Admin => &[
                "org:sys_profile:manage",
                "org:sys_profile:delete",
                "org:sys_memberships:read",
                "org:sys_memberships:manage",
                "org:sys_domains:read",
                "org:sys_domains:manage",
                "org:sys_billing:read",
                "org:sys_billing:manage",
            ],
            Self::Member => &["org:sys_memberships:read", "org:sys_billing:read"],
        }
    }
}

/// A membership as it is answered.
#[derive(Debug, Serialize)]
pub(in crate::sandbox) struct MembershipReply<'a> {
    object: &'static str,
    #[serde(flatten)]
    membership: &'a Membership,
    role_name: &'static str,
    permissions: &'static [&'static str],
    organization: OrganizationReply<'a>,
    public_user_data: PublicUserData<'a>,
}

impl<'a> MembershipReply<'a> {
    /// Takes the membership with the organization and the user it is about.
    pub(in crate::sandbox) fn new(
        membership: &'a Membership,
        organization: &'a Organization,
        user: &'a User,
    ) -> Self {
        Self {
            object: "organization_membership",
            membership,
            role_name: membership.role.name(),
            permissions: membership.role.permissions(),
            organization: OrganizationReply::from(organization),
            public_user_data: PublicUserData::from(user),
        }
    }
}

/// What members see of each other.
#[derive(Debug, Serialize)]
struct PublicUserData<'a> {
    user_id: &'a str,
    first_name: Option<&'a str>,
    last_name: Option<&'a str>,
    profile_image_url: String,
    image_url: String,
    has_image: bool,
    identifier: Option<&'a str>,
    username: Option<&'a str>,
    banned: bool,
    deprovisioned: bool,
}

impl<'a> From<&'a User> for PublicUserData<'a> {
    fn from(user: &'a User) -> Self {
        let image_url = user.image_url();
        Self {
            user_id: &user.id,
            first_name: user.first_name.as_deref(),
            last_name: user.last_name.as_deref(),
            profile_image_url: image_url.clone(),
            image_url,
            has_image: user.has_image,
            identifier: user.identifier(),
            username: user.username.as_deref(),
            banned: user.banned,
            deprovisioned: false,
        }
    }
}
