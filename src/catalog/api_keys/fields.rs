//! Fields of the results of the tools for api keys.

use crate::tool::field::{Field, Fields, boolean, code, codes, json, text, time};

const API_KEY_FIELDS: &[Field] = &[
    code("object"),
    code("id").identity(),
    code("type"),
    code("subject").about("Whom it stands for: the ID of a user, an organization or a machine."),
    text("name").concise(),
    text("description"),
    json("claims").about("Your own data in it."),
    codes("scopes").about("What it may be used for."),
    boolean("revoked"),
    text("revocation_reason").about("Why it was revoked."),
    boolean("expired"),
    time("expiration").about("When it ceases to be valid; null if never."),
    code("created_by"),
    time("last_used_at").about("When it was last used; null if never."),
    time("created_at"),
    time("updated_at").standard(),
];

/// An API key.
pub(super) static API_KEY: Fields = Fields::open(&[API_KEY_FIELDS]);

/// An API key with its secret.
pub(super) static NEW_API_KEY: Fields = Fields::open(&[API_KEY_FIELDS, &[code("secret").secret()]]);

/// An API key secret.
pub(super) static API_KEY_SECRET: Fields = Fields::open(&[&[code("secret").secret()]]);
