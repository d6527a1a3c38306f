//! Templates of tokens for other services.
//! <https://clerk.com/docs/reference/backend-api/tag/jwt-templates>

mod fields;

use clerk_api::Route;

use self::fields::JWT_TEMPLATE;
use super::{On, Toolset, fields::DELETED};
use crate::tool::{
    Flag, Tool,
    kind::Kind,
    param::{PAGE, Param, Relation, boolean, id, integer, json, text},
    rest,
    undo::{Look, Source, Undo},
};

const TEMPLATE_ID: Param = id("template_id", &[Kind::JwtTemplate], Relation::Target)
    .path()
    .about("The ID of the JWT template, not its name.");

const NAME: Param =
    text("name").required().about("The template's name, by which apps request its tokens.");
const CLAIMS: Param = json("claims")
    .required()
    .clears_to_empty()
    .about("The claims that each token gets, as a JSON object.");

static TOOLS: [Tool; 5] = [
    rest(
        "clerk_list_jwt_templates",
        "List JWT templates",
        Route::get("/jwt_templates"),
        "List the templates by which tokens for other services are made.",
    )
    .takes(&[PAGE])
    .lists("jwtTemplates", &JWT_TEMPLATE)
    .paginated(),
    rest(
        "clerk_get_jwt_template",
        "Get JWT template",
        Route::get("/jwt_templates/{template_id}"),
        "Get one JWT template with its claims and lifetime by ID.",
    )
    .takes(&[&[TEMPLATE_ID]])
    .returns(&JWT_TEMPLATE),
    rest(
        "clerk_create_jwt_template",
        "Create JWT template",
        Route::post("/jwt_templates"),
        "Create a template of tokens for another service, with its claims and lifetime.",
    )
    .takes(&[&[
        NAME,
        CLAIMS,
        integer("lifetime")
            .between(30, 315_360_000)
            .about("How long a token is valid, in seconds."),
        integer("allowed_clock_skew")
            .between(0, 300)
            .about("How far clocks may differ, in seconds."),
        boolean("custom_signing_key")
            .about("Whether tokens are signed with your own key, in signingKey."),
        text("signing_algorithm")
            .about("Your key's algorithm, such as RS256; required with customSigningKey."),
        text("signing_key")
            .secret()
            .about("Your private key to sign with; required with customSigningKey."),
    ]])
    .returns(&JWT_TEMPLATE)
    .undo(Undo::created("clerk_delete_jwt_template", &[("template_id", Source::Result("id"))]))
    .verify_with("clerk_list_jwt_templates")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_update_jwt_template",
        "Update JWT template",
        Route::patch("/jwt_templates/{template_id}"),
        "Change a JWT template. claims replaces all that are there: read them first with \
         clerk_get_jwt_template. Tokens that were issued keep their claims.",
    )
    .takes(&[&[
        TEMPLATE_ID,
        NAME,
        CLAIMS,
        integer("lifetime")
            .between(30, 315_360_000)
            .clearable()
            .about("How long a token is valid, in seconds."),
        integer("allowed_clock_skew")
            .between(0, 300)
            .clearable()
            .about("How far clocks may differ, in seconds."),
        boolean("custom_signing_key")
            .about("Whether tokens are signed with your own key, in signingKey."),
        text("signing_algorithm")
            .clearable()
            .about("Your key's algorithm, such as RS256; required with customSigningKey."),
        text("signing_key")
            .clearable()
            .secret()
            .about("Your private key to sign with; required with customSigningKey."),
    ]])
    .returns(&JWT_TEMPLATE)
    .undo(
        Undo::set_back(
            Look::Object("clerk_get_jwt_template"),
            &[
                "name",
                "claims",
                "lifetime",
                "allowed_clock_skew",
                "custom_signing_key",
                "signing_algorithm",
            ],
        )
        .but("A signing key of your own doesn't come back: Clerk doesn't show it."),
    )
    .verify_with("clerk_get_jwt_template")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_delete_jwt_template",
        "Delete JWT template",
        Route::delete("/jwt_templates/{template_id}"),
        "Delete a JWT template: no service gets tokens by it any more.",
    )
    .takes(&[&[TEMPLATE_ID]])
    .returns(&DELETED)
    .undo(Undo::gone(
        &["clerk_get_jwt_template"],
        "Create it again with clerk_create_jwt_template. A signing key of your own has to be given \
         again.",
    ))
    .verify_with("clerk_list_jwt_templates")
    .flags(&[Flag::InstanceWide]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "jwt_templates",
    about: "Templates of JWTs for other services",
    find: "clerk_list_jwt_templates",
    on: On::Chosen,
    tools: &TOOLS,
};
