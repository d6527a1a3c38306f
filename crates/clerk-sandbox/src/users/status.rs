//! Banning and locking users, and undoing it.

use crate::Sandbox;
use crate::model::{User, UserReply};
use crate::query::{Id, NoQuery};
use crate::reply::{self, Reply};
use crate::state::State;

/// `POST /users/{user_id}/ban`, which also revokes the user's sessions.
pub(crate) async fn ban(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    change(&sandbox, &id, true, |user| &mut user.banned)
}

/// `POST /users/{user_id}/unban`, which restores no session.
pub(crate) async fn unban(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    change(&sandbox, &id, false, |user| &mut user.banned)
}

/// `POST /users/{user_id}/lock`, which leaves the user's sessions alone.
pub(crate) async fn lock(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    change(&sandbox, &id, true, |user| &mut user.locked)
}

/// `POST /users/{user_id}/unlock`
pub(crate) async fn unlock(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    change(&sandbox, &id, false, |user| &mut user.locked)
}

/// Sets a flag; a ban also revokes the sessions. A flag that has the value already leaves
/// `updated_at` as it was.
fn change(sandbox: &Sandbox, id: &str, value: bool, flag: fn(&mut User) -> &mut bool) -> Reply {
    let mut store = sandbox.write();
    let now = store.now();
    let user = store.user_mut(id)?;
    let (was_banned, flag) = (user.banned, flag(user));
    if *flag != value {
        *flag = value;
        user.updated_at = now;
    }
    if !user.locked {
        (user.failed_attempts, user.locked_until) = (0, None);
    }
    let is_banned = user.banned && !was_banned;
    if is_banned {
        store.revoke_sessions_of(id, now);
    }
    Ok(reply::json(&UserReply::from(store.user(id)?)))
}
