//! Tokens that sign somebody in.
//! <https://clerk.com/docs/reference/backend-api/tag/sign-in-tokens>

use clerk_api::Route;

use crate::operation::{
    Effect, Entry, Flag,
    param::{choice, id, integer, object, text},
    plain,
};

/// The fields of a sign-in token.
const SIGN_IN_TOKEN: &[&str] =
    &["id", "status", "user_id", "token", "url", "created_at", "updated_at"];
/// The fields of an actor token.
const ACTOR_TOKEN: &[&str] =
    &["id", "status", "user_id", "actor", "token", "url", "created_at", "updated_at"];
/// The fields of an agent task.
const AGENT_TASK: &[&str] = &["agent_id", "agent_task_id", "task_id", "url"];

pub(super) static OPERATIONS: [Entry; 7] = [
    plain(
        "clerk_create_sign_in_token",
        "Create sign in token",
        Route::post("/sign_in_tokens"),
        "Make a link that signs a user in without password or second factor: a secret, for the \
         person itself. To act for support as the user, use clerk_create_actor_token.",
    )
    .takes(&[id("user_id").required(), id("org_id"), integer("expires_in_seconds").at_least(1)])
    .answers(SIGN_IN_TOKEN)
    .look("clerk_list_sessions")
    .secret(),
    plain(
        "clerk_revoke_sign_in_token",
        "Revoke sign in token",
        Route::post("/sign_in_tokens/{sign_in_token_id}/revoke"),
        "Revoke a sign-in link that was not used yet. A session that it opened goes on.",
    )
    .answers(SIGN_IN_TOKEN)
    .effect(Effect::Destroy)
    .look("clerk_list_sessions"),
    plain(
        "clerk_create_actor_token",
        "Create actor token",
        Route::post("/actor_tokens"),
        "Make a token by which an actor, such as a support person, signs in as a user: a secret. \
         Sessions show who acted.",
    )
    .takes(&[
        id("user_id").required(),
        object("actor").required().about("Who acts: an object with sub, a user ID."),
        integer("expires_in_seconds"),
        integer("session_max_duration_in_seconds"),
    ])
    .answers(ACTOR_TOKEN)
    .look("clerk_list_sessions")
    .secret(),
    plain(
        "clerk_revoke_actor_token",
        "Revoke actor token",
        Route::post("/actor_tokens/{actor_token_id}/revoke"),
        "Revoke an impersonation token that was not used yet. A session that it opened goes on; \
         clerk_revoke_session ends it.",
    )
    .answers(ACTOR_TOKEN)
    .effect(Effect::Destroy)
    .look("clerk_list_sessions"),
    plain(
        "clerk_create_testing_token",
        "Create testing token",
        Route::post("/testing_tokens"),
        "Make a secret testing token, with which end-to-end tests get past bot detection.",
    )
    .answers(&["token", "expires_at"])
    .look("clerk_list_sessions")
    .flags(&[Flag::TestOnly])
    .secret(),
    plain(
        "clerk_create_agent_task",
        "Create agent task",
        Route::post("/agents/tasks"),
        "Make a task by which a software agent opens a session as a user: its URL is a secret.",
    )
    .takes(&[
        object("on_behalf_of").required().about("With userId, identifier."),
        choice("permissions", &["*"]).required(),
        text("agent_name").required(),
        text("task_description").required(),
        text("redirect_url").required().about("Where the link leads."),
        integer("session_max_duration_in_seconds"),
    ])
    .answers(AGENT_TASK)
    .look("clerk_list_sessions")
    .secret(),
    plain(
        "clerk_revoke_agent_task",
        "Revoke agent task",
        Route::post("/agents/tasks/{agent_task_id}/revoke"),
        "Revoke an agent's task that was not used yet. A session that it opened goes on.",
    )
    .answers(AGENT_TASK)
    .effect(Effect::Destroy)
    .look("clerk_list_sessions"),
];
