//! `/organization_roles`: the roles there are, which are those of every new instance.

use std::cmp::Ordering;

use axum::extract::State;
use fastrand::Rng;
use serde::Serialize;

use super::Sandbox;
use super::model::Role;
use super::query::Query;
use super::reply::{self, Paginated, Reply};
use super::store::id;

/// How two roles compare, ascending.
type Compare = fn(&OrganizationRole, &OrganizationRole) -> Ordering;

const CREATED_AT: (&str, Compare) =
    ("created_at", |left, right| left.created_at.cmp(&right.created_at));

/// The fields of `order_by`.
const ORDERS: [(&str, Compare); 3] = [
    CREATED_AT,
    ("name", |left, right| left.name.cmp(right.name)),
    ("key", |left, right| left.key.cmp(right.key)),
];

/// `GET /organization_roles`
pub(super) async fn list(State(sandbox): State<Sandbox>, mut query: Query) -> Reply {
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

/// A role, with what it allows.
#[derive(Debug, Serialize)]
pub(super) struct OrganizationRole {
    object: &'static str,
    id: String,
    name: &'static str,
    key: &'static str,
    description: &'static str,
    is_creator_eligible: bool,
    permissions: Vec<Permission>,
    created_at: i64,
    updated_at: i64,
}

impl OrganizationRole {
    /// All there are, made at this time; their ids come from `rng`.
    pub(super) fn all(rng: &mut Rng, at: i64) -> Vec<Self> {
        let permissions = Role::Admin.permissions().iter();
        let permissions: Vec<_> =
            permissions.map(|key| Permission::new(id(rng, "perm"), key, at)).collect();
        let of_role = |role: Role| {
            let permissions = permissions.iter().cloned();
            permissions.filter(|it| role.permissions().contains(&it.key)).collect()
        };
        let role = |role: Role| Self {
            object: "role",
            id: id(rng, "role"),
            name: role.name(),
            key: role.key(),
            description: role.description(),
            is_creator_eligible: role == Role::Admin,
            permissions: of_role(role),
            created_at: at,
            updated_at: at,
        };
        Role::ALL.into_iter().map(role).collect()
    }

    /// The id must be given whole, the name and the key need not.
    fn matches(&self, text: &str) -> bool {
        self.id.eq_ignore_ascii_case(text)
            || self.name.to_lowercase().contains(text)
            || self.key.contains(text)
    }
}

/// Something that a role may allow.
#[derive(Debug, Clone, Serialize)]
struct Permission {
    object: &'static str,
    id: String,
    name: String,
    key: &'static str,
    description: String,
    #[serde(rename = "type")]
    kind: &'static str,
    created_at: i64,
    updated_at: i64,
}

impl Permission {
    fn new(id: String, key: &'static str, at: i64) -> Self {
        let (feature, verb) =
            key.trim_start_matches("org:sys_").split_once(':').unwrap_or_default();
        Self {
            object: "permission",
            id,
            name: format!("{verb} {feature}"),
            key,
            description: format!("Permission to {verb} an organization's {feature}."),
            kind: "system",
            created_at: at,
            updated_at: at,
        }
    }
}
