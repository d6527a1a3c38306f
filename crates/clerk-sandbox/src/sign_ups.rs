//! `/sign_ups`. Every user has one, which is complete.

use crate::Sandbox;
use crate::body::OptionalFields;
use crate::model::SignUp;
use crate::query::{Id, NoQuery};
use crate::refusal::{RESOURCE_NOT_FOUND, Refusal, SIGN_UP_CANNOT_BE_UPDATED};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::store::Store;

/// `GET /sign_ups/{id}`
pub(crate) async fn show(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    Ok(reply::json(&find(&sandbox.read(), &id)?.reply()))
}

/// `PATCH /sign_ups/{id}`
pub(crate) async fn update(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    OptionalFields(mut fields): OptionalFields,
) -> Reply {
    let mut store = sandbox.write();
    let mut sign_up = find(&store, &id)?;
    let external_id = fields.text("external_id");
    let custom_action = fields.flag("custom_action").value();
    fields.finish()?;
    if sign_up.created_user_id.is_some() {
        let sentence = "This sign up has reached a terminal state and cannot be updated";
        return Err(SIGN_UP_CANNOT_BE_UPDATED.because(sentence).into());
    }
    external_id.apply(&mut sign_up.user.external_id);
    sign_up.custom_action = custom_action.unwrap_or(sign_up.custom_action);
    let response = reply::json(&sign_up.reply());
    store.sign_ups.insert(id, sign_up);
    Ok(response)
}

fn find(store: &Store, id: &str) -> Result<SignUp, Refusal> {
    if let Some(sign_up) = store.sign_ups.get(id) {
        return Ok(sign_up.clone());
    }
    let user_id = SignUp::user_id_of(id).unwrap_or_default();
    let user = store.users().get(&user_id).ok_or_else(|| {
        Refusal::from(RESOURCE_NOT_FOUND.because(format!("No sign-up was found with id {id}")))
    })?;
    Ok(SignUp::of_user(id.to_owned(), user))
}
