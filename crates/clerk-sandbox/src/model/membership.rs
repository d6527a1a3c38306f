//! Memberships: who belongs to an organization, and as what.

use std::borrow::Cow;

use serde::Serialize;

use super::{Metadata, Organization, OrganizationReply, OrganizationRole, User};

/// That a user belongs to an organization.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Membership {
    pub(crate) id: String,
    #[serde(skip)]
    pub(crate) organization_id: String,
    #[serde(skip)]
    pub(crate) user_id: String,
    /// The key of the role; borrowed if it is one of the two that every instance starts with, as
    /// there may be very many memberships.
    pub(crate) role: Cow<'static, str>,
    pub(crate) public_metadata: Metadata,
    pub(crate) private_metadata: Metadata,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

impl Membership {
    /// A membership without metadata.
    pub(crate) fn new(
        id: String,
        organization: &Organization,
        user_id: String,
        role: &'static str,
        created_at: i64,
    ) -> Self {
        Self {
            id,
            organization_id: organization.id.clone(),
            user_id,
            role: Cow::Borrowed(role),
            public_metadata: Metadata::new(),
            private_metadata: Metadata::new(),
            created_at,
            updated_at: created_at,
        }
    }
}

/// A membership in a response.
#[derive(Debug, Serialize)]
pub(crate) struct MembershipReply<'a> {
    object: &'static str,
    #[serde(flatten)]
    membership: &'a Membership,
    role_name: &'a str,
    permissions: Vec<&'a str>,
    organization: OrganizationReply<'a>,
    public_user_data: PublicUserData<'a>,
}

impl<'a> MembershipReply<'a> {
    /// From the membership and all that it ties together.
    pub(crate) fn new(
        membership: &'a Membership,
        organization: &'a Organization,
        user: &'a User,
        role: &'a OrganizationRole,
    ) -> Self {
        Self {
            object: "organization_membership",
            membership,
            role_name: &role.name,
            permissions: role
                .permissions
                .iter()
                .map(|permission| permission.key.as_str())
                .collect(),
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
