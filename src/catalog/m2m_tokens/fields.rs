//! Fields of the results of the tools for m2m tokens.

use crate::tool::field::{Field, Fields, boolean, code, codes, json, text, time};

const M2M_TOKEN_FIELDS: &[Field] = &[
    code("object"),
    code("id").identity(),
    code("subject"),
    json("claims"),
    codes("scopes"),
    boolean("revoked"),
    text("revocation_reason"),
    boolean("expired"),
    time("expiration"),
    time("last_used_at"),
    time("created_at"),
    time("updated_at").standard(),
];

/// A token of a machine.
pub(super) static M2M_TOKEN: Fields = Fields::open(&[M2M_TOKEN_FIELDS]);

/// A token of a machine, with the token itself.
pub(super) static NEW_M2M_TOKEN: Fields =
    Fields::open(&[M2M_TOKEN_FIELDS, &[code("token").secret()]]);
