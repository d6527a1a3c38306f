//! Email addresses of users.
//! <https://clerk.com/docs/reference/backend-api/tag/email-addresses>

use clerk_api::Route;

use super::fields::{DELETED, VERIFICATION};
use crate::operation::{
    Effect, Entry, Flag, Rule,
    param::{choice, flag, id, text},
    plain,
};

/// The fields of an email address.
const EMAIL_ADDRESS: &[&str] = &[
    "id",
    "email_address",
    "reserved",
    "verification",
    "linked_to",
    "matches_sso_connection",
    "created_at",
    "updated_at",
];

pub(super) static OPERATIONS: [Entry; 7] = [
    plain(
        "clerk_create_email_address",
        "Create email address",
        Route::post("/email_addresses"),
        "Add an email address to a user. To replace all that the user has use \
         clerk_replace_user_email_address.",
    )
    .takes(&[
        id("user_id").required(),
        text("email_address").required(),
        flag("verified").about("Whether it counts as verified without a code."),
        flag("primary").about("Whether it becomes the primary one."),
        flag("notify_primary_email_address_changed"),
    ])
    .answers(EMAIL_ADDRESS)
    .needs_consent(&["verified"])
    .look("clerk_get_user"),
    plain(
        "clerk_get_email_address",
        "Get email address",
        Route::get("/email_addresses/{email_address_id}"),
        "Get one email address with its verification by ID. Users are found by address with \
         clerk_list_users.",
    )
    .answers(EMAIL_ADDRESS),
    plain(
        "clerk_delete_email_address",
        "Delete email address",
        Route::delete("/email_addresses/{email_address_id}"),
        "Take an email address away from its user, who can no longer sign in with it.",
    )
    .answers(DELETED)
    .look("clerk_get_user"),
    plain(
        "clerk_update_email_address",
        "Update email address",
        Route::patch("/email_addresses/{email_address_id}"),
        "Mark an email address as verified, or make it its user's primary one. The address \
         itself can't be changed.",
    )
    .takes(&[
        flag("verified").nullable().about("Whether it counts as verified without a code."),
        flag("primary").nullable().about("Whether it becomes the primary one."),
        flag("notify_primary_email_address_changed").nullable(),
    ])
    .answers(EMAIL_ADDRESS)
    .needs_consent(&["verified"])
    .look("clerk_get_email_address")
    .rules(&[Rule::Change]),
    plain(
        "clerk_prepare_email_address_verification",
        "Prepare email address verification",
        Route::post("/email_addresses/{email_address_id}/prepare_verification"),
        "Send a one-time code to an email address. clerk_attempt_email_address_verification \
         checks what the person reads out.",
    )
    .answers(VERIFICATION)
    .look("clerk_get_user")
    .flags(&[Flag::SendsMessage]),
    plain(
        "clerk_attempt_email_address_verification",
        "Attempt email address verification",
        Route::post("/email_addresses/{email_address_id}/attempt_verification"),
        "Check the one-time code that was sent to an email address, and verify the address where \
         it is right.",
    )
    .takes(&[
        id("verification_id").required(),
        text("code").required().secret().about("What the person got."),
    ])
    .answers(VERIFICATION)
    .look("clerk_get_user"),
    plain(
        "clerk_replace_user_email_address",
        "Replace user email address",
        Route::put("/users/{user_id}/email_address"),
        "Replace all email addresses of a user by one, which becomes the primary. A wrong one \
         locks the user out; clerk_create_email_address only adds.",
    )
    .takes(&[
        text("email_address").required(),
        choice("identification_status", &["verified", "reserved", "unverified"]),
        flag("notify_primary_email_address_changed").nullable(),
    ])
    .answers(EMAIL_ADDRESS)
    .effect(Effect::Destroy)
    .look("clerk_get_user"),
];
