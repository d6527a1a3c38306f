//! Going through all users, a page at a time.

use std::{collections::HashSet, time::Instant};

use clerk_api::{Request, Route};
use futures::{StreamExt, TryStreamExt, stream};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{
    super::{
        objects::{COMPARED_USER, FOUND_USER},
        person,
    },
    FindUsers,
    group::GroupBy,
};
use crate::{
    Ctx, Error,
    tool::{
        field::Fields,
        read::{self, Read},
        record::Record,
        values::List,
    },
};

/// How many users a page has: the most that Clerk gives.
const PAGE: u64 = 500;
/// How many ids Clerk takes in one filter.
pub(super) const CHUNK: usize = 100;
/// How many users are looked into at once; the client itself sends fewer.
pub(super) const AT_ONCE: usize = 8;
/// How many organizations of a user are read.
const ORGANIZATIONS: u64 = 100;

/// A user that is looked for, with what was asked beside the user object.
pub(super) struct Found {
    pub(super) user: Record,
    pub(super) active_sessions: Option<u64>,
    pub(super) organizations: Vec<String>,
}

/// A scan on its way. Of the users only those of the present page are held.
pub(super) struct Scan<'a> {
    find: &'a FindUsers,
    ctx: &'a Ctx,
    began: Instant,
    is_over: bool,
    /// How many users were looked at.
    pub(super) scanned: u64,
    /// How many there are to look at, if Clerk says so.
    pub(super) total: Option<u64>,
    /// The last user looked at.
    pub(super) last: Option<String>,
    /// Whether all were looked at.
    pub(super) is_complete: bool,
    pub(super) notes: Vec<String>,
}

impl<'a> Scan<'a> {
    pub(super) fn new(find: &'a FindUsers, ctx: &'a Ctx) -> Self {
        Self {
            find,
            ctx,
            began: Instant::now(),
            is_over: false,
            scanned: 0,
            total: None,
            last: find.starting_after.clone(),
            is_complete: false,
            notes: Vec::new(),
        }
    }

    /// Those of the next page that are looked for; `None` after the last page.
    ///
    /// # Errors
    /// Those of the first page. Later ones end the scan, with a note.
    pub(super) async fn next(&mut self) -> Result<Option<Vec<Found>>, Error> {
        if self.is_over {
            return Ok(None);
        }
        if let Some(why) = self.ctx.progress().over(self.began) {
            self.end(why);
            return Ok(None);
        }
        match self.page().await {
            Ok(found) => {
                self.ctx.progress().tell(self.scanned, self.total).await;
                Ok(Some(found))
            }
            Err(error) if self.scanned > 0 => {
                self.end(&error.to_string());
                Ok(None)
            }
            Err(error) => Err(error),
        }
    }

    /// How many users are left to look at, if that is known.
    pub(super) fn left(&self) -> Option<u64> {
        if self.is_complete {
            return Some(0);
        }
        self.total.map(|total| total.saturating_sub(self.scanned))
    }

    fn end(&mut self, why: &str) {
        self.is_over = true;
        self.notes.push(format!(
            "The scan ended early: {why}. What is here is of the users looked at so far; go on \
             with startingAfter set to nextCursor."
        ));
    }

    async fn page(&mut self) -> Result<Vec<Found>, Error> {
        let ctx = self.ctx.clone().renewed();
        let mut query = self.find.prefilter();
        query.insert("limit".to_owned(), PAGE.into());
        query.extend(self.last.clone().map(|id| ("starting_after".to_owned(), id.into())));
        let page = ctx.send(Request::new(Route::get("/users"), &query)?);
        let is_first = self.scanned == 0 && self.last.is_none();
        let (page, total) = futures::join!(page, self.count(is_first, &ctx));
        let page = page?;
        let Read { value, notes } = read::page_in(self.find.fields(), "data", &page).await?;
        let rows = value.rows;
        self.total = self.total.or(total);
        let count = rows.len() as u64;
        let last = rows.last().and_then(|user| user.text("id")).map(str::to_owned);
        if last.is_some() && last == self.last {
            // For ever the same page would be for ever the same users.
            self.end("Clerk gave the same page again");
            return Ok(Vec::new());
        }
        let found = self.look_into(rows, &ctx).await?;
        // Only now is the page done: a call that continues after a failure begins with it.
        self.scanned += count;
        self.last = last.or(self.last.take());
        self.notes.extend(
            notes.into_iter().filter(|note| !self.notes.contains(note)).collect::<Vec<_>>(),
        );
        // A page may be short because a row of it can't be read.
        let is_last = self.total.map_or(count < PAGE, |total| self.scanned >= total);
        if self.scanned == 0 {
            self.check_organization(&ctx).await?;
        }
        if count == 0 || is_last {
            (self.is_over, self.is_complete) = (true, true);
        }
        Ok(found)
    }

    /// Clerk finds nobody in an organization that it does not have, and doesn't say why.
    async fn check_organization(&self, ctx: &Ctx) -> Result<(), Error> {
        let Some(id) = &self.find.organization_id else { return Ok(()) };
        let route = Route::get("/organizations/{organization_id}");
        ctx.send(Request::new(route, &json!({ "organization_id": id }))?).await?;
        Ok(())
    }

