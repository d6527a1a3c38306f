//! Fields of the results of the tools for admin portal.

use crate::tool::field::{Field, Fields, boolean, code, codes, text, time};

const LINK_TOKEN_FIELDS: &[Field] = &[
    code("object"),
    code("id").identity(),
    code("admin_portal_link_id"),
    code("instance_id"),
    code("organization_id"),
    code("it_contact_id"),
    codes("scopes"),
    boolean("revoked"),
    text("revocation_reason"),
    boolean("expired"),
    time("expiration"),
    time("created_at"),
    time("updated_at").standard(),
];

/// The token of a link.
pub(super) static LINK_TOKEN: Fields = Fields::open(&[LINK_TOKEN_FIELDS]);

/// The token of a link, with the token itself.
pub(super) static NEW_LINK_TOKEN: Fields =
    Fields::open(&[LINK_TOKEN_FIELDS, &[code("token").secret()]]);
