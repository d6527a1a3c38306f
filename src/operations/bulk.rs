//! Work on many users or sessions: what would be done to each. The server does it.

mod change;
mod revoke;

use std::collections::HashSet;

use clerk_api::{Request, Route};
use rmcp::{
    model::JsonObject,
    schemars::{self, JsonSchema},
};
use serde::{Deserialize, Serialize};
use serde_json::json;
use serde_with::skip_serializing_none;

use self::{
    change::{Action, Change},
    revoke::RevokeUserSessions,
};
use super::find::{Matches, matching};
use crate::{
    Error, Fault,
    ctx::Ctx,
    objects::User,
    operation::{
        Effect, Entry, Form, Id, List, Metadata, Operation, Plan, Rule, Step, Table, entry,
    },
};

pub(super) static OPERATIONS: [Entry; 2] = [entry::<BulkUpdate>(), entry::<RevokeUserSessions>()];

/// How many users are changed where it is not said.
const MAX_USERS: usize = 50;
/// How many ids Clerk takes in one filter.
const CHUNK: usize = 100;

/// Change many users in one way, by ID or as found. Shows first what it would do; does it with
/// dryRun: false. Users that are so already are skipped, so it is safe to repeat. Deletes nobody.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct BulkUpdate {
    action: Action,
    user_ids: Option<List>,
    /// In place of userIds: arguments of clerk_find_users.
    find: Option<Metadata>,
    /// From the dry run; needed with find.
    selection: Option<String>,
    /// All three for mergeMetadata.
    public_metadata: Option<Metadata>,
    private_metadata: Option<Metadata>,
    unsafe_metadata: Option<Metadata>,
    /// For addToOrganization, with role.
    organization_id: Option<Id>,
    role: Option<String>,
    /// Default 50.
    #[schemars(range(min = 1, max = 500))]
    max_users: Option<usize>,
    /// Default true.
    dry_run: Option<bool>,
}

/// The users that are chosen, and how many more there are.
#[derive(Default)]
struct Chosen {
    users: Vec<User>,
    /// Ids that nobody has.
    unknown: Vec<String>,
    more: u64,
    notes: Vec<String>,
}

impl Operation for BulkUpdate {
    const NAME: &'static str = "clerk_bulk_update";
    const TITLE: &'static str = "Bulk update";
    const ROUTE: Route = Route::patch("/users/{user_id}");
    // What it can do at the worst: a ban ends sessions.
    const EFFECT: Effect = Effect::Destroy;
    const RULES: &'static [Rule] = &[Rule::Any(&["userIds", "find"])];
    const FORM: Form = Form::Table("results");
    const MANY: bool = true;
    const LOOK: &'static str = "clerk_list_users";
    type Output = Table;

    async fn plan(self, clerk: Ctx) -> Result<Plan, Error> {
        let change = self.change()?;
        let chosen = self.choose(&clerk).await?;
        let members = self.members(&chosen.users, &clerk).await?;
        let mut plan = Plan { more: chosen.more, notes: chosen.notes, ..Plan::default() };
        for user in chosen.users {
            plan.steps.push(change.step(&user, &members));
        }
        for id in chosen.unknown {
            let skip = Some("no user has this id".to_owned());
            let arguments = JsonObject::new();
            plan.steps.push(Step { id, name: None, tool: change.tool(), arguments, skip });
        }
        if self.find.is_some() {
            self.check_selection(&mut plan)?;
        }
        Ok(plan)
    }
}

impl BulkUpdate {
    /// What is to be done to each user.
    fn change(&self) -> Result<Change, Error> {
        let metadata = [
            ("publicMetadata", &self.public_metadata),
            ("privateMetadata", &self.private_metadata),
            ("unsafeMetadata", &self.unsafe_metadata),
        ];
        let metadata: JsonObject = metadata
            .into_iter()
            .filter_map(|(name, it)| Some((name.to_owned(), it.as_ref()?.object().clone().into())))
            .collect();
        let membership = (self.organization_id.clone(), self.role.clone());
        let mut faults = self.action.faults(&metadata, &membership);
        if self.user_ids.is_some() && self.find.is_some() {
            faults.push(fault("find", "and `userIds` exclude each other: give one"));
        }
        if faults.is_empty() {
            Ok(Change { action: self.action, metadata, membership })
        } else {
            Err(Error::Arguments(faults))
        }
    }

    async fn choose(&self, clerk: &Ctx) -> Result<Chosen, Error> {
        let most = self.max_users.unwrap_or(MAX_USERS);
        match &self.user_ids {
            Some(ids) => by_id(ids, most, clerk).await,
            None => self.find(most, clerk).await,
        }
    }

    async fn find(&self, most: usize, clerk: &Ctx) -> Result<Chosen, Error> {
        let nothing = Metadata::default();
        let find = self.find.as_ref().unwrap_or(&nothing).object();
        let Matches { users, more, notes } = matching(find, most, clerk).await?;
        Ok(Chosen { users, more, notes, unknown: Vec::new() })
    }

    /// Who of the users is in the organization already.
    async fn members(&self, users: &[User], clerk: &Ctx) -> Result<HashSet<String>, Error> {
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
            let ids: Vec<&str> = users.iter().map(|user| user.id.as_str()).collect();
            let query = json!({ "organization_id": id, "user_id": ids, "limit": CHUNK });
            let route = Route::get("/organizations/{organization_id}/memberships");
            let page = clerk.send(Request::new(route, &query)?).await?.page::<Membership>()?;
            members
                .extend(page.value.rows.into_iter().filter_map(|it| it.public_user_data?.user_id));
        }
        Ok(members)
    }

    /// What was searched for must be what somebody saw in the dry run.
    fn check_selection(&self, plan: &mut Plan) -> Result<(), Error> {
        let digest = plan.digest();
        let is_dry = self.dry_run != Some(false);
        if !is_dry && self.selection.as_ref() != Some(&digest) {
            let problem = match self.selection {
                None => "is missing: with `find` it comes from the dry run, which must be first",
                Some(_) => {
                    "does not fit: find now chooses others than in the dry run; run it again"
                }
            };
            return Err(Error::Arguments(vec![fault("selection", problem)]));
        }
        plan.selection = Some(digest);
        Ok(())
    }
}

fn fault(argument: &str, problem: &str) -> Fault {
    Fault { argument: argument.to_owned(), problem: problem.to_owned() }
}

async fn by_id(ids: &List, most: usize, clerk: &Ctx) -> Result<Chosen, Error> {
    let mut chosen = Chosen::default();
    let mut wanted: Vec<&String> = Vec::new();
    for id in ids.values() {
        // A `-` before it would tell Clerk to give everybody else.
        clerk_api::Id::parse(id).ok().filter(|_| !id.starts_with('-')).ok_or_else(|| {
            Error::Arguments(vec![fault("userIds", &format!("has {id:?}, which is no user ID"))])
        })?;
        if !wanted.contains(&id) {
            wanted.push(id);
        }
    }
    chosen.more = wanted.len().saturating_sub(most) as u64;
    wanted.truncate(most);
    let query = json!({ "user_id": wanted, "limit": CHUNK });
    let page = clerk.send(Request::new(Route::get("/users"), &query)?).await?.page::<User>()?;
    chosen.notes = page.notes;
    let mut users = page.value.rows;
    users.retain(|user| wanted.contains(&&user.id));
    for id in wanted {
        match users.iter().position(|user| user.id == *id) {
            Some(place) => chosen.users.push(users.swap_remove(place)),
            None => chosen.unknown.push(id.clone()),
        }
    }
    Ok(chosen)
}
