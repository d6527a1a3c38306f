//! All of Clerk's operations at the cost of three tools: search for one, then run it by name.
//! The server finds the operation and runs it as if its own tool were called.

use clerk_api::{Decoded, Route};
use rmcp::{
    model::JsonObject,
    schemars::{self, JsonSchema},
};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use serde_with::skip_serializing_none;

use super::all;
use crate::{
    Error,
    ctx::Ctx,
    operation::{Effect, Entry, Extras, Form, Metadata, Operation, entry},
};

pub(crate) const SEARCH: &str = SearchOperations::NAME;
pub(crate) const RUN_READ: &str = RunRead::NAME;
pub(crate) const RUN_WRITE: &str = RunWrite::NAME;

pub(super) static OPERATIONS: [Entry; 3] =
    [entry::<SearchOperations>(), entry::<RunRead>(), entry::<RunWrite>()];

/// How many operations are named where it is not said.
const LIMIT: usize = 8;
/// Of how many at most the arguments are shown.
const SCHEMAS: usize = 5;

/// Search all operations of Clerk's Backend API by words, beyond the tools listed. Answers names
/// for clerk_run_read and clerk_run_write, with schemas: true also their arguments.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct SearchOperations {
    /// Words or a name, such as jwt template.
    query: String,
    /// Show arguments.
    schemas: Option<bool>,
    #[schemars(range(min = 1, max = 50))]
    limit: Option<usize>,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "camelCase")]
struct Found {
    #[schemars(with = "Vec<Metadata>")]
    operations: Vec<Value>,
    total: usize,
}

impl Operation for SearchOperations {
    const NAME: &'static str = "clerk_search_operations";
    const TITLE: &'static str = "Search operations";
    const ROUTE: Route = Route::get("/");
    const FORM: Form = Form::Fixed;
    type Output = Found;

    /// Nothing is sent to Clerk: the catalog is here.
    async fn call(self, _: Ctx) -> Result<Decoded<Found>, Error> {
        let found = ranked(&self.query);
        let total = found.len();
        let with_schemas = self.schemas == Some(true);
        let limit = self.limit.unwrap_or(if with_schemas { 1 } else { LIMIT });
        let limit = if with_schemas { limit.min(SCHEMAS) } else { limit };
        let rows = found.into_iter().take(limit).map(|entry| row(entry, with_schemas));
        let notes = match total {
            0 => vec![
                "No operation has these words; try the name of a resource, such as invitation, \
                 domain, template or machine."
                    .to_owned(),
            ],
            _ => Vec::new(),
        };
        Ok(Decoded { value: Found { operations: rows.collect(), total }, notes })
    }
}

fn row(entry: &Entry, with_schema: bool) -> Value {
    let tool = entry.tool(Extras::default());
    let about = tool.description.unwrap_or_default();
    let mut row = json!({ "name": entry.name, "effect": entry.effect.to_string() });
    let flags: Vec<&str> = entry.flags.iter().map(|flag| flag.name()).collect();
    if let Value::Object(row) = &mut row {
        if !flags.is_empty() {
            row.insert("flags".to_owned(), flags.into());
        }
        if with_schema {
            row.insert("description".to_owned(), about.into());
            row.insert("arguments".to_owned(), Value::Object((*tool.input_schema).clone()));
        } else {
            let first = about.split_inclusive(". ").next().unwrap_or_default().trim_end();
            row.insert("about".to_owned(), first.into());
        }
    }
    row
}

/// The operations that have words of the query, the best first.
fn ranked(query: &str) -> Vec<&'static Entry> {
    let words: Vec<String> = words(query).filter(|word| !SILENT.contains(&&**word)).collect();
    let mut found: Vec<(usize, &Entry)> = all()
        .filter(|(_, entry)| ![SEARCH, RUN_READ, RUN_WRITE].contains(&entry.name))
        .map(|(_, entry)| (score(entry, &words), entry))
        .filter(|(score, _)| *score > 0)
        .collect();
    // Of the same score the catalog's order stays.
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.into_iter().map(|(_, entry)| entry).collect()
}

/// Words that each operation could have.
const SILENT: [&str; 12] =
    ["clerk", "a", "an", "the", "of", "for", "to", "all", "in", "by", "how", "with"];

