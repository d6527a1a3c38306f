//! Provisioning of users from companies' directories.
//! <https://clerk.com/docs/reference/backend-api/tag/directories>

use clerk_api::Route;

use super::fields::{DELETED, DIRECTORY};
use crate::operation::{
    Effect, Entry, Flag, Rule,
    param::{LIMIT, OFFSET, flag, id, integer, object, objects, text},
    plain,
};

/// The fields of a group role mapping.
const GROUP_ROLE_MAPPING: &[&str] = &[
    "id",
    "directory_id",
    "scim_directory_id",
    "directory_group_id",
    "scim_group_id",
    "directory_group_display_name",
    "scim_group_display_name",
    "role",
    "precedence",
    "created_at",
    "updated_at",
];

pub(super) static OPERATIONS: [Entry; 10] = [
    plain(
        "clerk_list_directories",
        "List directories",
        Route::get("/directories"),
        "List the directories from which companies provision users.",
    )
    .takes(&[LIMIT, OFFSET])
    .rows("directories")
    .answers(DIRECTORY),
    plain(
        "clerk_get_directory",
        "Get directory",
        Route::get("/directories/{directory_id}"),
        "Get one directory with its attributes and state by ID.",
    )
    .answers(DIRECTORY),
    plain(
        "clerk_create_directory",
        "Create directory",
        Route::post("/directories"),
        "Make a directory for an enterprise connection; the answer has its secret API key.",
    )
    .takes(&[
        id("enterprise_connection_id").required(),
        text("name"),
        text("provider").required(),
        objects("group_role_mappings").about(
            "Each with directoryGroupId, scimGroupId, directoryGroupDisplayName, \
                 scimGroupDisplayName, roleId, precedence.",
        ),
    ])
    .answers(DIRECTORY)
    .look("clerk_list_directories")
    .secret(),
    plain(
        "clerk_update_directory",
        "Update directory",
        Route::patch("/directories/{directory_id}"),
        "Change a directory's name, attributes or whether it is on. Off, provisioning stops.",
    )
    .takes(&[
        text("name"),
        flag("enabled"),
        text("provider"),
        object("attribute_mapping").about("Merged; null removes a key."),
        flag("group_role_mapping_enabled"),
    ])
    .answers(DIRECTORY)
    .look("clerk_get_directory")
    .rules(&[Rule::Change]),
    plain(
        "clerk_delete_directory",
        "Delete directory",
        Route::delete("/directories/{directory_id}"),
        "Delete a directory: its company's provisioning stops. Users stay.",
    )
    .answers(DELETED)
    .look("clerk_list_directories")
    .flags(&[Flag::InstanceWide]),
    plain(
        "clerk_rotate_directory_api_key",
        "Rotate directory API key",
        Route::post("/directories/{directory_id}/rotate_api_key"),
        "Give a directory a new secret API key; the old one stops working, and provisioning with \
         it.",
    )
    .answers(DIRECTORY)
    .effect(Effect::Destroy)
    .look("clerk_list_directories")
    .secret(),
    plain(
        "clerk_list_directory_group_role_mappings",
        "List directory group role mappings",
        Route::get("/directories/{directory_id}/group_role_mappings"),
        "List which groups of a directory give which roles.",
    )
    .rows("groupRoleMappings")
    .answers(GROUP_ROLE_MAPPING),
    plain(
        "clerk_create_directory_group_role_mapping",
        "Create directory group role mapping",
        Route::post("/directories/{directory_id}/group_role_mappings"),
        "Let a group of a directory give a role.",
    )
    .takes(&[
        id("directory_group_id"),
        id("scim_group_id"),
        id("role_id").required(),
        integer("precedence").at_least(1).about("The lowest wins."),
    ])
    .answers(GROUP_ROLE_MAPPING)
    .look("clerk_list_directories"),
    plain(
        "clerk_replace_directory_group_role_mappings",
        "Replace directory group role mappings",
        Route::put("/directories/{directory_id}/group_role_mappings"),
        "Replace all mappings of a directory's groups to roles; those left out are lost.",
    )
    .takes(&[objects("mappings")
        .required()
        .about("Each with directoryGroupId, scimGroupId, roleId.")])
    .rows("groupRoleMappings")
    .answers(GROUP_ROLE_MAPPING)
    .effect(Effect::Destroy)
    .look("clerk_list_directories"),
    plain(
        "clerk_delete_directory_group_role_mapping",
        "Delete directory group role mapping",
        Route::delete("/directories/{directory_id}/group_role_mappings/{mapping_id}"),
        "Let a group of a directory no longer give a role.",
    )
    .answers(&["id", "deleted"])
    .look("clerk_list_directories"),
];
