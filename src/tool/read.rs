//! Reading Clerk's answers by the fields of a row, leniently and in one pass: an unknown, missing
//! or wrong-typed field breaks nothing, and what could not be read is named. An answer full of
//! wrong types costs what a right one costs.

use std::{cell::RefCell, fmt};

use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

use super::{
    camel_case,
    field::{Field, FieldType, Fields, Presence, Rest},
    is_camel_of,
    record::{Datum, Record},
};

/// How many places with a wrong type are named.
const PLACES: usize = 20;

/// What was read, and what could not be.
#[derive(Debug)]
pub(crate) struct Read<T> {
    /// What was read.
    pub(crate) value: T,
    /// Notes for the reader of the result.
    pub(crate) notes: Vec<String>,
}

/// One page of a list.
#[derive(Debug, Default)]
pub(crate) struct Page {
    /// The rows, in Clerk's order.
    pub(crate) rows: Vec<Record>,
    /// How many rows the whole list has, if Clerk says it.
    pub(crate) total: Option<u64>,
}

/// Reads an object from JSON text.
///
/// # Errors
/// Why the text isn't such an object, as a clause.
pub(crate) fn object(fields: &'static Fields, json: &[u8]) -> Result<Read<Record>, String> {
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let read = object_from(fields, &mut deserializer, Names::Clerks)?;
    deserializer.end().map_err(|error| unreadable(&error))?;
    Ok(read)
}

/// Reads an object that this server composed, whose names are those that agents know.
///
/// # Errors
/// Why the value isn't such an object, as a clause.
pub(crate) fn composed(fields: &'static Fields, value: Value) -> Result<Read<Record>, String> {
    object_from(fields, value, Names::Ours)
}

fn object_from<'de, D: Deserializer<'de>>(
    fields: &'static Fields,
    deserializer: D,
    names: Names,
) -> Result<Read<Record>, String> {
    let faults = Faults::default();
    let seed = DatumSeed { ty: FieldType::Object(fields), names, faults: &faults };
    match seed.deserialize(deserializer).map_err(|error| unreadable(&error))? {
        Datum::Record(record) => Ok(Read { value: *record, notes: faults.notes() }),
        _ => Err("it is not the object that was asked for".to_owned()),
    }
}

/// Reads a page of a list from JSON text, in either of Clerk's forms: a bare array, or an object
/// with the rows in a field of the name `rows_in` and perhaps `total_count`.
///
/// # Errors
/// Why the text isn't such a page, as a clause.
pub(crate) fn page(
    fields: &'static Fields,
    rows_in: &'static str,
    json: &[u8],
) -> Result<Read<Page>, String> {
    let faults = Faults::default();
    let mut deserializer = serde_json::Deserializer::from_slice(json);
    let seed = PageSeed { fields, rows_in, faults: &faults };
    let page = seed.deserialize(&mut deserializer).map_err(|error| unreadable(&error))?;
    deserializer.end().map_err(|error| unreadable(&error))?;
    Ok(Read { value: page, notes: faults.notes() })
}

fn unreadable(error: &impl fmt::Display) -> String {
    format!("it isn't JSON of the right form ({error})")
}

/// Whose names the fields have.
#[derive(Clone, Copy)]
enum Names {
    /// Clerk's, in snake_case.
    Clerks,
    /// Ours, as agents know them.
    Ours,
}

/// Where wrong types were found.
#[derive(Default)]
struct Faults {
    /// The names on the way to where the reading is now; `[]` for a row.
    path: RefCell<Vec<&'static str>>,
    places: RefCell<Vec<String>>,
}

impl Faults {
    fn within<T>(&self, name: &'static str, read: impl FnOnce() -> T) -> T {
        self.path.borrow_mut().push(name);
        let value = read();
        self.path.borrow_mut().pop();
        value
    }

    fn add(&self) {
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

    fn notes(self) -> Vec<String> {
        let places = self.places.into_inner();
        if places.is_empty() {
            return Vec::new();
        }
        let places = places.join(", ");
        vec![format!("Clerk's answer has an unexpected type in {places}: null or missing here.")]
    }
}

const ROW: &str = "[]";

/// Reads one value as what its field holds; anything else becomes null.
#[derive(Clone, Copy)]
struct DatumSeed<'f> {
    ty: FieldType,
    names: Names,
    faults: &'f Faults,
}

impl DatumSeed<'_> {
    fn wrong(self) -> Datum {
        self.faults.add();
        Datum::Null
    }

    fn is_free(self) -> bool {
        matches!(self.ty, FieldType::Any | FieldType::Json)
    }

    fn number<N: Into<Value>>(self, number: N) -> Datum {
        let (Value::Number(number), FieldType::Integer | FieldType::Time | FieldType::Number) =
            (number.into(), self.ty)
        else {
            return self.wrong();
        };
        Datum::Number(number)
    }
}

