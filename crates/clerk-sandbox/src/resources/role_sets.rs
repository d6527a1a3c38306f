//! `/role_sets`: which roles the members of an organization may have.

mod replace;

use serde_json::{Value, json};

use super::Action::{Do, List};
use super::{Call, Route};
use crate::body::Fields;
use crate::model::{OrganizationRole, Record, tables};
use crate::records::{self, Field, Kind, Search, Shape};
use crate::refusal::{
    FORM_IDENTIFIER_EXISTS, FORM_PARAM_FORMAT_INVALID, FORM_PARAM_VALUE_INVALID,
    ORGANIZATION_MISSING_CREATOR_ROLE_PERMISSIONS, Refusal,
};
use crate::reply::Reply;
use crate::store::Store;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/role_sets", List(&ROLE_SET)),
    Route::post("/role_sets", Do(|store, call| ROLE_SET.create(store, call.fields()?))),
    Route::get("/role_sets/{role_set_key_or_id}", Do(show)),
    Route::patch("/role_sets/{role_set_key_or_id}", Do(update)),
    Route::post("/role_sets/{role_set_key_or_id}/replace", Do(replace::replace)),
    Route::post("/role_sets/{role_set_key_or_id}/roles", Do(add_roles)),
    Route::post("/role_sets/{role_set_key_or_id}/roles/replace", Do(replace::replace_role)),
];

/// How keys begin.
const PREFIX: &str = "role_set:";

const ROLE_SET: Kind = Kind {
    list: records::List {
        orders: &["created_at", "name", "key"],
        search: Some(Search { parameter: "query", parts: &["name", "key"], wholes: &["id"] }),
        ..records::List::PLAIN
    },
    complete,
    show: expand,
    ..Kind::new(
        tables::ROLE_SET,
        "rset",
        "role set",
        &[
            Field::new("name", Shape::Name).required(),
            Field::new("key", Shape::Name).unique(&FORM_IDENTIFIER_EXISTS),
            Field::new("description", Shape::Text).nullable(),
            Field::new("roles", Shape::Texts).required().only_created(),
            Field::derived("default_role"),
            Field::derived("creator_role"),
            Field::new("type", Shape::Choice(&["initial", "custom"])).or(r#""custom""#),
            Field::derived("role_set_migration"),
            Field::new("default_role_key", Shape::Name).required().internal(),
            Field::new("creator_role_key", Shape::Name).required().internal(),
        ],
    )
};

/// Turns the keys of roles, of which a role set consists, into the roles.
fn expand(store: &Store, set: &mut Record) {
    let keys: Vec<_> = set.texts("roles").map(str::to_owned).collect();
    let item = |key: &str| {
        let role = store.roles.iter().find(|role| role.key == key)?;
        let members = members(store, set.text("key"), key);
        Some(json!({
            "object": "role_set_item",
            "id": role.id,
            "name": role.name,
            "key": role.key,
            "description": role.description,
            "members_count": members,
            "has_members": members > 0,
            "created_at": role.created_at,
            "updated_at": role.updated_at,
        }))
    };
    let items: Vec<_> = keys.iter().filter_map(|key| item(key)).collect();
    let of = |name| item(set.text(name)).unwrap_or(Value::Null);
    let (default, creator) = (of("default_role_key"), of("creator_role_key"));
    set.set("roles", items);
    set.set("default_role", default);
    set.set("creator_role", creator);
}

/// How many members have the role in organizations with the role set.
fn members(store: &Store, set: &str, role: &str) -> usize {
    let organizations =
        store.organizations.values().filter(|organization| organization.role_set_key == set);
    let members =
        organizations.flat_map(|organization| store.memberships.of_organization(&organization.id));
    members.filter(|membership| membership.role == role).count()
}

fn complete(store: &mut Store, set: &mut Record, before: Option<&Record>) -> Result<(), Refusal> {
    if set.get("key").is_null() {
        let words = set.text("name").to_lowercase();
        let words = words.split(|letter: char| !letter.is_ascii_alphanumeric());
        let words: Vec<_> = words.filter(|word| !word.is_empty()).collect();
        set.set("key", format!("{PREFIX}{}", words.join("_")));
    }
    check_key(set.text("key"))?;
    let keys: Vec<_> = set.texts("roles").map(str::to_owned).collect();
    if keys.is_empty() {
        let sentence = "roles must include at least one role.";
        return Err(FORM_PARAM_VALUE_INVALID.at("roles", sentence).into());
    }
    for key in &keys {
        store.role_with_key(key)?;
    }
    for name in ["default_role_key", "creator_role_key"] {
        if !keys.iter().any(|key| key == set.text(name)) {
            let sentence = format!("{name} must be one of the roles of the role set.");
            return Err(FORM_PARAM_VALUE_INVALID.at(name, sentence).into());
        }
    }
    check_creator(store.role_with_key(set.text("creator_role_key"))?)?;
    let key = set.text("key").to_owned();
    if set.text("type") == "initial" {
        // There is one initial role set.
        for other in store.records.all_mut(tables::ROLE_SET) {
            other.set("type", "custom");
        }
        store.settings.organizations.initial_role_set_key.clone_from(&key);
    }
    if let Some(before) = before {
        let old = before.text("key");
        for organization in store.organizations.values_mut() {
            if organization.role_set_key == old {
                organization.role_set_key.clone_from(&key);
            }
        }
        if store.settings.organizations.initial_role_set_key == old {
            store.settings.organizations.initial_role_set_key = key;
        }
    }
    Ok(())
}

fn check_key(key: &str) -> Result<(), Refusal> {
    let rest = key.strip_prefix(PREFIX).unwrap_or_default();
    let is_letter =
        |letter: char| letter.is_ascii_lowercase() || letter.is_ascii_digit() || letter == '_';
    if !rest.is_empty() && rest.chars().all(is_letter) {
        return Ok(());
    }
    let sentence = "key must start with role_set: and have lowercase letters, digits and \
                    underscores after it.";
    Err(FORM_PARAM_FORMAT_INVALID.at("key", sentence).into())
}

fn check_creator(role: &OrganizationRole) -> Result<(), Refusal> {
    if role.is_creator_eligible {
        return Ok(());
    }
    let sentence = "The creator role must contain the following permissions: \
                    org:sys_profile:delete, org:sys_memberships:read, org:sys_memberships:manage";
    Err(ORGANIZATION_MISSING_CREATOR_ROLE_PERMISSIONS.at("creator_role_key", sentence).into())
}

/// The role set with this key or id.
fn find<'a>(store: &'a Store, key_or_id: &str) -> Result<&'a Record, Refusal> {
    let with_key = ROLE_SET.find(store, |set| set.text("key") == key_or_id);
    with_key.map_or_else(|| ROLE_SET.get(store, key_or_id), Ok)
}

