//! URLs that native sign-in may return to.
//! <https://clerk.com/docs/reference/backend-api/tag/redirect-urls>

use clerk_api::Route;

use super::{On, Toolset, fields::DELETED};
use crate::tool::{
    Flag, Tool,
    field::{Fields, code, time},
    kind::Kind,
    param::{Format, PAGE, Relation, id, text},
    rest,
    undo::{Look, Source, Undo},
};

/// A redirect URL.
static REDIRECT_URL: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("url"),
    time("created_at"),
    time("updated_at").standard(),
]]);

static TOOLS: [Tool; 4] = [
    rest(
        "clerk_list_redirect_urls",
        "List redirect URLs",
        Route::get("/redirect_urls"),
        "List the URLs to which native apps may return after sign-in.",
    )
    .takes(&[PAGE])
    .lists("redirectUrls", &REDIRECT_URL)
    .paginated(),
    rest(
        "clerk_create_redirect_url",
        "Create redirect URL",
        Route::post("/redirect_urls"),
        "Allow native apps to return to a URL after sign-in.",
    )
    .takes(&[&[text("url")
        .format(Format::Url)
        .required()
        .about("Full URL with https:// or a custom scheme, such as my-app://oauth-callback.")]])
    .returns(&REDIRECT_URL)
    .undo(Undo::created("clerk_delete_redirect_url", &[("id", Source::Result("id"))]))
    .verify_with("clerk_list_redirect_urls")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_get_redirect_url",
        "Get redirect URL",
        Route::get("/redirect_urls/{id}"),
        "Get one allowed redirect URL by ID.",
    )
    .takes(&[&[id("id", &[Kind::RedirectUrl], Relation::Target)
        .path()
        .about("The ID of the redirect URL, not the URL itself.")]])
    .returns(&REDIRECT_URL),
    rest(
        "clerk_delete_redirect_url",
        "Delete redirect URL",
        Route::delete("/redirect_urls/{id}"),
        "Remove a redirect URL: native sign-in that returns to it fails.",
    )
    .takes(&[&[id("id", &[Kind::RedirectUrl], Relation::Target)
        .path()
        .about("The ID of the redirect URL, not the URL itself.")]])
    .returns(&DELETED)
    .undo(
        Undo::by("clerk_create_redirect_url", &[("url", Source::Before("url"))])
            .changes(Look::Object("clerk_get_redirect_url"), &[])
            .but("It gets a new ID."),
    )
    .verify_with("clerk_list_redirect_urls")
    .flags(&[Flag::InstanceWide]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "redirect_urls",
    about: "Redirect URLs for native applications",
    find: "clerk_list_redirect_urls",
    on: On::Chosen,
    tools: &TOOLS,
};
