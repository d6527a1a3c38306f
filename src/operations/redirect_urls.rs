//! URLs that native sign-in may return to.
//! <https://clerk.com/docs/reference/backend-api/tag/redirect-urls>

use clerk_api::Route;

use super::fields::DELETED;
use crate::operation::{
    Entry,
    param::{LIMIT, OFFSET, text},
    plain,
};

/// The fields of a redirect URL.
const REDIRECT_URL: &[&str] = &["id", "url", "created_at", "updated_at"];

pub(super) static OPERATIONS: [Entry; 4] = [
    plain(
        "clerk_list_redirect_urls",
        "List redirect URLs",
        Route::get("/redirect_urls"),
        "List the URLs to which native apps may return after sign-in.",
    )
    .takes(&[LIMIT, OFFSET])
    .rows("redirectUrls")
    .paginated()
    .answers(REDIRECT_URL),
    plain(
        "clerk_create_redirect_url",
        "Create redirect URL",
        Route::post("/redirect_urls"),
        "Allow native apps to return to a URL after sign-in.",
    )
    .takes(&[text("url").required()])
    .answers(REDIRECT_URL)
    .look("clerk_list_redirect_urls"),
    plain(
        "clerk_get_redirect_url",
        "Get redirect URL",
        Route::get("/redirect_urls/{id}"),
        "Get one allowed redirect URL by ID.",
    )
    .answers(REDIRECT_URL),
    plain(
        "clerk_delete_redirect_url",
        "Delete redirect URL",
        Route::delete("/redirect_urls/{id}"),
        "Allow a redirect URL no longer: native sign-in that returns to it fails.",
    )
    .answers(DELETED)
    .look("clerk_list_redirect_urls")
    .undo("It can be allowed again."),
];
