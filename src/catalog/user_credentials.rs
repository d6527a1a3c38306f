//! Passwords, second factors, passkeys and biometric credentials of users.
//! <https://clerk.com/docs/reference/backend-api/tag/users>

mod fields;

use clerk_api::Route;

use self::fields::{BIOMETRIC_CREDENTIAL, FACTORS_REMOVED, PASSWORD_CHECK, TOTP_CHECK};
use super::{
    On, Toolset,
    fields::{DELETED, USER},
    params::USER_ID,
};
use crate::tool::{
    Effect, Flag, REMOVED, Tool,
    kind::Kind,
    param::{Relation, boolean, id, text},
    rest,
    undo::{Source, Undo},
};

static TOOLS: [Tool; 13] = [
    rest(
        "clerk_remove_user_password",
        "Remove user password",
        Route::post("/users/{user_id}/remove_password"),
        "Remove a user's password; other ways to sign in stay. To force a new one use \
         clerk_set_user_password_compromised.",
    )
    .takes(&[&[
        USER_ID,
        boolean("sign_out_of_other_sessions")
            .about("Whether all active sessions of the user end, too; default false."),
    ]])
    .returns(&USER)
    .effect(Effect::Destroy)
    .beside(&REMOVED)
    .undo(Undo::Never("The user has to set a new password."))
    .verify_with("clerk_get_user"),
    rest(
        "clerk_verify_user_password",
        "Verify user password",
        Route::post("/users/{user_id}/verify_password"),
        "Check whether a password is the user's. It signs nobody in; a wrong one is an error. It \
         counts as a write, because each call can be a guess.",
    )
    .takes(&[&[
        USER_ID,
        text("password").required().secret().about("The password to check against the user's."),
    ]])
    .returns(&PASSWORD_CHECK)
    .effect(Effect::Update)
    .verify_with("clerk_get_user")
    .flags(&[Flag::ChecksSecret]),
    rest(
        "clerk_verify_user_totp",
        "Verify user TOTP",
        Route::post("/users/{user_id}/verify_totp"),
        "Check a one-time code of a user's authenticator app, or a backup code, which is used up \
         by it.",
    )
    .takes(&[&[
        USER_ID,
        text("code")
            .required()
            .secret()
            .about("The code that the authenticator app shows, or a backup code."),
    ]])
    .returns(&TOTP_CHECK)
    .undo(Undo::Never("A backup code that was right is used up."))
    .verify_with("clerk_get_user")
    .flags(&[Flag::ChecksSecret]),
    rest(
        "clerk_disable_user_mfa",
        "Disable user MFA",
        Route::delete("/users/{user_id}/mfa"),
        "Turn all second factors of a user off: authenticator app, backup codes and SMS. The \
         user signs in with one factor until they set them up again.",
    )
    .takes(&[&[USER_ID]])
    .returns(&FACTORS_REMOVED)
    .undo(Undo::Never("The user has to set up their second factors again."))
    .verify_with("clerk_get_user"),
    rest(
        "clerk_delete_user_backup_codes",
        "Delete user backup codes",
        Route::delete("/users/{user_id}/backup_code"),
        "Delete all backup codes of a user. Their other second factors stay.",
    )
    .takes(&[&[USER_ID]])
    .returns(&FACTORS_REMOVED)
    .beside(&REMOVED)
    .undo(Undo::Never("The user has to create new backup codes."))
    .verify_with("clerk_get_user"),
    rest(
        "clerk_delete_user_totp",
        "Delete user TOTP",
        Route::delete("/users/{user_id}/totp"),
        "Delete a user's authenticator app as a second factor. To turn all second factors off use \
         clerk_disable_user_mfa.",
    )
    .takes(&[&[USER_ID]])
    .returns(&FACTORS_REMOVED)
    .beside(&REMOVED)
    .undo(Undo::Never("The user has to set up their authenticator app again."))
    .verify_with("clerk_get_user"),
    rest(
        "clerk_delete_user_passkey",
        "Delete user passkey",
        Route::delete("/users/{user_id}/passkeys/{passkey_identification_id}"),
        "Delete one passkey of a user. Clerk notifies the user by email.",
    )
    .takes(&[&[
        USER_ID,
        id("passkey_identification_id", &[Kind::Passkey], Relation::Target)
            .path()
            .about("The ID of the passkey to delete."),
    ]])
    .returns(&DELETED)
    .undo(Undo::Never("The user has to add a passkey again."))
    .verify_with("clerk_get_user")
    .flags(&[Flag::SendsMessage]),
    rest(
        "clerk_delete_user_web3_wallet",
        "Delete user web3 wallet",
        Route::delete("/users/{user_id}/web3_wallets/{web3_wallet_identification_id}"),
        "Delete a web3 wallet of a user, who can no longer sign in with it.",
    )
    .takes(&[&[
        USER_ID,
        id("web3_wallet_identification_id", &[Kind::Web3Wallet], Relation::Target)
            .path()
            .about("The ID of the wallet, not its address."),
    ]])
    .returns(&DELETED)
    .undo(Undo::Never("The user has to connect the wallet again."))
    .verify_with("clerk_get_user"),
    rest(
        "clerk_delete_user_external_account",
        "Delete user external account",
        Route::delete("/users/{user_id}/external_accounts/{external_account_id}"),
        "Unlink a social account from a user, who can no longer sign in with it.",
    )
    .takes(&[&[
        USER_ID,
        id("external_account_id", &[Kind::ExternalAccount], Relation::Target)
            .path()
            .about("The ID of the social account to unlink."),
    ]])
    .returns(&DELETED)
    .undo(Undo::Never("The user has to connect the account again."))
    .verify_with("clerk_get_user"),
    rest(
        "clerk_list_user_biometric_credentials",
        "List user biometric credentials",
        Route::get("/users/{user_id}/biometric_credentials"),
        "List the devices on which a user signs in to your app by fingerprint or face, once called \
         trusted devices; active ones only. For their sessions, use clerk_list_sessions.",
    )
    .older(Route::get("/users/{user_id}/trusted_devices"))
    .takes(&[&[USER_ID]])
    .lists("biometricCredentials", &BIOMETRIC_CREDENTIAL),
    rest(
        "clerk_revoke_user_biometric_credential",
        "Revoke user biometric credential",
        Route::delete("/users/{user_id}/biometric_credentials/{biometric_credential_id}"),
        "Revoke the biometric credential of a user on one device, once called a trusted device: \
         they must sign in there in another way and set it up anew. Sessions go on.",
    )
    .older(Route::delete("/users/{user_id}/trusted_devices/{biometric_credential_id}"))
    .takes(&[&[
        USER_ID,
        id("biometric_credential_id", &[Kind::BiometricCredential], Relation::Target)
            .path()
            .about("The ID of the biometric credential to revoke."),
    ]])
    .returns(&BIOMETRIC_CREDENTIAL)
    .undo(Undo::Never("The user has to set it up on the device again."))
    .verify_with("clerk_list_user_biometric_credentials"),
    rest(
        "clerk_set_user_password_compromised",
        "Set user password compromised",
        Route::post("/users/{user_id}/password/set_compromised"),
        "Mark a user's password as compromised: the next sign-in asks for a new one. Sessions go \
         on \
         unless revokeAllSessions is true.",
    )
    .takes(&[&[
        USER_ID,
        boolean("revoke_all_sessions").about("Whether all sessions of the user end, too."),
    ]])
    .returns(&USER)
    .effect(Effect::Destroy)
    .undo(
        Undo::by(
            "clerk_unset_user_password_compromised",
            &[("user_id", Source::Argument("user_id"))],
        )
        .but("Sessions that it ended don't come back."),
    )
    .verify_with("clerk_get_user"),
    rest(
        "clerk_unset_user_password_compromised",
        "Unset user password compromised",
        Route::post("/users/{user_id}/password/unset_compromised"),
        "Clear a user's compromised-password flag, so that they can keep the password.",
    )
    .takes(&[&[USER_ID]])
    .returns(&USER)
    .effect(Effect::Update)
    .undo(Undo::by(
        "clerk_set_user_password_compromised",
        &[("user_id", Source::Argument("user_id"))],
    ))
    .verify_with("clerk_get_user"),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "user_credentials",
    about: "Users' passwords, second factors, passkeys and biometric credentials",
    find: "clerk_list_user_biometric_credentials",
    on: On::Chosen,
    tools: &TOOLS,
};
