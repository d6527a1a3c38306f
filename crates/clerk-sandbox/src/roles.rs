//! `/organization_roles`. Every instance starts with two.

use axum::response::Response;

use crate::Sandbox;
use crate::body::{Change, Fields};
use crate::keyed::{self, Keyed};
use crate::model::{ADMIN, MEMBER, OrganizationRole, Permission};
use crate::query::{Id, NoQuery, Query, TwoIds};
use crate::refusal::{
    FORM_IDENTIFIER_EXISTS, FORM_PARAM_FORMAT_INVALID, ORGANIZATION_INSTANCE_ROLES_QUOTA_EXCEEDED,
    ORGANIZATION_ROLE_ASSIGNED_MEMBERS, ORGANIZATION_ROLE_DEFAULT_CREATOR_ROLE,
    ORGANIZATION_ROLE_EXISTS_IN_INVITATIONS, ORGANIZATION_ROLE_PERMISSION_ASSOCIATION_EXISTS,
    ORGANIZATION_ROLE_PERMISSION_ASSOCIATION_NOT_FOUND, Refusal,
};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::store::Store;

/// `GET /organization_roles`
pub(crate) async fn list(State(sandbox): State<Sandbox>, query: Query) -> Reply {
    keyed::list(query, &sandbox.read().roles, |role| Keyed {
        id: &role.id,
        name: &role.name,
        key: &role.key,
        created_at: role.created_at,
    })
}

/// `GET /organization_roles/{organization_role_id}`
pub(crate) async fn show(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    Ok(reply::json(sandbox.read().role(&id)?))
}

/// `POST /organization_roles`
pub(crate) async fn create(State(sandbox): State<Sandbox>, _: NoQuery, fields: Fields) -> Reply {
    Ok(reply::json(&add(&mut sandbox.write(), fields)?))
}

/// Creates a role with these fields.
pub(crate) fn add(store: &mut Store, mut fields: Fields) -> Result<OrganizationRole, Refusal> {
    let name = fields.required("name");
    let key = key(&mut fields, store, None).unwrap_or_default();
    let description = fields.text("description").value();
    let permissions = fields.texts("permissions").unwrap_or_default();
    let is_in_first_set = fields.flag("include_in_initial_role_set").value() == Some(true);
    if key.is_empty() {
        fields.refuse_missing("key");
    }
    fields.finish()?;
    check_quota(store)?;
    let permissions = with_ids(store, &permissions)?;
    let (id, now) = (store.id("role"), store.now());
    let role = OrganizationRole {
        object: "role",
        id,
        name,
        key,
        description,
        is_creator_eligible: OrganizationRole::is_enough_for_a_creator(&permissions),
        permissions,
        created_at: now,
        updated_at: now,
    };
    if is_in_first_set {
        store.add_to_initial_role_set(&role.key);
    }
    store.roles.push(role.clone());
    Ok(role)
}

/// Refuses one more role of the application's own than the instance may have.
fn check_quota(store: &Store) -> Result<(), Refusal> {
    let most = store.settings.organizations.max_allowed_roles;
    let own = store.roles.iter().filter(|role| ![ADMIN, MEMBER].contains(&role.key.as_str()));
    if own.count() < most {
        return Ok(());
    }
    let sentence =
        format!("You have reached your limit of {most} organization roles per instance.");
    Err(ORGANIZATION_INSTANCE_ROLES_QUOTA_EXCEEDED.because(sentence).into())
}

/// `PATCH /organization_roles/{organization_role_id}`
pub(crate) async fn update(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    let old_key = store.role(&id)?.key.clone();
    let name = fields.text("name").value();
    let key = key(&mut fields, &store, Some(&old_key));
    let description = fields.text("description");
    let permissions = fields.texts("permissions");
    fields.finish()?;
    let permissions = permissions.map(|ids| with_ids(&store, &ids)).transpose()?;
    if let Some(key) = key.as_ref().filter(|key| **key != old_key) {
        store.rename_role(&old_key, key);
    }
    let now = store.now();
    let role = store.role_mut(&id)?;
    role.name = name.unwrap_or_else(|| role.name.clone());
    if let Change::Set(text) = description {
        role.description = Some(text);
    }
    if let Some(permissions) = permissions {
        role.permissions = permissions;
    }
    Ok(changed(role, now))
}

