//! `/clients`: the browsers and apps that sessions are on.

use std::collections::HashMap;

use serde::Serialize;
use serde_json::{Value, json};

use crate::Sandbox;
use crate::body::Fields;
use crate::cookies;
use crate::jwt;
use crate::model::{Session, SessionReply};
use crate::query::{Id, NoQuery, Query};
use crate::refusal::{INVALID_SESSION_TOKEN, RESOURCE_NOT_FOUND, Refusal};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::store::Store;
use crate::tokens::Caller;

/// A client, which the sandbox knows by its sessions only.
#[derive(Debug, Serialize)]
struct Client<'a> {
    object: &'static str,
    id: &'a str,
    session_ids: Vec<&'a str>,
    sessions: Vec<SessionReply<'a>>,
    sign_in_id: Option<()>,
    sign_up_id: Option<()>,
    last_active_session_id: Option<&'a str>,
    last_authentication_strategy: Option<()>,
    created_at: i64,
    updated_at: i64,
}

impl<'a> Client<'a> {
    /// From its sessions, of which it has one at least.
    fn new(id: &'a str, mut sessions: Vec<&'a Session>) -> Self {
        sessions.sort_by_key(|session| (session.created_at, &session.id));
        let alive = sessions.iter().filter(|session| session.status.is_alive());
        let last_active = alive.max_by_key(|session| session.last_active_at);
        Self {
            object: "client",
            id,
            session_ids: sessions.iter().map(|session| session.id.as_str()).collect(),
            last_active_session_id: last_active.map(|session| session.id.as_str()),
            sign_in_id: None,
            sign_up_id: None,
            last_authentication_strategy: None,
            created_at: sessions.iter().map(|session| session.created_at).min().unwrap_or_default(),
            updated_at: sessions.iter().map(|session| session.updated_at).max().unwrap_or_default(),
            sessions: sessions.into_iter().map(SessionReply::from).collect(),
        }
    }
}

/// `GET /clients`
pub(crate) async fn list(State(sandbox): State<Sandbox>, mut query: Query) -> Reply {
    let is_paginated = query.flag("paginated") == Some(true);
    let page = query.page();
    query.finish()?;
    let store = sandbox.read();
    let mut by_id: HashMap<&str, Vec<&Session>> = HashMap::new();
    for session in store.sessions.all() {
        by_id.entry(&session.client_id).or_default().push(session);
    }
    let created_at = |sessions: &[&Session]| sessions.iter().map(|one| one.created_at).min();
    let list = page.newest_first(by_id.iter(), |(id, sessions)| (created_at(sessions), **id));
    Ok(reply::list(&list.map(|(id, sessions)| Client::new(id, sessions.clone())), is_paginated))
}

/// `GET /clients/{client_id}`
pub(crate) async fn show(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    reply_of(&sandbox.read(), &id)
}

/// `POST /clients/verify`, with a session token.
pub(crate) async fn verify(
    State(sandbox): State<Sandbox>,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let store = sandbox.read();
    let token = fields.required("token");
    fields.finish()?;
    let claims = jwt::verify(&token).unwrap_or_default();
    let Some(session_id) = claims.get("sid").and_then(Value::as_str) else {
        let sentence = "The token provided could not be successfully verified";
        return Err(INVALID_SESSION_TOKEN.because(sentence).into());
    };
    reply_of(&store, &store.sessions.get(session_id)?.client_id)
}

/// `GET /clients/handshake_payload`: the cookies that a handshake is to set.
pub(crate) async fn handshake_payload(
    State(sandbox): State<Sandbox>,
    caller: Caller,
    mut query: Query,
) -> Reply {
    let nonce = query.text("nonce").unwrap_or_default();
    query.finish()?;
    let Some((session_id, origin)) = cookies::read_nonce(&nonce) else {
        return Err(RESOURCE_NOT_FOUND.because("No handshake was found with this nonce").into());
    };
    let caller = Caller { origin, ..caller };
    let directives = cookies::of_handshake(&mut sandbox.write(), session_id, &caller)?;
    Ok(reply::json(&json!({ "directives": directives })))
}

fn reply_of(store: &Store, id: &str) -> Reply {
    let sessions: Vec<_> = store.sessions.all().filter(|session| session.client_id == id).collect();
    if sessions.is_empty() {
        return Err(missing(id));
    }
    Ok(reply::json(&Client::new(id, sessions)))
}

fn missing(id: &str) -> Refusal {
    RESOURCE_NOT_FOUND.because(format!("No client was found with id {id}")).into()
}
