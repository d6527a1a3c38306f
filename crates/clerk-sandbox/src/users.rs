//! `/users`.

mod belongings;
mod create;
mod filter;
mod image;
mod metadata;
mod password;
mod profile;
mod second_factor;
mod status;
mod traits;
mod update;

use std::cmp::Ordering;

use serde::Serialize;
use serde_json::json;

pub(crate) use belongings::{
    delete_external_account, delete_passkey, delete_web3_wallet, list_trusted_devices,
    revoke_trusted_device,
};
pub(crate) use create::{create, new_user};
pub(crate) use image::{delete_image, set_image};
pub(crate) use metadata::{merge_metadata, replace_metadata};
pub(crate) use password::{remove_password, set_compromised, unset_compromised, verify_password};
pub(crate) use profile::{required, taken};
pub(crate) use second_factor::{delete_backup_codes, delete_totp, disable_mfa, verify_totp};
pub(crate) use status::{ban, ban_all, lock, unban, unban_all, unlock};
pub(crate) use traits::Traits;
pub(crate) use update::update;

use crate::Sandbox;
use crate::model::{User, UserReply};
use crate::query::{Id, Key, NoQuery, Order, Page, Query};
use crate::refusal::{FORM_PARAM_VALUE_INVALID, FORM_RESOURCE_NOT_FOUND, Refusal};
use crate::reply::{self, Reply};
use crate::state::State;
use crate::store::Store;

use filter::Filter;

/// The value of a user that a list is sorted by.
type SortKey = fn(&User) -> Option<Key<'_>>;

const CREATED_AT: (&str, SortKey) = ("created_at", |user| Some(Key::Number(user.created_at)));

/// The fields of `order_by`.
const ORDERS: [(&str, SortKey); 10] = [
    CREATED_AT,
    ("updated_at", |user| Some(Key::Number(user.updated_at))),
    ("email_address", |user| {
        let email = user.email_addresses.first()?;
        Some(Key::Text(&email.address))
    }),
    ("web3wallet", |user| {
        let wallet = user.web3_wallets.first()?;
        Some(Key::Text(&wallet.address))
    }),
    ("first_name", |user| user.first_name.as_deref().map(Key::Text)),
    ("last_name", |user| user.last_name.as_deref().map(Key::Text)),
    ("phone_number", |user| {
        let phone = user.phone_numbers.first()?;
        Some(Key::Text(&phone.number))
    }),
    ("username", |user| user.username.as_deref().map(Key::Text)),
    ("last_active_at", |user| user.last_active_at.map(Key::Number)),
    ("last_sign_in_at", |user| user.last_sign_in_at.map(Key::Number)),
];

/// `GET /users`
pub(crate) async fn list(State(sandbox): State<Sandbox>, mut query: Query) -> Reply {
    let filter = Filter::read(&mut query);
    let page = query.page();
    let order = query.order(&ORDERS, CREATED_AT);
    let cursor = query.text("starting_after");
    if cursor.is_some() {
        check_cursor(&mut query, &order, &page);
    }
    query.finish()?;
    let store = sandbox.read();
    let last = cursor.map(|id| last_seen(&store, &id)).transpose()?;
    let users = match filter.narrow(&store) {
        None if order.field == CREATED_AT.0 => walk(&store, &filter, &page, &order, last),
        candidates => {
            let candidates = candidates.unwrap_or_else(|| store.users().values().collect());
            let is_ahead =
                |user: &User| last.is_none_or(|last| compare_users(user, last, &order).is_gt());
            let users =
                candidates.into_iter().filter(|user| is_ahead(user) && filter.passes(user, &store));
            page.cut(users.collect(), |left, right| compare_users(left, right, &order))
        }
    };
    let now = store.time();
    let users: Vec<_> = users.into_iter().map(|user| UserReply::at(user, now)).collect();
    Ok(reply::json(&users))
}

/// A page in the order in which users are kept, or in reverse: nothing is sorted, and without
/// filters only the users on the page are visited.
fn walk<'a>(
    store: &'a Store,
    filter: &Filter,
    page: &Page,
    order: &Order<SortKey>,
    last: Option<&User>,
) -> Vec<&'a User> {
    let all = store.users();
    let last = last.and_then(|last| all.get_index_of(&last.id));
    let (after, before) = match last {
        Some(index) => (index + 1.., ..index),
        None => (0.., ..all.len()),
    };
    let users: Box<dyn Iterator<Item = &User>> = if order.descending {
        Box::new(all.get_range(before).unwrap_or_default().values().rev())
    } else {
        Box::new(all.get_range(after).unwrap_or_default().values())
    };
    if filter.is_empty() {
        users.skip(page.offset).take(page.limit).collect()
    } else {
        let users = users.filter(|user| filter.passes(user, store));
        users.skip(page.offset).take(page.limit).collect()
    }
}

/// `GET /users/count`
pub(crate) async fn count(State(sandbox): State<Sandbox>, mut query: Query) -> Reply {
    let filter = Filter::read(&mut query);
    query.finish()?;
    let store = sandbox.read();
    let all = store.users();
    let total = match filter.narrow(&store) {
        Some(few) => few.into_iter().filter(|user| filter.passes(user, &store)).count(),
        None if filter.is_empty() => all.len(),
        None => all.values().filter(|user| filter.passes(user, &store)).count(),
    };
    Ok(reply::json(&json!({ "object": "total_count", "total_count": total })))
}

/// `GET /users/{user_id}`
pub(crate) async fn show(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    let store = sandbox.read();
    Ok(reply::json(&UserReply::at(store.user(&id)?, store.time())))
}

/// `DELETE /users/{user_id}`
pub(crate) async fn delete(State(sandbox): State<Sandbox>, Id(id): Id, _: NoQuery) -> Reply {
    let user = sandbox.write().remove_user(&id)?;
    Ok(reply::json(&DeletedObject {
        object: "user",
        id,
        deleted: true,
        external_id: user.external_id,
    }))
}

/// The response to a deletion. Clerk leaves out fields without a value.
#[derive(Debug, Serialize)]
struct DeletedObject {
    object: &'static str,
    id: String,
    deleted: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    external_id: Option<String>,
}

fn compare_users(left: &User, right: &User, order: &Order<SortKey>) -> Ordering {
    order.compare(((order.key)(left), &left.id), ((order.key)(right), &right.id))
}

fn check_cursor(query: &mut Query, order: &Order<SortKey>, page: &Page) {
    if order.field != CREATED_AT.0 {
        let sentence = "starting_after requires ordering by created_at.";
        query.refuse(FORM_PARAM_VALUE_INVALID.at("order_by", sentence));
    }
    if page.offset != 0 {
        let sentence = "starting_after can not be combined with a non-zero offset.";
        query.refuse(FORM_PARAM_VALUE_INVALID.at("offset", sentence));
    }
}

/// The user whom the previous page ended with. They need not pass the filters, only exist.
fn last_seen<'a>(store: &'a Store, id: &str) -> Result<&'a User, Refusal> {
    let missing = || {
        let sentence = format!("No user was found with id {id}");
        FORM_RESOURCE_NOT_FOUND.at("starting_after", sentence).into()
    };
    store.users().get(id).ok_or_else(missing)
}
