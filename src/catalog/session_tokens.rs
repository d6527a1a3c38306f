//! Make sessions and their tokens.
//! <https://clerk.com/docs/reference/backend-api/tag/sessions>

use clerk_api::Route;

use super::{On, Toolset, fields::SESSION};
use crate::tool::{
    Flag, Tool,
    field::{Fields, code, codes},
    kind::Kind,
    param::{Format, Param, Relation, choice, id, integer, json, text},
    rest,
    undo::{Source, Undo},
};

const SESSION_ID: Param = id("session_id", &[Kind::Session], Relation::Target)
    .path()
    .about("The ID of the session, such as sess_2ab….");

/// A session refresh.
static SESSION_REFRESH: Fields =
    Fields::open(&[&[code("object"), code("jwt").secret(), codes("cookies").secret()]]);

/// A session token.
static SESSION_TOKEN: Fields = Fields::open(&[&[code("object"), code("jwt").secret()]]);

static TOOLS: [Tool; 4] = [
    rest(
        "clerk_create_session",
        "Create session",
        Route::post("/sessions"),
        "Create an active session for a user without signing in, for tests. Works on development \
         instances only.",
    )
    .takes(&[&[
        id("user_id", &[Kind::User], Relation::Grantee)
            .required()
            .about("The ID or email address of the user whom the session signs in."),
        id("active_organization_id", &[Kind::Organization], Relation::Target)
            .about("The ID, slug or name of the organization that is active in the session."),
    ]])
    .returns(&SESSION)
    .undo(Undo::created("clerk_revoke_session", &[("session_id", Source::Result("id"))]))
    .verify_with("clerk_list_sessions")
    .flags(&[Flag::TestOnly]),
    rest(
        "clerk_refresh_session",
        "Refresh session",
        Route::post("/sessions/{session_id}/refresh"),
        "Trade an expired session token and a refresh token for a new secret token, as Clerk's \
         SDKs do. To read a session, use clerk_get_session.",
    )
    .takes(&[&[
        SESSION_ID,
        text("expired_token")
            .required()
            .secret()
            .about("The expired session token, from the __session cookie; must be this session's."),
        text("refresh_token")
            .required()
            .secret()
            .about("The refresh token, from the __refresh cookie."),
        text("request_origin")
            .format(Format::WebUrl)
            .required()
            .about("The origin of the user's request, such as https://app.example.com."),
        json("request_headers")
            .secret()
            .about("The headers of the user's request, by name, each with a list of its values."),
        choice("format", &["token", "cookie"])
            .about("Whether the result is a token or cookies; default token."),
        text("request_originating_ip")
            .about("The IP address that the user's request came from, such as 203.0.113.7."),
    ]])
    .returns(&SESSION_REFRESH)
    .undo(Undo::Never("A session token can't be revoked. It works until it expires."))
    .verify_with("clerk_list_sessions")
    .returns_secret()
    .flags(&[Flag::ChecksSecret]),
    rest(
        "clerk_create_session_token",
        "Create session token",
        Route::post("/sessions/{session_id}/tokens"),
        "Create a session token, a secret that acts as the session's user until it expires.",
    )
    .takes(&[&[
        SESSION_ID,
        integer("expires_in_seconds")
            .between(30, 315_360_000)
            .about("Seconds until the token expires, instead of the default."),
    ]])
    .returns(&SESSION_TOKEN)
    .undo(Undo::Never("A session token can't be revoked. It works until it expires."))
    .verify_with("clerk_list_sessions")
    .returns_secret(),
    rest(
        "clerk_create_session_token_from_template",
        "Create session token from template",
        Route::post("/sessions/{session_id}/tokens/{template_name}"),
        "Create a token of a session by a JWT template: a secret with the template's claims.",
    )
    .takes(&[&[
        SESSION_ID,
        id("template_name", &[Kind::JwtTemplate], Relation::Nobody)
            .path()
            .about("The name of the JWT template, such as custom_hasura."),
        integer("expires_in_seconds")
            .between(30, 315_360_000)
            .about("Seconds until the token expires, instead of the usual lifetime."),
    ]])
    .returns(&SESSION_TOKEN)
    .undo(Undo::Never("A session token can't be revoked. It works until it expires."))
    .verify_with("clerk_list_sessions")
    .returns_secret(),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "session_tokens",
    about: "Create sessions and session tokens",
    find: "clerk_list_sessions",
    on: On::Chosen,
    tools: &TOOLS,
};
