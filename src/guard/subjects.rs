//! Whom a call is about: the users and organizations that its arguments name, and the owners of the
//! other objects that they name. The policy, the question to a person, the audit log and the counts
//! read only this.

mod facts;
mod owner;

use std::collections::{BTreeMap, BTreeSet};

use clerk_api::{Decoded, Page, Request, Route};
use indexmap::IndexSet;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

pub(crate) use self::facts::facts;
use self::owner::{Field, Names, Owner, Read};
use super::Denial;
use crate::{
    Ctx, Error,
    catalog::only_user,
    tool::{
        Tool,
        kind::Kind,
        param::{Place, Relation},
        reference::Named,
    },
};

/// How many rows of a list are gone through for one object.
pub(crate) const ROWS: usize = 10_000;
/// How many rows a page of users or memberships has; Clerk's limit is 500.
pub(crate) const PAGE: usize = 500;

#[derive(Debug, Deserialize)]
struct Identified {
    id: String,
}

/// How many users a call changes at once, at least 1. Limits count it so often. A bulk call counts
/// once, since each of its steps is counted too.
pub(crate) fn touched(tool: &Tool, arguments: &Map<String, Value>) -> u32 {
    if tool.is_bulk() {
        return 1;
    }
    let named = tool.named(arguments);
    let users: BTreeSet<&str> =
        named.targets().filter(|target| target.is(Kind::User)).map(|target| target.id).collect();
    u32::try_from(users.len().max(1)).unwrap_or(u32::MAX)
}

/// The ids of the objects that a call reads or changes, for the audit log: `org_1/user_1`. `None` if
/// it names none.
pub(crate) fn target(tool: &Tool, arguments: &Map<String, Value>) -> Option<String> {
    let named = tool.named(arguments);
    let ids: IndexSet<&str> = named.targets().map(|target| target.id).collect();
    (!ids.is_empty()).then(|| ids.into_iter().collect::<Vec<_>>().join("/"))
}

/// What the subjects are read for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    /// A rule of the policy asks for them. An object that belongs to nobody isn't read.
    Policy,
    /// A person is asked to approve the call.
    Approval,
}

impl Purpose {
    fn unowned(self, kind: Kind) -> Error {
        self.denied(&format!("whom {} belongs to", kind.noun()))
    }

    fn denied(self, what: &str) -> Error {
        let denial = match self {
            Self::Policy => Denial::new(
                "policy_denied",
                format!(
                    "a rule of the operator's policy needs to know whom the call is about, and \
                     Clerk doesn't say {what}"
                ),
                "Nothing was changed. Only the operator can change the policy.",
            ),
            Self::Approval => Denial::new(
                "confirmation_impossible",
                format!(
                    "the call needs a person's approval, and Clerk doesn't say {what}, so they \
                     can't be asked"
                ),
                "Nothing was changed. Check the id with the tool that lists such objects.",
            ),
        };
        denial.into()
    }
}

/// Whom and what a call is about.
#[derive(Debug, Default)]
pub(crate) struct Subjects {
    /// The users by their ids, and whether the call itself names them; else they own an object.
    pub(crate) users: BTreeMap<String, bool>,
    /// The ids or slugs of organizations.
    pub(crate) organizations: BTreeSet<String>,
    /// Other objects that the call names, in the order of its arguments.
    pub(crate) objects: Vec<Object>,
    /// People who aren't users, by their email address if they have one.
    strangers: BTreeSet<Option<String>>,
    /// The kinds of the objects whose owner Clerk can't be asked for.
    unknown: Vec<Kind>,
}

/// An object that is neither a user nor an organization.
#[derive(Debug)]
pub(crate) struct Object {
    pub(crate) kind: Kind,
    pub(crate) id: String,
    /// The values that tell a person which object it is; none if it can't be read.
    pub(crate) shown: Vec<String>,
}

