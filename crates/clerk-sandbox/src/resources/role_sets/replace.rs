//! Replacing a role set, or a role in one, with what happens to the members.

use std::collections::BTreeMap;

use serde_json::Value;

use super::{Call, ROLE_SET, find, save};
use crate::model::tables;
use crate::refusal::{
    CANNOT_DELETE_INITIAL_ROLE_SET, FORM_PARAM_VALUE_INVALID,
    ORGANIZATION_ROLE_SET_REASSIGNMENT_MAPPINGS_INVALID,
    ORGANIZATION_ROLE_SET_REASSIGNMENT_MAPPINGS_MISSING, RESOURCE_NOT_FOUND, Refusal,
};
use crate::reply::{self, Reply};
use crate::store::Store;

/// `POST /role_sets/{role_set_key_or_id}/replace`: organizations move to another role set, and this
/// one is deleted.
pub(super) fn replace(store: &mut Store, call: &mut Call) -> Reply {
    let set = find(store, call.id())?.clone();
    let mut fields = call.fields()?;
    let destination = fields.required("dest_role_set_key");
    let mappings = fields.nullable_metadata("reassignment_mappings").value().unwrap_or_default();
    fields.finish()?;
    let target = find(store, &destination)?.clone();
    if target.id() == set.id() {
        let sentence = "dest_role_set_key must name another role set.";
        return Err(FORM_PARAM_VALUE_INVALID.at("dest_role_set_key", sentence).into());
    }
    if set.text("type") == "initial" {
        let sentence = "Cannot delete the initial role set.";
        return Err(CANNOT_DELETE_INITIAL_ROLE_SET.because(sentence).into());
    }
    let has = |role: &str| target.texts("roles").any(|key| key == role);
    let mut moves = BTreeMap::new();
    for (from, to) in &mappings {
        let to = to.as_str().unwrap_or_default();
        if !has(to) {
            let sentence = format!(
                "The role {to} is invalid in the reassignment mappings. It must be present in the \
                 new role set."
            );
            return Err(ORGANIZATION_ROLE_SET_REASSIGNMENT_MAPPINGS_INVALID
                .at("reassignment_mappings", sentence)
                .into());
        }
        moves.insert(from.clone(), to.to_owned());
    }
    let missing = set.texts("roles").filter(|role| {
        !has(role) && !moves.contains_key(*role) && super::members(store, set.text("key"), role) > 0
    });
    let missing: Vec<_> = missing.collect();
    if !missing.is_empty() {
        let sentence = format!(
            "The following roles are missing from the reassignment mappings: {}",
            missing.join(", ")
        );
        return Err(ORGANIZATION_ROLE_SET_REASSIGNMENT_MAPPINGS_MISSING
            .at("reassignment_mappings", sentence)
            .into());
    }
    for (from, to) in &moves {
        reassign(store, set.text("key"), from, to);
    }
    for organization in store.organizations.values_mut() {
        if organization.role_set_key == set.text("key") {
            target.text("key").clone_into(&mut organization.role_set_key);
        }
    }
    store.records.remove(tables::ROLE_SET, set.id());
    Ok(reply::deleted("role_set", set.id()))
}

/// `POST /role_sets/{role_set_key_or_id}/roles/replace`: members with a role get another.
pub(super) fn replace_role(store: &mut Store, call: &mut Call) -> Reply {
    let set = find(store, call.id())?.clone();
    let mut fields = call.fields()?;
    let (from, to) = (fields.required("role_key"), fields.required("to_role_key"));
    fields.finish()?;
    if !set.texts("roles").any(|key| key == from) {
        let sentence = format!("The role {from} is not in the role set.");
        let refusal: Refusal = RESOURCE_NOT_FOUND.at("role_key", sentence).into();
        return Err(refusal);
    }
    store.role_with_key(&to)?;
    let mut changed = set.clone();
    let others = set.texts("roles").filter(|key| *key != from && *key != to);
    let roles: Vec<_> = others.chain([to.as_str()]).collect();
    changed.set("roles", roles);
    for name in ["default_role_key", "creator_role_key"] {
        if set.text(name) == from {
            changed.set(name, Value::from(to.clone()));
        }
    }
    let response = save(store, changed, &set)?;
    reassign(store, set.text("key"), &from, &to);
    // The members are counted anew.
    drop(response);
    Ok(ROLE_SET.reply(store, find(store, set.id())?))
}

/// Gives the members of organizations with a role set another role.
fn reassign(store: &mut Store, set: &str, from: &str, to: &str) {
    let now = store.now();
    let of_set = store.organizations.values().filter(|one| one.role_set_key == set);
    let ids: Vec<_> = of_set.map(|one| one.id.clone()).collect();
    for membership in store.memberships.all_mut() {
        if membership.role == from && ids.contains(&membership.organization_id) {
            membership.role = to.to_owned().into();
            membership.updated_at = now;
        }
    }
}
