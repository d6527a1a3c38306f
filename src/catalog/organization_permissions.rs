//! Permissions that roles consist of.
//! <https://clerk.com/docs/reference/backend-api/tag/organization-permissions>

use clerk_api::Route;

use super::{
    On, Toolset,
    fields::{DELETED, PERMISSION},
};
use crate::tool::{
    Flag, Tool,
    kind::Kind,
    param::{Format, PAGE, Param, Relation, Rule, id, order, text},
    rest,
    undo::{Look, Source, Undo},
};

const PERMISSION_ID: Param = id("permission_id", &[Kind::Permission], Relation::Target)
    .path()
    .about("The ID of the permission, not its key.");

static TOOLS: [Tool; 5] = [
    rest(
        "clerk_list_organization_permissions",
        "List organization permissions",
        Route::get("/organization_permissions"),
        "List the permissions that organization roles can have. For the \
         permissions of one role, use clerk_get_organization_role.",
    )
    .takes(&[
        &[
            text("query").filter().about("Part of a name or key, or an exact permission ID."),
            order("order_by", &["created_at", "name", "key"]).about(
                "Sort by created_at, name or key; prefix - for descending, such as -created_at.",
            ),
        ],
        PAGE,
    ])
    .lists("organizationPermissions", &PERMISSION),
    rest(
        "clerk_get_organization_permission",
        "Get organization permission",
        Route::get("/organization_permissions/{permission_id}"),
        "Get one organization permission by ID.",
    )
    .takes(&[&[PERMISSION_ID]])
    .returns(&PERMISSION),
    rest(
        "clerk_create_organization_permission",
        "Create organization permission",
        Route::post("/organization_permissions"),
        "Create a permission for organization roles. No role has it until it is assigned.",
    )
    .takes(&[&[
        text("name").required().about("What people see the permission called."),
        text("key").format(Format::PermissionKey).required().about(
            "Key that code checks, as org:feature:action, such as org:billing:manage; org:sys_ is \
             reserved.",
        ),
        text("description").about("What the permission allows, in words."),
    ]])
    .returns(&PERMISSION)
    .undo(Undo::created(
        "clerk_delete_organization_permission",
        &[("permission_id", Source::Result("id"))],
    ))
    .verify_with("clerk_list_organization_permissions")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_update_organization_permission",
        "Update organization permission",
        Route::patch("/organization_permissions/{permission_id}"),
        "Change an organization permission's name, key or description. Code that checks the old \
         key fails.",
    )
    .takes(&[&[
        PERMISSION_ID,
        text("name").about("The new name that people see."),
        text("key").format(Format::PermissionKey).about(
            "The new key, as org:feature:action, such as org:billing:manage; org:sys_ is reserved.",
        ),
        text("description").about("What the permission allows, in words."),
    ]])
    .rules(&[Rule::Change])
    .returns(&PERMISSION)
    .undo(Undo::set_back(
        Look::Object("clerk_get_organization_permission"),
        &["name", "key", "description"],
    ))
    .verify_with("clerk_get_organization_permission")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_delete_organization_permission",
        "Delete organization permission",
        Route::delete("/organization_permissions/{permission_id}"),
        "Delete an organization permission, which all roles lose.",
    )
    .takes(&[&[PERMISSION_ID]])
    .returns(&DELETED)
    .undo(Undo::Never(
        "Create it again with clerk_create_organization_permission, and assign it to each role \
         that had it. It gets a new ID.",
    ))
    .verify_with("clerk_list_organization_permissions")
    .flags(&[Flag::InstanceWide]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "organization_permissions",
    about: "Permissions in organization roles",
    find: "clerk_list_organization_permissions",
    on: On::Chosen,
    tools: &TOOLS,
};
