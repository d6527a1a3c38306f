//! Work on many users or sessions: what would be done to each. The server does it.

mod change;
mod revoke;

use std::collections::HashSet;

use clerk_api::{Request, Route};
use futures::FutureExt;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use self::change::{Action, Change};
use super::{
    On, Toolset,
    find::{CRITERIA_SHAPE, Matches, matching},
    objects::USER,
    person,
};
use crate::{
    Ctx, Error,
    tool::{
        ArgumentError, Effect, Exec, ResultKind, Tool,
        bulk::{BulkPreview, COUNTS, OUTCOME, Step},
        kind::Kind,
        param::{
            Relation, Role, Rule, Type, boolean, choice, id, integer, list, metadata, object,
            role_key, text,
        },
        read::{self, Read},
        record::Record,
        values::{List, typed},
    },
};

pub(super) static TOOLSET: Toolset = Toolset {
    name: "bulk",
    about: "Bulk operations with previews and per-item results",
    find: "clerk_list_users",
    on: On::Default,
    tools: &TOOLS,
};

static TOOLS: [Tool; 2] = [
    Tool::new(
    "clerk_bulk_update",
    "Bulk update",
    "Apply one action to many users, by ID or by search. Previews unless dryRun is false. Users \
     that \
     the action would not change are skipped, so it is safe to repeat. Deletes nobody.",
    // What it can do at the worst: a ban ends sessions.
    Effect::Destroy,
    Exec::Steps(|arguments, ctx| preview(arguments, ctx).boxed()),
)
.takes(&[&[
    choice("action", Action::NAMES).required().about("What to do to each user."),
    list("user_ids", &USER_IDS).about("Up to 50 user IDs or email addresses, comma-separated."),
    object("find", &CRITERIA_SHAPE).about("In place of userIds: the criteria of clerk_find_users."),
    text("selection").about("The selection that the preview returned; needed with find to carry it out."),
    metadata("public_metadata").merged().about("For mergeMetadata; keys left out stay."),
    metadata("private_metadata").merged().about("For mergeMetadata; readable from backends only."),
    metadata("unsafe_metadata").merged().about("For mergeMetadata; users can write it."),
    id("organization_id", &[Kind::Organization], Relation::Target)
        .about("For addToOrganization, with role: its ID, slug or name."),
    role_key("role").about("For addToOrganization, such as org:member."),
    integer("max_users").between(1, 500).about("Users changed at most; default 50. The preview says whether more match."),
    boolean("dry_run")
        .local()
        .role(Role::DryRun)
        .about("true, the default, previews and changes nothing; false carries it out."),
]])
.rules(&[Rule::One(&["user_ids", "find"])])
.returns(&OUTCOME)
.result(ResultKind::Table("results"), &COUNTS)
.verify_with("clerk_list_users"),
    revoke::REVOKE,
];

/// How many users are changed where it is not said.
const MAX_USERS: usize = 50;
/// How many ids Clerk takes in one filter.
const CHUNK: usize = 100;

const USER_IDS: Type = Type::Id { kinds: &[Kind::User], relation: Relation::Target };

/// The checked arguments.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct BulkUpdate {
    action: Action,
    user_ids: Option<List>,
    find: Option<Map<String, Value>>,
    selection: Option<String>,
    public_metadata: Option<Map<String, Value>>,
    private_metadata: Option<Map<String, Value>>,
    unsafe_metadata: Option<Map<String, Value>>,
    organization_id: Option<String>,
    role: Option<String>,
    max_users: Option<usize>,
    dry_run: Option<bool>,
}

/// The users that are chosen, and how many more there are.
#[derive(Default)]
struct Chosen {
    users: Vec<Record>,
    /// Ids that nobody has.
    unknown: Vec<String>,
    more: u64,
    notes: Vec<String>,
}

async fn preview(arguments: Map<String, Value>, ctx: Ctx) -> Result<BulkPreview, Error> {
    let mut update: BulkUpdate = typed(arguments)?;
    let change = update.change()?;
    let is_search = update.find.is_some();
    let chosen = update.choose(&ctx).await?;
    let members = update.members(&chosen.users, &ctx).await?;
    let mut preview =
        BulkPreview { more: chosen.more, notes: chosen.notes, ..BulkPreview::default() };
    for user in &chosen.users {
        preview.steps.push(change.step(user, &members));
    }
    for id in chosen.unknown {
        let skip = Some("no user has this id".to_owned());
        let arguments = Map::new();
        let tool = change.tool();
        preview.steps.push(Step {
            id,
            name: None,
            is_known_by_name: true,
            tool,
            arguments,
            skip,
            takes_back: None,
        });
    }
    if is_search {
        update.check_selection(&mut preview)?;
    }
    Ok(preview)
}

