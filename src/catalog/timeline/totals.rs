//! How much there is of what, if the lines don't show each entry.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::entry::Entry;
use crate::tool::{
    field::{Fields, integer, texts},
    kind::Kind,
};

/// How many types and IP addresses are counted apart, the most frequent first.
const NAMED: usize = 8;

/// The fields of the totals.
pub(super) static TOTALS: Fields = Fields::closed(&[&[
    texts("types").about("The most frequent types, with their counts."),
    texts("ip_addresses").about("The most frequent IP addresses, with their counts."),
    integer("users").about("How many different users the entries name."),
]]);

/// Counts of all entries that were read.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Totals {
    types: Vec<String>,
    ip_addresses: Vec<String>,
    users: usize,
}

impl Totals {
    pub(super) fn of(entries: &[Entry]) -> Self {
        let ids = entries.iter().flat_map(|entry| entry.object.iter().chain(&entry.related));
        let users: BTreeSet<&String> =
            ids.filter(|id| matches!(Kind::of_prefix(id), Some(Kind::User))).collect();
        Self {
            types: most(entries.iter().map(|entry| entry.kind.as_str()), "types"),
            ip_addresses: most(
                entries.iter().filter_map(|entry| entry.ip.as_deref()),
                "IP addresses",
            ),
            users: users.len(),
        }
    }
}

/// The most frequent values, each with its count, and how many others there are.
fn most<'v>(values: impl Iterator<Item = &'v str>, what: &str) -> Vec<String> {
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    for value in values {
        *counts.entry(value).or_default() += 1;
    }
    let mut counts: Vec<_> = counts.into_iter().collect();
    // The sort is stable, so equal counts stay in the order of their values.
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let more = counts.len().saturating_sub(NAMED);
    let named = counts.into_iter().take(NAMED).map(|(value, count)| format!("{value}: {count}"));
    named.chain((more > 0).then(|| format!("and {more} more {what}"))).collect()
}
