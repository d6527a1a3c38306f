//! Finding users by what Clerk can't filter by: all users are gone through, in pages, and only
//! those that match are kept.

mod count;
mod criteria;
mod group;
mod scan;

use clerk_api::{Decoded, Route};
use rmcp::{
    model::JsonObject,
    schemars::{self, JsonSchema},
};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use self::{
    count::CountUsers,
    group::{Group, GroupBy, Groups},
    scan::{Found, Scan},
};
use crate::{
    Error,
    ctx::Ctx,
    objects::User,
    operation::{Date, Entry, Form, Id, List, Operation, Rule, entry},
};

pub(super) static OPERATIONS: [Entry; 2] = [entry::<FindUsers>(), entry::<CountUsers>()];

/// How many users are listed where it is not said.
const DEFAULT_LIMIT: u64 = 50;

/// Go through all users for what Clerk can't filter by; criteria combine with AND. Lists them, or
/// counts them by groupBy. For Clerk's own filters clerk_list_users is faster.
#[skip_serializing_none]
#[derive(Clone, Debug, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
pub(super) struct FindUsers {
    /// Of any address; comma-separated for several.
    email_domain: Option<List>,
    two_factor_enabled: Option<bool>,
    /// The primary.
    email_verified: Option<bool>,
    banned: Option<bool>,
    locked: Option<bool>,
    never_signed_in: Option<bool>,
    /// Date: not active from then on.
    inactive_since: Option<Date>,
    created_at_after: Option<Date>,
    created_at_before: Option<Date>,
    /// Such as public.plan.
    #[schemars(regex(pattern = r"^(public|private|unsafe)(Metadata)?\..+$"))]
    metadata_path: Option<String>,
    /// Without it anything but null.
    metadata_value: Option<String>,
    organization_id: Option<Id>,
    /// Such as org:admin.
    role: Option<String>,
    active_sessions_over: Option<u64>,
    /// Clerk's own search.
    query: Option<String>,
    /// Count, not list; month of creation.
    group_by: Option<GroupBy>,
    #[schemars(range(min = 1, max = 1000))]
    limit: Option<u64>,
    offset: Option<u64>,
    /// A nextCursor.
    starting_after: Option<Id>,
}

#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct FoundUsers {
    users: Option<Vec<Row>>,
    groups: Option<Vec<Group>>,
    // Matches.
    total_count: u64,
    // Users looked at.
    scanned: u64,
    // Users to look at.
    total: Option<u64>,
    // Whether it looked at all.
    complete: bool,
    next_cursor: Option<String>,
}

#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub(super) struct Row {
    #[serde(flatten)]
    user: User,
    active_sessions: Option<u64>,
}

impl From<Found> for Row {
    fn from(found: Found) -> Self {
        Self { user: found.user, active_sessions: found.active_sessions }
    }
}

impl Operation for FindUsers {
    const NAME: &'static str = "clerk_find_users";
    const TITLE: &'static str = "Find users";
    const ROUTE: Route = Route::get("/users");
    const FORM: Form = Form::Scan("users");
    const RULES: &'static [Rule] = &[
        Rule::Any(&[
            "emailDomain",
            "twoFactorEnabled",
            "emailVerified",
            "banned",
            "locked",
            "neverSignedIn",
            "inactiveSince",
            "createdAtAfter",
            "createdAtBefore",
            "metadataPath",
            "organizationId",
            "activeSessionsOver",
            "query",
            "groupBy",
        ]),
        Rule::With("metadataValue", "metadataPath"),
        Rule::With("role", "organizationId"),
    ];
    type Output = FoundUsers;

    async fn call(self, clerk: Ctx) -> Result<Decoded<FoundUsers>, Error> {
        let limit = self.limit.unwrap_or(DEFAULT_LIMIT);
        let offset = self.offset.unwrap_or(0);
        let mut groups = self.group_by.map(Groups::new);
        let mut users = Vec::new();
        let mut total_count = 0;
        let mut scan = Scan::new(&self, &clerk);
        while let Some(page) = scan.next().await? {
            for found in page {
                match &mut groups {
                    Some(groups) => groups.add(&found),
                    None if total_count >= offset && (users.len() as u64) < limit => {
                        users.push(Row::from(found));
                    }
                    None => {}
                }
                total_count += 1;
            }
        }
        let is_grouped = groups.is_some();
        let mut notes = scan.notes;
        if total_count == 0 {
            notes.extend(self.role.as_deref().and_then(super::note_bare_role));
        }
        let value = FoundUsers {
            users: (!is_grouped).then_some(users),
            groups: groups.map(|groups| groups.sorted(&mut notes)),
            total_count,
            scanned: scan.scanned,
            total: scan.total,
            complete: scan.is_complete,
            next_cursor: scan.last.filter(|_| !scan.is_complete),
        };
        Ok(Decoded { value, notes })
    }
}

/// The users that match, as many as are wanted.
pub(super) struct Matches {
    pub(super) users: Vec<User>,
    /// How many more match.
    pub(super) more: u64,
    pub(super) notes: Vec<String>,
}

/// Those of the users that `find`, arguments of the tool, finds, at most so many.
///
/// # Errors
/// What is wrong with the arguments, or a scan that did not come to its end: whatever is to be
/// done to all must not be done to some.
pub(super) async fn matching(
    find: &JsonObject,
    at_most: usize,
    clerk: &Ctx,
) -> Result<Matches, Error> {
    let [tool, _] = &OPERATIONS;
    let arguments = tool.read(find.clone()).map_err(|faults| {
        let of_find = faults.into_iter().map(|mut fault| {
            fault.argument = format!("find.{}", fault.argument);
            fault
        });
        Error::Arguments(of_find.collect())
    })?;
    let find: FindUsers = serde_json::from_value(arguments.into())
        .map_err(|_| Error::Arguments(vec![unfit("can't be read")]))?;
    if find.group_by.is_some() || find.limit.is_some() || find.offset.is_some() {
        let problem = "takes criteria only: no groupBy, limit or offset";
        return Err(Error::Arguments(vec![unfit(problem)]));
    }
    let mut scan = Scan::new(&find, clerk);
    let mut matches = Matches { users: Vec::new(), more: 0, notes: Vec::new() };
    while let Some(page) = scan.next().await? {
        for found in page {
            if matches.users.len() < at_most {
                matches.users.push(found.user);
            } else {
                matches.more += 1;
            }
        }
    }
    if !scan.is_complete {
        return Err(Error::Arguments(vec![unfit(
            "did not come to its end: give criteria that Clerk can filter by, such as \
             organizationId, query or createdAtAfter",
        )]));
    }
    matches.notes = scan.notes;
    Ok(matches)
}

fn unfit(problem: &str) -> crate::Fault {
    crate::Fault { argument: "find".to_owned(), problem: problem.to_owned() }
}