impl BulkUpdate {
    /// What is to be done to each user.
    fn change(&self) -> Result<Change, Error> {
        let metadata = [
            ("publicMetadata", &self.public_metadata),
            ("privateMetadata", &self.private_metadata),
            ("unsafeMetadata", &self.unsafe_metadata),
        ];
        let metadata: Map<String, Value> = metadata
            .into_iter()
            .filter_map(|(name, metadata)| {
                Some((name.to_owned(), metadata.as_ref()?.clone().into()))
            })
            .collect();
        let membership = (self.organization_id.clone(), self.role.clone());
        let faults = self.action.faults(&metadata, &membership);
        if faults.is_empty() {
            Ok(Change { action: self.action, metadata, membership })
        } else {
            Err(Error::Arguments(faults))
        }
    }

    async fn choose(&mut self, ctx: &Ctx) -> Result<Chosen, Error> {
        let most = self.max_users.unwrap_or(MAX_USERS);
        if let Some(ids) = &self.user_ids {
            return by_id(ids, most, ctx).await;
        }
        let find = self.find.take().unwrap_or_default();
        let Matches { users, more, notes } = matching(find, most, ctx).await?;
        Ok(Chosen { users, more, notes, unknown: Vec::new() })
    }

    /// Who of the users is in the organization already.
    async fn members(&self, users: &[Record], ctx: &Ctx) -> Result<HashSet<String>, Error> {
        #[derive(Deserialize)]
        struct Membership {
            public_user_data: Option<Member>,
        }
        #[derive(Deserialize)]
        struct Member {
            user_id: Option<String>,
        }
        let mut members = HashSet::new();
        let Some(id) = &self.organization_id else { return Ok(members) };
        for users in users.chunks(CHUNK) {
            let ids: Vec<&str> = users.iter().map(person::id).collect();
            let query = json!({ "organization_id": id, "user_id": ids, "limit": CHUNK });
            let route = Route::get("/organizations/{organization_id}/memberships");
            let page = ctx.send(Request::new(route, &query)?).await?.page::<Membership>().await?;
            members.extend(
                page.value
                    .rows
                    .into_iter()
                    .filter_map(|membership| membership.public_user_data?.user_id),
            );
        }
        Ok(members)
    }

    /// What was searched for must be what someone saw in the dry run.
    fn check_selection(&self, preview: &mut BulkPreview) -> Result<(), Error> {
        let digest = preview.digest();
        let is_dry = self.dry_run != Some(false);
        if !is_dry && self.selection.as_ref() != Some(&digest) {
            let problem = match self.selection {
                None => {
                    "is missing: with `find`, preview first (dryRun: true) and give the \
                     selection it returns"
                }
                Some(_) => {
                    "doesn't fit: find now chooses other users than in the preview; preview again"
                }
            };
            return Err(Error::Arguments(vec![fault("selection", problem)]));
        }
        preview.selection = Some(digest);
        Ok(())
    }
}

fn fault(argument: &str, problem: &str) -> ArgumentError {
    ArgumentError::new(argument, problem)
}

async fn by_id(ids: &List, most: usize, ctx: &Ctx) -> Result<Chosen, Error> {
    let mut chosen = Chosen::default();
    let mut wanted: Vec<&String> = Vec::new();
    for id in ids.values() {
        if !wanted.contains(&id) {
            wanted.push(id);
        }
    }
    chosen.more = wanted.len().saturating_sub(most) as u64;
    wanted.truncate(most);
    let query = json!({ "user_id": wanted, "limit": CHUNK });
    let response = ctx.send(Request::new(Route::get("/users"), &query)?).await?;
    let Read { value, notes } = read::page_in(&USER, "data", &response).await?;
    chosen.notes = notes;
    let mut users = value.rows;
    users.retain(|user| wanted.iter().any(|id| *id == person::id(user)));
    for id in wanted {
        match users.iter().position(|user| person::id(user) == id) {
            Some(place) => chosen.users.push(users.swap_remove(place)),
            None => chosen.unknown.push(id.clone()),
        }
    }
    Ok(chosen)
}
