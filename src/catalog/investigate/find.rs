//! The user that has an email address.

use clerk_api::{Decoded, Page, Request, Route};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use crate::{Error, ctx::Ctx, text::clean_bytes};

/// How many users with one address are named.
const NAMED: u64 = 5;
/// How many bytes of an address or an id are said.
const SAID: usize = 100;

#[derive(Deserialize)]
struct Named {
    id: String,
}

/// The one user with this address, verified or not, read as `T`.
///
/// # Errors
/// [`Error::NotOneUser`] where there is none or more than one.
pub(crate) async fn only_user<T: DeserializeOwned + Send + 'static>(
    clerk: &Ctx,
    email: &str,
) -> Result<Decoded<T>, Error> {
    let fields = json!({ "email_address": [email], "limit": NAMED });
    let response = clerk.send(Request::new(Route::get("/users"), &fields)?).await?;
    let response = clerk.redacted(response).await?;
    let named: Decoded<Page<Named>> = response.page().await?;
    let mut users: Decoded<Page<T>> = response.page().await?;
    match (named.value.rows.as_slice(), users.value.rows.pop()) {
        ([_], Some(user)) => Ok(Decoded { value: user, notes: users.notes }),
        // A row that can't be read is someone.
        ([] | [_], _) if !named.notes.is_empty() || !users.notes.is_empty() => {
            Err(clerk_api::Error::Unreadable { status: 200, reason: users.notes.join(" ") }.into())
        }
        (named, _) => Err(Error::NotOneUser {
            email: clean_bytes(email, SAID),
            ids: named.iter().map(|user| clean_bytes(&user.id, SAID)).collect(),
        }),
    }
}
