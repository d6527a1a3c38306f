//! `/sandbox/reset` and `/sandbox/snapshots`: going back to an earlier state.

use axum::response::Response;
use serde_json::json;

use crate::Sandbox;
use crate::body::{Fields, OptionalFields};
use crate::query::{Id, NoQuery};
use crate::refusal::{FORM_PARAM_VALUE_INVALID, RESOURCE_NOT_FOUND, Refusal};
use crate::reply::{self, Paginated, Reply};
use crate::seed;
use crate::state::State;

/// How many snapshots an instance keeps.
const MOST: usize = 20;

/// `POST /sandbox/reset` makes the instance as it was at first, or from another number of users or
/// another seed. Snapshots stay.
pub(crate) async fn reset(
    State(sandbox): State<Sandbox>,
    _: NoQuery,
    OptionalFields(mut fields): OptionalFields,
) -> Reply {
    let options = sandbox.options();
    let users = fields.count("users").value();
    let number = fields.count("seed").value();
    let count = usize::try_from(users.unwrap_or_default()).unwrap_or(usize::MAX);
    if count > seed::MAX_USERS {
        let sentence = format!("users must be at most {}.", seed::MAX_USERS);
        fields.refuse(FORM_PARAM_VALUE_INVALID.at("users", sentence));
    }
    fields.finish()?;
    sandbox.reset(match (users, number) {
        (None, None) => options.store(),
        (Some(_), number) => seed::store(count, number.unwrap_or(options.seed)),
        (None, Some(number)) => seed::store(options.users, number),
    });
    let store = sandbox.read();
    Ok(reply::json(&json!({
        "object": "instance",
        "id": store.instance_id,
        "users_count": store.users().len(),
        "organizations_count": store.organizations.len(),
    })))
}

/// `GET /sandbox/snapshots`
pub(crate) async fn list(State(sandbox): State<Sandbox>, _: NoQuery) -> Reply {
    Ok(all(&sandbox))
}

fn all(sandbox: &Sandbox) -> Response {
    let snapshots = sandbox.snapshots();
    let data: Vec<_> = snapshots.iter().map(|(name, store)| {
        json!({ "object": "snapshot", "name": name, "time": store.time(), "users_count": store.users().len() })
    }).collect();
    let total_count = data.len();
    reply::json(&Paginated { data, total_count })
}

/// `POST /sandbox/snapshots` keeps the data and the clock under a name; one of the same name is
/// replaced.
pub(crate) async fn create(
    State(sandbox): State<Sandbox>,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let name = fields.required("name");
    let mut snapshots = sandbox.snapshots();
    if snapshots.len() >= MOST && !snapshots.contains_key(&name) {
        let sentence = format!("There are {MOST} snapshots already; delete one first.");
        fields.refuse(FORM_PARAM_VALUE_INVALID.at("name", sentence));
    }
    fields.finish()?;
    snapshots.insert(name, sandbox.read().clone());
    drop(snapshots);
    Ok(all(&sandbox))
}

/// `POST /sandbox/snapshots/{name}/restore`
pub(crate) async fn restore(State(sandbox): State<Sandbox>, Id(name): Id, _: NoQuery) -> Reply {
    let kept = sandbox.snapshots().get(&name).cloned().ok_or_else(|| missing(&name))?;
    sandbox.replace(kept);
    Ok(all(&sandbox))
}

/// `DELETE /sandbox/snapshots/{name}`
pub(crate) async fn delete(State(sandbox): State<Sandbox>, Id(name): Id, _: NoQuery) -> Reply {
    sandbox.snapshots().remove(&name).ok_or_else(|| missing(&name))?;
    Ok(all(&sandbox))
}

fn missing(name: &str) -> Refusal {
    RESOURCE_NOT_FOUND.because(format!("There is no snapshot named {name}.")).into()
}
