//! Who may sign up: the allowlist and the blocklist.
//! <https://clerk.com/docs/reference/backend-api/tag/allow-list-block-list>

use clerk_api::Route;

use super::{On, Toolset, fields::DELETED};
use crate::tool::{
    Flag, Tool,
    field::{Fields, code, time},
    kind::Kind,
    param::{PAGE, Relation, boolean, id, identifier},
    rest,
    undo::{Look, Source, Undo},
};

/// An allowlist identifier.
static ALLOWLIST_IDENTIFIER: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("invitation_id"),
    code("identifier").concise(),
    code("identifier_type").about("email_address, phone_number or web3_wallet."),
    code("instance_id"),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// A blocklist identifier.
static BLOCKLIST_IDENTIFIER: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("identifier").concise(),
    code("identifier_type").about("email_address, phone_number or web3_wallet."),
    code("instance_id"),
    time("created_at"),
    time("updated_at").standard(),
]]);

static TOOLS: [Tool; 6] = [
    rest(
        "clerk_list_allowlist_identifiers",
        "List allowlist identifiers",
        Route::get("/allowlist_identifiers"),
        "List the emails, domains, phones and wallets that may sign up where sign-up is \
         restricted to an allowlist.",
    )
    .takes(&[PAGE])
    .lists("allowlistIdentifiers", &ALLOWLIST_IDENTIFIER)
    .paginated(),
    rest(
        "clerk_create_allowlist_identifier",
        "Create allowlist identifier",
        Route::post("/allowlist_identifiers"),
        "Allow an email, domain, phone or wallet to sign up. It creates no user; \
         clerk_create_invitation invites one person.",
    )
    .takes(&[&[
        identifier("identifier", Relation::Brought).required().about(
            "An email address, domain, phone number or web3 wallet, such as ada@example.com or \
             *@example.com.",
        ),
        boolean("notify").about(
            "Whether to send an invitation; only to emails and phone numbers. Default false.",
        ),
    ]])
    .returns(&ALLOWLIST_IDENTIFIER)
    .undo(
        Undo::created(
            "clerk_delete_allowlist_identifier",
            &[("identifier_id", Source::Result("id"))],
        )
        .but("An invitation that was sent stays sent."),
    )
    .verify_with("clerk_list_allowlist_identifiers")
    .flags(&[Flag::InstanceWide, Flag::SendsMessage]),
    rest(
        "clerk_delete_allowlist_identifier",
        "Delete allowlist identifier",
        Route::delete("/allowlist_identifiers/{identifier_id}"),
        "Remove an identifier from the allowlist. Users who signed up with it stay.",
    )
    .takes(&[&[id("identifier_id", &[Kind::AllowlistIdentifier], Relation::Target)
        .path()
        .about("The ID of the allowlist entry, not the identifier itself.")]])
    .returns(&DELETED)
    .undo(
        Undo::by(
            "clerk_create_allowlist_identifier",
            &[("identifier", Source::Before("identifier"))],
        )
        .changes(
            Look::Row {
                tool: "clerk_list_allowlist_identifiers",
                field: &["id"],
                argument: "identifier_id",
            },
            &[],
        )
        .but("It gets a new ID."),
    )
    .verify_with("clerk_list_allowlist_identifiers")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_list_blocklist_identifiers",
        "List blocklist identifiers",
        Route::get("/blocklist_identifiers"),
        "List the emails, domains, phones and wallets that may not sign up.",
    )
    .lists("blocklistIdentifiers", &BLOCKLIST_IDENTIFIER),
    rest(
        "clerk_create_blocklist_identifier",
        "Create blocklist identifier",
        Route::post("/blocklist_identifiers"),
        "Block an email, domain, phone or wallet from signing up. Users who have it already can \
         still sign in; clerk_ban_user stops one.",
    )
    .takes(&[&[identifier("identifier", Relation::Brought).required().about(
        "An email address, domain, phone number or web3 wallet, such as ada@example.com or \
         *@example.com.",
    )]])
    .returns(&BLOCKLIST_IDENTIFIER)
    .undo(Undo::created(
        "clerk_delete_blocklist_identifier",
        &[("identifier_id", Source::Result("id"))],
    ))
    .verify_with("clerk_list_blocklist_identifiers")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_delete_blocklist_identifier",
        "Delete blocklist identifier",
        Route::delete("/blocklist_identifiers/{identifier_id}"),
        "Remove an identifier from the blocklist, so that it can sign up.",
    )
    .takes(&[&[id("identifier_id", &[Kind::BlocklistIdentifier], Relation::Target)
        .path()
        .about("The ID of the blocklist entry, not the identifier itself.")]])
    .returns(&DELETED)
    .undo(
        Undo::by(
            "clerk_create_blocklist_identifier",
            &[("identifier", Source::Before("identifier"))],
        )
        .changes(
            Look::Row {
                tool: "clerk_list_blocklist_identifiers",
                field: &["id"],
                argument: "identifier_id",
            },
            &[],
        )
        .but("It gets a new ID."),
    )
    .verify_with("clerk_list_blocklist_identifiers")
    .flags(&[Flag::InstanceWide]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "restrictions",
    about: "The allowlist and the blocklist: who may sign up",
    find: "clerk_list_allowlist_identifiers",
    on: On::Chosen,
    tools: &TOOLS,
};
