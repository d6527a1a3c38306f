//! Sessions.

use fastrand::Rng;

use super::pick;
use super::words::{CITIES, DEVICES, NETWORKS};
use crate::model::{Activity, Session, Status, Task, User};
use crate::store::{Store, id};
use crate::time::{DAY, SECOND};

/// How long a session lasts at most, and how much later it counts as abandoned. The long life
/// keeps active sessions believable for years after the epoch.
const LIFETIME: i64 = 3_650 * DAY;
const ABANDONED_AFTER: i64 = 23 * DAY;

/// The sessions of the first user, newest first: several to choose from, and one of each kind.
const FIRST_USERS_SESSIONS: [Status; 10] = [
    Status::Active,
    Status::Active,
    Status::Active,
    Status::Pending,
    Status::Revoked,
    Status::Ended,
    Status::Expired,
    Status::Removed,
    Status::Abandoned,
    Status::Replaced,
];

/// The statuses of sessions before a user's last one.
const PAST: [Status; 6] = [
    Status::Active,
    Status::Ended,
    Status::Ended,
    Status::Expired,
    Status::Removed,
    Status::Replaced,
];

/// Adds the sessions of the users.
pub(super) fn add(store: &mut Store, rng: &mut Rng, users: &[User]) {
    for (index, user) in users.iter().enumerate() {
        // The organization that the user joined last.
        let home = store.memberships.organizations_of(&user.id).last().cloned();
        for session in sessions(rng, index, user, home.as_ref()) {
            store.sessions.add(session);
        }
    }
}

/// The sessions of the user at this place, newest first. A user who never signed in has none, and a
/// ban revoked all of them.
fn sessions(rng: &mut Rng, index: usize, user: &User, home: Option<&String>) -> Vec<Session> {
    let Some(last_sign_in) = user.last_sign_in_at else {
        return Vec::new();
    };
    let count = rng.usize(1..4);
    let statuses = match index {
        0 => FIRST_USERS_SESSIONS.to_vec(),
        _ if user.banned => vec![Status::Revoked; count],
        _ => std::iter::once(Status::Active)
            .chain(std::iter::from_fn(|| rng.choice(PAST)))
            .take(count)
            .collect(),
    };
    let client_id = id(rng, "client");
    let mut created_at = last_sign_in;
    let mut last_active_at = user.updated_at;
    let mut sessions = Vec::new();
    for status in statuses {
        let span = (created_at, last_active_at);
        sessions.push(session(rng, user, &client_id, status, home, span));
        created_at = rng.i64(user.created_at..=created_at);
        last_active_at = rng.i64(created_at..=last_active_at);
    }
    sessions
}

/// One session, created and last active at these times.
pub(super) fn session(
    rng: &mut Rng,
    user: &User,
    client_id: &str,
    status: Status,
    home: Option<&String>,
    (created_at, last_active_at): (i64, i64),
) -> Session {
    Session {
        id: id(rng, "sess"),
        user_id: user.id.clone(),
        client_id: client_id.to_owned(),
        status,
        last_active_organization_id: home.filter(|_| status != Status::Pending).cloned(),
        last_active_at,
        latest_activity: Some(activity(rng)),
        expire_at: end_of(status, Status::Expired, last_active_at, created_at + LIFETIME),
        abandon_at: end_of(
            status,
            Status::Abandoned,
            last_active_at,
            created_at + LIFETIME + ABANDONED_AFTER,
        ),
        created_at,
        updated_at: last_active_at,
        tasks: (status == Status::Pending).then(|| vec![Task { key: "choose-organization" }]),
        actor: None,
        origin: None,
    }
}

/// When a session ends: right after the last activity if its status says that it has ended, else at
/// the planned time.
fn end_of(status: Status, end: Status, last_active_at: i64, planned: i64) -> i64 {
    if status == end { last_active_at + SECOND } else { planned }
}

fn activity(rng: &mut Rng) -> Activity {
    let (device_type, is_mobile, browser_name, browser_version) = pick(rng, &DEVICES);
    let (city, country) = pick(rng, &CITIES);
    Activity {
        object: "session_activity",
        id: id(rng, "sess_activity"),
        device_type,
        is_mobile,
        browser_name,
        browser_version: browser_version.into(),
        ip_address: format!("{}.{}", pick(rng, &NETWORKS), rng.u8(1..255)),
        city: city.into(),
        country: country.into(),
    }
}
