//! `/organization_permissions`: Clerk's own, which can't be changed, and others.

use crate::Sandbox;
use crate::body::Fields;
use crate::keyed::{self, Keyed};
use crate::model::{Permission, SYSTEM_PERMISSION};
use crate::query::{Id, NoQuery, Query};
use crate::refusal::{
    FORM_IDENTIFIER_EXISTS, FORM_PARAM_FORMAT_INVALID,
    ORGANIZATION_INSTANCE_PERMISSIONS_QUOTA_EXCEEDED,
    ORGANIZATION_SYSTEM_PERMISSION_NOT_MODIFIABLE, Refusal,
};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::store::Store;

/// `GET /organization_permissions`
pub(crate) async fn list(State(sandbox): State<Sandbox>, query: Query) -> Reply {
    keyed::list(query, &sandbox.read().permissions, |permission| Keyed {
        id: &permission.id,
        name: &permission.name,
        key: &permission.key,
        created_at: permission.created_at,
    })
}

/// `GET /organization_permissions/{permission_id}`
pub(crate) async fn show(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    Ok(reply::json(sandbox.read().permission(&id)?))
}

/// `POST /organization_permissions`
pub(crate) async fn create(State(sandbox): State<Sandbox>, _: NoQuery, fields: Fields) -> Reply {
    Ok(reply::json(&add(&mut sandbox.write(), fields)?))
}

/// Creates a permission with these fields.
pub(crate) fn add(store: &mut Store, mut fields: Fields) -> Result<Permission, Refusal> {
    let name = fields.required("name");
    let key = key(&mut fields, store, None).unwrap_or_default();
    let description = fields.text("description").value().unwrap_or_default();
    if key.is_empty() {
        fields.refuse_missing("key");
    }
    fields.finish()?;
    check_quota(store)?;
    let (id, now) = (store.id("perm"), store.now());
    let permission = Permission {
        object: "permission",
        id,
        name,
        key,
        description,
        kind: "user",
        created_at: now,
        updated_at: now,
    };
    store.permissions.push(permission.clone());
    Ok(permission)
}

/// Refuses one more permission of the application's own than the instance may have.
fn check_quota(store: &Store) -> Result<(), Refusal> {
    let most = store.settings.organizations.max_allowed_permissions;
    if store.permissions.iter().filter(|permission| permission.kind == "user").count() < most {
        return Ok(());
    }
    let sentence =
        format!("You have reached your limit of {most} organization permissions per instance.");
    Err(ORGANIZATION_INSTANCE_PERMISSIONS_QUOTA_EXCEEDED.because(sentence).into())
}

/// `PATCH /organization_permissions/{permission_id}`
pub(crate) async fn update(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    let mut permission = modifiable(&store, &id)?;
    permission.name = fields.text("name").value().unwrap_or(permission.name);
    permission.key = key(&mut fields, &store, Some(&permission.key)).unwrap_or(permission.key);
    permission.description = fields.text("description").value().unwrap_or(permission.description);
    fields.finish()?;
    permission.updated_at = store.now();
    let store = &mut *store;
    let in_roles = store.roles.iter_mut().flat_map(|role| &mut role.permissions);
    for copy in in_roles.chain(&mut store.permissions).filter(|copy| copy.id == id) {
        copy.clone_from(&permission);
    }
    Ok(reply::json(&permission))
}

/// `DELETE /organization_permissions/{permission_id}`, which removes it from all roles too.
pub(crate) async fn delete(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    let mut store = sandbox.write();
    modifiable(&store, &id)?;
    store.permissions.retain(|permission| permission.id != id);
    let now = store.now();
    let mut changed = Vec::new();
    for role in &mut store.roles {
        let count = role.permissions.len();
        role.permissions.retain(|permission| permission.id != id);
        if role.permissions.len() < count {
            role.updated_at = now;
            changed.push(role.clone());
        }
    }
    for role in changed {
        store.happened("role.updated", &role);
    }
    Ok(reply::deleted("permission", &id))
}

fn modifiable(store: &Store, id: &str) -> Result<Permission, Refusal> {
    let permission = store.permission(id)?;
    if permission.kind == "system" {
        let sentence = "This organization permission cannot be modified because it is a system \
                        permission.";
        return Err(ORGANIZATION_SYSTEM_PERMISSION_NOT_MODIFIABLE.because(sentence).into());
    }
    Ok(permission.clone())
}

/// Reads the key, in the form `org:feature:action`, which no other permission may have.
fn key(fields: &mut Fields, store: &Store, own: Option<&str>) -> Option<String> {
    let key = fields.text("key").value()?;
    let parts: Vec<_> = key.split(':').collect();
    let is_taken =
        Some(&*key) != own && store.permissions.iter().any(|permission| permission.key == key);
    if parts.len() != 3 || !key.starts_with("org:") || parts.contains(&"") {
        let sentence = "key must be of the form org:feature:action.";
        fields.refuse(FORM_PARAM_FORMAT_INVALID.at("key", sentence));
    } else if key.starts_with(SYSTEM_PERMISSION) {
        let sentence = "Keys of the form org:sys_… are Clerk's own.";
        fields.refuse(FORM_PARAM_FORMAT_INVALID.at("key", sentence));
    } else if is_taken {
        let sentence = "There is a permission with this key already.";
        fields.refuse(FORM_IDENTIFIER_EXISTS.at("key", sentence));
    }
    Some(key)
}