/// `GET /role_sets/{role_set_key_or_id}`
fn show(store: &mut Store, call: &mut Call) -> Reply {
    Ok(ROLE_SET.reply(store, find(store, call.id())?))
}

/// `PATCH /role_sets/{role_set_key_or_id}`
fn update(store: &mut Store, call: &mut Call) -> Reply {
    let id = find(store, call.id())?.id().to_owned();
    ROLE_SET.update(store, &id, call.fields()?)
}

/// `POST /role_sets/{role_set_key_or_id}/roles`
fn add_roles(store: &mut Store, call: &mut Call) -> Reply {
    let set = find(store, call.id())?.clone();
    let mut fields: Fields = call.fields()?;
    let added = fields.texts("role_keys");
    if added.is_none() {
        fields.refuse_missing("role_keys");
    }
    let default = fields.text("default_role_key").value();
    let creator = fields.text("creator_role_key").value();
    fields.finish()?;
    let mut changed = set.clone();
    let mut roles: Vec<_> = set.texts("roles").map(str::to_owned).collect();
    for key in added.into_iter().flatten() {
        if !roles.contains(&key) {
            roles.push(key);
        }
    }
    changed.set("roles", roles);
    for (name, key) in [("default_role_key", default), ("creator_role_key", creator)] {
        if let Some(key) = key {
            changed.set(name, key);
        }
    }
    save(store, changed, &set)
}

/// Keeps a changed role set.
fn save(store: &mut Store, mut changed: Record, before: &Record) -> Reply {
    complete(store, &mut changed, Some(before))?;
    changed.set("updated_at", store.now());
    store.records.put(tables::ROLE_SET, changed.clone());
    Ok(ROLE_SET.reply(store, &changed))
}
