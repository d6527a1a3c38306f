//! People who wait to be let in.
//! <https://clerk.com/docs/reference/backend-api/tag/waitlist-entries>

pub(super) mod fields;

use clerk_api::Route;

use self::fields::WAITLIST_ENTRY;
use super::{On, Toolset, fields::DELETED};
use crate::tool::{
    Effect, Flag, Tool,
    kind::Kind,
    param::{
        LIMIT, OFFSET, Param, Relation, Shape, boolean, choice, email, id, objects, order, text,
    },
    rest,
    undo::{Source, Undo},
};

const WAITLIST_ENTRY_ID: Param = id("waitlist_entry_id", &[Kind::WaitlistEntry], Relation::Target)
    .path()
    .about("The ID of the waitlist entry, not its email address.");

static NEW_ENTRY: Shape = Shape {
    params: &[&[
        email("email_address", Relation::Brought)
            .required()
            .about("The address to put on the waitlist, such as ada@example.com."),
        boolean("notify").about("Whether Clerk sends a confirmation by email; default true."),
    ]],
    rules: &[],
    open: false,
};

static TOOLS: [Tool; 6] = [
    rest(
        "clerk_list_waitlist_entries",
        "List waitlist entries",
        Route::get("/waitlist_entries"),
        "List who is on the waitlist, by status or email.",
    )
    .takes(&[&[
        LIMIT,
        OFFSET,
        text("query").filter().about("The email address or entry ID to search for."),
        choice("status", &["pending", "invited", "completed", "rejected"])
            .filter()
            .about("Only entries with this status; without it, all."),
        order("order_by", &["created_at", "email_address", "invited_at"]).about(
            "Sort by created_at, email_address or invited_at; prefix - for descending, such as \
             -created_at, the default.",
        ),
    ]])
    .lists("waitlistEntries", &WAITLIST_ENTRY),
    rest(
        "clerk_create_waitlist_entry",
        "Create waitlist entry",
        Route::post("/waitlist_entries"),
        "Put an email address on the waitlist; Clerk confirms it by email unless notify is false.",
    )
    .takes(&[&[
        email("email_address", Relation::Brought)
            .required()
            .about("The address to put on the waitlist, such as ada@example.com."),
        boolean("notify").about("Whether Clerk sends a confirmation by email; default true."),
    ]])
    .returns(&WAITLIST_ENTRY)
    .undo(
        Undo::created(
            "clerk_delete_waitlist_entry",
            &[("waitlist_entry_id", Source::Result("id"))],
        )
        .but("The email that confirms it was sent."),
    )
    .verify_with("clerk_list_waitlist_entries")
    .flags(&[Flag::SendsMessage]),
    rest(
        "clerk_create_waitlist_entries",
        "Create waitlist entries",
        Route::post("/waitlist_entries/bulk"),
        "Put several email addresses on the waitlist, in one request.",
    )
    .takes(&[&[objects("entries", &NEW_ENTRY)
        .between(1, 50)
        .whole_body()
        .required()
        .about("The 1 to 50 entries to add, each with another address.")]])
    .lists("waitlistEntries", &WAITLIST_ENTRY)
    .undo(Undo::Never("Delete the entries one by one with clerk_delete_waitlist_entry."))
    .verify_with("clerk_list_waitlist_entries")
    .flags(&[Flag::SendsMessage]),
    rest(
        "clerk_delete_waitlist_entry",
        "Delete waitlist entry",
        Route::delete("/waitlist_entries/{waitlist_entry_id}"),
        "Remove a pending entry from the waitlist. Clerk doesn't notify the person.",
    )
    .takes(&[&[WAITLIST_ENTRY_ID]])
    .returns(&DELETED)
    .undo(Undo::Never("Put the address on the waitlist again with clerk_create_waitlist_entry."))
    .verify_with("clerk_list_waitlist_entries"),
    rest(
        "clerk_invite_waitlist_entry",
        "Invite waitlist entry",
        Route::post("/waitlist_entries/{waitlist_entry_id}/invite"),
        "Invite a person on the waitlist to sign up; Clerk sends the email.",
    )
    .takes(&[&[
        WAITLIST_ENTRY_ID,
        boolean("ignore_existing").about(
            "Whether to invite even if the address has an invitation or a user already; default \
             false.",
        ),
    ]])
    .returns(&WAITLIST_ENTRY)
    .undo(Undo::Never("The email was sent. clerk_revoke_invitation revokes the invitation."))
    .verify_with("clerk_list_waitlist_entries")
    .flags(&[Flag::SendsMessage]),
    rest(
        "clerk_reject_waitlist_entry",
        "Reject waitlist entry",
        Route::post("/waitlist_entries/{waitlist_entry_id}/reject"),
        "Reject a person on the waitlist, who stays listed as rejected. \
         clerk_delete_waitlist_entry removes the entry.",
    )
    .takes(&[&[WAITLIST_ENTRY_ID]])
    .returns(&WAITLIST_ENTRY)
    .effect(Effect::Destroy)
    .undo(Undo::Never(
        "Invite the person with clerk_invite_waitlist_entry, or with clerk_create_invitation.",
    ))
    .verify_with("clerk_list_waitlist_entries"),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "waitlist",
    about: "The waitlist",
    find: "clerk_list_waitlist_entries",
    on: On::Chosen,
    tools: &TOOLS,
};
