//! Finding users by what Clerk can't filter by: all users are gone through, in pages, and only
//! those that match are kept.

mod criteria;
mod duplicates;
mod group;
mod same;
mod scan;

use futures::FutureExt;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

use self::{
    duplicates::Duplicates,
    group::{GROUP, Group, GroupBy, Groups},
    scan::{Found, Scan},
};
use super::{On, Toolset, objects::FOUND_USER, users::QUERY};
use crate::{
    Ctx, Error,
    tool::{
        ArgumentError, Content, Effect, Exec, Output, ResultKind, TOTAL, Tool,
        date::Date,
        field::{self, Fields},
        kind::Kind,
        param::{
            EMAIL_DOMAIN, Format, OFFSET, Param, Relation, Role, Rule, Shape, Type, boolean,
            choice, id, integer, list, role_key, text, time,
        },
        record::{Datum, Record},
        rest::rest,
        values::{List, typed},
    },
};

pub(super) static TOOLSET: Toolset = Toolset {
    name: "search",
    about: "Find users by what Clerk can't filter by, and count them",
    find: "clerk_find_users",
    on: On::Partly(&["clerk_find_users"]),
    tools: &TOOLS,
};

static TOOLS: [Tool; 2] = [FIND, COUNT];
/// Finds users.
pub(super) static FIND_USERS: &Tool = &TOOLS[0];

/// How many users are listed if it isn't said.
const DEFAULT_LIMIT: u64 = 50;

/// The users in an organization.
const ORGANIZATION_ID: Param = id("organization_id", &[Kind::Organization], Relation::Filter)
    .about("Members of this organization, by its ID, slug or name.");

const CRITERIA: &[Param] = &[
    list("email_domain", &EMAIL_DOMAIN).about(
        "Domains of their addresses, verified or not, such as example.com; comma-separated.",
    ),
    boolean("two_factor_enabled").about("Whether a second factor is set up."),
    boolean("email_verified").about("Whether the primary address is verified."),
    boolean("banned").about("Whether they are banned."),
    boolean("locked").about("Whether they are locked out."),
    boolean("never_signed_in").about("Whether they never signed in."),
    time("inactive_since").about(
        "Not active on or after this day (UTC), such as 2026-05-30. Includes the never active who \
         were created before it.",
    ),
    time("created_at_after").about("Created on or after this day (UTC), such as 2026-05-30."),
    time("created_at_before").about("Created before this day (UTC), such as 2026-05-30."),
    text("metadata_path")
        .format(Format::MetadataPath)
        .about("A path into metadata such as public.plan, present in theirs."),
    text("metadata_value").about("The value there, as text; without it, any but null."),
    ORGANIZATION_ID,
    role_key("role").about("Their role there, such as org:admin."),
    integer("active_sessions_over").at_least(0).about("More active sessions than this number."),
    QUERY.about("Part of an email, phone, username, ID or name."),
];
const STARTING_AFTER: Param = id("starting_after", &[Kind::User], Relation::Filter)
    .about("The nextCursor of the scan before, a user ID.");

const VALUE_NEEDS_PATH: Rule = Rule::With("metadata_value", "metadata_path");
const ROLE_NEEDS_ORGANIZATION: Rule = Rule::With("role", "organization_id");
/// The arguments that choose users, and the one that counts them, which needs no criterion.
const CRITERION_OR_GROUP: [&str; 14] = [
    "email_domain",
    "two_factor_enabled",
    "email_verified",
    "banned",
    "locked",
    "never_signed_in",
    "inactive_since",
    "created_at_after",
    "created_at_before",
    "metadata_path",
    "organization_id",
    "active_sessions_over",
    "query",
    "group_by",
];
const CRITERION_NAMES: &[&str] = {
    let [criteria @ .., _group_by] = &CRITERION_OR_GROUP;
    criteria
};
/// Without a criterion, all users would be chosen.
const CRITERIA_RULES: &[Rule] =
    &[Rule::Any(CRITERION_NAMES), VALUE_NEEDS_PATH, ROLE_NEEDS_ORGANIZATION];
/// A count by group needs no criterion.
const RULES: &[Rule] = &[Rule::Any(&CRITERION_OR_GROUP), VALUE_NEEDS_PATH, ROLE_NEEDS_ORGANIZATION];

