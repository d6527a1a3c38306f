//! Provisioning by SCIM (older name of directories).
//! <https://clerk.com/docs/reference/backend-api/tag/scim-directories>

mod fields;

use clerk_api::Route;

use self::fields::SCIM_GROUP_ROLE_MAPPING;
use super::{
    On, Toolset,
    directories::{GROUP_ROLE_ID, fields::DIRECTORY},
    fields::DELETED,
};
use crate::tool::{
    Effect, Flag, Tool,
    kind::Kind,
    param::{PAGE, Param, Relation, Rule, Shape, boolean, id, integer, mapping, objects, text},
    rest,
    undo::{Look, Source, Undo},
};

const SCIM_DIRECTORY_ID: Param = id("scim_directory_id", &[Kind::ScimDirectory], Relation::Target)
    .path()
    .about("The ID of the SCIM directory.");
const SCIM_GROUP_ID: Param = id("scim_group_id", &[Kind::Foreign], Relation::Nobody)
    .required()
    .about("The ID of the group in the SCIM directory, given by the identity provider.");

static NEW_MAPPING: Shape = Shape {
    params: &[&[
        SCIM_GROUP_ID,
        text("scim_group_display_name")
            .at_most(255)
            .about("The group's name at the identity provider."),
        GROUP_ROLE_ID,
        integer("precedence").at_least(1).about(
            "If a user is in several groups, the lowest wins; default: the order of the array.",
        ),
    ]],
    rules: &[],
    open: false,
};

static MAPPING: Shape =
    Shape { params: &[&[SCIM_GROUP_ID, GROUP_ROLE_ID]], rules: &[], open: false };

