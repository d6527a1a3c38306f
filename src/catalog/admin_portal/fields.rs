//! Fields of the results of the tools for admin portal.

use crate::tool::field::{Field, Fields, boolean, code, codes, text, time};

const LINK_TOKEN_FIELDS: &[Field] = &[
    code("object"),
    code("id").identity(),
    code("admin_portal_link_id").about("The link to the admin portal that the token opens."),
    code("instance_id"),
    code("organization_id"),
    code("it_contact_id"),
    codes("scopes").about("What it may be used for."),
    boolean("revoked"),
    text("revocation_reason").about("Why it was revoked."),
    boolean("expired"),
    time("expiration").about("When it ceases to be valid; null if never."),
    time("created_at"),
    time("updated_at").standard(),
];

/// The token of a link.
pub(super) static LINK_TOKEN: Fields = Fields::open(&[LINK_TOKEN_FIELDS]);

/// The token of a link, with the token itself.
pub(super) static NEW_LINK_TOKEN: Fields =
    Fields::open(&[LINK_TOKEN_FIELDS, &[code("token").secret()]]);
