//! Where a response has values of a wrong type.

use std::cell::RefCell;

/// How many places with a wrong type are named.
const PLACES: usize = 20;

/// Where wrong types were found.
#[derive(Default)]
pub(super) struct Faults {
    /// The names on the way to where the reading is now; `[]` for a row.
    path: RefCell<Vec<&'static str>>,
    places: RefCell<Vec<String>>,
}

impl Faults {
    pub(super) fn within<T>(&self, name: &'static str, read: impl FnOnce() -> T) -> T {
        self.path.borrow_mut().push(name);
        let value = read();
        self.path.borrow_mut().pop();
        value
    }

    pub(super) fn add(&self) {
        let mut places = self.places.borrow_mut();
        if places.len() >= PLACES {
            return;
        }
        let mut place = String::new();
        for name in self.path.borrow().iter() {
            if !place.is_empty() && *name != ROW {
                place.push('.');
            }
            place.push_str(name);
        }
        if !places.contains(&place) {
            places.push(place);
        }
    }

    pub(super) fn notes(self) -> Vec<String> {
        let places = self.places.into_inner();
        if places.is_empty() {
            return Vec::new();
        }
        let places = places.join(", ");
        vec![format!("Clerk's answer has an unexpected type in {places}: null or missing here.")]
    }
}

pub(super) const ROW: &str = "[]";
