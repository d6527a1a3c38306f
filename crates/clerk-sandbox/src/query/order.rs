//! Which part of a list a request wants: `limit`, `offset` and `order_by`.

use std::cmp::Ordering;

use super::{Query, without_plus};
use crate::refusal::FORM_PARAM_VALUE_INVALID;
use crate::reply::Paginated;

/// A page of a list.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) limit: usize,
    pub(crate) offset: usize,
}

impl Page {
    /// This page of the items in an order, with the number of all.
    pub(crate) fn list<T>(
        &self,
        items: impl Iterator<Item = T>,
        compare: impl FnMut(&T, &T) -> Ordering,
    ) -> Paginated<T> {
        let items: Vec<_> = items.collect();
        let total_count = items.len();
        Paginated { data: self.cut(items, compare), total_count }
    }

    /// The same, the greatest `age` (such as `created_at`) first.
    pub(crate) fn newest_first<T, A: Ord>(
        &self,
        items: impl Iterator<Item = T>,
        age: impl Fn(&T) -> A,
    ) -> Paginated<T> {
        self.list(items, |left, right| age(right).cmp(&age(left)))
    }

    /// The items of this page. Only those up to its end are sorted, which for a first page of a
    /// long list is a fraction of the work.
    pub(crate) fn cut<T>(
        &self,
        mut items: Vec<T>,
        mut compare: impl FnMut(&T, &T) -> Ordering,
    ) -> Vec<T> {
        let end = self.offset.saturating_add(self.limit);
        if end < items.len() {
            items.select_nth_unstable_by(end, &mut compare);
            items.truncate(end);
        }
        items.sort_unstable_by(compare);
        items.split_off(self.offset.min(items.len()))
    }
}

/// What a list is sorted by.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Order<K> {
    pub(crate) field: &'static str,
    /// How to find the value of an item.
    pub(crate) key: K,
    pub(crate) descending: bool,
}

impl<K> Order<K> {
    /// Compares two items, each by its value and its id. The ids settle ties, so that pages neither
    /// repeat nor skip an item.
    pub(crate) fn compare(
        &self,
        left: (Option<Key<'_>>, &str),
        right: (Option<Key<'_>>, &str),
    ) -> Ordering {
        compare(left.0, right.0, self.descending)
            .then_with(|| compare(Some(left.1), Some(right.1), self.descending))
    }
}

/// A value to sort by.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Key<'a> {
    Number(i64),
    Text(&'a str),
}

/// Compares two values in a direction; an item without one comes last in both.
fn compare<T: Ord>(left: Option<T>, right: Option<T>, descending: bool) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) if descending => right.cmp(&left),
        (Some(left), Some(right)) => left.cmp(&right),
        (left, right) => right.is_some().cmp(&left.is_some()),
    }
}

impl Query {
    pub(crate) fn page(&mut self) -> Page {
        self.page_of(500)
    }

    /// The same, of a list that has at most this many items on a page.
    pub(crate) fn page_of(&mut self, most: usize) -> Page {
        Page {
            limit: self.integer("limit", &(1..=most)).unwrap_or(10),
            offset: self.integer("offset", &(0..=usize::MAX)).unwrap_or(0),
        }
    }

    /// The order that `order_by` names, by a field of the table; without a sign it is ascending.
    /// Without `order_by` it is the default, descending.
    pub(crate) fn order<K: Copy>(
        &mut self,
        table: &[(&'static str, K)],
        default: (&'static str, K),
    ) -> Order<K> {
        let order = |(field, key), descending| Order { field, key, descending };
        let Some(text) = self.text("order_by") else {
            return order(default, true);
        };
        let (name, descending) = match text.strip_prefix('-') {
            Some(name) => (name, true),
            None => (without_plus(&text), false),
        };
        if let Some(entry) = table.iter().find(|(field, _)| *field == name) {
            return order(*entry, descending);
        }
        self.refuse_value(&FORM_PARAM_VALUE_INVALID, "order_by", &text);
        order(default, true)
    }
}
