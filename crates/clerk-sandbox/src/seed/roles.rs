//! The permissions and the roles that every instance starts with.

use fastrand::Rng;

use crate::model::{ADMIN, MEMBER, OrganizationRole, Permission, SYSTEM_PERMISSION};
use crate::store::id;

const PERMISSIONS: [&str; 8] = [
    "org:sys_profile:manage",
    "org:sys_profile:delete",
    "org:sys_memberships:read",
    "org:sys_memberships:manage",
    "org:sys_domains:read",
    "org:sys_domains:manage",
    "org:sys_billing:read",
    "org:sys_billing:manage",
];

/// Those of a member who isn't an administrator.
const MEMBER_PERMISSIONS: [&str; 2] = ["org:sys_memberships:read", "org:sys_billing:read"];

/// Clerk's own permissions, created at this time.
pub(super) fn permissions(rng: &mut Rng, at: i64) -> Vec<Permission> {
    let permission = |key: &str| {
        let (feature, verb) =
            key.trim_start_matches(SYSTEM_PERMISSION).split_once(':').unwrap_or_default();
        Permission {
            object: "permission",
            id: id(rng, "perm"),
            name: format!("{verb} {feature}"),
            key: key.to_owned(),
            description: format!("Permission to {verb} an organization's {feature}."),
            kind: "system",
            created_at: at,
            updated_at: at,
        }
    };
    PERMISSIONS.into_iter().map(permission).collect()
}

/// The roles of administrators and of members, created at this time.
pub(super) fn roles(rng: &mut Rng, permissions: &[Permission], at: i64) -> Vec<OrganizationRole> {
    let mut role =
        |key: &str, name: &str, description: &str, permissions: Vec<Permission>| OrganizationRole {
            object: "role",
            id: id(rng, "role"),
            name: name.to_owned(),
            key: key.to_owned(),
            description: Some(description.to_owned()),
            is_creator_eligible: OrganizationRole::is_enough_for_a_creator(&permissions),
            permissions,
            created_at: at,
            updated_at: at,
        };
    let of_members = permissions
        .iter()
        .filter(|permission| MEMBER_PERMISSIONS.contains(&permission.key.as_str()))
        .cloned()
        .collect();
    vec![
        role(ADMIN, "Admin", "Role with elevated permissions", permissions.to_vec()),
        role(MEMBER, "Member", "Role with non-privileged permissions", of_members),
    ]
}
