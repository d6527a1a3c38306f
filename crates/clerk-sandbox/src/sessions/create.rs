//! Creating sessions, as nobody signs in here.

use crate::Sandbox;
use crate::body::Fields;
use crate::model::{NewSession, SessionReply};
use crate::query::NoQuery;
use crate::refusal::USER_BANNED;
use crate::reply::{self, Reply};
use crate::state::State;

/// `POST /sessions`
pub(crate) async fn create(
    State(sandbox): State<Sandbox>,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    let user_id = fields.required("user_id");
    let organization_id = fields.text("active_organization_id").value();
    fields.finish()?;
    if store.user(&user_id)?.banned {
        return Err(USER_BANNED.because(format!("User {user_id} is banned.")).into());
    }
    if let Some(organization_id) = &organization_id {
        store.organization_with_id(organization_id)?;
        store.memberships.get(organization_id, &user_id)?;
    }
    let id =
        store.start_session(&user_id, NewSession { organization_id, ..NewSession::default() })?;
    Ok(reply::json(&SessionReply::from(store.sessions.get(&id)?)))
}
