//! Browsers and apps that people sign in with.
//! <https://clerk.com/docs/reference/backend-api/tag/clients>

use clerk_api::Route;

use crate::operation::{
    Effect, Entry, Flag,
    param::{LIMIT, OFFSET, text},
    plain,
};

/// The fields of a client.
const CLIENT: &[&str] = &[
    "id",
    "session_ids",
    "sessions",
    "sign_in_id",
    "sign_up_id",
    "last_active_session_id",
    "last_authentication_strategy",
    "updated_at",
    "created_at",
];

pub(super) static OPERATIONS: [Entry; 3] = [
    plain(
        "clerk_list_clients",
        "List clients",
        Route::get("/clients"),
        "List the browsers and apps that have ever talked to the instance. Deprecated by Clerk, \
         which may refuse it; clerk_list_sessions takes a userId.",
    )
    .takes(&[LIMIT, OFFSET])
    .rows("clients")
    .paginated()
    .answers(CLIENT)
    .flags(&[Flag::Deprecated]),
    plain(
        "clerk_verify_client",
        "Verify client",
        Route::post("/clients/verify"),
        "Tell which client a client token belongs to, with its sessions. It signs nobody in or \
         out.",
    )
    .takes(&[text("token").required().secret()])
    .answers(CLIENT)
    .effect(Effect::Read),
    plain(
        "clerk_get_client",
        "Get client",
        Route::get("/clients/{client_id}"),
        "Get one client, a browser or an app, with its sessions by ID.",
    )
    .answers(CLIENT),
];
