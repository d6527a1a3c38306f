//! Whom a call is about: the people and organizations that its arguments name, and those that the
//! objects it names belong to. Read at Clerk where a rule of the policy asks.

mod owner;

use std::collections::BTreeSet;

use clerk_api::{Decoded, Lenient, Page, Refusal, Request, Route};
use futures::future::try_join_all;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use self::owner::{Field, Names, Owner};
use super::{Denial, policy::Facts};
use crate::{
    Ctx, Error,
    catalog::only_user,
    tool::{
        Tool,
        kind::Kind,
        param::Relation,
        reference::{Named, Reference},
    },
};

/// How many rows of a list are gone through for one object.
const ROWS: usize = 10_000;
/// How many rows a page of users or memberships has; Clerk's limit is 500.
const PAGE: usize = 500;

#[derive(Debug, Deserialize)]
struct User {
    id: String,
    #[serde(default)]
    email_addresses: Lenient<Vec<Email>>,
    #[serde(flatten)]
    metadata: Metadata,
}

#[derive(Debug, Deserialize)]
struct Email {
    #[serde(default)]
    email_address: Lenient<String>,
}

#[derive(Debug, Deserialize)]
struct Organization {
    id: String,
    #[serde(flatten)]
    metadata: Metadata,
}

#[derive(Debug, Deserialize)]
struct Metadata {
    #[serde(default)]
    public_metadata: Lenient<Map<String, Value>>,
    #[serde(default)]
    private_metadata: Lenient<Map<String, Value>>,
    #[serde(default)]
    unsafe_metadata: Lenient<Map<String, Value>>,
}

#[derive(Debug, Deserialize)]
struct Membership {
    organization: Identified,
}

#[derive(Debug, Deserialize)]
struct Identified {
    id: String,
}

/// How many users a call changes at once, at least 1: so often it counts.
pub(crate) fn touched(tool: &Tool, arguments: &Map<String, Value>) -> u32 {
    let named = tool.named(arguments);
    let is_touched = |it: &&Reference| it.is(Kind::User) && it.relation == Relation::Target;
    let users: BTreeSet<&str> =
        named.references.iter().filter(is_touched).map(|it| it.id).collect();
    u32::try_from(users.len().max(1)).unwrap_or(u32::MAX)
}

/// What the policy asks of a call, for each person that it is about; one entry where there is none.
///
/// # Errors
/// What reading one of them failed with, or that Clerk does not tell: what can't be looked up is
/// not touched.
pub(crate) async fn facts(
    ctx: &Ctx,
    tool: &Tool,
    arguments: &Map<String, Value>,
) -> Result<Vec<Facts>, Error> {
    let named = tool.named(arguments);
    let look = Look { ctx, named: &named };
    let subjects = look.subjects().await?;
    let mut common = Facts::default();
    for id in &subjects.organizations {
        let path = "/organizations/{organization_id}";
        let organization: Organization = read(ctx, path, json!({ "organization_id": id })).await?;
        common.organizations.push(organization.id);
        organization.metadata.dropped(&named, &mut common);
    }
    let users = subjects.users.iter().map(|id| look.person(id, &common));
    let mut facts = try_join_all(users).await?;
    facts.extend(subjects.strangers.into_iter().map(|email| Facts {
        is_person: true,
        emails: email.into_iter().collect(),
        ..common.clone()
    }));
    if facts.is_empty() {
        facts.push(common);
    }
    Ok(facts)
}

/// Whom a call is about.
#[derive(Debug, Default)]
struct Subjects {
    /// The ids of users.
    users: BTreeSet<String>,
    /// The ids or slugs of organizations.
    organizations: BTreeSet<String>,
    /// People who are no users, by their email address if they have one.
    strangers: BTreeSet<Option<String>>,
}

/// A look at Clerk for one call.
struct Look<'a> {
    ctx: &'a Ctx,
    named: &'a Named<'a>,
}

