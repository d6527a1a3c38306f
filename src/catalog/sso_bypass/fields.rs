//! Fields of the results of the tools for the SSO bypass allowlist.

use crate::tool::field::{Fields, boolean, code, object, text, time};

/// A user on the allowlist. It has no ID but the user's.
pub(super) static ALLOWED: Fields = Fields::open(&[&[
    code("object"),
    code("user_id").concise(),
    object("public_user_data", &PUBLIC_USER_DATA),
    time("created_at"),
    time("updated_at").standard(),
]]);
static PUBLIC_USER_DATA: Fields = Fields::open(&[&[
    text("first_name"),
    text("last_name"),
    code("identifier").concise().about("What they are known by, such as an email address."),
    text("username"),
    boolean("has_image").full(),
    code("image_url").full(),
    code("profile_image_url").full(),
]]);