const FIND: Tool = Tool::new(
    "clerk_find_users",
    "Find users",
    "Scan all users by criteria that Clerk can't filter on; criteria combine with AND. Lists \
     them, or counts them by groupBy. For Clerk's own filters clerk_list_users is faster.",
    Effect::Read,
    Exec::Composite { run: |arguments, ctx| find_users(arguments, ctx).boxed(), rest: None },
)
.takes(&[
    CRITERIA,
    &[
        choice(
            "group_by",
            &[
                "domain",
                "month",
                "organization",
                "banned",
                "locked",
                "twoFactorEnabled",
                "emailVerified",
                "neverSignedIn",
                "duplicateEmail",
                "duplicatePhone",
                "duplicateName",
                "duplicateExternalAccount",
            ],
        )
        .about(
            "Count the users by this instead of listing them; month of creation. duplicate… groups \
             those who seem to be one person.",
        ),
        boolean("count_only").about("Whether to only count those that match; default false."),
        integer("limit").between(1, 1000).role(Role::Limit).about("Users listed; default 50."),
        OFFSET,
        STARTING_AFTER,
    ],
])
.rules(RULES)
.returns(&FOUND_USER)
.result(ResultKind::Scan("users"), &SCANNED)
.exported(true);

/// The arguments that choose users, for tools that work on those that are found.
pub(super) static CRITERIA_SHAPE: Shape =
    Shape { params: &[CRITERIA, &[STARTING_AFTER]], rules: CRITERIA_RULES, open: false };

/// What stands beside the users, or in place of them.
static SCANNED: Fields = Fields::closed(&[&[
    field::objects("groups", &GROUP).about("In place of users, with groupBy; the largest first."),
    field::integer("without_value").about(
        "With groupBy: users without what they are grouped by, such as an email address or an \
         organization.",
    ),
    field::integer("matched").about("How many of the scanned users match."),
    field::integer("scanned").about("How many users were scanned."),
    field::integer("to_scan")
        .about("How many users are left to scan, if Clerk says how many there are."),
    field::boolean("complete").about("Whether all users were scanned."),
    field::code("next_cursor").about("Give it as startingAfter to scan the rest."),
]]);

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
pub(super) struct FindUsers {
    email_domain: Option<List>,
    two_factor_enabled: Option<bool>,
    email_verified: Option<bool>,
    banned: Option<bool>,
    locked: Option<bool>,
    never_signed_in: Option<bool>,
    inactive_since: Option<Date>,
    created_at_after: Option<Date>,
    created_at_before: Option<Date>,
    metadata_path: Option<String>,
    metadata_value: Option<String>,
    organization_id: Option<String>,
    role: Option<String>,
    active_sessions_over: Option<u64>,
    query: Option<String>,
    group_by: Option<GroupBy>,
    count_only: Option<bool>,
    limit: Option<u64>,
    offset: Option<u64>,
    starting_after: Option<String>,
}

#[skip_serializing_none]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Scanned {
    groups: Option<Vec<Group>>,
    without_value: Option<u64>,
    matched: u64,
    scanned: u64,
    to_scan: Option<u64>,
    complete: bool,
    next_cursor: Option<String>,
}

impl From<Found> for Record {
    fn from(found: Found) -> Self {
        let Found { mut user, active_sessions, .. } = found;
        if let Some(count) = active_sessions {
            user.set("active_sessions", Datum::Number(count.into()));
        }
        user
    }
}

/// What is counted in place of listing the users.
enum Counted {
    /// They are listed.
    Not,
    /// All that match, together.
    InAll,
    ByTrait(Groups),
    Duplicates(Duplicates),
}

impl Counted {
    fn of(find: &FindUsers) -> Self {
        match find.group_by {
            Some(by) => match by.evidence() {
                Some(evidence) => Self::Duplicates(Duplicates::new(evidence)),
                None => Self::ByTrait(Groups::new(by)),
            },
            None if find.count_only == Some(true) => Self::InAll,
            None => Self::Not,
        }
    }
}

const PART_COMPARED: &str = "Only the users of this scan were compared with one another: a \
                             duplicate among the others isn't found. Narrow with criteria to \
                             compare all at once.";

