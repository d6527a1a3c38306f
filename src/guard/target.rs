//! What a call would hit, looked up at Clerk before it is done, for the question to a person. What
//! rules ask for is `subjects.rs`.

use clerk_api::{Page, Refusal, Request, Route};
use futures::future::join_all;
use serde::Deserialize;
use serde_json::{Map, Value, json};

use crate::{
    Ctx, Error,
    catalog::only_user,
    text::clean_text,
    tool::{
        Tool,
        kind::Kind,
        param::{Param, Place, Relation},
        reference::{Named, Reference},
    },
};

/// How many characters of a name are shown.
const NAME: usize = 80;
/// Of how many users, and of how many organizations of each, the effect is looked up.
const LOOKED_UP: usize = 20;
const ADMIN: &str = "org:admin";

/// The objects that a call's arguments name.
#[derive(Debug)]
pub(crate) struct Target<'a> {
    named: Named<'a>,
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

/// The ids in the path of a call, which stand for its target in a log.
pub(crate) fn id(tool: &Tool, arguments: &Map<String, Value>) -> Option<String> {
    let in_path = tool.arguments().filter(|param| param.place == Place::Path);
    let ids = in_path.filter_map(|param| arguments.get(&param.name())?.as_str().map(str::to_owned));
    ids.reduce(|all, id| format!("{all}/{id}"))
}

impl<'a> Target<'a> {
    /// What checked arguments name.
    pub(crate) fn of(tool: &Tool, arguments: &'a Map<String, Value>) -> Self {
        Self { named: tool.named(arguments) }
    }

    /// The ids of a kind that the call reads or changes, or gives something to.
    fn subjects(&self, kind: Kind) -> impl Iterator<Item = &'a str> {
        let of_kind = move |it: &&Reference| it.is(kind) && it.is_subject();
        self.named.references.iter().filter(of_kind).map(|reference| reference.id)
    }

    /// Reads the objects.
    ///
    /// # Errors
    /// What reading one of them failed with: what can't be looked at is not to be touched.
    pub(crate) async fn read(&self, ctx: &Ctx) -> Result<Objects, Error> {
        let mut objects = Objects::default();
        let mut users: Vec<String> = self.subjects(Kind::User).map(str::to_owned).collect();
        for id in self.subjects(Kind::Session) {
            let session: Session =
                get(ctx, "/sessions/{session_id}", json!({ "session_id": id })).await?;
            users.extend(session.user_id.clone());
            objects.session = Some(session);
        }
        for id in self.subjects(Kind::Organization) {
            let path = "/organizations/{organization_id}";
            let fields = json!({ "organization_id": id, "include_members_count": true });
            objects.organization = Some(get(ctx, path, fields).await?);
        }
        for address in &self.named.addresses {
            if address.is_email && address.relation == Relation::Target {
                objects.users.push(only_user::<User>(ctx, address.text).await?.value);
            }
        }
        let users =
            users.iter().map(|id| get::<User>(ctx, "/users/{user_id}", json!({ "user_id": id })));
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

    /// The effect of a call of `tool` on the objects, in words for the person who is to agree.
    pub(crate) async fn effect(
        &self,
        ctx: &Ctx,
        tool: &Tool,
        arguments: &Map<String, Value>,
    ) -> String {
        let names = self.names(ctx, others(ctx, tool, arguments));
        let mut sentences = vec![format!("{}: {names}.", tool.title)];
        if !tool.effect.is_destructive() {
            // Their values may be secrets.
            let is_in_path =
                |name: &str| tool.argument(name).is_some_and(|param| param.place == Place::Path);
            let names: Vec<&str> =
                arguments.keys().map(String::as_str).filter(|name| !is_in_path(name)).collect();
            sentences.push(format!("Sets {}.", names.join(", ")));
        } else if self.session.is_none() {
            for user in self.users.iter().take(LOOKED_UP) {
                sentences.extend(user.consequences(ctx).await);
            }
            if let Some(more) = self.users.len().checked_sub(LOOKED_UP).filter(|more| *more > 0) {
                sentences.push(format!("What it means for {more} more users was not looked up."));
            }
        }
        sentences.push(tool.undo.to_owned());
        sentences.join(" ")
    }

    /// The objects, and the ids of those that Clerk was not asked for.
    fn names(&self, ctx: &Ctx, others: Vec<String>) -> String {
        let session = self.session.iter().map(|it| {
            format!("{} ({}) of", it.id, plain(ctx, it.status.as_deref().unwrap_or("?")))
        });
        let organization = self.organization.iter().map(|it| {
            let members = it.members_count.map(|n| format!(", {n} members")).unwrap_or_default();
            format!("{}{members}", it.name(ctx))
        });
        let users = self.users.iter().map(|it| it.name(ctx));
        let mut names: Vec<String> = organization.chain(users).chain(others).collect();
        if names.is_empty() && self.session.is_none() {
            names.push("the whole instance".to_owned());
        }
        session.chain([names.join("; ")]).collect::<Vec<_>>().join(" ")
    }
}

