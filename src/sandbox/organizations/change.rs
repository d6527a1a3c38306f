//! Changing and deleting organizations.

use axum::extract::State;
use serde_json::{Value, json};

use super::create::{check_name, check_slug};
use crate::sandbox::Sandbox;
use crate::sandbox::body::{Change, Fields};
use crate::sandbox::model::{Metadata, OrganizationReply};
use crate::sandbox::query::{Id, NoQuery};
use crate::sandbox::reply::{self, Reply};

/// `PATCH /organizations/{organization_id}`
pub(in crate::sandbox) async fn update(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    let current = store.organization_with_id(&id)?.slug.clone();
    let name = fields.text("name").value();
    if let Some(name) = &name {
        check_name(&mut fields, name);
    }
    let slug = fields.text("slug").value().filter(|slug| *slug != current);
    if let Some(slug) = &slug {
        check_slug(&mut fields, slug, &store);
    }
    let max = fields.count("max_allowed_memberships").value();
    let admin_delete = fields.flag("admin_delete_enabled").value();
    let created_at = fields.date("created_at").value();
    let role_set_key = fields.text("role_set_key").value();
    fields.finish()?;
    let now = store.now();
    let organization = store.organization_mut(&id)?;
    organization.name = name.unwrap_or_else(|| organization.name.clone());
    organization.slug = slug.unwrap_or_else(|| organization.slug.clone());
    organization.max_allowed_memberships = max.unwrap_or(organization.max_allowed_memberships);
    organization.admin_delete_enabled = admin_delete.unwrap_or(organization.admin_delete_enabled);
    organization.created_at = created_at.unwrap_or(organization.created_at);
    organization.role_set_key = role_set_key.unwrap_or_else(|| organization.role_set_key.clone());
    organization.updated_at = now;
    Ok(reply::json(&OrganizationReply::from(&*organization)))
}

/// `PATCH /organizations/{organization_id}/metadata`, which merges.
pub(in crate::sandbox) async fn merge_metadata(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    store.organization_with_id(&id)?;
    let public = fields.nullable_metadata("public_metadata");
    let private = fields.nullable_metadata("private_metadata");
    fields.finish()?;
    let now = store.now();
    let organization = store.organization_mut(&id)?;
    for (target, change) in
        [(&mut organization.public_metadata, public), (&mut organization.private_metadata, private)]
    {
        if let Change::Set(change) = change {
            merge(target, change);
        }
    }
    organization.updated_at = now;
    Ok(reply::json(&OrganizationReply::from(&*organization)))
}

/// Null takes a key away, an object is merged in turn, all else replaces.
fn merge(target: &mut Metadata, change: Metadata) {
    for (key, value) in change {
        match (value, target.get_mut(&key)) {
            (Value::Null, _) => _ = target.shift_remove(&key),
            (Value::Object(change), Some(Value::Object(target))) => merge(target, change),
            (value, _) => _ = target.insert(key, value),
        }
    }
}

/// `DELETE /organizations/{organization_id}`, with its memberships and invitations.
pub(in crate::sandbox) async fn delete(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
) -> Reply {
    let mut store = sandbox.write();
    store.remove_organization(&id)?;
    Ok(reply::json(&json!({ "object": "organization", "id": id, "deleted": true })))
}
