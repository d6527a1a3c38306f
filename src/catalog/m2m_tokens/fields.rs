//! Fields of the results of the tools for m2m tokens.

use crate::tool::field::{Field, Fields, boolean, code, codes, json, text, time};

const M2M_TOKEN_FIELDS: &[Field] = &[
    code("object"),
    code("id").identity(),
    code("subject").about("Whom it stands for: the ID of a user, an organization or a machine."),
    json("claims").about("Your own data in it."),
    codes("scopes").about("What it may be used for."),
    boolean("revoked"),
    text("revocation_reason").about("Why it was revoked."),
    boolean("expired"),
    time("expiration").about("When it ceases to be valid; null if never."),
    time("last_used_at").about("When it was last used; null if never."),
    time("created_at"),
    time("updated_at").standard(),
];

/// A token of a machine.
pub(super) static M2M_TOKEN: Fields = Fields::open(&[M2M_TOKEN_FIELDS]);

/// A token of a machine, with the token itself.
pub(super) static NEW_M2M_TOKEN: Fields =
    Fields::open(&[M2M_TOKEN_FIELDS, &[code("token").secret()]]);
