//! Email addresses of users.
//! <https://clerk.com/docs/reference/backend-api/tag/email-addresses>

use clerk_api::Route;

use super::{
    On, Toolset,
    fields::{DELETED, EMAIL_ADDRESS, VERIFICATION},
    params::USER_ID,
};
use crate::tool::{
    Effect, Flag, Tool,
    kind::Kind,
    param::{Param, Relation, Rule, boolean, choice, email, id, text},
    rest,
    undo::{Source, Undo},
};

const EMAIL_ADDRESS_ID: Param = id("email_address_id", &[Kind::EmailAddress], Relation::Target)
    .path()
    .about("The ID of the email address, not the address itself.");

static TOOLS: [Tool; 7] = [
    rest(
        "clerk_create_email_address",
        "Create email address",
        Route::post("/email_addresses"),
        "Add an email address to a user. To replace all that the user has use \
         clerk_replace_user_email_address.",
    )
    .takes(&[&[
        id("user_id", &[Kind::User], Relation::Target)
            .required()
            .about("The ID or email address of the user who gets the new address."),
        email("email_address", Relation::Brought)
            .required()
            .about("The email address to add, such as ada@example.com."),
        boolean("verified").sensitive().about("Whether it counts as verified without a code."),
        boolean("primary")
            .about("Whether it becomes the user's primary address; the first one always does."),
        boolean("notify_primary_email_address_changed")
            .about("Whether Clerk notifies the previous primary address; default false."),
    ]])
    .returns(&EMAIL_ADDRESS)
    .undo(
        Undo::created("clerk_delete_email_address", &[("email_address_id", Source::Result("id"))])
            .but(
                "If it became the primary address, which one was primary before doesn't come back.",
            ),
    )
    .verify_with("clerk_get_user"),
    rest(
        "clerk_get_email_address",
        "Get email address",
        Route::get("/email_addresses/{email_address_id}"),
        "Get one email address with its verification by ID. Users are found by address with \
         clerk_list_users.",
    )
    .takes(&[&[EMAIL_ADDRESS_ID]])
    .returns(&EMAIL_ADDRESS),
    rest(
        "clerk_delete_email_address",
        "Delete email address",
        Route::delete("/email_addresses/{email_address_id}"),
        "Delete an email address of a user, who can no longer sign in with it.",
    )
    .takes(&[&[EMAIL_ADDRESS_ID]])
    .returns(&DELETED)
    .undo(Undo::gone(
        &["clerk_get_email_address"],
        "Add the address again with clerk_create_email_address. It gets a new ID, without its \
         links to other accounts.",
    ))
    .verify_with("clerk_get_user"),
    rest(
        "clerk_update_email_address",
        "Update email address",
        Route::patch("/email_addresses/{email_address_id}"),
        "Mark an email address as verified, or make it its user's primary one. The address itself \
         can't be changed.",
    )
    .takes(&[&[
        EMAIL_ADDRESS_ID,
        boolean("verified").sensitive().about("Whether it counts as verified without a code."),
        boolean("primary").about("Whether it becomes the user's primary address."),
        boolean("notify_primary_email_address_changed")
            .about("Whether Clerk notifies the previous primary address; default false."),
    ]])
    .rules(&[Rule::Change])
    .returns(&EMAIL_ADDRESS)
    .undo(Undo::Never(
        "Mark the address as unverified, or another one as primary, with \
         clerk_update_email_address.",
    ))
    .verify_with("clerk_get_email_address"),
    rest(
        "clerk_prepare_email_address_verification",
        "Prepare email address verification",
        Route::post("/email_addresses/{email_address_id}/prepare_verification"),
        "Send a one-time code to an email address. clerk_attempt_email_address_verification \
         checks what the person reads out.",
    )
    .takes(&[&[EMAIL_ADDRESS_ID]])
    .returns(&VERIFICATION)
    .undo(Undo::Never("The code was sent. Nobody has to use it."))
    .verify_with("clerk_get_user")
    .flags(&[Flag::SendsMessage]),
    rest(
        "clerk_attempt_email_address_verification",
        "Attempt email address verification",
        Route::post("/email_addresses/{email_address_id}/attempt_verification"),
        "Check the one-time code that was sent to an email address, and verify the address if it \
         is right.",
    )
    .takes(&[&[
        EMAIL_ADDRESS_ID,
        id("verification_id", &[Kind::Verification], Relation::Nobody)
            .required()
            .about("The ID of the verification, from clerk_prepare_email_address_verification."),
        text("code").required().secret().about("The code that the user received."),
    ]])
    .returns(&VERIFICATION)
    .undo(Undo::Never(
        "If the code is right, the address is verified. clerk_update_email_address can mark it as \
         unverified.",
    ))
    .verify_with("clerk_get_user")
    .flags(&[Flag::ChecksSecret]),
    rest(
        "clerk_replace_user_email_address",
        "Replace user email address",
        Route::put("/users/{user_id}/email_address"),
        "Replace all email addresses of a user by one, which becomes the primary. A wrong one \
         locks the user out; clerk_create_email_address only adds.",
    )
    .takes(&[&[
        USER_ID,
        email("email_address", Relation::Brought)
            .required()
            .about("The address that replaces all of the user's others, such as ada@example.com."),
        choice("identification_status", &["verified", "reserved", "unverified"]).about(
            "Whether it is verified (default); `reserved`: not verified, but usable for \
             sign-in and nobody else can claim it; `unverified`: neither.",
        ),
        boolean("notify_primary_email_address_changed")
            .about("Whether Clerk notifies the previous primary address; default false."),
    ]])
    .returns(&EMAIL_ADDRESS)
    .effect(Effect::Destroy)
    .undo(Undo::Never(
        "Add the other addresses again with clerk_create_email_address. They get new IDs.",
    ))
    .verify_with("clerk_get_user"),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "email_addresses",
    about: "Users' email addresses",
    find: "clerk_list_users",
    on: On::Chosen,
    tools: &TOOLS,
};
