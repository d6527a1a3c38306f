//! Single sign-on with companies' identity providers.
//! <https://clerk.com/docs/reference/backend-api/tag/enterprise-connections>

mod fields;

use clerk_api::Route;

use self::fields::{ENTERPRISE_CONNECTION, NEW_TEST_RUN, TEST_RUN};
use super::{On, Toolset, fields::DELETED};
use crate::tool::{
    Flag, Tool,
    kind::Kind,
    param::{
        Format, LIMIT, OFFSET, PAGE, Param, Relation, Rule, Shape, TEXT, Type, boolean, choice, id,
        list, object, objects, text,
    },
    rest,
    undo::{Look, Source, Undo},
};

const ENTERPRISE_CONNECTION_ID: Param =
    id("enterprise_connection_id", &[Kind::EnterpriseConnection], Relation::Target)
        .path()
        .about("The ID of the enterprise connection.");

static ATTRIBUTE_MAPPING_PARAMS: Shape = Shape {
    params: &[&[
        text("user_id").clearable().about("The attribute with the user's ID."),
        text("email_address").clearable().about("The attribute with the email address."),
        text("first_name").clearable().about("The attribute with the first name."),
        text("last_name").clearable().about("The attribute with the last name."),
    ]],
    rules: &[],
    open: false,
};

/// The login hint of a SAML connection, by the newer endpoint or the older.
pub(super) static LOGIN_HINT_PARAMS: Shape = Shape {
    params: &[&[
        choice("mode", &["email_address", "custom_attribute", "off"])
            .required()
            .about("What is sent to the identity provider as login_hint."),
        text("source")
            .about("The key in public metadata whose value is sent; for custom_attribute."),
    ]],
    rules: &[],
    open: false,
};

const SAML_PARAMS: &[Param] = &[
    text("idp_entity_id").clearable().about("The identity provider's entity ID."),
    text("idp_sso_url")
        .format(Format::WebUrl)
        .clearable()
        .about("The identity provider's sign-in URL, such as https://idp.example.com/sso."),
    text("idp_certificate").clearable().about("The identity provider's certificate, in PEM."),
    list("idp_certificates", &TEXT).about(
        "All certificates of the identity provider, in PEM, the primary one first; they replace \
         those that are trusted.",
    ),
    text("idp_metadata_url").format(Format::WebUrl).clearable().about(
        "The URL of the identity provider's metadata, such as https://idp.example.com/metadata.",
    ),
    text("idp_metadata").clearable().about("The identity provider's metadata, as XML."),
    object("attribute_mapping", &ATTRIBUTE_MAPPING_PARAMS)
        .clearable()
        .about("Which SAML attributes hold a user's data."),
    boolean("allow_subdomains").about("Whether addresses of subdomains may sign in too."),
    boolean("allow_idp_initiated").about("Whether sign-in may begin at the identity provider."),
    boolean("force_authn")
        .about("Whether the identity provider must ask for credentials each time."),
    object("login_hint", &LOGIN_HINT_PARAMS)
        .clearable()
        .about("The login_hint sent to the identity provider at sign-in."),
];

static SAML: Shape = Shape { params: &[SAML_PARAMS], rules: &[], open: false };

static OIDC: Shape = Shape {
    params: &[&[
        text("client_id").about("The client ID at the identity provider."),
        text("client_secret").secret().about("The client secret at the identity provider."),
        text("discovery_url").format(Format::WebUrl).clearable().about("The URL of the OpenID configuration, such as https://idp.example.com/.well-known/openid-configuration."),
        text("auth_url").format(Format::WebUrl).clearable().about("The identity provider's authorization URL, such as https://idp.example.com/authorize."),
        text("token_url").format(Format::WebUrl).clearable().about("The identity provider's token URL, such as https://idp.example.com/token."),
        text("user_info_url").format(Format::WebUrl).clearable().about("The identity provider's userinfo URL, such as https://idp.example.com/userinfo."),
        boolean("requires_pkce")
            .about("Whether PKCE is required; must be true without a client secret."),
    ]],
    rules: &[],
    open: false,
};

