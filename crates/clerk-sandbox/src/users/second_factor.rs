//! What users sign in with beside a password.

use serde_json::json;

use crate::Sandbox;
use crate::body::Fields;
use crate::model::User;
use crate::query::{Id, NoQuery};
use crate::refusal::{TOTP_DISABLED, TOTP_INCORRECT_CODE, TOTP_INVALID_LENGTH};
use crate::reply::{self, ChangedUser, Reply};
use crate::state::State;
use crate::totp;

/// `POST /users/{user_id}/verify_totp`, which takes a backup code too, and uses it up.
pub(crate) async fn verify_totp(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    store.user(&id)?;
    let code = fields.required("code");
    fields.finish()?;
    let now = store.now();
    let user = store.user_mut(&id)?;
    if !user.totp_enabled && !user.backup_code_enabled {
        let sentence = "This user does not have TOTP enabled in their account";
        return Err(TOTP_DISABLED.because(sentence).into());
    }
    match user.accept_code(&code, now) {
        Some(code_type) => Ok(reply::json(&json!({ "verified": true, "code_type": code_type }))),
        None if code.len() != totp::DIGITS => {
            let sentence = "The provided TOTP code must be 6 characters long.";
            Err(TOTP_INVALID_LENGTH.at("code", sentence).into())
        }
        None => Err(TOTP_INCORRECT_CODE.at("code", "The provided TOTP code is incorrect").into()),
    }
}

/// `DELETE /users/{user_id}/mfa`
pub(crate) async fn disable_mfa(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    remove(&sandbox, id, User::disable_mfa)
}

/// `DELETE /users/{user_id}/totp`
pub(crate) async fn delete_totp(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    remove(&sandbox, id, User::remove_totp)
}

/// `DELETE /users/{user_id}/backup_code`
pub(crate) async fn delete_backup_codes(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
) -> Reply {
    remove(&sandbox, id, User::remove_backup_codes)
}

fn remove(sandbox: &Sandbox, id: String, remove: fn(&mut User, i64)) -> Reply {
    let mut store = sandbox.write();
    let now = store.now();
    remove(store.user_mut(&id)?, now);
    let mut response = reply::json(&json!({ "user_id": id }));
    response.extensions_mut().insert(ChangedUser(id));
    Ok(response)
}
