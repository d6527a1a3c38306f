//! Roles in organizations and what they allow.
//! <https://clerk.com/docs/reference/backend-api/tag/organization-roles>

use clerk_api::Route;

use super::{
    On, Toolset,
    fields::{DELETED, ROLE},
};
use crate::tool::{
    Effect, Flag, REMOVED, Tool,
    kind::Kind,
    param::{Format, PAGE, Param, Relation, Rule, TEXT, boolean, id, list, order, text},
    rest,
    undo::{Look, Source, Undo},
};

const ORGANIZATION_ROLE_ID: Param = id("organization_role_id", &[Kind::Role], Relation::Target)
    .path()
    .about("The ID of the role, not its key.");

static TOOLS: [Tool; 7] = [
    rest(
        "clerk_list_organization_roles",
        "List organization roles",
        Route::get("/organization_roles"),
        "List the roles that members of organizations can have, with their permissions.",
    )
    .takes(&[
        &[
            text("query").filter().about("Part of a name or key, or an exact role ID."),
            order("order_by", &["created_at", "name", "key"]).about(
                "Sort by created_at, name or key; prefix - for descending, such as -created_at, \
                 the default.",
            ),
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
        "Create a role for members of organizations, with its permissions.",
    )
    .takes(&[&[
        text("name").required().about("What people see the role called."),
        text("key").format(Format::NewKey("org:")).required().about(
            "Unique key: org: and lowercase letters, digits and underscores, such as org:editor.",
        ),
        text("description").about("What the role is for, in words."),
        list("permissions", &TEXT)
            .about("IDs of the permissions that the role has, comma-separated."),
        boolean("include_in_initial_role_set")
            .about("Whether the role also joins the role set that new organizations get."),
    ]])
    .returns(&ROLE)
    .undo(Undo::created(
        "clerk_delete_organization_role",
        &[("organization_role_id", Source::Result("id"))],
    ))
    .verify_with("clerk_list_organization_roles")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_update_organization_role",
        "Update organization role",
        Route::patch("/organization_roles/{organization_role_id}"),
        "Change an organization role's name, key or permissions, for everyone who has it. For \
         one member's role, use clerk_update_organization_membership.",
    )
    .takes(&[&[
        ORGANIZATION_ROLE_ID,
        text("name").about("The new name that people see."),
        text("key").format(Format::NewKey("org:")).about(
            "Unique key: org: and lowercase letters, digits and underscores, such as org:editor.",
        ),
        text("description").clearable().about("What the role is for, in words."),
        list("permissions", &TEXT).clearable().about(
            "IDs of all permissions that the role has from now on, comma-separated; it loses the \
             others.",
        ),
    ]])
    .rules(&[Rule::Change])
    .returns(&ROLE)
    .undo(
        Undo::set_back(
            Look::Object("clerk_get_organization_role"),
            &["name", "key", "description", "permissions"],
        )
        .elsewhere(&[("permissions", &["permissions", "id"])]),
    )
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
    .undo(Undo::gone(
        &["clerk_get_organization_role"],
        "Create it again with clerk_create_organization_role. It gets a new ID.",
    ))
    .verify_with("clerk_list_organization_roles")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_assign_permission_to_organization_role",
        "Assign permission to organization role",
        Route::post("/organization_roles/{organization_role_id}/permissions/{permission_id}"),
        "Add a permission to an organization role, and so to everyone who has it.",
    )
    .takes(&[&[
        ORGANIZATION_ROLE_ID,
        id("permission_id", &[Kind::Permission], Relation::Target)
            .path()
            .about("The ID of the permission that the role gets."),
    ]])
    .returns(&ROLE)
    .effect(Effect::Update)
    .undo(
        Undo::by(
            "clerk_remove_permission_from_organization_role",
            &[
                ("organization_role_id", Source::Argument("organization_role_id")),
                ("permission_id", Source::Argument("permission_id")),
            ],
        )
        .changes(Look::Object("clerk_get_organization_role"), &["permissions"]),
    )
    .verify_with("clerk_list_organization_roles")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_remove_permission_from_organization_role",
        "Remove permission from organization role",
        Route::delete("/organization_roles/{organization_role_id}/permissions/{permission_id}"),
        "Remove a permission from an organization role, and so from everyone who has it.",
    )
    .takes(&[&[
        ORGANIZATION_ROLE_ID,
        id("permission_id", &[Kind::Permission], Relation::Target)
            .path()
            .about("The ID of the permission that the role loses."),
    ]])
    .returns(&ROLE)
    .beside(&REMOVED)
    .undo(
        Undo::by(
            "clerk_assign_permission_to_organization_role",
            &[
                ("organization_role_id", Source::Argument("organization_role_id")),
                ("permission_id", Source::Argument("permission_id")),
            ],
        )
        .changes(Look::Object("clerk_get_organization_role"), &["permissions"]),
    )
    .verify_with("clerk_list_organization_roles")
    .flags(&[Flag::InstanceWide]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "organization_roles",
    about: "Organization roles and their permissions",
    find: "clerk_list_organization_roles",
    on: On::Chosen,
    tools: &TOOLS,
};
