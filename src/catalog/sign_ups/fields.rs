//! Fields of the results of the tools for sign ups.

use crate::tool::field::{Fields, any, boolean, code, codes, metadata, object, text, time};

/// A sign up verification.
pub(super) static SIGN_UP_VERIFICATION: Fields =
    Fields::open(&[&[code("next_action"), codes("supported_strategies")]]);

/// Sign up verifications.
pub(super) static SIGN_UP_VERIFICATIONS: Fields = Fields::open(&[&[
    object("email_address", &SIGN_UP_VERIFICATION),
    object("phone_number", &SIGN_UP_VERIFICATION),
    object("web3_wallet", &SIGN_UP_VERIFICATION),
    any("external_account"),
]]);

/// A sign up.
pub(super) static SIGN_UP: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("status").concise(),
    codes("required_fields"),
    codes("optional_fields"),
    codes("missing_fields"),
    codes("unverified_fields"),
    object("verifications", &SIGN_UP_VERIFICATIONS),
    text("username"),
    code("email_address"),
    code("phone_number"),
    code("web3_wallet"),
    boolean("password_enabled").standard(),
    text("first_name"),
    text("last_name"),
    metadata("unsafe_metadata"),
    metadata("public_metadata"),
    boolean("custom_action"),
    code("external_id"),
    code("created_session_id"),
    code("created_user_id"),
    time("abandon_at").standard(),
    time("legal_accepted_at"),
    code("locale"),
    any("external_account"),
]])
.person();
