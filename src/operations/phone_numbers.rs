//! Phone numbers of users.
//! <https://clerk.com/docs/reference/backend-api/tag/phone-numbers>

use clerk_api::Route;

use super::fields::{DELETED, VERIFICATION};
use crate::operation::{
    Effect, Entry, Flag, Rule,
    param::{choice, flag, id, text},
    plain,
};

/// The fields of a phone number.
const PHONE_NUMBER: &[&str] = &[
    "id",
    "phone_number",
    "reserved_for_second_factor",
    "default_second_factor",
    "reserved",
    "verification",
    "linked_to",
    "backup_codes",
    "created_at",
    "updated_at",
];

pub(super) static OPERATIONS: [Entry; 7] = [
    plain(
        "clerk_create_phone_number",
        "Create phone number",
        Route::post("/phone_numbers"),
        "Add a phone number to a user. To replace all that the user has use \
         clerk_replace_user_phone_number.",
    )
    .takes(&[
        id("user_id").required(),
        text("phone_number").required(),
        flag("verified").about("Whether it counts as verified without a code."),
        flag("primary").about("Whether it becomes the primary one."),
        flag("reserved_for_second_factor").about("Whether it is for the second factor."),
    ])
    .answers(PHONE_NUMBER)
    .needs_consent(&["verified"])
    .look("clerk_get_user"),
    plain(
        "clerk_get_phone_number",
        "Get phone number",
        Route::get("/phone_numbers/{phone_number_id}"),
        "Get one phone number with its verification by ID. Users are found by number with \
         clerk_list_users.",
    )
    .answers(PHONE_NUMBER),
    plain(
        "clerk_delete_phone_number",
        "Delete phone number",
        Route::delete("/phone_numbers/{phone_number_id}"),
        "Take a phone number away from its user, who can no longer sign in or confirm with it.",
    )
    .answers(DELETED)
    .look("clerk_get_user"),
    plain(
        "clerk_update_phone_number",
        "Update phone number",
        Route::patch("/phone_numbers/{phone_number_id}"),
        "Mark a phone number as verified, make it primary, or keep it for the second factor. The \
         number itself can't be changed.",
    )
    .takes(&[
        flag("verified").nullable().about("Whether it counts as verified without a code."),
        flag("primary").nullable().about("Whether it becomes the primary one."),
        flag("reserved_for_second_factor").nullable().about("Whether it is for the second factor."),
    ])
    .answers(PHONE_NUMBER)
    .needs_consent(&["verified"])
    .look("clerk_get_phone_number")
    .rules(&[Rule::Change]),
    plain(
        "clerk_prepare_phone_number_verification",
        "Prepare phone number verification",
        Route::post("/phone_numbers/{phone_number_id}/prepare_verification"),
        "Send a one-time code to a phone number by SMS. clerk_attempt_phone_number_verification \
         checks what the person reads out.",
    )
    .answers(VERIFICATION)
    .look("clerk_get_user")
    .flags(&[Flag::SendsMessage]),
    plain(
        "clerk_attempt_phone_number_verification",
        "Attempt phone number verification",
        Route::post("/phone_numbers/{phone_number_id}/attempt_verification"),
        "Check the one-time code that was sent to a phone number, and verify the number where it \
         is right.",
    )
    .takes(&[
        id("verification_id").required(),
        text("code").required().secret().about("What the person got."),
    ])
    .answers(VERIFICATION)
    .look("clerk_get_user"),
    plain(
        "clerk_replace_user_phone_number",
        "Replace user phone number",
        Route::put("/users/{user_id}/phone_number"),
        "Replace all phone numbers of a user by one, which becomes the primary. \
         clerk_create_phone_number only adds.",
    )
    .takes(&[
        text("phone_number").required(),
        choice("identification_status", &["verified", "reserved", "unverified"]),
    ])
    .answers(PHONE_NUMBER)
    .effect(Effect::Destroy)
    .look("clerk_get_user"),
];
