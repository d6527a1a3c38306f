//! Fields of the results of the tools for user profiles.

use crate::tool::field::{Fields, code, codes, metadata, text, time};

/// A token of a user at another provider.
pub(super) static OAUTH_ACCESS_TOKEN: Fields = Fields::open(&[&[
    code("object"),
    code("external_account_id"),
    code("provider_user_id").about("The user's ID at the provider."),
    code("token").secret(),
    time("expires_at").about("When it ceases to be valid."),
    code("provider").about("Who provides the identity, such as google or saml_okta."),
    metadata("public_metadata").about("Readable from the frontend, written by backends."),
    text("label").about("What the provider calls the account."),
    codes("scopes").about("What it may be used for."),
    code("id_token").secret(),
    code("token_secret").secret(),
]]);
