//! JWKS and the interstitial page.
//! <https://clerk.com/docs/reference/backend-api/tag/miscellaneous>

use clerk_api::Route;

use super::{On, Toolset};
use crate::tool::{
    Tool,
    field::{Fields, code, codes, objects},
    param::{Format, boolean, text},
    rest,
};

/// A key, as JWK.
static JSON_WEB_KEY: Fields = Fields::open(&[&[
    code("kid"),
    code("alg"),
    code("use"),
    code("kty"),
    code("crv"),
    code("x"),
    codes("x5c"),
    code("x5t"),
    code("x5t#S256"),
    code("x5u"),
    code("y"),
    code("n"),
    code("e"),
    code("d"),
    code("p"),
    code("q"),
    code("dp"),
    code("dq"),
    code("qi"),
    code("k"),
]]);

/// The public keys of the instance.
static JWKS: Fields = Fields::open(&[&[objects("keys", &JSON_WEB_KEY)]]);

static TOOLS: [Tool; 2] = [
    rest(
        "clerk_get_public_interstitial",
        "Get public interstitial",
        Route::get("/public/interstitial"),
        "Get the HTML page from which browsers load Clerk's script to find out who is signed in. \
         For debugging a frontend; it says nothing about users.",
    )
    .takes(&[&[
        text("frontend_api")
            .query()
            .about("The host of the instance's Frontend API, such as clerk.example.com."),
        text("publishable_key")
            .query()
            .about("The instance's publishable key, which begins with pk_."),
        text("proxy_url")
            .format(Format::WebUrl)
            .query()
            .about("The URL of the instance's proxy, such as https://example.com/__clerk."),
        text("domain").query().about("The domain of the instance, such as example.com."),
        text("sign_in_url").format(Format::WebUrl).query().about(
            "The URL of the instance's sign-in page, such as https://accounts.example.com/sign-in.",
        ),
        boolean("use_domain_for_script").query().about("Whether the script's URL uses the domain."),
    ]]),
    rest(
        "clerk_get_jwks",
        "Get JWKS",
        Route::get("/jwks"),
        "Get the instance's public keys, with which session tokens are verified.",
    )
    .returns(&JWKS),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "miscellaneous",
    about: "JWKS and the interstitial page",
    find: "clerk_whoami",
    on: On::Chosen,
    tools: &TOOLS,
};
