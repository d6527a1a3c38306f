//! Lists of a kind: their filters, orders and pages.

use serde_json::{Value, json};

use super::Kind;
use crate::model::Record;
use crate::query::{Key, Query};
use crate::reply::{self, Paginated, Reply};
use crate::store::Store;

/// What a kind's list takes, and the form of the response.
#[derive(Debug, Clone, Copy)]
pub(crate) struct List {
    pub(crate) envelope: Envelope,
    /// The greatest `limit`; 0 if the list has no pages.
    pub(crate) most: usize,
    /// Whether there is a parameter `paginated`.
    pub(crate) takes_paginated: bool,
    /// The field to sort by, and whether the greatest comes first.
    pub(crate) sort: (&'static str, bool),
    /// The fields that `order_by` takes; none if there is no such parameter.
    pub(crate) orders: &'static [&'static str],
    pub(crate) search: Option<Search>,
    pub(crate) filters: &'static [Filter],
}

/// The form of the response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Envelope {
    /// `data` and `total_count`.
    Data,
    /// An array, or the above if `paginated` is true.
    Bare,
    /// As the first, with another name than `data`.
    Named(&'static str),
}

/// A parameter that finds by text, without regard to case.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Search {
    pub(crate) parameter: &'static str,
    /// The fields that may contain the text.
    pub(crate) parts: &'static [&'static str],
    /// The fields that may be the text.
    pub(crate) wholes: &'static [&'static str],
}

/// A parameter that keeps the records whose field has its value: parameter and field.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Filter {
    Text(&'static str, &'static str),
    Flag(&'static str, &'static str),
    Choice(&'static str, &'static str, &'static [&'static str]),
    /// A parameter that is repeated.
    Any(&'static str, &'static str),
    /// The same, with `+` or `-` before each value.
    Signed(&'static str, &'static str),
}

impl List {
    pub(crate) const PLAIN: Self = Self {
        envelope: Envelope::Data,
        most: 500,
        takes_paginated: false,
        sort: ("created_at", true),
        orders: &[],
        search: None,
        filters: &[],
    };
    /// A list that is an array unless `paginated` is true.
    pub(crate) const BARE: Self =
        Self { envelope: Envelope::Bare, takes_paginated: true, ..Self::PLAIN };
    /// A list without parameters.
    pub(crate) const WHOLE: Self = Self { most: 0, ..Self::PLAIN };
}

impl Kind {
    /// The page of the records that the query asks for, of those that also pass a test.
    pub(crate) fn page(
        &self,
        store: &Store,
        mut query: Query,
        also: impl Fn(&Record) -> bool,
    ) -> Reply {
        let list = &self.list;
        let is_paginated = list.takes_paginated && query.flag("paginated") == Some(true);
        let page = (list.most > 0).then(|| query.page_of(list.most));
        let names: Vec<_> = list.orders.iter().map(|name| (*name, *name)).collect();
        let mut order =
            crate::query::Order { field: list.sort.0, key: list.sort.0, descending: list.sort.1 };
        if !names.is_empty() {
            order = query.order(&names, (list.sort.0, list.sort.0));
        }
        let search = list.search.map(|search| search.read(&mut query));
        let tests: Vec<_> = list.filters.iter().map(|filter| filter.read(&mut query)).collect();
        query.finish()?;
        let mut found: Vec<_> = self.all(store).collect();
        found.retain(|record| {
            also(record)
                && search.as_ref().is_none_or(|finds| finds(record))
                && tests.iter().all(|passes| passes(record))
        });
        let compare = |left: &&Record, right: &&Record| {
            let key = |record| (key(record, order.key), record.id());
            order.compare(key(left), key(right))
        };
        let total_count = found.len();
        let data = if let Some(page) = page {
            page.cut(found, compare)
        } else {
            found.sort_by(compare);
            found
        };
        let data: Vec<_> = data.into_iter().map(|record| self.shown(store, record)).collect();
        let list = Paginated { data, total_count };
        Ok(match self.list.envelope {
            Envelope::Bare => reply::list(&list, is_paginated),
            Envelope::Data => reply::json(&list),
            Envelope::Named(name) => {
                reply::json(&json!({ name: list.data, "total_count": total_count }))
            }
        })
    }
}

fn key<'a>(record: &'a Record, field: &str) -> Option<Key<'a>> {
    match record.get(field) {
        Value::String(text) => Some(Key::Text(text)),
        Value::Number(number) => number.as_i64().map(Key::Number),
        _ => None,
    }
}

impl Search {
    fn read(self, query: &mut Query) -> Box<dyn Fn(&Record) -> bool> {
        let Some(text) = query.text(self.parameter).map(|text| text.to_lowercase()) else {
            return Box::new(|_| true);
        };
        Box::new(move |record| {
            self.parts.iter().any(|name| record.text(name).to_lowercase().contains(&text))
                || self.wholes.iter().any(|name| record.text(name).eq_ignore_ascii_case(&text))
        })
    }
}

impl Filter {
    fn read(self, query: &mut Query) -> Box<dyn Fn(&Record) -> bool> {
        match self {
            Self::Text(parameter, field) => {
                let wanted = query.text(parameter);
                Box::new(move |record| {
                    wanted.as_ref().is_none_or(|wanted| record.text(field) == wanted)
                })
            }
            Self::Flag(parameter, field) => {
                let wanted = query.flag(parameter);
                Box::new(move |record| wanted.is_none_or(|wanted| record.is(field) == wanted))
            }
            Self::Choice(parameter, field, choices) => {
                let table: Vec<_> = choices.iter().map(|choice| (*choice, *choice)).collect();
                let wanted = query.choice(parameter, &table);
                Box::new(move |record| wanted.is_none_or(|wanted| record.text(field) == wanted))
            }
            Self::Any(parameter, field) => {
                let wanted = query.set(parameter);
                Box::new(move |record| {
                    wanted.as_ref().is_none_or(|wanted| wanted.contains(record.text(field)))
                })
            }
            Self::Signed(parameter, field) => {
                let wanted = query.signed_set(parameter);
                Box::new(move |record| wanted.allows(record.get(field).as_str()))
            }
        }
    }
}
