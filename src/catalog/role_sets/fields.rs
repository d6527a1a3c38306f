//! Fields of the results of the tools for role sets.

use crate::tool::field::{Fields, boolean, code, integer, json, object, objects, text, time};

/// A role set item.
pub(super) static ROLE_SET_ITEM: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    text("name").concise(),
    code("key"),
    text("description"),
    integer("members_count"),
    boolean("has_members").about("Whether somebody has one of its roles."),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// A role set migration.
pub(super) static ROLE_SET_MIGRATION: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("organization_id"),
    code("instance_id"),
    code("source_role_set_id").about("The set of roles before it."),
    code("dest_role_set_id").about("The set of roles after it."),
    code("trigger_type"),
    code("status").concise(),
    integer("migrated_members").about("How many members have their new role."),
    json("mappings").about("The old role, and the one in its place."),
    time("started_at"),
    time("completed_at"),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// A role set.
pub(super) static ROLE_SET: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    text("name").concise(),
    code("key"),
    text("description"),
    objects("roles", &ROLE_SET_ITEM),
    object("default_role", &ROLE_SET_ITEM),
    object("creator_role", &ROLE_SET_ITEM),
    code("type"),
    object("role_set_migration", &ROLE_SET_MIGRATION),
    time("created_at"),
    time("updated_at").standard(),
]]);
