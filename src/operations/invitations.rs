//! Invite people to sign up.
//! <https://clerk.com/docs/reference/backend-api/tag/invitations>

use clerk_api::Route;

use crate::operation::{
    Effect, Entry, Flag,
    param::{LIMIT, OFFSET, choice, flag, integer, json, objects, text},
    plain,
};

/// The fields of an invitation.
const INVITATION: &[&str] = &[
    "id",
    "email_address",
    "public_metadata",
    "revoked",
    "status",
    "url",
    "expires_at",
    "created_at",
    "updated_at",
];

pub(super) static OPERATIONS: [Entry; 4] = [
    plain(
        "clerk_list_invitations",
        "List invitations",
        Route::get("/invitations"),
        "List the invitations to sign up to the application. Those to an organization, \
         clerk_list_organization_invitations lists.",
    )
    .takes(&[
        choice("status", &["pending", "accepted", "revoked", "expired"]),
        text("query"),
        text("order_by").about("A field such as created_at; - before it for descending."),
        LIMIT,
        OFFSET,
    ])
    .rows("invitations")
    .paginated()
    .answers(INVITATION),
    plain(
        "clerk_create_invitation",
        "Create invitation",
        Route::post("/invitations"),
        "Invite an email address to sign up to the application; Clerk sends the email unless \
         notify is false. Into an organization clerk_create_organization_invitation invites.",
    )
    .takes(&[
        text("email_address").required(),
        json("public_metadata"),
        text("redirect_url").about("Where the link leads."),
        flag("notify").about("Whether Clerk sends the email; default true."),
        flag("ignore_existing").about("Invite though there is such a user or invitation."),
        integer("expires_in_days").between(1, 365).about("Default 30."),
        choice("template_slug", &["invitation", "waitlist_invitation"]),
    ])
    .answers(INVITATION)
    .look("clerk_list_invitations")
    .flags(&[Flag::SendsMessage]),
    plain(
        "clerk_create_invitations",
        "Create invitations",
        Route::post("/invitations/bulk"),
        "Invite up to ten email addresses to sign up, in one request.",
    )
    .takes(&[objects("invitations").at_most(10).required().body().about(
        "Each with emailAddress, publicMetadata, redirectUrl, notify, ignoreExisting, \
                 expiresInDays, templateSlug.",
    )])
    .rows("invitations")
    .answers(INVITATION)
    .look("clerk_list_invitations")
    .flags(&[Flag::SendsMessage]),
    plain(
        "clerk_revoke_invitation",
        "Revoke invitation",
        Route::post("/invitations/{invitation_id}/revoke"),
        "Revoke an invitation to sign up that is still pending; its link stops working. A user \
         who signed up stays.",
    )
    .answers(INVITATION)
    .effect(Effect::Destroy)
    .look("clerk_list_invitations"),
];
