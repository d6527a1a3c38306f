//! The Svix app that delivers webhooks.
//! <https://clerk.com/docs/reference/backend-api/tag/webhooks>

use clerk_api::Route;

use super::{On, Toolset};
use crate::tool::{
    Flag, REMOVED, Tool,
    field::{Fields, code},
    rest,
    undo::Undo,
};

/// A svix URL.
static SVIX_URL: Fields = Fields::open(&[&[code("svix_url").secret()]]);

static TOOLS: [Tool; 3] = [
    rest(
        "clerk_create_svix_app",
        "Create Svix app",
        Route::post("/webhooks/svix"),
        "Create the Svix app that delivers the instance's webhooks. Endpoints are set up in its \
         dashboard.",
    )
    .returns(&SVIX_URL)
    .undo(
        Undo::created("clerk_delete_svix_app", &[])
            .but("Endpoints that were set up since then are deleted too."),
    )
    .verify_with("clerk_whoami")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_delete_svix_app",
        "Delete Svix app",
        Route::delete("/webhooks/svix"),
        "Delete the instance's Svix app with all of its endpoints: no webhook is delivered any \
         more.",
    )
    .beside(&REMOVED)
    .undo(Undo::Never("Create another with clerk_create_svix_app, and set up its endpoints again."))
    .verify_with("clerk_whoami")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_create_svix_auth_url",
        "Create Svix auth URL",
        Route::post("/webhooks/svix_url"),
        "Create a login URL for the Svix dashboard. It is a secret: anyone who has it can change \
         where \
         webhooks go.",
    )
    .returns(&SVIX_URL)
    .undo(Undo::Never("Clerk has no operation that revokes the URL."))
    .verify_with("clerk_whoami")
    .returns_secret()
    .flags(&[Flag::InstanceWide]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "webhooks",
    about: "The Svix app that delivers Clerk's webhooks",
    find: "clerk_whoami",
    on: On::Chosen,
    tools: &TOOLS,
};
