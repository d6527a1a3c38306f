//! Where a response has values of a wrong type, and what else is odd about it.

use std::cell::{Cell, RefCell};

use crate::tool::date::IN_SECONDS;

/// How many places with a wrong type are named.
const PLACES: usize = 20;
/// How many values all records of a response may have, about 100 bytes each. A page of 500 users has
/// some 100,000.
const VALUES: usize = 1_000_000;

/// What is odd about a response: where wrong types were found, and that its times are in seconds.
#[derive(Default)]
pub(super) struct Faults {
    /// The names on the way to where the reading is now; `[]` for a row.
    path: RefCell<Vec<&'static str>>,
    places: RefCell<Vec<String>>,
    /// Whether there are further places than those that are named.
    has_more: Cell<bool>,
    in_seconds: Cell<bool>,
    /// How many values the records have so far.
    values: Cell<usize>,
}

impl Faults {
    pub(super) fn within<T>(&self, name: &'static str, read: impl FnOnce() -> T) -> T {
        self.path.borrow_mut().push(name);
        let value = read();
        self.path.borrow_mut().pop();
        value
    }

    /// Notes that a value is of a wrong type.
    pub(super) fn add(&self) {
        if self.has_more.get() {
            return;
        }
        let mut place = String::new();
        for name in self.path.borrow().iter() {
            if !place.is_empty() && *name != ROW {
                place.push('.');
            }
            place.push_str(name);
        }
        let mut places = self.places.borrow_mut();
        if !places.contains(&place) {
            self.has_more.set(places.len() >= PLACES);
            if places.len() < PLACES {
                places.push(place);
            }
        }
    }

    /// Whether there is room for a record of so many values: a few bytes of JSON can be very many
    /// records.
    pub(super) fn has_room_for(&self, values: usize) -> bool {
        self.values.set(self.values.get().saturating_add(values));
        self.values.get() <= VALUES
    }

    /// Notes that a time is in seconds.
    pub(super) fn in_seconds(&self) {
        self.in_seconds.set(true);
    }

    pub(super) fn notes(self) -> Vec<String> {
        let in_seconds = self.in_seconds.get().then(|| IN_SECONDS.to_owned());
        let places = self.places.into_inner().join(", ");
        let more = if self.has_more.get() { " and more" } else { "" };
        let wrong = (!places.is_empty()).then(|| {
            format!(
                "Clerk's answer has an unexpected type in {places}{more}: null or missing here."
            )
        });
        wrong.into_iter().chain(in_seconds).collect()
    }
}

pub(super) const ROW: &str = "[]";
