//! Fields of what a user signs in with: addresses, numbers, wallets, passkeys, accounts elsewhere.

use crate::tool::field::{
    Fields, any, boolean, code, codes, integer, metadata, object, objects, text, time,
};

/// A verification error.
static VERIFICATION_ERROR: Fields = Fields::open(&[&[
    text("message"),
    text("long_message").about("The same at length, for a person."),
    code("code"),
    any("meta").about("More about it, of no fixed form."),
]]);

/// An email address verification.
static EMAIL_ADDRESS_VERIFICATION: Fields = Fields::open(&[&[
    code("object"),
    code("status").concise(),
    code("strategy").about("How it is verified, such as email_code or oauth_google."),
    integer("attempts").about("How often it was tried; null if attempts are not counted."),
    time("expire_at").about("When it ceases to be valid."),
    code("channel"),
    code("verified_at_client").about("The client on which it was verified."),
    object("error", &VERIFICATION_ERROR),
    code("external_verification_redirect_url").secret().about("Where the user goes to verify it."),
]]);

/// An identification link.
static IDENTIFICATION_LINK: Fields = Fields::open(&[&[code("type"), code("id").identity()]]);

/// An email address.
pub(crate) static EMAIL_ADDRESS: Fields = Fields::open(&[&[
    code("id").identity(),
    code("object"),
    code("email_address"),
    boolean("reserved"),
    object("verification", &EMAIL_ADDRESS_VERIFICATION)
        .about("How far it is verified; null if that was never begun."),
    objects("linked_to", &IDENTIFICATION_LINK).about("What else was verified together with it."),
    boolean("matches_sso_connection").about("Whether its domain belongs to an SSO connection."),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// A verification.
pub(crate) static VERIFICATION: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("status").concise(),
    code("strategy").about("How it is verified, such as email_code or oauth_google."),
    integer("attempts").about("How often it was tried; null if attempts are not counted."),
    time("expire_at").about("When it ceases to be valid."),
    code("channel"),
]]);

/// A phone number verification.
static PHONE_NUMBER_VERIFICATION: Fields = Fields::open(&[&[
    code("object"),
    code("status").concise(),
    code("strategy").about("How it is verified, such as email_code or oauth_google."),
    integer("attempts").about("How often it was tried; null if attempts are not counted."),
    time("expire_at").about("When it ceases to be valid."),
    code("channel"),
    code("verified_at_client").about("The client on which it was verified."),
]]);

