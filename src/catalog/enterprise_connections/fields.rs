//! Fields of the results of the tools for enterprise connections.

use crate::catalog::fields::{CUSTOM_ATTRIBUTE, IDP_CERTIFICATE, LOGIN_HINT};
use crate::tool::field::{Fields, boolean, code, codes, object, objects, text, time};

/// The SAML part of an enterprise connection.
pub(super) static SAML_CONFIG: Fields = Fields::open(&[&[
    code("id").identity(),
    text("name").concise(),
    code("idp_entity_id").about("What the provider calls itself."),
    code("idp_sso_url").about("Where the provider signs people in."),
    objects("idp_certificates", &IDP_CERTIFICATE)
        .about("All certificates of the provider that are trusted, the primary one first."),
    code("idp_metadata_url").about("Where the provider's metadata is read from."),
    code("acs_url").about("Where the provider sends its assertions."),
    code("sp_entity_id").about("What Clerk is called at the provider."),
    code("sp_metadata_url").about("Clerk's metadata, for the provider."),
    boolean("active"),
    boolean("allow_idp_initiated").about("Whether the provider may begin a sign-in."),
    boolean("allow_subdomains").about("Whether subdomains of its domains count too."),
    boolean("force_authn").about("Whether the provider must ask for credentials each time."),
    object("login_hint", &LOGIN_HINT).about("What the provider learns about who signs in."),
]]);

/// The OpenID Connect part of an enterprise connection.
pub(super) static OAUTH_CONFIG: Fields = Fields::open(&[&[
    code("id").identity(),
    text("name").concise(),
    code("provider_key"),
    code("client_id"),
    code("discovery_url"),
    code("auth_url"),
    code("token_url"),
    code("user_info_url"),
    boolean("requires_pkce"),
    code("logo_public_url"),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// An enterprise connection.
pub(super) static ENTERPRISE_CONNECTION: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    text("name").concise(),
    code("provider").about("Who provides the identity, such as google or saml_okta."),
    code("logo_public_url"),
    boolean("active"),
    codes("domains"),
    code("organization_id"),
    boolean("sync_user_attributes")
        .about("Whether each sign-in updates the user from the provider."),
    boolean("disable_additional_identifications")
        .about("Whether its users can add no other way to sign in."),
    boolean("allow_organization_account_linking")
        .about("Whether existing members are linked to it."),
    boolean("authenticatable").about("Whether one can sign in by it."),
    boolean("disable_jit_provisioning").about("Whether a first sign-in creates no user."),
    objects("custom_attributes", &CUSTOM_ATTRIBUTE)
        .about("Your own attributes that are filled from the provider."),
    object("saml_connection", &SAML_CONFIG),
    object("oauth_config", &OAUTH_CONFIG),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// What a test run found out about the user.
pub(super) static TEST_RUN_PARSED_USER_INFO: Fields = Fields::open(&[&[
    code("email_address"),
    text("first_name"),
    text("last_name"),
    code("user_id").concise(),
]]);

/// A test run log.
pub(super) static TEST_RUN_LOG: Fields =
    Fields::open(&[&[code("level"), code("code"), text("short_message"), text("message")]]);

/// A test run SAML.
pub(super) static TEST_RUN_SAML: Fields = Fields::open(&[&[
    text("saml_request").secret(),
    text("saml_response").secret(),
    code("relay_state"),
]]);

/// A test run OAuth.
pub(super) static TEST_RUN_OAUTH: Fields =
    Fields::open(&[&[code("id_token").secret(), code("access_token").secret(), text("user_info")]]);

/// A test run.
pub(super) static TEST_RUN: Fields = Fields::open(&[&[
    code("id").identity(),
    code("status").concise(),
    code("connection_type"),
    object("parsed_user_info", &TEST_RUN_PARSED_USER_INFO),
    objects("logs", &TEST_RUN_LOG),
    object("saml", &TEST_RUN_SAML),
    object("oauth", &TEST_RUN_OAUTH),
    time("created_at"),
]]);

/// Where a test run begins.
pub(super) static NEW_TEST_RUN: Fields = Fields::open(&[&[code("url").secret()]]);
