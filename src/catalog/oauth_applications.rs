//! Apps that sign people in with your application.
//! <https://clerk.com/docs/reference/backend-api/tag/oauth-applications>

pub(super) mod fields;

use clerk_api::Route;

use self::fields::{ACCESS_TOKEN, NEW_OAUTH_APPLICATION, OAUTH_APPLICATION};
use super::{On, Toolset, fields::DELETED};
use crate::tool::{
    Effect, Flag, REVOKED, Tool,
    kind::Kind,
    param::{LIMIT, OFFSET, Param, Relation, Rule, URL, boolean, id, list, order, text},
    rest,
    undo::{Look, Source, Undo},
};

const OAUTH_APPLICATION_ID: Param =
    id("oauth_application_id", &[Kind::OAuthApplication], Relation::Target)
        .path()
        .about("The ID of the OAuth application, not its client ID.");

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
            .about("Sort by created_at or name; prefix - for descending, such as -created_at."),
        text("name_query").filter().about("Part of an application's name, or an exact client ID."),
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
        "Create an OAuth application; the result has its client secret, once.",
    )
    .takes(&[&[
        text("name")
            .required()
            .at_most(256)
            .about("What people see the application called; at most 256 characters."),
        list("redirect_uris", &URL).about(
            "URIs that sign-in may return to, comma-separated, such as \
             https://app.example.com/callback.",
        ),
        text("scopes").at_most(1024).about(
            "Space-separated scopes, such as profile email, out of profile, email, \
             public_metadata and private_metadata; \
             default `profile email`.",
        ),
        boolean("consent_screen_enabled")
            .about("Whether people are asked for consent when they sign in; default true."),
        boolean("pkce_required").about("Whether PKCE is required; default false."),
        boolean("public").about("Whether the client is public: it has no secret and can use PKCE."),
    ]])
    .returns(&NEW_OAUTH_APPLICATION)
    .undo(Undo::created(
        "clerk_delete_oauth_application",
        &[("oauth_application_id", Source::Result("id"))],
    ))
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
        text("name").at_most(256).about("The application's new name; at most 256 characters."),
        list("redirect_uris", &URL).clearable().about(
            "All URIs that sign-in may return to, comma-separated, such as \
             https://app.example.com/callback; they replace those that are there.",
        ),
        text("scopes").at_most(1024).about(
            "Space-separated scopes, such as profile email, out of profile, email, \
             public_metadata and private_metadata.",
        ),
        boolean("consent_screen_enabled").about(
            "Whether people are asked for consent; can't be turned off if it was registered \
             dynamically.",
        ),
        boolean("pkce_required").about("Whether PKCE is required of the application."),
        boolean("public").about("Whether the client is public: it has no secret and can use PKCE."),
    ]])
    .rules(&[Rule::Change])
    .returns(&OAUTH_APPLICATION)
    .undo(Undo::set_back(
        Look::Object("clerk_get_oauth_application"),
        &["name", "redirect_uris", "scopes", "consent_screen_enabled", "pkce_required", "public"],
    ))
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
    .undo(Undo::gone(
        &["clerk_get_oauth_application"],
        "Its client ID, client secret and tokens are gone. Create another with \
         clerk_create_oauth_application.",
    ))
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
    .undo(Undo::Never("The old secret is gone. Give the application the new one."))
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
    .takes(&[&[
        OAUTH_APPLICATION_ID,
        text("token")
            .required()
            .secret()
            .about("The access or refresh token to revoke; a JWT access token can't be revoked."),
    ]])
    .effect(Effect::Destroy)
    .beside(&REVOKED)
    .undo(Undo::Never("The person has to sign in through the application again."))
    .verify_with("clerk_list_oauth_applications"),
    rest(
        "clerk_verify_oauth_access_token",
        "Verify OAuth access token",
        Route::post("/oauth_applications/access_tokens/verify"),
        "Check an access token that an OAuth application presents, and find out whose it is. It \
         counts as a write, because each call can be a guess.",
    )
    .takes(&[&[text("access_token")
        .secret()
        .about("The access token that the OAuth application presented.")]])
    .returns(&ACCESS_TOKEN)
    .effect(Effect::Update)
    .verify_with("clerk_list_oauth_applications")
    .flags(&[Flag::ChecksSecret]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "oauth_applications",
    about: "OAuth applications that sign users in with your application",
    find: "clerk_list_oauth_applications",
    on: On::Chosen,
    tools: &TOOLS,
};