async fn find_users(arguments: Map<String, Value>, ctx: Ctx) -> Result<Output, Error> {
    let find: FindUsers = typed(arguments)?;
    let limit = find.limit.unwrap_or(DEFAULT_LIMIT);
    let offset = find.offset.unwrap_or(0);
    let mut counted = Counted::of(&find);
    let mut users = Vec::new();
    let mut matched = 0;
    let mut scan = Scan::new(&find, &ctx);
    while let Some(page) = scan.next().await? {
        for found in page {
            match &mut counted {
                Counted::ByTrait(groups) => groups.add(&found),
                Counted::Duplicates(duplicates) => duplicates.add(&found.user),
                Counted::Not if matched >= offset && (users.len() as u64) < limit => {
                    users.push(Record::from(found));
                }
                Counted::Not | Counted::InAll => {}
            }
            matched += 1;
        }
    }
    let to_scan = scan.left();
    let mut notes = scan.notes;
    let is_listed = matches!(counted, Counted::Not);
    let (without_value, groups) = match counted {
        Counted::Not | Counted::InAll => (None, None),
        Counted::ByTrait(groups) => (Some(groups.without), Some(groups.sorted(&mut notes))),
        Counted::Duplicates(duplicates) => {
            if !scan.is_complete || find.starting_after.is_some() {
                notes.push(PART_COMPARED.to_owned());
            }
            let without = duplicates.without;
            (Some(without), Some(duplicates.groups(&ctx, &mut notes).await?))
        }
    };
    let scanned = Scanned {
        groups,
        without_value,
        matched,
        scanned: scan.scanned,
        to_scan,
        complete: scan.is_complete,
        next_cursor: scan.last.filter(|_| !scan.is_complete),
    };
    let mut output = Output::composed(FIND_USERS, &scanned, notes)?;
    if is_listed {
        output.content = Content::Rows(users);
    }
    Ok(output)
}

/// The users that match, as many as are wanted.
pub(super) struct Matches {
    pub(super) users: Vec<Record>,
    /// How many more match.
    pub(super) more: u64,
    pub(super) notes: Vec<String>,
}

/// Those of the users that `find`, checked criteria, finds, at most so many.
///
/// # Errors
/// A scan that was cut short. A bulk change must not run on a part of what it is meant for.
pub(super) async fn matching(
    find: Map<String, Value>,
    at_most: usize,
    ctx: &Ctx,
) -> Result<Matches, Error> {
    let find: FindUsers = typed(find)?;
    let mut scan = Scan::new(&find, ctx);
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
        let problem = "did not come to its end: give criteria that Clerk can filter by, such as \
                       organizationId, query or createdAtAfter";
        return Err(Error::Arguments(vec![ArgumentError::new("find", problem)]));
    }
    matches.notes = scan.notes;
    Ok(matches)
}

const COUNT: Tool = rest(
    "clerk_count_users",
    "Count users",
    clerk_api::Route::get("/users/count"),
    "Count users by Clerk's own filters, without listing them. For other criteria, use \
     clerk_find_users.",
)
.takes(&[&[
    QUERY,
    list("email_address", &Type::Email { relation: Relation::Filter })
        .filter()
        .about("Exact addresses such as ada@example.com, comma-separated."),
    ORGANIZATION_ID.filter(),
    boolean("banned").filter().about("Whether they are banned."),
    time("created_at_after")
        .filter()
        .about("Created on or after this day or time (UTC), such as 2026-05-30."),
    time("created_at_before")
        .filter()
        .about("Created before this day or time (UTC), such as 2026-05-30."),
    time("last_active_at_after")
        .filter()
        .about("Last active on or after this day (UTC), such as 2026-05-30."),
    time("last_active_at_before")
        .filter()
        .about("Last active before this day (UTC), such as 2026-05-30."),
    time("last_sign_in_at_after")
        .filter()
        .about("Last signed in on or after this day or time (UTC), such as 2026-05-30."),
    time("last_sign_in_at_before")
        .filter()
        .about("Last signed in before this day or time (UTC), such as 2026-05-30."),
]])
.returns(&TOTAL)
.wider("clerk_find_users")
.result(ResultKind::Fixed, &TOTAL);
