//! Bans and locks. <https://clerk.com/docs/reference/backend-api/tag/users>

use clerk_api::Route;
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::operation::{Effect, Entry, Id, Operation, entry};

pub(super) static OPERATIONS: [Entry; 4] =
    [entry::<BanUser>(), entry::<UnbanUser>(), entry::<LockUser>(), entry::<UnlockUser>()];

/// Whether a user may sign in.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
struct Standing {
    id: String,
    banned: Option<bool>,
    locked: Option<bool>,
    updated_at: Option<i64>,
}

/// Ban a user: all its sessions are revoked and it can't sign in until clerk_unban_user. Sessions
/// don't come back. To only keep it from signing in for a while use clerk_lock_user.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct BanUser {
    user_id: Id,
}

impl Operation for BanUser {
    const NAME: &'static str = "clerk_ban_user";
    const TITLE: &'static str = "Ban user";
    const ROUTE: Route = Route::post("/users/{user_id}/ban");
    const EFFECT: Effect = Effect::Destroy;
    const UNDO: &'static str = "The ban can be lifted; the sessions don't come back.";
    const LOOK: &'static str = "clerk_get_user";
    type Output = Standing;
}

/// Lift the ban of a user, who can sign in again. Revoked sessions don't come back.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct UnbanUser {
    user_id: Id,
}

impl Operation for UnbanUser {
    const NAME: &'static str = "clerk_unban_user";
    const TITLE: &'static str = "Unban user";
    const ROUTE: Route = Route::post("/users/{user_id}/unban");
    const EFFECT: Effect = Effect::Update;
    const LOOK: &'static str = "clerk_get_user";
    type Output = Standing;
}

/// Lock a user: it can't sign in until the instance's lockout time is over or clerk_unlock_user.
/// Sessions go on; clerk_revoke_user_sessions ends them.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct LockUser {
    user_id: Id,
}

impl Operation for LockUser {
    const NAME: &'static str = "clerk_lock_user";
    const TITLE: &'static str = "Lock user";
    const ROUTE: Route = Route::post("/users/{user_id}/lock");
    const EFFECT: Effect = Effect::Update;
    const LOOK: &'static str = "clerk_get_user";
    type Output = Standing;
}

/// Lift the lock of a user, who can try to sign in again. A ban stays; clerk_unban_user lifts it.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct UnlockUser {
    user_id: Id,
}

impl Operation for UnlockUser {
    const NAME: &'static str = "clerk_unlock_user";
    const TITLE: &'static str = "Unlock user";
    const ROUTE: Route = Route::post("/users/{user_id}/unlock");
    const EFFECT: Effect = Effect::Update;
    const LOOK: &'static str = "clerk_get_user";
    type Output = Standing;
}
