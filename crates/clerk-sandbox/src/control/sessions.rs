//! `/sandbox/sessions`: what users do while they are signed in.

use crate::Sandbox;
use crate::body::OptionalFields;
use crate::model::{SessionReply, Status};
use crate::query::{Id, NoQuery};
use crate::reply::{self, Reply};
use crate::state::State;

/// `POST /sandbox/sessions/{id}/touch`: the user is active, perhaps in another organization.
pub(crate) async fn touch(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    OptionalFields(mut fields): OptionalFields,
) -> Reply {
    let organization = fields.text("organization_id");
    fields.finish()?;
    let mut store = sandbox.write();
    Ok(reply::json(&SessionReply::from(store.touch_session(&id, organization)?)))
}

/// `POST /sandbox/sessions/{id}/sign_out`: the user signs out on this client.
pub(crate) async fn sign_out(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    end(&sandbox, &id, Status::Removed)
}

/// `POST /sandbox/sessions/{id}/end`: the user ends the session, but stays on the client.
pub(crate) async fn finish(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    end(&sandbox, &id, Status::Ended)
}

/// `POST /sandbox/sessions/{id}/idle`: the user was idle for so long that the session is abandoned.
pub(crate) async fn idle(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    end(&sandbox, &id, Status::Abandoned)
}

fn end(sandbox: &Sandbox, id: &str, status: Status) -> Reply {
    let mut store = sandbox.write();
    Ok(reply::json(&SessionReply::from(store.end_session(id, status)?)))
}
