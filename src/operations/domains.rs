//! Domains that the application runs on.
//! <https://clerk.com/docs/reference/backend-api/tag/domains>

use clerk_api::Route;

use super::fields::DELETED;
use crate::operation::{
    Effect, Entry, Flag, Rule,
    param::{flag, id, text},
    plain,
};

/// The fields of a domain.
const DOMAIN: &[&str] = &[
    "id",
    "name",
    "is_satellite",
    "frontend_api_url",
    "accounts_portal_url",
    "proxy_url",
    "development_origin",
    "cname_targets",
];

pub(super) static OPERATIONS: [Entry; 5] = [
    plain(
        "clerk_list_domains",
        "List domains",
        Route::get("/domains"),
        "List the domains that the application runs on, with their DNS targets. Domains of \
         organizations, clerk_list_organization_domains lists.",
    )
    .rows("domains")
    .answers(DOMAIN),
    plain(
        "clerk_add_domain",
        "Add domain",
        Route::post("/domains"),
        "Add a satellite domain to the instance, which shares sign-in with the primary one.",
    )
    .takes(&[text("name").required(), flag("is_satellite").required(), text("proxy_url")])
    .answers(DOMAIN)
    .look("clerk_list_domains")
    .flags(&[Flag::InstanceWide]),
    plain(
        "clerk_update_domain",
        "Update domain",
        Route::patch("/domains/{domain_id}"),
        "Change the name or the proxy URL of one of the instance's domains. Sign-in there fails \
         until DNS follows.",
    )
    .takes(&[
        text("name").nullable(),
        text("proxy_url").nullable(),
        flag("is_secondary").nullable(),
    ])
    .answers(DOMAIN)
    .look("clerk_list_domains")
    .flags(&[Flag::InstanceWide])
    .rules(&[Rule::Change]),
    plain(
        "clerk_delete_domain",
        "Delete domain",
        Route::delete("/domains/{domain_id}"),
        "Delete a satellite domain of the instance, on which sign-in stops at once.",
    )
    .answers(DELETED)
    .look("clerk_list_domains")
    .flags(&[Flag::InstanceWide]),
    plain(
        "clerk_verify_domain_proxy",
        "Verify domain proxy",
        Route::post("/proxy_checks"),
        "Check that a proxy URL reaches Clerk for a domain, and remember the outcome. It changes \
         no domain; clerk_update_domain sets the URL.",
    )
    .takes(&[id("domain_id"), text("proxy_url")])
    .answers(&[
        "id",
        "domain_id",
        "last_run_at",
        "proxy_url",
        "successful",
        "created_at",
        "updated_at",
    ])
    .effect(Effect::Update)
    .look("clerk_list_domains"),
];
