//! What a refusal alone does not say, and a look at Clerk does: who has the address, how the session
//! ended. It goes into the hint, so that the agent can continue at once.

use clerk_api::{Error as ApiError, Refusal, Request, Route};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Call, hint::Nameable};
use crate::{
    Ctx, Error,
    tool::{
        Explain, Tool,
        kind::Kind,
        param::{Format, Type},
    },
};

/// How many of those who have an identifier are named.
const NAMED: usize = 5;
/// How many roles are named.
const ROLES: usize = 50;

/// Adds what is read at Clerk to the refusal of a write. If reading fails, the refusal stays as
/// it is.
pub(super) async fn explain_refusal(
    error: &mut Error,
    call: &Call<'_>,
    arguments: &Map<String, Value>,
) {
    let Call { tool, ref ctx, .. } = *call;
    let nameable = call.nameable(tool);
    let Error::Clerk { error: ApiError::Refused(refusal), hint } = error else { return };
    if tool.effect.is_read() || !(400..500).contains(&refusal.status) {
        return;
    }
    *hint = match (refusal.code(), tool.explain) {
        ("form_identifier_exists", Explain::User | Explain::Organization) => {
            holder(refusal, tool, arguments, ctx, &nameable).await
        }
        ("already_a_member_in_organization", _) => role(tool, arguments, ctx).await,
        _ if is_role(refusal, tool) => roles(ctx).await,
        (_, Explain::Membership) if refusal.status == 404 => Some(nameable.said(&[
            "The user isn't a member of that organization, or no organization has this ID.",
            "{clerk_list_organization_memberships} shows who is in it.",
        ])),
        (_, Explain::Session) if refusal.status != 404 => status(tool, arguments, ctx).await,
        _ => None,
    };
}

/// Whether Clerk complains of an argument that is a role.
fn is_role(refusal: &Refusal, tool: &Tool) -> bool {
    let is_refused =
        |wire: &str| refusal.items.iter().any(|item| item.param.as_deref() == Some(wire));
    tool.arguments().any(|param| {
        matches!(param.ty, Type::Text { format: Format::RoleKey, .. }) && is_refused(param.wire)
    })
}

/// The id of a kind that the arguments name.
fn id_of<'a>(tool: &Tool, arguments: &'a Map<String, Value>, kind: Kind) -> Option<&'a Value> {
    let is_it = |ty: &Type| matches!(ty, Type::Id { kinds, .. } if *kinds == [kind]);
    let param = tool.arguments().find(|param| is_it(&param.ty))?;
    arguments.get(&param.name())
}

#[derive(Deserialize)]
struct Object {
    id: String,
    key: Option<String>,
    status: Option<String>,
    role: Option<String>,
}

async fn rows(ctx: &Ctx, path: &'static str, query: Value) -> Option<Vec<Object>> {
    let request = Request::new(Route::get(path), &query).ok()?;
    Some(ctx.send(request).await.ok()?.page::<Object>().await.ok()?.value.rows)
}

async fn object(ctx: &Ctx, path: &'static str, fields: Value) -> Option<Object> {
    let request = Request::new(Route::get(path), &fields).ok()?;
    Some(ctx.send(request).await.ok()?.read::<Object>().await.ok()?.value)
}

/// Who has the identifier that was to be given to another.
async fn holder(
    refusal: &Refusal,
    tool: &Tool,
    arguments: &Map<String, Value>,
    ctx: &Ctx,
    nameable: &Nameable<'_>,
) -> Option<String> {
    let wire = refusal.items.iter().find_map(|item| item.param.as_deref())?;
    let argument = tool.arguments().find(|param| param.wire == wire)?.name();
    let value = arguments.get(&argument)?;
    if tool.explain == Explain::Organization {
        let path = "/organizations/{organization_id}";
        let found = object(ctx, path, json!({ "organization_id": value })).await?;
        let sentences = ["Choose another.", "{clerk_get_organization} reads the one that has it."];
        return Some(format!("{} has this {argument}. {}", found.id, nameable.said(&sentences)));
    }
    let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
    // A sign before it would make Clerk leave it out.
    let is_plain = |value: &Value| value.as_str().is_some_and(|text| !text.starts_with('-'));
    if !values.iter().all(is_plain) {
        return None;
    }
    let found = rows(ctx, "/users", json!({ wire: values, "limit": NAMED })).await?;
    let ids: Vec<String> = found.into_iter().map(|user| user.id).collect();
    (!ids.is_empty()).then(|| {
        let sentences = [
            "Read it with {clerk_get_user}.",
            "Change that user with {clerk_update_user} only if the person asked for it.",
        ];
        format!("{} has this {argument} already. {}", ids.join(", "), nameable.said(&sentences))
            .trim_end()
            .to_owned()
    })
}

async fn role(tool: &Tool, arguments: &Map<String, Value>, ctx: &Ctx) -> Option<String> {
    let organization = id_of(tool, arguments, Kind::Organization)?;
    let user = id_of(tool, arguments, Kind::User)?;
    let query = json!({ "organization_id": organization, "user_id": [user], "limit": 1 });
    let path = "/organizations/{organization_id}/memberships";
    let role = rows(ctx, path, query).await?.into_iter().next()?.role?;
    Some(format!("The user is a member already, as {role}; nothing was changed."))
}

/// The roles that there are.
async fn roles(ctx: &Ctx) -> Option<String> {
    let roles = rows(ctx, "/organization_roles", json!({ "limit": ROLES })).await?;
    let keys: Vec<String> = roles.into_iter().filter_map(|role| role.key).collect();
    (!keys.is_empty()).then(|| format!("The roles of this instance: {}.", keys.join(", ")))
}

async fn status(tool: &Tool, arguments: &Map<String, Value>, ctx: &Ctx) -> Option<String> {
    let fields = json!({ "session_id": id_of(tool, arguments, Kind::Session)? });
    let status = object(ctx, "/sessions/{session_id}", fields).await?.status?;
    Some(format!("The session is {status} already: there is nothing to revoke."))
}
