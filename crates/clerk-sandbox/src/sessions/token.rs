//! The tokens of sessions.

use axum::response::Response;
use serde_json::{Value, json};
use url::Url;

use crate::Sandbox;
use crate::body::{Fields, OptionalFields};
use crate::cookies;
use crate::jwt;
use crate::model::SessionReply;
use crate::query::{Id, NoQuery, Query, TwoIds};
use crate::refusal::{
    Code, FORM_PARAM_VALUE_INVALID, INVALID_SESSION_TOKEN, REFRESH_AZP_MISMATCH,
    REFRESH_AZP_MISSING, REFRESH_EXPIRED_TOKEN_INVALID, REFRESH_ORIGIN_INVALID,
    REFRESH_SESSION_INACTIVE, REFRESH_SESSION_NOT_FOUND, REFRESH_SID_MISMATCH, REFRESH_SID_MISSING,
    REFRESH_TOKEN_NOT_FOUND, RESOURCE_NOT_FOUND, Refusal,
};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::store::Store;
use crate::tokens::{self, Caller};

/// `POST /sessions/{session_id}/tokens`
pub(crate) async fn create(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    caller: Caller,
    OptionalFields(mut fields): OptionalFields,
) -> Reply {
    let mut store = sandbox.write();
    check_is_alive(&store, &id)?;
    let lifetime = lifetime(&mut fields);
    fields.finish()?;
    let jwt = tokens::of_session(&mut store, &id, &caller, lifetime.unwrap_or(tokens::LIFETIME))?;
    log(&mut store, &id)?;
    Ok(token(&jwt))
}

/// `POST /sessions/{session_id}/tokens/{template_name}`
pub(crate) async fn create_from_template(
    State(sandbox): State<Sandbox>,
    TwoIds(id, name): TwoIds,
    _: NoQuery,
    caller: Caller,
    OptionalFields(mut fields): OptionalFields,
) -> Reply {
    let mut store = sandbox.write();
    check_is_alive(&store, &id)?;
    let template = store.jwt_templates.values().find(|template| template.name == name).cloned();
    let Some(template) = template else {
        let sentence = format!("No JWT template exists with name: {name}");
        return Err(RESOURCE_NOT_FOUND.because(sentence).into());
    };
    let lifetime = lifetime(&mut fields);
    fields.finish()?;
    let jwt = tokens::of_template(&mut store, &id, &template, &caller, lifetime)?;
    log(&mut store, &id)?;
    Ok(token(&jwt))
}

fn log(store: &mut Store, id: &str) -> Result<(), Refusal> {
    let session = store.sessions.get(id)?.clone();
    store.log_session("session.token.created", &session);
    Ok(())
}

/// `POST /sessions/{session_id}/verify`, which only older SDKs have.
pub(crate) async fn verify(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    OptionalFields(mut fields): OptionalFields,
) -> Reply {
    let store = sandbox.read();
    let token = fields.text("token").value().unwrap_or_default();
    fields.finish()?;
    let claims = jwt::verify(&token).unwrap_or_default();
    if claims.get("sid").and_then(Value::as_str) != Some(&id) {
        let sentence = "The token provided could not be successfully verified";
        return Err(INVALID_SESSION_TOKEN.because(sentence).into());
    }
    Ok(reply::json(&SessionReply::from(store.sessions.get(&id)?)))
}

/// `POST /sessions/{session_id}/refresh`. What is wrong is 401, on which SDKs fall back to a
/// handshake.
pub(crate) async fn refresh(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    mut query: Query,
    caller: Caller,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    let with_suffixes = query.flag("suffixed_cookies") == Some(true);
    query.finish()?;
    let expired = fields.required("expired_token");
    let refresh_token = fields.required("refresh_token");
    let origin = fields.required("request_origin");
    let _about =
        (fields.nullable_metadata("request_headers"), fields.text("request_originating_ip"));
    let format = fields.text("format").value();
    if !matches!(format.as_deref(), None | Some("token" | "cookie")) {
        let sentence = "format must be token or cookie.";
        fields.refuse(FORM_PARAM_VALUE_INVALID.at("format", sentence));
    }
    fields.finish()?;
    check_refresh(&store, &id, &expired, &refresh_token, &origin)?;
    let caller = Caller { origin: Some(origin), ..caller };
    if format.as_deref() == Some("cookie") {
        let cookies = cookies::of_session(&mut store, &id, &caller, with_suffixes)?;
        return Ok(reply::json(&json!({ "object": "cookies", "cookies": cookies })));
    }
    let jwt = tokens::of_session(&mut store, &id, &caller, tokens::LIFETIME)?;
    Ok(token(&jwt))
}

fn check_refresh(
    store: &Store,
    id: &str,
    expired: &str,
    refresh_token: &str,
    origin: &str,
) -> Result<(), Refusal> {
    let fail = |code: &Code, sentence: &str| Err(Refusal::from(code.because(sentence)));
    if Url::parse(origin).is_err() {
        let sentence = "The request_origin parameter could not be parsed";
        return fail(&REFRESH_ORIGIN_INVALID, sentence);
    }
    let Some(claims) = jwt::verify(expired) else {
        let sentence = "The session token provided could not be successfully verified";
        return fail(&REFRESH_EXPIRED_TOKEN_INVALID, sentence);
    };
    match claims.get("sid").and_then(Value::as_str) {
        Some(sid) if sid == id => {}
        Some(_) => {
            let sentence = "The 'sid' claim of the provided expired session token does not match \
                            the session ID provided in the request path";
            return fail(&REFRESH_SID_MISMATCH, sentence);
        }
        None => {
            let sentence = "No 'sid' claim present in the provided expired session token";
            return fail(&REFRESH_SID_MISSING, sentence);
        }
    }
    match claims.get("azp").and_then(Value::as_str) {
        Some(azp) if azp == origin => {}
        Some(_) => {
            let sentence =
                "The request_origin parameter does not match the 'azp' claim of expired_token";
            return fail(&REFRESH_AZP_MISMATCH, sentence);
        }
        None => {
            let sentence = "No 'azp' claim present in the provided expired session token";
            return fail(&REFRESH_AZP_MISSING, sentence);
        }
    }
    let Ok(session) = store.sessions.get(id) else {
        return fail(&REFRESH_SESSION_NOT_FOUND, &format!("No session was found with id {id}"));
    };
    if !session.status.is_alive() {
        return fail(&REFRESH_SESSION_INACTIVE, "The provided session is not active");
    }
    if !cookies::is_refresh_token(refresh_token, id) {
        return fail(&REFRESH_TOKEN_NOT_FOUND, "The provided refresh token was not found");
    }
    Ok(())
}

fn check_is_alive(store: &Store, id: &str) -> Result<(), Refusal> {
    if store.sessions.get(id)?.status.is_alive() {
        return Ok(());
    }
    Err(RESOURCE_NOT_FOUND.because(format!("No session was found with id {id}")).into())
}

/// How long the token is to be valid, in seconds.
fn lifetime(fields: &mut Fields) -> Option<i64> {
    let seconds = fields.count("expires_in_seconds").value()?;
    let range = 30..=315_360_000;
    if !range.contains(&seconds) {
        let (least, most) = range.into_inner();
        let sentence = format!("expires_in_seconds must be from {least} to {most}.");
        fields.refuse(FORM_PARAM_VALUE_INVALID.at("expires_in_seconds", sentence));
    }
    i64::try_from(seconds).ok()
}

fn token(jwt: &str) -> Response {
    reply::json(&json!({ "object": "token", "jwt": jwt }))
}
