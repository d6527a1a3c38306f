//! Reading Clerk's answers by the fields of a row, leniently and in one pass: an unknown, missing
//! or wrong-typed field breaks nothing, and what could not be read is named. An answer full of
//! wrong types costs what a right one costs.

mod faults;
mod page;
#[cfg(test)]
mod tests;

use std::{borrow::Cow, fmt};

use clerk_api::{Error as ApiError, Response};
use serde::{
    Deserializer,
    de::{DeserializeSeed, IgnoredAny, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Number, Value};

use self::{
    faults::{Faults, ROW},
    page::PageSeed,
};
use super::{
    camel_case,
    date::UnixTime,
    field::{Field, FieldType, Fields, Presence, Rest, code},
    is_camel_of,
    record::{Datum, Record},
};

/// What was read, and what could not be.
#[derive(Debug)]
pub(crate) struct Read<T> {
    /// What was read.
    pub(crate) value: T,
    /// Notes for the reader of the result.
    pub(crate) notes: Vec<String>,
}

/// Why a value isn't what was asked for, as a clause.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Unreadable {
    /// It isn't JSON, or not of the right form.
    #[error("it isn't JSON of the right form ({0})")]
    Json(#[from] serde_json::Error),
    /// It is an object, but not the one that was asked for.
    #[error("it is not the object that was asked for")]
    OtherObject,
}

/// Reads the object in a response, on a thread of its own if it is large.
///
/// # Errors
/// The response isn't such an object.
pub(crate) async fn object_in(
    fields: &'static Fields,
    response: &Response,
) -> Result<Read<Record>, ApiError> {
    let read = |response: &Response| {
        object(fields, &response.body).map_err(|error| response.unreadable(error.to_string()))
    };
    response.read_by(read).await
}

/// Reads the page of a list in a response, on a thread of its own if it is large.
///
/// # Errors
/// The response isn't such a page.
pub(crate) async fn page_in(
    fields: &'static Fields,
    rows_in: &'static str,
    response: &Response,
) -> Result<Read<Page>, ApiError> {
    let read = move |response: &Response| {
        page(fields, rows_in, &response.body)
            .map_err(|error| response.unreadable(error.to_string()))
    };
    response.read_by(read).await
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
pub(crate) fn object(fields: &'static Fields, json: &[u8]) -> Result<Read<Record>, Unreadable> {
    let text = text(json);
    let mut deserializer = serde_json::Deserializer::from_str(&text);
    let read = object_from(fields, &mut deserializer, Names::Clerks)?;
    deserializer.end()?;
    Ok(read)
}

/// JSON as text, checked once: as bytes, each string in it would be checked by itself. A byte that is
/// no UTF-8 becomes U+FFFD.
fn text(json: &[u8]) -> Cow<'_, str> {
    str::from_utf8(json).map_or_else(|_| String::from_utf8_lossy(json), Cow::Borrowed)
}

/// Reads an object that this server composed, whose names are those that agents know.
///
/// # Errors
/// Why the value isn't such an object, as a clause.
pub(crate) fn composed(fields: &'static Fields, value: Value) -> Result<Read<Record>, Unreadable> {
    object_from(fields, value, Names::Ours)
}

fn object_from<'de, D: Deserializer<'de, Error = serde_json::Error>>(
    fields: &'static Fields,
    deserializer: D,
    names: Names,
) -> Result<Read<Record>, Unreadable> {
    let faults = Faults::default();
    let seed = DatumSeed { ty: FieldType::Object(fields), names, faults: &faults };
    match seed.deserialize(deserializer)? {
        Datum::Record(record) => Ok(Read { value: *record, notes: faults.notes() }),
        _ => Err(Unreadable::OtherObject),
    }
}

/// Reads a page of a list from JSON text, in either of Clerk's forms: a bare array, or an object
/// with the rows in a field of the name `rows_in` and perhaps `total_count`.
///
/// # Errors
/// Why the text isn't such a page, as a clause.
fn page(
    fields: &'static Fields,
    rows_in: &'static str,
    json: &[u8],
) -> Result<Read<Page>, Unreadable> {
    let faults = Faults::default();
    let text = text(json);
    let mut deserializer = serde_json::Deserializer::from_str(&text);
    let seed = PageSeed { fields, rows_in, faults: &faults };
    let page = seed.deserialize(&mut deserializer)?;
    deserializer.end()?;
    Ok(Read { value: page, notes: faults.notes() })
}

/// What is read of an object that says whether something is verified.
static VERIFICATION: Fields = Fields::closed(&[&[code("status")]]);

/// Whose names the fields have.
#[derive(Clone, Copy)]
enum Names {
    /// Clerk's, in snake_case.
    Clerks,
    /// Ours, as agents know them.
    Ours,
}

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

    fn number(self, number: Number) -> Datum {
        let is_whole = !number.is_f64();
        match (self.ty, number.as_f64().map(UnixTime::new)) {
            (FieldType::Time, Some(time)) if !is_whole || time.is_in_seconds() => {
                if time.is_in_seconds() {
                    self.faults.in_seconds();
                }
                Datum::Number(time.milliseconds().into())
            }
            (FieldType::Integer | FieldType::Time, _) if is_whole => Datum::Number(number),
            (FieldType::Number, _) => Datum::Number(number),
            _ => self.wrong(),
        }
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
        Ok(if self.is_free() { Datum::Json(value.into()) } else { self.number(value.into()) })
    }

    fn visit_u64<E>(self, value: u64) -> Result<Datum, E> {
        Ok(if self.is_free() { Datum::Json(value.into()) } else { self.number(value.into()) })
    }

    fn visit_f64<E>(self, value: f64) -> Result<Datum, E> {
        Ok(match self.ty {
            _ if self.is_free() => Datum::Json(value.into()),
            _ => Number::from_f64(value).map_or(Datum::Null, |number| self.number(number)),
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
                let read = self.record(&VERIFICATION, members)?;
                Ok(Datum::Bool(
                    matches!(read, Datum::Record(it) if it.text("status") == Some("verified")),
                ))
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
        if !self.faults.has_room_for(record.values.len()) {
            return Err(serde::de::Error::custom("it has too many values"));
        }
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
                At::Rest(name) => {
                    let value = members.next_value::<Value>()?;
                    record.rest.insert(name, value);
                }
                At::Dropped => _ = members.next_value::<IgnoredAny>()?,
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
    Dropped,
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
        let is_it = |(_, field): &(usize, &'static Field)| match self.names {
            Names::Clerks => field.wire == name,
            Names::Ours => is_camel_of(field.shown_as, name),
        };
        let numbered = || self.fields.iter().enumerate();
        let found = numbered().skip(self.next).find(is_it);
        let found = found.or_else(|| numbered().take(self.next).find(is_it));
        Ok(match (found, self.fields.rest) {
            (Some((index, field)), _) => At::Field(index, field),
            (None, Rest::Keep) => At::Rest(camel_case(name)),
            (None, Rest::Drop) => At::Dropped,
        })
    }
}
