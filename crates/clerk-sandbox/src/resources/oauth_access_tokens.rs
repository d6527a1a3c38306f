//! `/oauth_applications/access_tokens/verify` and what revokes such a token. Users get one by
//! signing in, which `POST /sandbox/oauth_access_tokens` stands for.

use axum::http::StatusCode;
use axum::response::IntoResponse as _;
use serde_json::Value;

use super::Action::Do;
use super::oauth_applications::OAUTH_APPLICATION;
use super::{Call, Route, expiry};
use crate::model::{Record, tables};
use crate::records::{Field, Ids, Kind, Shape};
use crate::refusal::{FORM_RESOURCE_NOT_FOUND, RESOURCE_NOT_FOUND, Refusal};
use crate::reply::Reply;
use crate::store::Store;
use crate::time::SECOND;

pub(super) const ROUTES: &[Route] = &[
    Route::post("/oauth_applications/access_tokens/verify", Do(verify)),
    Route::post("/oauth_applications/{oauth_application_id}/revoke_token", Do(revoke)),
];

/// Those of the sandbox's own, outside Clerk's paths.
pub(super) const OWN_ROUTES: &[Route] = &[Route::post(
    "/sandbox/oauth_access_tokens",
    Do(|store, call| OAUTH_TOKEN.create(store, call.fields()?)),
)];

const OAUTH_TOKEN: Kind = Kind {
    ids: Ids::Hex("oat"),
    complete,
    show: |store, token| {
        expiry::show(store, token);
        show(token);
    },
    ..Kind::new(
        tables::OAUTH_TOKEN,
        "oat",
        "OAuth access token",
        &[
            Field::new("client_id", Shape::Name).required(),
            Field::new("subject", Shape::Name).required(),
            Field::new("scopes", Shape::Texts).or("[]"),
            Field::new("aud", Shape::Texts),
            Field::new("act", Shape::Group(ACTOR)),
            Field::derived("token").secret(),
            Field::derived("revoked").or("false"),
            Field::derived("revocation_reason"),
            Field::derived("expired").or("false"),
            Field::derived("expiration"),
            expiry::SECONDS,
        ],
    )
};

/// Who acts for the subject, as in a token exchange. <https://www.rfc-editor.org/rfc/rfc8693#section-4.1>
const ACTOR: &[Field] = &[
    Field::new("iss", Shape::Text),
    Field::new("sub", Shape::Name).required(),
    Field::new("act", Shape::Object),
];

/// The times of a token, which are in seconds, unlike those of other objects.
const TIMES: [&str; 3] = ["expiration", "created_at", "updated_at"];

/// What a token has only if it is for somebody, or used by somebody else.
const SOMETIMES: [&str; 2] = ["aud", "act"];

fn show(token: &mut Record) {
    for name in TIMES {
        if let Some(time) = token.get(name).as_i64() {
            token.set(name, time / SECOND);
        }
    }
    for name in SOMETIMES {
        if token.get(name).is_null() {
            token.remove(name);
        }
    }
}

/// How long a token is valid, in seconds.
const LIFETIME: i64 = 86_400;

fn complete(store: &mut Store, token: &mut Record, _: Option<&Record>) -> Result<(), Refusal> {
    store.user(token.text("subject"))?;
    let application =
        OAUTH_APPLICATION.find(store, |one| one.get("client_id") == token.get("client_id"));
    let Some(application) = application else {
        let sentence = "No OAuth application exists with this client_id.";
        return Err(FORM_RESOURCE_NOT_FOUND.at("client_id", sentence).into());
    };
    if token.texts("scopes").next().is_none() {
        let scopes: Vec<_> = application.text("scopes").split_whitespace().collect();
        token.set("scopes", scopes);
    }
    token.set("token", store.secret("oat"));
    expiry::set(store, token, Some(LIFETIME));
    Ok(())
}

/// `POST /oauth_applications/access_tokens/verify`
fn verify(store: &mut Store, call: &mut Call) -> Reply {
    let mut fields = call.fields()?;
    let deprecated = fields.text("secret").value();
    let text = match deprecated {
        Some(secret) if !fields.gives("access_token") => secret,
        _ => fields.required("access_token"),
    };
    fields.finish()?;
    let now = store.time();
    let found = OAUTH_TOKEN.find(store, |token| token.text("token") == text);
    let Some(token) = found.filter(|token| expiry::is_valid(token, now)) else {
        let sentence = "The OAuth access token is unknown, revoked or expired.";
        return Err(RESOURCE_NOT_FOUND.because(sentence).into());
    };
    Ok(OAUTH_TOKEN.reply(store, token))
}

/// `POST /oauth_applications/{oauth_application_id}/revoke_token`
fn revoke(store: &mut Store, call: &mut Call) -> Reply {
    let client = OAUTH_APPLICATION.get(store, call.id())?.text("client_id").to_owned();
    let mut fields = call.fields()?;
    let text = fields.required("token");
    fields.finish()?;
    let found = OAUTH_TOKEN
        .find(store, |token| token.text("client_id") == client && token.text("token") == text);
    let Some(id) = found.map(|token| token.id().to_owned()) else {
        let sentence = "The token was not found.";
        return Err(RESOURCE_NOT_FOUND.at("token", sentence).into());
    };
    expiry::revoked(&OAUTH_TOKEN, store, &id, Value::Null)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}
