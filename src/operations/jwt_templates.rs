//! Templates of tokens for other services.
//! <https://clerk.com/docs/reference/backend-api/tag/jwt-templates>

use clerk_api::Route;

use super::fields::DELETED;
use crate::operation::{
    Entry,
    param::{LIMIT, OFFSET, flag, integer, json, text},
    plain,
};

/// The fields of a JWT template.
const JWT_TEMPLATE: &[&str] = &[
    "id",
    "name",
    "claims",
    "lifetime",
    "allowed_clock_skew",
    "custom_signing_key",
    "signing_algorithm",
    "created_at",
    "updated_at",
];

pub(super) static OPERATIONS: [Entry; 5] = [
    plain(
        "clerk_list_jwt_templates",
        "List JWT templates",
        Route::get("/jwt_templates"),
        "List the templates by which tokens for other services are made.",
    )
    .takes(&[LIMIT, OFFSET])
    .rows("jwtTemplates")
    .paginated()
    .answers(JWT_TEMPLATE),
    plain(
        "clerk_get_jwt_template",
        "Get JWT template",
        Route::get("/jwt_templates/{template_id}"),
        "Get one JWT template with its claims and lifetime by ID.",
    )
    .answers(JWT_TEMPLATE),
    plain(
        "clerk_create_jwt_template",
        "Create JWT template",
        Route::post("/jwt_templates"),
        "Make a template of tokens for another service, with its claims and lifetime.",
    )
    .takes(&[
        text("name").required(),
        json("claims").required().about("The claims of the token."),
        integer("lifetime").between(30, 315_360_000).about("In seconds."),
        integer("allowed_clock_skew").between(0, 300).about("In seconds."),
        flag("custom_signing_key"),
        text("signing_algorithm"),
        text("signing_key").secret(),
    ])
    .answers(JWT_TEMPLATE)
    .look("clerk_list_jwt_templates"),
    plain(
        "clerk_update_jwt_template",
        "Update JWT template",
        Route::patch("/jwt_templates/{template_id}"),
        "Change a JWT template; name and claims must be given whole. Tokens that are out keep \
         what they have.",
    )
    .takes(&[
        text("name").required(),
        json("claims").required().about("The claims of the token."),
        integer("lifetime").between(30, 315_360_000).nullable().about("In seconds."),
        integer("allowed_clock_skew").between(0, 300).nullable().about("In seconds."),
        flag("custom_signing_key"),
        text("signing_algorithm").nullable(),
        text("signing_key").nullable().secret(),
    ])
    .answers(JWT_TEMPLATE)
    .look("clerk_get_jwt_template"),
    plain(
        "clerk_delete_jwt_template",
        "Delete JWT template",
        Route::delete("/jwt_templates/{template_id}"),
        "Delete a JWT template: no service gets tokens by it any more.",
    )
    .answers(DELETED)
    .look("clerk_list_jwt_templates"),
];
