//! All sessions of the user that Clerk still has.

use std::collections::BTreeMap;

use clerk_api::{Decoded, Page, Request, Route};
use serde_json::{Value, json};

use super::wire::Session;
use crate::{Error, ctx::Ctx, tool::date::UnixTime};

const ROUTE: Route = Route::get("/sessions");
/// As many as Clerk gives at once.
const READ: u64 = 500;
const STATUSES: [&str; 8] =
    ["abandoned", "active", "ended", "expired", "pending", "removed", "replaced", "revoked"];

/// The sessions of a user.
#[derive(Debug, Default)]
pub(super) struct Sessions {
    pub(super) total: Option<u64>,
    pub(super) by_status: BTreeMap<&'static str, u64>,
    /// The newest, in whichever status; newest first.
    pub(super) read: Vec<Session>,
    /// Those in which someone is signed in or about to be, newest first.
    pub(super) alive: Vec<Session>,
    pub(super) alive_total: u64,
}

impl Sessions {
    /// Reads them. Only where there are more than one page holds, it takes a second request for
    /// those that are active.
    pub(super) async fn read(clerk: &Ctx, id: &Value) -> Result<Decoded<Self>, Error> {
        let Decoded { value: page, mut notes } = page(clerk, json!({ "user_id": id })).await?;
        let total = page.total(READ, 0);
        let read = page.rows.len() as u64;
        let mut sessions = Self::of(page.rows, total);
        if total.is_none_or(|total| total > read) {
            notes.push(format!(
                "byStatus and alive tell of only the newest {read} sessions and the active."
            ));
            let active = self::page(clerk, json!({ "user_id": id, "status": "active" })).await?;
            notes.extend(active.notes);
            sessions.set_active(active.value);
        }
        Ok(Decoded { value: sessions, notes })
    }

    pub(super) fn of(mut read: Vec<Session>, total: Option<u64>) -> Self {
        newest_first(&mut read);
        let mut by_status = BTreeMap::new();
        for session in &read {
            let known = STATUSES.into_iter().find(|status| session.is(status));
            *by_status.entry(known.unwrap_or("other")).or_default() += 1;
        }
        let alive: Vec<Session> = read
            .iter()
            .filter(|session| session.is("active") || session.is("pending"))
            .cloned()
            .collect();
        Self { total, by_status, alive_total: alive.len() as u64, alive, read }
    }

    fn set_active(&mut self, active: Page<Session>) {
        let count = active.total(READ, 0).unwrap_or(active.rows.len() as u64);
        self.by_status.insert("active", count);
        self.alive.retain(|session| session.is("pending"));
        self.alive_total = self.alive.len() as u64 + count;
        self.alive.extend(active.rows);
        newest_first(&mut self.alive);
    }

    pub(super) fn active(&self) -> impl Iterator<Item = &Session> {
        self.alive.iter().filter(|session| session.is("active"))
    }

    pub(super) fn count(&self, status: &str) -> u64 {
        self.by_status.get(status).copied().unwrap_or_default()
    }
}

async fn page(clerk: &Ctx, fields: Value) -> Result<Decoded<Page<Session>>, Error> {
    let request = Request::new(ROUTE, &fields)?
        .with_query("limit", &READ.to_string())
        .with_query("paginated", "true");
    Ok(clerk.redacted(clerk.send(request).await?).await?.page().await?)
}

fn newest_first(sessions: &mut [Session]) {
    sessions
        .sort_by_key(|session| std::cmp::Reverse(session.created_at.map(UnixTime::milliseconds)));
}
