//! Single sign-on with companies' identity providers.
//! <https://clerk.com/docs/reference/backend-api/tag/enterprise-connections>

use clerk_api::Route;

use super::fields::DELETED;
use crate::operation::{
    Entry, Flag, Rule,
    param::{LIMIT, OFFSET, choice, flag, id, list, object, objects, text},
    plain,
};

/// The fields of an enterprise connection.
const ENTERPRISE_CONNECTION: &[&str] = &[
    "id",
    "name",
    "provider",
    "logo_public_url",
    "active",
    "domains",
    "organization_id",
    "sync_user_attributes",
    "disable_additional_identifications",
    "allow_organization_account_linking",
    "custom_attributes",
    "saml_connection",
    "oauth_config",
    "created_at",
    "updated_at",
];

pub(super) static OPERATIONS: [Entry; 7] = [
    plain(
        "clerk_list_enterprise_connections",
        "List enterprise connections",
        Route::get("/enterprise_connections"),
        "List the connections for single sign-on (SAML and OIDC), of one organization or of all.",
    )
    .takes(&[LIMIT, OFFSET, id("organization_id"), flag("active")])
    .rows("enterpriseConnections")
    .answers(ENTERPRISE_CONNECTION),
    plain(
        "clerk_get_enterprise_connection",
        "Get enterprise connection",
        Route::get("/enterprise_connections/{enterprise_connection_id}"),
        "Get one enterprise connection with its settings by ID.",
    )
    .answers(ENTERPRISE_CONNECTION),
    plain(
        "clerk_create_enterprise_connection",
        "Create enterprise connection",
        Route::post("/enterprise_connections"),
        "Make a connection for single sign-on of a company's domains by SAML or OIDC.",
    )
    .takes(&[
        text("name").required(),
        choice(
            "provider",
            &[
                "saml_custom",
                "saml_okta",
                "saml_google",
                "saml_microsoft",
                "oidc_custom",
                "oidc_github_enterprise",
                "oidc_gitlab",
            ],
        )
        .required(),
        list("domains").required(),
        id("organization_id"),
        flag("allow_organization_account_linking"),
        flag("active"),
        object("saml").about(
            "With idpEntityId, idpSsoUrl, idpCertificate, idpMetadataUrl, idpMetadata, \
                 attributeMapping, allowSubdomains, allowIdpInitiated, forceAuthn, loginHint.",
        ),
        object("oidc").about(
            "With clientId, clientSecret, discoveryUrl, authUrl, tokenUrl, userInfoUrl, \
                 requiresPkce.",
        ),
        objects("custom_attributes")
            .about("Each with name, key, ssoPath, scimPath, directoryPath, multiValued."),
    ])
    .answers(ENTERPRISE_CONNECTION)
    .look("clerk_list_enterprise_connections")
    .flags(&[Flag::InstanceWide]),
    plain(
        "clerk_update_enterprise_connection",
        "Update enterprise connection",
        Route::patch("/enterprise_connections/{enterprise_connection_id}"),
        "Change an enterprise connection. Made inactive, or with wrong settings, nobody signs in \
         by it.",
    )
    .takes(&[
        text("name").nullable(),
        list("domains").nullable(),
        flag("active").nullable(),
        flag("sync_user_attributes").nullable(),
        flag("disable_additional_identifications").nullable(),
        flag("allow_organization_account_linking").nullable(),
        id("organization_id").nullable(),
        object("saml").nullable().about(
            "With name, idpEntityId, idpSsoUrl, idpCertificate, idpMetadataUrl, idpMetadata, \
                 attributeMapping, allowSubdomains, allowIdpInitiated, forceAuthn, loginHint.",
        ),
        object("oidc").nullable().about(
            "With clientId, clientSecret, discoveryUrl, authUrl, tokenUrl, userInfoUrl, \
                 requiresPkce.",
        ),
        objects("custom_attributes")
            .nullable()
            .about("Each with name, key, ssoPath, scimPath, directoryPath, multiValued."),
    ])
    .answers(ENTERPRISE_CONNECTION)
    .look("clerk_get_enterprise_connection")
    .flags(&[Flag::InstanceWide])
    .rules(&[Rule::Change]),
    plain(
        "clerk_delete_enterprise_connection",
        "Delete enterprise connection",
        Route::delete("/enterprise_connections/{enterprise_connection_id}"),
        "Delete an enterprise connection: nobody signs in by it any more. Its users stay.",
    )
    .answers(DELETED)
    .look("clerk_list_enterprise_connections")
    .flags(&[Flag::InstanceWide]),
    plain(
        "clerk_list_enterprise_connection_test_runs",
        "List enterprise connection test runs",
        Route::get("/enterprise_connections/{enterprise_connection_id}/test_runs"),
        "List the test runs of an enterprise connection and what went wrong in them.",
    )
    .takes(&[list("status").about("Of pending, success, failed."), LIMIT, OFFSET])
    .rows("testRuns")
    .answers(&[
        "id",
        "status",
        "connection_type",
        "parsed_user_info",
        "logs",
        "saml",
        "oauth",
        "created_at",
    ]),
    plain(
        "clerk_create_enterprise_connection_test_run",
        "Create enterprise connection test run",
        Route::post("/enterprise_connections/{enterprise_connection_id}/test_runs"),
        "Start a test run of an enterprise connection; the answer has a secret URL for the \
         tester.",
    )
    .answers(&["url"])
    .look("clerk_list_enterprise_connections")
    .secret(),
];
