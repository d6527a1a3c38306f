//! Tokens that sign someone in.
//! <https://clerk.com/docs/reference/backend-api/tag/sign-in-tokens>

use clerk_api::Route;

use super::{On, Toolset};
use crate::tool::{
    Effect, Flag, REVOKED, Tool,
    field::{Fields, code, json, time},
    kind::Kind,
    param::{Format, Relation, Rule, Shape, choice, id, identifier, integer, object, text},
    rest,
    undo::{Source, Undo},
};

/// A sign in token.
static SIGN_IN_TOKEN: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("status").concise(),
    code("user_id").concise(),
    code("token").secret(),
    code("url").secret(),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// An actor token.
static ACTOR_TOKEN: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("status").concise(),
    code("user_id").concise(),
    json("actor").about("Who acts as the user, if somebody does."),
    code("token").secret(),
    code("url").secret(),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// A testing token.
static TESTING_TOKEN: Fields = Fields::open(&[&[
    code("object"),
    code("token").secret(),
    time("expires_at").about("When it ceases to be valid."),
]]);

/// An agent task.
static AGENT_TASK: Fields = Fields::open(&[&[
    code("object"),
    code("agent_id"),
    code("agent_task_id"),
    code("task_id"),
    code("url").secret(),
]]);

static ACTOR: Shape = Shape {
    params: &[&[id("sub", &[Kind::User], Relation::Grantee)
        .required()
        .about("The ID or email address of the user who acts.")]],
    rules: &[],
    open: true,
};

static ON_BEHALF_OF: Shape = Shape {
    params: &[&[
        id("user_id", &[Kind::User], Relation::Grantee)
            .about("The user's ID or email address; not with identifier."),
        identifier("identifier", Relation::Grantee)
            .about("A verified identifier of the user, such as ada@example.com; not with userId."),
    ]],
    rules: &[Rule::One(&["user_id", "identifier"])],
    open: false,
};

