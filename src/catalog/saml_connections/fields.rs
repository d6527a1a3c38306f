//! Fields of the results of the tools for saml connections.

use crate::catalog::fields::{IDP_CERTIFICATE, LOGIN_HINT};
use crate::tool::field::{Fields, boolean, code, codes, integer, object, objects, text, time};

/// An attribute mapping.
pub(super) static ATTRIBUTE_MAPPING: Fields = Fields::open(&[&[
    code("user_id").concise(),
    code("email_address"),
    text("first_name"),
    text("last_name"),
]]);

/// An SAML connection.
pub(super) static SAML_CONNECTION: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    text("name").concise(),
    code("domain"),
    codes("domains"),
    code("idp_entity_id").about("What the provider calls itself."),
    code("idp_sso_url").about("Where the provider signs people in."),
    code("idp_certificate").about("The provider's X.509 certificate."),
    objects("idp_certificates", &IDP_CERTIFICATE)
        .about("All certificates of the provider that are trusted, the primary one first."),
    time("idp_certificate_issued_at"),
    time("idp_certificate_expires_at"),
    code("idp_metadata_url").about("Where the provider's metadata is read from."),
    text("idp_metadata").about("The provider's metadata, as XML."),
    code("acs_url").about("Where the provider sends its assertions."),
    code("sp_entity_id").about("What Clerk is called at the provider."),
    code("sp_metadata_url").about("Clerk's metadata, for the provider."),
    code("organization_id"),
    object("attribute_mapping", &ATTRIBUTE_MAPPING)
        .about("Clerk's attribute, and the provider's that fills it."),
    boolean("active"),
    code("provider").about("Who provides the identity, such as google or saml_okta."),
    integer("user_count").about("How many users came by it."),
    boolean("sync_user_attributes")
        .about("Whether each sign-in updates the user from the provider."),
    boolean("allow_subdomains").about("Whether subdomains of its domains count too."),
    boolean("allow_idp_initiated").about("Whether the provider may begin a sign-in."),
    boolean("disable_additional_identifications")
        .about("Whether its users can add no other way to sign in."),
    boolean("allow_organization_account_linking")
        .about("Whether existing members are linked to it."),
    boolean("authenticatable").about("Whether one can sign in by it."),
    boolean("disable_jit_provisioning").about("Whether a first sign-in creates no user."),
    boolean("force_authn").about("Whether the provider must ask for credentials each time."),
    object("login_hint", &LOGIN_HINT).about("What the provider learns about who signs in."),
    code("enterprise_connection_id").about("The connection that it came by."),
    time("created_at"),
    time("updated_at").standard(),
]]);
