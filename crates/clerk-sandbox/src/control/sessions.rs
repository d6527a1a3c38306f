//! `/sandbox/sessions`: what users do while they are signed in.

use crate::Sandbox;
use crate::body::{Fields, OptionalFields};
use crate::identifiers;
use crate::model::{EmailAddress, Password, SessionReply, Status, UserReply};
use crate::query::{Id, NoQuery};
use crate::refusal::{RESOURCE_NOT_FOUND, Refusal};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::store::Store;

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

/// `POST /sandbox/sessions/{id}/email_addresses`: the user adds an address and enters its code. It
/// takes the fields of Clerk's operation.
pub(crate) async fn add_email_address(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    let user_id = user_of(&store, &id)?;
    let is_primary = fields.flag("primary").value() == Some(true);
    fields.give("primary", is_primary);
    fields.give("verified", true);
    let email = fields.text_of("email_address").unwrap_or_default().to_lowercase();
    let response = identifiers::add::<EmailAddress>(&mut store, &user_id, fields)?;
    let made = store.user(&user_id)?.email_addresses.iter().find(|one| one.address == email);
    let mut about = serde_json::to_value(made).unwrap_or_default();
    if let Some(about) = about.as_object_mut() {
        about.insert("user_id".to_owned(), user_id.clone().into());
    }
    store.log("email_address.created", &about);
    store.user_happened("user.updated", &user_id);
    if is_primary {
        store.log_user("user.updated", &user_id);
    }
    Ok(response)
}

/// `POST /sandbox/sessions/{id}/password`: the user sets another `password`.
pub(crate) async fn change_password(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    let user_id = user_of(&store, &id)?;
    let password = fields.required("password");
    let sign_out = fields.flag("sign_out_of_other_sessions").value() == Some(true);
    fields.finish()?;
    let now = store.now();
    let user = store.user_mut(&user_id)?;
    user.set_password(Password::Plain(password.into()), now);
    user.updated_at = now;
    store.log_user("user.password.changed", &user_id);
    store.user_happened("user.updated", &user_id);
    let others = store.sessions.of_user(&user_id).iter().filter(|other| other.id != id);
    let others: Vec<_> = others.map(|other| other.id.clone()).collect();
    for other in others.into_iter().filter(|_| sign_out) {
        store.end_session(&other, Status::Revoked)?;
    }
    Ok(reply::json(&UserReply::at(store.user(&user_id)?, store.time())))
}

/// The user of a session that isn't over.
fn user_of(store: &Store, id: &str) -> Result<String, Refusal> {
    let session = store.sessions.get(id)?;
    if session.status.is_alive() {
        return Ok(session.user_id.clone());
    }
    Err(RESOURCE_NOT_FOUND.because("The session is over.").into())
}

fn end(sandbox: &Sandbox, id: &str, status: Status) -> Reply {
    let mut store = sandbox.write();
    Ok(reply::json(&SessionReply::from(store.end_session(id, status)?)))
}
