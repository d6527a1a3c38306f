//! `/organization_permissions`: those of Clerk's own, which nobody changes, and others.

use std::cmp::Ordering;

use axum::extract::State;
use fastrand::Rng;
use serde::Serialize;

use super::Sandbox;
use super::body::Fields;
use super::query::{Id, NoQuery, Query};
use super::refusal::{
    FORM_IDENTIFIER_EXISTS, FORM_PARAM_FORMAT_INVALID,
    ORGANIZATION_SYSTEM_PERMISSION_NOT_MODIFIABLE, RESOURCE_NOT_FOUND, Refusal,
};
use super::reply::{self, Paginated, Reply};
use super::store::{Store, id};

/// How the keys of Clerk's own permissions begin.
const SYSTEM: &str = "org:sys_";

/// The permissions of every new instance.
const FIRST: [&str; 8] = [
    "org:sys_profile:manage",
    "org:sys_profile:delete",
    "org:sys_memberships:read",
    "org:sys_memberships:manage",
    "org:sys_domains:read",
    "org:sys_domains:manage",
    "org:sys_billing:read",
    "org:sys_billing:manage",
];

/// What the creator of an organization must be allowed.
const OF_CREATORS: [&str; 3] =
    ["org:sys_profile:delete", "org:sys_memberships:read", "org:sys_memberships:manage"];

/// How two permissions compare, ascending.
type Compare = fn(&Permission, &Permission) -> Ordering;

const CREATED_AT: (&str, Compare) =
    ("created_at", |left, right| left.created_at.cmp(&right.created_at));

/// The fields of `order_by`.
const ORDERS: [(&str, Compare); 3] = [
    CREATED_AT,
    ("name", |left, right| left.name.cmp(&right.name)),
    ("key", |left, right| left.key.cmp(&right.key)),
];

/// Something that a role may allow.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Permission {
    object: &'static str,
    pub(crate) id: String,
    name: String,
    pub(crate) key: String,
    description: String,
    #[serde(rename = "type")]
    kind: &'static str,
    created_at: i64,
    updated_at: i64,
}

impl Permission {
    /// Those that every instance starts with.
    pub(crate) fn first(rng: &mut Rng, at: i64) -> Vec<Self> {
        let permission = |key: &str| {
            let (feature, verb) =
                key.trim_start_matches(SYSTEM).split_once(':').unwrap_or_default();
            Self {
                object: "permission",
                id: id(rng, "perm"),
                name: format!("{verb} {feature}"),
                key: key.to_owned(),
                description: format!("Permission to {verb} an organization's {feature}."),
                kind: "system",
                created_at: at,
                updated_at: at,
            }
        };
        FIRST.into_iter().map(permission).collect()
    }

    fn matches(&self, text: &str) -> bool {
        self.id.eq_ignore_ascii_case(text)
            || self.name.to_lowercase().contains(text)
            || self.key.contains(text)
    }
}

/// Whether a role with these may be that of an organization's creator.
pub(crate) fn suffice_for_a_creator(permissions: &[Permission]) -> bool {
    OF_CREATORS.iter().all(|key| permissions.iter().any(|it| it.key == *key))
}

/// `GET /organization_permissions`
pub(crate) async fn list(State(sandbox): State<Sandbox>, mut query: Query) -> Reply {
    let text = query.text("query").map(|text| text.to_lowercase());
    let page = query.page();
    let order = query.order(&ORDERS, CREATED_AT);
    query.finish()?;
    let store = sandbox.read();
    let matches = |it: &&Permission| text.as_ref().is_none_or(|text| it.matches(text));
    let found: Vec<_> = store.permissions.iter().filter(matches).collect();
    let total_count = found.len();
    let data = page.cut(found, |left, right| {
        let ascending = (order.key)(left, right).then_with(|| left.id.cmp(&right.id));
        if order.descending { ascending.reverse() } else { ascending }
    });
    Ok(reply::json(&Paginated { data, total_count }))
}

/// `GET /organization_permissions/{permission_id}`
pub(crate) async fn show(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    Ok(reply::json(sandbox.read().permission(&id)?))
}

/// `POST /organization_permissions`
pub(crate) async fn create(
    State(sandbox): State<Sandbox>,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    let name = fields.required("name");
    let key = key(&mut fields, &store, None).unwrap_or_default();
    let description = fields.text("description").value().unwrap_or_default();
    if key.is_empty() {
        fields.refuse_missing("key");
    }
    fields.finish()?;
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
    Ok(reply::json(&permission))
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
    let in_roles = store.roles.iter_mut().flat_map(|role| &mut role.permissions);
    in_roles.filter(|it| it.id == id).for_each(|it| *it = permission.clone());
    store.permissions.iter_mut().filter(|it| it.id == id).for_each(|it| *it = permission.clone());
    Ok(reply::json(&permission))
}

/// `DELETE /organization_permissions/{permission_id}`, in all roles.
pub(crate) async fn delete(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    let mut store = sandbox.write();
    modifiable(&store, &id)?;
    store.permissions.retain(|it| it.id != id);
    store.roles.iter_mut().for_each(|role| role.permissions.retain(|it| it.id != id));
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
    } else if key.starts_with(SYSTEM) {
        let sentence = "Keys of the form org:sys_… are Clerk's own.";
        fields.refuse(FORM_PARAM_FORMAT_INVALID.at("key", sentence));
    } else if is_taken {
        let sentence = "There is a permission with this key already.";
        fields.refuse(FORM_IDENTIFIER_EXISTS.at("key", sentence));
    }
    Some(key)
}

impl Store {
    pub(crate) fn permission(&self, id: &str) -> Result<&Permission, Refusal> {
        let missing = || RESOURCE_NOT_FOUND.because("Organization permission not found").into();
        self.permissions.iter().find(|it| it.id == id).ok_or_else(missing)
    }
}
