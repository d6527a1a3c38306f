//! Sessions. <https://clerk.com/docs/reference/backend-api/tag/sessions>

use clerk_api::{Decoded, Request, Response, Route};
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::DEFAULT_LIMIT;
use crate::{
    Error,
    objects::Session,
    operation::{Effect, Entry, Form, Id, Operation, Rule, entry},
};

pub(super) static OPERATIONS: [Entry; 3] =
    [entry::<ListSessions>(), entry::<GetSession>(), entry::<RevokeSession>()];

/// List the sessions of a user or client, newest first. Clerk drops old inactive ones, so this is
/// no full history.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct ListSessions {
    /// Required without clientId.
    user_id: Option<Id>,
    /// Required without userId.
    client_id: Option<Id>,
    status: Option<Status>,
    #[schemars(range(min = 1, max = 500), extend("default" = DEFAULT_LIMIT))]
    limit: Option<u64>,
    offset: Option<u64>,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Status {
    Abandoned,
    Active,
    Ended,
    Expired,
    Pending,
    Removed,
    Replaced,
    Revoked,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
struct SessionList {
    sessions: Vec<Session>,
    total_count: Option<u64>,
}

impl Operation for ListSessions {
    const NAME: &'static str = "clerk_list_sessions";
    const TITLE: &'static str = "List sessions";
    const ROUTE: Route = Route::get("/sessions");
    const RULES: &'static [Rule] = &[Rule::Any(&["userId", "clientId"])];
    const FORM: Form = Form::List("sessions");
    type Output = SessionList;

    fn request(&self) -> Result<Request, Error> {
        // Only so does Clerk tell the total.
        Ok(Request::new(Self::ROUTE, self)?.with_query("paginated", "true"))
    }

    fn output(&self, response: &Response) -> Result<Decoded<SessionList>, Error> {
        let page = response.page()?;
        let (limit, offset) = (self.limit.unwrap_or(DEFAULT_LIMIT), self.offset.unwrap_or(0));
        let total_count = page.value.total(limit, offset);
        let answer = page.map(|page| SessionList { sessions: page.rows, total_count });
        Ok(super::note_unknown_total(answer, total_count))
    }
}

/// Get one session by ID, with its status and expiry.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct GetSession {
    session_id: Id,
}

impl Operation for GetSession {
    const NAME: &'static str = "clerk_get_session";
    const TITLE: &'static str = "Get session";
    const ROUTE: Route = Route::get("/sessions/{session_id}");
    type Output = Session;
}

/// Revoke one session: the user must sign in again on that client. Session tokens already issued
/// stay valid until they expire, within 60 s by default; the user's other sessions go on. Can't be
/// undone.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct RevokeSession {
    session_id: Id,
}

impl Operation for RevokeSession {
    const NAME: &'static str = "clerk_revoke_session";
    const TITLE: &'static str = "Revoke session";
    const ROUTE: Route = Route::post("/sessions/{session_id}/revoke");
    const EFFECT: Effect = Effect::Destroy;
    const LOOK: &'static str = "clerk_get_session";
    type Output = Session;

    /// Clerk takes the call for a session that is over, too, and leaves it as it is.
    fn output(&self, response: &Response) -> Result<Decoded<Session>, Error> {
        let mut answer: Decoded<Session> = response.read()?;
        if let Some(status) = answer.value.status.as_deref().filter(|it| *it != "revoked") {
            answer.notes.push(format!("The session is {status}: there was nothing to revoke."));
        }
        Ok(answer)
    }
}