    /// How many users there are to look at.
    async fn count(&self, is_first: bool, ctx: &Ctx) -> Option<u64> {
        #[derive(Deserialize)]
        struct Count {
            total_count: u64,
        }
        if !is_first {
            return None;
        }
        let request = Request::new(Route::get("/users/count"), &self.find.prefilter()).ok()?;
        let count = ctx.send(request).await.ok()?.read::<Count>().await.ok()?;
        Some(count.value.total_count)
    }

    /// Those of a page's users that are looked for.
    async fn look_into(&self, users: Vec<Record>, ctx: &Ctx) -> Result<Vec<Found>, Error> {
        let mut users: Vec<Record> =
            users.into_iter().filter(|user| self.find.holds(user)).collect();
        if let (Some(organization), Some(role)) = (&self.find.organization_id, &self.find.role) {
            let members = members(organization, role, &users, ctx).await?;
            users.retain(|user| members.contains(person::id(user)));
        }
        let found = stream::iter(users).map(|user| self.found(user, ctx)).buffered(AT_ONCE);
        let found: Vec<Option<Found>> = found.try_collect().await?;
        Ok(found.into_iter().flatten().collect())
    }

    async fn found(&self, user: Record, ctx: &Ctx) -> Result<Option<Found>, Error> {
        let mut found = Found { user, active_sessions: None, organizations: Vec::new() };
        if let Some(over) = self.find.active_sessions_over {
            let count = active_sessions(person::id(&found.user), over, ctx).await?;
            if count <= over {
                return Ok(None);
            }
            found.active_sessions = Some(count);
        }
        if let Some(GroupBy::Organization) = self.find.group_by {
            let organizations = organizations(person::id(&found.user), ctx).await?.into_iter();
            found.organizations = organizations.map(Organization::in_full).collect();
        }
        Ok(Some(found))
    }
}

impl FindUsers {
    /// What is read of each user.
    const fn fields(&self) -> &'static Fields {
        match self.group_by {
            Some(by) if by.evidence().is_some() => &COMPARED_USER,
            _ => &FOUND_USER,
        }
    }

    /// What Clerk can leave out by itself. All of it is looked at again, so it may only be wider.
    fn prefilter(&self) -> Map<String, Value> {
        let domain = match self.email_domain.as_ref().map(List::values) {
            Some([domain]) => Some(domain.trim_start_matches('@')),
            _ => None,
        };
        let filters = [
            ("banned", json!(self.banned)),
            ("query", json!(self.query)),
            ("organization_id", json!(self.organization_id)),
            ("email_address_query", json!(domain)),
            ("created_at_after", json!(self.created_at_after.map(|date| date.0 - 1))),
            ("created_at_before", json!(self.created_at_before.map(|date| date.0 + 1))),
        ];
        let given = filters.into_iter().filter(|(_, value)| !value.is_null());
        given.map(|(name, value)| (name.to_owned(), value)).collect()
    }
}

#[derive(Deserialize)]
struct Membership {
    public_user_data: Option<Member>,
    organization: Option<Organization>,
}

#[derive(Deserialize)]
struct Member {
    user_id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct Organization {
    id: String,
    name: Option<String>,
}

impl Organization {
    /// What tells it from all others.
    fn in_full(self) -> String {
        match self.name {
            Some(name) => format!("{name} ({})", self.id),
            None => self.id,
        }
    }

    /// What people know it by.
    pub(super) fn in_short(self) -> String {
        self.name.unwrap_or(self.id)
    }
}

/// Who of the users has the role.
async fn members(
    organization: &str,
    role: &str,
    users: &[Record],
    ctx: &Ctx,
) -> Result<HashSet<String>, Error> {
    let mut members = HashSet::new();
    for users in users.chunks(CHUNK) {
        let ids: Vec<&str> = users.iter().map(person::id).collect();
        let query = json!({
            "organization_id": organization, "role": [role], "user_id": ids, "limit": CHUNK,
        });
        let route = Route::get("/organizations/{organization_id}/memberships");
        let page = ctx.send(Request::new(route, &query)?).await?.page::<Membership>().await?;
        let rows = page.value.rows.into_iter();
        members.extend(rows.filter_map(|membership| membership.public_user_data?.user_id));
    }
    Ok(members)
}

async fn active_sessions(id: &str, over: u64, ctx: &Ctx) -> Result<u64, Error> {
    let query = json!({
        "user_id": id, "status": "active", "paginated": true, "limit": (over + 1).min(PAGE),
    });
    let response = ctx.send(Request::new(Route::get("/sessions"), &query)?).await?;
    let page = response.page::<Value>().await?.value;
    Ok(page.total.unwrap_or(page.rows.len() as u64))
}

/// The organizations of a user.
pub(super) async fn organizations(id: &str, ctx: &Ctx) -> Result<Vec<Organization>, Error> {
    let query = json!({ "user_id": id, "limit": ORGANIZATIONS });
    let route = Route::get("/users/{user_id}/organization_memberships");
    let page = ctx.send(Request::new(route, &query)?).await?.page::<Membership>().await?;
    let rows = page.value.rows.into_iter();
    Ok(rows.filter_map(|membership| membership.organization).collect())
}
