//! Fields of the results of the tools for organization domains.

use crate::catalog::fields::INVITED_TO;
use crate::tool::field::{Fields, code, integer, object, text, time};

/// How far a domain is verified.
pub(super) static DOMAIN_VERIFICATION: Fields = Fields::open(&[&[
    code("status").concise(),
    code("strategy"),
    integer("attempts"),
    time("expire_at"),
    time("verified_at"),
]]);

/// An organization domain.
pub(in crate::catalog) static ORGANIZATION_DOMAIN: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("organization_id"),
    text("name").concise(),
    code("enrollment_mode"),
    code("affiliation_email_address"),
    object("affiliation_verification", &DOMAIN_VERIFICATION),
    object("ownership_verification", &DOMAIN_VERIFICATION),
    object("verification", &DOMAIN_VERIFICATION),
    integer("total_pending_invitations"),
    integer("total_pending_suggestions"),
    object("public_organization_data", &INVITED_TO),
    time("created_at"),
    time("updated_at").standard(),
]]);
