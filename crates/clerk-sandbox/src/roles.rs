//! `/organization_roles`. Every instance starts with two.

use std::cmp::Ordering;

use axum::extract::State;
use fastrand::Rng;
use serde::Serialize;

use super::Sandbox;
use super::body::{Change, Fields};
use super::model::{ADMIN, MEMBER};
use super::permissions::{self, Permission};
use super::query::{Id, NoQuery, Query, TwoIds};
use super::refusal::{
    FORM_IDENTIFIER_EXISTS, FORM_PARAM_FORMAT_INVALID, ORGANIZATION_ROLE_ASSIGNED_MEMBERS,
    ORGANIZATION_ROLE_DEFAULT_CREATOR_ROLE, ORGANIZATION_ROLE_EXISTS_IN_INVITATIONS,
    ORGANIZATION_ROLE_PERMISSION_ASSOCIATION_EXISTS,
    ORGANIZATION_ROLE_PERMISSION_ASSOCIATION_NOT_FOUND, RESOURCE_NOT_FOUND, Refusal,
};
use super::reply::{self, Paginated, Reply};
use super::store::{Store, id};

/// How two roles compare, ascending.
type Compare = fn(&OrganizationRole, &OrganizationRole) -> Ordering;

const CREATED_AT: (&str, Compare) =
    ("created_at", |left, right| left.created_at.cmp(&right.created_at));

/// The fields of `order_by`.
const ORDERS: [(&str, Compare); 3] = [
    CREATED_AT,
    ("name", |left, right| left.name.cmp(&right.name)),
    ("key", |left, right| left.key.cmp(&right.key)),
];

/// A role, with what it allows.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct OrganizationRole {
    object: &'static str,
    pub(crate) id: String,
    pub(crate) name: String,
    pub(crate) key: String,
    description: Option<String>,
    is_creator_eligible: bool,
    pub(crate) permissions: Vec<Permission>,
    created_at: i64,
    updated_at: i64,
}

impl OrganizationRole {
    /// Those that every instance starts with, made at this time of `permissions`; their ids come
    /// from `rng`.
    pub(crate) fn first(rng: &mut Rng, permissions: &[Permission], at: i64) -> Vec<Self> {
        let mut role = |key: &str, name: &str, description: &str, allows: fn(&str) -> bool| Self {
            object: "role",
            id: id(rng, "role"),
            name: name.to_owned(),
            key: key.to_owned(),
            description: Some(description.to_owned()),
            is_creator_eligible: key == ADMIN,
            permissions: permissions.iter().filter(|it| allows(&it.key)).cloned().collect(),
            created_at: at,
            updated_at: at,
        };
        let read = |key: &str| ["org:sys_memberships:read", "org:sys_billing:read"].contains(&key);
        vec![
            role(ADMIN, "Admin", "Role with elevated permissions", |_| true),
            role(MEMBER, "Member", "Role with non-privileged permissions", read),
        ]
    }

    /// The id must be given whole, the name and the key need not.
    fn matches(&self, text: &str) -> bool {
        self.id.eq_ignore_ascii_case(text)
            || self.name.to_lowercase().contains(text)
            || self.key.contains(text)
    }
}

/// `GET /organization_roles`
pub(crate) async fn list(State(sandbox): State<Sandbox>, mut query: Query) -> Reply {
    let text = query.text("query").map(|text| text.to_lowercase());
    let page = query.page();
    let order = query.order(&ORDERS, CREATED_AT);
    query.finish()?;
    let store = sandbox.read();
    let matches = |role: &&OrganizationRole| text.as_ref().is_none_or(|text| role.matches(text));
    let roles: Vec<_> = store.roles.iter().filter(matches).collect();
    let total_count = roles.len();
    let data = page.cut(roles, |left, right| {
        let ascending = (order.key)(left, right).then_with(|| left.id.cmp(&right.id));
        if order.descending { ascending.reverse() } else { ascending }
    });
    Ok(reply::json(&Paginated { data, total_count }))
}

/// `GET /organization_roles/{organization_role_id}`
pub(crate) async fn show(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    let store = sandbox.read();
    Ok(reply::json(store.roles.iter().find(|role| role.id == id).ok_or_else(missing)?))
}

