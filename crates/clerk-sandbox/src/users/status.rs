//! Banning and locking users, and taking it back.

use axum::extract::State;

use crate::Sandbox;
use crate::model::{User, UserReply};
use crate::query::{Id, NoQuery};
use crate::reply::{self, Reply};

/// `POST /users/{user_id}/ban`, which also revokes the user's sessions.
pub(crate) async fn ban(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    change(&sandbox, &id, true, |user| &mut user.banned)
}

/// `POST /users/{user_id}/unban`, which brings no session back.
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

/// Sets a mark, and with a ban revokes the sessions. A mark that is as it should be leaves
/// `updated_at` as well: nothing was updated.
fn change(sandbox: &Sandbox, id: &str, value: bool, mark: fn(&mut User) -> &mut bool) -> Reply {
    let mut store = sandbox.write();
    let now = store.now();
    let user = store.user_mut(id)?;
    let (was_banned, mark) = (user.banned, mark(user));
    if *mark != value {
        *mark = value;
        user.updated_at = now;
    }
    if user.banned && !was_banned {
        store.sessions.revoke_of_user(id, now);
    }
    Ok(reply::json(&UserReply::from(store.user(id)?)))
}