impl Look<'_> {
    async fn subjects(&self) -> Result<Subjects, Error> {
        let mut subjects = Subjects::default();
        let named = self.named.references.iter().filter(|it| it.is_subject());
        let mut objects: Vec<(&'static [Kind], String)> =
            named.map(|it| (it.kinds, it.id.to_owned())).collect();
        // An object may belong to another one, and that one to somebody.
        while let Some((kinds, id)) = objects.pop() {
            let kind = kind_of(kinds, &id)?;
            let Some((object, fields)) = self.owned(kind, id, &mut subjects).await? else {
                continue;
            };
            for Field(path, names) in fields {
                for text in texts(&object, path).ok_or_else(|| untold(kind))? {
                    match names {
                        Names::Id(kinds) => objects.push((kinds, text.to_owned())),
                        Names::Address => self.address(text, &mut subjects).await?,
                    }
                }
            }
        }
        for address in &self.named.addresses {
            match address.relation {
                Relation::Target if address.is_email => {
                    let user = only_user::<Identified>(self.ctx, address.text).await?.value;
                    subjects.users.insert(user.id);
                }
                Relation::Target | Relation::Grantee => {
                    self.address(address.text, &mut subjects).await?;
                }
                _ => {}
            }
        }
        Ok(subjects)
    }

    /// The object, with those of its fields that name whom it belongs to. `None` if it is a subject
    /// itself or belongs to nobody.
    async fn owned(
        &self,
        kind: Kind,
        id: String,
        subjects: &mut Subjects,
    ) -> Result<Option<(Value, &'static [Field])>, Error> {
        match kind.owner() {
            Owner::User => {
                subjects.users.insert(id);
                Ok(None)
            }
            Owner::Organization => {
                subjects.organizations.insert(id);
                Ok(None)
            }
            Owner::Nobody => Ok(None),
            Owner::Untold => Err(untold(kind)),
            Owner::Object { path, ids, fields } => {
                Ok(Some((self.object(path, ids, kind, &id).await?, fields)))
            }
            Owner::Row { path, page, flags, fields } => {
                let row = self.row(path, page, flags, &id).await?;
                Ok(Some((row.ok_or_else(|| untold(kind))?, fields)))
            }
        }
    }

    async fn object(
        &self,
        path: &'static str,
        ids: &[(&str, Kind)],
        kind: Kind,
        id: &str,
    ) -> Result<Value, Error> {
        let mut fields = Map::new();
        for (name, of) in ids {
            let other = || self.named.references.iter().find(|it| it.is(*of)).map(|it| it.id);
            let id = if *of == kind { Some(id) } else { other() };
            fields.insert((*name).to_owned(), id.ok_or_else(|| untold(kind))?.into());
        }
        read(self.ctx, path, Value::Object(fields)).await
    }

    /// The row of a list that has this id; `None` if it is not among the first [`ROWS`].
    async fn row(
        &self,
        path: &'static str,
        page: Option<usize>,
        flags: &[&str],
        id: &str,
    ) -> Result<Option<Value>, Error> {
        let mut offset = 0;
        loop {
            let mut fields: Map<String, Value> =
                flags.iter().map(|flag| ((*flag).to_owned(), true.into())).collect();
            if let Some(limit) = page {
                fields.insert("limit".to_owned(), limit.into());
                fields.insert("offset".to_owned(), offset.into());
            }
            let rows: Vec<Value> = rows(self.ctx, path, Value::Object(fields)).await?;
            let count = rows.len();
            let found = rows.into_iter().find(|row| row["id"] == id);
            offset += count;
            if found.is_some() || page.is_none_or(|page| count < page) || offset >= ROWS {
                return Ok(found);
            }
        }
    }

    /// Who has an email address or a phone number.
    async fn address(&self, text: &str, subjects: &mut Subjects) -> Result<(), Error> {
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
        if users.is_empty() {
            subjects.strangers.insert(email);
        }
        subjects.users.extend(users.into_iter().map(|it| it.id));
        Ok(())
    }

    /// What rules ask of one user. `common` is what holds of all that the call is about.
    async fn person(&self, id: &str, common: &Facts) -> Result<Facts, Error> {
        let user: User = read(self.ctx, "/users/{user_id}", json!({ "user_id": id })).await?;
        if user.id != id {
            return Err(denied("who the user is"));
        }
        let mut facts = Facts { is_person: true, ..common.clone() };
        facts.emails_are_unknown = match user.email_addresses {
            Lenient::Known(emails) => {
                let count = emails.len();
                facts.emails.extend(emails.into_iter().filter_map(|it| it.email_address.known()));
                facts.emails.len() < count
            }
            Lenient::Missing | Lenient::Wrong => true,
        };
        user.metadata.dropped(self.named, &mut facts);
        facts.organizations.extend(organizations(self.ctx, id).await?);
        Ok(facts)
    }
}

