//! Links with which a company sets up its own sign-on.
//! <https://clerk.com/docs/reference/backend-api/tag/admin-portal-link-tokens>

mod fields;

use clerk_api::Route;

use self::fields::{LINK_TOKEN, NEW_LINK_TOKEN};
use super::{On, Toolset};
use crate::tool::{
    Effect, Flag, Tool,
    kind::Kind,
    param::{Relation, TEXT, id, integer, list, text},
    rest,
    undo::{Source, Undo},
};

static TOOLS: [Tool; 2] = [
    rest(
        "clerk_create_admin_portal_link_token",
        "Create admin portal link token",
        Route::post("/admin_portal_link_tokens"),
        "Create a link with which a company's IT sets up its own single sign-on: a secret.",
    )
    .takes(&[&[
        id("organization_id", &[Kind::Organization], Relation::Target).exact().about(
            "The existing organization that the link is for, if any: its whole ID such as \
                    org_2abcdefghijklmnopqrstuvwxyz, its slug or its name.",
        ),
        id("it_contact_id", &[Kind::ItContact], Relation::Grantee)
            .about("The ID of the IT contact that the link is for, if any."),
        list("scopes", &TEXT)
            .about("What the link allows, such as admin_portal:read; comma-separated for several."),
        integer("seconds_until_expiration")
            .between(1, 86400)
            .about("Seconds until the link expires, more than 0; default 3600."),
    ]])
    .returns(&NEW_LINK_TOKEN)
    .undo(
        Undo::created(
            "clerk_revoke_admin_portal_link_token",
            &[("admin_portal_link_token_id", Source::Result("id"))],
        )
        .but("What was set up with the link stays."),
    )
    .verify_with("clerk_list_enterprise_connections")
    .returns_secret()
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_revoke_admin_portal_link_token",
        "Revoke admin portal link token",
        Route::post("/admin_portal_link_tokens/{admin_portal_link_token_id}/revoke"),
        "Revoke a link to the admin portal. What was set up with it stays.",
    )
    .takes(&[&[
        id("admin_portal_link_token_id", &[Kind::AdminPortalLink], Relation::Target)
            .path()
            .exact()
            .about(
                "The ID of the link token to revoke, such as \
                    aplt_0123456789abcdef0123456789abcdef.",
            ),
        text("revocation_reason").about("Why you revoke the link; kept with it."),
    ]])
    .returns(&LINK_TOKEN)
    .effect(Effect::Destroy)
    .undo(Undo::Never("Create another link with clerk_create_admin_portal_link_token."))
    .verify_with("clerk_list_enterprise_connections"),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "admin_portal",
    about: "Links for companies to set up their own single sign-on",
    find: "clerk_list_enterprise_connections",
    on: On::Chosen,
    tools: &TOOLS,
};