impl Subjects {
    /// Finds the subjects of a call with checked arguments.
    ///
    /// # Errors
    /// Those of reading, and a [`Denial`] if an object isn't found.
    pub(crate) async fn read(
        ctx: &Ctx,
        tool: &Tool,
        arguments: &Map<String, Value>,
        purpose: Purpose,
    ) -> Result<Self, Error> {
        let in_path = tool.arguments().filter(|param| param.place == Place::Path);
        let path_fields = in_path.filter_map(|param| {
            let value = arguments.get(&param.name())?;
            Some((param.wire, value))
        });
        let mut lookup =
            Lookup { ctx, purpose, path_fields: path_fields.collect(), subjects: Self::default() };
        lookup.follow(&tool.named(arguments)).await?;
        Ok(lookup.subjects)
    }
}

/// The search for the subjects of one call.
struct Lookup<'a> {
    ctx: &'a Ctx,
    purpose: Purpose,
    /// The ids and other values in the path of the call.
    path_fields: BTreeMap<&'static str, &'a Value>,
    subjects: Subjects,
}

/// An object whose owner is to be found.
struct Pending {
    kinds: &'static [Kind],
    id: String,
    is_named: bool,
}

impl Lookup<'_> {
    async fn follow(&mut self, named: &Named<'_>) -> Result<(), Error> {
        let subjects = named.references.iter().filter(|reference| reference.is_subject()).rev();
        let mut pending: Vec<Pending> = subjects
            .map(|reference| Pending {
                kinds: reference.kinds,
                id: reference.id.to_owned(),
                is_named: true,
            })
            .collect();
        // The owner may be an object that has an owner itself.
        while let Some(next) = pending.pop() {
            let owners = self.object(next).await?;
            pending.extend(owners);
        }
        for address in &named.addresses {
            match address.relation {
                Relation::Target if address.is_login => self.login(address.text).await?,
                Relation::Target if address.is_email => {
                    let user = only_user::<Identified>(self.ctx, address.text).await?.value;
                    self.subjects.users.insert(user.id, true);
                }
                Relation::Target | Relation::Grantee => self.address(address.text).await?,
                _ => {}
            }
        }
        Ok(())
    }

    /// Notes one object, and returns its owners by their ids.
    async fn object(
        &mut self,
        Pending { kinds, id, is_named }: Pending,
    ) -> Result<Vec<Pending>, Error> {
        let kind = self.kind_of(kinds, &id)?;
        let (read, shown, fields) = match kind.owner() {
            Owner::User => {
                *self.subjects.users.entry(id).or_default() |= is_named;
                return Ok(Vec::new());
            }
            Owner::Organization => {
                self.subjects.organizations.insert(id);
                return Ok(Vec::new());
            }
            Owner::Object { read, shown, owners }
                if self.purpose == Purpose::Approval || !owners.is_empty() =>
            {
                (read, shown, owners)
            }
            Owner::Unread | Owner::Object { .. } => {
                self.subjects.objects.push(Object { kind, id, shown: Vec::new() });
                return Ok(Vec::new());
            }
            Owner::Unknown => {
                self.subjects.unknown.push(kind);
                self.subjects.objects.push(Object { kind, id, shown: Vec::new() });
                return Ok(Vec::new());
            }
        };
        let object = self.read(read, kind, &id).await?;
        if is_named {
            let shown = shown.iter().flat_map(|path| values(&object, path)).map(shown_value);
            self.subjects.objects.push(Object { kind, id, shown: shown.collect() });
        }
        let mut owners = Vec::new();
        for Field(path, names) in fields {
            for value in values(&object, path) {
                let text = value.as_str().ok_or_else(|| self.purpose.unowned(kind))?;
                match names {
                    Names::Id(kinds) => {
                        owners.push(Pending { kinds, id: text.to_owned(), is_named: false });
                    }
                    Names::Address => self.address(text).await?,
                }
            }
        }
        Ok(owners)
    }

    /// The kind of an id that can be of several.
    fn kind_of(&self, kinds: &'static [Kind], id: &str) -> Result<Kind, Error> {
        if let [kind] = kinds {
            return Ok(*kind);
        }
        let kind = Kind::of_prefix(id).filter(|kind| kinds.contains(kind));
        kind.ok_or_else(|| self.purpose.denied("what kind of object the id belongs to"))
    }

    async fn read(&self, read: Read, kind: Kind, id: &str) -> Result<Value, Error> {
        match read {
            Read::Object { path, id: name } => {
                let mut fields = self.fields_of(path);
                fields.insert(name.to_owned(), id.into());
                self::read(self.ctx, path, fields.into()).await
            }
            Read::Row { path, page, flags } => {
                let row = self.row(path, page, flags, id).await?;
                row.ok_or_else(|| self.purpose.unowned(kind))
            }
        }
    }

    /// The fields of the call's own path that this path has too.
    fn fields_of(&self, path: &'static str) -> Map<String, Value> {
        let names = Route::get(path).placeholders();
        names
            .filter_map(|name| Some((name.to_owned(), (*self.path_fields.get(name)?).clone())))
            .collect()
    }

    /// The row of a list that has this id; `None` if it isn't among the first [`ROWS`].
    async fn row(
        &self,
        path: &'static str,
        page: Option<usize>,
        flags: &[&str],
        id: &str,
    ) -> Result<Option<Value>, Error> {
        let mut offset = 0;
        loop {
            let mut fields = self.fields_of(path);
            fields.extend(flags.iter().map(|flag| ((*flag).to_owned(), true.into())));
            if let Some(limit) = page {
                fields.insert("limit".to_owned(), limit.into());
                fields.insert("offset".to_owned(), offset.into());
            }
            let rows: Vec<Value> = rows(self.ctx, path, fields.into()).await?;
            let count = rows.len();
            let found = rows.into_iter().find(|row| row["id"] == id);
            offset += count;
            if found.is_some() || page.is_none_or(|page| count < page) || offset >= ROWS {
                return Ok(found);
            }
        }
    }

    /// Who has an email address or a phone number.
    async fn address(&mut self, text: &str) -> Result<(), Error> {
        let (field, email) = match text {
            _ if text.contains('@') => ("email_address", Some(text.to_owned())),
            _ if text.starts_with('+') => ("phone_number", None),
            _ => return Ok(()),
        };
        // An entry of the allowlist or the blocklist may stand for a whole domain.
        let users: Vec<Identified> = if text.starts_with('*') {
            Vec::new()
        } else {
            rows(self.ctx, "/users", json!({ field: [text], "limit": PAGE })).await?
        };
        self.people(users, email);
        Ok(())
    }

    /// Who signs in with an email address, a phone number or a username.
    async fn login(&mut self, text: &str) -> Result<(), Error> {
        if text.contains('@') || text.starts_with('+') {
            return self.address(text).await;
        }
        let fields = json!({ "username": [text], "limit": PAGE });
        let users: Vec<Identified> = rows(self.ctx, "/users", fields).await?;
        self.people(users, None);
        Ok(())
    }

    /// Notes the users with an address, or that there is none.
    fn people(&mut self, users: Vec<Identified>, email: Option<String>) {
        if users.is_empty() {
            self.subjects.strangers.insert(email);
        }
        for user in users {
            self.subjects.users.entry(user.id).or_default();
        }
    }
}

