//! Banning and locking users, and undoing it.

use crate::Sandbox;
use crate::body::Fields;
use crate::model::{User, UserReply};
use crate::query::{Id, NoQuery};
use crate::refusal::{FORM_PARAM_ARRAY_SIZE_EXCEEDED, Refusal};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::store::Store;

/// How many users a request may ban.
const MAX_USERS: usize = 50;

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

/// `POST /users/ban`: all of them, or none.
pub(crate) async fn ban_all(State(sandbox): State<Sandbox>, _: NoQuery, fields: Fields) -> Reply {
    change_all(&sandbox, fields, true)
}

/// `POST /users/unban`: all of them, or none.
pub(crate) async fn unban_all(State(sandbox): State<Sandbox>, _: NoQuery, fields: Fields) -> Reply {
    change_all(&sandbox, fields, false)
}

fn change_all(sandbox: &Sandbox, mut fields: Fields, is_banned: bool) -> Reply {
    let mut store = sandbox.write();
    let ids = fields.texts("user_ids").unwrap_or_default();
    if ids.is_empty() {
        fields.refuse_missing("user_ids");
    }
    if ids.len() > MAX_USERS {
        let sentence = format!("user_ids takes at most {MAX_USERS} values.");
        fields.refuse(FORM_PARAM_ARRAY_SIZE_EXCEEDED.at("user_ids", sentence));
    }
    fields.finish()?;
    ids.iter().try_for_each(|id| store.user(id).map(|_| ()))?;
    for id in &ids {
        set(&mut store, id, is_banned, |user| &mut user.banned)?;
        store.user_happened("user.updated", id);
    }
    let users: Vec<_> = ids.iter().filter_map(|id| store.users().get(id)).collect();
    let now = store.time();
    let users: Vec<_> = users.into_iter().map(|user| UserReply::at(user, now)).collect();
    Ok(reply::json(&users))
}

/// Sets a flag; a ban also revokes the sessions. A flag that has the value already leaves
/// `updated_at` as it was.
fn change(sandbox: &Sandbox, id: &str, value: bool, flag: fn(&mut User) -> &mut bool) -> Reply {
    let mut store = sandbox.write();
    set(&mut store, id, value, flag)?;
    Ok(reply::json(&UserReply::at(store.user(id)?, store.time())))
}

fn set(
    store: &mut Store,
    id: &str,
    value: bool,
    flag: fn(&mut User) -> &mut bool,
) -> Result<(), Refusal> {
    let now = store.now();
    let user = store.user_mut(id)?;
    let (was_banned, was_locked, flag) = (user.banned, user.locked, flag(user));
    if *flag != value {
        *flag = value;
        user.updated_at = now;
    }
    if !user.locked {
        (user.failed_attempts, user.locked_until) = (0, None);
    }
    let (is_banned, is_locked) = (user.banned && !was_banned, user.locked && !was_locked);
    if is_banned {
        store.revoke_sessions_of(id, now);
    }
    if is_locked {
        store.lock_user(id, now)?;
    }
    Ok(())
}
