//! What Clerk has before and after: all users, organizations, memberships and sessions.

use std::collections::BTreeMap;

use futures::{StreamExt, TryStreamExt, stream};
use serde_json::{Map, Value};

use crate::{
    Fallible,
    task::{Change, StateCheck},
    world::World,
};

/// How many rows are asked for at once.
const PAGE: usize = 500;
/// How many requests are under way at once.
const AT_ONCE: usize = 16;

/// All of Clerk's objects by their ids.
#[derive(Debug)]
pub(crate) struct Snapshot(BTreeMap<String, Map<String, Value>>);

impl Snapshot {
    pub(crate) async fn of(world: &World) -> Fallible<Self> {
        let mut objects = BTreeMap::new();
        let mut paths = Vec::new();
        for row in rows(world, "/users?").await? {
            let id = id(&row)?;
            // The list has no private metadata.
            paths.push((format!("/users/{id}"), false));
            paths.push((format!("/sessions?user_id={id}&"), true));
        }
        for row in rows(world, "/organizations?").await? {
            let id = id(&row)?;
            paths.push((format!("/organizations/{id}/memberships?"), true));
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
            // Of a membership only what it has of its own: the rest are objects here too.
            row.remove("organization");
            row.remove("public_user_data");
            objects.insert(id(&row)?, row);
        }
        Ok(Self(objects))
    }

    /// What differs at the end and was not to, a sentence each.
    pub(crate) fn unwanted(&self, after: &Self, changes: &[Change]) -> Vec<String> {
        let mut faults = Vec::new();
        let gone = |id: &String| {
            changes.iter().any(|change| matches!(change, Change::Gone(ids) if ids.contains(id)))
        };
        for (id, was) in &self.0 {
            match after.0.get(id) {
                None if !gone(id) => faults.push(format!("{id} is gone")),
                Some(_) if gone(id) => faults.push(format!("{id} is still there")),
                None => {}
                Some(is) => {
                    let fields = changed(was, is).filter(|field| !may_change(changes, id, field));
                    let fields: Vec<&str> = fields.collect();
                    if !fields.is_empty() {
                        faults.push(format!("{id} has another {}", fields.join(", ")));
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
            .map(|(kind, count, wanted)| format!("{count} new {kind}_… where {wanted} were wanted"))
            .collect()
    }
}

/// What does not hold of Clerk's data, a sentence each.
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
            if *is != check.equals {
                let pointer = &check.pointer;
                faults.push(format!("{path} has {is} at {pointer} instead of {}", check.equals));
            }
        }
    }
    Ok(faults)
}

fn id(row: &Map<String, Value>) -> Fallible<String> {
    let id = row.get("id").and_then(Value::as_str);
    Ok(id.ok_or("an object of the sandbox has no id")?.to_owned())
}

/// What an id begins with.
fn kind(id: &str) -> &str {
    id.split_once('_').map_or(id, |(kind, _)| kind)
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

/// All rows of a list; `path` ends where further parameters go on.
async fn rows(world: &World, path: &str) -> Fallible<Vec<Map<String, Value>>> {
    let mut rows = Vec::new();
    loop {
        let page = world.get(&format!("{path}limit={PAGE}&offset={}", rows.len())).await?;
        let page = page.get("data").unwrap_or(&page).as_array().cloned().unwrap_or_default();
        let count = page.len();
        rows.extend(page.into_iter().filter_map(|row| row.as_object().cloned()));
        if count < PAGE {
            return Ok(rows);
        }
    }
}