static CUSTOM_ATTRIBUTE_PARAMS: Shape = Shape {
    params: &[&[
        text("name").required().about("The display name of the attribute."),
        text("key").format(Format::AttributeKey).required().about("The key in the user's metadata that keeps the value, such as costCenter: letters, digits, _ and -, the first not _."),
        text("sso_path").about("Where the value is in the claims of a sign-in, such as user.costCenter."),
        text("scim_path").about("The older name of directoryPath; give one of them."),
        text("directory_path").about("Where the value is in a directory's user, as a GJSON path such as name.givenName."),
        boolean("multi_valued")
            .about("Whether it holds several values, kept as an array; default false."),
    ]],
    rules: &[],
    open: false,
};

static SAML_UPDATE: Shape = Shape {
    params: &[&[text("name").about("The display name of the SAML connection.")], SAML_PARAMS],
    rules: &[],
    open: false,
};

static TOOLS: [Tool; 7] = [
    rest(
        "clerk_list_enterprise_connections",
        "List enterprise connections",
        Route::get("/enterprise_connections"),
        "List the connections for single sign-on (SAML and OIDC), of one organization or of all.",
    )
    .takes(&[&[
        LIMIT,
        OFFSET,
        id("organization_id", &[Kind::Organization], Relation::Filter)
            .filter()
            .about("Only connections of the organization with this ID, slug or name."),
        boolean("active")
            .filter()
            .about("Whether to list only active connections (true) or only inactive ones (false)."),
    ]])
    .lists("enterpriseConnections", &ENTERPRISE_CONNECTION),
    rest(
        "clerk_get_enterprise_connection",
        "Get enterprise connection",
        Route::get("/enterprise_connections/{enterprise_connection_id}"),
        "Get one enterprise connection with its settings by ID.",
    )
    .takes(&[&[ENTERPRISE_CONNECTION_ID]])
    .returns(&ENTERPRISE_CONNECTION),
    rest(
        "clerk_create_enterprise_connection",
        "Create enterprise connection",
        Route::post("/enterprise_connections"),
        "Create a connection for single sign-on of a company's domains by SAML or OIDC.",
    )
    .takes(&[&[
        text("name").required().about("What people see the connection called."),
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
        .required()
        .about("The identity provider, with its protocol: SAML or OpenID Connect."),
        list("domains", &TEXT)
            .required()
            .about("Domains whose users sign in by it, such as example.com; comma-separated."),
        id("organization_id", &[Kind::Organization], Relation::Grantee)
            .about("The ID, slug or name of the organization to link the connection to."),
        boolean("allow_organization_account_linking")
            .about("Whether accounts can be linked by membership in the organization."),
        boolean("active").about(
            "Whether people can sign in by it; if true, `saml` needs the provider's metadata.",
        ),
        object("saml", &SAML).about("SAML settings; only for providers that begin with saml_."),
        object("oidc", &OIDC)
            .about("OpenID Connect settings; only for providers that begin with oidc_."),
        objects("custom_attributes", &CUSTOM_ATTRIBUTE_PARAMS).about(
            "Attributes to copy from the identity provider to users; the instance needs the \
             feature.",
        ),
    ]])
    .returns(&ENTERPRISE_CONNECTION)
    .undo(Undo::created(
        "clerk_delete_enterprise_connection",
        &[("enterprise_connection_id", Source::Result("id"))],
    ))
    .verify_with("clerk_list_enterprise_connections")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_update_enterprise_connection",
        "Update enterprise connection",
        Route::patch("/enterprise_connections/{enterprise_connection_id}"),
        "Change an enterprise connection. If it is inactive or its settings are wrong, nobody \
         can sign in with it.",
    )
    .takes(&[&[
        ENTERPRISE_CONNECTION_ID,
        text("name").about("What people see the connection called."),
        list("domains", &TEXT).about(
            "Domains that replace all of the connection's, such as example.com; \
             comma-separated.",
        ),
        boolean("active").about(
            "Whether people can sign in by it; true may remove matching verified organization \
             domains.",
        ),
        boolean("sync_user_attributes")
            .about("Whether each sign-in updates the user's attributes."),
        boolean("disable_additional_identifications")
            .about("Whether its users can't add other identifications."),
        boolean("allow_organization_account_linking")
            .about("Whether accounts can be linked by membership in the organization."),
        id("organization_id", &[Kind::Organization], Relation::Grantee).about(
            "The ID, slug or name of the organization to link the connection to; it can't \
                    be unlinked.",
        ),
        object("saml", &SAML_UPDATE)
            .about("SAML settings to change; only for providers that begin with saml_."),
        object("oidc", &OIDC)
            .about("OpenID Connect settings; only for providers that begin with oidc_."),
        objects("custom_attributes", &CUSTOM_ATTRIBUTE_PARAMS).clearable().about(
            "Attributes to copy from the identity provider to users; the instance needs the \
             feature.",
        ),
    ]])
    .rules(&[Rule::Change])
    .returns(&ENTERPRISE_CONNECTION)
    .undo(
        Undo::set_back(
            Look::Object("clerk_get_enterprise_connection"),
            &[
                "name",
                "domains",
                "active",
                "sync_user_attributes",
                "disable_additional_identifications",
                "allow_organization_account_linking",
                "organization_id",
                "custom_attributes",
                "saml",
                "oidc",
            ],
        )
        .elsewhere(&[("saml", &["saml_connection"]), ("oidc", &["oauth_config"])])
        .but(
            "Certificates, metadata and the attribute mapping of SAML and the client secret of \
             OpenID Connect don't come back, nor do organization domains that it removed. An \
             organization that it was linked to stays linked.",
        ),
    )
    .verify_with("clerk_get_enterprise_connection")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_delete_enterprise_connection",
        "Delete enterprise connection",
        Route::delete("/enterprise_connections/{enterprise_connection_id}"),
        "Delete an enterprise connection: nobody can sign in with it. Its users stay.",
    )
    .takes(&[&[ENTERPRISE_CONNECTION_ID]])
    .returns(&DELETED)
    .undo(Undo::gone(
        &["clerk_get_enterprise_connection"],
        "Create another with clerk_create_enterprise_connection, and set it up anew at the \
         identity provider.",
    ))
    .verify_with("clerk_list_enterprise_connections")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_list_enterprise_connection_test_runs",
        "List enterprise connection test runs",
        Route::get("/enterprise_connections/{enterprise_connection_id}/test_runs"),
        "List the test runs of an enterprise connection and what went wrong in them.",
    )
    .takes(&[
        &[
            ENTERPRISE_CONNECTION_ID,
            list("status", &Type::Choice(&["pending", "success", "failed"])).filter().about(
                "Only test runs with these statuses, such as failed,pending: pending, success or \
                 failed, comma-separated.",
            ),
        ],
        PAGE,
    ])
    .lists("testRuns", &TEST_RUN),
    rest(
        "clerk_create_enterprise_connection_test_run",
        "Create enterprise connection test run",
        Route::post("/enterprise_connections/{enterprise_connection_id}/test_runs"),
        "Start a test run of an enterprise connection; the result has a secret URL for the \
         tester.",
    )
    .takes(&[&[ENTERPRISE_CONNECTION_ID]])
    .returns(&NEW_TEST_RUN)
    .undo(Undo::Never("A test run can't be deleted. It changes no setting."))
    .verify_with("clerk_list_enterprise_connections")
    .returns_secret(),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "enterprise_connections",
    about: "Single sign-on with companies' identity providers",
    find: "clerk_list_enterprise_connections",
    on: On::Chosen,
    tools: &TOOLS,
};