/// `DELETE /organization_roles/{organization_role_id}`, which no member may have any more.
pub(crate) async fn delete(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    let mut store = sandbox.write();
    let key = store.role(&id)?.key.clone();
    let refusal = if key == ADMIN {
        ORGANIZATION_ROLE_DEFAULT_CREATOR_ROLE.because(
            "The organization role cannot be deleted as it is currently used as the creator role.",
        )
    } else if store.is_needed_in_role_set(&key) {
        ORGANIZATION_ROLE_DEFAULT_CREATOR_ROLE.because(
            "The organization role cannot be deleted as it is the default or the creator role of \
             a role set.",
        )
    } else if store.memberships.have_role(&key) {
        ORGANIZATION_ROLE_ASSIGNED_MEMBERS.because(
            "The organization role is currently assigned to one or more organization members.",
        )
    } else if is_in_pending_invitation(&store, &key) {
        ORGANIZATION_ROLE_EXISTS_IN_INVITATIONS.because(
            "The organization role exists in one or more pending organization invitations.",
        )
    } else {
        store.roles.retain(|role| role.id != id);
        store.remove_from_role_sets(&key);
        return Ok(reply::deleted("role", &id));
    };
    Err(refusal.into())
}

/// `POST /organization_roles/{organization_role_id}/permissions/{permission_id}`
pub(crate) async fn grant(
    State(sandbox): State<Sandbox>,
    TwoIds(id, permission_id): TwoIds,
    _: NoQuery,
) -> Reply {
    let mut store = sandbox.write();
    store.role(&id)?;
    let permission = store.permission(&permission_id)?.clone();
    let now = store.now();
    let role = store.role_mut(&id)?;
    if role.permissions.iter().any(|owned| owned.id == permission_id) {
        let sentence = "This organization permission is already associated to this organization \
                        role.";
        return Err(ORGANIZATION_ROLE_PERMISSION_ASSOCIATION_EXISTS.because(sentence).into());
    }
    role.permissions.push(permission);
    Ok(changed(role, now))
}

/// `DELETE /organization_roles/{organization_role_id}/permissions/{permission_id}`
pub(crate) async fn withdraw(
    State(sandbox): State<Sandbox>,
    TwoIds(id, permission_id): TwoIds,
    _: NoQuery,
) -> Reply {
    let mut store = sandbox.write();
    let now = store.now();
    let role = store.role_mut(&id)?;
    let Some(index) = role.permissions.iter().position(|owned| owned.id == permission_id) else {
        let sentence = "The organization permission is not associated with the organization role.";
        return Err(ORGANIZATION_ROLE_PERMISSION_ASSOCIATION_NOT_FOUND.because(sentence).into());
    };
    role.permissions.remove(index);
    Ok(changed(role, now))
}

fn changed(role: &mut OrganizationRole, now: i64) -> Response {
    role.is_creator_eligible = OrganizationRole::is_enough_for_a_creator(&role.permissions);
    role.updated_at = now;
    reply::json(role)
}

/// Reads the key, which no other role may have.
fn key(fields: &mut Fields, store: &Store, own: Option<&str>) -> Option<String> {
    let key = fields.text("key").value()?;
    let is_free = Some(&*key) == own || store.role_with_key(&key).is_err();
    if key.strip_prefix("org:").is_none_or(str::is_empty) {
        let sentence = "key must start with org: and have a name after it.";
        fields.refuse(FORM_PARAM_FORMAT_INVALID.at("key", sentence));
    } else if !is_free {
        fields.refuse(FORM_IDENTIFIER_EXISTS.at("key", "There is a role with this key already."));
    }
    Some(key)
}

fn with_ids(store: &Store, ids: &[String]) -> Result<Vec<Permission>, Refusal> {
    ids.iter().map(|id| store.permission(id).cloned()).collect()
}

fn is_in_pending_invitation(store: &Store, role: &str) -> bool {
    let mut invitations = store.organization_invitations.values();
    invitations.any(|invitation| invitation.is_pending() && invitation.role == role)
}
