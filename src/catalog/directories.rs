//! Provisioning of users from companies' directories.
//! <https://clerk.com/docs/reference/backend-api/tag/directories>

pub(super) mod fields;

use clerk_api::Route;

use self::fields::{DIRECTORY, DIRECTORY_GROUP_ROLE_MAPPING};
use super::{On, Toolset, fields::DELETED};
use crate::tool::{
    Effect, Flag, Tool,
    kind::Kind,
    param::{PAGE, Param, Relation, Rule, Shape, boolean, id, integer, mapping, objects, text},
    rest,
    undo::{Look, Source, Undo},
};

const DIRECTORY_ID: Param = id("directory_id", &[Kind::Directory], Relation::Target)
    .path()
    .about("The ID of the company's directory.");
const GROUP_ID: Param = id("directory_group_id", &[Kind::Foreign], Relation::Nobody)
    .about("The ID of the group at the identity provider.");
const SCIM_GROUP_ID: Param = id("scim_group_id", &[Kind::Foreign], Relation::Nobody)
    .about("The older name of directoryGroupId; give one of them.");
/// The role that a group of a directory gives.
pub(super) const GROUP_ROLE_ID: Param = id("role_id", &[Kind::Role], Relation::Nobody)
    .required()
    .about("The ID of the role that members of the group get.");

static NEW_MAPPING: Shape = Shape {
    params: &[&[
        GROUP_ID,
        SCIM_GROUP_ID,
        text("directory_group_display_name")
            .at_most(255)
            .about("What people see the group called."),
        text("scim_group_display_name")
            .at_most(255)
            .about("The older name of directoryGroupDisplayName; give one of them."),
        GROUP_ROLE_ID,
        integer("precedence").at_least(1).about(
            "Rank of the mapping; for a user in several groups the lowest wins. Default: \
             array order.",
        ),
    ]],
    rules: &[Rule::Any(&["directory_group_id", "scim_group_id"])],
    open: false,
};

static MAPPING: Shape = Shape {
    params: &[&[GROUP_ID, SCIM_GROUP_ID, GROUP_ROLE_ID]],
    rules: &[Rule::Any(&["directory_group_id", "scim_group_id"])],
    open: false,
};

