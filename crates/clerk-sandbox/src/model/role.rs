//! Roles, and the permissions that they grant.

use serde::Serialize;

/// The key of the role that every creator of an organization has, and which may do everything.
pub(crate) const ADMIN: &str = "org:admin";

/// The key of the other role that every instance starts with.
pub(crate) const MEMBER: &str = "org:member";

/// How the keys of Clerk's own permissions begin.
pub(crate) const SYSTEM_PERMISSION: &str = "org:sys_";

/// The permissions that the role of an organization's creator needs.
const CREATOR_PERMISSIONS: [&str; 3] =
    ["org:sys_profile:delete", "org:sys_memberships:read", "org:sys_memberships:manage"];

/// Something that a role may allow.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Permission {
    pub(crate) object: &'static str,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) description: String,
    /// `system` for Clerk's own, which can't be changed, else `user`.
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

/// A role with its permissions.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct OrganizationRole {
    pub(crate) object: &'static str,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) key: String,
    pub(crate) description: Option<String>,
    pub(crate) is_creator_eligible: bool,
    pub(crate) permissions: Vec<Permission>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

impl OrganizationRole {
    /// Whether a role with these permissions may be that of an organization's creator.
    pub(crate) fn is_enough_for_a_creator(permissions: &[Permission]) -> bool {
        CREATOR_PERMISSIONS.iter().all(|key| permissions.iter().any(|owned| owned.key == *key))
    }
}
