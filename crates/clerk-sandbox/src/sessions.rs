//! `/sessions`.

mod create;
mod token;

pub(crate) use create::create;
pub(crate) use token::{
    create as create_token, create_from_template as create_token_from_template, refresh, verify,
};

use crate::Sandbox;
use crate::model::{Session, SessionReply, Status};
use crate::query::{Id, NoQuery, Query};
use crate::refusal::MISSING_QUERY_PARAMETER;
use crate::reply::{self, Reply};
use crate::state::State;

/// The statuses that a list can be filtered by. Sessions can be pending, but Clerk has no filter
/// for that.
const STATUSES: [(&str, Status); 7] = [
    ("abandoned", Status::Abandoned),
    ("active", Status::Active),
    ("ended", Status::Ended),
    ("expired", Status::Expired),
    ("removed", Status::Removed),
    ("replaced", Status::Replaced),
    ("revoked", Status::Revoked),
];

/// `GET /sessions`
pub(crate) async fn list(State(sandbox): State<Sandbox>, mut query: Query) -> Reply {
    let filter = Filter {
        user_id: query.text("user_id"),
        client_id: query.text("client_id"),
        status: query.choice("status", &STATUSES),
    };
    let is_paginated = query.flag("paginated") == Some(true);
    let page = query.page();
    if filter.user_id.is_none() && filter.client_id.is_none() {
        let sentence =
            "Either of the following query parameters must be provided: client_id, user_id.";
        query.refuse(MISSING_QUERY_PARAMETER.because(sentence));
    }
    query.finish()?;
    let store = sandbox.read();
    let candidates: Vec<_> = match &filter.user_id {
        Some(user_id) => store.sessions.of_user(user_id).iter().collect(),
        None => store.sessions.all().collect(),
    };
    let found = candidates.into_iter().filter(|session| filter.passes(session));
    let list = page.newest_first(found, |session| (session.created_at, session.id.as_str()));
    Ok(reply::list(&list.map(SessionReply::from), is_paginated))
}

/// `GET /sessions/{session_id}`
pub(crate) async fn show(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    let store = sandbox.read();
    Ok(reply::json(&SessionReply::from(store.sessions.get(&id)?)))
}

/// `POST /sessions/{session_id}/revoke`
pub(crate) async fn revoke(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    let mut store = sandbox.write();
    Ok(reply::json(&SessionReply::from(store.end_session(&id, Status::Revoked)?)))
}

#[derive(Debug)]
struct Filter {
    user_id: Option<String>,
    client_id: Option<String>,
    status: Option<Status>,
}

impl Filter {
    fn passes(&self, session: &Session) -> bool {
        let is =
            |wanted: &Option<String>, id: &str| wanted.as_ref().is_none_or(|wanted| wanted == id);
        is(&self.user_id, &session.user_id)
            && is(&self.client_id, &session.client_id)
            && self.status.is_none_or(|status| status == session.status)
    }
}