/// A phone number.
pub(crate) static PHONE_NUMBER: Fields = Fields::open(&[&[
    code("id").identity(),
    code("object"),
    code("phone_number"),
    boolean("reserved_for_second_factor").about("Whether it is a second factor."),
    boolean("default_second_factor")
        .about("Whether it is the second factor that is asked for first."),
    boolean("reserved"),
    object("verification", &PHONE_NUMBER_VERIFICATION)
        .about("How far it is verified; null if that was never begun."),
    objects("linked_to", &IDENTIFICATION_LINK).about("What else was verified together with it."),
    codes("backup_codes").secret(),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// A web3 wallet verification.
static WEB3_WALLET_VERIFICATION: Fields = Fields::open(&[&[
    code("object"),
    code("status").concise(),
    code("strategy").about("How it is verified, such as email_code or oauth_google."),
    code("nonce").about("What is signed to prove it."),
    text("message"),
    integer("attempts").about("How often it was tried; null if attempts are not counted."),
    time("expire_at").about("When it ceases to be valid."),
    code("verified_at_client").about("The client on which it was verified."),
]]);

/// A web3 wallet.
pub(crate) static WEB3_WALLET: Fields = Fields::open(&[&[
    code("id").identity(),
    code("object"),
    code("web3_wallet"),
    object("verification", &WEB3_WALLET_VERIFICATION)
        .about("How far it is verified; null if that was never begun."),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// A passkey verification.
static PASSKEY_VERIFICATION: Fields = Fields::open(&[&[
    code("object"),
    code("status").concise(),
    code("strategy").about("How it is verified, such as email_code or oauth_google."),
    code("nonce").about("What is signed to prove it."),
    text("message"),
    integer("attempts").about("How often it was tried; null if attempts are not counted."),
    time("expire_at").about("When it ceases to be valid."),
    code("verified_at_client").about("The client on which it was verified."),
]]);

/// A passkey.
pub(crate) static PASSKEY: Fields = Fields::open(&[&[
    code("id").identity(),
    code("object"),
    text("name").concise(),
    time("last_used_at").about("When it was last used; null if never."),
    object("verification", &PASSKEY_VERIFICATION)
        .about("How far it is verified; null if that was never begun."),
]]);

/// An external account verification.
static EXTERNAL_ACCOUNT_VERIFICATION: Fields = Fields::open(&[&[
    code("object"),
    code("status").concise(),
    code("strategy").about("How it is verified, such as email_code or oauth_google."),
    code("external_verification_redirect_url").secret().about("Where the user goes to verify it."),
    object("error", &VERIFICATION_ERROR),
    time("expire_at").about("When it ceases to be valid."),
    integer("attempts").about("How often it was tried; null if attempts are not counted."),
    code("verified_at_client").about("The client on which it was verified."),
]]);

/// An external account.
pub(crate) static EXTERNAL_ACCOUNT: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("provider").about("Who provides the identity, such as google or saml_okta."),
    code("identification_id").about("The identification that the account stands for."),
    code("provider_user_id").about("The user's ID at the provider."),
    code("approved_scopes").about("What the user allowed, separated by spaces."),
    code("email_address"),
    boolean("email_address_verified").about("Whether the provider has verified the address."),
    text("first_name"),
    text("last_name"),
    code("avatar_url"),
    code("image_url").full().about("Its image; a generated one if none was uploaded."),
    text("username"),
    code("phone_number"),
    metadata("public_metadata").about("Readable from the frontend, written by backends."),
    text("label").about("What the provider calls the account."),
    time("created_at"),
    time("updated_at").standard(),
    object("verification", &EXTERNAL_ACCOUNT_VERIFICATION)
        .about("How far it is verified; null if that was never begun."),
]]);

/// An SAML account connection.
static SAML_ACCOUNT_CONNECTION: Fields = Fields::open(&[&[
    code("id").identity(),
    text("name").concise(),
    code("domain"),
    codes("domains"),
    boolean("active"),
    code("provider").about("Who provides the identity, such as google or saml_okta."),
    boolean("sync_user_attributes")
        .about("Whether each sign-in updates the user from the provider."),
    boolean("allow_subdomains").about("Whether subdomains of its domains count too."),
    boolean("allow_idp_initiated").about("Whether the provider may begin a sign-in."),
    boolean("disable_additional_identifications")
        .about("Whether its users can add no other way to sign in."),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// An SAML account.
pub(crate) static SAML_ACCOUNT: Fields = Fields::open(&[&[
    code("id").identity(),
    code("object"),
    code("provider").about("Who provides the identity, such as google or saml_okta."),
    boolean("active"),
    code("email_address"),
    text("first_name"),
    text("last_name"),
    code("provider_user_id").about("The user's ID at the provider."),
    time("last_authenticated_at").about("When it was last used to sign in."),
    metadata("public_metadata").about("Readable from the frontend, written by backends."),
    object("verification", &EXTERNAL_ACCOUNT_VERIFICATION)
        .about("How far it is verified; null if that was never begun."),
    object("saml_connection", &SAML_ACCOUNT_CONNECTION),
]]);

/// An enterprise account verification.
static ENTERPRISE_ACCOUNT_VERIFICATION: Fields = Fields::open(&[&[
    code("object"),
    code("status").concise(),
    code("strategy").about("How it is verified, such as email_code or oauth_google."),
    integer("attempts").about("How often it was tried; null if attempts are not counted."),
    time("expire_at").about("When it ceases to be valid."),
    code("verified_at_client").about("The client on which it was verified."),
    code("external_verification_redirect_url").secret().about("Where the user goes to verify it."),
    object("error", &VERIFICATION_ERROR),
]]);

/// An enterprise account connection.
static ENTERPRISE_ACCOUNT_CONNECTION: Fields = Fields::open(&[&[
    code("id").identity(),
    code("protocol"),
    code("provider").about("Who provides the identity, such as google or saml_okta."),
    text("name").concise(),
    code("logo_public_url"),
    code("domain"),
    codes("domains"),
    boolean("active"),
    boolean("sync_user_attributes")
        .about("Whether each sign-in updates the user from the provider."),
    boolean("allow_subdomains").about("Whether subdomains of its domains count too."),
    boolean("allow_idp_initiated").about("Whether the provider may begin a sign-in."),
    boolean("disable_additional_identifications")
        .about("Whether its users can add no other way to sign in."),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// An enterprise account.
pub(crate) static ENTERPRISE_ACCOUNT: Fields = Fields::open(&[&[
    code("id").identity(),
    code("object"),
    code("protocol"),
    code("provider").about("Who provides the identity, such as google or saml_okta."),
    boolean("active"),
    code("email_address"),
    text("first_name"),
    text("last_name"),
    code("provider_user_id").about("The user's ID at the provider."),
    code("enterprise_connection_id").about("The connection that it came by."),
    metadata("public_metadata").about("Readable from the frontend, written by backends."),
    object("verification", &ENTERPRISE_ACCOUNT_VERIFICATION)
        .about("How far it is verified; null if that was never begun."),
    object("enterprise_connection", &ENTERPRISE_ACCOUNT_CONNECTION),
    time("last_authenticated_at").about("When it was last used to sign in."),
]]);
