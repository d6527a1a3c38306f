//! Fields of what a user signs in with: addresses, numbers, wallets, passkeys, accounts elsewhere.

use crate::tool::field::{
    Fields, any, boolean, code, codes, integer, metadata, object, objects, text, time,
};

/// A verification error.
static VERIFICATION_ERROR: Fields =
    Fields::open(&[&[text("message"), text("long_message"), code("code"), any("meta")]]);

/// An email address verification.
static EMAIL_ADDRESS_VERIFICATION: Fields = Fields::open(&[&[
    code("object"),
    code("status").concise(),
    code("strategy"),
    integer("attempts"),
    time("expire_at"),
    code("channel"),
    code("verified_at_client"),
    object("error", &VERIFICATION_ERROR),
    code("external_verification_redirect_url").secret(),
]]);

/// An identification link.
static IDENTIFICATION_LINK: Fields = Fields::open(&[&[code("type"), code("id").identity()]]);

/// An email address.
pub(crate) static EMAIL_ADDRESS: Fields = Fields::open(&[&[
    code("id").identity(),
    code("object"),
    code("email_address"),
    boolean("reserved"),
    object("verification", &EMAIL_ADDRESS_VERIFICATION),
    objects("linked_to", &IDENTIFICATION_LINK),
    boolean("matches_sso_connection"),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// A verification.
pub(crate) static VERIFICATION: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("status").concise(),
    code("strategy"),
    integer("attempts"),
    time("expire_at"),
    code("channel"),
]]);

/// A phone number verification.
static PHONE_NUMBER_VERIFICATION: Fields = Fields::open(&[&[
    code("object"),
    code("status").concise(),
    code("strategy"),
    integer("attempts"),
    time("expire_at"),
    code("channel"),
    code("verified_at_client"),
]]);

/// A phone number.
pub(crate) static PHONE_NUMBER: Fields = Fields::open(&[&[
    code("id").identity(),
    code("object"),
    code("phone_number"),
    boolean("reserved_for_second_factor"),
    boolean("default_second_factor"),
    boolean("reserved"),
    object("verification", &PHONE_NUMBER_VERIFICATION),
    objects("linked_to", &IDENTIFICATION_LINK),
    codes("backup_codes").secret(),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// A web3 wallet verification.
static WEB3_WALLET_VERIFICATION: Fields = Fields::open(&[&[
    code("object"),
    code("status").concise(),
    code("strategy"),
    code("nonce"),
    text("message"),
    integer("attempts"),
    time("expire_at"),
    code("verified_at_client"),
]]);

/// A web3 wallet.
pub(crate) static WEB3_WALLET: Fields = Fields::open(&[&[
    code("id").identity(),
    code("object"),
    code("web3_wallet"),
    object("verification", &WEB3_WALLET_VERIFICATION),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// A passkey verification.
static PASSKEY_VERIFICATION: Fields = Fields::open(&[&[
    code("object"),
    code("status").concise(),
    code("strategy"),
    code("nonce"),
    text("message"),
    integer("attempts"),
    time("expire_at"),
    code("verified_at_client"),
]]);

/// A passkey.
pub(crate) static PASSKEY: Fields = Fields::open(&[&[
    code("id").identity(),
    code("object"),
    text("name").concise(),
    time("last_used_at"),
    object("verification", &PASSKEY_VERIFICATION),
]]);

/// An external account verification.
static EXTERNAL_ACCOUNT_VERIFICATION: Fields = Fields::open(&[&[
    code("object"),
    code("status").concise(),
    code("strategy"),
    code("external_verification_redirect_url").secret(),
    object("error", &VERIFICATION_ERROR),
    time("expire_at"),
    integer("attempts"),
    code("verified_at_client"),
]]);

/// An external account.
pub(crate) static EXTERNAL_ACCOUNT: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("provider"),
    code("identification_id"),
    code("provider_user_id"),
    code("approved_scopes"),
    code("email_address"),
    boolean("email_address_verified"),
    text("first_name"),
    text("last_name"),
    code("avatar_url"),
    code("image_url").full(),
    text("username"),
    code("phone_number"),
    metadata("public_metadata"),
    text("label"),
    time("created_at"),
    time("updated_at").standard(),
    object("verification", &EXTERNAL_ACCOUNT_VERIFICATION),
]]);

/// An SAML account connection.
static SAML_ACCOUNT_CONNECTION: Fields = Fields::open(&[&[
    code("id").identity(),
    text("name").concise(),
    code("domain"),
    codes("domains"),
    boolean("active"),
    code("provider"),
    boolean("sync_user_attributes"),
    boolean("allow_subdomains"),
    boolean("allow_idp_initiated"),
    boolean("disable_additional_identifications"),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// An SAML account.
pub(crate) static SAML_ACCOUNT: Fields = Fields::open(&[&[
    code("id").identity(),
    code("object"),
    code("provider"),
    boolean("active"),
    code("email_address"),
    text("first_name"),
    text("last_name"),
    code("provider_user_id"),
    time("last_authenticated_at"),
    metadata("public_metadata"),
    object("verification", &EXTERNAL_ACCOUNT_VERIFICATION),
    object("saml_connection", &SAML_ACCOUNT_CONNECTION),
]]);

/// An enterprise account verification.
static ENTERPRISE_ACCOUNT_VERIFICATION: Fields = Fields::open(&[&[
    code("object"),
    code("status").concise(),
    code("strategy"),
    integer("attempts"),
    time("expire_at"),
    code("verified_at_client"),
    code("external_verification_redirect_url").secret(),
    object("error", &VERIFICATION_ERROR),
]]);

/// An enterprise account connection.
static ENTERPRISE_ACCOUNT_CONNECTION: Fields = Fields::open(&[&[
    code("id").identity(),
    code("protocol"),
    code("provider"),
    text("name").concise(),
    code("logo_public_url"),
    code("domain"),
    codes("domains"),
    boolean("active"),
    boolean("sync_user_attributes"),
    boolean("allow_subdomains"),
    boolean("allow_idp_initiated"),
    boolean("disable_additional_identifications"),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// An enterprise account.
pub(crate) static ENTERPRISE_ACCOUNT: Fields = Fields::open(&[&[
    code("id").identity(),
    code("object"),
    code("protocol"),
    code("provider"),
    boolean("active"),
    code("email_address"),
    text("first_name"),
    text("last_name"),
    code("provider_user_id"),
    code("enterprise_connection_id"),
    metadata("public_metadata"),
    object("verification", &ENTERPRISE_ACCOUNT_VERIFICATION),
    object("enterprise_connection", &ENTERPRISE_ACCOUNT_CONNECTION),
    time("last_authenticated_at"),
]]);
