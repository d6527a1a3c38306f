//! Verifying addresses and numbers with a code.

use super::{Owned, find, of_user, owner};
use crate::Sandbox;
use crate::body::Fields;
use crate::model::{SentCode, Verification};
use crate::query::{Id, NoQuery};
use crate::refusal::{RESOURCE_NOT_FOUND, VERIFICATION_ALREADY_VERIFIED};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::store::SentNow;

/// After so many wrong codes the verification has failed.
const MAX_ATTEMPTS: u64 = 3;

/// `POST /email_addresses/{id}/prepare_verification`, `POST /phone_numbers/{id}/…`
pub(crate) async fn prepare<T: Owned>(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
) -> Reply {
    let mut store = sandbox.write();
    let user_id = owner::<T>(&store, &id)?;
    let to = find::<T>(&mut store, &user_id, &id)?.value().to_owned();
    let SentNow { code, expires_at: expire_at, .. } =
        store.send_code(T::SENT_BY, &to, Some(&user_id), "user", sandbox.is_live());
    let sent = SentCode {
        object: "verification_otp",
        id: store.id("ver"),
        status: "unverified",
        strategy: T::STRATEGY,
        attempts: 0,
        expire_at,
        channel: T::CHANNEL,
        identifier_id: id,
        code,
    };
    let response = reply::json(&sent);
    store.sent_codes.insert(sent.id.clone(), sent);
    Ok(response)
}

/// `POST /email_addresses/{id}/attempt_verification`, `POST /phone_numbers/{id}/…`. A wrong code is
/// no error: the status says what came of it.
pub(crate) async fn attempt<T: Owned>(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let mut store = sandbox.write();
    let user_id = owner::<T>(&store, &id)?;
    let verification_id = fields.required("verification_id");
    let code = fields.required("code");
    fields.finish()?;
    let now = store.now();
    let sent = store.sent_codes.get_mut(&verification_id);
    let Some(sent) = sent.filter(|sent| sent.identifier_id == id) else {
        let sentence = format!("No verification was found with id {verification_id}");
        return Err(RESOURCE_NOT_FOUND.at("verification_id", sentence).into());
    };
    if sent.status == "verified" {
        let sentence = "This verification has already been verified.";
        return Err(VERIFICATION_ALREADY_VERIFIED.because(sentence).into());
    }
    sent.attempts += 1;
    sent.status = if sent.status == "failed" || (code != sent.code && sent.attempts >= MAX_ATTEMPTS)
    {
        "failed"
    } else if now > sent.expire_at {
        "expired"
    } else if code == sent.code {
        "verified"
    } else {
        "unverified"
    };
    let sent = sent.clone();
    let response = reply::json(&sent);
    let identifier = find::<T>(&mut store, &user_id, &id)?;
    let verification = identifier.parts().verification;
    if sent.status != "verified" || Verification::is_verified(verification.as_ref()) {
        return Ok(response);
    }
    *verification = Some(Verification::by_code(T::STRATEGY, sent.expire_at));
    *identifier.parts().updated_at = now;
    store.user_mut(&user_id)?.updated_at = now;
    Ok(of_user(response, user_id))
}
