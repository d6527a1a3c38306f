//! What was read of Clerk's objects: values in the order of their fields, without names.

use serde_json::{Map, Number, Value};

use super::{
    date,
    detail::Detail,
    field::{Field, FieldType, Fields, Level, Presence, Rest, Summary},
};
use crate::tokens;

/// The field of a person's object for the primary email address, which Clerk doesn't have.
pub(crate) const PRIMARY_EMAIL: &str = "primary_email_address";

/// One object, read by its fields.
#[derive(Clone, Debug)]
pub(crate) struct Record {
    pub(super) fields: &'static Fields,
    /// One for each field, in their order.
    pub(super) values: Vec<Datum>,
    /// What Clerk sent beside the declared fields, under camelCase names.
    pub(super) rest: Map<String, Value>,
}

/// One value of a record.
#[derive(Clone, Debug)]
pub(crate) enum Datum {
    /// Clerk did not send it.
    Missing,
    Null,
    Bool(bool),
    Number(Number),
    Text(String),
    List(Vec<Datum>),
    Record(Box<Record>),
    /// What has no declared form.
    Json(Value),
}

/// One member of an object as it is shown.
enum Part<'r> {
    Field(&'static Field, &'r Datum),
    Summary(String, Value),
    Rest(&'r str, &'r Value),
}

/// How much of an object is shown, and how its times are.
#[derive(Clone, Copy, Debug)]
pub(super) struct Look {
    pub(super) detail: Detail,
    /// Whether times are ISO 8601.
    pub(super) is_iso: bool,
}

impl Look {
    /// As a level of detail has it: a concise result is for reading, the others are in Clerk's form.
    pub(super) const fn at(detail: Detail) -> Self {
        Self { detail, is_iso: matches!(detail, Detail::Concise) }
    }
}

/// A string on its way out, and whether code relies on it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Trust {
    /// An id, an address or a word of Clerk's.
    Code,
    /// What people write.
    Text,
    /// A key, a token or a link that acts for a person.
    Secret,
}

impl Record {
    pub(super) fn new(fields: &'static Fields) -> Self {
        Self { fields, values: vec![Datum::Missing; fields.count()], rest: Map::new() }
    }

    /// The value of the field of this name at Clerk.
    pub(crate) fn get(&self, wire: &str) -> Option<&Datum> {
        let (_, value) = self.pairs().find(|(field, _)| field.wire == wire)?;
        Some(value)
    }

    /// The string in the field of this name at Clerk; an empty one counts as none.
    pub(crate) fn text(&self, wire: &str) -> Option<&str> {
        match self.get(wire)? {
            Datum::Text(text) if !text.is_empty() => Some(text),
            _ => None,
        }
    }

    /// Whether the field of this name at Clerk is true or false.
    pub(crate) fn bool(&self, wire: &str) -> Option<bool> {
        match self.get(wire)? {
            Datum::Bool(value) => Some(*value),
            _ => None,
        }
    }

