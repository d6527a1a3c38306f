//! Passkeys, wallets, accounts elsewhere and trusted devices of users.

use serde_json::json;

use crate::Sandbox;
use crate::model::{TrustedDevice, User, Verification};
use crate::query::{Id, NoQuery, TwoIds};
use crate::refusal::{EXTERNAL_ACCOUNT_NOT_FOUND, RESOURCE_NOT_FOUND, Refusal};
use crate::reply::{self, ChangedUser, Paginated, Reply};
use crate::state::State;

/// `DELETE /users/{user_id}/passkeys/{passkey_identification_id}`
pub(crate) async fn delete_passkey(
    State(sandbox): State<Sandbox>,
    ids: TwoIds,
    _: NoQuery,
) -> Reply {
    delete(&sandbox, ids, "passkey", not_found, |user, id| {
        remove(&mut user.passkeys, |passkey| passkey.id == id)
    })
}

/// `DELETE /users/{user_id}/web3_wallets/{web3_wallet_identification_id}`
pub(crate) async fn delete_web3_wallet(
    State(sandbox): State<Sandbox>,
    ids: TwoIds,
    _: NoQuery,
) -> Reply {
    delete(&sandbox, ids, "web3_wallet", not_found, |user, id| {
        let is_gone = remove(&mut user.web3_wallets, |wallet| wallet.id == id);
        if user.primary_web3_wallet_id.as_deref() == Some(id) {
            let mut others = user.web3_wallets.iter();
            let next = others.find(|one| Verification::is_verified(one.verification.as_ref()));
            user.primary_web3_wallet_id = next.map(|wallet| wallet.id.clone());
        }
        is_gone
    })
}

/// `DELETE /users/{user_id}/external_accounts/{external_account_id}`
pub(crate) async fn delete_external_account(
    State(sandbox): State<Sandbox>,
    ids: TwoIds,
    _: NoQuery,
) -> Reply {
    let missing =
        || EXTERNAL_ACCOUNT_NOT_FOUND.because("The External Account was not found.").into();
    delete(&sandbox, ids, "external_account", missing, |user, id| {
        let accounts = user.external_accounts.iter();
        let links: Vec<_> = accounts
            .filter(|account| account.id == id)
            .map(|account| account.identification_id.clone())
            .collect();
        for email in &mut user.email_addresses {
            email.linked_to.retain(|link| !links.contains(&link.id));
        }
        remove(&mut user.external_accounts, |account| account.id == id)
    })
}

/// `GET /users/{user_id}/trusted_devices` and, as it is called now, `…/biometric_credentials`
pub(crate) async fn list_trusted_devices(
    State(sandbox): State<Sandbox>,
    Id(id): Id,
    _: NoQuery,
) -> Reply {
    let store = sandbox.read();
    let devices = store.user(&id)?.trusted_devices.iter();
    let data: Vec<_> = devices.filter(|device| device.is_active()).collect();
    let total_count = data.len();
    Ok(reply::json(&Paginated { data, total_count }))
}

/// `DELETE /users/{user_id}/trusted_devices/{trusted_device_id}`
pub(crate) async fn revoke_trusted_device(
    State(sandbox): State<Sandbox>,
    TwoIds(user_id, id): TwoIds,
    _: NoQuery,
) -> Reply {
    let mut store = sandbox.write();
    let now = store.now();
    let devices = store.user_mut(&user_id)?.trusted_devices.iter_mut();
    let mut active = devices.filter(|device| TrustedDevice::is_active(device));
    let device = active.find(|device| device.id == id).ok_or_else(not_found)?;
    device.revoke(now);
    let response = reply::json(&*device);
    store.log("user.trusted_device.revoked", &json!({ "id": id, "user_id": user_id }));
    Ok(response)
}

/// Deletes one thing of a user; `remove` returns whether it was there.
fn delete(
    sandbox: &Sandbox,
    TwoIds(user_id, id): TwoIds,
    object: &str,
    missing: impl FnOnce() -> Refusal,
    remove: impl FnOnce(&mut User, &str) -> bool,
) -> Reply {
    let mut store = sandbox.write();
    let now = store.now();
    let user = store.user_mut(&user_id)?;
    if !remove(user, &id) {
        return Err(missing());
    }
    user.updated_at = now;
    let mut response = reply::deleted(object, &id);
    response.extensions_mut().insert(ChangedUser(user_id));
    Ok(response)
}

fn remove<T>(items: &mut Vec<T>, is_it: impl Fn(&T) -> bool) -> bool {
    let before = items.len();
    items.retain(|item| !is_it(item));
    items.len() < before
}

fn not_found() -> Refusal {
    RESOURCE_NOT_FOUND.because("Resource not found").into()
}
