//! What a call would hit, looked up at Clerk before it is done: for the question to a person and
//! for rules on people and organizations.

use clerk_api::{Page, Refusal, Request, Route};
use futures::future::join_all;
use rmcp::model::JsonObject;
use serde::Deserialize;
use serde_json::{Value, json};

use super::policy::Facts;
use crate::{
    Error,
    ctx::Ctx,
    operation::{Entry, camel_case},
    operations::only_user,
    text::clean_text,
};

/// How many characters of a name are shown.
const NAME: usize = 80;
/// Of how many users, and of how many organizations of each, the effect is looked up.
const LOOKED_UP: usize = 20;
const ADMIN: &str = "org:admin";

/// The objects that a call's arguments name.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    users: Vec<&'a str>,
    /// The email address of the user, where that stands for its id.
    email: Option<&'a str>,
    session: Option<&'a str>,
    organization: Option<&'a str>,
}

/// The objects as Clerk has them now.
#[derive(Debug, Default)]
pub(crate) struct Objects {
    users: Vec<User>,
    session: Option<Session>,
    organization: Option<Organization>,
}

#[derive(Debug, Deserialize)]
struct User {
    id: String,
    first_name: Option<String>,
    last_name: Option<String>,
    username: Option<String>,
    primary_email_address_id: Option<String>,
    email_addresses: Option<Vec<Email>>,
    public_metadata: Option<JsonObject>,
    private_metadata: Option<JsonObject>,
    unsafe_metadata: Option<JsonObject>,
    updated_at: Option<i64>,
}

