//! SAML connections (deprecated for enterprise connections).
//! <https://clerk.com/docs/reference/backend-api/tag/saml-connections>

mod fields;

use clerk_api::Route;

use self::fields::SAML_CONNECTION;
use super::{On, Toolset, enterprise_connections::LOGIN_HINT_PARAMS, fields::DELETED};
use crate::tool::{
    Flag, Tool,
    kind::Kind,
    param::{
        LIMIT, OFFSET, Param, Relation, Role, Rule, Shape, TEXT, Type, boolean, choice, id, list,
        object, text,
    },
    rest,
};

const SAML_CONNECTION_ID: Param =
    id("saml_connection_id", &[Kind::SamlConnection], Relation::Target).path();

static ATTRIBUTE_MAPPING_PARAMS: Shape = Shape {
    params: &[&[
        text("user_id").about("The attribute with the user's ID."),
        text("email_address").about("The attribute with the email address."),
        text("first_name").about("The attribute with the first name."),
        text("last_name").about("The attribute with the last name."),
    ]],
    rules: &[],
    open: false,
    brief: false,
};

static TOOLS: [Tool; 5] = [
    rest(
        "clerk_list_saml_connections",
        "List SAML connections",
        Route::get("/saml_connections"),
        "List the SAML connections. Deprecated by Clerk: clerk_list_enterprise_connections lists \
         them too.",
    )
    .takes(&[&[
        LIMIT,
        OFFSET,
        text("query").filter(),
        text("order_by")
            .query()
            .role(Role::Order)
            .about("A field such as created_at; - before it for descending."),
        list(
            "organization_id",
            &Type::Id { kinds: &[Kind::Organization], relation: Relation::Filter },
        )
        .filter(),
    ]])
    .lists("samlConnections", &SAML_CONNECTION)
    .flags(&[Flag::Deprecated]),
    rest(
        "clerk_get_saml_connection",
        "Get SAML connection",
        Route::get("/saml_connections/{saml_connection_id}"),
        "Get one SAML connection by ID. Deprecated by Clerk: use clerk_get_enterprise_connection.",
    )
    .takes(&[&[SAML_CONNECTION_ID]])
    .returns(&SAML_CONNECTION)
    .flags(&[Flag::Deprecated]),
    rest(
        "clerk_create_saml_connection",
        "Create SAML connection",
        Route::post("/saml_connections"),
        "Make a SAML connection. Deprecated by Clerk: use clerk_create_enterprise_connection.",
    )
    .takes(&[&[
        text("name").required(),
        list("domains", &TEXT).required(),
        choice("provider", &["saml_custom", "saml_okta", "saml_google", "saml_microsoft"])
            .required(),
        text("idp_entity_id"),
        text("idp_sso_url"),
        text("idp_certificate").about("In PEM."),
        text("idp_metadata_url"),
        text("idp_metadata"),
        id("organization_id", &[Kind::Organization], Relation::Grantee),
        object("attribute_mapping", &ATTRIBUTE_MAPPING_PARAMS)
            .about("With userId, emailAddress, firstName, lastName."),
        boolean("force_authn"),
        object("login_hint", &LOGIN_HINT_PARAMS).about("With mode, source."),
    ]])
    .returns(&SAML_CONNECTION)
    .verify_with("clerk_list_saml_connections")
    .flags(&[Flag::InstanceWide, Flag::Deprecated]),
    rest(
        "clerk_update_saml_connection",
        "Update SAML connection",
        Route::patch("/saml_connections/{saml_connection_id}"),
        "Change a SAML connection. Deprecated by Clerk: use clerk_update_enterprise_connection.",
    )
    .takes(&[&[
        SAML_CONNECTION_ID,
        text("name"),
        list("domains", &TEXT).clearable(),
        text("idp_entity_id").clearable(),
        text("idp_sso_url").clearable(),
        text("idp_certificate").clearable().about("In PEM."),
        text("idp_metadata_url").clearable(),
        text("idp_metadata").clearable(),
        id("organization_id", &[Kind::Organization], Relation::Grantee).clearable(),
        object("attribute_mapping", &ATTRIBUTE_MAPPING_PARAMS)
            .clearable()
            .about("With userId, emailAddress, firstName, lastName."),
        boolean("active"),
        boolean("sync_user_attributes"),
        boolean("allow_subdomains"),
        boolean("allow_idp_initiated"),
        boolean("disable_additional_identifications"),
        boolean("allow_organization_account_linking"),
        boolean("force_authn"),
        object("login_hint", &LOGIN_HINT_PARAMS).clearable().about("With mode, source."),
        boolean("consent_verified_domains_deletion"),
    ]])
    .rules(&[Rule::Change])
    .returns(&SAML_CONNECTION)
    .verify_with("clerk_get_saml_connection")
    .flags(&[Flag::InstanceWide, Flag::Deprecated]),
    rest(
        "clerk_delete_saml_connection",
        "Delete SAML connection",
        Route::delete("/saml_connections/{saml_connection_id}"),
        "Delete a SAML connection: nobody signs in by it any more. Deprecated by Clerk: use \
         clerk_delete_enterprise_connection.",
    )
    .takes(&[&[SAML_CONNECTION_ID]])
    .returns(&DELETED)
    .verify_with("clerk_list_saml_connections")
    .flags(&[Flag::InstanceWide, Flag::Deprecated]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "saml_connections",
    about: "SAML connections (deprecated for enterprise connections)",
    find: "clerk_list_saml_connections",
    on: On::Chosen,
    tools: &TOOLS,
};