impl Metadata {
    /// Adds the keys that are gone once the call has replaced the metadata.
    fn dropped(&self, named: &Named<'_>, facts: &mut Facts) {
        let objects = [
            ("public_metadata", &self.public_metadata),
            ("private_metadata", &self.private_metadata),
            ("unsafe_metadata", &self.unsafe_metadata),
        ];
        for written in named.metadata.iter().filter(|written| !written.merges) {
            let now = objects.iter().find(|(wire, _)| *wire == written.wire);
            match now.map(|(_, now)| now.as_ref()) {
                Some(Lenient::Known(now)) => {
                    let dropped = now.keys().filter(|key| !written.metadata.contains_key(*key));
                    facts.metadata_keys.extend(dropped.cloned());
                }
                Some(Lenient::Wrong) => facts.metadata_is_unknown = true,
                Some(Lenient::Missing) | None => {}
            }
        }
    }
}

/// Of which kind an id is that can be of several.
fn kind_of(kinds: &'static [Kind], id: &str) -> Result<Kind, Error> {
    if let [kind] = kinds {
        return Ok(*kind);
    }
    let kind = Kind::of_prefix(id).filter(|kind| kinds.contains(kind));
    kind.ok_or_else(|| denied("of which kind the object is that it names"))
}

/// The texts at a path of names; `None` if there is something else than a text or null.
fn texts<'v>(object: &'v Value, path: &str) -> Option<Vec<&'v str>> {
    let mut values = vec![object];
    for name in path.split('.') {
        let below = values.into_iter().filter_map(|value| value.get(name));
        values = below
            .flat_map(|value| match value {
                Value::Array(items) => items.iter().collect(),
                value => vec![value],
            })
            .collect();
    }
    values.into_iter().filter(|value| !value.is_null()).map(Value::as_str).collect()
}

fn untold(kind: Kind) -> Error {
    denied(&format!("whom {} belongs to", kind.noun()))
}

fn denied(what: &str) -> Error {
    Denial::new(
        "policy_denied",
        format!(
            "a rule of the operator's policy asks whom the call is about, and Clerk does not tell \
             {what}"
        ),
        "Nothing was changed. Only the operator can change the policy.",
    )
    .into()
}

/// The ids of all organizations of a user; none where the instance has no organizations.
async fn organizations(ctx: &Ctx, user: &str) -> Result<Vec<String>, Error> {
    let path = "/users/{user_id}/organization_memberships";
    let mut ids = Vec::new();
    loop {
        let fields = json!({ "user_id": user, "limit": PAGE, "offset": ids.len() });
        let page: Vec<Membership> = match rows(ctx, path, fields).await {
            Err(error)
                if error.refusal().map(Refusal::code)
                    == Some("organization_not_enabled_in_instance") =>
            {
                return Ok(ids);
            }
            page => page?,
        };
        let count = page.len();
        ids.extend(page.into_iter().map(|it| it.organization.id));
        if count < PAGE {
            return Ok(ids);
        }
        if ids.len() >= ROWS {
            return Err(denied("all organizations of a user"));
        }
    }
}

async fn read<T: DeserializeOwned>(
    ctx: &Ctx,
    path: &'static str,
    fields: Value,
) -> Result<T, Error> {
    Ok(ctx.send(Request::new(Route::get(path), &fields)?).await?.read()?.value)
}

/// One page of a list. A row that can't be read is an error: it may be the one that counts.
async fn rows<T: DeserializeOwned>(
    ctx: &Ctx,
    path: &'static str,
    fields: Value,
) -> Result<Vec<T>, Error> {
    let response = ctx.send(Request::new(Route::get(path), &fields)?).await?;
    let page: Decoded<Page<T>> = response.page()?;
    if page.notes.is_empty() {
        return Ok(page.value.rows);
    }
    let reason = page.notes.join(" ");
    Err(clerk_api::Error::Unreadable { status: 200, reason }.into())
}
