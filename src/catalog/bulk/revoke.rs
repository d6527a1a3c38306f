//! Revoking many of a user's sessions.

use std::collections::HashSet;

use clerk_api::{Page, Request, Route};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::fault;
use crate::{
    Ctx, Error,
    catalog::{objects::USER, person, sessions::REVOKE_ONE},
    tool::{
        Effect, Exec, ResultKind, Tool,
        bulk::{BulkPreview, OUTCOME, REVOKED_SESSIONS, SESSION_COUNTS, Step},
        date::{Date, IN_SECONDS, UnixTime},
        kind::Kind,
        param::{Relation, Role, Type, boolean, choice, id, integer, list, time},
        read,
        values::{List, typed},
    },
};

/// How many sessions are asked for at once.
const PAGE: u64 = 500;
/// How many are revoked where it is not said.
const MAX_SESSIONS: usize = 100;
/// In these someone is signed in, or on the way to it; in all others nobody is.
const ALIVE: [&str; 2] = ["active", "pending"];

const SESSION_IDS: Type = Type::Id { kinds: &[Kind::Session], relation: Relation::Nobody };

pub(super) const REVOKE: Tool = Tool::new(
    "clerk_revoke_user_sessions",
    "Revoke user sessions",
    "Revoke a user's sessions: all, or by status and age. Previews unless dryRun is false. It \
     doesn't \
     keep the user from signing in again: clerk_lock_user and clerk_ban_user do.",
    Effect::Destroy,
    Exec::Steps(|arguments, ctx| preview(arguments, ctx).boxed()),
)
.takes(&[&[
    id("user_id", &[Kind::User], Relation::Target)
        .required()
        .about("The user's ID or email address."),
    choice("status", &["active", "pending"]).about("Only sessions of this status; else both."),
    time("inactive_since")
        .about("Only those not active on or after this day (UTC), such as 2026-05-30."),
    list("except_session_id", &SESSION_IDS)
        .about("IDs of sessions to keep, such as sess_2ab; comma-separated."),
    integer("max_sessions")
        .between(1, 500)
        .about("Sessions revoked at most, oldest first; default 100."),
    boolean("dry_run")
        .local()
        .role(Role::DryRun)
        .about("true, the default, previews and changes nothing; false carries it out."),
]])
.returns(&OUTCOME)
.result(ResultKind::Table("results"), &SESSION_COUNTS)
.verify_with("clerk_list_sessions");

/// The checked arguments.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct RevokeUserSessions {
    user_id: String,
    status: Option<Alive>,
    inactive_since: Option<Date>,
    except_session_id: Option<List>,
    max_sessions: Option<usize>,
    #[serde(rename = "dryRun")]
    _dry_run: Option<bool>,
}

#[derive(Clone, Copy, Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Alive {
    Active,
    Pending,
}

#[derive(Debug, Deserialize)]
struct Session {
    id: String,
    status: Option<String>,
    last_active_at: Option<UnixTime>,
    latest_activity: Option<Activity>,
}

#[derive(Debug, Deserialize)]
struct Activity {
    browser_name: Option<String>,
    device_type: Option<String>,
    ip_address: Option<String>,
    city: Option<String>,
    country: Option<String>,
}

async fn preview(arguments: Map<String, Value>, ctx: Ctx) -> Result<BulkPreview, Error> {
    let revoke: RevokeUserSessions = typed(arguments)?;
    // Who mistypes an id must not read that the user has no sessions.
    let user = json!({ "user_id": revoke.user_id });
    let response = ctx.send(Request::new(Route::get("/users/{user_id}"), &user)?).await?;
    let user = read::object_in(&USER, &response).await?.value;
    let of = Some((person::id(&user).to_owned(), person::known_as(&user)));
    let mut preview = BulkPreview { of, done_as: Some(REVOKED_SESSIONS), ..BulkPreview::default() };
    let mut sessions = revoke.sessions(&ctx, &mut preview.notes).await?;
    sessions.sort_by_key(Session::last_active_at);
    let most = revoke.max_sessions.unwrap_or(MAX_SESSIONS);
    preview.more = sessions.len().saturating_sub(most) as u64;
    preview.steps = sessions.into_iter().take(most).map(Session::step).collect();
    Ok(preview)
}

