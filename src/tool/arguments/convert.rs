//! Values in the forms that models write, brought into the form that a type asks for.

use std::borrow::Cow;

use clerk_api::Id;
use serde_json::{Number, Value};

use crate::tool::{
    camel_case,
    date::Date,
    handle::{Handle, is_address, signed},
    kind::Kind,
    param::{self, Relation, Type},
    snake_case,
};

/// How many characters a username may have at Clerk, in whatever policy an instance sets.
const LONGEST_USERNAME: usize = 256;

/// Where one scalar is wanted, the only one of a list, which may be JSON in a text.
pub(super) fn alone<'v>(ty: &Type, value: &'v Value) -> Cow<'v, Value> {
    let is_other =
        matches!(ty, Type::List { .. } | Type::FieldNames | Type::Metadata { .. } | Type::Json);
    let items = if is_other { None } else { array(value) };
    match items.as_deref() {
        Some([only]) => Cow::Owned(only.clone()),
        _ => Cow::Borrowed(value),
    }
}

/// Whether a text is a JSON list, which nobody means literally.
pub(super) fn is_list_in_text(value: &Value) -> bool {
    value.as_str().is_some_and(|text| text.trim_start().starts_with('[')) && array(value).is_some()
}

fn is_blank(value: &Value) -> bool {
    matches!(value, Value::String(text) if text.trim().is_empty())
}

/// A scalar value, in the form that its type asks for.
pub(super) fn single(ty: &Type, value: &Value) -> Option<Value> {
    match ty {
        Type::Integer { min, max } => integer(value)
            .filter(|number| number.as_i64().is_some_and(|number| (*min..=*max).contains(&number))),
        Type::Price { least } => integer(value)
            .filter(|number| number.as_i64().is_some_and(|cents| cents == 0 || cents >= *least)),
        Type::Bool => boolean(value),
        Type::True => boolean(value).filter(|value| *value == Value::Bool(true)),
        Type::Metadata { .. } | Type::Json => structure(value),
        Type::List { of, max } => list(of, *max, value),
        Type::FieldNames => list(&param::TEXT, 100, value),
        Type::Choice(choices) => {
            let word = text(value)?;
            spelled(word.trim(), |word| choices.contains(&word))
        }
        Type::Order(fields) => {
            let word = text(value)?;
            spelled(word.trim(), |word| fields.contains(&word.trim_start_matches(['+', '-'])))
                .filter(|order| order.as_str().is_some_and(|word| !word.starts_with("--")))
        }
        Type::Id { kinds, .. } => {
            let given = text(value)?;
            let handle = Some(given.trim()).filter(|given| Handle::of(kinds, given).is_some());
            handle.or_else(|| is_id(&given, kinds).then_some(given.as_str())).map(Value::from)
        }
        Type::Email { relation } => {
            text(value).filter(|text| is_address(signed(text, *relation).1)).map(Value::String)
        }
        Type::Identifier { .. } => text(value).map(Value::String),
        Type::Login { relation } => text(value).and_then(|text| login(text.trim(), *relation)),
        Type::Phone { relation } => text(value).and_then(|text| phone(&text, *relation)),
        Type::Text { min, max, format } => text(value)
            .filter(|text| within(text.chars().count(), *min, *max) && format.holds(text))
            .map(Value::String),
        Type::Time => text(value).filter(|text| Date::parse(text).is_some()).map(Value::String),
        Type::Timestamp { future } => text(value)
            .filter(|text| {
                Date::parse(text)
                    .is_some_and(|date| date.rfc3339().is_some() && (!future || date.is_future()))
            })
            .map(Value::String),
        Type::Object(_) | Type::Objects { .. } | Type::Map { .. } => None,
    }
}

pub(super) fn within(size: usize, min: u32, max: u32) -> bool {
    let size = u32::try_from(size).unwrap_or(u32::MAX);
    (min..=max).contains(&size)
}

/// A phone number without the spaces and marks that people write in it.
fn phone(text: &str, relation: Relation) -> Option<Value> {
    let plain: String =
        text.chars().filter(|letter| !letter.is_whitespace() && !"().".contains(*letter)).collect();
    // The sign of a filter may stand before that of the number.
    let sign = match relation {
        Relation::Filter if plain.starts_with("-+") || plain.starts_with("++") => plain.get(..1)?,
        _ => "",
    };
    let number = plain.get(sign.len()..)?.replace('-', "");
    let digits = number.strip_prefix('+')?;
    let is_number = (6..=15).contains(&digits.len())
        && digits.bytes().all(|byte| byte.is_ascii_digit())
        && !digits.starts_with('0');
    is_number.then(|| format!("{sign}{number}").into())
}

