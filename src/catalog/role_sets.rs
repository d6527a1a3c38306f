//! Which roles an organization can have.
//! <https://clerk.com/docs/reference/backend-api/tag/role-sets>

mod fields;

use clerk_api::Route;

use self::fields::ROLE_SET;
use super::{On, Toolset, fields::DELETED};
use crate::tool::{
    Effect, Flag, Tool,
    kind::Kind,
    param::{PAGE, Param, ROLE_KEY, Relation, Rule, choice, id, json, list, order, role_key, text},
    rest,
};

const ROLE_SET_KEY_OR_ID: Param =
    id("role_set_key_or_id", &[Kind::RoleSet], Relation::Target).path();

static TOOLS: [Tool; 7] = [
    rest(
        "clerk_list_role_sets",
        "List role sets",
        Route::get("/role_sets"),
        "List the role sets, of which each organization has one.",
    )
    .takes(&[
        &[
            text("query").filter(),
            order("order_by", &["created_at", "name", "key"])
                .about("A field such as created_at; - before it for descending."),
        ],
        PAGE,
    ])
    .lists("roleSets", &ROLE_SET),
    rest(
        "clerk_get_role_set",
        "Get role set",
        Route::get("/role_sets/{role_set_key_or_id}"),
        "Get one role set with its roles by ID or key.",
    )
    .takes(&[&[ROLE_SET_KEY_OR_ID]])
    .returns(&ROLE_SET),
    rest(
        "clerk_create_role_set",
        "Create role set",
        Route::post("/role_sets"),
        "Make a role set with its roles, its default role and its creators' role.",
    )
    .takes(&[&[
        text("name").required(),
        text("key"),
        text("description"),
        role_key("default_role_key").required(),
        role_key("creator_role_key").required(),
        choice("type", &["initial", "custom"]).about("initial: of new organizations."),
        list("roles", &ROLE_KEY).required(),
    ]])
    .returns(&ROLE_SET)
    .verify_with("clerk_list_role_sets")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_update_role_set",
        "Update role set",
        Route::patch("/role_sets/{role_set_key_or_id}"),
        "Change a role set's name, key, type or default roles. clerk_add_roles_to_role_set adds \
         roles.",
    )
    .takes(&[&[
        ROLE_SET_KEY_OR_ID,
        text("name"),
        text("key"),
        text("description").clearable(),
        choice("type", &["initial"]).about("initial: of new organizations."),
        role_key("default_role_key"),
        role_key("creator_role_key"),
    ]])
    .rules(&[Rule::Change])
    .returns(&ROLE_SET)
    .verify_with("clerk_get_role_set")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_replace_role_set",
        "Replace role set",
        Route::post("/role_sets/{role_set_key_or_id}/replace"),
        "Replace a role set by another one, which its organizations get; the old one is gone.",
    )
    .takes(&[&[
        ROLE_SET_KEY_OR_ID,
        text("dest_role_set_key").required(),
        json("reassignment_mappings").about("Keys of old roles to those of new ones."),
    ]])
    .returns(&DELETED)
    .effect(Effect::Destroy)
    .verify_with("clerk_get_role_set")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_add_roles_to_role_set",
        "Add roles to role set",
        Route::post("/role_sets/{role_set_key_or_id}/roles"),
        "Add roles to a role set; its organizations can then give them to members.",
    )
    .takes(&[&[
        ROLE_SET_KEY_OR_ID,
        list("role_keys", &ROLE_KEY).required(),
        role_key("default_role_key"),
        role_key("creator_role_key"),
    ]])
    .returns(&ROLE_SET)
    .verify_with("clerk_list_role_sets")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_replace_role_in_role_set",
        "Replace role in role set",
        Route::post("/role_sets/{role_set_key_or_id}/roles/replace"),
        "Replace a role of a role set by another one, which its members get.",
    )
    .takes(&[&[
        ROLE_SET_KEY_OR_ID,
        role_key("role_key").required(),
        role_key("to_role_key").required(),
    ]])
    .returns(&ROLE_SET)
    .effect(Effect::Destroy)
    .verify_with("clerk_list_role_sets")
    .flags(&[Flag::InstanceWide]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "role_sets",
    about: "Which roles an organization can have",
    find: "clerk_list_role_sets",
    on: On::Chosen,
    tools: &TOOLS,
};
