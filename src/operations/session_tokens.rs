//! Make sessions and their tokens.
//! <https://clerk.com/docs/reference/backend-api/tag/sessions>

use clerk_api::Route;

use crate::operation::{
    Entry, Flag,
    param::{choice, id, integer, json, text},
    plain,
};

pub(super) static OPERATIONS: [Entry; 4] = [
    plain(
        "clerk_create_session",
        "Create session",
        Route::post("/sessions"),
        "Make an active session for a user without signing in, for tests. Works on development \
         instances only.",
    )
    .takes(&[id("user_id").required(), id("active_organization_id")])
    .answers(&[
        "id",
        "user_id",
        "client_id",
        "actor",
        "status",
        "last_active_organization_id",
        "last_active_at",
        "latest_activity",
        "expire_at",
        "abandon_at",
        "updated_at",
        "created_at",
        "tasks",
    ])
    .look("clerk_list_sessions")
    .flags(&[Flag::TestOnly]),
    plain(
        "clerk_refresh_session",
        "Refresh session",
        Route::post("/sessions/{session_id}/refresh"),
        "Trade an expired session token and a refresh token for a new secret token, as Clerk's \
         SDKs do. Not for looking into sessions; clerk_get_session does that.",
    )
    .takes(&[
        text("expired_token").required().secret(),
        text("refresh_token").required().secret(),
        text("request_origin").required(),
        json("request_headers"),
        choice("format", &["token", "cookie"]),
        text("request_originating_ip"),
    ])
    .answers(&["jwt", "cookies"])
    .look("clerk_list_sessions")
    .secret(),
    plain(
        "clerk_create_session_token",
        "Create session token",
        Route::post("/sessions/{session_id}/tokens"),
        "Make a session token, a secret that acts as the session's user until it expires.",
    )
    .takes(&[integer("expires_in_seconds").between(30, 315_360_000)])
    .answers(&["jwt"])
    .look("clerk_list_sessions")
    .secret(),
    plain(
        "clerk_create_session_token_from_template",
        "Create session token from template",
        Route::post("/sessions/{session_id}/tokens/{template_name}"),
        "Make a token of a session by a JWT template: a secret with the template's claims.",
    )
    .takes(&[integer("expires_in_seconds").between(30, 315_360_000)])
    .answers(&["jwt"])
    .look("clerk_list_sessions")
    .secret(),
];
