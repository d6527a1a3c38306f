//! Changing and deleting organizations.

use axum::Extension;

use super::create::{check_name, check_slug};
use crate::Sandbox;
use crate::body::Fields;
use crate::metadata::{Combine, TwoMetadata, merge, replace};
use crate::model::OrganizationReply;
use crate::query::{Id, NoQuery};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::version::Version;

/// `PATCH /organizations/{organization_id}`
pub(crate) async fn update(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    Extension(version): Extension<Version>,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    let current = store.organization_with_id(&id)?.slug.clone();
    if fields.gives("slug") {
        store.check_slugs()?;
    }
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
    let metadata = (version < Version::METADATA_APART).then(|| TwoMetadata::read(&mut fields));
    fields.finish()?;
    store.check_role_set(role_set_key.as_ref())?;
    let now = store.now();
    let organization = store.organization_mut(&id)?;
    if let Some(metadata) = metadata {
        let (public, private) =
            (&mut organization.public_metadata, &mut organization.private_metadata);
        metadata.apply(public, private, replace)?;
    }
    organization.name = name.unwrap_or_else(|| organization.name.clone());
    organization.slug = slug.unwrap_or_else(|| organization.slug.clone());
    organization.max_allowed_memberships = max.unwrap_or(organization.max_allowed_memberships);
    organization.admin_delete_enabled = admin_delete.unwrap_or(organization.admin_delete_enabled);
    organization.created_at = created_at.unwrap_or(organization.created_at);
    organization.role_set_key = role_set_key.unwrap_or_else(|| organization.role_set_key.clone());
    organization.updated_at = now;
    Ok(reply::json(&OrganizationReply::from(&*organization)))
}

/// `PATCH /organizations/{organization_id}/metadata`
pub(crate) async fn merge_metadata(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    fields: Fields,
) -> Reply {
    change_metadata(&sandbox, &id, fields, merge)
}

/// `PUT /organizations/{organization_id}/metadata`
pub(crate) async fn replace_metadata(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    fields: Fields,
) -> Reply {
    change_metadata(&sandbox, &id, fields, replace)
}

fn change_metadata(sandbox: &Sandbox, id: &str, mut fields: Fields, combine: Combine) -> Reply {
    let mut store = sandbox.write();
    store.organization_with_id(id)?;
    let metadata = TwoMetadata::read(&mut fields);
    fields.finish()?;
    let now = store.now();
    let organization = store.organization_mut(id)?;
    let (public, private) = (&mut organization.public_metadata, &mut organization.private_metadata);
    metadata.apply(public, private, combine)?;
    organization.updated_at = now;
    Ok(reply::json(&OrganizationReply::from(&*organization)))
}

/// `DELETE /organizations/{organization_id}`, with its memberships and invitations.
pub(crate) async fn delete(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    let mut store = sandbox.write();
    store.remove_organization(&id)?;
    Ok(reply::deleted("organization", &id))
}
