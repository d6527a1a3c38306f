//! What Clerk has before and after: users, organizations and what belongs to them, roles, JWT
//! templates, restrictions, and the objects that a task keeps outside the sandbox.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Map, Value};

use crate::{
    Fallible,
    task::{Change, StateCheck},
    world::World,
};

/// How many rows a page has.
const PAGE: usize = 500;
/// Lists that are compared as they are.
const LISTS: [&str; 7] = [
    "/invitations?",
    "/jwt_templates?",
    "/organization_roles?",
    "/organization_permissions?",
    "/organization_domains?",
    "/allowlist_identifiers?",
    "/blocklist_identifiers",
];
/// How many requests run at the same time.
const AT_ONCE: usize = 16;

/// Clerk's objects by their IDs, and those of the stand-in by their paths.
#[derive(Debug)]
pub(crate) struct Snapshot(BTreeMap<String, Map<String, Value>>);

impl Snapshot {
    pub(crate) async fn of(world: &World) -> Fallible<Self> {
        let mut objects = world.extras.objects();
        let mut paths: Vec<_> = LISTS.iter().map(|path| ((*path).to_owned(), true)).collect();
        for row in rows(world, "/users?").await? {
            let id = id(&row)?;
            // Lists leave out private metadata.
            paths.push((format!("/users/{id}"), false));
            paths.push((format!("/sessions?user_id={id}&"), true));
        }
        for row in rows(world, "/organizations?").await? {
            let id = id(&row)?;
            paths.push((format!("/organizations/{id}/memberships?"), true));
            paths.push((format!("/organizations/{id}/invitations?"), true));
            objects.insert(id, row);
        }
        let parts: Vec<Vec<Map<String, Value>>> = stream::iter(paths)
            .map(|(path, is_list)| async move {
                if is_list {
                    return rows(world, &path).await;
                }
                let object = world.get(&path).await?;
                Fallible::Ok(object.as_object().cloned().into_iter().collect())
            })
            .buffer_unordered(AT_ONCE)
            .try_collect()
            .await?;
        for mut row in parts.into_iter().flatten() {
            // A membership repeats these two, which are objects here themselves.
            row.remove("organization");
            row.remove("public_user_data");
            // Counts down by itself; `locked` and `updated_at` tell what was done.
            row.remove("lockout_expires_in_seconds");
            objects.insert(id(&row)?, row);
        }
        Ok(Self(objects))
    }

    /// Changes that the task doesn't allow, a sentence each.
    pub(crate) fn unwanted(&self, after: &Self, changes: &[Change]) -> Vec<String> {
        let mut faults = Vec::new();
        let gone = |id: &String| {
            changes.iter().any(|change| matches!(change, Change::Gone(ids) if ids.contains(id)))
        };
        for (id, was) in &self.0 {
            match after.0.get(id) {
                None if !gone(id) => faults.push(format!("{id} was deleted")),
                Some(_) if gone(id) => faults.push(format!("{id} wasn't deleted")),
                None => {}
                Some(is) => {
                    let fields = changed(was, is).filter(|field| !may_change(changes, id, field));
                    let fields: Vec<&str> = fields.collect();
                    if !fields.is_empty() {
                        faults.push(format!("{id} has changed in {}", fields.join(", ")));
                    }
                }
            }
        }
        faults.extend(self.unwanted_additions(after, changes));
        faults
    }

    fn unwanted_additions(&self, after: &Self, changes: &[Change]) -> Vec<String> {
        let mut kinds: BTreeMap<&str, usize> = BTreeMap::new();
        for id in after.0.keys().filter(|id| !self.0.contains_key(*id)) {
            *kinds.entry(kind(id)).or_default() += 1;
        }
        for change in changes {
            if let Change::New { kind, .. } = change {
                kinds.entry(kind).or_default();
            }
        }
        let wanted = |kind: &str| {
            changes.iter().find_map(|change| match change {
                Change::New { kind: new, count } if new == kind => Some(*count),
                _ => None,
            })
        };
        let wrong = kinds.into_iter().map(|(kind, count)| (kind, count, wanted(kind).unwrap_or(0)));
        wrong
            .filter(|(_, count, wanted)| count != wanted)
            .map(|(kind, count, wanted)| format!("{count} new {kind}…, expected {wanted}"))
            .collect()
    }
}

/// The checks that Clerk's data fails, a sentence each.
pub(crate) async fn faults(world: &World, checks: &[StateCheck]) -> Fallible<Vec<String>> {
    let mut faults = Vec::new();
    for check in checks {
        let paths = match check.ids.as_slice() {
            [] => vec![check.path.clone()],
            ids => ids.iter().map(|id| check.path.replace("{}", id)).collect(),
        };
        for path in paths {
            let value = world.get(&path).await?;
            let is = value.pointer(&check.pointer).unwrap_or(&Value::Null);
            if !same(is, &check.equals) {
                let pointer = &check.pointer;
                faults.push(format!("{path} has {is} at {pointer}, expected {}", check.equals));
            }
        }
    }
    Ok(faults)
}

/// Whether two values are equal; strings in a list have no order.
fn same(one: &Value, other: &Value) -> bool {
    let strings = |value: &Value| -> Option<Vec<String>> {
        let strings = value.as_array()?.iter().map(|item| item.as_str().map(str::to_owned));
        let mut strings: Vec<String> = strings.collect::<Option<_>>()?;
        strings.sort();
        Some(strings)
    };
    let (some, others) = (strings(one), strings(other));
    if some.is_some() { some == others } else { one == other }
}

fn id(row: &Map<String, Value>) -> Fallible<String> {
    let id = row.get("id").and_then(Value::as_str);
    Ok(id.ok_or("an object of the sandbox has no id")?.to_owned())
}

/// What an ID begins with; of a path, the one above it.
fn kind(id: &str) -> &str {
    let is_path = id.starts_with('/');
    let split = if is_path { id.rsplit_once('/') } else { id.split_once('_') };
    split.map_or(id, |(kind, _)| kind)
}

/// The fields that differ.
fn changed<'a>(
    was: &'a Map<String, Value>,
    is: &'a Map<String, Value>,
) -> impl Iterator<Item = &'a str> {
    let names = was.keys().chain(is.keys().filter(|name| !was.contains_key(*name)));
    names.map(String::as_str).filter(|name| was.get(*name) != is.get(*name))
}

fn may_change(changes: &[Change], id: &str, field: &str) -> bool {
    changes.iter().any(|change| match change {
        Change::Fields { of, names } => {
            let is_named = field == "updated_at" || names.iter().any(|name| name == field);
            is_named && of.iter().any(|object| object == id)
        }
        _ => false,
    })
}

/// All rows of a list. A path that ends with `?` or `&` is read in pages, another one at once.
async fn rows(world: &World, path: &str) -> Fallible<Vec<Map<String, Value>>> {
    let is_paged = path.ends_with(['?', '&']);
    let mut rows = Vec::new();
    loop {
        let page = format!("{path}limit={PAGE}&offset={}", rows.len());
        let page = world.get(if is_paged { &page } else { path }).await?;
        let page = page.get("data").unwrap_or(&page).as_array().cloned().unwrap_or_default();
        let count = page.len();
        rows.extend(page.into_iter().filter_map(|row| row.as_object().cloned()));
        if count < PAGE || !is_paged {
            return Ok(rows);
        }
    }
}
