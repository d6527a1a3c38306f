//! Provisioning by SCIM (older name of directories).
//! <https://clerk.com/docs/reference/backend-api/tag/scim-directories>

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
    "scim_directory_id",
    "directory_id",
    "scim_group_id",
    "directory_group_id",
    "scim_group_display_name",
    "directory_group_display_name",
    "role",
    "precedence",
    "created_at",
    "updated_at",
];

pub(super) static OPERATIONS: [Entry; 10] = [
    plain(
        "clerk_list_scim_directories",
        "List SCIM directories",
        Route::get("/scim_directories"),
        "List the directories by which companies provision users (SCIM), by the older endpoint. \
         clerk_list_directories is the newer one.",
    )
    .takes(&[LIMIT, OFFSET])
    .rows("scimDirectories")
    .answers(DIRECTORY),
    plain(
        "clerk_get_scim_directory",
        "Get SCIM directory",
        Route::get("/scim_directories/{scim_directory_id}"),
        "Get one SCIM directory by ID, by the older endpoint. clerk_get_directory is the newer \
         one.",
    )
    .answers(DIRECTORY),
    plain(
        "clerk_create_scim_directory",
        "Create SCIM directory",
        Route::post("/scim_directories"),
        "Make a SCIM directory by the older endpoint; the answer has its secret API key. \
         clerk_create_directory is the newer one.",
    )
    .takes(&[
        id("enterprise_connection_id").required(),
        text("name"),
        text("provider").required(),
        objects("group_role_mappings")
            .about("Each with scimGroupId, scimGroupDisplayName, roleId, precedence."),
    ])
    .answers(DIRECTORY)
    .look("clerk_list_scim_directories")
    .secret(),
    plain(
        "clerk_update_scim_directory",
        "Update SCIM directory",
        Route::patch("/scim_directories/{scim_directory_id}"),
        "Change a SCIM directory's name, attributes or whether it is on, by the older endpoint.",
    )
    .takes(&[
        text("name"),
        flag("enabled"),
        text("provider"),
        object("attribute_mapping").about("Merged; null removes a key."),
        flag("group_role_mapping_enabled"),
    ])
    .answers(DIRECTORY)
    .look("clerk_get_scim_directory")
    .rules(&[Rule::Change]),
    plain(
        "clerk_delete_scim_directory",
        "Delete SCIM directory",
        Route::delete("/scim_directories/{scim_directory_id}"),
        "Delete a SCIM directory, by the older endpoint: its company's provisioning stops. Users \
         stay.",
    )
    .answers(DELETED)
    .look("clerk_list_scim_directories")
    .flags(&[Flag::InstanceWide]),
    plain(
        "clerk_rotate_scim_directory_api_key",
        "Rotate SCIM directory API key",
        Route::post("/scim_directories/{scim_directory_id}/rotate_api_key"),
        "Give a SCIM directory a new secret API key, by the older endpoint; the old one stops \
         working.",
    )
    .answers(DIRECTORY)
    .effect(Effect::Destroy)
    .look("clerk_list_scim_directories")
    .secret(),
    plain(
        "clerk_list_scim_group_role_mappings",
        "List SCIM group role mappings",
        Route::get("/scim_directories/{scim_directory_id}/group_role_mappings"),
        "List which groups of a SCIM directory give which roles, by the older endpoint.",
    )
    .rows("groupRoleMappings")
    .answers(GROUP_ROLE_MAPPING),
    plain(
        "clerk_create_scim_group_role_mapping",
        "Create SCIM group role mapping",
        Route::post("/scim_directories/{scim_directory_id}/group_role_mappings"),
        "Let a group of a SCIM directory give a role, by the older endpoint.",
    )
    .takes(&[
        id("scim_group_id").required(),
        id("role_id").required(),
        integer("precedence").at_least(1).about("The lowest wins."),
    ])
    .answers(GROUP_ROLE_MAPPING)
    .look("clerk_list_scim_directories"),
    plain(
        "clerk_replace_scim_group_role_mappings",
        "Replace SCIM group role mappings",
        Route::put("/scim_directories/{scim_directory_id}/group_role_mappings"),
        "Replace all mappings of a SCIM directory's groups to roles, by the older endpoint; \
         those left out are lost.",
    )
    .takes(&[objects("mappings").required().about("Each with scimGroupId, roleId.")])
    .rows("groupRoleMappings")
    .answers(GROUP_ROLE_MAPPING)
    .effect(Effect::Destroy)
    .look("clerk_list_scim_directories"),
    plain(
        "clerk_delete_scim_group_role_mapping",
        "Delete SCIM group role mapping",
        Route::delete("/scim_directories/{scim_directory_id}/group_role_mappings/{mapping_id}"),
        "Let a group of a SCIM directory no longer give a role, by the older endpoint.",
    )
    .answers(&["id", "deleted"])
    .look("clerk_list_scim_directories"),
];
