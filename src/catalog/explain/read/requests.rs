//! The requests to Clerk but those for logs.

use clerk_api::{Decoded, Page, Refusal, Request, Route};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::{
    Ctx, Error,
    catalog::explain::{
        identifier::Identifier,
        wire::{Certificate, Communication, Connection, Entry, Exempt, Invitation, Session, User},
    },
    tool::date::UnixTime,
};

/// How many rows of a list are read; Clerk's limit is 500.
const ROWS: u64 = 500;
/// How many users, invitations or waitlist entries with one address.
const FEW: u64 = 10;
/// How many sessions: the newest are those of the last attempts.
const SESSIONS: u64 = 50;

/// The rows of a list.
#[derive(Debug)]
pub(super) struct Rows<T> {
    pub(super) rows: Vec<T>,
    /// Why they may not be all, as a clause.
    pub(super) more: Option<String>,
}

/// The user with an ID; `None` if there is none.
///
/// # Errors
/// Those of the request, but that there is no such user.
pub(super) async fn user(clerk: &Ctx, id: &str) -> Result<Decoded<Option<User>>, Error> {
    let route = Route::get("/users/{user_id}");
    match object::<User>(clerk, route, &json!({ "user_id": id })).await {
        Ok(user) => Ok(user.map(Some)),
        Err(error) if error.refusal().is_some_and(is_of_clerk) => {
            Ok(Decoded { value: None, notes: Vec::new() })
        }
        Err(error) => Err(error),
    }
}

/// The users with an identifier.
///
/// # Errors
/// Those of the request. A user who can't be read is an error: nobody must not be said then.
pub(super) async fn users(
    clerk: &Ctx,
    identifier: &Identifier,
) -> Result<Decoded<Vec<User>>, Error> {
    let fields = json!({ identifier.field(): [identifier.text()], "limit": FEW });
    let users = page::<User>(clerk, Route::get("/users"), &fields, &[]).await?;
    if users.value.rows.is_empty() && !users.notes.is_empty() {
        let reason = users.notes.join(" ");
        return Err(clerk_api::Error::Unreadable { status: 200, reason }.into());
    }
    Ok(users.map(|page| page.rows))
}

/// How many organizations the user is a member of; `None` if Clerk doesn't say.
pub(super) async fn memberships(clerk: &Ctx, id: &str) -> Result<Decoded<Option<u64>>, Error> {
    let route = Route::get("/users/{user_id}/organization_memberships");
    let fields = json!({ "user_id": id, "limit": 1 });
    Ok(page::<Value>(clerk, route, &fields, &[]).await?.map(|page| page.total(1, 0)))
}

/// The newest sessions. A filter for those that wait for a task isn't documented.
pub(super) async fn sessions(clerk: &Ctx, id: &str) -> Result<Decoded<Rows<Session>>, Error> {
    let fields = json!({ "user_id": id, "limit": SESSIONS });
    // Older ones say nothing of a sign-in today.
    let sessions = page(clerk, Route::get("/sessions"), &fields, PAGINATED).await?;
    Ok(sessions.map(|page| Rows { rows: page.rows, more: None }))
}

pub(super) async fn blocklist(clerk: &Ctx) -> Result<Decoded<Rows<Entry>>, Error> {
    // It has no pages.
    let page = page(clerk, Route::get("/blocklist_identifiers"), &json!({}), &[]).await?;
    Ok(page.map(|page| Rows { rows: page.rows, more: None }))
}

pub(super) async fn allowlist(clerk: &Ctx) -> Result<Decoded<Rows<Entry>>, Error> {
    rows(clerk, Route::get("/allowlist_identifiers"), json!({}), ROWS, PAGINATED).await
}

pub(super) async fn connections(clerk: &Ctx) -> Result<Decoded<Rows<Connection>>, Error> {
    rows(clerk, Route::get("/enterprise_connections"), json!({}), ROWS, &[]).await
}

