//! Odds and ends.
//! <https://clerk.com/docs/reference/backend-api/tag/miscellaneous>

use clerk_api::Route;

use crate::operation::{
    Entry,
    param::{flag, text},
    plain,
};

pub(super) static OPERATIONS: [Entry; 2] = [
    plain(
        "clerk_get_public_interstitial",
        "Get public interstitial",
        Route::get("/public/interstitial"),
        "Get the HTML page from which browsers load Clerk's script to settle who is signed in. \
         For debugging a frontend; it tells nothing of users.",
    )
    .takes(&[
        text("frontend_api"),
        text("publishable_key"),
        text("proxy_url"),
        text("domain"),
        text("sign_in_url"),
        flag("use_domain_for_script"),
    ]),
    plain(
        "clerk_get_jwks",
        "Get JWKS",
        Route::get("/jwks"),
        "Get the instance's public keys, with which session tokens are verified. There is \
         nothing private in them.",
    )
    .answers(&["keys"]),
];
