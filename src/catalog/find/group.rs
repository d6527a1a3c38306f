//! Counting what is found by a trait.

use std::collections::HashMap;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use serde_with::skip_serializing_none;

use super::{
    super::person,
    Found,
    same::{Evidence, Mark},
};
use crate::tool::{
    date,
    field::{Fields, boolean, code, codes, integer, objects, text, texts, utc},
    record::Record,
};

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
    DuplicateEmail,
    DuplicatePhone,
    DuplicateName,
    DuplicateExternalAccount,
}

impl GroupBy {
    /// What users are compared by, if those are grouped who seem to be one person.
    pub(super) const fn evidence(self) -> Option<Evidence> {
        match self {
            Self::DuplicateEmail => Some(Evidence::Email),
            Self::DuplicatePhone => Some(Evidence::Phone),
            Self::DuplicateName => Some(Evidence::Name),
            Self::DuplicateExternalAccount => Some(Evidence::ExternalAccount),
            Self::Domain
            | Self::Month
            | Self::Organization
            | Self::Banned
            | Self::Locked
            | Self::TwoFactorEnabled
            | Self::EmailVerified
            | Self::NeverSignedIn => None,
        }
    }
}

/// The fields of a group.
pub(super) static GROUP: Fields = Fields::closed(&[&[
    text("key").concise().about(
        "The domain, the month such as 2026-05, the organization's name with its ID, or true or \
         false.",
    ),
    text("compared_as").concise().about(
        "Of duplicates, in place of key: what is equal in the users of the group, in the form in \
         which it was compared. It may be nobody's address or name as such.",
    ),
    integer("count").about("How many of the users that match are in the group."),
    objects("users", &MEMBER).about("Of duplicates: users of the group, and what differs."),
]]);

/// The fields of a user in a group of those who seem to be one person.
static MEMBER: Fields = Fields::closed(&[&[
    code("id").identity(),
    text("known_as").about("Name and primary email address, else the username."),
    code("value")
        .about("What they are grouped by as this user has it; left out if knownAs has it."),
    boolean("verified").about("False if that isn't verified; else left out."),
    utc("created_at"),
    utc("last_active_at").about("Left out if never."),
    boolean("banned").about("Left out if they are not."),
    boolean("locked").about("Left out if they are not."),
    codes("factors").about("How they can sign in, beside codes by email."),
    texts("organizations").about("Their names; left out if they weren't read."),
]]);

/// How many users there are of one kind.
#[skip_serializing_none]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(in crate::catalog) struct Group {
    pub(super) key: Option<String>,
    pub(super) compared_as: Option<String>,
    pub(super) count: u64,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) users: Vec<Member>,
}

/// A user in a group of those who seem to be one person, with what tells them apart.
#[skip_serializing_none]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Member {
    pub(super) id: String,
    known_as: Option<String>,
    value: Option<String>,
    verified: Option<bool>,
    created_at: Option<String>,
    last_active_at: Option<String>,
    banned: Option<bool>,
    locked: Option<bool>,
    factors: Vec<String>,
    pub(super) organizations: Option<Vec<String>>,
}

impl Member {
    /// A user, and what of theirs is in several.
    pub(super) fn of(user: &Record, mark: &Mark) -> Self {
        let time = |wire: &str| user.integer(wire).map(date::iso);
        let is = |wire: &str| user.bool(wire).filter(|is| *is);
        let known_as = person::known_as(user);
        let is_known = known_as.as_ref().is_some_and(|known| known.contains(&mark.value));
        Self {
            id: person::id(user).to_owned(),
            known_as,
            value: (!is_known).then(|| mark.value.clone()),
            verified: mark.verified.filter(|verified| !verified),
            created_at: time("created_at"),
            last_active_at: time("last_active_at"),
            banned: is("banned"),
            locked: is("locked"),
            factors: factors(user),
            organizations: None,
        }
    }
}

/// How a user can sign in, by Clerk's words for it.
fn factors(user: &Record) -> Vec<String> {
    let is = |wire: &str| user.bool(wire) == Some(true);
    let has_code =
        user.objects("phone_numbers").any(|it| it.bool("reserved_for_second_factor") == Some(true));
    let factors = [
        ("password", is("password_enabled")),
        ("passkey", user.objects("passkeys").next().is_some()),
        ("totp", is("totp_enabled")),
        ("backup_code", is("backup_code_enabled")),
        ("phone_code", has_code),
    ];
    let own = factors.into_iter().filter(|(_, has)| *has).map(|(factor, _)| factor);
    let mut providers = user.texts_at(&["external_accounts", "provider"]);
    providers.sort_unstable();
    providers.dedup();
    own.chain(providers).map(str::to_owned).collect()
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
            // Users are compared with one another for these, by `Duplicates`.
            GroupBy::DuplicateEmail
            | GroupBy::DuplicatePhone
            | GroupBy::DuplicateName
            | GroupBy::DuplicateExternalAccount => Vec::new(),
        };
        keys.sort_unstable();
        keys.dedup();
        keys
    }

    /// The groups, the largest first, and notes on them.
    pub(super) fn sorted(self, notes: &mut Vec<String>) -> Vec<Group> {
        let groups = self.counts.into_iter().map(|(key, count)| Group {
            key: Some(key),
            compared_as: None,
            count,
            users: Vec::new(),
        });
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
