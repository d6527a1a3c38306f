//! Sessions. <https://clerk.com/docs/reference/backend-api/tag/sessions>

use clerk_api::Route;
use futures::FutureExt;
use serde_json::{Map, Value};

use super::{On, Toolset, objects::SESSION};
use crate::{
    Ctx, Error,
    tool::{
        Effect, Explain, Output, SESSIONS_REVOKED, Tool,
        field::Fields,
        kind::Kind,
        param::{LIMIT, Literal, OFFSET, Param, Relation, Rule, choice, id},
        rest::{Rest, rest},
        undo::Undo,
    },
};

pub(super) static TOOLSET: Toolset = Toolset {
    name: "sessions",
    about: "Read and revoke sessions",
    find: "clerk_list_sessions",
    on: On::Default,
    tools: &TOOLS,
};

static TOOLS: [Tool; 3] = [LIST, GET, REVOKE];

const SESSION_ID: Param = id("session_id", &[Kind::Session], Relation::Target)
    .path()
    .about("The ID of the session, such as sess_2ab….");

const LIST: Tool = rest(
    "clerk_list_sessions",
    "List sessions",
    Route::get("/sessions"),
    "List the sessions of a user or client, newest first. Clerk drops old inactive ones, so this \
     is no full history.",
)
.takes(&[&[
    id("user_id", &[Kind::User], Relation::Filter)
        .filter()
        .about("The user's ID or email address; required without clientId."),
    id("client_id", &[Kind::Client], Relation::Filter)
        .filter()
        .about("Only sessions on this client; required without userId."),
    choice(
        "status",
        &["abandoned", "active", "ended", "expired", "pending", "removed", "replaced", "revoked"],
    )
    .filter()
    .about("Only sessions with this status; without it, all."),
    LIMIT.default(Literal::Integer(10)),
    OFFSET,
]])
.rules(&[Rule::Any(&["user_id", "client_id"])])
.lists("sessions", &SESSION)
// Only so does Clerk tell the total.
.paginated();

const GET: Tool = rest(
    "clerk_get_session",
    "Get session",
    Route::get("/sessions/{session_id}"),
    "Get one session by ID, with its status and expiry.",
)
.takes(&[&[SESSION_ID]])
.returns(&SESSION);

static REVOKED_HERE: Fields = Fields::closed(&[SESSIONS_REVOKED]);

const REVOKE_ROUTE: Route = Route::post("/sessions/{session_id}/revoke");
const REVOKE: Tool = rest(
    "clerk_revoke_session",
    "Revoke session",
    REVOKE_ROUTE,
    "Revoke one session: the user must sign in again on that client. Session tokens already \
     issued stay valid until they expire, within 60 s by default; the user's other sessions go on. \
     Can't be undone.",
)
.effect(Effect::Destroy)
.takes(&[&[SESSION_ID]])
.returns(&SESSION)
.explain(Explain::Session)
.beside(&REVOKED_HERE)
.undo(Undo::Never("The user has to sign in again."))
.verify_with("clerk_get_session")
.composite(|arguments, ctx| revoke_session(arguments, ctx).boxed());

/// Revokes one session.
pub(super) static REVOKE_ONE: &Tool = &TOOLS[2];

/// Clerk takes the call for a session that is over, too, and leaves it as it is.
async fn revoke_session(arguments: Map<String, Value>, ctx: Ctx) -> Result<Output, Error> {
    let mut output = Rest::of(REVOKE_ROUTE).run(REVOKE_ONE, &arguments, &ctx).await?;
    let status = output.record().and_then(|session| session.text("status"));
    let over = status.filter(|status| *status != "revoked").map(str::to_owned);
    output.head.insert("sessionsRevoked".to_owned(), u64::from(over.is_none()).into());
    if let Some(status) = over {
        let note = format!("The session is {status}: there was nothing to revoke.");
        output.notes.push(note);
    }
    Ok(output)
}
