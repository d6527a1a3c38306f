//! Fields of users.

use super::{
    EMAIL_ADDRESS, ENTERPRISE_ACCOUNT, EXTERNAL_ACCOUNT, ORGANIZATION_MEMBERSHIP, PASSKEY,
    PHONE_NUMBER, SAML_ACCOUNT, WEB3_WALLET,
};
use crate::tool::field::{Fields, boolean, code, integer, metadata, object, objects, text, time};

/// What a directory knows of a user.
static SCIM_USER: Fields = Fields::open(&[&[
    code("directory_id"),
    boolean("directory_enabled").standard(),
    code("external_id"),
]]);

/// A user.
pub(crate) static USER: Fields = Fields::open(&[&[
    code("id").identity(),
    code("object"),
    code("external_id"),
    code("primary_email_address_id").full(),
    code("primary_phone_number_id").full(),
    code("primary_web3_wallet_id").full(),
    text("username"),
    text("first_name"),
    text("last_name"),
    code("locale"),
    code("profile_image_url"),
    code("image_url").full(),
    boolean("has_image").full(),
    metadata("public_metadata"),
    metadata("private_metadata"),
    metadata("unsafe_metadata"),
    objects("email_addresses", &EMAIL_ADDRESS),
    objects("phone_numbers", &PHONE_NUMBER),
    objects("web3_wallets", &WEB3_WALLET),
    objects("passkeys", &PASSKEY),
    boolean("password_enabled").standard(),
    boolean("two_factor_enabled"),
    boolean("totp_enabled").standard(),
    boolean("backup_code_enabled").standard(),
    time("mfa_enabled_at"),
    time("mfa_disabled_at"),
    time("password_last_updated_at"),
    objects("external_accounts", &EXTERNAL_ACCOUNT),
    objects("saml_accounts", &SAML_ACCOUNT),
    objects("enterprise_accounts", &ENTERPRISE_ACCOUNT),
    objects("organization_memberships", &ORGANIZATION_MEMBERSHIP),
    time("last_sign_in_at").unless("last_active_at"),
    boolean("banned"),
    boolean("locked"),
    boolean("deprovisioned"),
    integer("lockout_expires_in_seconds"),
    integer("verification_attempts_remaining"),
    time("updated_at").standard(),
    time("created_at"),
    boolean("delete_self_enabled").standard(),
    boolean("create_organization_enabled").standard(),
    integer("create_organizations_limit"),
    time("last_active_at"),
    time("legal_accepted_at"),
    boolean("bypass_client_trust"),
    object("scim", &SCIM_USER),
]])
.person();
