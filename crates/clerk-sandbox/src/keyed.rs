//! Lists of roles and of permissions, which have the same parameters.

use serde::Serialize;

use crate::query::{Key, Query};
use crate::reply::{self, Reply};

/// What a role or a permission is found and sorted by.
#[derive(Debug)]
pub(crate) struct Keyed<'a> {
    pub(crate) id: &'a str,
    pub(crate) name: &'a str,
    pub(crate) key: &'a str,
    pub(crate) created_at: i64,
}

type SortKey = for<'a> fn(&Keyed<'a>) -> Option<Key<'a>>;

const CREATED_AT: (&str, SortKey) = ("created_at", |item| Some(Key::Number(item.created_at)));

/// The fields of `order_by`.
const ORDERS: [(&str, SortKey); 3] = [
    CREATED_AT,
    ("name", |item| Some(Key::Text(item.name))),
    ("key", |item| Some(Key::Text(item.key))),
];

/// The page of the items that the query asks for.
pub(crate) fn list<T: Serialize>(
    mut query: Query,
    items: &[T],
    keyed: fn(&T) -> Keyed<'_>,
) -> Reply {
    let search = query.search();
    let page = query.page();
    let order = query.order(&ORDERS, CREATED_AT);
    query.finish()?;
    let found = items.iter().map(|item| (keyed(item), item));
    let found = found.filter(|(item, _)| search.finds(item.id, item.name, item.key));
    let list = page.list(found, |(left, _), (right, _)| {
        order.compare(((order.key)(left), left.id), ((order.key)(right), right.id))
    });
    Ok(reply::json(&list.map(|(_, item)| item)))
}
