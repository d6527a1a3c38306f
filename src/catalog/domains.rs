//! Domains that the application runs on.
//! <https://clerk.com/docs/reference/backend-api/tag/domains>

mod fields;

use clerk_api::Route;

use self::fields::{DOMAIN, PROXY_CHECK};
use super::{On, Toolset, fields::DELETED};
use crate::tool::{
    Effect, Flag, Tool,
    kind::Kind,
    param::{Format, Relation, Rule, boolean, id, only_true, text},
    rest,
    undo::{Look, Source, Undo},
};

static TOOLS: [Tool; 5] = [
    rest(
        "clerk_list_domains",
        "List domains",
        Route::get("/domains"),
        "List the domains that the application runs on, with their DNS targets. For domains of \
         organizations, use clerk_list_organization_domains.",
    )
    .lists("domains", &DOMAIN),
    rest(
        "clerk_add_domain",
        "Add domain",
        Route::post("/domains"),
        "Add a satellite domain to the instance, which shares sign-in with the primary one.",
    )
    .takes(&[&[
        text("name")
            .required()
            .about("The new domain, such as example.org; it may have a port in development."),
        only_true("is_satellite")
            .required()
            .about("Whether it is a satellite; Clerk takes only true."),
        text("proxy_url").format(Format::WebUrl).about("The full URL of the domain's proxy to Clerk, such as https://example.com/__clerk; production only."),
    ]])
    .returns(&DOMAIN)
    .undo(Undo::created("clerk_delete_domain", &[("domain_id", Source::Result("id"))]))
    .verify_with("clerk_list_domains")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_update_domain",
        "Update domain",
        Route::patch("/domains/{domain_id}"),
        "Change the name or the proxy URL of one of the instance's domains. Sign-in there fails \
         until DNS follows.",
    )
    .takes(&[&[
        id("domain_id", &[Kind::Domain], Relation::Target)
            .path()
            .about("The ID of the domain to change."),
        text("name").about(
            "The new name, such as example.org, without https://; a port only in development.",
        ),
        text("proxy_url").format(Format::WebUrl)
            .clearable()
            .about("The full URL of the domain's proxy to Clerk, such as \
                    https://example.com/__clerk; production only."),
        boolean("is_secondary")
            .about("Whether it is for a secondary app, so that its subdomain is kept."),
    ]])
    .rules(&[Rule::Change])
    .returns(&DOMAIN)
    .undo(
        Undo::set_back(
            Look::Row { tool: "clerk_list_domains", field: &["id"], argument: "domain_id" },
            &["name", "proxy_url"],
        )
        .but("Whether it is for a secondary app doesn't come back: Clerk doesn't show it."),
    )
    .verify_with("clerk_list_domains")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_delete_domain",
        "Delete domain",
        Route::delete("/domains/{domain_id}"),
        "Delete a domain of the instance other than the active one; sign-in there stops at once.",
    )
    .takes(&[&[id("domain_id", &[Kind::Domain], Relation::Target)
        .path()
        .about("The ID of the domain to delete, which can't be the active one.")]])
    .returns(&DELETED)
    .undo(Undo::Never("Add it again with clerk_add_domain. It gets a new ID and may need new DNS \
         records."))
    .verify_with("clerk_list_domains")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_verify_domain_proxy",
        "Verify domain proxy",
        Route::post("/proxy_checks"),
        "Check that a proxy URL reaches Clerk for a domain, and remember the outcome. It changes \
         no domain; clerk_update_domain sets the URL.",
    )
    .takes(&[&[
        id("domain_id", &[Kind::Domain], Relation::Target)
            .about("The ID of the domain that the proxy is for."),
        text("proxy_url").format(Format::WebUrl)
            .about("The full proxy URL to check, such as https://example.com/__clerk."),
    ]])
    .returns(&PROXY_CHECK)
    .effect(Effect::Update)
    .undo(Undo::Never("Only the outcome of the check is kept, until the next check."))
    .verify_with("clerk_list_domains"),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "domains",
    about: "Domains that your application runs on",
    find: "clerk_list_domains",
    on: On::Chosen,
    tools: &TOOLS,
};