    /// The whole number, or the time, in the field of this name at Clerk.
    pub(crate) fn integer(&self, wire: &str) -> Option<i64> {
        match self.get(wire)? {
            Datum::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    /// The metadata in the field of this name at Clerk.
    pub(crate) fn metadata(&self, wire: &str) -> Option<&Map<String, Value>> {
        match self.get(wire)? {
            Datum::Json(Value::Object(metadata)) => Some(metadata),
            _ => None,
        }
    }

    /// The objects in the field of this name at Clerk.
    pub(crate) fn objects(&self, wire: &str) -> impl Iterator<Item = &Self> {
        let items = match self.get(wire) {
            Some(Datum::List(items)) => items.as_slice(),
            Some(one @ Datum::Record(_)) => std::slice::from_ref(one),
            _ => &[],
        };
        items.iter().filter_map(|item| match item {
            Datum::Record(record) => Some(&**record),
            _ => None,
        })
    }

    /// The strings at a path of names at Clerk, in whatever lists there are on the way.
    pub(crate) fn texts_at(&self, path: &[&str]) -> Vec<&str> {
        match path {
            [] => Vec::new(),
            [wire] => self.text(wire).into_iter().collect(),
            [wire, below @ ..] => {
                self.objects(wire).flat_map(|object| object.texts_at(below)).collect()
            }
        }
    }

    /// The value of the field of this name at Clerk, as agents see it.
    pub(crate) fn value(&self, wire: &str) -> Option<Value> {
        let (field, value) = self.pairs().find(|(field, _)| field.wire == wire)?;
        Some(value.shown(field.ty, Look::at(Detail::Full)))
    }

    /// Sets the field of this name at Clerk.
    pub(crate) fn set(&mut self, wire: &str, datum: Datum) {
        let place = self.fields.iter().position(|field| field.wire == wire);
        if let Some(value) = place.and_then(|place| self.values.get_mut(place)) {
            *value = datum;
        }
    }

    /// Puts a string into a field that Clerk left out.
    pub(crate) fn fill(&mut self, wire: &str, text: &str) {
        if matches!(self.get(wire), Some(Datum::Missing | Datum::Null)) {
            self.set(wire, Datum::Text(text.to_owned()));
        }
    }

    pub(super) fn pairs(&self) -> impl Iterator<Item = (&'static Field, &Datum)> {
        self.fields.iter().zip(&self.values)
    }

    /// Visits each string with what it is, and each value without a declared form.
    pub(crate) fn visit(&mut self, text: &impl Fn(&mut String, Trust), json: &impl Fn(&mut Value)) {
        for (field, value) in self.fields.iter().zip(&mut self.values) {
            let trust = match field.ty {
                _ if field.secret => Trust::Secret,
                FieldType::Text | FieldType::Texts => Trust::Text,
                _ => Trust::Code,
            };
            value.visit(trust, text, json);
        }
        if !self.rest.is_empty() {
            let mut rest = Value::Object(std::mem::take(&mut self.rest));
            json(&mut rest);
            if let Value::Object(rest) = rest {
                self.rest = rest;
            }
        }
    }

    /// The object at a level of detail, under the names that agents know.
    pub(crate) fn at(&self, detail: Detail) -> Map<String, Value> {
        self.shown(Look::at(detail), false)
    }

    /// What the object costs at a level of detail, in tokens, without making it.
    pub(crate) fn cost(&self, detail: Detail) -> usize {
        self.shown_cost(Look::at(detail), false)
    }

    fn shown(&self, look: Look, is_nested: bool) -> Map<String, Value> {
        let is_there = |value: &&Datum| !matches!(value, Datum::Missing | Datum::Null);
        let mut shown = Map::with_capacity(self.values.iter().filter(is_there).count());
        self.parts(look.detail, is_nested, &mut |part| match part {
            Part::Field(field, value) => {
                _ = shown.insert(field.name(), value.shown(field.ty, look));
            }
            Part::Summary(name, value) => _ = shown.insert(name, value),
            Part::Rest(name, value) => _ = shown.insert(name.to_owned(), value.clone()),
        });
        shown
    }

    fn shown_cost(&self, look: Look, is_nested: bool) -> usize {
        let mut cost = 0;
        self.parts(look.detail, is_nested, &mut |part| {
            cost += match part {
                Part::Field(field, value) => {
                    tokens::of_field(field.shown_as, value.cost(field.ty, look))
                }
                Part::Summary(name, value) => tokens::of_member(&name, tokens::of(&value)),
                Part::Rest(name, value) => tokens::of_member(name, tokens::of(value)),
            };
        });
        tokens::of_members(cost)
    }

    /// Goes through what is shown at a level of detail, in its order.
    fn parts(&self, detail: Detail, is_nested: bool, take: &mut impl FnMut(Part<'_>)) {
        for (field, value) in self.pairs() {
            if let FieldType::Inline(_) = field.ty {
                if let Datum::Record(inner) = value {
                    inner.parts(detail, is_nested, take);
                }
                continue;
            }
            if self.shows(field, value, detail, is_nested) {
                take(Part::Field(field, value));
            }
            // Right behind the id, which comes first.
            if detail == Detail::Concise && field.level == Level::Identity {
                self.summary()
                    .into_iter()
                    .for_each(|(name, value)| take(Part::Summary(name, value)));
            }
        }
        if detail == Detail::Concise {
            return;
        }
        for (name, value) in &self.rest {
            if detail == Detail::Full || !value.is_null() {
                take(Part::Rest(name, value));
            }
        }
    }

    pub(super) fn shows(
        &self,
        field: &Field,
        value: &Datum,
        detail: Detail,
        is_nested: bool,
    ) -> bool {
        let is_null = matches!(value, Datum::Missing | Datum::Null);
        match detail {
            // In an object that is ours, what isn't always there is left out if it is null.
            Detail::Full if self.fields.rest == Rest::Drop => {
                !is_null || field.presence != Presence::Optional
            }
            Detail::Full => {
                !matches!(value, Datum::Missing) || field.presence != Presence::Optional
            }
            Detail::Standard if field.level == Level::Identity => !is_null && !is_nested,
            Detail::Standard => !is_null && field.level != Level::Full,
            Detail::Concise => match (field.level, value) {
                (Level::Identity | Level::Concise, Datum::Text(_))
                | (Level::Identity | Level::Concise | Level::Flag, Datum::Number(_)) => true,
                (Level::Flag, Datum::Bool(is_set)) => *is_set,
                (Level::Unless(other), Datum::Number(_)) => {
                    !matches!(self.get(other), Some(Datum::Number(_)))
                }
                _ => false,
            },
        }
    }

    /// What is in a concise result in place of several fields.
    pub(super) fn summary(&self) -> Vec<(String, Value)> {
        match self.fields.summary {
            Summary::None => Vec::new(),
            Summary::Person => {
                let name = self.full_name().map(|name| ("name".to_owned(), name.into()));
                let contact = self.contact().map(|(kind, value)| (kind.to_owned(), value.into()));
                name.into_iter().chain(contact).collect()
            }
        }
    }

    fn full_name(&self) -> Option<String> {
        let names: Vec<&str> =
            ["first_name", "last_name"].into_iter().filter_map(|wire| self.text_in(wire)).collect();
        (!names.is_empty()).then(|| names.join(" "))
    }

    /// A string here or in what is shown as a part of this.
    fn text_in(&self, wire: &str) -> Option<&str> {
        let mut inner = self.pairs().filter_map(|(field, value)| match (field.ty, value) {
            (FieldType::Inline(_), Datum::Record(inner)) => Some(inner),
            _ => None,
        });
        self.text(wire).or_else(|| inner.find_map(|inner| inner.text(wire)))
    }

    /// The identifier that a person without a primary email address is known by best.
    fn contact(&self) -> Option<(&'static str, &str)> {
        if self.text(PRIMARY_EMAIL).is_some() {
            return None;
        }
        let phone = || self.primary("phone_numbers", "phone_number", "primary_phone_number_id");
        self.text("username")
            .map(|name| ("username", name))
            .or_else(|| phone().map(|phone| ("phone", phone)))
    }

    /// Puts a person's primary email address, which Clerk names by its id only, into a field.
    pub(super) fn name_primary_email(&mut self) {
        if self.fields.summary != Summary::Person {
            return;
        }
        let Some(id) = self.text("primary_email_address_id") else { return };
        let named = self.objects("email_addresses").find(|email| email.text("id") == Some(id));
        let address = named.and_then(|email| email.text("email_address")).map(str::to_owned);
        if let Some(address) = address {
            self.fill(PRIMARY_EMAIL, &address);
        }
    }

    /// The value that `id` names among nested objects, else the first.
    fn primary(&self, list: &str, wire: &str, id: &str) -> Option<&str> {
        let id = self.text(id);
        let named = self.objects(list).find(|object| id.is_some() && object.text("id") == id);
        named.or_else(|| self.objects(list).next())?.text(wire)
    }
}

impl Summary {
    /// The names that it may add to an object, and what they are.
    pub(super) const fn fields(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Self::None => &[],
            Self::Person => &[
                ("name", "First and last name, at concise detail."),
                ("phone", "The primary phone number, at concise detail, if there is no email."),
            ],
        }
    }
}

/// A time as people read it.
fn iso(time: &Number) -> String {
    time.as_i64().map_or_else(|| time.to_string(), date::iso)
}

impl Datum {
    fn visit(
        &mut self,
        trust: Trust,
        text: &impl Fn(&mut String, Trust),
        json: &impl Fn(&mut Value),
    ) {
        match self {
            Self::Text(string) => text(string, trust),
            Self::List(items) => items.iter_mut().for_each(|item| item.visit(trust, text, json)),
            Self::Record(record) => record.visit(text, json),
            Self::Json(value) => json(value),
            Self::Missing | Self::Null | Self::Bool(_) | Self::Number(_) => {}
        }
    }

    /// What it costs in tokens.
    fn cost(&self, ty: FieldType, look: Look) -> usize {
        match self {
            Self::Missing | Self::Null | Self::Bool(_) => tokens::OF_WORD,
            Self::Number(number) if look.is_iso && matches!(ty, FieldType::Time) => {
                tokens::of_text(&iso(number))
            }
            Self::Number(number) => tokens::of_number(number),
            Self::Text(text) => tokens::of_text(text),
            Self::List(items) => tokens::of_items(items.iter().map(|item| item.cost(ty, look))),
            Self::Record(record) => record.shown_cost(look, true),
            Self::Json(value) => tokens::of(value),
        }
    }

    pub(super) fn shown(&self, ty: FieldType, look: Look) -> Value {
        match self {
            Self::Missing | Self::Null => Value::Null,
            Self::Bool(value) => (*value).into(),
            Self::Number(number) if look.is_iso && matches!(ty, FieldType::Time) => {
                iso(number).into()
            }
            Self::Number(number) => Value::Number(number.clone()),
            Self::Text(text) => text.as_str().into(),
            Self::List(items) => items.iter().map(|item| item.shown(ty, look)).collect(),
            Self::Record(record) => record.shown(look, true).into(),
            Self::Json(value) => value.clone(),
        }
    }
}
