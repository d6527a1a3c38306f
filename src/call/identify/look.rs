//! The looks at Clerk: who has an email address, which organization has a slug or a name.

use std::collections::{BTreeMap, BTreeSet};

use clerk_api::{Id, Refusal};
use futures::future::try_join_all;
use serde::Deserialize;
use serde_json::json;

use crate::{
    Ctx, Error,
    guard::{
        question::plain,
        subjects::{PAGE, ROWS, read, rows},
    },
    tool::handle::Handle,
};

/// Of how many email addresses one look asks; Clerk takes 100.
const ADDRESSES: usize = 50;
/// How many characters of a name are shown.
const NAME: usize = 80;

/// What is named, and how.
pub(super) type Name = (Handle, String);

/// Those that may be meant, by what names them.
pub(super) type Looked = BTreeMap<Name, Candidates>;

/// Those that may be meant.
#[derive(Default)]
pub(super) struct Candidates {
    pub(super) found: Vec<Candidate>,
    /// Whether there may be others, beyond those that Clerk was asked for.
    pub(super) is_cut: bool,
}

/// An object that may be meant.
pub(super) struct Candidate {
    pub(super) id: String,
    /// What people know it by, without what could be hidden in it.
    pub(super) known_as: Option<String>,
    /// Whether what names it is certainly its own.
    pub(super) is_verified: bool,
}

#[derive(Debug, Deserialize)]
struct User {
    id: String,
    first_name: Option<String>,
    last_name: Option<String>,
    username: Option<String>,
    email_addresses: Vec<Email>,
}

#[derive(Debug, Deserialize)]
struct Email {
    email_address: Option<String>,
    verification: Option<Verification>,
}

#[derive(Debug, Deserialize)]
struct Verification {
    status: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Organization {
    id: String,
    name: Option<String>,
    slug: Option<String>,
}

/// Looks all names up.
///
/// # Errors
/// Those of reading: a row that can't be read may be the one that is meant.
pub(super) async fn up(ctx: &Ctx, names: BTreeSet<Name>) -> Result<Looked, Error> {
    let (emails, organizations): (Vec<Name>, Vec<Name>) =
        names.into_iter().partition(|(handle, _)| *handle == Handle::Email);
    let emails = try_join_all(emails.chunks(ADDRESSES).map(|emails| users(ctx, emails)));
    let organizations = try_join_all(organizations.into_iter().map(async |name| {
        let candidates = organization(ctx, &name.1).await?;
        Ok::<_, Error>((name, candidates))
    }));
    let (emails, organizations) = futures::future::try_join(emails, organizations).await?;
    Ok(emails.into_iter().flatten().chain(organizations).collect())
}

async fn users(ctx: &Ctx, names: &[Name]) -> Result<Vec<(Name, Candidates)>, Error> {
    let emails: Vec<&str> = names.iter().map(|(_, email)| email.as_str()).collect();
    let fields = json!({ "email_address": emails, "limit": PAGE });
    let users: Vec<User> = rows(ctx, "/users", fields).await?;
    let is_cut = users.len() >= PAGE;
    let of_name = |name: &Name| {
        let found = users.iter().filter_map(|user| user.as_owner_of(&name.1, ctx));
        (name.clone(), Candidates { found: found.collect(), is_cut })
    };
    Ok(names.iter().map(of_name).collect())
}

impl User {
    /// The user, if the address is one of their own. Which letters of an address are capital doesn't
    /// matter, as it doesn't to Clerk.
    fn as_owner_of(&self, address: &str, ctx: &Ctx) -> Option<Candidate> {
        let is_it = |email: &&Email| {
            email.email_address.as_ref().is_some_and(|own| own.eq_ignore_ascii_case(address))
        };
        let email = self.email_addresses.iter().find(is_it)?;
        let status =
            email.verification.as_ref().and_then(|verification| verification.status.as_deref());
        let names: Vec<&str> =
            [&self.first_name, &self.last_name].into_iter().flatten().map(String::as_str).collect();
        let name = if names.is_empty() { self.username.clone() } else { Some(names.join(" ")) };
        Some(Candidate {
            id: self.id.clone(),
            known_as: name.map(|name| plain(ctx, &name, NAME)),
            is_verified: status == Some("verified"),
        })
    }
}

/// The organization with a slug, else those with a name.
async fn organization(ctx: &Ctx, name: &str) -> Result<Candidates, Error> {
    if let Some(found) = by_slug(ctx, name).await? {
        return Ok(Candidates { found: vec![found.candidate(ctx)], is_cut: false });
    }
    let mut candidates = Candidates::default();
    let mut offset = 0;
    loop {
        let fields = json!({ "query": name, "limit": PAGE, "offset": offset });
        let page: Vec<Organization> = rows(ctx, "/organizations", fields).await?;
        let count = page.len();
        let named = page.into_iter().filter(|found| found.name.as_deref() == Some(name));
        candidates.found.extend(named.map(|found| found.candidate(ctx)));
        offset += count;
        candidates.is_cut = count == PAGE && offset >= ROWS;
        if count < PAGE || candidates.is_cut {
            return Ok(candidates);
        }
    }
}

async fn by_slug(ctx: &Ctx, slug: &str) -> Result<Option<Organization>, Error> {
    // No slug has other characters than an id.
    if Id::parse(slug).is_err() {
        return Ok(None);
    }
    let path = "/organizations/{organization_id}";
    match read::<Organization>(ctx, path, json!({ "organization_id": slug })).await {
        Ok(found) => Ok(Some(found).filter(|found| found.slug.as_deref() == Some(slug))),
        Err(error) if error.refusal().is_some_and(is_nothing) => Ok(None),
        Err(error) => Err(error),
    }
}

const fn is_nothing(refusal: &Refusal) -> bool {
    refusal.status == 404
}

impl Organization {
    fn candidate(self, ctx: &Ctx) -> Candidate {
        let known_as = self.name.map(|name| plain(ctx, &name, NAME));
        Candidate { id: self.id, known_as, is_verified: true }
    }
}
