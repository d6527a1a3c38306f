//! Invite people into organizations.
//! <https://clerk.com/docs/reference/backend-api/tag/organization-invitations>

use clerk_api::Route;

use super::fields::ORGANIZATION_INVITATION_OF_USER;
use crate::operation::{
    Effect, Entry, Flag,
    param::{LIMIT, OFFSET, choice, flag, id, integer, json, objects, text},
    plain,
};

/// The fields of an organization invitation.
const ORGANIZATION_INVITATION: &[&str] = &[
    "id",
    "email_address",
    "role",
    "role_name",
    "organization_id",
    "inviter_id",
    "public_inviter_data",
    "status",
    "public_metadata",
    "private_metadata",
    "url",
    "expires_at",
    "created_at",
    "updated_at",
];

pub(super) static OPERATIONS: [Entry; 7] = [
    plain(
        "clerk_list_organization_invitations",
        "List organization invitations",
        Route::get("/organizations/{organization_id}/invitations"),
        "List the invitations that an organization has sent, by status.",
    )
    .takes(&[
        choice("status", &["pending", "accepted", "revoked", "expired"]),
        text("email_address").about("Exact."),
        text("order_by").about("A field such as created_at; - before it for descending."),
        LIMIT,
        OFFSET,
    ])
    .rows("organizationInvitations")
    .answers(&[
        "id",
        "email_address",
        "role",
        "status",
        "inviter_id",
        "url",
        "expires_at",
        "created_at",
        "updated_at",
        "public_metadata",
        "private_metadata",
    ]),
    plain(
        "clerk_create_organization_invitation",
        "Create organization invitation",
        Route::post("/organizations/{organization_id}/invitations"),
        "Invite an email address into an organization with a role; Clerk sends the email. Who is \
         a user already, clerk_add_organization_member adds at once.",
    )
    .takes(&[
        text("email_address").required(),
        id("inviter_user_id").about("Who is named as inviting."),
        text("role").required().about("Such as org:member."),
        json("public_metadata"),
        json("private_metadata"),
        text("redirect_url").about("Where the link leads."),
        integer("expires_in_days").between(1, 365).about("Default 30."),
        flag("notify").about("Whether Clerk sends the email; default true."),
    ])
    .answers(&["id", "email_address", "role", "status", "url", "expires_at"])
    .look("clerk_list_organization_invitations")
    .flags(&[Flag::SendsMessage]),
    plain(
        "clerk_create_organization_invitations",
        "Create organization invitations",
        Route::post("/organizations/{organization_id}/invitations/bulk"),
        "Invite up to ten email addresses into an organization, in one request.",
    )
    .takes(&[objects("invitations").at_most(10).required().body().about(
        "Each with emailAddress, inviterUserId, role, publicMetadata, privateMetadata, \
                 redirectUrl, expiresInDays, notify.",
    )])
    .rows("organizationInvitations")
    .answers(ORGANIZATION_INVITATION)
    .look("clerk_list_organization_invitations")
    .flags(&[Flag::SendsMessage]),
    plain(
        "clerk_list_pending_organization_invitations",
        "List pending organization invitations",
        Route::get("/organizations/{organization_id}/invitations/pending"),
        "List an organization's invitations that nobody has accepted yet. Deprecated by Clerk: \
         clerk_list_organization_invitations takes status.",
    )
    .takes(&[LIMIT, OFFSET])
    .rows("pendingOrganizationInvitations")
    .answers(ORGANIZATION_INVITATION)
    .flags(&[Flag::Deprecated]),
    plain(
        "clerk_get_organization_invitation",
        "Get organization invitation",
        Route::get("/organizations/{organization_id}/invitations/{invitation_id}"),
        "Get one invitation of an organization by ID.",
    )
    .answers(ORGANIZATION_INVITATION),
    plain(
        "clerk_revoke_organization_invitation",
        "Revoke organization invitation",
        Route::post("/organizations/{organization_id}/invitations/{invitation_id}/revoke"),
        "Revoke an invitation to an organization that is still pending. A member stays; \
         clerk_remove_organization_member removes one.",
    )
    .takes(&[id("requesting_user_id").about("Who revokes it.")])
    .answers(&["id", "email_address", "status"])
    .effect(Effect::Destroy)
    .look("clerk_get_organization_invitation"),
    plain(
        "clerk_list_all_organization_invitations",
        "List all organization invitations",
        Route::get("/organization_invitations"),
        "List the invitations of all organizations at once. Of one, \
         clerk_list_organization_invitations is nearer.",
    )
    .takes(&[
        text("order_by").about("A field such as created_at; - before it for descending."),
        choice("status", &["pending", "accepted", "revoked", "expired"]),
        text("query"),
        LIMIT,
        OFFSET,
    ])
    .rows("organizationInvitations")
    .answers(ORGANIZATION_INVITATION_OF_USER),
];
