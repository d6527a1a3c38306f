//! Revoking many of a user's sessions.

use std::collections::HashSet;

use clerk_api::{Page, Request, Route};
use jiff::Timestamp;
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_with::skip_serializing_none;

use super::fault;
use crate::{
    Error,
    ctx::Ctx,
    objects::User,
    operation::{Date, Effect, Form, Id, List, Operation, Plan, Step, Table},
};

/// How many sessions are asked for at once.
const PAGE: u64 = 500;
/// How many are revoked where it is not said.
const MAX_SESSIONS: usize = 100;
/// In these somebody is signed in, or on the way to it; in all others nobody is.
const ALIVE: [&str; 2] = ["active", "pending"];

/// Revoke a user's sessions: all, or by status and age. Shows first what it would revoke; revokes
/// with dryRun: false. It doesn't keep the user from signing in again: clerk_lock_user and
/// clerk_ban_user do.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
pub(super) struct RevokeUserSessions {
    user_id: Id,
    status: Option<Alive>,
    /// Date: only those not active from then on.
    inactive_since: Option<Date>,
    /// Sessions to keep.
    except_session_id: Option<List>,
    /// Oldest first; default 100.
    #[schemars(range(min = 1, max = 500))]
    max_sessions: Option<usize>,
    /// Default true.
    dry_run: Option<bool>,
}

#[derive(Clone, Copy, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
enum Alive {
    Active,
    Pending,
}

#[derive(Debug, Deserialize)]
struct Session {
    id: String,
    status: Option<String>,
    last_active_at: Option<i64>,
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

impl Operation for RevokeUserSessions {
    const NAME: &'static str = "clerk_revoke_user_sessions";
    const TITLE: &'static str = "Revoke user sessions";
    const ROUTE: Route = Route::post("/sessions/{session_id}/revoke");
    const EFFECT: Effect = Effect::Destroy;
    const FORM: Form = Form::Table("results");
    const MANY: bool = true;
    const LOOK: &'static str = "clerk_list_sessions";
    type Output = Table;

    async fn plan(self, clerk: Ctx) -> Result<Plan, Error> {
        // Who mistypes an id must not read that the user has no sessions.
        let user = json!({ "user_id": self.user_id });
        let user = clerk.send(Request::new(Route::get("/users/{user_id}"), &user)?).await?;
        let user = user.read::<User>()?.value;
        let of = Some((user.id.clone(), user.known_as()));
        let mut plan = Plan { of, ..Plan::default() };
        let mut sessions = self.sessions(&clerk, &mut plan.notes).await?;
        sessions.sort_by_key(|it| it.last_active_at);
        let most = self.max_sessions.unwrap_or(MAX_SESSIONS);
        plan.more = sessions.len().saturating_sub(most) as u64;
        plan.steps = sessions.into_iter().take(most).map(Session::step).collect();
        Ok(plan)
    }
}

impl RevokeUserSessions {
    /// The user's sessions that are chosen.
    async fn sessions(&self, clerk: &Ctx, notes: &mut Vec<String>) -> Result<Vec<Session>, Error> {
        let mut sessions = Vec::new();
        let mut unknown: HashSet<&String> =
            self.except_session_id.iter().flat_map(List::values).collect();
        let mut offset = 0;
        loop {
            // Without Clerk's filter by status: a session to keep is to be known whatever it is.
            let query = json!({
                "user_id": self.user_id, "paginated": true, "limit": PAGE, "offset": offset,
            });
            let response = clerk.send(Request::new(Route::get("/sessions"), &query)?).await?;
            let page = response.page::<Session>()?;
            notes.extend(page.notes);
            let Page { rows, total } = page.value;
            let count = rows.len() as u64;
            offset += count;
            unknown.retain(|id| rows.iter().all(|it| it.id != **id));
            sessions.extend(rows.into_iter().filter(|it| self.chooses(it)));
            if count == 0 || total.map_or(count < PAGE, |total| offset >= total) {
                return none_of(&unknown).map(|()| sessions);
            }
        }
    }

    fn chooses(&self, session: &Session) -> bool {
        let is_kept = self.except_session_id.as_ref().is_some_and(|it| it.contains(&session.id));
        let is_old = |date: Date| session.last_active_at.is_some_and(|it| it < date.0);
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
    let problem = format!("has {id:?}, which is no session of this user");
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
    fn step(self) -> Step {
        let activity = self.latest_activity.as_ref();
        let device = activity.and_then(|it| it.browser_name.clone().or(it.device_type.clone()));
        let place = activity.map(|it| [it.city.clone(), it.country.clone()]);
        let place = place.into_iter().flatten().flatten().collect::<Vec<_>>().join(", ");
        let last = self.last_active_at.and_then(|it| Timestamp::from_millisecond(it).ok());
        let last = last.map(|it| format!("last active {}", it.strftime("%Y-%m-%d %H:%M")));
        let address = activity.and_then(|it| it.ip_address.clone());
        let status = self.status.filter(|it| it != "active");
        let parts = [device, Some(place).filter(|it| !it.is_empty()), address, last, status];
        let name = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        let arguments = [("sessionId".to_owned(), self.id.clone().into())];
        Step {
            name: Some(name).filter(|it| !it.is_empty()),
            tool: "clerk_revoke_session",
            arguments: arguments.into_iter().collect(),
            skip: None,
            id: self.id,
        }
    }
}
