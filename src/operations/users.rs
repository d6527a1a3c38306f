//! Users. <https://clerk.com/docs/reference/backend-api/tag/users>

use std::pin::pin;

use clerk_api::{Decoded, Page, Request, Response, Route};
use futures::{
    FutureExt,
    future::{Either, ready, select},
};
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::DEFAULT_LIMIT;
use crate::{
    Error,
    ctx::Ctx,
    objects::{ChangedUser, Deleted, ListedUser, User},
    operation::{Clearable, Entry, Form, Id, List, Metadata, Operation, Rule, entry},
};

pub(super) static OPERATIONS: [Entry; 5] = [
    entry::<ListUsers>(),
    entry::<GetUser>(),
    entry::<CreateUser>(),
    entry::<UpdateUser>(),
    entry::<DeleteUser>(),
];

/// List users with filters and pages; newest first. Shows less of a user than clerk_get_user.
#[skip_serializing_none]
#[derive(Clone, Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct ListUsers {
    /// Default 10, or as many as a filter has values.
    #[schemars(range(min = 1, max = 500))]
    limit: Option<u64>,
    offset: Option<u64>,
    /// created_at, updated_at, last_active_at, last_sign_in_at, email_address, phone_number,
    /// username, first_name, last_name or web3wallet; prefix + ascending, - descending.
    #[schemars(
        regex(pattern = "^[+-]?(created_at|updated_at|last_active_at|last_sign_in_at|email_address|phone_number|username|first_name|last_name|web3wallet)$"),
        extend("default" = "-created_at")
    )]
    order_by: Option<String>,
    /// Exact; up to 100, comma-separated, as in all filters.
    email_address: Option<List>,
    /// Such as +15550100.
    phone_number: Option<List>,
    /// IDs in your own system; prefix - excludes.
    external_id: Option<List>,
    username: Option<List>,
    /// Prefix - excludes.
    user_id: Option<List>,
    /// Part of an email, phone, username, ID or name.
    query: Option<String>,
    /// Where a walk over the pages goes on.
    #[schemars(skip)]
    starting_after: Option<Id>,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
struct UserList {
    users: Vec<ListedUser>,
    total_count: Option<u64>,
}

impl ListUsers {
    fn filters(&self) -> impl Iterator<Item = &List> {
        let Self { email_address, phone_number, external_id, username, user_id, .. } = self;
        [email_address, phone_number, external_id, username, user_id].into_iter().flatten()
    }

    /// The limit that is asked for or, without one, as many rows as a filter has values: Clerk's
    /// default would cut the answer to a list of 25 emails to 10 rows.
    fn limit(&self) -> Option<u64> {
        let values = self.filters().filter(|list| !list.excludes()).map(List::len).max();
        self.limit.or(values.map(|values| values as u64))
    }

    /// Whether the page can't but show all users that match: there is room for one user for each
    /// value of the only filter, and no two users share such a value.
    fn page_holds_all(&self) -> bool {
        let limit = self.limit().unwrap_or(DEFAULT_LIMIT);
        let unique = [&self.user_id, &self.external_id, &self.username];
        self.offset.unwrap_or(0) == 0
            && self.query.is_none()
            && self.filters().count() == 1
            && unique
                .into_iter()
                .flatten()
                .any(|list| !list.excludes() && list.len() as u64 <= limit)
    }

    /// The count of the users that match the same filters.
    fn count_request(&self) -> Result<Request, Error> {
        let filters = Self { limit: None, offset: None, order_by: None, ..self.clone() };
        Ok(Request::new(Route::get("/users/count"), &filters)?)
    }
}

impl Operation for ListUsers {
    const NAME: &'static str = "clerk_list_users";
    const TITLE: &'static str = "List users";
    const ROUTE: Route = Route::get("/users");
    const FORM: Form = Form::List("users");
    const CURSOR: &'static str = "startingAfter";
    type Output = UserList;

    fn request(&self) -> Result<Request, Error> {
        Ok(Request::new(Self::ROUTE, &Self { limit: self.limit(), ..self.clone() })?)
    }

    fn output(&self, response: &Response) -> Result<Decoded<UserList>, Error> {
        let page: Decoded<Page<ListedUser>> = response.page()?;
        let (limit, offset) = (self.limit().unwrap_or(DEFAULT_LIMIT), self.offset.unwrap_or(0));
        let total_count = if self.page_holds_all() {
            Some(page.value.rows.len() as u64)
        } else {
            page.value.total(limit, offset)
        };
        Ok(page.map(|page| UserList { users: page.rows, total_count }))
    }

    /// The list has no total, so the count is asked for at the same time, unless the page can't
    /// but prove it.
    async fn call(self, clerk: Ctx) -> Result<Decoded<UserList>, Error> {
        let page = pin!(clerk.send(self.request()?));
        // A walk has the count from its first page.
        if self.page_holds_all() || self.starting_after.is_some() {
            return self.output(&page.await?);
        }
        let count = clerk.send(self.count_request()?).boxed();
        let (page, count) = match select(page, count).await {
            Either::Left((page, count)) => (page, count),
            Either::Right((count, page)) => (page.await, ready(count).boxed()),
        };
        let mut answer = self.output(&page?)?;
        // Where the page turns out to prove the total, the count is not waited for.
        if answer.value.total_count.is_none() {
            match count.await.and_then(|response| Ok(response.read::<TotalCount>()?)) {
                Ok(count) => answer.value.total_count = Some(count.value.total_count),
                Err(error) => answer.notes.push(format!("totalCount is not known: {error}.")),
            }
        }
        Ok(answer)
    }
}

