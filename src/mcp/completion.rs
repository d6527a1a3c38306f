//! Completion of the arguments of prompts and resource templates. Whatever goes wrong while values
//! are looked for gives none: a person is typing, and nothing is to get in the way of that.
//! <https://modelcontextprotocol.io/specification/2026-07-28/server/utilities/completion>

use std::{collections::HashSet, time::Duration};

use clerk_api::{Page, Request, Route};
use rmcp::{
    ErrorData,
    model::{CompletionInfo, JsonObject, Reference},
};
use serde::Deserialize;
use serde_json::{Value, json};

use super::{McpServer, prompts, resources};
use crate::{
    Caller, Ctx, Error, Outcome, events,
    text::{self, clean_text, has_mark},
};

/// How many objects are looked up.
const LIMIT: u64 = 10;
/// How many roles are looked up: as many as a client takes.
const MOST_ROLES: u64 = 100;
/// How many characters what is typed may have; nothing begins with more.
const TYPED: usize = 200;
/// How long values are looked for: later the person has typed on.
const PATIENCE: Duration = Duration::from_secs(5);
/// The roles that every instance begins with.
const ROLES: [&str; 2] = ["org:admin", "org:member"];
/// The tool without which roles are nobody's concern.
const ROLES_TOOL: &str = "clerk_list_organization_memberships";

/// What an argument's values can be completed from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wanted {
    UserId,
    /// Users' email addresses; of those who have none, the ID.
    UserEmail,
    OrganizationId,
    /// Organizations' slugs; of those that have none, the ID.
    OrganizationSlug,
    Role,
    /// The types of events that Clerk documents.
    EventType,
}

/// A list that values are taken from.
struct Source {
    tool: &'static str,
    rows: &'static str,
    /// The field that is taken; where it is empty, the next.
    fields: &'static [&'static str],
}

impl Wanted {
    /// The list that the values are in; roles are in no tool's.
    const fn source(self) -> Option<Source> {
        let (tool, rows, fields): (_, _, &[&str]) = match self {
            Self::UserId => ("clerk_list_users", "users", &["id"]),
            Self::UserEmail => ("clerk_list_users", "users", &["primaryEmailAddress", "id"]),
            Self::OrganizationId => ("clerk_list_organizations", "organizations", &["id"]),
            Self::OrganizationSlug => {
                ("clerk_list_organizations", "organizations", &["slug", "id"])
            }
            Self::Role | Self::EventType => return None,
        };
        Some(Source { tool, rows, fields })
    }
}

/// What can be completed from, for an argument of a prompt or of a resource template; `None` where
/// nothing can.
///
/// # Errors
/// The prompt or the template does not exist.
fn wanted(
    of: &Reference,
    argument: &str,
    is_offered: &dyn Fn(&str) -> bool,
) -> Result<Option<Wanted>, ErrorData> {
    match of {
        Reference::Prompt(prompt) => {
            let mut arguments = prompts::find(&prompt.name, is_offered)?.arguments.iter();
            Ok(arguments.find(|known| known.name == argument).and_then(|found| found.completes))
        }
        Reference::Resource(template) => {
            let wanted = resources::completes(&template.uri)?;
            let is_its = |wanted: &Wanted| {
                argument == if *wanted == Wanted::EventType { "type" } else { "id" }
            };
            Ok(wanted.filter(is_its))
        }
        _ => Ok(None),
    }
}

