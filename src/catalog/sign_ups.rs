//! Sign-ups under way.
//! <https://clerk.com/docs/reference/backend-api/tag/sign-ups>

mod fields;

use clerk_api::Route;

use self::fields::SIGN_UP;
use super::{On, Toolset};
use crate::tool::{
    Tool,
    kind::Kind,
    param::{Relation, Rule, boolean, id, text},
    rest,
    undo::{Look, Undo},
};

static TOOLS: [Tool; 2] = [
    rest(
        "clerk_get_sign_up",
        "Get sign up",
        Route::get("/sign_ups/{id}"),
        "Get one attempt to sign up with what is still missing by ID. For people who have signed \
         up, \
         use clerk_list_users.",
    )
    .takes(&[&[id("id", &[Kind::SignUp], Relation::Target)
        .path()
        .about("The ID of the sign-up attempt.")]])
    .returns(&SIGN_UP),
    rest(
        "clerk_update_sign_up",
        "Update sign up",
        Route::patch("/sign_ups/{id}"),
        "Set an attempt's external ID or custom action while someone signs up. It completes \
         nothing.",
    )
    .takes(&[&[
        id("id", &[Kind::SignUp], Relation::Target).path().about("The ID of the sign-up attempt."),
        text("external_id").clearable().about(
            "The person's ID in your own system, copied to the user when the sign-up completes.",
        ),
        boolean("custom_action").about("Whether the sign-up is marked as a custom action."),
    ]])
    .rules(&[Rule::Change])
    .returns(&SIGN_UP)
    .undo(Undo::set_back(Look::Object("clerk_get_sign_up"), &["external_id", "custom_action"]))
    .verify_with("clerk_get_sign_up"),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "sign_ups",
    about: "Sign-ups in progress",
    find: "clerk_whoami",
    on: On::Chosen,
    tools: &TOOLS,
};
