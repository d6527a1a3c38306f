//! Groups of users who seem to be one person.

use std::{
    collections::{BTreeSet, HashMap},
    hash::{BuildHasher, RandomState},
    time::Duration,
};

use clerk_api::{Request, Route};
use futures::{StreamExt, stream};
use serde_json::json;

use super::{
    super::{objects::COMPARED_USER, person},
    group::{Group, Member},
    same::{Evidence, Mark},
    scan::{AT_ONCE, CHUNK, Organization, organizations},
};
use crate::{
    Ctx, Error,
    tool::{read, record::Record},
};

/// How much is remembered, so that memory doesn't grow with the number of users.
#[derive(Clone, Copy, Debug)]
struct Bounds {
    /// How many values have their first user remembered: about 15 MB in all.
    values: usize,
    /// How many groups are kept.
    groups: usize,
}

const BOUNDS: Bounds = Bounds { values: 200_000, groups: 10_000 };
/// How many groups are shown, the largest ones: what is shown of each user takes a request.
const SHOWN: usize = 50;
/// How many users of a group are shown.
const MEMBERS: usize = 5;
/// How long the organizations of the users shown may take: less than what is left of the minute
/// after which some clients give up, once a scan has ended for want of time.
const READING: Duration = Duration::from_secs(8);

/// What was found so far.
pub(super) struct Duplicates {
    by: Evidence,
    bounds: Bounds,
    hasher: RandomState,
    /// The id of the first user who has a value, by the hash of its key.
    first: HashMap<u64, Box<str>>,
    /// The keys that several users have.
    groups: HashMap<String, Same>,
    /// How many values came when no more could be remembered.
    forgotten: u64,
    /// How many users are in groups that are not kept.
    beyond: u64,
    /// How many users have nothing to compare.
    pub(super) without: u64,
}

/// Users with one key.
struct Same {
    count: u64,
    /// The id of the first one, who isn't read yet.
    first: Box<str>,
    others: Vec<Member>,
}

impl Duplicates {
    pub(super) fn new(by: Evidence) -> Self {
        Self::within(by, BOUNDS)
    }

    fn within(by: Evidence, bounds: Bounds) -> Self {
        let (hasher, first, groups) = (RandomState::new(), HashMap::new(), HashMap::new());
        Self { by, bounds, hasher, first, groups, forgotten: 0, beyond: 0, without: 0 }
    }

    /// Compares a user with those before.
    pub(super) fn add(&mut self, user: &Record) {
        let marks = self.by.of(user);
        if marks.is_empty() {
            self.without += 1;
        }
        for mark in marks {
            self.compare(user, mark);
        }
    }

    fn compare(&mut self, user: &Record, mark: Mark) {
        let id = person::id(user);
        if let Some(same) = self.groups.get_mut(&mark.key) {
            same.count += 1;
            if same.others.len() + 1 < MEMBERS {
                same.others.push(Member::of(user, &mark));
            }
            return;
        }
        let hash = self.hasher.hash_one(&mark.key);
        match self.first.get(&hash) {
            Some(first) if **first == *id => {}
            Some(_) if self.groups.len() >= self.bounds.groups => self.beyond += 1,
            Some(first) => {
                let others = vec![Member::of(user, &mark)];
                self.groups.insert(mark.key, Same { count: 2, first: first.clone(), others });
            }
            None if self.first.len() >= self.bounds.values => self.forgotten += 1,
            None => _ = self.first.insert(hash, id.into()),
        }
    }

    /// The groups, the largest first, with what tells their users apart; and notes on
    /// them.
    ///
    /// # Errors
    /// The first users of the groups can't be read.
    pub(super) async fn groups(
        self,
        ctx: &Ctx,
        notes: &mut Vec<String>,
    ) -> Result<Vec<Group>, Error> {
        notes.push(self.by.caution().to_owned());
        notes.extend(self.limits());
        let Self { by, groups, .. } = self;
        let mut groups: Vec<(String, Same)> = groups.into_iter().collect();
        groups.sort_by(|(key, one), (other_key, other)| {
            other.count.cmp(&one.count).then_with(|| key.cmp(other_key))
        });
        if groups.len() > SHOWN {
            notes.push(format!("The first {SHOWN} of {} groups.", groups.len()));
            groups.truncate(SHOWN);
        }
        let ctx = ctx.clone().renewed();
        let firsts: Vec<&str> = groups.iter().map(|(_, same)| &*same.first).collect();
        let firsts = users(&firsts, &ctx).await?;
        let mut shown: Vec<Group> =
            groups.into_iter().filter_map(|(key, same)| same.group(key, by, &firsts)).collect();
        if shown.iter().any(|group| group.count > group.users.len() as u64) {
            notes.push(format!("The first {MEMBERS} users of a group are shown."));
        }
        let members = shown.iter().flat_map(|group| &group.users);
        let ids: BTreeSet<String> = members.map(|member| member.id.clone()).collect();
        let mut named = HashMap::new();
        let naming = name_organizations(ids, &ctx, &mut named);
        if tokio::time::timeout(READING, naming).await.is_err() {
            notes.push("There was no time to read the organizations of all users.".to_owned());
        }
        for member in shown.iter_mut().flat_map(|group| &mut group.users) {
            member.organizations = named.get(&member.id).cloned();
        }
        Ok(shown)
    }

