//! Searching the catalog by words.

use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::super::{Call, run_by_name::named};
use crate::{
    Error,
    catalog::all,
    tool::{CallMeta, Exec, Local, Output, Tool, param::Param, values::typed},
};

/// How many operations are named if it isn't said.
const LIMIT: usize = 8;
/// Of how many at most the arguments are shown.
const SCHEMAS: usize = 5;

/// The checked arguments.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase", deny_unknown_fields)]
struct Search {
    query: String,
    schemas: Option<bool>,
    limit: Option<usize>,
}

/// Nothing is sent to Clerk: the catalog is here.
pub(in crate::call) fn search(call: &Call, arguments: Map<String, Value>) -> Result<Output, Error> {
    let search: Search = typed(arguments)?;
    let found = ranked(&search.query);
    let total = found.len();
    let with_schemas = search.schemas == Some(true);
    let limit = search.limit.unwrap_or(if with_schemas { 1 } else { LIMIT });
    let limit = if with_schemas { limit.min(SCHEMAS) } else { limit };
    let rows = found.into_iter().take(limit).map(|tool| row(call, tool, with_schemas));
    let value = json!({ "operations": rows.collect::<Vec<_>>(), "total": total });
    let notes = match total {
        0 => vec![
            "No operation has these words; try the name of a resource, such as invitation, domain, \
             template or machine."
                .to_owned(),
        ],
        _ => Vec::new(),
    };
    Output::composed(call.tool, &value, notes)
}

fn row(call: &Call, tool: &'static Tool, with_schema: bool) -> Value {
    let mut row = json!({ "name": tool.name, "effect": tool.effect.to_string() });
    let flags: Vec<&str> = tool.flags.iter().map(|flag| flag.name()).collect();
    let Value::Object(members) = &mut row else { return row };
    if !flags.is_empty() {
        members.insert("flags".to_owned(), flags.into());
    }
    if with_schema {
        let schema = tool.input_schema(CallMeta::default());
        members.insert("description".to_owned(), tool.about.into());
        members.insert("arguments".to_owned(), schema.into());
    } else {
        let first = tool.about.split_inclusive(". ").next().unwrap_or_default().trim_end();
        members.insert("about".to_owned(), first.into());
    }
    let selection = &call.server.guard.selection;
    let off = named(tool.name).and_then(|(_, tool)| selection.off_by_name(tool, call.is_live()));
    if let Some(off) = off {
        members.insert("off".to_owned(), off.why().into());
    }
    row
}

/// The operations that have words of the query, the best first.
fn ranked(query: &str) -> Vec<&'static Tool> {
    let words: Vec<String> = words(query).filter(|word| !SILENT.contains(&&**word)).collect();
    let mut found: Vec<(usize, &'static Tool)> = all()
        .filter(|(_, tool)| !matches!(tool.exec, Exec::Local(Local::Search | Local::Run)))
        .map(|(_, tool)| (score(tool, &words), tool))
        .filter(|(score, _)| *score > 0)
        .collect();
    // Of the same score the catalog's order stays.
    found.sort_by_key(|(score, _)| std::cmp::Reverse(*score));
    found.into_iter().map(|(_, tool)| tool).collect()
}

/// Words that each operation could have.
const SILENT: [&str; 12] =
    ["clerk", "a", "an", "the", "of", "for", "to", "all", "in", "by", "how", "with"];

fn words(text: &str) -> impl Iterator<Item = String> {
    let words =
        text.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(|word| singular(&word.to_lowercase()).to_owned())
}

/// Without the ending that makes no difference here.
fn singular(word: &str) -> &str {
    word.strip_suffix('s').filter(|stem| stem.len() > 2 && !stem.ends_with('s')).unwrap_or(word)
}

/// A word in the name counts most, one of the description less, an argument least; words that are
/// all there count more than many of one.
fn score(tool: &Tool, wanted: &[String]) -> usize {
    let name: Vec<String> = words(tool.name).collect();
    let about: Vec<String> = words(&format!("{} {}", tool.title, tool.about)).collect();
    let arguments: Vec<String> =
        tool.arguments().map(|param: &Param| param.wire).flat_map(words).collect();
    let has = |texts: &[String], word: &str| {
        let is_part = |it: &String| word.len() > 3 && it.starts_with(word);
        if texts.iter().any(|text| text == word) {
            2
        } else {
            usize::from(texts.iter().any(is_part))
        }
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
            let found: Vec<&str> = ranked(query).iter().take(3).map(|tool| tool.name).collect();
            assert!(found.contains(&name), "{query}: {found:?}");
        }
        assert!(ranked("zzz qqq").is_empty());
    }
}
