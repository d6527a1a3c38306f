//! Counting what is found by a trait.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use super::{super::person, Found};
use crate::tool::field::{Fields, integer, text};

/// How many groups are counted apart, so that memory stays flat; the rest is one group.
const KEYS: usize = 10_000;
/// How many groups are shown, the largest ones.
const SHOWN: usize = 200;

/// What users are grouped by.
#[derive(Clone, Copy, Debug, Deserialize, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::catalog) enum GroupBy {
    Domain,
    Month,
    Organization,
    Banned,
    Locked,
    TwoFactorEnabled,
    EmailVerified,
    NeverSignedIn,
}

/// The fields of a group.
pub(super) static GROUP: Fields = Fields::closed(&[&[
    text("key").concise().about(
        "The domain, the month such as 2026-05, the organization's name with its ID, or true or \
         false.",
    ),
    integer("count").about("How many of the users that match are in the group."),
]]);

/// How many users there are of one kind.
#[derive(Debug, Deserialize, Serialize)]
pub(in crate::catalog) struct Group {
    key: String,
    count: u64,
}

/// The counts so far.
pub(super) struct Groups {
    by: GroupBy,
    counts: HashMap<String, u64>,
    /// Of those whose group came too late to be counted apart.
    others: u64,
    /// Of those who have none of what is grouped by, and are in no group.
    pub(super) without: u64,
}

impl Groups {
    pub(super) fn new(by: GroupBy) -> Self {
        Self { by, counts: HashMap::new(), others: 0, without: 0 }
    }

    pub(super) fn add(&mut self, found: &Found) {
        let keys = self.keys(found);
        if keys.is_empty() {
            self.without += 1;
        }
        for key in keys {
            let is_known = self.counts.contains_key(&key);
            if is_known || self.counts.len() < KEYS {
                *self.counts.entry(key).or_default() += 1;
            } else {
                self.others += 1;
            }
        }
    }

    /// A user is in each organization, and in each domain of an address.
    fn keys(&self, Found { user, organizations, .. }: &Found) -> Vec<String> {
        let flag = |flag: Option<bool>| vec![flag.unwrap_or(false).to_string()];
        let mut keys = match self.by {
            GroupBy::Domain => person::email_domains(user).map(str::to_lowercase).collect(),
            GroupBy::Month => {
                let time = user
                    .integer("created_at")
                    .and_then(|time| Timestamp::from_millisecond(time).ok());
                time.iter().map(|time| time.strftime("%Y-%m").to_string()).collect()
            }
            GroupBy::Organization => organizations.clone(),
            GroupBy::Banned => flag(user.bool("banned")),
            GroupBy::Locked => flag(user.bool("locked")),
            GroupBy::TwoFactorEnabled => flag(user.bool("two_factor_enabled")),
            GroupBy::EmailVerified => flag(Some(person::is_email_verified(user))),
            GroupBy::NeverSignedIn => flag(Some(user.integer("last_sign_in_at").is_none())),
        };
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The groups, the largest first, and what is to be known of them.
    pub(super) fn sorted(self, notes: &mut Vec<String>) -> Vec<Group> {
        let groups = self.counts.into_iter().map(|(key, count)| Group { key, count });
        let mut groups: Vec<Group> = groups.collect();
        groups.sort_by(|one, other| other.count.cmp(&one.count).then(one.key.cmp(&other.key)));
        if self.others > 0 {
            notes.push(format!(
                "{} more users are in groups beyond the {KEYS} that are counted apart.",
                self.others
            ));
        }
        if let GroupBy::Month = self.by {
            // As people read months; the latest are kept.
            groups.sort_by(|one, other| other.key.cmp(&one.key));
        }
        if groups.len() > SHOWN {
            notes.push(format!("The first {SHOWN} of {} groups.", groups.len()));
            groups.truncate(SHOWN);
        }
        if matches!(self.by, GroupBy::Domain | GroupBy::Organization) {
            notes.push("A user who is in several groups counts in each.".to_owned());
        }
        groups
    }
}
