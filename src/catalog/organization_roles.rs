//! Roles in organizations and what they allow.
//! <https://clerk.com/docs/reference/backend-api/tag/organization-roles>

use clerk_api::Route;

use super::{
    On, Toolset,
    fields::{DELETED, ROLE},
};
use crate::tool::{
    Effect, Flag, Tool,
    kind::Kind,
    param::{PAGE, Param, Relation, Rule, TEXT, boolean, id, list, order, text},
    rest,
};

const ORGANIZATION_ROLE_ID: Param =
    id("organization_role_id", &[Kind::Role], Relation::Target).path();

static TOOLS: [Tool; 7] = [
    rest(
        "clerk_list_organization_roles",
        "List organization roles",
        Route::get("/organization_roles"),
        "List the roles that members of organizations can have, with their permissions.",
    )
    .takes(&[
        &[
            text("query").filter(),
            order("order_by", &["created_at", "name", "key"])
                .about("A field such as created_at; - before it for descending."),
        ],
        PAGE,
    ])
    .lists("organizationRoles", &ROLE),
    rest(
        "clerk_get_organization_role",
        "Get organization role",
        Route::get("/organization_roles/{organization_role_id}"),
        "Get one organization role with its permissions by ID.",
    )
    .takes(&[&[ORGANIZATION_ROLE_ID]])
    .returns(&ROLE),
    rest(
        "clerk_create_organization_role",
        "Create organization role",
        Route::post("/organization_roles"),
        "Make a role for members of organizations, with its permissions.",
    )
    .takes(&[&[
        text("name").required(),
        text("key").required(),
        text("description"),
        list("permissions", &TEXT),
        boolean("include_in_initial_role_set"),
    ]])
    .returns(&ROLE)
    .verify_with("clerk_list_organization_roles")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_update_organization_role",
        "Update organization role",
        Route::patch("/organization_roles/{organization_role_id}"),
        "Change an organization role's name, key or permissions, for everybody who has it. One \
         member's role, clerk_update_organization_membership changes.",
    )
    .takes(&[&[
        ORGANIZATION_ROLE_ID,
        text("name"),
        text("key"),
        text("description").clearable(),
        list("permissions", &TEXT).clearable(),
    ]])
    .rules(&[Rule::Change])
    .returns(&ROLE)
    .verify_with("clerk_get_organization_role")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_delete_organization_role",
        "Delete organization role",
        Route::delete("/organization_roles/{organization_role_id}"),
        "Delete an organization role that nobody has any more.",
    )
    .takes(&[&[ORGANIZATION_ROLE_ID]])
    .returns(&DELETED)
    .verify_with("clerk_list_organization_roles")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_assign_permission_to_organization_role",
        "Assign permission to organization role",
        Route::post("/organization_roles/{organization_role_id}/permissions/{permission_id}"),
        "Give a permission to an organization role, and so to everybody who has it.",
    )
    .takes(&[&[
        ORGANIZATION_ROLE_ID,
        id("permission_id", &[Kind::Permission], Relation::Target).path(),
    ]])
    .returns(&ROLE)
    .effect(Effect::Update)
    .verify_with("clerk_list_organization_roles")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_remove_permission_from_organization_role",
        "Remove permission from organization role",
        Route::delete("/organization_roles/{organization_role_id}/permissions/{permission_id}"),
        "Take a permission away from an organization role, and so from everybody who has it.",
    )
    .takes(&[&[
        ORGANIZATION_ROLE_ID,
        id("permission_id", &[Kind::Permission], Relation::Target).path(),
    ]])
    .returns(&ROLE)
    .undo("It can be assigned again.")
    .verify_with("clerk_list_organization_roles")
    .flags(&[Flag::InstanceWide]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "organization_roles",
    about: "Roles in organizations and what they allow",
    find: "clerk_list_organization_roles",
    on: On::Chosen,
    tools: &TOOLS,
};
