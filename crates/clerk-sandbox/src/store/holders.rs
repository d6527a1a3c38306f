//! Who has which identifier, found without going through all users.

use std::collections::BTreeSet;
use std::hash::{DefaultHasher, Hash as _, Hasher as _};
use std::sync::OnceLock;

use indexmap::IndexMap;

use crate::model::User;

type Users = IndexMap<String, User>;

/// How many changed users are looked at one by one before they are added to the index.
const CHANGED: usize = 64;

/// An index of users by their identifiers. It finds all who have one, and some who had it once or
/// have another with the same hash: whoever asks checks each of them. So a change of a user needs
/// to be noted only, whatever was changed.
#[derive(Debug, Clone, Default)]
pub(super) struct Holders {
    /// The hash of an identifier, and when its user was created, by which users are ordered. It is
    /// made when somebody asks first: most sandboxes are small, and many are never asked.
    index: OnceLock<BTreeSet<(u64, i64)>>,
    /// The ids of users who may have identifiers that the index doesn't have yet.
    changed: Vec<String>,
}

impl Holders {
    pub(super) fn add(&mut self, user: &User) {
        if let Some(index) = self.index.get_mut() {
            index.extend(entries(user));
        }
    }

    /// Notes that this user may change.
    pub(super) fn change(&mut self, users: &Users, id: &str) {
        let Some(index) = self.index.get_mut() else { return };
        if self.changed.iter().any(|changed| changed == id) {
            return;
        }
        if self.changed.len() >= CHANGED {
            let changed = std::mem::take(&mut self.changed);
            index.extend(changed.iter().filter_map(|id| users.get(id)).flat_map(entries));
        }
        self.changed.push(id.to_owned());
    }

    /// The users who may have one of these identifiers; some may come twice.
    pub(super) fn of<'a>(
        &'a self,
        users: &'a Users,
        values: impl Iterator<Item = &'a str>,
    ) -> impl Iterator<Item = &'a User> {
        let index = self.index.get_or_init(|| users.values().flat_map(entries).collect());
        let changed = self.changed.iter().filter_map(|id| users.get(id));
        let times = values.flat_map(|value| {
            let hash = hash(value);
            index.range((hash, i64::MIN)..=(hash, i64::MAX)).map(|(_, created_at)| *created_at)
        });
        let found = times.flat_map(|time| {
            let first = users.partition_point(|_, user| user.created_at < time);
            let since = users.get_range(first..).unwrap_or_default().values();
            since.take_while(move |user| user.created_at == time)
        });
        found.chain(changed)
    }
}

fn entries(user: &User) -> impl Iterator<Item = (u64, i64)> {
    let emails = user.email_addresses.iter().map(|email| &email.address);
    let phones = user.phone_numbers.iter().map(|phone| &phone.number);
    let wallets = user.web3_wallets.iter().map(|wallet| &wallet.address);
    let names = user.username.iter().chain(&user.external_id);
    let all = emails.chain(phones).chain(wallets).chain(names);
    all.map(|value| (hash(value), user.created_at))
}

/// The hash of a text, whatever the case of its letters.
fn hash(value: &str) -> u64 {
    let mut hasher = DefaultHasher::new();
    value.to_lowercase().hash(&mut hasher);
    hasher.finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(id: &str, username: &str, created_at: i64) -> (String, User) {
        let user =
            User { username: Some(username.to_owned()), ..User::new(id.to_owned(), created_at) };
        (id.to_owned(), user)
    }

    fn found<'a>(holders: &'a Holders, users: &'a Users, value: &'a str) -> Vec<&'a str> {
        let has = |user: &&User| user.username.as_deref() == Some(value);
        holders.of(users, std::iter::once(value)).filter(has).map(|user| user.id.as_str()).collect()
    }

    #[test]
    fn changed_users_are_found_before_and_after_they_are_in_the_index() {
        let names = (0..200).map(|number| (format!("user_{number}"), format!("name_{number}")));
        let mut users: Users =
            names.zip(0..).map(|((id, name), time)| user(&id, &name, time / 2)).collect();
        let mut holders = Holders::default();
        assert_eq!(found(&holders, &users, "name_7"), ["user_7"]);
        for number in 0..150 {
            let id = format!("user_{number}");
            holders.change(&users, &id);
            users[&id].username = Some(format!("other_{number}"));
        }
        for number in [0, 70, 149] {
            let (new, old) = (format!("other_{number}"), format!("name_{number}"));
            assert_eq!(found(&holders, &users, &new), [format!("user_{number}")]);
            assert!(found(&holders, &users, &old).is_empty());
        }
        assert!(holders.changed.len() <= CHANGED);
        let (id, user) = user("user_new", "newest", 1_000);
        holders.add(&user);
        users.insert(id, user);
        assert_eq!(found(&holders, &users, "newest"), ["user_new"]);
    }

    #[test]
    fn case_does_not_matter_for_being_found() {
        let users: Users = [user("user_1", "Some_Name", 5)].into_iter().collect();
        let holders = Holders::default();
        assert_eq!(holders.of(&users, std::iter::once("sOME_nAME")).count(), 1);
        assert_eq!(holders.of(&users, std::iter::once("some_names")).count(), 0);
    }
}