/// The values at a path of names, such as `payer.user_id`, without nulls.
fn values<'v>(object: &'v Value, path: &str) -> Vec<&'v Value> {
    let items = |value: &'v Value| match value {
        Value::Array(items) => items.iter().collect(),
        value => vec![value],
    };
    let mut found = vec![object];
    for name in path.split('.') {
        found = found.into_iter().filter_map(|value| value.get(name)).flat_map(items).collect();
    }
    found.retain(|value| !value.is_null());
    found
}

fn shown_value(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// One object.
pub(crate) async fn read<T: DeserializeOwned + Send + 'static>(
    ctx: &Ctx,
    path: &'static str,
    fields: Value,
) -> Result<T, Error> {
    Ok(ctx.send(Request::new(Route::get(path), &fields)?).await?.read().await?.value)
}

/// One page of a list. A row that can't be read is an error: it may be the one that counts.
pub(crate) async fn rows<T: DeserializeOwned + Send + 'static>(
    ctx: &Ctx,
    path: &'static str,
    fields: Value,
) -> Result<Vec<T>, Error> {
    let response = ctx.send(Request::new(Route::get(path), &fields)?).await?;
    let page: Decoded<Page<T>> = response.page().await?;
    if page.notes.is_empty() {
        return Ok(page.value.rows);
    }
    let reason = page.notes.join(" ");
    Err(clerk_api::Error::Unreadable { status: 200, reason }.into())
}