fn words(text: &str) -> impl Iterator<Item = String> {
    let words = text.split(|it: char| !it.is_alphanumeric()).filter(|it| !it.is_empty());
    words.map(|word| singular(&word.to_lowercase()).to_owned())
}

/// Without the ending that makes no difference here.
fn singular(word: &str) -> &str {
    word.strip_suffix('s').filter(|it| it.len() > 2 && !it.ends_with('s')).unwrap_or(word)
}

/// A word in the name counts most, one of the description less, an argument least; words that are
/// all there count more than many of one.
fn score(entry: &Entry, wanted: &[String]) -> usize {
    let name: Vec<String> = words(entry.name).collect();
    let about: Vec<String> = words(&format!("{} {}", entry.title, entry.about())).collect();
    let arguments: Vec<String> = entry.wire_names().iter().flat_map(|it| words(it)).collect();
    let has = |texts: &[String], word: &str| {
        let is_part = |it: &String| word.len() > 3 && it.starts_with(word);
        if texts.iter().any(|it| it == word) { 2 } else { usize::from(texts.iter().any(is_part)) }
    };
    let scores = wanted
        .iter()
        .map(|word| has(&name, word) * 6 + has(&about, word) * 2 + has(&arguments, word));
    let (sum, hits) = scores.fold((0, 0), |(sum, hits), it| (sum + it, hits + usize::from(it > 0)));
    let is_exact = name.iter().skip(1).eq(wanted);
    // Of two that have the words, the one with the shorter name is nearer.
    (sum * hits * 10 + usize::from(is_exact) * 10_000)
        .saturating_sub(name.len() * usize::from(sum > 0))
}

/// Run one of Clerk's operations that changes nothing, by the name that clerk_search_operations
/// gives, with its arguments.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct RunRead {
    /// Its name.
    operation: String,
    /// Its arguments.
    #[serde(default)]
    arguments: Metadata,
}

/// Run one of Clerk's operations that changes something, by the name that clerk_search_operations
/// gives. It is guarded as a tool of its own is: some need a person's consent.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct RunWrite {
    /// Its name.
    operation: String,
    /// Its arguments.
    #[serde(default)]
    arguments: Metadata,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
struct Whatever {}

impl Operation for RunRead {
    const NAME: &'static str = "clerk_run_read";
    const TITLE: &'static str = "Run a read";
    const ROUTE: Route = Route::get("/");
    const FORM: Form = Form::Fixed;
    type Output = Whatever;
}

impl Operation for RunWrite {
    const NAME: &'static str = "clerk_run_write";
    const TITLE: &'static str = "Run a write";
    const ROUTE: Route = Route::post("/");
    const EFFECT: Effect = Effect::Destroy;
    const LOOK: &'static str = "clerk_search_operations";
    const FORM: Form = Form::Fixed;
    type Output = Whatever;
}

/// The operation that is to be run, and its arguments.
pub(crate) struct Run {
    pub(crate) operation: String,
    pub(crate) arguments: JsonObject,
}

impl Run {
    /// Reads what [`Entry::read`] let through.
    pub(crate) fn take(mut arguments: JsonObject) -> Self {
        let operation = match arguments.shift_remove("operation") {
            Some(Value::String(name)) => name,
            _ => String::new(),
        };
        let inner = match arguments.shift_remove("arguments") {
            Some(Value::Object(inner)) => inner,
            _ => JsonObject::new(),
        };
        Self { operation, arguments: inner }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_find_what_they_name() {
        let cases = [
            ("ban user", "clerk_ban_user"),
            ("list the allowlist", "clerk_list_allowlist_identifiers"),
            ("clerk_delete_blocklist_identifier", "clerk_delete_blocklist_identifier"),
            ("remove member organization", "clerk_remove_organization_member"),
            ("revoke session", "clerk_revoke_session"),
        ];
        for (query, name) in cases {
            let found: Vec<&str> = ranked(query).iter().take(3).map(|it| it.name).collect();
            assert!(found.contains(&name), "{query}: {found:?}");
        }
        assert!(ranked("zzz qqq").is_empty());
    }
}
