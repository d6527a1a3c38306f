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
        Format, LIMIT, OFFSET, Param, Relation, Role, Rule, Shape, TEXT, Type, boolean, choice, id,
        list, object, text,
    },
    rest,
    undo::{Look, Source, Undo},
};

const SAML_CONNECTION_ID: Param =
    id("saml_connection_id", &[Kind::SamlConnection], Relation::Target)
        .path()
        .about("The ID of the SAML connection.");

static ATTRIBUTE_MAPPING_PARAMS: Shape = Shape {
    params: &[&[
        text("user_id").about("The attribute with the user's ID."),
        text("email_address").about("The attribute with the email address."),
        text("first_name").about("The attribute with the first name."),
        text("last_name").about("The attribute with the last name."),
    ]],
    rules: &[],
    open: false,
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
        text("query").filter().about("Part of a connection's name, in any case."),
        text("order_by")
            .query()
            .role(Role::Order)
            .about("A field to sort by, such as -created_at; prefix - for descending."),
        list(
            "organization_id",
            &Type::Id { kinds: &[Kind::Organization], relation: Relation::Filter },
        )
        .filter()
        .about(
            "IDs, slugs or names of up to 100 organizations, comma-separated; prefix - to \
                exclude one.",
        ),
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
        "Create a SAML connection. Deprecated by Clerk: use clerk_create_enterprise_connection.",
    )
    .takes(&[&[
        text("name").required().about("What the connection is called."),
        list("domains", &TEXT).required().about(
            "Email domains whose users sign in by it, comma-separated, such as example.com.",
        ),
        choice("provider", &["saml_custom", "saml_okta", "saml_google", "saml_microsoft"])
            .required()
            .about("Which identity provider it connects to."),
        text("idp_entity_id").about("The identity provider's entity ID."),
        text("idp_sso_url")
            .format(Format::WebUrl)
            .about("The identity provider's sign-in URL, such as https://idp.example.com/sso."),
        text("idp_certificate").about("The identity provider's X.509 certificate, in PEM."),
        list("idp_certificates", &TEXT)
            .about("All of the identity provider's certificates, in PEM, the primary one first."),
        text("idp_metadata_url").format(Format::WebUrl).about(
            "The URL of the identity provider's metadata, such as \
                    https://idp.example.com/metadata; wins over the single values.",
        ),
        text("idp_metadata")
            .about("The identity provider's metadata, as XML; wins over the single values."),
        id("organization_id", &[Kind::Organization], Relation::Grantee)
            .about("The ID, slug or name of the organization that its users are added to."),
        object("attribute_mapping", &ATTRIBUTE_MAPPING_PARAMS)
            .about("Which SAML attribute fills which property of the user."),
        boolean("force_authn").about(
            "Whether the identity provider must ask for credentials each time (ForceAuthn).",
        ),
        object("login_hint", &LOGIN_HINT_PARAMS)
            .about("The login_hint sent to the identity provider at sign-in."),
    ]])
    .returns(&SAML_CONNECTION)
    .undo(Undo::created(
        "clerk_delete_saml_connection",
        &[("saml_connection_id", Source::Result("id"))],
    ))
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
        text("name").about("The connection's new name."),
        list("domains", &TEXT).clearable().about(
            "All email domains whose users sign in by it, comma-separated, such as example.com.",
        ),
        text("idp_entity_id").clearable().about("The identity provider's entity ID."),
        text("idp_sso_url")
            .format(Format::WebUrl)
            .clearable()
            .about("The identity provider's sign-in URL, such as https://idp.example.com/sso."),
        text("idp_certificate")
            .clearable()
            .about("The identity provider's X.509 certificate, in PEM."),
        list("idp_certificates", &TEXT).about(
            "All of the identity provider's certificates, in PEM, the primary one first; they \
             replace those that are trusted.",
        ),
        text("idp_metadata_url").format(Format::WebUrl).clearable().about(
            "The URL of the identity provider's metadata, such as \
                    https://idp.example.com/metadata; wins over the single values.",
        ),
        text("idp_metadata")
            .clearable()
            .about("The identity provider's metadata, as XML; wins over the single values."),
        id("organization_id", &[Kind::Organization], Relation::Grantee)
            .clearable()
            .about("The ID, slug or name of the organization that its users are added to."),
        object("attribute_mapping", &ATTRIBUTE_MAPPING_PARAMS)
            .clearable()
            .about("Which SAML attribute fills which property of the user."),
        boolean("active").about("Whether people can sign in by this connection."),
        boolean("sync_user_attributes")
            .about("Whether each sign-in updates the user's attributes."),
        boolean("allow_subdomains").about("Whether addresses of subdomains may sign in too."),
        boolean("allow_idp_initiated").about("Whether sign-in may begin at the identity provider."),
        boolean("disable_additional_identifications")
            .about("Whether users are kept from adding other identifiers."),
        boolean("allow_organization_account_linking")
            .about("Whether accounts can be linked through organization membership."),
        boolean("force_authn").about(
            "Whether the identity provider must ask for credentials each time (ForceAuthn).",
        ),
        object("login_hint", &LOGIN_HINT_PARAMS)
            .clearable()
            .about("The login_hint sent to the identity provider at sign-in."),
        boolean("consent_verified_domains_deletion").about(
            "Whether organizations' verified domains that conflict are deleted on activation; \
             otherwise it is refused.",
        ),
    ]])
    .rules(&[Rule::Change])
    .returns(&SAML_CONNECTION)
    .undo(
        Undo::set_back(
            Look::Object("clerk_get_saml_connection"),
            &[
                "name",
                "domains",
                "idp_entity_id",
                "idp_sso_url",
                "idp_certificate",
                "idp_metadata_url",
                "idp_metadata",
                "organization_id",
                "attribute_mapping",
                "active",
                "sync_user_attributes",
                "allow_subdomains",
                "allow_idp_initiated",
                "disable_additional_identifications",
                "allow_organization_account_linking",
                "force_authn",
                "login_hint",
            ],
        )
        .but("Organization domains that it deleted don't come back."),
    )
    .verify_with("clerk_get_saml_connection")
    .flags(&[Flag::InstanceWide, Flag::Deprecated]),
    rest(
        "clerk_delete_saml_connection",
        "Delete SAML connection",
        Route::delete("/saml_connections/{saml_connection_id}"),
        "Delete a SAML connection: nobody can sign in with it. Deprecated by Clerk: use \
         clerk_delete_enterprise_connection.",
    )
    .takes(&[&[SAML_CONNECTION_ID]])
    .returns(&DELETED)
    .undo(Undo::gone(
        &["clerk_get_saml_connection"],
        "Create another with clerk_create_saml_connection, and set it up anew at the identity \
         provider.",
    ))
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
