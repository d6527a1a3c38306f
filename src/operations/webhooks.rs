//! The Svix app that delivers webhooks.
//! <https://clerk.com/docs/reference/backend-api/tag/webhooks>

use clerk_api::Route;

use crate::operation::{Entry, Flag, plain};

pub(super) static OPERATIONS: [Entry; 3] = [
    plain(
        "clerk_create_svix_app",
        "Create Svix app",
        Route::post("/webhooks/svix"),
        "Make the Svix app that delivers the instance's webhooks. Endpoints are set up in its \
         dashboard.",
    )
    .answers(&["svix_url"])
    .look("clerk_whoami")
    .flags(&[Flag::InstanceWide]),
    plain(
        "clerk_delete_svix_app",
        "Delete Svix app",
        Route::delete("/webhooks/svix"),
        "Delete the instance's Svix app with all of its endpoints: no webhook is delivered any \
         more.",
    )
    .look("clerk_whoami")
    .flags(&[Flag::InstanceWide]),
    plain(
        "clerk_create_svix_auth_url",
        "Create Svix auth URL",
        Route::post("/webhooks/svix_url"),
        "Make a login URL of the Svix dashboard: a secret, for whoever has it can change where \
         webhooks go.",
    )
    .answers(&["svix_url"])
    .look("clerk_whoami")
    .secret(),
];