/// The ids in the path of a call, but for those of objects that are looked up.
fn others(ctx: &Ctx, tool: &Tool, arguments: &Map<String, Value>) -> Vec<String> {
    const LOOKED_UP: [Kind; 3] = [Kind::User, Kind::Session, Kind::Organization];
    let named = tool.named(arguments);
    let is_looked_up = |param: &Param| {
        let mut references = named.references.iter();
        references.any(|it| it.wire == param.wire && LOOKED_UP.iter().any(|kind| it.is(*kind)))
    };
    let in_path =
        tool.arguments().filter(|param| param.place == Place::Path && !is_looked_up(param));
    let ids = in_path.filter_map(|param| {
        let id = plain(ctx, arguments.get(&param.name())?.as_str()?);
        Some(format!("{} {id}", param.name()))
    });
    ids.collect()
}

impl Organization {
    fn name(&self, ctx: &Ctx) -> String {
        match &self.name {
            Some(name) => format!("\"{}\" ({})", plain(ctx, name), self.id),
            None => self.id.clone(),
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
        let name = name.map(|it| format!("\"{}\"", plain(ctx, &it)));
        let emails = || self.email_addresses.iter().flatten();
        let primary = emails().find(|it| it.id == self.primary_email_address_id);
        let email = primary.or(emails().next()).and_then(|it| it.email_address.as_deref());
        let email = email.map(|it| plain(ctx, it));
        match name.into_iter().chain(email).reduce(|name, email| format!("{name}, {email}")) {
            Some(words) => format!("{words} ({})", self.id),
            None => self.id.clone(),
        }
    }

    /// How many sessions end, and which organizations lose their only admin.
    async fn consequences(&self, ctx: &Ctx) -> Vec<String> {
        let sessions = match active_sessions(ctx, &self.id).await {
            Ok(1) => "1 active session.".to_owned(),
            Ok(sessions) => format!("{sessions} active sessions."),
            Err(_) => "How many active sessions there are could not be read.".to_owned(),
        };
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
            .filter(|it| it.role.as_deref() == Some(ADMIN))
            .filter_map(|it| it.organization)
            .collect();
        let checks = administered.iter().take(LOOKED_UP).map(async |organization| {
            let fields = json!({
                "organization_id": organization.id, "role": [ADMIN], "limit": 2,
            });
            let path = "/organizations/{organization_id}/memberships";
            let admins: Page<Membership> = page(ctx, path, fields).await?;
            let is_other = |it: &Membership| {
                it.public_user_data.as_ref().and_then(|it| it.user_id.as_ref()) != Some(&self.id)
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

/// A text of an end user's for a question: nothing in it may look like more of the question.
fn plain(ctx: &Ctx, text: &str) -> String {
    let text = ctx.redact(text).replace('"', "'");
    let words: Vec<&str> = text.split_whitespace().collect();
    clean_text(&words.join(" "), NAME).into_owned()
}

async fn active_sessions(ctx: &Ctx, user: &str) -> Result<u64, Error> {
    let fields = json!({ "user_id": user, "status": "active", "paginated": true, "limit": 500 });
    let page: Page<Value> = page(ctx, "/sessions", fields).await?;
    Ok(page.total.unwrap_or(page.rows.len() as u64))
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

async fn get<T: serde::de::DeserializeOwned>(
    ctx: &Ctx,
    path: &'static str,
    fields: Value,
) -> Result<T, Error> {
    let response = ctx.send(Request::new(Route::get(path), &fields)?).await?;
    Ok(response.read()?.value)
}

async fn page<T: serde::de::DeserializeOwned>(
    ctx: &Ctx,
    path: &'static str,
    fields: Value,
) -> Result<Page<T>, Error> {
    let response = ctx.send(Request::new(Route::get(path), &fields)?).await?;
    Ok(response.page()?.value)
}
