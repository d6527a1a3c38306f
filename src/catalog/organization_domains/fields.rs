//! Fields of the results of the tools for organization domains.

use crate::catalog::fields::INVITED_TO;
use crate::tool::field::{Fields, code, integer, object, text, time};

/// How far a domain is verified.
pub(super) static DOMAIN_VERIFICATION: Fields = Fields::open(&[&[
    code("status").concise(),
    code("strategy").about("How it is verified, such as email_code or oauth_google."),
    integer("attempts").about("How often it was tried; null if attempts are not counted."),
    time("expire_at").about("When it ceases to be valid."),
    time("verified_at"),
]]);

/// An organization domain.
pub(in crate::catalog) static ORGANIZATION_DOMAIN: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("organization_id"),
    text("name").concise(),
    code("enrollment_mode").about("How people with an address at the domain join."),
    code("affiliation_email_address")
        .about("The address at the domain that proves the affiliation."),
    object("affiliation_verification", &DOMAIN_VERIFICATION),
    object("ownership_verification", &DOMAIN_VERIFICATION),
    object("verification", &DOMAIN_VERIFICATION)
        .about("How far it is verified; null if that was never begun."),
    integer("total_pending_invitations")
        .about("How many were invited by the domain and haven't answered."),
    integer("total_pending_suggestions")
        .about("How many were offered to join and haven't answered."),
    object("public_organization_data", &INVITED_TO).about("What others see of the organization."),
    time("created_at"),
    time("updated_at").standard(),
]]);
