//! Reading a page of a list.

use std::fmt;

use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};

use serde_json::Value;

use super::{DatumSeed, Faults, Names, Page, rows};
use crate::tool::{
    field::{FieldType, Fields},
    record::{Datum, Record},
};

pub(super) struct PageSeed<'f> {
    pub(super) fields: &'static Fields,
    pub(super) rows_in: &'static str,
    pub(super) faults: &'f Faults,
}

impl<'de> DeserializeSeed<'de> for PageSeed<'_> {
    type Value = Page;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Page, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl PageSeed<'_> {
    fn seed(&self) -> RowsSeed<'_> {
        let ty = FieldType::Object(self.fields);
        RowsSeed { seed: DatumSeed { ty, names: Names::Clerks, faults: self.faults } }
    }
}

impl<'de> Visitor<'de> for PageSeed<'_> {
    type Value = Page;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list, or an object with one")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Page, A::Error> {
        Ok(Page { rows: self.seed().visit_seq(items)?, total: None })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Page, A::Error> {
        let mut rows = None;
        let mut total = None;
        while let Some(name) = members.next_key::<String>()? {
            if name == self.rows_in {
                rows = Some(members.next_value_seed(self.seed())?);
            } else if name == "total_count" {
                let value = members.next_value::<Value>()?;
                total = value.as_u64();
                if total.is_none() && !value.is_null() {
                    self.faults.within("total_count", || self.faults.add());
                }
            } else {
                members.next_value::<IgnoredAny>()?;
            }
        }
        let missing = || serde::de::Error::custom(format!("there is no `{}`", self.rows_in));
        Ok(Page { rows: rows.ok_or_else(missing)?, total })
    }
}

struct RowsSeed<'f> {
    seed: DatumSeed<'f>,
}

impl<'de> DeserializeSeed<'de> for RowsSeed<'_> {
    type Value = Vec<Record>;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Vec<Record>, D::Error> {
        deserializer.deserialize_seq(self)
    }
}

impl<'de> Visitor<'de> for RowsSeed<'_> {
    type Value = Vec<Record>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a list of rows")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, items: A) -> Result<Vec<Record>, A::Error> {
        let data = rows(self.seed, items)?;
        let records = data.into_iter().filter_map(|datum| match datum {
            Datum::Record(record) => Some(*record),
            _ => None,
        });
        Ok(records.collect())
    }
}
