//! Apps that sign people in with your application.
//! <https://clerk.com/docs/reference/backend-api/tag/oauth-applications>

pub(super) mod fields;

use clerk_api::Route;

use self::fields::{ACCESS_TOKEN, NEW_OAUTH_APPLICATION, OAUTH_APPLICATION};
use super::{On, Toolset, fields::DELETED};
use crate::tool::{
    Effect, Flag, Tool,
    kind::Kind,
    param::{LIMIT, OFFSET, Param, Relation, Rule, TEXT, boolean, id, list, order, text},
    rest,
};

const OAUTH_APPLICATION_ID: Param =
    id("oauth_application_id", &[Kind::OAuthApplication], Relation::Target).path();

static TOOLS: [Tool; 8] = [
    rest(
        "clerk_list_oauth_applications",
        "List OAuth applications",
        Route::get("/oauth_applications"),
        "List the OAuth applications that sign people in through this instance.",
    )
    .takes(&[&[
        LIMIT,
        OFFSET,
        order("order_by", &["created_at", "name"])
            .about("A field such as created_at; - before it for descending."),
        text("name_query").filter().about("Part of a name."),
    ]])
    .lists("oauthApplications", &OAUTH_APPLICATION),
    rest(
        "clerk_get_oauth_application",
        "Get OAuth application",
        Route::get("/oauth_applications/{oauth_application_id}"),
        "Get one OAuth application with its redirect URIs and scopes by ID, without its client \
         key.",
    )
    .takes(&[&[OAUTH_APPLICATION_ID]])
    .returns(&OAUTH_APPLICATION),
    rest(
        "clerk_create_oauth_application",
        "Create OAuth application",
        Route::post("/oauth_applications"),
        "Make an OAuth application; the answer has its client secret, once.",
    )
    .takes(&[&[
        text("name").required(),
        list("redirect_uris", &TEXT),
        text("scopes").at_most(1024).about("Separated by spaces."),
        boolean("consent_screen_enabled"),
        boolean("pkce_required"),
        boolean("public").about("A client without a secret, with PKCE."),
    ]])
    .returns(&NEW_OAUTH_APPLICATION)
    .verify_with("clerk_list_oauth_applications")
    .returns_secret()
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_update_oauth_application",
        "Update OAuth application",
        Route::patch("/oauth_applications/{oauth_application_id}"),
        "Change an OAuth application's name, redirect URIs, scopes or consent screen.",
    )
    .takes(&[&[
        OAUTH_APPLICATION_ID,
        text("name"),
        list("redirect_uris", &TEXT).clearable(),
        text("scopes").at_most(1024).about("Separated by spaces."),
        boolean("consent_screen_enabled"),
        boolean("pkce_required"),
        boolean("public").about("A client without a secret, with PKCE."),
    ]])
    .rules(&[Rule::Change])
    .returns(&OAUTH_APPLICATION)
    .verify_with("clerk_get_oauth_application")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_delete_oauth_application",
        "Delete OAuth application",
        Route::delete("/oauth_applications/{oauth_application_id}"),
        "Delete an OAuth application: nobody signs in through it any more, and its tokens stop \
         working.",
    )
    .takes(&[&[OAUTH_APPLICATION_ID]])
    .returns(&DELETED)
    .verify_with("clerk_list_oauth_applications")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_rotate_oauth_application_secret",
        "Rotate OAuth application secret",
        Route::post("/oauth_applications/{oauth_application_id}/rotate_secret"),
        "Give an OAuth application a new client secret; the old one stops working at once.",
    )
    .takes(&[&[OAUTH_APPLICATION_ID]])
    .returns(&NEW_OAUTH_APPLICATION)
    .effect(Effect::Destroy)
    .verify_with("clerk_list_oauth_applications")
    .returns_secret()
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_revoke_oauth_application_token",
        "Revoke OAuth application token",
        Route::post("/oauth_applications/{oauth_application_id}/revoke_token"),
        "Revoke an access or refresh token that an OAuth application has got, and its whole \
         grant.",
    )
    .takes(&[&[OAUTH_APPLICATION_ID, text("token").required().secret()]])
    .effect(Effect::Destroy)
    .verify_with("clerk_list_oauth_applications"),
    rest(
        "clerk_verify_oauth_access_token",
        "Verify OAuth access token",
        Route::post("/oauth_applications/access_tokens/verify"),
        "Check an access token that an OAuth application presents, and find whose it is. It counts \
         as a write, since each call is a guess.",
    )
    .takes(&[&[text("access_token").secret()]])
    .returns(&ACCESS_TOKEN)
    .effect(Effect::Update)
    .verify_with("clerk_list_oauth_applications")
    .flags(&[Flag::ChecksSecret]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "oauth_applications",
    about: "Apps that sign people in with your application",
    find: "clerk_list_oauth_applications",
    on: On::Chosen,
    tools: &TOOLS,
};
