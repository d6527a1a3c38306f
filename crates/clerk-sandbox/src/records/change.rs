//! Creating, updating and deleting records.

use super::Kind;
use crate::body::Fields;
use crate::model::Record;
use crate::refusal::{Error, Refusal};
use crate::reply::{self, Reply};
use crate::store::Store;

impl Kind {
    /// Creates a record from a request.
    pub(crate) fn create(&self, store: &mut Store, fields: Fields) -> Reply {
        let record = self.add(store, fields, Record::default())?;
        Ok(reply::json(&self.shown_once(store, &record)))
    }

    /// The same, with further fields that the request doesn't give.
    pub(crate) fn add(
        &self,
        store: &mut Store,
        fields: Fields,
        further: Record,
    ) -> Result<Record, Refusal> {
        let record = self.prepare(store, fields, further)?;
        store.records.put(self.table, record.clone());
        Ok(record)
    }

    /// The same, without keeping the record.
    pub(crate) fn prepare(
        &self,
        store: &mut Store,
        mut fields: Fields,
        further: Record,
    ) -> Result<Record, Refusal> {
        let mut record = Record::default();
        record.set("object", self.object);
        record.set("id", self.ids.next(store));
        self.fields.iter().for_each(|field| field.create(&mut fields, &mut record));
        record.0.extend(further.0);
        self.conflicts(store, &record).into_iter().for_each(|error| fields.refuse(error));
        fields.finish()?;
        let now = store.now();
        record.set("created_at", now);
        record.set("updated_at", now);
        (self.complete)(store, &mut record, None)?;
        Ok(record)
    }

    /// Updates the record with this id from a request.
    pub(crate) fn update(&self, store: &mut Store, id: &str, fields: Fields) -> Reply {
        let record = self.change(store, id, fields)?;
        Ok(self.reply(store, &record))
    }

    /// The same; returns the record.
    pub(crate) fn change(
        &self,
        store: &mut Store,
        id: &str,
        mut fields: Fields,
    ) -> Result<Record, Refusal> {
        let before = self.get(store, id)?.clone();
        let mut record = before.clone();
        self.fields.iter().for_each(|field| field.update(&mut fields, &mut record));
        self.conflicts(store, &record).into_iter().for_each(|error| fields.refuse(error));
        fields.finish()?;
        record.set("updated_at", store.now());
        (self.complete)(store, &mut record, Some(&before))?;
        store.records.put(self.table, record.clone());
        Ok(record)
    }

    /// Deletes the record with this id.
    pub(crate) fn delete(&self, store: &mut Store, id: &str) -> Reply {
        let record = self.get(store, id)?.clone();
        (self.remove)(store, &record)?;
        store.records.remove(self.table, id);
        Ok(reply::deleted(self.object, id))
    }

    fn conflicts(&self, store: &Store, record: &Record) -> Vec<Error> {
        let others = || self.all(store).filter(|other| other.id() != record.id());
        self.fields.iter().filter_map(|field| field.conflict(record, others())).collect()
    }
}
