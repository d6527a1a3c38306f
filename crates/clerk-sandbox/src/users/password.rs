//! Users' passwords.

use serde_json::json;

use crate::Sandbox;
use crate::body::{Fields, OptionalFields};
use crate::model::{PasswordCheck, UserReply};
use crate::query::{Id, NoQuery};
use crate::refusal::{INCORRECT_PASSWORD, NO_PASSWORD_SET, Refusal, SANDBOX_NOT_SUPPORTED};
use crate::reply::{self, ChangedUser, Reply};
use crate::state::State;

/// `POST /users/{user_id}/verify_password`
pub(crate) async fn verify_password(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let store = sandbox.read();
    let user = store.user(&id)?;
    let password = fields.required("password");
    fields.finish()?;
    match user.check_password(&password) {
        PasswordCheck::Right => Ok(reply::json(&json!({ "verified": true }))),
        PasswordCheck::NotSet => Err(none_set()),
        PasswordCheck::Wrong => {
            let sentence = "The provided password is not the one the user has set";
            Err(INCORRECT_PASSWORD.at("password", sentence).into())
        }
        PasswordCheck::Unsupported(hasher) => {
            let sentence = format!("The sandbox can't verify a password hashed with {hasher}.");
            Err(SANDBOX_NOT_SUPPORTED.because(sentence).into())
        }
    }
}

/// `POST /users/{user_id}/remove_password`. A user without one stays as they are.
pub(crate) async fn remove_password(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    OptionalFields(mut fields): OptionalFields,
) -> Reply {
    let mut store = sandbox.write();
    store.user(&id)?;
    let sign_out = fields.flag("sign_out_of_other_sessions").value() == Some(true);
    fields.finish()?;
    let now = store.now();
    let user = store.user_mut(&id)?;
    let had_one = user.password_enabled;
    if had_one {
        user.remove_password(now);
    }
    if sign_out {
        store.revoke_sessions_of(&id, now);
    }
    let mut response = reply::json(&UserReply::at(store.user(&id)?, now));
    if had_one {
        response.extensions_mut().insert(ChangedUser(id));
    }
    Ok(response)
}

/// `POST /users/{user_id}/password/set_compromised`
pub(crate) async fn set_compromised(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    OptionalFields(mut fields): OptionalFields,
) -> Reply {
    let sign_out = fields.flag("revoke_all_sessions").value() == Some(true);
    fields.finish()?;
    compromise(&sandbox, id, true, sign_out)
}

/// `POST /users/{user_id}/password/unset_compromised`
pub(crate) async fn unset_compromised(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
) -> Reply {
    compromise(&sandbox, id, false, false)
}

fn compromise(sandbox: &Sandbox, id: String, is_compromised: bool, sign_out: bool) -> Reply {
    let mut store = sandbox.write();
    let now = store.now();
    let user = store.user_mut(&id)?;
    if !user.password_enabled {
        return Err(none_set());
    }
    if user.credentials().is_compromised != is_compromised {
        user.credentials().is_compromised = is_compromised;
        user.updated_at = now;
    }
    if sign_out {
        store.revoke_sessions_of(&id, now);
    }
    let mut response = reply::json(&UserReply::at(store.user(&id)?, now));
    response.extensions_mut().insert(ChangedUser(id));
    Ok(response)
}

fn none_set() -> Refusal {
    NO_PASSWORD_SET.because("This user does not have a password set for their account").into()
}
