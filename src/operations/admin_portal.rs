//! Links with which a company sets up its own sign-on.
//! <https://clerk.com/docs/reference/backend-api/tag/admin-portal-link-tokens>

use clerk_api::Route;

use crate::operation::{
    Effect, Entry,
    param::{id, integer, list, text},
    plain,
};

pub(super) static OPERATIONS: [Entry; 2] = [
    plain(
        "clerk_create_admin_portal_link_token",
        "Create admin portal link token",
        Route::post("/admin_portal_link_tokens"),
        "Make a link with which a company's IT sets up its own single sign-on: a secret.",
    )
    .takes(&[
        text("organization_id"),
        id("it_contact_id"),
        list("scopes"),
        integer("seconds_until_expiration").between(0, 86_400),
    ])
    .answers(&[
        "id",
        "admin_portal_link_id",
        "instance_id",
        "organization_id",
        "it_contact_id",
        "scopes",
        "token",
        "revoked",
        "revocation_reason",
        "expired",
        "expiration",
        "created_at",
        "updated_at",
    ])
    .look("clerk_list_enterprise_connections")
    .secret(),
    plain(
        "clerk_revoke_admin_portal_link_token",
        "Revoke admin portal link token",
        Route::post("/admin_portal_link_tokens/{admin_portal_link_token_id}/revoke"),
        "Revoke a link to the admin portal. What was set up with it stays.",
    )
    .takes(&[text("revocation_reason")])
    .answers(&[
        "id",
        "admin_portal_link_id",
        "instance_id",
        "organization_id",
        "it_contact_id",
        "scopes",
        "revoked",
        "revocation_reason",
        "expired",
        "expiration",
        "created_at",
        "updated_at",
    ])
    .effect(Effect::Destroy)
    .look("clerk_list_enterprise_connections"),
];