/// `POST /organization_roles`
pub(crate) async fn create(
    State(sandbox): State<Sandbox>,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    let name = fields.required("name");
    let key = key(&mut fields, &store, None).unwrap_or_default();
    let description = fields.text("description").value();
    let permissions = fields.texts("permissions").unwrap_or_default();
    let _in_first_set = fields.flag("include_in_initial_role_set");
    if key.is_empty() {
        fields.refuse_missing("key");
    }
    fields.finish()?;
    let permissions = with_ids(&store, &permissions)?;
    let (id, now) = (store.id("role"), store.now());
    let role = OrganizationRole {
        object: "role",
        id,
        name,
        key,
        description,
        is_creator_eligible: permissions::suffice_for_a_creator(&permissions),
        permissions,
        created_at: now,
        updated_at: now,
    };
    store.roles.push(role.clone());
    Ok(reply::json(&role))
}

/// `PATCH /organization_roles/{organization_role_id}`
pub(crate) async fn update(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    let old_key = store.role_mut(&id)?.key.clone();
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

/// `DELETE /organization_roles/{organization_role_id}`, which nobody may have any more.
pub(crate) async fn delete(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    let mut store = sandbox.write();
    let key = store.role_mut(&id)?.key.clone();
    let refusal = if key == ADMIN {
        ORGANIZATION_ROLE_DEFAULT_CREATOR_ROLE.because(
            "The organization role cannot be deleted as it is currently used as the creator role.",
        )
    } else if store.memberships.have_role(&key) {
        ORGANIZATION_ROLE_ASSIGNED_MEMBERS.because(
            "The organization role is currently assigned to one or more organization members.",
        )
    } else if store.invitations.values().any(|it| it.is_pending() && it.has_role(&key)) {
        ORGANIZATION_ROLE_EXISTS_IN_INVITATIONS.because(
            "The organization role exists in one or more pending organization invitations.",
        )
    } else {
        store.roles.retain(|role| role.id != id);
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
    store.role_mut(&id)?;
    let permission = store.permission(&permission_id)?.clone();
    let now = store.now();
    let role = store.role_mut(&id)?;
    if role.permissions.iter().any(|it| it.id == permission_id) {
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
    let Some(index) = role.permissions.iter().position(|it| it.id == permission_id) else {
        let sentence = "The organization permission is not associated with the organization role.";
        return Err(ORGANIZATION_ROLE_PERMISSION_ASSOCIATION_NOT_FOUND.because(sentence).into());
    };
    role.permissions.remove(index);
    Ok(changed(role, now))
}

fn changed(role: &mut OrganizationRole, now: i64) -> axum::response::Response {
    role.is_creator_eligible = permissions::suffice_for_a_creator(&role.permissions);
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

fn missing() -> Refusal {
    RESOURCE_NOT_FOUND.because("Organization role not found").into()
}

fn with_ids(store: &Store, ids: &[String]) -> Result<Vec<Permission>, Refusal> {
    ids.iter().map(|id| store.permission(id).cloned()).collect()
}

impl Store {
    pub(crate) fn role_with_key(&self, key: &str) -> Result<&OrganizationRole, Refusal> {
        let missing = || RESOURCE_NOT_FOUND.at("role", "Organization role not found").into();
        self.roles.iter().find(|role| role.key == key).ok_or_else(missing)
    }

    fn role_mut(&mut self, id: &str) -> Result<&mut OrganizationRole, Refusal> {
        self.roles.iter_mut().find(|role| role.id == id).ok_or_else(missing)
    }

    /// The members and the invited keep their role under its new key.
    fn rename_role(&mut self, old: &str, new: &str) {
        if let Some(role) = self.roles.iter_mut().find(|role| role.key == old) {
            new.clone_into(&mut role.key);
        }
        for membership in self.memberships.all_mut().filter(|it| it.role == old) {
            membership.role = new.to_owned().into();
        }
        for invitation in self.invitations.values_mut() {
            invitation.rename_role(old, new);
        }
    }
}