/// When the certificate of a SAML connection expires, in Unix milliseconds.
pub(super) async fn certificate(clerk: &Ctx, id: &str) -> Result<Decoded<Option<i64>>, Error> {
    let route = Route::get("/saml_connections/{saml_connection_id}");
    let read = object::<Certificate>(clerk, route, &json!({ "saml_connection_id": id })).await?;
    Ok(read.map(|certificate| certificate.expires_at.map(UnixTime::milliseconds)))
}

/// The users who may sign in without single sign-on.
pub(super) async fn bypass(clerk: &Ctx) -> Result<Decoded<Vec<Exempt>>, Error> {
    // It has no pages.
    let page = page(clerk, Route::get("/sso_bypass_allowlist_users"), &json!({}), &[]).await?;
    Ok(page.map(|page| page.rows))
}

pub(super) async fn countries(clerk: &Ctx) -> Result<Decoded<Vec<String>>, Error> {
    let route = Route::get("/instance/communication");
    let read = object::<Communication>(clerk, route, &json!({})).await?;
    Ok(read.map(|settings| settings.blocked_country_codes.unwrap_or_default()))
}

pub(super) async fn invitations(
    clerk: &Ctx,
    email: &str,
) -> Result<Decoded<Rows<Invitation>>, Error> {
    of_address(clerk, Route::get("/invitations"), email, PAGINATED).await
}

pub(super) async fn organization_invitations(
    clerk: &Ctx,
    email: &str,
) -> Result<Decoded<Rows<Invitation>>, Error> {
    of_address(clerk, Route::get("/organization_invitations"), email, &[]).await
}

pub(super) async fn waitlist(clerk: &Ctx, email: &str) -> Result<Decoded<Rows<Invitation>>, Error> {
    of_address(clerk, Route::get("/waitlist_entries"), email, &[]).await
}

const PAGINATED: &[(&str, &str)] = &[("paginated", "true")];

/// The rows with exactly this address, newest first; the query also finds parts of addresses.
async fn of_address(
    clerk: &Ctx,
    route: Route,
    email: &str,
    query: &[(&str, &str)],
) -> Result<Decoded<Rows<Invitation>>, Error> {
    let mut found = rows::<Invitation>(clerk, route, json!({ "query": email }), FEW, query).await?;
    let is_theirs = |row: &Invitation| {
        row.email_address.as_deref().is_some_and(|theirs| theirs.eq_ignore_ascii_case(email))
    };
    found.value.rows.retain(is_theirs);
    found
        .value
        .rows
        .sort_by_key(|row| std::cmp::Reverse(row.created_at.map(UnixTime::milliseconds)));
    Ok(found)
}

async fn rows<T: DeserializeOwned + Send + 'static>(
    clerk: &Ctx,
    route: Route,
    mut fields: Value,
    limit: u64,
    query: &[(&str, &str)],
) -> Result<Decoded<Rows<T>>, Error> {
    if let Value::Object(fields) = &mut fields {
        fields.insert("limit".to_owned(), limit.into());
    }
    let page = page(clerk, route, &fields, query).await?;
    Ok(page.map(|page| {
        let read = page.rows.len() as u64;
        let more = match page.total(limit, 0) {
            Some(total) if total > read => Some(format!("only {read} of {total} were read")),
            None => Some(format!("only the first {read} were read")),
            Some(_) => None,
        };
        Rows { rows: page.rows, more }
    }))
}

async fn page<T: DeserializeOwned + Send + 'static>(
    clerk: &Ctx,
    route: Route,
    fields: &Value,
    query: &[(&str, &str)],
) -> Result<Decoded<Page<T>>, Error> {
    let request = Request::new(route, fields)?;
    let request =
        query.iter().fold(request, |request, (name, value)| request.with_query(name, value));
    Ok(clerk.redacted(clerk.send(request).await?).await?.page().await?)
}

async fn object<T: DeserializeOwned + Send + 'static>(
    clerk: &Ctx,
    route: Route,
    fields: &Value,
) -> Result<Decoded<T>, Error> {
    Ok(clerk.redacted(clerk.send(Request::new(route, fields)?).await?).await?.read().await?)
}

/// Whether Clerk itself says that there is no such object: any server on the way may answer 404.
fn is_of_clerk(refusal: &Refusal) -> bool {
    refusal.status == 404 && refusal.is_clerks
}