static TOOLS: [Tool; 10] = [
    rest(
        "clerk_list_directories",
        "List directories",
        Route::get("/directories"),
        "List the directories from which companies provision users.",
    )
    .takes(&[PAGE])
    .lists("directories", &DIRECTORY),
    rest(
        "clerk_get_directory",
        "Get directory",
        Route::get("/directories/{directory_id}"),
        "Get one directory with its attributes and state by ID.",
    )
    .takes(&[&[DIRECTORY_ID]])
    .returns(&DIRECTORY),
    rest(
        "clerk_create_directory",
        "Create directory",
        Route::post("/directories"),
        "Create a directory for an enterprise connection; the result has its secret API key.",
    )
    .takes(&[&[
        id("enterprise_connection_id", &[Kind::EnterpriseConnection], Relation::Nobody)
            .required()
            .about("The ID of the enterprise connection that the directory belongs to."),
        text("name").about("What people see the directory called."),
        text("provider").required().about("The identity provider that the directory comes from."),
        objects("group_role_mappings", &NEW_MAPPING)
            .about("Which groups of the directory give which roles."),
    ]])
    .returns(&DIRECTORY)
    .undo(
        Undo::created("clerk_delete_directory", &[("directory_id", Source::Result("id"))])
            .but("Users that it provisioned stay."),
    )
    .verify_with("clerk_list_directories")
    .returns_secret()
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_update_directory",
        "Update directory",
        Route::patch("/directories/{directory_id}"),
        "Change a directory's name, attributes or whether it is on. Off, provisioning stops.",
    )
    .takes(&[&[
        DIRECTORY_ID,
        text("name").about("What people see the directory called."),
        boolean("enabled").about("Whether the directory is on and provisions users."),
        text("provider").about("The identity provider that the directory comes from."),
        mapping("attribute_mapping").about("User attributes, each with its path in the directory, such as {\"firstName\": \"name.givenName\"}. Merged into the mapping: other keys stay, null removes a key."),
        boolean("group_role_mapping_enabled").about("Whether groups of the directory give roles."),
    ]])
    .rules(&[Rule::Change])
    .returns(&DIRECTORY)
    .undo(Undo::set_back(
        Look::Object("clerk_get_directory"),
        &["name", "enabled", "provider", "attribute_mapping", "group_role_mapping_enabled"],
    ))
    .verify_with("clerk_get_directory")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_delete_directory",
        "Delete directory",
        Route::delete("/directories/{directory_id}"),
        "Delete a directory: its company's provisioning stops. Users stay.",
    )
    .takes(&[&[DIRECTORY_ID]])
    .returns(&DELETED)
    .undo(Undo::gone(
&["clerk_get_directory"],
"Its settings and its API key are gone. Create another with \
         clerk_create_directory, and give the identity provider the new key.",
))
    .verify_with("clerk_list_directories")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_rotate_directory_api_key",
        "Rotate directory API key",
        Route::post("/directories/{directory_id}/rotate_api_key"),
        "Give a directory a new secret API key. Provisioning with the old one goes on for a short \
         time only.",
    )
    .takes(&[&[DIRECTORY_ID]])
    .returns(&DIRECTORY)
    .effect(Effect::Destroy)
    .undo(Undo::Never("The old key ends soon. Give the identity provider the new one."))
    .verify_with("clerk_list_directories")
    .returns_secret()
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_list_directory_group_role_mappings",
        "List directory group role mappings",
        Route::get("/directories/{directory_id}/group_role_mappings"),
        "List which groups of a directory give which roles.",
    )
    .takes(&[&[DIRECTORY_ID]])
    .lists("groupRoleMappings", &DIRECTORY_GROUP_ROLE_MAPPING),
    rest(
        "clerk_create_directory_group_role_mapping",
        "Create directory group role mapping",
        Route::post("/directories/{directory_id}/group_role_mappings"),
        "Map a directory's group to a role.",
    )
    .takes(&[&[
        DIRECTORY_ID,
        id("directory_group_id", &[Kind::Foreign], Relation::Nobody)
            .about("The ID of the group at the identity provider."),
        id("scim_group_id", &[Kind::Foreign], Relation::Nobody)
            .about("The older name of directoryGroupId; give one of them."),
        id("role_id", &[Kind::Role], Relation::Nobody)
            .required()
            .about("The ID of the role that members of the group get."),
        integer("precedence").at_least(1).about(
            "Rank of the mapping; for a user in several groups the lowest wins. Default: \
             last.",
        ),
    ]])
    .returns(&DIRECTORY_GROUP_ROLE_MAPPING)
    .undo(Undo::created(
        "clerk_delete_directory_group_role_mapping",
        &[("directory_id", Source::Argument("directory_id")), ("mapping_id", Source::Result("id"))],
    ))
    .verify_with("clerk_list_directory_group_role_mappings")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_replace_directory_group_role_mappings",
        "Replace directory group role mappings",
        Route::put("/directories/{directory_id}/group_role_mappings"),
        "Replace all mappings of a directory's groups to roles; those left out are lost.",
    )
    .takes(&[&[
        DIRECTORY_ID,
        objects("mappings", &MAPPING)
            .required()
            .clearable()
            .about("All mappings of groups to roles; the earliest in the array takes precedence."),
    ]])
    .lists("groupRoleMappings", &DIRECTORY_GROUP_ROLE_MAPPING)
    .effect(Effect::Destroy)
    .undo(Undo::gone(
        &["clerk_list_directory_group_role_mappings"],
        "Set the old mappings again with clerk_replace_directory_group_role_mappings.",
    ))
    .verify_with("clerk_list_directory_group_role_mappings")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_delete_directory_group_role_mapping",
        "Delete directory group role mapping",
        Route::delete("/directories/{directory_id}/group_role_mappings/{mapping_id}"),
        "Remove a mapping from a directory's group to a role.",
    )
    .takes(&[&[
        DIRECTORY_ID,
        id("mapping_id", &[Kind::DirectoryMapping], Relation::Target)
            .path()
            .about("The ID of the mapping of a group to a role."),
    ]])
    .returns(&DELETED)
    .undo(
        Undo::by(
            "clerk_create_directory_group_role_mapping",
            &[
                ("directory_id", Source::Argument("directory_id")),
                ("directory_group_id", Source::Before("directory_group_id")),
                ("role_id", Source::Before("role.id")),
                ("precedence", Source::Before("precedence")),
            ],
        )
        .changes(
            Look::Row { tool: "clerk_list_directory_group_role_mappings", field: &["id"], argument: "mapping_id" },
            &[],
        )
        .but("It gets a new ID."),
    )
    .verify_with("clerk_list_directory_group_role_mappings")
    .flags(&[Flag::InstanceWide]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "directories",
    about: "User provisioning from companies' directories",
    find: "clerk_list_directories",
    on: On::Chosen,
    tools: &TOOLS,
};
