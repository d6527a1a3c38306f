//! Fields of users.

use super::{
    EMAIL_ADDRESS, ENTERPRISE_ACCOUNT, EXTERNAL_ACCOUNT, ORGANIZATION_MEMBERSHIP, PASSKEY,
    PHONE_NUMBER, PRIMARY_EMAIL_ADDRESS, SAML_ACCOUNT, WEB3_WALLET,
};
use crate::tool::field::{Fields, boolean, code, integer, metadata, object, objects, text, time};

/// What a directory knows of a user.
static SCIM_USER: Fields = Fields::open(&[&[
    code("directory_id"),
    boolean("directory_enabled").standard().about("Whether the directory has them active."),
    code("external_id").about("Its ID in your own system."),
]]);

/// A user.
pub(crate) static USER: Fields = Fields::open(&[&[
    code("id").identity(),
    code("object"),
    code("external_id").about("Its ID in your own system."),
    PRIMARY_EMAIL_ADDRESS,
    code("primary_email_address_id").full().about("Which of the email addresses is primary."),
    code("primary_phone_number_id").full().about("Which of the phone numbers is primary."),
    code("primary_web3_wallet_id").full().about("Which of the wallets is primary."),
    text("username"),
    text("first_name"),
    text("last_name"),
    code("locale"),
    code("timezone").about("Such as Europe/Berlin."),
    code("profile_image_url").about("Deprecated by Clerk: use imageUrl."),
    code("image_url").full().about("Its image; a generated one if none was uploaded."),
    boolean("has_image").full().about("Whether it is an uploaded image and not a generated one."),
    metadata("public_metadata").about("Readable from the frontend, written by backends."),
    metadata("private_metadata").about("Readable and written by backends only."),
    metadata("unsafe_metadata")
        .about("Readable and written from the frontend: the user may have set it."),
    objects("email_addresses", &EMAIL_ADDRESS),
    objects("phone_numbers", &PHONE_NUMBER),
    objects("web3_wallets", &WEB3_WALLET),
    objects("passkeys", &PASSKEY),
    boolean("password_enabled").standard().about("Whether there is a password."),
    boolean("two_factor_enabled").about("Whether any second factor is set up."),
    boolean("totp_enabled").standard().about("Whether an authenticator app is set up."),
    boolean("backup_code_enabled").standard().about("Whether backup codes are set up."),
    time("mfa_enabled_at").about("When a second factor was set up."),
    time("mfa_disabled_at").about("When the last second factor was taken away."),
    time("password_last_updated_at").about("When the password was last set."),
    objects("external_accounts", &EXTERNAL_ACCOUNT),
    objects("saml_accounts", &SAML_ACCOUNT),
    objects("enterprise_accounts", &ENTERPRISE_ACCOUNT),
    objects("organization_memberships", &ORGANIZATION_MEMBERSHIP),
    time("last_sign_in_at")
        .unless("last_active_at")
        .about("When they last signed in; null if never."),
    boolean("banned").about("Whether they are barred until the ban is lifted."),
    boolean("locked")
        .about("Whether they can't sign in for a while, after failed tries or by an admin."),
    boolean("deprovisioned").about("Whether a directory has taken the access away."),
    integer("lockout_expires_in_seconds")
        .about("Seconds until they can sign in again; null if not locked."),
    integer("verification_attempts_remaining").about("How many tries are left before a lock."),
    time("updated_at").standard(),
    time("created_at"),
    boolean("delete_self_enabled").standard().about("Whether they may delete their own account."),
    boolean("create_organization_enabled")
        .standard()
        .about("Whether they may create organizations."),
    integer("create_organizations_limit")
        .about("How many organizations they may create; 0 is unlimited."),
    time("last_active_at")
        .about("When it was last active, to about a day for users; null if never."),
    time("legal_accepted_at").about("When they accepted the terms; null if never."),
    boolean("bypass_client_trust").about("Whether sign-ins on unknown devices are not checked."),
    object("scim", &SCIM_USER)
        .about("What the directory knows of the user; null if they are in none."),
]])
.person();