#[derive(Debug, Deserialize)]
struct Email {
    id: Option<String>,
    email_address: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Session {
    id: String,
    user_id: Option<String>,
    status: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Organization {
    id: String,
    name: Option<String>,
    members_count: Option<u64>,
    updated_at: Option<i64>,
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

impl<'a> Target<'a> {
    /// What the arguments of a call of `entry` name.
    pub(crate) fn of(entry: &Entry, arguments: &'a JsonObject) -> Self {
        let text = |name| arguments.get(name).and_then(Value::as_str);
        let many = arguments.get("userIds").and_then(Value::as_array);
        let many = many.into_iter().flatten().filter_map(Value::as_str);
        // Elsewhere an address is no user's yet, or a filter.
        let is_by_email =
            entry.route.placeholders().any(|it| it == "user_id") && text("userId").is_none();
        Self {
            email: text("emailAddress").filter(|_| is_by_email),
            users: text("userId").into_iter().chain(many).collect(),
            session: text("sessionId"),
            organization: text("organizationId"),
        }
    }

    /// The id that stands for the target in a log.
    pub(crate) fn id(entry: &Entry, arguments: &JsonObject) -> Option<String> {
        let ids = entry
            .route
            .placeholders()
            .filter_map(|name| arguments.get(&camel_case(name))?.as_str().map(str::to_owned));
        ids.reduce(|all, id| format!("{all}/{id}"))
    }

    /// Reads the objects.
    ///
    /// # Errors
    /// What reading one of them failed with: what can't be looked at is not to be touched.
    pub(crate) async fn read(&self, call: &Ctx) -> Result<Objects, Error> {
        let mut objects = Objects::default();
        let mut users: Vec<String> = self.users.iter().map(ToString::to_string).collect();
        if let Some(id) = self.session {
            let session: Session =
                get(call, "/sessions/{session_id}", json!({ "session_id": id })).await?;
            users.extend(session.user_id.clone());
            objects.session = Some(session);
        }
        if let Some(id) = self.organization {
            let path = "/organizations/{organization_id}";
            let fields = json!({ "organization_id": id, "include_members_count": true });
            objects.organization = Some(get(call, path, fields).await?);
        }
        if let Some(email) = self.email {
            objects.users.push(only_user::<User>(call, email).await?.value);
        }
        let users =
            users.iter().map(|id| get::<User>(call, "/users/{user_id}", json!({ "user_id": id })));
        for user in join_all(users).await {
            objects.users.push(user?);
        }
        Ok(objects)
    }
}

impl Objects {
    /// What a confirmation is bound to: it changes when the objects do. Of a session it is the
    /// status, since a session's `updated_at` moves each minute that its user is there.
    pub(crate) fn version(&self) -> String {
        let session = self.session.iter().map(|it| json!([it.id, it.status, it.user_id]));
        let organization = self.organization.iter().map(|it| json!([it.id, it.updated_at]));
        let users = self.users.iter().map(|it| {
            // A session's user is not what is taken away.
            json!([it.id, self.session.is_none().then_some(it.updated_at)])
        });
        session.chain(organization).chain(users).collect::<Value>().to_string()
    }

    /// What rules on people ask for: the emails and the organizations of those that the call of
    /// `entry` is about, and the metadata that they lose by it.
    ///
    /// # Errors
    /// What reading the memberships failed with.
    pub(crate) async fn facts(
        &self,
        call: &Ctx,
        entry: &Entry,
        arguments: &JsonObject,
    ) -> Result<Facts, Error> {
        let mut facts = Facts::default();
        facts.organizations.extend(self.organization.iter().map(|it| it.id.clone()));
        for user in &self.users {
            let emails = user.email_addresses.iter().flatten();
            facts.emails.extend(emails.filter_map(|it| it.email_address.clone()));
            if !entry.merges_metadata() {
                facts.metadata_keys.extend(user.dropped(arguments));
            }
            for membership in memberships(call, &user.id).await? {
                facts.organizations.extend(membership.organization.map(|it| it.id));
            }
        }
        Ok(facts)
    }

    /// The effect of `entry` on the objects, in words for the person who is to agree.
    pub(crate) async fn effect(&self, call: &Ctx, entry: &Entry, arguments: &JsonObject) -> String {
        let names = self.names(call, others(call, entry, arguments));
        let mut sentences = vec![format!("{}: {names}.", entry.title)];
        if !entry.effect.is_destructive() {
            // Their values may be secrets.
            let ids: Vec<String> = entry.route.placeholders().map(camel_case).collect();
            let names: Vec<&str> =
                arguments.keys().filter(|it| !ids.contains(it)).map(String::as_str).collect();
            sentences.push(format!("Sets {}.", names.join(", ")));
        } else if self.session.is_none() {
            for user in self.users.iter().take(LOOKED_UP) {
                sentences.extend(user.consequences(call).await);
            }
            if let Some(more) = self.users.len().checked_sub(LOOKED_UP).filter(|more| *more > 0) {
                sentences.push(format!("What it means for {more} more users was not looked up."));
            }
        }
        sentences.push(entry.undo.to_owned());
        sentences.join(" ")
    }

    /// The objects, and the ids of those that Clerk was not asked for.
    fn names(&self, call: &Ctx, others: Vec<String>) -> String {
        let session = self.session.iter().map(|it| {
            format!("{} ({}) of", it.id, plain(call, it.status.as_deref().unwrap_or("?")))
        });
        let organization = self.organization.iter().map(|it| {
            let members = it.members_count.map(|n| format!(", {n} members")).unwrap_or_default();
            format!("{}{members}", it.name(call))
        });
        let users = self.users.iter().map(|it| it.name(call));
        let mut names: Vec<String> = organization.chain(users).chain(others).collect();
        if names.is_empty() && self.session.is_none() {
            names.push("the whole instance".to_owned());
        }
        session.chain([names.join("; ")]).collect::<Vec<_>>().join(" ")
    }
}

/// The ids in the path of a call, but for those of objects that are looked up.
fn others(call: &Ctx, entry: &Entry, arguments: &JsonObject) -> Vec<String> {
    const LOOKED_UP: [&str; 3] = ["user_id", "session_id", "organization_id"];
    let placeholders = entry.route.placeholders().filter(|name| !LOOKED_UP.contains(name));
    let ids = placeholders.filter_map(|name| {
        let argument = camel_case(name);
        let id = plain(call, arguments.get(&argument)?.as_str()?);
        Some(format!("{argument} {id}"))
    });
    ids.collect()
}

impl Organization {
    fn name(&self, call: &Ctx) -> String {
        match &self.name {
            Some(name) => format!("\"{}\" ({})", plain(call, name), self.id),
            None => self.id.clone(),
        }
    }
}

impl User {
    /// The name in quotation marks, the primary email address and the id: `"Jo Doe",
    /// jo@example.com (user_1)`.
    fn name(&self, call: &Ctx) -> String {
        let names = [&self.first_name, &self.last_name].into_iter().flatten();
        let name = names.map(String::as_str).collect::<Vec<_>>().join(" ");
        let name = if name.is_empty() { self.username.clone() } else { Some(name) };
        let name = name.map(|it| format!("\"{}\"", plain(call, &it)));
        let emails = || self.email_addresses.iter().flatten();
        let primary = emails().find(|it| it.id == self.primary_email_address_id);
        let email = primary.or(emails().next()).and_then(|it| it.email_address.as_deref());
        let email = email.map(|it| plain(call, it));
        match name.into_iter().chain(email).reduce(|name, email| format!("{name}, {email}")) {
            Some(words) => format!("{words} ({})", self.id),
            None => self.id.clone(),
        }
    }

    /// The keys of its metadata that are gone once the arguments have replaced it.
    fn dropped(&self, arguments: &JsonObject) -> impl Iterator<Item = String> {
        let objects = [
            ("publicMetadata", &self.public_metadata),
            ("privateMetadata", &self.private_metadata),
            ("unsafeMetadata", &self.unsafe_metadata),
        ];
        objects
            .into_iter()
            .filter_map(|(name, now)| Some((arguments.get(name)?, now.as_ref()?)))
            .flat_map(|(new, now)| now.keys().filter(|key| new.get(key.as_str()).is_none()))
            .cloned()
    }

    /// How many sessions end, and which organizations lose their only admin.
    async fn consequences(&self, call: &Ctx) -> Vec<String> {
        let sessions = match active_sessions(call, &self.id).await {
            Ok(1) => "1 active session.".to_owned(),
            Ok(sessions) => format!("{sessions} active sessions."),
            Err(_) => "How many active sessions there are could not be read.".to_owned(),
        };
        let organizations = match self.only_admin_of(call).await {
            Ok(names) if names.is_empty() => {
                "No organization would be left without an admin.".to_owned()
            }
            Ok(names) => format!("Would be left without an admin: {}.", names.join(", ")),
            Err(_) => "Whether an organization would be left without an admin could not be read."
                .to_owned(),
        };
        vec![sessions, organizations]
    }

    async fn only_admin_of(&self, call: &Ctx) -> Result<Vec<String>, Error> {
        let administered: Vec<Organization> = memberships(call, &self.id)
            .await?
            .into_iter()
            .filter(|it| it.role.as_deref() == Some(ADMIN))
            .filter_map(|it| it.organization)
            .collect();
        let checks = administered.iter().take(LOOKED_UP).map(async |organization| {
            let fields = json!({
                "organization_id": organization.id, "role": [ADMIN], "limit": 2,
            });
            let path = "/organizations/{organization_id}/memberships";
            let admins: Page<Membership> = page(call, path, fields).await?;
            let is_other = |it: &Membership| {
                it.public_user_data.as_ref().and_then(|it| it.user_id.as_ref()) != Some(&self.id)
            };
            Ok((!admins.rows.iter().any(is_other)).then(|| organization.name(call)))
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

/// A text of an end user's for a question: nothing in it may look like more of the question.
fn plain(call: &Ctx, text: &str) -> String {
    let text = call.redact(text).replace('"', "'");
    let words: Vec<&str> = text.split_whitespace().collect();
    clean_text(&words.join(" "), NAME).into_owned()
}

async fn active_sessions(call: &Ctx, user: &str) -> Result<u64, Error> {
    let fields = json!({ "user_id": user, "status": "active", "paginated": true, "limit": 500 });
    let page: Page<Value> = page(call, "/sessions", fields).await?;
    Ok(page.total.unwrap_or(page.rows.len() as u64))
}

/// The memberships of a user; none where the instance has no organizations.
async fn memberships(call: &Ctx, user: &str) -> Result<Vec<Membership>, Error> {
    let fields = json!({ "user_id": user, "limit": 500 });
    match page(call, "/users/{user_id}/organization_memberships", fields).await {
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

async fn get<T: serde::de::DeserializeOwned>(
    call: &Ctx,
    path: &'static str,
    fields: Value,
) -> Result<T, Error> {
    let response = call.send(Request::new(Route::get(path), &fields)?).await?;
    Ok(response.read()?.value)
}

async fn page<T: serde::de::DeserializeOwned>(
    call: &Ctx,
    path: &'static str,
    fields: Value,
) -> Result<Page<T>, Error> {
    let response = call.send(Request::new(Route::get(path), &fields)?).await?;
    Ok(response.page()?.value)
}
