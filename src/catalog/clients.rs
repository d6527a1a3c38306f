//! Browsers and apps that people sign in with.
//! <https://clerk.com/docs/reference/backend-api/tag/clients>

use clerk_api::Route;

use super::{On, Toolset, fields::SESSION};
use crate::tool::{
    Effect, Flag, Tool,
    field::{Fields, code, codes, objects, time},
    kind::Kind,
    param::{PAGE, Relation, id, text},
    rest,
};

/// A client.
static CLIENT: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    codes("session_ids").about("The sessions on this client."),
    objects("sessions", &SESSION),
    code("sign_in_id").about("The sign-in that is under way."),
    code("sign_up_id").about("The sign-up that is under way."),
    code("last_active_session_id").about("The session that was used last on this client."),
    code("last_authentication_strategy").about("How the last sign-in on this client was made."),
    time("updated_at").standard(),
    time("created_at"),
]]);

static TOOLS: [Tool; 3] = [
    rest(
        "clerk_list_clients",
        "List clients",
        Route::get("/clients"),
        "List the browsers and apps that have ever talked to the instance. Deprecated by Clerk, \
         which may refuse it; clerk_list_sessions takes a userId.",
    )
    .takes(&[PAGE])
    .lists("clients", &CLIENT)
    .paginated()
    .flags(&[Flag::Deprecated]),
    rest(
        "clerk_verify_client",
        "Verify client",
        Route::post("/clients/verify"),
        "Find the client that a client token belongs to, with its sessions. It signs nobody in or \
         out. It counts as a write, because each call can be a guess.",
    )
    .takes(&[&[text("token").required().secret().about("The client token to check, a JWT.")]])
    .returns(&CLIENT)
    .effect(Effect::Update)
    .verify_with("clerk_get_client")
    .flags(&[Flag::ChecksSecret]),
    rest(
        "clerk_get_client",
        "Get client",
        Route::get("/clients/{client_id}"),
        "Get one client, a browser or an app, with its sessions by ID.",
    )
    .takes(&[&[id("client_id", &[Kind::Client], Relation::Target)
        .path()
        .about("The ID of the client, which is one browser or app.")]])
    .returns(&CLIENT),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "clients",
    about: "Browsers and apps that users sign in with",
    find: "clerk_list_clients",
    on: On::Chosen,
    tools: &TOOLS,
};
