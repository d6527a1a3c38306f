//! Passwords, second factors, passkeys and devices of users.
//! <https://clerk.com/docs/reference/backend-api/tag/users>

use clerk_api::Route;

use super::fields::{DELETED, USER};
use crate::operation::{
    Effect, Entry, Flag,
    param::{flag, text},
    plain,
};

/// The fields of a trusted device.
const TRUSTED_DEVICE: &[&str] = &[
    "id",
    "platform",
    "app_identifier",
    "name",
    "algorithm",
    "status",
    "created_at",
    "updated_at",
    "last_used_at",
    "revoked_at",
];

pub(super) static OPERATIONS: [Entry; 13] = [
    plain(
        "clerk_remove_user_password",
        "Remove user password",
        Route::post("/users/{user_id}/remove_password"),
        "Take a user's password away; other ways to sign in stay. To force a new one use \
         clerk_set_user_password_compromised.",
    )
    .takes(&[flag("sign_out_of_other_sessions")])
    .answers(USER)
    .effect(Effect::Destroy)
    .look("clerk_get_user"),
    plain(
        "clerk_verify_user_password",
        "Verify user password",
        Route::post("/users/{user_id}/verify_password"),
        "Check whether a password is the user's. It signs nobody in; a wrong one is an error.",
    )
    .takes(&[text("password").required().secret()])
    .answers(&["verified"])
    .effect(Effect::Read),
    plain(
        "clerk_verify_user_totp",
        "Verify user TOTP",
        Route::post("/users/{user_id}/verify_totp"),
        "Check a one-time code of a user's authenticator app, or a backup code, which is used up \
         by it.",
    )
    .takes(&[text("code").required().secret().about("What the person got.")])
    .answers(&["verified", "code_type"])
    .look("clerk_get_user"),
    plain(
        "clerk_disable_user_mfa",
        "Disable user MFA",
        Route::delete("/users/{user_id}/mfa"),
        "Turn all second factors of a user off: authenticator app, backup codes and SMS. The \
         user signs in with one factor until it sets them up again.",
    )
    .answers(&["user_id"])
    .look("clerk_get_user"),
    plain(
        "clerk_delete_user_backup_codes",
        "Delete user backup codes",
        Route::delete("/users/{user_id}/backup_code"),
        "Delete all backup codes of a user. Its other second factors stay.",
    )
    .answers(&["user_id"])
    .look("clerk_get_user"),
    plain(
        "clerk_delete_user_totp",
        "Delete user TOTP",
        Route::delete("/users/{user_id}/totp"),
        "Delete a user's authenticator app as a second factor. To turn all second factors off \
         use clerk_disable_user_mfa.",
    )
    .answers(&["user_id"])
    .look("clerk_get_user"),
    plain(
        "clerk_delete_user_passkey",
        "Delete user passkey",
        Route::delete("/users/{user_id}/passkeys/{passkey_identification_id}"),
        "Delete one passkey of a user, who is told by email.",
    )
    .answers(DELETED)
    .look("clerk_get_user")
    .flags(&[Flag::SendsMessage]),
    plain(
        "clerk_delete_user_web3_wallet",
        "Delete user web3 wallet",
        Route::delete("/users/{user_id}/web3_wallets/{web3_wallet_identification_id}"),
        "Take a web3 wallet away from a user, who can no longer sign in with it.",
    )
    .answers(DELETED)
    .look("clerk_get_user"),
    plain(
        "clerk_delete_user_external_account",
        "Delete user external account",
        Route::delete("/users/{user_id}/external_accounts/{external_account_id}"),
        "Unlink a social account from a user, who can no longer sign in with it.",
    )
    .answers(DELETED)
    .look("clerk_get_user"),
    plain(
        "clerk_list_user_trusted_devices",
        "List user trusted devices",
        Route::get("/users/{user_id}/trusted_devices"),
        "List the devices that a user has marked as trusted. Where it is signed in, \
         clerk_list_sessions tells.",
    )
    .rows("trustedDevices")
    .answers(TRUSTED_DEVICE),
    plain(
        "clerk_revoke_user_trusted_device",
        "Revoke user trusted device",
        Route::delete("/users/{user_id}/trusted_devices/{trusted_device_id}"),
        "Stop trusting one device of a user, which must confirm there anew. Sessions go on.",
    )
    .answers(TRUSTED_DEVICE)
    .look("clerk_get_user"),
    plain(
        "clerk_set_user_password_compromised",
        "Set user password compromised",
        Route::post("/users/{user_id}/password/set_compromised"),
        "Mark a user's password as leaked: the next sign-in asks for a new one. Sessions go on \
         unless revokeAllSessions is true.",
    )
    .takes(&[flag("revoke_all_sessions")])
    .answers(USER)
    .effect(Effect::Destroy)
    .look("clerk_get_user")
    .undo("The mark can be taken off."),
    plain(
        "clerk_unset_user_password_compromised",
        "Unset user password compromised",
        Route::post("/users/{user_id}/password/unset_compromised"),
        "Take the mark of a leaked password off a user, who may keep it.",
    )
    .answers(USER)
    .effect(Effect::Update)
    .look("clerk_get_user"),
];
