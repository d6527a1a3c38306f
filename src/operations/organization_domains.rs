//! Email domains that organizations own.
//! <https://clerk.com/docs/reference/backend-api/tag/organization-domains>

use clerk_api::Route;

use super::fields::DELETED;
use crate::operation::{
    Effect, Entry, Rule,
    param::{LIMIT, OFFSET, choice, flag, id, list, text},
    plain,
};

/// The fields of an organization domain.
const ORGANIZATION_DOMAIN: &[&str] = &[
    "id",
    "organization_id",
    "name",
    "enrollment_mode",
    "affiliation_email_address",
    "affiliation_verification",
    "ownership_verification",
    "verification",
    "total_pending_invitations",
    "total_pending_suggestions",
    "public_organization_data",
    "created_at",
    "updated_at",
];

pub(super) static OPERATIONS: [Entry; 6] = [
    plain(
        "clerk_list_organization_domains",
        "List organization domains",
        Route::get("/organizations/{organization_id}/domains"),
        "List the email domains of an organization, and how people with such an address join it.",
    )
    .takes(&[
        text("verified").about("Whether it counts as verified without a code."),
        text("enrollment_mode")
            .about("manual_invitation, automatic_invitation or automatic_suggestion."),
        LIMIT,
        OFFSET,
    ])
    .rows("organizationDomains")
    .answers(ORGANIZATION_DOMAIN),
    plain(
        "clerk_create_organization_domain",
        "Create organization domain",
        Route::post("/organizations/{organization_id}/domains"),
        "Add an email domain to an organization, so that people with such an address can join \
         it.",
    )
    .takes(&[
        text("name"),
        text("enrollment_mode")
            .about("manual_invitation, automatic_invitation or automatic_suggestion."),
        flag("verified").about("Whether it counts as verified without a code."),
    ])
    .answers(ORGANIZATION_DOMAIN)
    .look("clerk_list_organization_domains"),
    plain(
        "clerk_update_organization_domain",
        "Update organization domain",
        Route::patch("/organizations/{organization_id}/domains/{domain_id}"),
        "Change how people with an address of an organization's domain join it, or whether it is \
         verified.",
    )
    .takes(&[
        text("enrollment_mode")
            .nullable()
            .about("manual_invitation, automatic_invitation or automatic_suggestion."),
        flag("verified").nullable().about("Whether it counts as verified without a code."),
    ])
    .answers(ORGANIZATION_DOMAIN)
    .look("clerk_list_organization_domains")
    .rules(&[Rule::Change]),
    plain(
        "clerk_delete_organization_domain",
        "Delete organization domain",
        Route::delete("/organizations/{organization_id}/domains/{domain_id}"),
        "Take an email domain away from an organization. Members stay.",
    )
    .answers(DELETED)
    .look("clerk_list_organization_domains"),
    plain(
        "clerk_verify_organization_domain_ownership",
        "Verify organization domain ownership",
        Route::post("/organizations/{organization_id}/domains/{domain_id}/verify_ownership"),
        "Mark an organization's domain as owned by it, without an email to prove it.",
    )
    .answers(ORGANIZATION_DOMAIN)
    .effect(Effect::Update)
    .look("clerk_list_organization_domains"),
    plain(
        "clerk_list_all_organization_domains",
        "List all organization domains",
        Route::get("/organization_domains"),
        "List the email domains of all organizations at once. Of one, \
         clerk_list_organization_domains is nearer.",
    )
    .takes(&[
        id("organization_id"),
        choice("verified", &["true", "false"])
            .about("Whether it counts as verified without a code."),
        list("enrollment_mode")
            .about("manual_invitation, automatic_invitation or automatic_suggestion."),
        text("query"),
        list("domains"),
        text("order_by").about("A field such as created_at; - before it for descending."),
        OFFSET,
        LIMIT,
    ])
    .rows("organizationDomains")
    .answers(ORGANIZATION_DOMAIN),
];