static TOOLS: [Tool; 7] = [
    rest(
        "clerk_create_sign_in_token",
        "Create sign in token",
        Route::post("/sign_in_tokens"),
        "Create a link that signs a user in without password or second factor: a secret, for \
         that person alone. To act for support as the user, use clerk_create_actor_token.",
    )
    .takes(&[&[
        id("user_id", &[Kind::User], Relation::Grantee)
            .required()
            .about("The ID or email address of the user whom the link signs in."),
        id("org_id", &[Kind::Organization], Relation::Target).about(
            "The ID of an organization that becomes active on sign-in; the user must be a member.",
        ),
        integer("expires_in_seconds")
            .at_least(1)
            .about("Seconds until the link expires; default 2592000, 30 days."),
    ]])
    .returns(&SIGN_IN_TOKEN)
    .undo(
        Undo::created("clerk_revoke_sign_in_token", &[("sign_in_token_id", Source::Result("id"))])
            .but("A session that it opened goes on."),
    )
    .verify_with("clerk_list_sessions")
    .returns_secret(),
    rest(
        "clerk_revoke_sign_in_token",
        "Revoke sign in token",
        Route::post("/sign_in_tokens/{sign_in_token_id}/revoke"),
        "Revoke a sign-in link that was not used yet. A session that it opened goes on.",
    )
    .takes(&[&[id("sign_in_token_id", &[Kind::SignInToken], Relation::Target)
        .path()
        .about("The ID of the unused sign-in token.")]])
    .returns(&SIGN_IN_TOKEN)
    .effect(Effect::Destroy)
    .undo(Undo::Never("Create another with clerk_create_sign_in_token."))
    .verify_with("clerk_list_sessions"),
    rest(
        "clerk_create_actor_token",
        "Create actor token",
        Route::post("/actor_tokens"),
        "Create a token by which an actor, such as a support person, signs in as a user: a secret. \
         Sessions show who acted.",
    )
    .takes(&[&[
        id("user_id", &[Kind::User], Relation::Target)
            .required()
            .about("The ID or email address of the user to sign in as."),
        object("actor", &ACTOR)
            .required()
            .about("Who acts: sub and any other keys, which all go into the session token."),
        integer("expires_in_seconds")
            .at_least(1)
            .about("Seconds until the token expires; default 3600."),
        integer("session_max_duration_in_seconds")
            .at_least(1)
            .about("The longest that its session lasts, in seconds; default 1800."),
    ]])
    .returns(&ACTOR_TOKEN)
    .undo(
        Undo::created("clerk_revoke_actor_token", &[("actor_token_id", Source::Result("id"))])
            .but("A session that it opened goes on."),
    )
    .verify_with("clerk_list_sessions")
    .returns_secret(),
    rest(
        "clerk_revoke_actor_token",
        "Revoke actor token",
        Route::post("/actor_tokens/{actor_token_id}/revoke"),
        "Revoke an impersonation token that was not used yet. A session that it opened goes on; \
         clerk_revoke_session ends it.",
    )
    .takes(&[&[id("actor_token_id", &[Kind::ActorToken], Relation::Target)
        .path()
        .about("The ID of the unused actor token.")]])
    .returns(&ACTOR_TOKEN)
    .effect(Effect::Destroy)
    .undo(Undo::Never("Create another with clerk_create_actor_token."))
    .verify_with("clerk_list_sessions"),
    rest(
        "clerk_create_testing_token",
        "Create testing token",
        Route::post("/testing_tokens"),
        "Create a secret testing token, with which end-to-end tests get past bot detection.",
    )
    .returns(&TESTING_TOKEN)
    .undo(Undo::Never("A testing token can't be revoked. It works until it expires."))
    .verify_with("clerk_list_sessions")
    .flags(&[Flag::TestOnly])
    .returns_secret(),
    rest(
        "clerk_create_agent_task",
        "Create agent task",
        Route::post("/agents/tasks"),
        "Create a task by which a software agent opens a session as a user: its URL is a secret.",
    )
    .takes(&[&[
        object("on_behalf_of", &ON_BEHALF_OF)
            .required()
            .about("The user whom the agent acts for: userId or identifier, not both."),
        choice("permissions", &["*"])
            .required()
            .about("What the agent may do; only `*`, everything, is allowed."),
        text("agent_name")
            .required()
            .about("The agent's name, logged for audits; the same name keeps the same agent ID."),
        text("task_description").required().about("What the agent is to do, logged for audits."),
        text("redirect_url").format(Format::WebUrl).required().about(
            "Where the user lands, such as https://app.example.com/welcome: a URL on one of the \
             instance's domains, https in production.",
        ),
        integer("session_max_duration_in_seconds")
            .at_least(1)
            .about("The longest that its session lasts, in seconds; default 1800."),
    ]])
    .returns(&AGENT_TASK)
    .undo(
        Undo::created(
            "clerk_revoke_agent_task",
            &[("agent_task_id", Source::Result("agent_task_id"))],
        )
        .but("A session that it opened goes on."),
    )
    .verify_with("clerk_list_sessions")
    .returns_secret(),
    rest(
        "clerk_revoke_agent_task",
        "Revoke agent task",
        Route::post("/agents/tasks/{agent_task_id}/revoke"),
        "Revoke an agent's task that was not used yet. A session that it opened goes on.",
    )
    .takes(&[&[id("agent_task_id", &[Kind::AgentTask], Relation::Target)
        .path()
        .about("The ID of the unused agent task.")]])
    .returns(&AGENT_TASK)
    .effect(Effect::Destroy)
    .beside(&REVOKED)
    .undo(Undo::Never("Create another with clerk_create_agent_task."))
    .verify_with("clerk_list_sessions"),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "sign_in_tokens",
    about: "Sign-in tokens, actor tokens and agent tasks",
    find: "clerk_list_users",
    on: On::Chosen,
    tools: &TOOLS,
};
