//! Fields of the results of the tools for saml connections.

use crate::catalog::fields::LOGIN_HINT;
use crate::tool::field::{Fields, boolean, code, codes, integer, object, text, time};

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
    code("idp_entity_id"),
    code("idp_sso_url"),
    code("idp_certificate"),
    time("idp_certificate_issued_at"),
    time("idp_certificate_expires_at"),
    code("idp_metadata_url"),
    text("idp_metadata"),
    code("acs_url"),
    code("sp_entity_id"),
    code("sp_metadata_url"),
    code("organization_id"),
    object("attribute_mapping", &ATTRIBUTE_MAPPING),
    boolean("active"),
    code("provider"),
    integer("user_count"),
    boolean("sync_user_attributes"),
    boolean("allow_subdomains"),
    boolean("allow_idp_initiated"),
    boolean("disable_additional_identifications"),
    boolean("allow_organization_account_linking"),
    boolean("authenticatable"),
    boolean("disable_jit_provisioning"),
    boolean("force_authn"),
    object("login_hint", &LOGIN_HINT),
    code("enterprise_connection_id"),
    time("created_at"),
    time("updated_at").standard(),
]]);
