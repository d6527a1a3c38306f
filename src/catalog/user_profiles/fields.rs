//! Fields of the results of the tools for user profiles.

use crate::tool::field::{Fields, code, codes, metadata, text, time};

/// A token of a user at another provider.
pub(super) static OAUTH_ACCESS_TOKEN: Fields = Fields::open(&[&[
    code("object"),
    code("external_account_id"),
    code("provider_user_id"),
    code("token").secret(),
    time("expires_at"),
    code("provider"),
    metadata("public_metadata"),
    text("label"),
    codes("scopes"),
    code("id_token").secret(),
    code("token_secret").secret(),
]]);