    /// What was not compared, or is not shown, for want of memory.
    fn limits(&self) -> impl Iterator<Item = String> + use<> {
        let Self { bounds: Bounds { values, groups }, forgotten, beyond, .. } = *self;
        let forgotten = (forgotten > 0).then(|| {
            format!(
                "The first {values} different values were remembered. The {forgotten} after them \
                 were compared with these, but not with one another: narrow with criteria, such \
                 as createdAtAfter or emailDomain."
            )
        });
        let beyond = (beyond > 0).then(|| {
            format!("{beyond} more users are in groups beyond the {groups} that are kept.")
        });
        forgotten.into_iter().chain(beyond)
    }
}

impl Same {
    /// The group, if its first user has the value still. Two keys may have one hash, and a user may
    /// have changed meanwhile.
    fn group(self, key: String, by: Evidence, users: &[Record]) -> Option<Group> {
        let Self { mut count, first, others } = self;
        let first = users.iter().find(|user| person::id(user) == &*first).and_then(|user| {
            let mark = by.of(user).into_iter().find(|mark| mark.key == key)?;
            Some(Member::of(user, &mark))
        });
        if first.is_none() {
            count -= 1;
        }
        let users: Vec<Member> = first.into_iter().chain(others).collect();
        (count > 1).then_some(Group { key: None, compared_as: Some(key), count, users })
    }
}

/// The users with these ids, as far as there are any.
async fn users(ids: &[&str], ctx: &Ctx) -> Result<Vec<Record>, Error> {
    let mut users = Vec::new();
    for ids in ids.chunks(CHUNK) {
        let query = json!({ "user_id": ids, "limit": CHUNK });
        let response = ctx.send(Request::new(Route::get("/users"), &query)?).await?;
        users.extend(read::page_in(&COMPARED_USER, "data", &response).await?.value.rows);
    }
    Ok(users)
}

/// Names the organizations of each user; of whom they can't be read, none are named.
async fn name_organizations(
    ids: BTreeSet<String>,
    ctx: &Ctx,
    named: &mut HashMap<String, Vec<String>>,
) {
    let reading = ids.into_iter().map(|id| {
        let ctx = ctx.clone();
        async move {
            let organizations = organizations(&id, &ctx).await;
            (id, organizations)
        }
    });
    let mut reading = stream::iter(reading).buffer_unordered(AT_ONCE);
    while let Some((id, organizations)) = reading.next().await {
        let Ok(organizations) = organizations else { continue };
        named.insert(id, organizations.into_iter().map(Organization::in_short).collect());
    }
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    fn user(id: &str, name: &str) -> Record {
        let user = json!({ "id": id, "first_name": name, "last_name": "Lee" });
        read::object(&COMPARED_USER, user.to_string().as_bytes()).unwrap().value
    }

    #[test]
    fn what_is_remembered_is_bounded_and_the_bound_is_said() {
        let mut found = Duplicates::within(Evidence::Name, Bounds { values: 2, groups: 1 });
        for (id, name) in [
            ("user_1", "A"),
            ("user_2", "B"),
            // Can't be remembered, so the third C meets none.
            ("user_3", "C"),
            ("user_4", "C"),
            ("user_5", "A"),
            ("user_6", "A"),
            // A second group.
            ("user_7", "B"),
        ] {
            found.add(&user(id, name));
        }
        assert_eq!((found.forgotten, found.beyond, found.first.len()), (2, 1, 2));
        let (key, same) = found.groups.iter().next().unwrap();
        assert_eq!((key.as_str(), same.count, &*same.first), ("a lee", 3, "user_1"));
        let notes: Vec<String> = found.limits().collect();
        assert!(notes[0].starts_with("The first 2 different values"), "{notes:?}");
        assert!(notes[1].starts_with("1 more users"), "{notes:?}");
    }

    #[test]
    fn a_first_user_who_no_longer_has_the_value_is_in_no_group() {
        let mut found = Duplicates::new(Evidence::Name);
        for id in ["user_1", "user_2"] {
            found.add(&user(id, "Ada"));
        }
        // The same page again makes nobody their own double.
        found.add(&user("user_1", "Bob"));
        found.add(&user("user_1", "Bob"));
        assert_eq!(found.groups.len(), 1);
        let (key, same) = found.groups.into_iter().next().unwrap();
        let renamed = same.group(key, Evidence::Name, &[user("user_1", "Eve")]);
        assert!(renamed.is_none(), "{renamed:?}");
    }

    #[test]
    fn a_member_has_what_tells_the_users_apart() {
        let user = json!({
            "id": "user_1", "primary_email_address_id": "idn_1",
            "email_addresses": [{ "id": "idn_1", "email_address": "a+b@x.example", "verification": null }],
            "phone_numbers": [{ "phone_number": "+1555", "reserved_for_second_factor": true }],
            "passkeys": [{ "id": "idn_9" }], "password_enabled": true, "totp_enabled": true,
            "external_accounts": [{ "provider": "oauth_google", "provider_user_id": "1" }],
            "banned": true, "locked": false,
            "created_at": 1_780_131_600_000_i64, "last_active_at": null,
        });
        let user = read::object(&COMPARED_USER, user.to_string().as_bytes()).unwrap().value;
        let marks = Evidence::Email.of(&user);
        let member: Value = serde_json::to_value(Member::of(&user, &marks[0])).unwrap();
        let expected = json!({
            "id": "user_1", "knownAs": "a+b@x.example", "verified": false,
            "createdAt": "2026-05-30T09:00:00Z", "banned": true,
            "factors": ["password", "passkey", "totp", "phone_code", "oauth_google"],
        });
        assert_eq!(member, expected);
    }
}
