//! Permissions that roles consist of.
//! <https://clerk.com/docs/reference/backend-api/tag/organization-permissions>

use clerk_api::Route;

use super::fields::DELETED;
use crate::operation::{
    Entry, Rule,
    param::{LIMIT, OFFSET, text},
    plain,
};

/// The fields of a permission.
const PERMISSION: &[&str] =
    &["id", "name", "key", "description", "type", "created_at", "updated_at"];

pub(super) static OPERATIONS: [Entry; 5] = [
    plain(
        "clerk_list_organization_permissions",
        "List organization permissions",
        Route::get("/organization_permissions"),
        "List the permissions that organization roles can have. What a role has, \
         clerk_get_organization_role tells.",
    )
    .takes(&[
        text("query"),
        text("order_by").about("A field such as created_at; - before it for descending."),
        LIMIT,
        OFFSET,
    ])
    .rows("organizationPermissions")
    .answers(PERMISSION),
    plain(
        "clerk_get_organization_permission",
        "Get organization permission",
        Route::get("/organization_permissions/{permission_id}"),
        "Get one organization permission by ID.",
    )
    .answers(PERMISSION),
    plain(
        "clerk_create_organization_permission",
        "Create organization permission",
        Route::post("/organization_permissions"),
        "Make a permission for organization roles. No role has it until it is assigned.",
    )
    .takes(&[text("name").required(), text("key").required(), text("description")])
    .answers(PERMISSION)
    .look("clerk_list_organization_permissions"),
    plain(
        "clerk_update_organization_permission",
        "Update organization permission",
        Route::patch("/organization_permissions/{permission_id}"),
        "Change an organization permission's name, key or description. Code that checks the old \
         key fails.",
    )
    .takes(&[text("name"), text("key"), text("description")])
    .answers(PERMISSION)
    .look("clerk_get_organization_permission")
    .rules(&[Rule::Change]),
    plain(
        "clerk_delete_organization_permission",
        "Delete organization permission",
        Route::delete("/organization_permissions/{permission_id}"),
        "Delete an organization permission, which all roles lose.",
    )
    .answers(DELETED)
    .look("clerk_list_organization_permissions"),
];