/// What a person signs in with, whichever of the three it is.
fn login(text: &str, relation: Relation) -> Option<Value> {
    let is_username = !text.is_empty()
        && text.chars().count() <= LONGEST_USERNAME
        && !text.chars().any(|letter| letter.is_whitespace() || letter.is_control());
    match text {
        _ if text.contains('@') => is_address(text).then(|| text.into()),
        _ if text.starts_with('+') => phone(text, relation),
        _ => is_username.then(|| text.into()),
    }
}

/// Whether a string can be an id of one of these kinds: fit for a path, and not with the prefix of
/// another kind.
fn is_id(id: &str, kinds: &[Kind]) -> bool {
    let has_own_prefix = kinds.iter().any(|kind| kind.has_prefix());
    let other = Kind::of_prefix(id).filter(|kind| has_own_prefix && !kinds.contains(kind));
    // A sign before an id is Clerk's way to leave its object out.
    Id::parse(id).is_ok() && !id.starts_with('-') && other.is_none()
}

/// A word in the spelling that fits, if it was written in the other one.
fn spelled(word: &str, fits: impl Fn(&str) -> bool) -> Option<Value> {
    let spellings = [word.to_owned(), snake_case(word), camel_case(word), word.to_lowercase()];
    spellings.into_iter().find(|spelling| fits(spelling)).map(Value::String)
}

fn integer(value: &Value) -> Option<Value> {
    let number = as_number(value)?;
    if number.is_i64() {
        return Some(number.into());
    }
    let float = number.as_f64().filter(|float| float.fract() == 0.0 && float.abs() < 9e15)?;
    #[expect(clippy::cast_possible_truncation, reason = "whole and well within an i64")]
    Some(Number::from(float as i64).into())
}

fn as_number(value: &Value) -> Option<Number> {
    match value {
        Value::Number(number) => Some(number.clone()),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

fn boolean(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(_) => Some(value.clone()),
        Value::String(text) => text.trim().parse::<bool>().ok().map(Value::Bool),
        _ => None,
    }
}

pub(super) fn structure(value: &Value) -> Option<Value> {
    match value {
        Value::Object(_) => Some(value.clone()),
        Value::String(text) => serde_json::from_str(text).ok().filter(Value::is_object),
        _ => None,
    }
}

pub(super) fn array(value: &Value) -> Option<Vec<Value>> {
    match value {
        Value::Array(items) => Some(items.clone()),
        Value::String(text) => serde_json::from_str(text).ok(),
        _ => None,
    }
}

fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        _ => None,
    }
}

fn list(of: &Type, max: u32, value: &Value) -> Option<Value> {
    let given = list_items(value)?;
    let converted: Option<Vec<Value>> = given.iter().map(|item| item_of(of, item)).collect();
    converted.filter(|items| within(items.len(), 0, max)).map(Value::Array)
}

/// The values of a list in any of its forms, trimmed and without those that are blank.
pub(super) fn list_items(value: &Value) -> Option<Vec<Value>> {
    let is_json = matches!(value, Value::String(text) if text.trim_start().starts_with('['));
    let items: Vec<Value> = match value {
        Value::Array(items) => items.clone(),
        value if is_json => array(value)?,
        value => text(value)?.split(',').map(Value::from).collect(),
    };
    let trimmed = items.into_iter().map(|item| match item {
        Value::String(text) => Value::String(text.trim().to_owned()),
        item => item,
    });
    Some(trimmed.filter(|item| !is_blank(item)).collect())
}

/// The first value of a list that isn't what the list holds, if it is one of the right length.
pub(super) fn misfit<'t>(ty: &'t Type, value: &Value) -> Option<(Value, &'t Type)> {
    let Type::List { of, max } = ty else { return None };
    let items = list_items(value)?;
    let misfit = items.iter().find(|item| item_of(of, item).is_none())?;
    let is_short = within(items.len(), 0, *max) && (misfit.is_string() || misfit.is_number());
    is_short.then(|| (misfit.clone(), *of))
}

/// One value of a list. Clerk reads a sign before an id or an address as "with" or "without".
fn item_of(of: &Type, item: &Value) -> Option<Value> {
    match of {
        Type::Id { kinds, relation: relation @ Relation::Filter } => text(item)
            .filter(|text| {
                let (_, text) = signed(text, *relation);
                Handle::of(kinds, text).is_some() || is_id(text, kinds)
            })
            .map(Value::String),
        Type::Text { .. } if is_list_in_text(item) => None,
        of => single(of, item),
    }
}
