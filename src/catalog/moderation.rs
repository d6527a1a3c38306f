//! Bans and locks. <https://clerk.com/docs/reference/backend-api/tag/users>

use clerk_api::Route;

use super::{On, Toolset, objects::STANDING, params::USER_ID};
use crate::tool::{
    ALL_SESSIONS_REVOKED, Effect, Tool,
    rest::rest,
    undo::{Look, Source, Undo},
};

pub(super) static TOOLSET: Toolset = Toolset {
    name: "moderation",
    about: "Ban, unban, lock and unlock users",
    find: "clerk_list_users",
    on: On::Default,
    tools: &TOOLS,
};

static TOOLS: [Tool; 4] = [
    one_user(
        "clerk_ban_user",
        "Ban user",
        Route::post("/users/{user_id}/ban"),
        "Ban a user: all their sessions are revoked and they can't sign in until clerk_unban_user. \
         Sessions don't come back. To keep a user from signing in only for a while, use clerk_lock_user.",
    )
    .effect(Effect::Destroy)
    .beside(&ALL_SESSIONS_REVOKED)
    .undo(
        Undo::by("clerk_unban_user", &[("user_id", Source::Argument("user_id"))])
            .changes(Look::Object("clerk_get_user"), &["banned"])
            .but("The sessions don't come back."),
    ),
    one_user(
        "clerk_unban_user",
        "Unban user",
        Route::post("/users/{user_id}/unban"),
        "Lift the ban of a user, who can sign in again. Revoked sessions don't come back.",
    )
    .undo(
        Undo::by("clerk_ban_user", &[("user_id", Source::Argument("user_id"))])
            .changes(Look::Object("clerk_get_user"), &["banned"])
            .but("Sessions that began since then end."),
    ),
    one_user(
        "clerk_lock_user",
        "Lock user",
        Route::post("/users/{user_id}/lock"),
        "Lock a user: they can't sign in until the instance's lockout time is over or \
         clerk_unlock_user. Sessions go on; clerk_revoke_user_sessions ends them.",
    )
    .undo(
        Undo::by("clerk_unlock_user", &[("user_id", Source::Argument("user_id"))])
            .changes(Look::Object("clerk_get_user"), &["locked"]),
    ),
    one_user(
        "clerk_unlock_user",
        "Unlock user",
        Route::post("/users/{user_id}/unlock"),
        "Lift the lock of a user, who can try to sign in again. A ban stays; clerk_unban_user \
         lifts it.",
    )
    .undo(
        Undo::by("clerk_lock_user", &[("user_id", Source::Argument("user_id"))])
            .changes(Look::Object("clerk_get_user"), &["locked"])
            .but("The lockout time begins again."),
    ),
];

/// The row of a tool that changes whether one user may sign in.
const fn one_user(
    name: &'static str,
    title: &'static str,
    route: Route,
    about: &'static str,
) -> Tool {
    rest(name, title, route, about)
        .effect(Effect::Update)
        .takes(&[&[USER_ID]])
        .returns(&STANDING)
        .verify_with("clerk_get_user")
}

/// The tools for one user that others work with on many.
pub(super) static BAN: &Tool = &TOOLS[0];
pub(super) static UNBAN: &Tool = &TOOLS[1];
pub(super) static LOCK: &Tool = &TOOLS[2];
pub(super) static UNLOCK: &Tool = &TOOLS[3];
