//! Invite people to sign up.
//! <https://clerk.com/docs/reference/backend-api/tag/invitations>

use clerk_api::Route;

use super::{
    On, Toolset,
    fields::{DELETED, INVITATION},
};
use crate::tool::{
    Effect, Flag, Tool,
    kind::Kind,
    param::{
        Format, PAGE, Relation, Shape, boolean, choice, email, id, integer, metadata, objects,
        order, text,
    },
    rest,
    undo::{Source, Undo},
};

static NEW_INVITATION: Shape = Shape {
    params: &[&[
        email("email_address", Relation::Brought)
            .required()
            .about("The email address to invite, such as ada@example.com."),
        metadata("public_metadata").about("Goes to the user's public metadata if they sign up."),
        text("redirect_url").format(Format::Url).about(
            "The URL to which the link in the email leads, such as https://app.example.com/join.",
        ),
        boolean("notify").about("Whether Clerk sends the email; default true."),
        boolean("ignore_existing")
            .about("Whether to invite despite an existing invitation; default false."),
        integer("expires_in_days").between(1, 365).about("Days until it expires; default 30."),
        choice("template_slug", &["invitation", "waitlist_invitation"])
            .about("The email template; default invitation."),
    ]],
    rules: &[],
    open: false,
};

static TOOLS: [Tool; 5] = [
    rest(
        "clerk_list_invitations",
        "List invitations",
        Route::get("/invitations"),
        "List the invitations to sign up to the application. For those to an organization, use \
         clerk_list_organization_invitations.",
    )
    .takes(&[
        &[
            choice("status", &["pending", "accepted", "revoked", "expired"])
                .filter()
                .about("Only invitations with this status."),
            text("query").filter().about("An email address or invitation ID to search for."),
            order("order_by", &["created_at", "email_address", "expires_at"]).about(
                "created_at, email_address or expires_at; prefix - for descending, such as \
                 -created_at, the default.",
            ),
        ],
        PAGE,
    ])
    .lists("invitations", &INVITATION)
    .paginated(),
    rest(
        "clerk_create_invitation",
        "Create invitation",
        Route::post("/invitations"),
        "Invite an email address to sign up to the application; Clerk sends the email unless \
         notify is false. For an organization, use clerk_create_organization_invitation.",
    )
    .takes(&[&[
        email("email_address", Relation::Brought)
            .required()
            .about("The email address to invite, such as ada@example.com."),
        metadata("public_metadata").about("Goes to the user's public metadata if they sign up."),
        text("redirect_url").format(Format::Url).about(
            "The URL to which the link in the email leads, such as https://app.example.com/join.",
        ),
        boolean("notify").about("Whether Clerk sends the email; default true."),
        boolean("ignore_existing")
            .about("Whether to invite even if there is such a user or invitation; default false."),
        integer("expires_in_days")
            .between(1, 365)
            .about("Days until the invitation expires; default 30."),
        choice("template_slug", &["invitation", "waitlist_invitation"])
            .about("Which email template to use; default invitation."),
    ]])
    .returns(&INVITATION)
    .undo(
        Undo::created("clerk_revoke_invitation", &[("invitation_id", Source::Result("id"))])
            .but("The email was sent, but its link stops working."),
    )
    .verify_with("clerk_list_invitations")
    .flags(&[Flag::SendsMessage]),
    rest(
        "clerk_create_invitations",
        "Create invitations",
        Route::post("/invitations/bulk"),
        "Invite up to ten email addresses to sign up, in one request.",
    )
    .takes(&[&[objects("invitations", &NEW_INVITATION)
        .between(1, 10)
        .whole_body()
        .required()
        .about("The invitations to create, one for each email address; at most 10.")]])
    .lists("invitations", &INVITATION)
    .undo(Undo::Never(
        "Revoke the invitations one by one with clerk_revoke_invitation. The emails were sent.",
    ))
    .verify_with("clerk_list_invitations")
    .flags(&[Flag::SendsMessage])
    .many_of("clerk_create_invitation"),
    rest(
        "clerk_revoke_invitation",
        "Revoke invitation",
        Route::post("/invitations/{invitation_id}/revoke"),
        "Revoke an invitation to sign up that is still pending; its link stops working. A user \
         who signed up stays.",
    )
    .takes(&[&[id("invitation_id", &[Kind::Invitation], Relation::Target)
        .path()
        .about("The ID of the pending invitation to revoke.")]])
    .returns(&INVITATION)
    .effect(Effect::Destroy)
    .undo(Undo::Never("Invite the person again with clerk_create_invitation."))
    .verify_with("clerk_list_invitations"),
    rest(
        "clerk_delete_invitation",
        "Delete invitation",
        Route::delete("/invitations/{invitation_id}"),
        "Delete the record of an invitation to sign up, whatever its status, and Clerk's copies of \
         its email: to erase the data of someone who never signed up. A user or an invitation to an \
         organization with the address stays. To only stop a pending one, use \
         clerk_revoke_invitation.",
    )
    .takes(&[&[id("invitation_id", &[Kind::Invitation], Relation::Target)
        .path()
        .about("The ID of the invitation whose record to delete.")]])
    .returns(&DELETED)
    .undo(Undo::Never("The person can be invited again with clerk_create_invitation."))
    .verify_with("clerk_list_invitations"),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "invitations",
    about: "Invite people to sign up",
    find: "clerk_list_invitations",
    on: On::Chosen,
    tools: &TOOLS,
};