impl McpServer {
    /// The values that an argument may have, given what is typed of it.
    ///
    /// # Errors
    /// The prompt or the template does not exist.
    pub(super) async fn complete_argument(
        &self,
        of: &Reference,
        (argument, typed): (&str, &str),
        caller: Caller,
    ) -> Result<CompletionInfo, ErrorData> {
        let is_offered = |tool: &str| self.server().offers(tool, &caller.principal);
        let Some(wanted) = wanted(of, argument, &is_offered)? else {
            return Ok(CompletionInfo::default());
        };
        if typed.chars().count() > TYPED {
            return Ok(CompletionInfo::default());
        }
        if wanted == Wanted::EventType {
            let kinds = events::documented().filter(|kind| kind.starts_with(typed.trim()));
            return Ok(info(kinds.map(str::to_owned), None, false));
        }
        let looking = async {
            match wanted.source() {
                Some(source) => self.values(&source, typed, caller).await,
                None => self.roles(typed, caller).await,
            }
        };
        let found = tokio::time::timeout(PATIENCE, looking).await;
        Ok(found.ok().flatten().unwrap_or_else(|| {
            tracing::debug!(argument, "nothing to complete it from");
            CompletionInfo::default()
        }))
    }

    /// The values in the rows that a list tool finds.
    async fn values(&self, source: &Source, typed: &str, caller: Caller) -> Option<CompletionInfo> {
        if !self.server().has_for(source.tool, &caller.principal) {
            return None;
        }
        let mut arguments = JsonObject::new();
        arguments.insert("limit".to_owned(), LIMIT.into());
        arguments.insert("fields".to_owned(), json!(source.fields));
        if !typed.trim().is_empty() {
            arguments.insert("query".to_owned(), typed.trim().into());
        }
        let outcome = self.server().call(source.tool, arguments, caller).await.ok()?;
        let Outcome::Done(output) = outcome else { return None };
        let rows = output.get(source.rows)?.as_array()?;
        let value = |row: &Value| {
            let mut texts = source.fields.iter().filter_map(|field| row.get(field)?.as_str());
            texts.find(|text| !text.is_empty()).map(str::to_owned)
        };
        let total = output.get("totalCount").and_then(Value::as_u64);
        let has_more = output.get("hasMore").and_then(Value::as_bool).unwrap_or_default();
        Some(info(rows.iter().filter_map(value), total, has_more))
    }

    /// The instance's roles that begin with what is typed.
    async fn roles(&self, typed: &str, caller: Caller) -> Option<CompletionInfo> {
        if !self.server().has_for(ROLES_TOOL, &caller.principal) {
            return None;
        }
        // Its size would be a part of every request's future.
        let looked = self.server().look(&caller, async |ctx| roles(&ctx).await);
        let looked = Box::pin(looked).await;
        let roles = looked.unwrap_or_else(|error| {
            let redactor = self.server().clerk().begin(None);
            tracing::debug!(error = redactor.redact(&error.to_string()), "roles can't be listed");
            let rows = ROLES.map(|key| Role { key: key.to_owned() });
            Page { rows: rows.into(), total: None }
        });
        let is_whole = roles.total(MOST_ROLES, 0) == Some(roles.rows.len() as u64);
        let keys = roles.rows.into_iter().map(|role| role.key);
        let keys: Vec<String> = keys.filter(|key| key.starts_with(typed.trim())).collect();
        // Which of those that are not in the page begin so, nobody knows.
        let total = is_whole.then_some(keys.len() as u64);
        Some(info(keys.into_iter(), total, !is_whole))
    }
}

#[derive(Deserialize)]
struct Role {
    key: String,
}

/// The instance's roles.
async fn roles(call: &Ctx) -> Result<Page<Role>, Error> {
    let request = Request::new(Route::get("/organization_roles"), &json!({ "limit": MOST_ROLES }))?;
    let response = call.redacted(call.send(request).await?).await?;
    Ok(response.page().await?.value)
}

/// The completions that a client gets. A value that has to be changed to be shown can't be sent.
fn info(
    values: impl Iterator<Item = String>,
    total: Option<u64>,
    has_more: bool,
) -> CompletionInfo {
    let mut seen = HashSet::new();
    let is_shown = |value: &str| !has_mark(&clean_text(value, text::LIMIT));
    let values = values.filter(|value| is_shown(value) && seen.insert(value.clone()));
    let mut info = CompletionInfo::default();
    info.values = values.take(CompletionInfo::MAX_VALUES).collect();
    info.total = total.and_then(|total| total.try_into().ok());
    info.has_more = Some(has_more);
    info
}
