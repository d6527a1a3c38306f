//! Which roles an organization can have.
//! <https://clerk.com/docs/reference/backend-api/tag/role-sets>

mod fields;

use clerk_api::Route;

use self::fields::ROLE_SET;
use super::{On, Toolset, fields::DELETED};
use crate::tool::{
    Effect, Flag, Tool,
    kind::Kind,
    param::{
        Format, PAGE, Param, ROLE_KEY, Relation, Rule, choice, id, list, map, order, role_key, text,
    },
    rest,
    undo::{Look, Undo},
};

const ROLE_SET_KEY_OR_ID: Param = id("role_set_key_or_id", &[Kind::RoleSet], Relation::Target)
    .path()
    .about("The role set's ID, or its key, such as role_set:teams.");

static TOOLS: [Tool; 7] = [
    rest(
        "clerk_list_role_sets",
        "List role sets",
        Route::get("/role_sets"),
        "List the role sets, of which each organization has one.",
    )
    .takes(&[
        &[
            text("query").filter().about("Part of a name or key, or an exact role set ID."),
            order("order_by", &["created_at", "name", "key"]).about(
                "Sort by created_at, name or key; prefix - for descending, such as -created_at, \
                 the default.",
            ),
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
        "Create a role set with its roles, its default role and its creators' role.",
    )
    .takes(&[&[
        text("name").required().about("What people see the role set called."),
        text("key").format(Format::NewKey("role_set:")).about(
            "Unique key, such as role_set:teams, with lowercase letters, digits and underscores; \
             without it, made from the name.",
        ),
        text("description").about("What the role set is for, in words."),
        role_key("default_role_key")
            .required()
            .about("The role that new members get, such as org:member; must be in roles."),
        role_key("creator_role_key").required().about(
            "The role that creators of organizations get, such as org:admin; must be in roles.",
        ),
        choice("type", &["initial", "custom"])
            .about("initial: the one role set that new organizations get."),
        list("roles", &ROLE_KEY).at_most(10).required().about(
            "Keys of the 1 to 10 roles in the set, comma-separated, such as org:admin,org:member.",
        ),
    ]])
    .returns(&ROLE_SET)
    .undo(Undo::Never(
        "Clerk has no operation that deletes a role set. clerk_replace_role_set puts another in \
         its place.",
    ))
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
        text("name").about("The new name that people see."),
        text("key").format(Format::NewKey("role_set:")).about(
            "New unique key, such as role_set:teams, with lowercase letters, digits and \
             underscores.",
        ),
        text("description").clearable().about("What the role set is for, in words."),
        choice("type", &["initial"]).about(
            "Makes this the role set that new organizations get, instead of the current one.",
        ),
        role_key("default_role_key")
            .about("The role that new members get, such as org:member; must be in the set."),
        role_key("creator_role_key").about(
            "The role that creators of organizations get, such as org:admin; must be in the set.",
        ),
    ]])
    .rules(&[Rule::Change])
    .returns(&ROLE_SET)
    .undo(
        Undo::set_back(
            Look::Object("clerk_get_role_set"),
            &["name", "key", "description", "default_role_key", "creator_role_key"],
        )
        .elsewhere(&[
            ("role_set_key_or_id", &["id"]),
            ("default_role_key", &["default_role", "key"]),
            ("creator_role_key", &["creator_role", "key"]),
        ])
        .but("If it became the role set of new organizations, the old one doesn't by it."),
    )
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
        text("dest_role_set_key").required().about(
            "The key of the role set that its organizations get instead, such as \
                    role_set:teams.",
        ),
        map("reassignment_mappings", &ROLE_KEY).about(
            "Each old role key with the new one, such as {\"org:editor\": \"org:member\"}; \
             required if members' roles must change.",
        ),
    ]])
    .returns(&DELETED)
    .effect(Effect::Destroy)
    .undo(Undo::gone(
        &["clerk_get_role_set"],
        "The role set is gone, and who had which of its roles.",
    ))
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
        list("role_keys", &ROLE_KEY)
            .at_most(10)
            .required()
            .about("Keys of 1 to 10 roles to add, comma-separated, such as org:editor,org:viewer."),
        role_key("default_role_key")
            .about("One of the added roles that new members get from now on, such as org:viewer."),
        role_key("creator_role_key").about(
            "One of the added roles that creators of organizations get from now on, such \
                    as org:admin.",
        ),
    ]])
    .returns(&ROLE_SET)
    .undo(Undo::Never(
        "clerk_replace_role_in_role_set takes a role out, and gives its members another.",
    ))
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
        role_key("role_key")
            .required()
            .about("The role to take out of the set, such as org:editor."),
        role_key("to_role_key")
            .required()
            .about("The role that its members get instead, such as org:member."),
    ]])
    .returns(&ROLE_SET)
    .effect(Effect::Destroy)
    .undo(Undo::Never(
        "Add the role again with clerk_add_roles_to_role_set, and give it to each member who had \
         it.",
    ))
    .verify_with("clerk_list_role_sets")
    .flags(&[Flag::InstanceWide]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "role_sets",
    about: "Sets of roles that organizations can use",
    find: "clerk_list_role_sets",
    on: On::Chosen,
    tools: &TOOLS,
};
