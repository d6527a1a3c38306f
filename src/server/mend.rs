//! What a refusal alone does not tell, and a look at Clerk does: who has the address, how the
//! session ended. It goes into the hint, so that the agent can go on at once.

use clerk_api::{Error as ApiError, Refusal, Request, Route};
use rmcp::model::JsonObject;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::{
    Error,
    ctx::Ctx,
    operation::{Entry, camel_case},
};

/// How many of those who have an identifier are named.
const NAMED: usize = 5;
/// How many roles are named.
const ROLES: usize = 50;
/// The identifiers of which no two users have the same.
const OF_USERS: [&str; 4] = ["email_address", "phone_number", "username", "external_id"];

/// Adds to a refusal of a write what a look at Clerk tells. Where the look fails, the refusal stays
/// as it is.
pub(super) async fn mend(error: &mut Error, entry: &Entry, arguments: &JsonObject, call: &Ctx) {
    let Error::Clerk { error: ApiError::Refused(refusal), hint } = error else { return };
    if entry.effect.is_read() || !(400..500).contains(&refusal.status) {
        return;
    }
    *hint = match refusal.code() {
        "form_identifier_exists" => holder(refusal, entry, arguments, call).await,
        "already_a_member_in_organization" => role(arguments, call).await,
        _ if refusal.items.iter().any(|it| it.param.as_deref() == Some("role")) => {
            roles(call).await
        }
        _ if refusal.status == 404 && entry.route.path.ends_with("/memberships/{user_id}") => Some(
            "The user is no member of that organization, or there is none with this id: \
             clerk_list_organization_memberships shows who is in it."
                .to_owned(),
        ),
        _ if refusal.status != 404 && entry.route.path.ends_with("/{session_id}/revoke") => {
            status(arguments, call).await
        }
        _ => None,
    };
}

#[derive(Deserialize)]
struct Object {
    id: String,
    key: Option<String>,
    status: Option<String>,
    role: Option<String>,
}

async fn rows(call: &Ctx, path: &'static str, query: Value) -> Option<Vec<Object>> {
    let request = Request::new(Route::get(path), &query).ok()?;
    Some(call.send(request).await.ok()?.page::<Object>().ok()?.value.rows)
}

async fn object(call: &Ctx, path: &'static str, fields: Value) -> Option<Object> {
    let request = Request::new(Route::get(path), &fields).ok()?;
    Some(call.send(request).await.ok()?.read::<Object>().ok()?.value)
}

/// Who has the identifier that was to be given to another.
async fn holder(
    refusal: &Refusal,
    entry: &Entry,
    arguments: &JsonObject,
    call: &Ctx,
) -> Option<String> {
    let param = refusal.items.iter().find_map(|item| item.param.as_deref())?;
    let argument = camel_case(param);
    let value = arguments.get(&argument)?;
    if entry.route.path.starts_with("/organizations") {
        let path = "/organizations/{organization_id}";
        let found = object(call, path, json!({ "organization_id": value })).await?;
        return Some(format!(
            "{} has this {argument}: read it with clerk_get_organization, or choose another.",
            found.id
        ));
    }
    if !OF_USERS.contains(&param) {
        return None;
    }
    let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    // A sign before it would make Clerk leave it out.
    let is_plain = |it: &Value| it.as_str().is_some_and(|it| !it.starts_with('-'));
    if !values.iter().all(is_plain) {
        return None;
    }
    let found = rows(call, "/users", json!({ param: values, "limit": NAMED })).await?;
    let ids: Vec<String> = found.into_iter().map(|it| it.id).collect();
    (!ids.is_empty()).then(|| {
        format!(
            "{} has this {argument} already: read it with clerk_get_user, change it with \
             clerk_update_user.",
            ids.join(", ")
        )
    })
}

async fn role(arguments: &JsonObject, call: &Ctx) -> Option<String> {
    let (organization, user) = (arguments.get("organizationId")?, arguments.get("userId")?);
    let query = json!({ "organization_id": organization, "user_id": [user], "limit": 1 });
    let path = "/organizations/{organization_id}/memberships";
    let role = rows(call, path, query).await?.into_iter().next()?.role?;
    Some(format!("The user is a member already, as {role}; nothing was changed."))
}

/// The roles that there are.
async fn roles(call: &Ctx) -> Option<String> {
    let roles = rows(call, "/organization_roles", json!({ "limit": ROLES })).await?;
    let keys: Vec<String> = roles.into_iter().filter_map(|it| it.key).collect();
    (!keys.is_empty()).then(|| format!("The roles of this instance: {}.", keys.join(", ")))
}

async fn status(arguments: &JsonObject, call: &Ctx) -> Option<String> {
    let fields = json!({ "session_id": arguments.get("sessionId")? });
    let status = object(call, "/sessions/{session_id}", fields).await?.status?;
    Some(format!("The session is {status} already: there is nothing to revoke."))
}
