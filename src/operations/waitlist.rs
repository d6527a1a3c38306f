//! People who wait to be let in.
//! <https://clerk.com/docs/reference/backend-api/tag/waitlist-entries>

use clerk_api::Route;

use super::fields::DELETED;
use crate::operation::{
    Effect, Entry, Flag,
    param::{LIMIT, OFFSET, choice, flag, objects, text},
    plain,
};

/// The fields of a waitlist entry.
const WAITLIST_ENTRY: &[&str] =
    &["id", "email_address", "status", "is_locked", "created_at", "updated_at", "invitation"];

pub(super) static OPERATIONS: [Entry; 6] = [
    plain(
        "clerk_list_waitlist_entries",
        "List waitlist entries",
        Route::get("/waitlist_entries"),
        "List who is on the waitlist, by status or email.",
    )
    .takes(&[
        LIMIT,
        OFFSET,
        text("query"),
        choice("status", &["pending", "invited", "completed", "rejected"]),
        text("order_by").about("A field such as created_at; - before it for descending."),
    ])
    .rows("waitlistEntries")
    .answers(WAITLIST_ENTRY),
    plain(
        "clerk_create_waitlist_entry",
        "Create waitlist entry",
        Route::post("/waitlist_entries"),
        "Put an email address on the waitlist; Clerk confirms it by email unless notify is \
         false.",
    )
    .takes(&[
        text("email_address").required(),
        flag("notify").about("Whether Clerk sends the email; default true."),
    ])
    .answers(WAITLIST_ENTRY)
    .look("clerk_list_waitlist_entries")
    .flags(&[Flag::SendsMessage]),
    plain(
        "clerk_create_waitlist_entries",
        "Create waitlist entries",
        Route::post("/waitlist_entries/bulk"),
        "Put several email addresses on the waitlist, in one request.",
    )
    .takes(&[objects("entries")
        .at_most(50)
        .required()
        .body()
        .about("Each with emailAddress, notify.")])
    .rows("waitlistEntries")
    .answers(WAITLIST_ENTRY)
    .look("clerk_list_waitlist_entries")
    .flags(&[Flag::SendsMessage]),
    plain(
        "clerk_delete_waitlist_entry",
        "Delete waitlist entry",
        Route::delete("/waitlist_entries/{waitlist_entry_id}"),
        "Take an entry off the waitlist that is still pending. The person is not told.",
    )
    .answers(DELETED)
    .look("clerk_list_waitlist_entries"),
    plain(
        "clerk_invite_waitlist_entry",
        "Invite waitlist entry",
        Route::post("/waitlist_entries/{waitlist_entry_id}/invite"),
        "Invite somebody on the waitlist to sign up; Clerk sends the email.",
    )
    .takes(&[flag("ignore_existing").about("Invite though there is such a user or invitation.")])
    .answers(WAITLIST_ENTRY)
    .look("clerk_list_waitlist_entries")
    .flags(&[Flag::SendsMessage]),
    plain(
        "clerk_reject_waitlist_entry",
        "Reject waitlist entry",
        Route::post("/waitlist_entries/{waitlist_entry_id}/reject"),
        "Reject somebody on the waitlist, who stays listed as rejected. \
         clerk_delete_waitlist_entry takes it off.",
    )
    .answers(WAITLIST_ENTRY)
    .effect(Effect::Destroy)
    .look("clerk_list_waitlist_entries"),
];
