//! Apps that sign people in with your application.
//! <https://clerk.com/docs/reference/backend-api/tag/oauth-applications>

use clerk_api::Route;

use super::fields::DELETED;
use crate::operation::{
    Effect, Entry, Rule,
    param::{LIMIT, OFFSET, flag, list, text},
    plain,
};

/// The fields of an OAuth application.
const OAUTH_APPLICATION: &[&str] = &[
    "id",
    "instance_id",
    "name",
    "client_id",
    "client_uri",
    "client_image_url",
    "dynamically_registered",
    "consent_screen_enabled",
    "pkce_required",
    "public",
    "scopes",
    "redirect_uris",
    "callback_url",
    "authorize_url",
    "token_fetch_url",
    "user_info_url",
    "discovery_url",
    "token_introspection_url",
    "created_at",
    "updated_at",
];
/// The same with the client secret, as it is shown once.
const OAUTH_APPLICATION_WITH_SECRET: &[&str] = &[
    "id",
    "instance_id",
    "name",
    "client_id",
    "client_uri",
    "client_image_url",
    "dynamically_registered",
    "consent_screen_enabled",
    "pkce_required",
    "public",
    "scopes",
    "redirect_uris",
    "callback_url",
    "authorize_url",
    "token_fetch_url",
    "user_info_url",
    "discovery_url",
    "token_introspection_url",
    "created_at",
    "updated_at",
    "client_secret",
];

pub(super) static OPERATIONS: [Entry; 8] = [
    plain(
        "clerk_list_oauth_applications",
        "List OAuth applications",
        Route::get("/oauth_applications"),
        "List the OAuth applications that sign people in through this instance.",
    )
    .takes(&[
        LIMIT,
        OFFSET,
        text("order_by").about("A field such as created_at; - before it for descending."),
        text("name_query").about("Part of a name."),
    ])
    .rows("oauthApplications")
    .answers(OAUTH_APPLICATION),
    plain(
        "clerk_get_oauth_application",
        "Get OAuth application",
        Route::get("/oauth_applications/{oauth_application_id}"),
        "Get one OAuth application with its redirect URIs and scopes by ID, without its client \
         key.",
    )
    .answers(OAUTH_APPLICATION),
    plain(
        "clerk_create_oauth_application",
        "Create OAuth application",
        Route::post("/oauth_applications"),
        "Make an OAuth application; the answer has its client secret, once.",
    )
    .takes(&[
        text("name").required(),
        list("redirect_uris"),
        text("scopes").at_most(1024).about("Separated by spaces."),
        flag("consent_screen_enabled"),
        flag("pkce_required"),
        flag("public").about("A client without a secret, with PKCE."),
    ])
    .answers(OAUTH_APPLICATION_WITH_SECRET)
    .look("clerk_list_oauth_applications")
    .secret(),
    plain(
        "clerk_update_oauth_application",
        "Update OAuth application",
        Route::patch("/oauth_applications/{oauth_application_id}"),
        "Change an OAuth application's name, redirect URIs, scopes or consent screen.",
    )
    .takes(&[
        text("name").nullable(),
        list("redirect_uris").nullable(),
        text("scopes").at_most(1024).about("Separated by spaces.").nullable(),
        flag("consent_screen_enabled").nullable(),
        flag("pkce_required").nullable(),
        flag("public").about("A client without a secret, with PKCE.").nullable(),
    ])
    .answers(OAUTH_APPLICATION)
    .look("clerk_get_oauth_application")
    .rules(&[Rule::Change]),
    plain(
        "clerk_delete_oauth_application",
        "Delete OAuth application",
        Route::delete("/oauth_applications/{oauth_application_id}"),
        "Delete an OAuth application: nobody signs in through it any more, and its tokens stop \
         working.",
    )
    .answers(DELETED)
    .look("clerk_list_oauth_applications"),
    plain(
        "clerk_rotate_oauth_application_secret",
        "Rotate OAuth application secret",
        Route::post("/oauth_applications/{oauth_application_id}/rotate_secret"),
        "Give an OAuth application a new client secret; the old one stops working at once.",
    )
    .answers(OAUTH_APPLICATION_WITH_SECRET)
    .effect(Effect::Destroy)
    .look("clerk_list_oauth_applications")
    .secret(),
    plain(
        "clerk_revoke_oauth_application_token",
        "Revoke OAuth application token",
        Route::post("/oauth_applications/{oauth_application_id}/revoke_token"),
        "Revoke an access or refresh token that an OAuth application has got, and its whole \
         grant.",
    )
    .takes(&[text("token").required().secret()])
    .effect(Effect::Destroy)
    .look("clerk_list_oauth_applications"),
    plain(
        "clerk_verify_oauth_access_token",
        "Verify OAuth access token",
        Route::post("/oauth_applications/access_tokens/verify"),
        "Check an access token that an OAuth application presents, and tell whose it is. It \
         changes nothing.",
    )
    .takes(&[text("access_token").secret()])
    .answers(&[
        "id",
        "client_id",
        "subject",
        "scopes",
        "revoked",
        "revocation_reason",
        "expired",
        "expiration",
        "created_at",
        "updated_at",
        "active",
    ])
    .effect(Effect::Read),
];