#[derive(Debug, Deserialize)]
struct TotalCount {
    total_count: u64,
}

/// Get one user by ID with all fields, private metadata too. Without the ID, find the user with
/// clerk_list_users.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct GetUser {
    user_id: Id,
}

impl Operation for GetUser {
    const NAME: &'static str = "clerk_get_user";
    const TITLE: &'static str = "Get user";
    const ROUTE: Route = Route::get("/users/{user_id}");
    type Output = User;
}

/// Create a user. Emails and phones count as verified and no message is sent. What is required
/// depends on the instance's settings.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct CreateUser {
    /// Comma-separated for several; the first is primary.
    email_address: Option<List>,
    /// Likewise; such as +15550100.
    phone_number: Option<List>,
    username: Option<String>,
    /// At least 8 characters, in no list of leaked ones.
    #[schemars(length(min = 8), extend("writeOnly" = true))]
    password: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    /// ID in your system.
    external_id: Option<String>,
    /// Readable from the frontend.
    public_metadata: Option<Metadata>,
    /// Backend only.
    private_metadata: Option<Metadata>,
    /// Writable from the frontend.
    unsafe_metadata: Option<Metadata>,
    /// Take a weak or leaked one.
    skip_password_checks: Option<bool>,
    /// Allow no password.
    skip_password_requirement: Option<bool>,
}

impl Operation for CreateUser {
    const NAME: &'static str = "clerk_create_user";
    const TITLE: &'static str = "Create user";
    const ROUTE: Route = Route::post("/users");
    const LOOK: &'static str = "clerk_list_users";
    type Output = ChangedUser;
}

/// Update a user. What is left out stays; null clears a name, username or externalId. Given
/// metadata REPLACES the old object whole: read it with clerk_get_user and send the keys to keep
/// too. A new password ends no sessions.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct UpdateUser {
    user_id: Id,
    #[serde(default, skip_serializing_if = "Clearable::is_kept")]
    first_name: Clearable<String>,
    #[serde(default, skip_serializing_if = "Clearable::is_kept")]
    last_name: Clearable<String>,
    #[serde(default, skip_serializing_if = "Clearable::is_kept")]
    username: Clearable<String>,
    #[schemars(length(min = 8), extend("writeOnly" = true))]
    password: Option<String>,
    #[serde(default, skip_serializing_if = "Clearable::is_kept")]
    external_id: Clearable<String>,
    /// A verified one.
    primary_email_address_id: Option<Id>,
    primary_phone_number_id: Option<Id>,
    /// {} empties it, as the other two.
    public_metadata: Option<Metadata>,
    private_metadata: Option<Metadata>,
    unsafe_metadata: Option<Metadata>,
    skip_password_checks: Option<bool>,
}

/// The body of `PUT /users/{user_id}/metadata`.
#[skip_serializing_none]
#[derive(Serialize)]
struct ReplaceMetadata {
    user_id: Id,
    public_metadata: Option<Metadata>,
    private_metadata: Option<Metadata>,
    unsafe_metadata: Option<Metadata>,
}

impl Operation for UpdateUser {
    const NAME: &'static str = "clerk_update_user";
    const TITLE: &'static str = "Update user";
    const ROUTE: Route = Route::patch("/users/{user_id}");
    const CONSENT: &'static [&'static str] = &["password"];
    const RULES: &'static [Rule] = &[Rule::Change, Rule::With("skipPasswordChecks", "password")];
    const LOOK: &'static str = "clerk_get_user";
    type Output = ChangedUser;

    /// Since API version 2026-05-12 the PATCH refuses metadata, which has a request of its own.
    /// <https://clerk.com/docs/guides/development/upgrading/upgrade-guides/2026-05-12>
    async fn call(mut self, clerk: Ctx) -> Result<Decoded<ChangedUser>, Error> {
        if clerk.metadata_in_update() {
            return Ok(clerk.send(self.request()?).await?.read()?);
        }
        let metadata = ReplaceMetadata {
            user_id: self.user_id.clone(),
            public_metadata: self.public_metadata.take(),
            private_metadata: self.private_metadata.take(),
            unsafe_metadata: self.unsafe_metadata.take(),
        };
        let metadata = Request::new(Route::put("/users/{user_id}/metadata"), &metadata)?;
        let profile = self.request()?;
        let (has_profile, has_metadata) = (profile.has_body(), metadata.has_body());
        if has_profile {
            let response = clerk.send(profile).await?;
            if !has_metadata {
                return Ok(response.read()?);
            }
        }
        let replaced = clerk.send(metadata).await.and_then(|response| Ok(response.read()?));
        replaced.map_err(|error| {
            if !has_profile {
                return error;
            }
            Error::HalfDone {
                done: "All fields but the metadata were updated",
                undone: "the metadata was not replaced",
                error: Box::new(error),
            }
        })
    }
}

/// Delete a user with its sessions and memberships. Can't be undone. To only sign it out use
/// clerk_revoke_session.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct DeleteUser {
    user_id: Id,
}

impl Operation for DeleteUser {
    const NAME: &'static str = "clerk_delete_user";
    const TITLE: &'static str = "Delete user";
    const ROUTE: Route = Route::delete("/users/{user_id}");
    const LOOK: &'static str = "clerk_get_user";
    type Output = Deleted;

    fn output(&self, response: &Response) -> Result<Decoded<Deleted>, Error> {
        let mut answer: Decoded<Deleted> = response.read()?;
        // Clerk may leave the id out; it is the one that was asked for.
        answer.value.id.get_or_insert_with(|| self.user_id.as_str().to_owned());
        Ok(answer)
    }
}
