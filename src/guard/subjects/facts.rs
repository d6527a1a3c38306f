//! What the rules of the policy need to know of the people and organizations that a call is about.

use clerk_api::{Lenient, Refusal};
use futures::future::try_join_all;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::{Identified, PAGE, Purpose, ROWS, Subjects, read, rows};
use crate::{
    Ctx, Error,
    guard::policy::Facts,
    tool::{Tool, reference::Named},
};

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

/// Null is none; what Clerk leaves out isn't known.
#[derive(Debug, Deserialize)]
struct Metadata {
    #[serde(default = "not_there")]
    public_metadata: Lenient<Map<String, Value>>,
    #[serde(default = "not_there")]
    private_metadata: Lenient<Map<String, Value>>,
    #[serde(default = "not_there")]
    unsafe_metadata: Lenient<Map<String, Value>>,
}

const fn not_there<T>() -> Lenient<T> {
    Lenient::Wrong
}

#[derive(Debug, Deserialize)]
struct Membership {
    organization: Identified,
}

/// What the policy asks of a call, for each person that it is about; one entry if there is none.
///
/// # Errors
/// Those of reading, and a [`Denial`] if an owner can't be found: the call must not run then.
pub(crate) async fn facts(
    ctx: &Ctx,
    tool: &Tool,
    arguments: &Map<String, Value>,
) -> Result<Vec<Facts>, Error> {
    let named = tool.named(arguments);
    let purpose = Purpose::Policy;
    let subjects = Subjects::read(ctx, tool, arguments, purpose).await?;
    if let Some(kind) = subjects.unknown.first() {
        return Err(purpose.unowned(*kind));
    }
    let mut common = Facts::default();
    for id in subjects.organizations {
        let path = "/organizations/{organization_id}";
        let organization: Organization = read(ctx, path, json!({ "organization_id": id })).await?;
        common.organizations.push(organization.id);
        organization.metadata.dropped(&named, &mut common);
    }
    let users = subjects.users.keys().map(|id| person(ctx, &named, id, &common));
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

/// What rules ask of one user. `common` is what holds for all whom the call is about.
async fn person(ctx: &Ctx, named: &Named<'_>, id: &str, common: &Facts) -> Result<Facts, Error> {
    let user: User = read(ctx, "/users/{user_id}", json!({ "user_id": id })).await?;
    if user.id != id {
        return Err(Purpose::Policy.denied("who the user is"));
    }
    let mut facts = Facts { is_person: true, ..common.clone() };
    facts.emails_are_unknown = match user.email_addresses {
        Lenient::Known(emails) => {
            let count = emails.len();
            facts.emails.extend(emails.into_iter().filter_map(|email| email.email_address.known()));
            facts.emails.len() < count
        }
        Lenient::Missing | Lenient::Wrong => true,
    };
    user.metadata.dropped(named, &mut facts);
    facts.organizations.extend(organizations(ctx, id).await?);
    Ok(facts)
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

/// The ids of all organizations of a user; none if the instance has no organizations.
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
        ids.extend(page.into_iter().map(|membership| membership.organization.id));
        if count < PAGE {
            return Ok(ids);
        }
        if ids.len() >= ROWS {
            return Err(Purpose::Policy.denied("all organizations of the user"));
        }
    }
}
