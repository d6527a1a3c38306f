//! Resources that are alike: created, listed, shown, updated and deleted in the same manner. What
//! is particular to one stands in its [`Kind`], which is data.

mod change;
mod field;
mod list;

pub(crate) use field::{Field, Shape, Shown};
pub(crate) use list::{Envelope, Filter, List, Search};

use axum::response::Response;

use crate::model::Record;
use crate::refusal::{Code, RESOURCE_NOT_FOUND, Refusal};
use crate::reply;
use crate::store::Store;

/// A kind of resources.
pub(crate) struct Kind {
    /// What responses have as `object`.
    pub(crate) object: &'static str,
    /// Where the records are kept. Two kinds with one table are two views of the same records.
    pub(crate) table: &'static str,
    pub(crate) ids: Ids,
    /// What an error calls it.
    pub(crate) noun: &'static str,
    /// What an error is if there is none with an id.
    pub(crate) missing: &'static Code,
    /// What requests may give, and what records have besides.
    pub(crate) fields: &'static [Field],
    pub(crate) list: List,
    /// Kept fields that no response shows.
    pub(crate) hides: &'static [&'static str],
    /// Checks a record that was created or updated, and sets what follows from its fields. The last
    /// argument is the record as it was before an update.
    pub(crate) complete: fn(&mut Store, &mut Record, Option<&Record>) -> Result<(), Refusal>,
    /// Turns a record into what responses show.
    pub(crate) show: fn(&Store, &mut Record),
    /// Refuses a deletion, or deletes what belongs to the record as well.
    pub(crate) remove: fn(&mut Store, &Record) -> Result<(), Refusal>,
}

/// How ids are made of a prefix.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Ids {
    /// `ins_2…`, with 27 characters.
    Usual(&'static str),
    /// `ak_…`, with 32 hexadecimal digits.
    Hex(&'static str),
}

impl Kind {
    /// A kind without particulars.
    pub(crate) const fn new(
        object: &'static str,
        prefix: &'static str,
        noun: &'static str,
        fields: &'static [Field],
    ) -> Self {
        Self {
            object,
            table: object,
            ids: Ids::Usual(prefix),
            noun,
            missing: &RESOURCE_NOT_FOUND,
            fields,
            list: List::PLAIN,
            hides: &[],
            complete: |_, _, _| Ok(()),
            show: |_, _| {},
            remove: |_, _| Ok(()),
        }
    }

    pub(crate) fn get<'a>(&self, store: &'a Store, id: &str) -> Result<&'a Record, Refusal> {
        store.records.get(self.table, id).ok_or_else(|| self.none(id))
    }

    pub(crate) fn get_mut<'a>(
        &self,
        store: &'a mut Store,
        id: &str,
    ) -> Result<&'a mut Record, Refusal> {
        store.records.get_mut(self.table, id).ok_or_else(|| self.none(id))
    }

    pub(crate) fn none(&self, id: &str) -> Refusal {
        self.missing.because(format!("No {} exists with id: {id}", self.noun)).into()
    }

    pub(crate) fn all<'a>(&self, store: &'a Store) -> impl Iterator<Item = &'a Record> {
        store.records.all(self.table)
    }

    /// The first record that passes a test.
    pub(crate) fn find<'a>(
        &self,
        store: &'a Store,
        passes: impl Fn(&Record) -> bool,
    ) -> Option<&'a Record> {
        store.records.find(self.table, passes)
    }

    /// What responses show of a record.
    pub(crate) fn shown(&self, store: &Store, record: &Record) -> Record {
        self.view(store, record, |shown| shown == Shown::Always)
    }

    /// The same, with the secrets that Clerk shows once.
    pub(crate) fn shown_once(&self, store: &Store, record: &Record) -> Record {
        self.view(store, record, |shown| shown != Shown::Never)
    }

    /// The response that shows a record.
    pub(crate) fn reply(&self, store: &Store, record: &Record) -> Response {
        reply::json(&self.shown(store, record))
    }

    fn view(&self, store: &Store, record: &Record, shows: fn(Shown) -> bool) -> Record {
        let mut view = record.clone();
        (self.show)(store, &mut view);
        view.set("object", self.object);
        let hidden = self.fields.iter().filter(|field| !shows(field.shown));
        for name in hidden.map(|field| field.name).chain(self.hides.iter().copied()) {
            view.remove(name);
        }
        view
    }
}

impl Ids {
    pub(crate) fn next(self, store: &mut Store) -> String {
        match self {
            Self::Usual(prefix) => store.id(prefix),
            Self::Hex(prefix) => format!("{prefix}_{:032x}", store.number()),
        }
    }
}
