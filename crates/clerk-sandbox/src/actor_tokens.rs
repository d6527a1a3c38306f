//! `/actor_tokens`.

use serde_json::Value;

use crate::Sandbox;
use crate::body::{Change, Fields};
use crate::model::{ActorToken, Metadata};
use crate::query::{Id, NoQuery};
use crate::refusal::{ACTOR_TOKEN_CANNOT_BE_REVOKED, FORM_PARAM_MISSING, RESOURCE_NOT_FOUND};
use crate::reply::{self, Reply};
use crate::sign_in_tokens::{end, ticket, url_of};
use crate::state::State;
use crate::users;

/// How long a token is valid unless the request says otherwise, in seconds.
const LIFETIME: u64 = 3_600;

/// How long the session lasts at most unless the request says otherwise, in seconds.
const SESSION_LIFETIME: u64 = 1_800;

/// `POST /actor_tokens`
pub(crate) async fn create(
    State(sandbox): State<Sandbox>,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    let user_id = users::required(&mut fields, &store);
    let actor = match fields.nullable_metadata("actor") {
        Change::Set(actor) => actor,
        Change::Keep | Change::Clear => Metadata::new(),
    };
    if actor.get("sub").and_then(Value::as_str).unwrap_or_default().is_empty() {
        let sentence = "actor must be included, with sub, the id of the acting user.";
        fields.refuse(FORM_PARAM_MISSING.at("actor", sentence));
    }
    let lifetime = fields.count("expires_in_seconds").value().unwrap_or(LIFETIME);
    let session = fields.count("session_max_duration_in_seconds").value();
    fields.finish()?;
    let (id, now) = (store.id("act"), store.now());
    let token = ticket(&store, &id, "actor_token", end(now, lifetime))?;
    let actor_token = ActorToken {
        object: "actor_token",
        id: id.clone(),
        status: "pending",
        user_id,
        actor,
        url: Some(url_of(&token)),
        token: Some(token),
        session_lifetime: end(0, session.unwrap_or(SESSION_LIFETIME)),
        created_at: now,
        updated_at: now,
    };
    store.actor_tokens.insert(id, actor_token.clone());
    Ok(reply::json(&actor_token))
}

/// `POST /actor_tokens/{actor_token_id}/revoke`
pub(crate) async fn revoke(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    let mut store = sandbox.write();
    let now = store.now();
    let Some(token) = store.actor_tokens.get_mut(&id) else {
        return Err(RESOURCE_NOT_FOUND.because("Actor token not found").into());
    };
    if token.status != "pending" {
        let sentence = format!(
            "Actor token cannot be revoked because its status is {}. Only pending tokens can be \
             revoked.",
            token.status
        );
        return Err(ACTOR_TOKEN_CANNOT_BE_REVOKED.because(sentence).into());
    }
    (token.status, token.updated_at) = ("revoked", now);
    (token.token, token.url) = (None, None);
    Ok(reply::json(token))
}
