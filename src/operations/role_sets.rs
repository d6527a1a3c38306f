//! Which roles an organization can have.
//! <https://clerk.com/docs/reference/backend-api/tag/role-sets>

use clerk_api::Route;

use super::fields::DELETED;
use crate::operation::{
    Effect, Entry, Rule,
    param::{LIMIT, OFFSET, choice, list, object, text},
    plain,
};

/// The fields of a role set.
const ROLE_SET: &[&str] = &[
    "id",
    "name",
    "key",
    "description",
    "roles",
    "default_role",
    "creator_role",
    "type",
    "role_set_migration",
    "created_at",
    "updated_at",
];

pub(super) static OPERATIONS: [Entry; 7] = [
    plain(
        "clerk_list_role_sets",
        "List role sets",
        Route::get("/role_sets"),
        "List the role sets, of which each organization has one.",
    )
    .takes(&[
        text("query"),
        text("order_by").about("A field such as created_at; - before it for descending."),
        LIMIT,
        OFFSET,
    ])
    .rows("roleSets")
    .answers(ROLE_SET),
    plain(
        "clerk_get_role_set",
        "Get role set",
        Route::get("/role_sets/{role_set_key_or_id}"),
        "Get one role set with its roles by ID or key.",
    )
    .answers(ROLE_SET),
    plain(
        "clerk_create_role_set",
        "Create role set",
        Route::post("/role_sets"),
        "Make a role set with its roles, its default role and its creators' role.",
    )
    .takes(&[
        text("name").required(),
        text("key"),
        text("description"),
        text("default_role_key").required(),
        text("creator_role_key").required(),
        choice("type", &["initial", "custom"]).about("initial: of new organizations."),
        list("roles").required(),
    ])
    .answers(ROLE_SET)
    .look("clerk_list_role_sets"),
    plain(
        "clerk_update_role_set",
        "Update role set",
        Route::patch("/role_sets/{role_set_key_or_id}"),
        "Change a role set's name, key, type or default roles. clerk_add_roles_to_role_set adds \
         roles.",
    )
    .takes(&[
        text("name").nullable(),
        text("key").nullable(),
        text("description").nullable(),
        choice("type", &["initial"]).nullable().about("initial: of new organizations."),
        text("default_role_key").nullable(),
        text("creator_role_key").nullable(),
    ])
    .answers(ROLE_SET)
    .look("clerk_get_role_set")
    .rules(&[Rule::Change]),
    plain(
        "clerk_replace_role_set",
        "Replace role set",
        Route::post("/role_sets/{role_set_key_or_id}/replace"),
        "Replace a role set by another one, which its organizations get; the old one is gone.",
    )
    .takes(&[
        text("dest_role_set_key").required(),
        object("reassignment_mappings").about("Keys of old roles to those of new ones."),
    ])
    .answers(DELETED)
    .effect(Effect::Destroy)
    .look("clerk_get_role_set"),
    plain(
        "clerk_add_roles_to_role_set",
        "Add roles to role set",
        Route::post("/role_sets/{role_set_key_or_id}/roles"),
        "Add roles to a role set; its organizations can then give them to members.",
    )
    .takes(&[list("role_keys").required(), text("default_role_key"), text("creator_role_key")])
    .answers(ROLE_SET)
    .look("clerk_list_role_sets"),
    plain(
        "clerk_replace_role_in_role_set",
        "Replace role in role set",
        Route::post("/role_sets/{role_set_key_or_id}/roles/replace"),
        "Replace a role of a role set by another one, which its members get.",
    )
    .takes(&[text("role_key").required(), text("to_role_key").required()])
    .answers(ROLE_SET)
    .effect(Effect::Destroy)
    .look("clerk_list_role_sets"),
];