impl<'de> DeserializeSeed<'de> for DatumSeed<'_> {
    type Value = Datum;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Datum, D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for DatumSeed<'_> {
    type Value = Datum;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON value")
    }

    fn visit_unit<E>(self) -> Result<Datum, E> {
        Ok(match self.ty {
            FieldType::Verified => Datum::Bool(false),
            _ => Datum::Null,
        })
    }

    fn visit_bool<E>(self, value: bool) -> Result<Datum, E> {
        Ok(match self.ty {
            FieldType::Bool => Datum::Bool(value),
            _ if self.is_free() => Datum::Json(value.into()),
            _ => self.wrong(),
        })
    }

    fn visit_i64<E>(self, value: i64) -> Result<Datum, E> {
        Ok(if self.is_free() { Datum::Json(value.into()) } else { self.number(value) })
    }

    fn visit_u64<E>(self, value: u64) -> Result<Datum, E> {
        Ok(if self.is_free() { Datum::Json(value.into()) } else { self.number(value) })
    }

    fn visit_f64<E>(self, value: f64) -> Result<Datum, E> {
        Ok(match self.ty {
            _ if self.is_free() => Datum::Json(value.into()),
            FieldType::Number => Number::from_f64(value).map_or(Datum::Null, Datum::Number),
            _ => self.wrong(),
        })
    }

    fn visit_str<E: serde::de::Error>(self, value: &str) -> Result<Datum, E> {
        self.visit_string(value.to_owned())
    }

    fn visit_string<E: serde::de::Error>(self, value: String) -> Result<Datum, E> {
        Ok(match self.ty {
            FieldType::Code | FieldType::Text => Datum::Text(value),
            _ if self.is_free() => Datum::Json(value.into()),
            _ => self.wrong(),
        })
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Datum, A::Error> {
        let item = match self.ty {
            FieldType::Codes => FieldType::Code,
            FieldType::Texts => FieldType::Text,
            FieldType::Objects(fields) => FieldType::Object(fields),
            FieldType::Any | FieldType::Json => {
                let mut values = Vec::new();
                while let Some(value) = items.next_element::<Value>()? {
                    values.push(self.free(value));
                }
                return Ok(Datum::Json(values.into()));
            }
            _ => {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                return Ok(self.wrong());
            }
        };
        let seed = DatumSeed { ty: item, ..self };
        Ok(Datum::List(rows(seed, items)?))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Datum, A::Error> {
        match self.ty {
            FieldType::Object(fields) | FieldType::Inline(fields) => self.record(fields, members),
            FieldType::Verified => {
                let mut is_verified = false;
                while let Some(name) = members.next_key::<String>()? {
                    let value = members.next_value::<Value>()?;
                    is_verified |= name == "status" && value == "verified";
                }
                Ok(Datum::Bool(is_verified))
            }
            FieldType::Metadata | FieldType::Any | FieldType::Json => {
                let mut object = Map::new();
                while let Some((name, value)) = members.next_entry::<String, Value>()? {
                    let name =
                        if matches!(self.ty, FieldType::Any) { camel_case(&name) } else { name };
                    object.insert(name, self.free(value));
                }
                Ok(Datum::Json(object.into()))
            }
            _ => {
                while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(self.wrong())
            }
        }
    }
}

impl DatumSeed<'_> {
    /// A value without a declared form.
    fn free(self, value: Value) -> Value {
        if !matches!(self.ty, FieldType::Any) {
            return value;
        }
        match value {
            Value::Object(object) => object
                .into_iter()
                .map(|(name, value)| (camel_case(&name), self.free(value)))
                .collect(),
            Value::Array(items) => items.into_iter().map(|item| self.free(item)).collect(),
            value => value,
        }
    }

    fn record<'de, A: MapAccess<'de>>(
        self,
        fields: &'static Fields,
        mut members: A,
    ) -> Result<Datum, A::Error> {
        let mut record = Record::new(fields);
        let mut next = 0;
        while let Some(place) = members.next_key_seed(Key { fields, names: self.names, next })? {
            match place {
                At::Field(index, field) => {
                    // Clerk's order is mostly the one that fields are declared in.
                    next = index + 1;
                    let seed = DatumSeed { ty: field.ty, ..self };
                    let value = self.faults.within(field.wire, || members.next_value_seed(seed))?;
                    if let Some(slot) = record.values.get_mut(index) {
                        *slot = value;
                    }
                }
                At::Rest(name) if fields.rest == Rest::Keep => {
                    let value = members.next_value::<Value>()?;
                    record.rest.insert(name, value);
                }
                At::Rest(_) => _ = members.next_value::<IgnoredAny>()?,
            }
        }
        let is_whole = fields.iter().zip(&record.values).all(|(field, value)| {
            let is_there = !matches!(value, Datum::Missing | Datum::Null);
            if field.presence == Presence::Required && !is_there {
                self.faults.within(field.wire, || self.faults.add());
            }
            field.presence != Presence::Required || is_there
        });
        Ok(if is_whole { Datum::Record(Box::new(record)) } else { Datum::Missing })
    }
}

