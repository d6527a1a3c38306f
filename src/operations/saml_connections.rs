//! SAML connections (deprecated for enterprise connections).
//! <https://clerk.com/docs/reference/backend-api/tag/saml-connections>

use clerk_api::Route;

use super::fields::DELETED;
use crate::operation::{
    Entry, Flag, Rule,
    param::{LIMIT, OFFSET, choice, flag, id, list, object, text},
    plain,
};

/// The fields of a SAML connection.
const SAML_CONNECTION: &[&str] = &[
    "id",
    "name",
    "domain",
    "domains",
    "idp_entity_id",
    "idp_sso_url",
    "idp_certificate",
    "idp_certificate_issued_at",
    "idp_certificate_expires_at",
    "idp_metadata_url",
    "idp_metadata",
    "acs_url",
    "sp_entity_id",
    "sp_metadata_url",
    "organization_id",
    "attribute_mapping",
    "active",
    "provider",
    "user_count",
    "sync_user_attributes",
    "allow_subdomains",
    "allow_idp_initiated",
    "disable_additional_identifications",
    "allow_organization_account_linking",
    "force_authn",
    "login_hint",
];

pub(super) static OPERATIONS: [Entry; 5] = [
    plain(
        "clerk_list_saml_connections",
        "List SAML connections",
        Route::get("/saml_connections"),
        "List the SAML connections. Deprecated by Clerk: clerk_list_enterprise_connections lists \
         them too.",
    )
    .takes(&[
        LIMIT,
        OFFSET,
        text("query"),
        text("order_by").about("A field such as created_at; - before it for descending."),
        list("organization_id"),
    ])
    .rows("samlConnections")
    .answers(SAML_CONNECTION)
    .flags(&[Flag::Deprecated]),
    plain(
        "clerk_get_saml_connection",
        "Get SAML connection",
        Route::get("/saml_connections/{saml_connection_id}"),
        "Get one SAML connection by ID. Deprecated by Clerk: use \
         clerk_get_enterprise_connection.",
    )
    .answers(SAML_CONNECTION)
    .flags(&[Flag::Deprecated]),
    plain(
        "clerk_create_saml_connection",
        "Create SAML connection",
        Route::post("/saml_connections"),
        "Make a SAML connection. Deprecated by Clerk: use clerk_create_enterprise_connection.",
    )
    .takes(&[
        text("name").required(),
        list("domains").required(),
        choice("provider", &["saml_custom", "saml_okta", "saml_google", "saml_microsoft"])
            .required(),
        id("idp_entity_id"),
        text("idp_sso_url"),
        text("idp_certificate").about("In PEM."),
        text("idp_metadata_url"),
        text("idp_metadata"),
        id("organization_id"),
        object("attribute_mapping").about("With userId, emailAddress, firstName, lastName."),
        flag("force_authn"),
        object("login_hint").about("With mode, source."),
    ])
    .answers(SAML_CONNECTION)
    .look("clerk_list_saml_connections")
    .flags(&[Flag::InstanceWide, Flag::Deprecated]),
    plain(
        "clerk_update_saml_connection",
        "Update SAML connection",
        Route::patch("/saml_connections/{saml_connection_id}"),
        "Change a SAML connection. Deprecated by Clerk: use clerk_update_enterprise_connection.",
    )
    .takes(&[
        text("name").nullable(),
        list("domains").nullable(),
        id("idp_entity_id").nullable(),
        text("idp_sso_url").nullable(),
        text("idp_certificate").nullable().about("In PEM."),
        text("idp_metadata_url").nullable(),
        text("idp_metadata").nullable(),
        id("organization_id").nullable(),
        object("attribute_mapping")
            .nullable()
            .about("With userId, emailAddress, firstName, lastName."),
        flag("active").nullable(),
        flag("sync_user_attributes").nullable(),
        flag("allow_subdomains").nullable(),
        flag("allow_idp_initiated").nullable(),
        flag("disable_additional_identifications").nullable(),
        flag("allow_organization_account_linking").nullable(),
        flag("force_authn"),
        object("login_hint").nullable().about("With mode, source."),
        flag("consent_verified_domains_deletion").nullable(),
    ])
    .answers(SAML_CONNECTION)
    .look("clerk_get_saml_connection")
    .flags(&[Flag::InstanceWide, Flag::Deprecated])
    .rules(&[Rule::Change]),
    plain(
        "clerk_delete_saml_connection",
        "Delete SAML connection",
        Route::delete("/saml_connections/{saml_connection_id}"),
        "Delete a SAML connection: nobody signs in by it any more. Deprecated by Clerk: use \
         clerk_delete_enterprise_connection.",
    )
    .answers(DELETED)
    .look("clerk_list_saml_connections")
    .flags(&[Flag::InstanceWide, Flag::Deprecated]),
];
