//! Sign-ups under way.
//! <https://clerk.com/docs/reference/backend-api/tag/sign-ups>

use clerk_api::Route;

use crate::operation::{
    Entry, Rule,
    param::{flag, text},
    plain,
};

/// The fields of a sign-up.
const SIGN_UP: &[&str] = &[
    "id",
    "status",
    "required_fields",
    "optional_fields",
    "missing_fields",
    "unverified_fields",
    "verifications",
    "username",
    "email_address",
    "phone_number",
    "web3_wallet",
    "password_enabled",
    "first_name",
    "last_name",
    "unsafe_metadata",
    "public_metadata",
    "custom_action",
    "external_id",
    "created_session_id",
    "created_user_id",
    "abandon_at",
    "legal_accepted_at",
    "locale",
    "external_account",
];

pub(super) static OPERATIONS: [Entry; 2] = [
    plain(
        "clerk_get_sign_up",
        "Get sign up",
        Route::get("/sign_ups/{id}"),
        "Get one attempt to sign up with what is still missing by ID. Who signed up, \
         clerk_list_users tells.",
    )
    .answers(SIGN_UP),
    plain(
        "clerk_update_sign_up",
        "Update sign up",
        Route::patch("/sign_ups/{id}"),
        "Set an attempt's external ID or custom action while somebody signs up. It completes \
         nothing.",
    )
    .takes(&[text("external_id").nullable(), flag("custom_action").nullable()])
    .answers(SIGN_UP)
    .look("clerk_get_sign_up")
    .rules(&[Rule::Change]),
];