/// The items of a list. An item that isn't a row is left out, with a note.
fn rows<'de, A: SeqAccess<'de>>(seed: DatumSeed<'_>, mut items: A) -> Result<Vec<Datum>, A::Error> {
    let mut rows = Vec::with_capacity(items.size_hint().unwrap_or(0).min(1_000));
    loop {
        let item = seed.faults.within(ROW, || items.next_element_seed(seed))?;
        match item {
            None => return Ok(rows),
            Some(Datum::Missing) => {}
            Some(Datum::Null) => {
                if matches!(seed.ty, FieldType::Object(_)) {
                    seed.faults.within(ROW, || seed.faults.add());
                }
            }
            Some(item) => rows.push(item),
        }
    }
}

/// A name in an object: the field that it is, or itself.
struct Key {
    fields: &'static Fields,
    names: Names,
    /// Where to look first.
    next: usize,
}

enum At {
    Field(usize, &'static Field),
    Rest(String),
}

impl<'de> DeserializeSeed<'de> for Key {
    type Value = At;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<At, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Key {
    type Value = At;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a name")
    }

    fn visit_str<E>(self, name: &str) -> Result<At, E> {
        let numbered = || self.fields.iter().enumerate();
        let is_it = |(_, field): &(usize, &'static Field)| match self.names {
            Names::Clerks => field.wire == name,
            Names::Ours => is_camel_of(field.shown_as, name),
        };
        let found = numbered().skip(self.next).find(is_it).or_else(|| numbered().find(is_it));
        Ok(match found {
            Some((index, field)) => At::Field(index, field),
            None => At::Rest(camel_case(name)),
        })
    }
}

struct PageSeed<'f> {
    fields: &'static Fields,
    rows_in: &'static str,
    faults: &'f Faults,
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

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tool::{
        detail::Detail,
        field::{boolean, code, objects},
    };

    static MAIL: Fields = Fields::closed(&[&[code("id"), boolean("banned")]]);
    static ROW_FIELDS: Fields =
        Fields::closed(&[&[code("id").required(), boolean("banned"), objects("mails", &MAIL)]]);

    fn rows_of(body: &Value) -> (Value, Vec<String>) {
        let read = page(&ROW_FIELDS, "data", body.to_string().as_bytes()).unwrap();
        let rows = read.value.rows.iter().map(|row| Value::Object(row.at(Detail::Full)));
        (rows.collect(), read.notes)
    }

    #[test]
    fn unknown_and_missing_fields_are_nothing_special() {
        let body = json!({ "id": "a", "new": { "x": 1 } });
        let read = object(&ROW_FIELDS, body.to_string().as_bytes()).unwrap();
        assert_eq!(Value::Object(read.value.at(Detail::Full)), json!({ "id": "a" }));
        assert!(read.notes.is_empty());
    }

    #[test]
    fn wrong_typed_fields_become_null_and_are_named_once() {
        let (rows, notes) = rows_of(&json!([
            { "id": "a", "banned": "yes" },
            { "id": "b", "banned": true },
            { "id": "c", "banned": 1 },
            { "id": 4 },
            null,
            { "banned": true },
            { "id": "d", "mails": [{ "id": "m", "banned": {} }, 5] },
        ]));
        let expected = json!([
            { "id": "a" }, { "id": "b", "banned": true }, { "id": "c" },
            { "id": "d", "mails": [{ "id": "m" }] },
        ]);
        assert_eq!(rows, expected);
        assert_eq!(notes.len(), 1);
        for place in ["[].banned", "[].id", "[].mails[].banned", "[].mails[]"] {
            assert!(notes[0].contains(place), "{}", notes[0]);
        }
    }

    #[test]
    fn both_forms_of_a_list_are_read() {
        let read = |body: Value| {
            let read = page(&ROW_FIELDS, "data", body.to_string().as_bytes()).unwrap();
            (read.value.rows.len(), read.value.total, read.notes.len())
        };
        assert_eq!(read(json!([{ "id": "a" }])), (1, None, 0));
        assert_eq!(read(json!({ "data": [{ "id": "a" }], "total_count": 7 })), (1, Some(7), 0));
        assert_eq!(read(json!({ "data": [{ "id": "a" }], "total_count": "7" })), (1, None, 1));
    }

    #[test]
    fn an_answer_that_is_something_else_is_an_error() {
        for body in
            ["", "<html>", "[{\"id\":", "7", "null", "{\"object\":\"x\"}", "{\"id\":null}", "[]"]
        {
            assert!(object(&ROW_FIELDS, body.as_bytes()).is_err(), "{body}");
        }
        for body in ["", "{}", "7", "{\"data\":7}", "[{}] []"] {
            assert!(page(&ROW_FIELDS, "data", body.as_bytes()).is_err(), "{body}");
        }
    }
}
