//! Roles in organizations and what they allow.
//! <https://clerk.com/docs/reference/backend-api/tag/organization-roles>

use clerk_api::Route;

use super::fields::DELETED;
use crate::operation::{
    Effect, Entry, Rule,
    param::{LIMIT, OFFSET, flag, list, text},
    plain,
};

/// The fields of an organization role.
const ORGANIZATION_ROLE: &[&str] = &[
    "id",
    "name",
    "key",
    "description",
    "is_creator_eligible",
    "permissions",
    "created_at",
    "updated_at",
];

pub(super) static OPERATIONS: [Entry; 7] = [
    plain(
        "clerk_list_organization_roles",
        "List organization roles",
        Route::get("/organization_roles"),
        "List the roles that members of organizations can have, with their permissions.",
    )
    .takes(&[
        text("query"),
        text("order_by").about("A field such as created_at; - before it for descending."),
        LIMIT,
        OFFSET,
    ])
    .rows("organizationRoles")
    .answers(ORGANIZATION_ROLE),
    plain(
        "clerk_get_organization_role",
        "Get organization role",
        Route::get("/organization_roles/{organization_role_id}"),
        "Get one organization role with its permissions by ID.",
    )
    .answers(ORGANIZATION_ROLE),
    plain(
        "clerk_create_organization_role",
        "Create organization role",
        Route::post("/organization_roles"),
        "Make a role for members of organizations, with its permissions.",
    )
    .takes(&[
        text("name").required(),
        text("key").required(),
        text("description"),
        list("permissions"),
        flag("include_in_initial_role_set"),
    ])
    .answers(ORGANIZATION_ROLE)
    .look("clerk_list_organization_roles"),
    plain(
        "clerk_update_organization_role",
        "Update organization role",
        Route::patch("/organization_roles/{organization_role_id}"),
        "Change an organization role's name, key or permissions, for everybody who has it. One \
         member's role, clerk_update_organization_membership changes.",
    )
    .takes(&[
        text("name").nullable(),
        text("key").nullable(),
        text("description").nullable(),
        list("permissions").nullable(),
    ])
    .answers(ORGANIZATION_ROLE)
    .look("clerk_get_organization_role")
    .rules(&[Rule::Change]),
    plain(
        "clerk_delete_organization_role",
        "Delete organization role",
        Route::delete("/organization_roles/{organization_role_id}"),
        "Delete an organization role that nobody has any more.",
    )
    .answers(DELETED)
    .look("clerk_list_organization_roles"),
    plain(
        "clerk_assign_permission_to_organization_role",
        "Assign permission to organization role",
        Route::post("/organization_roles/{organization_role_id}/permissions/{permission_id}"),
        "Give a permission to an organization role, and so to everybody who has it.",
    )
    .answers(ORGANIZATION_ROLE)
    .effect(Effect::Update)
    .look("clerk_list_organization_roles"),
    plain(
        "clerk_remove_permission_from_organization_role",
        "Remove permission from organization role",
        Route::delete("/organization_roles/{organization_role_id}/permissions/{permission_id}"),
        "Take a permission away from an organization role, and so from everybody who has it.",
    )
    .answers(ORGANIZATION_ROLE)
    .look("clerk_list_organization_roles")
    .undo("It can be assigned again."),
];
