//! Email domains that organizations own.
//! <https://clerk.com/docs/reference/backend-api/tag/organization-domains>

pub(super) mod fields;

use clerk_api::Route;

use self::fields::ORGANIZATION_DOMAIN;
use super::{On, Toolset, fields::DELETED, params::ORGANIZATION_ID};
use crate::tool::{
    Effect, Flag, Tool,
    kind::Kind,
    param::{
        Format, LIMIT, OFFSET, PAGE, Param, Relation, Role, Rule, TEXT, Type, boolean, choice, id,
        list, order, text,
    },
    rest,
    undo::{Look, Source, Undo},
};

const DOMAIN_ID: Param = id("domain_id", &[Kind::OrganizationDomain], Relation::Target)
    .path()
    .about("The ID of the organization's domain, not its name.");

/// How people with an address of a domain may join its organization.
const JOINING: &[&str] =
    &["manual_invitation", "automatic_invitation", "automatic_suggestion", "enterprise_sso"];
/// The same as a filter: `-` before one asks for domains without it.
const MODES: &[&str] = &[
    "manual_invitation",
    "automatic_invitation",
    "automatic_suggestion",
    "enterprise_sso",
    "-manual_invitation",
    "-automatic_invitation",
    "-automatic_suggestion",
    "-enterprise_sso",
];

static TOOLS: [Tool; 6] = [
    rest(
        "clerk_list_organization_domains",
        "List organization domains",
        Route::get("/organizations/{organization_id}/domains"),
        "List the email domains of an organization, and how people with such an address join it.",
    )
    .takes(&[
        &[
            ORGANIZATION_ID,
            choice("verified", &["true", "false"])
                .filter()
                .about("`true` for verified domains only, `false` for unverified ones only."),
            choice("enrollment_mode", MODES)
                .filter()
                .about("Only domains with this mode of joining, or with - before it, without it."),
        ],
        PAGE,
    ])
    .lists("organizationDomains", &ORGANIZATION_DOMAIN),
    rest(
        "clerk_create_organization_domain",
        "Create organization domain",
        Route::post("/organizations/{organization_id}/domains"),
        "Add an email domain to an organization, so that people with such an address can join it.",
    )
    .takes(&[&[
        ORGANIZATION_ID,
        text("name").format(Format::Domain).about("The email domain to add, such as example.com."),
        choice("enrollment_mode", JOINING)
            .sensitive()
            .about("How people with an address of the domain join the organization."),
        boolean("verified")
            .sensitive()
            .about("Whether the domain counts as verified without a check; default true."),
    ]])
    .returns(&ORGANIZATION_DOMAIN)
    .undo(
        Undo::created(
            "clerk_delete_organization_domain",
            &[
                ("organization_id", Source::Argument("organization_id")),
                ("domain_id", Source::Result("id")),
            ],
        )
        .but("Members who joined by it stay."),
    )
    .verify_with("clerk_list_organization_domains"),
    rest(
        "clerk_update_organization_domain",
        "Update organization domain",
        Route::patch("/organizations/{organization_id}/domains/{domain_id}"),
        "Change how people with an address of an organization's domain join it, or whether it is \
         verified.",
    )
    .takes(&[&[
        ORGANIZATION_ID,
        DOMAIN_ID,
        choice("enrollment_mode", JOINING)
            .sensitive()
            .about("How people with an address of the domain join the organization."),
        boolean("verified")
            .sensitive()
            .about("Whether the domain counts as verified without a check."),
    ]])
    .rules(&[Rule::Change])
    .returns(&ORGANIZATION_DOMAIN)
    .undo(
        Undo::set_back(
            Look::Row {
                tool: "clerk_list_organization_domains",
                field: &["id"],
                argument: "domain_id",
            },
            &["enrollment_mode"],
        )
        .but("Whether it was verified doesn't come back."),
    )
    .verify_with("clerk_list_organization_domains"),
    rest(
        "clerk_delete_organization_domain",
        "Delete organization domain",
        Route::delete("/organizations/{organization_id}/domains/{domain_id}"),
        "Remove an email domain from an organization. Members stay.",
    )
    .takes(&[&[ORGANIZATION_ID, DOMAIN_ID]])
    .returns(&DELETED)
    .undo(Undo::Never("Add it again with clerk_create_organization_domain. It gets a new ID."))
    .verify_with("clerk_list_organization_domains"),
    rest(
        "clerk_verify_organization_domain_ownership",
        "Verify organization domain ownership",
        Route::post("/organizations/{organization_id}/domains/{domain_id}/verify_ownership"),
        "Mark an organization's domain as owned by it, without an email to prove it.",
    )
    .takes(&[&[ORGANIZATION_ID, DOMAIN_ID]])
    .returns(&ORGANIZATION_DOMAIN)
    .effect(Effect::Update)
    .undo(Undo::Never("clerk_delete_organization_domain takes the domain from the organization."))
    .verify_with("clerk_list_organization_domains")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_list_all_organization_domains",
        "List all organization domains",
        Route::get("/organization_domains"),
        "List the email domains of all organizations at once. Of one, \
         clerk_list_organization_domains is nearer.",
    )
    .takes(&[&[
        id("organization_id", &[Kind::Organization], Relation::Filter)
            .filter()
            .about("Only domains of this organization, by its ID, slug or name."),
        choice("verified", &["true", "false"])
            .filter()
            .about("Whether to list verified domains only, or unverified ones only."),
        list(
            "enrollment_mode",
            &Type::Choice(MODES),
        )
        .query_comma()
        .role(Role::Filter)
        .about(
            "Comma-separated modes, such as automatic_invitation,enterprise_sso: \
             manual_invitation, \
             automatic_invitation, automatic_suggestion or enterprise_sso; prefix - to exclude one.",
        ),
        text("query").filter().about("Part of a domain name, or an exact organization ID."),
        list("domains", &TEXT)
            .filter()
            .about("Exact domain names, comma-separated, such as example.com,example.org."),
        order("order_by", &["name", "created_at"])
            .about("Sort by name or created_at; prefix - for descending, such as -created_at, \
                    the default."),
        OFFSET,
        LIMIT,
    ]])
    .lists("organizationDomains", &ORGANIZATION_DOMAIN),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "organization_domains",
    about: "Organizations' email domains",
    find: "clerk_list_organization_domains",
    on: On::Chosen,
    tools: &TOOLS,
};