static TOOLS: [Tool; 10] = [
    rest(
        "clerk_list_scim_directories",
        "List SCIM directories",
        Route::get("/scim_directories"),
        "List the directories by which companies provision users (SCIM), by the older endpoint. \
         clerk_list_directories is the newer one.",
    )
    .takes(&[PAGE])
    .lists("scimDirectories", &DIRECTORY),
    rest(
        "clerk_get_scim_directory",
        "Get SCIM directory",
        Route::get("/scim_directories/{scim_directory_id}"),
        "Get one SCIM directory by ID, by the older endpoint. clerk_get_directory is the newer \
         one.",
    )
    .takes(&[&[SCIM_DIRECTORY_ID]])
    .returns(&DIRECTORY),
    rest(
        "clerk_create_scim_directory",
        "Create SCIM directory",
        Route::post("/scim_directories"),
        "Create a SCIM directory by the older endpoint; the result has its secret API key. \
         clerk_create_directory is the newer one.",
    )
    .takes(&[&[
        id("enterprise_connection_id", &[Kind::EnterpriseConnection], Relation::Nobody)
            .required()
            .about("The ID of the enterprise connection that the directory belongs to."),
        text("name").about("What people see the directory called."),
        text("provider").required().about("The identity provider that provisions the users."),
        objects("group_role_mappings", &NEW_MAPPING)
            .about("Which group at the identity provider gives which role."),
    ]])
    .returns(&DIRECTORY)
    .undo(
        Undo::created(
            "clerk_delete_scim_directory",
            &[("scim_directory_id", Source::Result("id"))],
        )
        .but("Users that it provisioned stay."),
    )
    .verify_with("clerk_list_scim_directories")
    .returns_secret()
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_update_scim_directory",
        "Update SCIM directory",
        Route::patch("/scim_directories/{scim_directory_id}"),
        "Change a SCIM directory's name, attributes or whether it is on, by the older endpoint.",
    )
    .takes(&[&[
        SCIM_DIRECTORY_ID,
        text("name").about("The directory's new name."),
        boolean("enabled").about("Whether the directory is on."),
        text("provider").about("The identity provider that provisions the users."),
        mapping("attribute_mapping").about(
            "User attributes, each with its SCIM path, such as {\"firstName\": \
             \"name.givenName\"}. Merged into the mapping: other keys stay, null removes a key.",
        ),
        boolean("group_role_mapping_enabled").about("Whether groups of the directory give roles."),
    ]])
    .rules(&[Rule::Change])
    .returns(&DIRECTORY)
    .undo(Undo::set_back(
        Look::Object("clerk_get_scim_directory"),
        &["name", "enabled", "provider", "attribute_mapping", "group_role_mapping_enabled"],
    ))
    .verify_with("clerk_get_scim_directory")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_delete_scim_directory",
        "Delete SCIM directory",
        Route::delete("/scim_directories/{scim_directory_id}"),
        "Delete a SCIM directory, by the older endpoint: its company's provisioning stops. Users \
         stay.",
    )
    .takes(&[&[SCIM_DIRECTORY_ID]])
    .returns(&DELETED)
    .undo(Undo::gone(
        &["clerk_get_scim_directory"],
        "Its settings and its API key are gone. Create another with clerk_create_scim_directory, \
         and give the identity provider the new key.",
    ))
    .verify_with("clerk_list_scim_directories")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_rotate_scim_directory_api_key",
        "Rotate SCIM directory API key",
        Route::post("/scim_directories/{scim_directory_id}/rotate_api_key"),
        "Give a SCIM directory a new secret API key, by the older endpoint. The old one works \
         for a \
         short time only.",
    )
    .takes(&[&[SCIM_DIRECTORY_ID]])
    .returns(&DIRECTORY)
    .effect(Effect::Destroy)
    .undo(Undo::Never("The old key ends soon. Give the identity provider the new one."))
    .verify_with("clerk_list_scim_directories")
    .returns_secret()
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_list_scim_group_role_mappings",
        "List SCIM group role mappings",
        Route::get("/scim_directories/{scim_directory_id}/group_role_mappings"),
        "List which groups of a SCIM directory give which roles, by the older endpoint.",
    )
    .takes(&[&[SCIM_DIRECTORY_ID]])
    .lists("groupRoleMappings", &SCIM_GROUP_ROLE_MAPPING),
    rest(
        "clerk_create_scim_group_role_mapping",
        "Create SCIM group role mapping",
        Route::post("/scim_directories/{scim_directory_id}/group_role_mappings"),
        "Map a SCIM directory's group to a role, by the older endpoint.",
    )
    .takes(&[&[
        SCIM_DIRECTORY_ID,
        id("scim_group_id", &[Kind::Foreign], Relation::Nobody)
            .required()
            .about("The ID of the group in the SCIM directory, given by the identity provider."),
        id("role_id", &[Kind::Role], Relation::Nobody)
            .required()
            .about("The ID of the role that members of the group get."),
        integer("precedence")
            .at_least(1)
            .about("If a user is in several groups, the lowest wins; default: after all others."),
    ]])
    .returns(&SCIM_GROUP_ROLE_MAPPING)
    .undo(Undo::created(
        "clerk_delete_scim_group_role_mapping",
        &[
            ("scim_directory_id", Source::Argument("scim_directory_id")),
            ("mapping_id", Source::Result("id")),
        ],
    ))
    .verify_with("clerk_list_scim_group_role_mappings")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_replace_scim_group_role_mappings",
        "Replace SCIM group role mappings",
        Route::put("/scim_directories/{scim_directory_id}/group_role_mappings"),
        "Replace all mappings of a SCIM directory's groups to roles, by the older endpoint; those \
         left out are lost.",
    )
    .takes(&[&[
        SCIM_DIRECTORY_ID,
        objects("mappings", &MAPPING)
            .required()
            .clearable()
            .about("All mappings from now on; the first wins if a user is in several groups."),
    ]])
    .lists("groupRoleMappings", &SCIM_GROUP_ROLE_MAPPING)
    .effect(Effect::Destroy)
    .undo(Undo::gone(
        &["clerk_list_scim_group_role_mappings"],
        "Set the old mappings again with clerk_replace_scim_group_role_mappings.",
    ))
    .verify_with("clerk_list_scim_group_role_mappings")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_delete_scim_group_role_mapping",
        "Delete SCIM group role mapping",
        Route::delete("/scim_directories/{scim_directory_id}/group_role_mappings/{mapping_id}"),
        "Remove a mapping from a SCIM directory's group to a role, by the older endpoint.",
    )
    .takes(&[&[
        SCIM_DIRECTORY_ID,
        id("mapping_id", &[Kind::ScimMapping], Relation::Target)
            .path()
            .about("The ID of the mapping to delete."),
    ]])
    .returns(&DELETED)
    .undo(
        Undo::by(
            "clerk_create_scim_group_role_mapping",
            &[
                ("scim_directory_id", Source::Argument("scim_directory_id")),
                ("scim_group_id", Source::Before("scim_group_id")),
                ("role_id", Source::Before("role.id")),
                ("precedence", Source::Before("precedence")),
            ],
        )
        .changes(
            Look::Row {
                tool: "clerk_list_scim_group_role_mappings",
                field: &["id"],
                argument: "mapping_id",
            },
            &[],
        )
        .but("It gets a new ID."),
    )
    .verify_with("clerk_list_scim_group_role_mappings")
    .flags(&[Flag::InstanceWide]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "scim_directories",
    about: "SCIM provisioning (replaced by directories)",
    find: "clerk_list_scim_directories",
    on: On::Chosen,
    tools: &TOOLS,
};