impl RevokeUserSessions {
    /// The user's sessions that are chosen.
    async fn sessions(&self, ctx: &Ctx, notes: &mut Vec<String>) -> Result<Vec<Session>, Error> {
        let mut sessions = Vec::new();
        let mut unknown: HashSet<&String> =
            self.except_session_id.iter().flat_map(List::values).collect();
        let mut offset = 0;
        loop {
            // Without Clerk's filter by status: a session to keep is to be known whatever it is.
            let query = json!({
                "user_id": self.user_id, "paginated": true, "limit": PAGE, "offset": offset,
            });
            let response = ctx.send(Request::new(Route::get("/sessions"), &query)?).await?;
            let page = response.page::<Session>().await?;
            notes.extend(page.notes);
            let Page { rows, total } = page.value;
            let mut times = rows.iter().filter_map(|session| session.last_active_at);
            if times.any(UnixTime::is_in_seconds) && !notes.iter().any(|note| note == IN_SECONDS) {
                notes.push(IN_SECONDS.to_owned());
            }
            let count = rows.len() as u64;
            offset += count;
            unknown.retain(|id| rows.iter().all(|session| session.id != **id));
            sessions.extend(rows.into_iter().filter(|session| self.chooses(session)));
            if count == 0 || total.map_or(count < PAGE, |total| offset >= total) {
                return none_of(&unknown).map(|()| sessions);
            }
        }
    }

    fn chooses(&self, session: &Session) -> bool {
        let is_kept =
            self.except_session_id.as_ref().is_some_and(|kept| kept.contains(&session.id));
        let is_old = |date: Date| session.last_active_at().is_some_and(|time| time < date.0);
        let status = session.status.as_deref().unwrap_or_default();
        let is_alive = match self.status {
            Some(wanted) => wanted.name() == status,
            None => ALIVE.contains(&status),
        };
        !is_kept && is_alive && self.inactive_since.is_none_or(is_old)
    }
}

/// A slip in the id of a session to keep would revoke it.
fn none_of(unknown: &HashSet<&String>) -> Result<(), Error> {
    let Some(id) = unknown.iter().next() else { return Ok(()) };
    let problem = format!("has {id:?}, which isn't a session of this user");
    Err(Error::Arguments(vec![fault("exceptSessionId", &problem)]))
}

impl Alive {
    fn name(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Pending => "pending",
        }
    }
}

impl Session {
    /// In Unix milliseconds.
    fn last_active_at(&self) -> Option<i64> {
        self.last_active_at.map(UnixTime::milliseconds)
    }

    fn step(self) -> Step {
        let activity = self.latest_activity.as_ref();
        let device = activity
            .and_then(|activity| activity.browser_name.clone().or(activity.device_type.clone()));
        let place = activity.map(|activity| [activity.city.clone(), activity.country.clone()]);
        let place = place.into_iter().flatten().flatten().collect::<Vec<_>>().join(", ");
        let last = self.last_active_at.map(|time| format!("last active {}", time.iso()));
        let address = activity.and_then(|activity| activity.ip_address.clone());
        let status = self.status.filter(|status| status != "active");
        let parts = [device, Some(place).filter(|place| !place.is_empty()), address, last, status];
        let name = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let arguments = [("sessionId".to_owned(), self.id.clone().into())];
        Step {
            name: Some(name).filter(|name| !name.is_empty()),
            is_known_by_name: false,
            tool: REVOKE_ONE,
            arguments: arguments.into_iter().collect(),
            skip: None,
            takes_back: None,
            id: self.id,
        }
    }
}
