//! The question to a person who is asked to approve a call: what the call would do to which objects,
//! as Clerk has them now.

use clerk_api::{Page, Refusal, Request, Route};
use futures::future::{join_all, try_join_all};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Map, Value, json};

use super::subjects::{Object, Purpose, Subjects};
use crate::{
    Ctx, Error,
    text::clean_text,
    tool::{Tool, param::Place},
};

/// How many values of an object are shown, such as the domains of a connection.
const VALUES: usize = 5;
/// How many characters of a name are shown.
const NAME: usize = 80;
/// Of how many users, and of how many organizations of each, the effect is looked up.
const LOOKED_UP: usize = 20;
const ADMIN: &str = "org:admin";

/// The objects that a call is about, as Clerk has them now.
#[derive(Debug)]
pub(crate) struct Objects {
    organizations: Vec<Organization>,
    /// Those that the call itself names.
    users: Vec<User>,
    /// The owners of the other objects.
    owners: Vec<User>,
    others: Vec<Object>,
}

#[derive(Debug, Deserialize)]
struct User {
    id: String,
    first_name: Option<String>,
    last_name: Option<String>,
    username: Option<String>,
    primary_email_address_id: Option<String>,
    email_addresses: Option<Vec<Email>>,
    updated_at: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Email {
    id: Option<String>,
    email_address: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Organization {
    id: String,
    name: Option<String>,
    members_count: Option<u64>,
    updated_at: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Session {
    #[serde(default)]
    status: String,
}

#[derive(Debug, Deserialize)]
struct Membership {
    role: Option<String>,
    organization: Option<Organization>,
    public_user_data: Option<Member>,
}

#[derive(Debug, Deserialize)]
struct Member {
    user_id: Option<String>,
}

impl Objects {
    /// Reads the objects that a call with checked arguments is about.
    ///
    /// # Errors
    /// Those of reading: an object that can't be read must not be changed.
    pub(crate) async fn read(
        ctx: &Ctx,
        tool: &Tool,
        arguments: &Map<String, Value>,
    ) -> Result<Self, Error> {
        let subjects = Subjects::read(ctx, tool, arguments, Purpose::Approval).await?;
        let organizations = try_join_all(subjects.organizations.iter().map(|id| {
            let fields = json!({ "organization_id": id, "include_members_count": true });
            get(ctx, "/organizations/{organization_id}", fields)
        }));
        let users = |is_named: bool| {
            let ids = subjects.users.iter().filter(move |(_, named)| **named == is_named);
            try_join_all(ids.map(|(id, _)| get(ctx, "/users/{user_id}", json!({ "user_id": id }))))
        };
        Ok(Self {
            organizations: organizations.await?,
            users: users(true).await?,
            owners: users(false).await?,
            others: subjects.objects,
        })
    }

    /// What an approval is bound to: what the person saw, and when the named users and
    /// organizations were last changed.
    pub(crate) fn version(&self) -> String {
        let others =
            self.others.iter().map(|other| json!([other.kind.noun(), other.id, other.shown]));
        let organizations = self
            .organizations
            .iter()
            .map(|organization| json!([organization.id, organization.updated_at]));
        let users = self.users.iter().map(|user| json!([user.id, user.updated_at]));
        let owners = self.owners.iter().map(|owner| json!([owner.id]));
        others.chain(organizations).chain(users).chain(owners).collect::<Value>().to_string()
    }

    /// The effect of a call on the objects, in sentences of the question.
    pub(crate) async fn effect(
        &self,
        ctx: &Ctx,
        tool: &Tool,
        arguments: &Map<String, Value>,
    ) -> Vec<String> {
        let mut sentences = vec![format!("{}: {}.", tool.title, self.names(ctx))];
        if tool.effect.is_destructive() {
            for user in self.users.iter().take(LOOKED_UP) {
                sentences.extend(user.consequences(ctx).await);
            }
            if let Some(more) = self.users.len().checked_sub(LOOKED_UP).filter(|more| *more > 0) {
                sentences.push(format!("What it means for {more} more users was not looked up."));
            }
        } else {
            // Their values may be secrets.
            let is_in_path =
                |name: &str| tool.argument(name).is_some_and(|param| param.place == Place::Path);
            let names: Vec<&str> =
                arguments.keys().map(String::as_str).filter(|name| !is_in_path(name)).collect();
            let is_cleared = |name: &&str| arguments.get(*name).is_some_and(is_nothing);
            let (cleared, set): (Vec<&str>, Vec<&str>) = names.into_iter().partition(is_cleared);
            let verbs =
                if tool.effect.is_read() { ["With", "Without"] } else { ["Sets", "Clears"] };
            for (verb, names) in verbs.into_iter().zip([set, cleared]) {
                if !names.is_empty() {
                    sentences.push(format!("{verb} {}.", names.join(", ")));
                }
            }
        }
        sentences.push(tool.undo_sentence());
        sentences
    }

    /// The objects and whose they are: `session sess_1 ("active") of "Jo Doe" (user_1)`.
    fn names(&self, ctx: &Ctx) -> String {
        let others: Vec<String> = self.others.iter().map(|other| other.name(ctx)).collect();
        let organizations = self.organizations.iter().map(|organization| {
            let members = organization.members_count;
            let members = members.map(|count| format!(", {count} members")).unwrap_or_default();
            format!("{}{members}", organization.name(ctx))
        });
        let users = self.users.iter().chain(&self.owners).map(|user| user.name(ctx));
        let subjects: Vec<String> = organizations.chain(users).collect();
        match (others.is_empty(), subjects.is_empty()) {
            (true, true) => "the whole instance".to_owned(),
            (true, false) => subjects.join("; "),
            (false, true) => others.join("; "),
            (false, false) => format!("{} of {}", others.join("; "), subjects.join("; ")),
        }
    }
}

impl Object {
    /// The kind, the id and the values that tell a person which it is: `API key ak_1 ("CI",
    /// "user_1")`.
    fn name(&self, ctx: &Ctx) -> String {
        let noun = self.kind.noun();
        let noun = noun.split_once(' ').map_or(noun, |(_article, noun)| noun);
        let name = format!("{noun} {}", plain(ctx, &self.id, NAME));
        if self.shown.is_empty() {
            return name;
        }
        let in_quotes = self.shown.iter().map(|value| format!("\"{}\"", plain(ctx, value, NAME)));
        let mut shown: Vec<String> = in_quotes.take(VALUES).collect();
        if let Some(more) = self.shown.len().checked_sub(VALUES).filter(|more| *more > 0) {
            shown.push(format!("and {more} more"));
        }
        format!("{name} ({})", shown.join(", "))
    }
}

impl Organization {
    fn name(&self, ctx: &Ctx) -> String {
        let id = plain(ctx, &self.id, NAME);
        match &self.name {
            Some(name) => format!("\"{}\" ({id})", plain(ctx, name, NAME)),
            None => id,
        }
    }
}

impl User {
    /// The name in quotation marks, the primary email address and the id: `"Jo Doe",
    /// jo@example.com (user_1)`.
    fn name(&self, ctx: &Ctx) -> String {
        let names = [&self.first_name, &self.last_name].into_iter().flatten();
        let name = names.map(String::as_str).collect::<Vec<_>>().join(" ");
        let name = if name.is_empty() { self.username.clone() } else { Some(name) };
        let name = name.map(|name| format!("\"{}\"", plain(ctx, &name, NAME)));
        let emails = || self.email_addresses.iter().flatten();
        let primary = emails().find(|email| email.id == self.primary_email_address_id);
        let email = primary.or(emails().next()).and_then(|email| email.email_address.as_deref());
        let email = email.map(|email| plain(ctx, email, NAME));
        let id = plain(ctx, &self.id, NAME);
        match name.into_iter().chain(email).reduce(|name, email| format!("{name}, {email}")) {
            Some(words) => format!("{words} ({id})"),
            None => id,
        }
    }

    /// How many sessions end, and which organizations lose their only admin.
    async fn consequences(&self, ctx: &Ctx) -> Vec<String> {
        let sessions = live_sessions(ctx, &self.id)
            .await
            .unwrap_or_else(|_| "How many active sessions there are could not be read.".to_owned());
        let organizations = match self.only_admin_of(ctx).await {
            Ok(names) if names.is_empty() => {
                "No organization would be left without an admin.".to_owned()
            }
            Ok(names) => format!("Would be left without an admin: {}.", names.join(", ")),
            Err(_) => "Whether an organization would be left without an admin could not be read."
                .to_owned(),
        };
        vec![sessions, organizations]
    }

    async fn only_admin_of(&self, ctx: &Ctx) -> Result<Vec<String>, Error> {
        let administered: Vec<Organization> = memberships(ctx, &self.id)
            .await?
            .into_iter()
            .filter(|membership| membership.role.as_deref() == Some(ADMIN))
            .filter_map(|membership| membership.organization)
            .collect();
        let checks = administered.iter().take(LOOKED_UP).map(async |organization| {
            let fields = json!({
                "organization_id": organization.id, "role": [ADMIN], "limit": 2,
            });
            let path = "/organizations/{organization_id}/memberships";
            let admins: Page<Membership> = page(ctx, path, fields).await?;
            let is_other = |membership: &Membership| {
                let user = membership.public_user_data.as_ref();
                user.and_then(|user| user.user_id.as_ref()) != Some(&self.id)
            };
            Ok((!admins.rows.iter().any(is_other)).then(|| organization.name(ctx)))
        });
        let mut names: Vec<String> = join_all(checks)
            .await
            .into_iter()
            .filter_map(Result::transpose)
            .collect::<Result<_, Error>>()?;
        if administered.len() > LOOKED_UP {
            names.push(format!("perhaps {} more, not looked up", administered.len() - LOOKED_UP));
        }
        Ok(names)
    }
}

/// Whether checked arguments hold this for what is cleared.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

/// A text of someone's for a question, at most `limit` characters of it: nothing in it may look
/// like more of the question.
pub(crate) fn plain(ctx: &Ctx, text: &str, limit: usize) -> String {
    let text = ctx.redact(text).replace('"', "'");
    let words: Vec<&str> = text.split_whitespace().collect();
    clean_text(&words.join(" "), limit).into_owned()
}

/// The sessions that a user has now, in words: `2 active sessions and 1 pending session.` Clerk can't
/// be asked for pending ones alone.
async fn live_sessions(ctx: &Ctx, user: &str) -> Result<String, Error> {
    let fields = json!({ "user_id": user, "paginated": true, "limit": 500 });
    let page: Page<Session> = page(ctx, "/sessions", fields).await?;
    let of = |status: &str| page.rows.iter().filter(|session| session.status == status).count();
    let count = |status: &str| match of(status) {
        1 => format!("1 {status} session"),
        sessions => format!("{sessions} {status} sessions"),
    };
    let pending = match of("pending") {
        0 => String::new(),
        _ => format!(" and {}", count("pending")),
    };
    let is_cut = page.total.is_some_and(|total| total > page.rows.len() as u64);
    let least = if is_cut { "At least " } else { "" };
    Ok(format!("{least}{}{pending}.", count("active")))
}

/// The memberships of a user; none where the instance has no organizations.
async fn memberships(ctx: &Ctx, user: &str) -> Result<Vec<Membership>, Error> {
    let fields = json!({ "user_id": user, "limit": 500 });
    match page(ctx, "/users/{user_id}/organization_memberships", fields).await {
        Ok(page) => Ok(page.rows),
        Err(error)
            if error.refusal().map(Refusal::code)
                == Some("organization_not_enabled_in_instance") =>
        {
            Ok(Vec::new())
        }
        Err(error) => Err(error),
    }
}

async fn get<T: DeserializeOwned + Send + 'static>(
    ctx: &Ctx,
    path: &'static str,
    fields: Value,
) -> Result<T, Error> {
    let response = ctx.send(Request::new(Route::get(path), &fields)?).await?;
    Ok(response.read().await?.value)
}

async fn page<T: DeserializeOwned + Send + 'static>(
    ctx: &Ctx,
    path: &'static str,
    fields: Value,
) -> Result<Page<T>, Error> {
    let response = ctx.send(Request::new(Route::get(path), &fields)?).await?;
    Ok(response.page().await?.value)
}
