//! Phone numbers of users.
//! <https://clerk.com/docs/reference/backend-api/tag/phone-numbers>

use clerk_api::Route;

use super::{
    On, Toolset,
    fields::{DELETED, PHONE_NUMBER, VERIFICATION},
    params::USER_ID,
};
use crate::tool::{
    Effect, Flag, Tool,
    kind::Kind,
    param::{Param, Relation, Rule, boolean, choice, id, phone, text},
    rest,
    undo::{Look, Source, Undo},
};

const PHONE_NUMBER_ID: Param = id("phone_number_id", &[Kind::PhoneNumber], Relation::Target)
    .path()
    .about("The ID of the phone number, not the number itself.");

static TOOLS: [Tool; 7] = [
    rest(
        "clerk_create_phone_number",
        "Create phone number",
        Route::post("/phone_numbers"),
        "Add a phone number to a user. To replace all that the user has use \
         clerk_replace_user_phone_number.",
    )
    .takes(&[&[
        id("user_id", &[Kind::User], Relation::Target)
            .required()
            .about("The ID or email address of the user who gets the number."),
        phone("phone_number", Relation::Brought)
            .required()
            .about("The number to add, in E.164 form, such as +15550100."),
        boolean("verified")
            .sensitive()
            .about("Whether the number counts as verified without a code."),
        boolean("primary").about(
            "Whether it becomes the user's primary number; default false, unless it is their \
             first.",
        ),
        boolean("reserved_for_second_factor")
            .about("Whether it is kept for the second factor; it must be verified, too."),
    ]])
    .returns(&PHONE_NUMBER)
    .undo(
        Undo::created("clerk_delete_phone_number", &[("phone_number_id", Source::Result("id"))])
            .but(
                "If it became the primary number, which one was primary before doesn't come back.",
            ),
    )
    .verify_with("clerk_get_user"),
    rest(
        "clerk_get_phone_number",
        "Get phone number",
        Route::get("/phone_numbers/{phone_number_id}"),
        "Get one phone number with its verification by ID. Users are found by number with \
         clerk_list_users.",
    )
    .takes(&[&[PHONE_NUMBER_ID]])
    .returns(&PHONE_NUMBER),
    rest(
        "clerk_delete_phone_number",
        "Delete phone number",
        Route::delete("/phone_numbers/{phone_number_id}"),
        "Delete a phone number of a user, who can no longer sign in or confirm with it.",
    )
    .takes(&[&[PHONE_NUMBER_ID]])
    .returns(&DELETED)
    .undo(Undo::gone(
        &["clerk_get_phone_number"],
        "Add the number again with clerk_create_phone_number. It gets a new ID, and backup codes \
         are gone.",
    ))
    .verify_with("clerk_get_user"),
    rest(
        "clerk_update_phone_number",
        "Update phone number",
        Route::patch("/phone_numbers/{phone_number_id}"),
        "Mark a phone number as verified, make it primary, or keep it for the second factor. The \
         number itself can't be changed.",
    )
    .takes(&[&[
        PHONE_NUMBER_ID,
        boolean("verified")
            .sensitive()
            .about("Whether the number counts as verified without a code."),
        boolean("primary").about("Whether it becomes the user's primary number."),
        boolean("reserved_for_second_factor")
            .about("Whether it is kept for the second factor; it must be verified, too."),
    ]])
    .rules(&[Rule::Change])
    .returns(&PHONE_NUMBER)
    .undo(
        Undo::set_back(Look::Object("clerk_get_phone_number"), &["reserved_for_second_factor"])
            .but("Whether it was verified, and which number was primary, doesn't come back."),
    )
    .verify_with("clerk_get_phone_number"),
    rest(
        "clerk_prepare_phone_number_verification",
        "Prepare phone number verification",
        Route::post("/phone_numbers/{phone_number_id}/prepare_verification"),
        "Send a one-time code to a phone number by SMS. clerk_attempt_phone_number_verification \
         checks what the person reads out.",
    )
    .takes(&[&[PHONE_NUMBER_ID]])
    .returns(&VERIFICATION)
    .undo(Undo::Never("The code was sent. Nobody has to use it."))
    .verify_with("clerk_get_user")
    .flags(&[Flag::SendsMessage]),
    rest(
        "clerk_attempt_phone_number_verification",
        "Attempt phone number verification",
        Route::post("/phone_numbers/{phone_number_id}/attempt_verification"),
        "Check the one-time code that was sent to a phone number, and verify the number if it is \
         right.",
    )
    .takes(&[&[
        PHONE_NUMBER_ID,
        id("verification_id", &[Kind::Verification], Relation::Nobody)
            .required()
            .about("The ID of the verification that sending the code returned."),
        text("code")
            .required()
            .secret()
            .about("The one-time code that the person received by SMS."),
    ]])
    .returns(&VERIFICATION)
    .undo(Undo::Never(
        "If the code is right, the number is verified. clerk_update_phone_number can mark it as \
         unverified.",
    ))
    .verify_with("clerk_get_user")
    .flags(&[Flag::ChecksSecret]),
    rest(
        "clerk_replace_user_phone_number",
        "Replace user phone number",
        Route::put("/users/{user_id}/phone_number"),
        "Replace all phone numbers of a user by one, which becomes the primary. \
         clerk_create_phone_number only adds.",
    )
    .takes(&[&[
        USER_ID,
        phone("phone_number", Relation::Brought)
            .required()
            .about("The user's only number from now on, in E.164 form, such as +15550100."),
        choice("identification_status", &["verified", "reserved", "unverified"]).about(
            "Default verified. reserved is unverified but can sign in; unverified can't, and may \
             lock the user out.",
        ),
    ]])
    .returns(&PHONE_NUMBER)
    .effect(Effect::Destroy)
    .undo(Undo::Never(
        "Add the other numbers again with clerk_create_phone_number. They get new IDs.",
    ))
    .verify_with("clerk_get_user"),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "phone_numbers",
    about: "Users' phone numbers",
    find: "clerk_list_users",
    on: On::Chosen,
    tools: &TOOLS,
};
