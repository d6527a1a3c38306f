//! Fields of the results of the tools for user credentials.

use crate::tool::field::{Fields, boolean, code, text, time};

/// Whether a password is right.
pub(super) static PASSWORD_CHECK: Fields =
    Fields::open(&[&[boolean("verified").about("Whether it was right.")]]);

/// Whether a code is right.
pub(super) static TOTP_CHECK: Fields =
    Fields::open(&[&[boolean("verified").about("Whether it was right."), code("code_type")]]);

/// Whose second factors were removed.
pub(super) static FACTORS_REMOVED: Fields = Fields::open(&[&[code("user_id").concise()]]);

/// A biometric credential. Clerk still calls the object a trusted device.
pub(super) static BIOMETRIC_CREDENTIAL: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("platform"),
    code("app_identifier"),
    text("name").concise(),
    code("algorithm"),
    code("status").concise(),
    time("created_at"),
    time("updated_at").standard(),
    time("last_used_at").about("When it was last used; null if never."),
    time("revoked_at"),
]]);
