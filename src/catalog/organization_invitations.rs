//! Invite people into organizations.
//! <https://clerk.com/docs/reference/backend-api/tag/organization-invitations>

use clerk_api::Route;

use super::{
    On, Toolset,
    fields::{ORGANIZATION_INVITATION, ORGANIZATION_INVITATION_OF_USER},
    params::ORGANIZATION_ID,
};
use crate::tool::{
    Effect, Flag, Tool,
    kind::Kind,
    param::{
        Format, PAGE, Param, Relation, Shape, boolean, choice, email, id, integer, metadata,
        objects, order, role_key, text,
    },
    rest,
    undo::{Source, Undo},
};

/// What an invitation is made of.
const INVITATION_PARAMS: &[Param] = &[
    email("email_address", Relation::Brought)
        .required()
        .about("The address to invite, such as ada@example.com."),
    id("inviter_user_id", &[Kind::User], Relation::Credit).about(
        "The ID or email address of the user who is named as inviting; must be an admin \
                of the organization.",
    ),
    role_key("role")
        .required()
        .about("The role that the person gets in the organization, such as org:member."),
    metadata("public_metadata").about(
        "Public metadata of the invitation, passed on to the membership when it is accepted.",
    ),
    metadata("private_metadata").about(
        "Private metadata of the invitation, passed on to the membership when it is accepted.",
    ),
    text("redirect_url").format(Format::Url).about(
        "Where the person lands after the link in the email, such as \
         https://app.example.com/join.",
    ),
    integer("expires_in_days")
        .between(1, 365)
        .about("Days until the invitation expires; default 30."),
    boolean("notify").about("Whether Clerk sends the invitation email; default true."),
];

static NEW_INVITATION: Shape = Shape { params: &[INVITATION_PARAMS], rules: &[], open: false };

static TOOLS: [Tool; 7] = [
    rest(
        "clerk_list_organization_invitations",
        "List organization invitations",
        Route::get("/organizations/{organization_id}/invitations"),
        "List the invitations that an organization has sent, by status.",
    )
    .takes(&[
        &[
            ORGANIZATION_ID,
            choice("status", &["pending", "accepted", "revoked", "expired"])
                .filter()
                .about("Only invitations with this status; without it, all."),
            email("email_address", Relation::Filter)
                .filter()
                .about("Only invitations to this exact address, such as ada@example.com."),
            order("order_by", &["created_at", "email_address"]).about(
                "Sort by created_at or email_address; prefix - for descending, such as \
                 -created_at (default).",
            ),
        ],
        PAGE,
    ])
    .lists("organizationInvitations", &ORGANIZATION_INVITATION),
    rest(
        "clerk_create_organization_invitation",
        "Create organization invitation",
        Route::post("/organizations/{organization_id}/invitations"),
        "Invite an email address into an organization with a role; Clerk sends the email. \
         clerk_add_organization_member adds a user at once.",
    )
    .takes(&[&[ORGANIZATION_ID], INVITATION_PARAMS])
    .returns(&ORGANIZATION_INVITATION)
    .undo(
        Undo::created(
            "clerk_revoke_organization_invitation",
            &[
                ("organization_id", Source::Argument("organization_id")),
                ("invitation_id", Source::Result("id")),
            ],
        )
        .but("The email was sent, but its link stops working."),
    )
    .verify_with("clerk_list_organization_invitations")
    .flags(&[Flag::SendsMessage]),
    rest(
        "clerk_create_organization_invitations",
        "Create organization invitations",
        Route::post("/organizations/{organization_id}/invitations/bulk"),
        "Invite up to ten email addresses into an organization, in one request.",
    )
    .takes(&[&[
        ORGANIZATION_ID,
        objects("invitations", &NEW_INVITATION)
            .between(1, 10)
            .whole_body()
            .required()
            .about("The 1 to 10 invitations to send, one for each address."),
    ]])
    .lists("organizationInvitations", &ORGANIZATION_INVITATION)
    .undo(Undo::Never(
        "Revoke the invitations one by one with clerk_revoke_organization_invitation. The emails \
         were sent.",
    ))
    .verify_with("clerk_list_organization_invitations")
    .flags(&[Flag::SendsMessage])
    .many_of("clerk_create_organization_invitation"),
    rest(
        "clerk_list_pending_organization_invitations",
        "List pending organization invitations",
        Route::get("/organizations/{organization_id}/invitations/pending"),
        "List an organization's invitations that nobody has accepted yet. Deprecated by Clerk: \
         clerk_list_organization_invitations takes status.",
    )
    .takes(&[&[ORGANIZATION_ID], PAGE])
    .lists("pendingOrganizationInvitations", &ORGANIZATION_INVITATION)
    .flags(&[Flag::Deprecated]),
    rest(
        "clerk_get_organization_invitation",
        "Get organization invitation",
        Route::get("/organizations/{organization_id}/invitations/{invitation_id}"),
        "Get one invitation of an organization by ID.",
    )
    .takes(&[&[
        ORGANIZATION_ID,
        id("invitation_id", &[Kind::OrganizationInvitation], Relation::Target)
            .path()
            .about("The ID of the invitation, such as orginv_2ab…."),
    ]])
    .returns(&ORGANIZATION_INVITATION),
    rest(
        "clerk_revoke_organization_invitation",
        "Revoke organization invitation",
        Route::post("/organizations/{organization_id}/invitations/{invitation_id}/revoke"),
        "Revoke an invitation to an organization that is still pending. A member stays; \
         clerk_remove_organization_member removes one.",
    )
    .takes(&[&[
        ORGANIZATION_ID,
        id("invitation_id", &[Kind::OrganizationInvitation], Relation::Target)
            .path()
            .about("The ID of the invitation, such as orginv_2ab…."),
        id("requesting_user_id", &[Kind::User], Relation::Credit).about(
            "The ID or email address of the user who revokes it; must be an admin of the \
                    organization.",
        ),
    ]])
    .returns(&ORGANIZATION_INVITATION)
    .effect(Effect::Destroy)
    .undo(Undo::Never("Invite the person again with clerk_create_organization_invitation."))
    .verify_with("clerk_get_organization_invitation"),
    rest(
        "clerk_list_all_organization_invitations",
        "List all organization invitations",
        Route::get("/organization_invitations"),
        "List the invitations of all organizations at once. Of one, \
         clerk_list_organization_invitations is nearer.",
    )
    .takes(&[
        &[
            order("order_by", &["created_at", "email_address"]).about(
                "Sort by created_at or email_address; prefix - for descending, such as \
                 -created_at (default).",
            ),
            choice("status", &["pending", "accepted", "revoked", "expired"])
                .filter()
                .about("Only invitations with this status; without it, all."),
            text("query").filter().about("The invited email address to search for."),
        ],
        PAGE,
    ])
    .lists("organizationInvitations", &ORGANIZATION_INVITATION_OF_USER),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "organization_invitations",
    about: "Invitations to organizations",
    find: "clerk_list_organization_invitations",
    on: On::Partly(&[
        "clerk_list_organization_invitations",
        "clerk_create_organization_invitation",
        "clerk_revoke_organization_invitation",
    ]),
    tools: &TOOLS,
};
