//! `/sign_in_tokens`.

use serde_json::{Map, Value, json};

use crate::Sandbox;
use crate::body::Fields;
use crate::jwt::{self, Category};
use crate::model::SignInToken;
use crate::query::{Id, NoQuery};
use crate::refusal::{
    FORM_PARAM_VALUE_INVALID, FORM_RESOURCE_NOT_FOUND, RESOURCE_NOT_FOUND, Refusal,
    SIGN_IN_TOKEN_CANNOT_BE_REVOKED,
};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::store::Store;
use crate::time::SECOND;
use crate::tokens::unsigned;
use crate::users;

/// How long a token is valid unless the request says otherwise, in seconds.
const LIFETIME: u64 = 30 * 86_400;

/// `POST /sign_in_tokens`
pub(crate) async fn create(
    State(sandbox): State<Sandbox>,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    let user_id = users::required(&mut fields, &store);
    let organization_id = fields.text("org_id").value();
    if let Some(id) = &organization_id
        && store.memberships.find(id, &user_id).is_none()
    {
        let sentence = format!("The user is not a member of an organization with id {id}");
        fields.refuse(FORM_RESOURCE_NOT_FOUND.at("org_id", sentence));
    }
    let lifetime = fields.count("expires_in_seconds").value().unwrap_or(LIFETIME);
    if lifetime == 0 {
        let sentence = "expires_in_seconds must be at least 1.";
        fields.refuse(FORM_PARAM_VALUE_INVALID.at("expires_in_seconds", sentence));
    }
    fields.finish()?;
    let (id, now) = (store.id("sit"), store.now());
    let token = ticket(&store, &id, "sign_in_token", end(now, lifetime))?;
    let made = SignInToken {
        object: "sign_in_token",
        id: id.clone(),
        status: "pending",
        user_id,
        url: Some(url_of(&token)),
        token: Some(token),
        organization_id,
        created_at: now,
        updated_at: now,
    };
    let response = reply::json(&made);
    store.sign_in_tokens.insert(id, made);
    Ok(response)
}

/// `POST /sign_in_tokens/{sign_in_token_id}/revoke`
pub(crate) async fn revoke(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    let mut store = sandbox.write();
    let now = store.now();
    let Some(token) = store.sign_in_tokens.get_mut(&id) else {
        let sentence = format!("No sign-in token was found with id {id}");
        return Err(RESOURCE_NOT_FOUND.because(sentence).into());
    };
    if token.status != "pending" {
        let sentence = format!(
            "Sign in token cannot be revoked because its status is {}. Only pending tokens can be \
             revoked.",
            token.status
        );
        return Err(SIGN_IN_TOKEN_CANNOT_BE_REVOKED.because(sentence).into());
    }
    (token.status, token.updated_at) = ("revoked", now);
    (token.token, token.url) = (None, None);
    Ok(reply::json(&*token))
}

/// This many seconds later, in milliseconds.
pub(crate) fn end(now: i64, seconds: u64) -> i64 {
    now.saturating_add(i64::try_from(seconds).unwrap_or(i64::MAX).saturating_mul(SECOND))
}

/// A JWT that names what it stands for.
pub(crate) fn ticket(
    store: &Store,
    id: &str,
    kind: &str,
    expire_at: i64,
) -> Result<String, Refusal> {
    let claims = json!({
        "exp": expire_at / SECOND,
        "iid": store.instance_id,
        "rid": id,
        "st": kind,
    });
    let claims = match claims {
        Value::Object(claims) => claims,
        _ => Map::new(),
    };
    jwt::sign(Category::Handshake, &claims).ok_or_else(unsigned)
}

/// Where a person opens a ticket.
pub(crate) fn url_of(ticket: &str) -> String {
    format!("https://accounts.example.com/sign-in?__clerk_ticket={ticket}")
}
