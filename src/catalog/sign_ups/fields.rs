//! Fields of the results of the tools for sign ups.

use crate::tool::field::{Fields, any, boolean, code, codes, metadata, object, text, time};

/// A sign up verification.
pub(super) static SIGN_UP_VERIFICATION: Fields = Fields::open(&[&[
    code("next_action").about("What the sign-up waits for."),
    codes("supported_strategies").about("How it can be verified."),
]]);

/// Sign up verifications.
pub(super) static SIGN_UP_VERIFICATIONS: Fields = Fields::open(&[&[
    object("email_address", &SIGN_UP_VERIFICATION),
    object("phone_number", &SIGN_UP_VERIFICATION),
    object("web3_wallet", &SIGN_UP_VERIFICATION),
    any("external_account").about("Deprecated by Clerk, and of no fixed form."),
]]);

/// A sign up.
pub(super) static SIGN_UP: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("status").concise(),
    codes("required_fields").about("What the instance asks of every sign-up."),
    codes("optional_fields").about("What a sign-up may have."),
    codes("missing_fields").about("What the sign-up still lacks."),
    codes("unverified_fields").about("What the sign-up has not verified yet."),
    object("verifications", &SIGN_UP_VERIFICATIONS),
    text("username"),
    code("email_address"),
    code("phone_number"),
    code("web3_wallet"),
    boolean("password_enabled").standard().about("Whether there is a password."),
    text("first_name"),
    text("last_name"),
    metadata("unsafe_metadata")
        .about("Readable and written from the frontend: the user may have set it."),
    metadata("public_metadata").about("Readable from the frontend, written by backends."),
    boolean("custom_action").about("Whether your own frontend must go on with it."),
    code("external_id").about("Its ID in your own system."),
    code("created_session_id").about("The session of the finished sign-up."),
    code("created_user_id").about("The user of the finished sign-up."),
    time("abandon_at").standard().about("When the session ends for want of use."),
    time("legal_accepted_at").about("When they accepted the terms; null if never."),
    code("locale"),
    any("external_account").about("Deprecated by Clerk, and of no fixed form."),
]])
.person();
