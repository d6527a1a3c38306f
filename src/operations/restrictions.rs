//! Who may sign up: the allowlist and the blocklist.
//! <https://clerk.com/docs/reference/backend-api/tag/allow-list-block-list>

use clerk_api::Route;

use crate::operation::{
    Entry, Flag,
    param::{LIMIT, OFFSET, flag, text},
    plain,
};

const IDENTIFIER: &[&str] = &["id", "identifier", "identifier_type", "created_at", "updated_at"];

pub(super) static OPERATIONS: [Entry; 6] = [
    plain(
        "clerk_list_allowlist_identifiers",
        "List allowlist identifiers",
        Route::get("/allowlist_identifiers"),
        "List the emails, domains, phones and wallets that may sign up where sign-up is \
         restricted to an allowlist.",
    )
    .takes(&[LIMIT, OFFSET])
    .rows("allowlistIdentifiers")
    .paginated()
    .answers(IDENTIFIER),
    plain(
        "clerk_create_allowlist_identifier",
        "Create allowlist identifier",
        Route::post("/allowlist_identifiers"),
        "Let an email, domain, phone or wallet sign up. It creates no user; \
         clerk_create_invitation invites one person.",
    )
    .takes(&[
        text("identifier").required().about("Such as ada@example.com or *@example.com."),
        flag("notify").about("Email an invitation to it; not for domains. Default false."),
    ])
    .answers(IDENTIFIER)
    .flags(&[Flag::SendsMessage])
    .look("clerk_list_allowlist_identifiers"),
    plain(
        "clerk_delete_allowlist_identifier",
        "Delete allowlist identifier",
        Route::delete("/allowlist_identifiers/{identifier_id}"),
        "Take an identifier off the allowlist. Users who signed up with it stay.",
    )
    .answers(&["id", "object", "deleted"])
    .undo("It can be added again.")
    .look("clerk_list_allowlist_identifiers"),
    plain(
        "clerk_list_blocklist_identifiers",
        "List blocklist identifiers",
        Route::get("/blocklist_identifiers"),
        "List the emails, domains, phones and wallets that may not sign up.",
    )
    .rows("blocklistIdentifiers")
    .answers(IDENTIFIER),
    plain(
        "clerk_create_blocklist_identifier",
        "Create blocklist identifier",
        Route::post("/blocklist_identifiers"),
        "Keep an email, domain, phone or wallet from signing up. Users who have it already can \
         still sign in; clerk_ban_user stops one.",
    )
    .takes(&[text("identifier").required().about("Such as ada@example.com or *@example.com.")])
    .answers(IDENTIFIER)
    .look("clerk_list_blocklist_identifiers"),
    plain(
        "clerk_delete_blocklist_identifier",
        "Delete blocklist identifier",
        Route::delete("/blocklist_identifiers/{identifier_id}"),
        "Take an identifier off the blocklist, so that it can sign up.",
    )
    .answers(&["id", "object", "deleted"])
    .undo("It can be added again.")
    .look("clerk_list_blocklist_identifiers"),
];
