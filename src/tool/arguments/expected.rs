//! What a type asks for, in the words of an error.

use serde_json::Value;

use super::SHOWN;
use crate::tool::{kind::Kind, param::Type};

/// What a type asks for, in words.
pub(in crate::tool) fn expected(ty: &Type) -> String {
    match ty {
        Type::Id { kinds, .. } => match kinds {
            [Kind::User] => "a user's ID such as user_2ab, or an email address".to_owned(),
            [Kind::Organization] => {
                "an organization's ID such as org_2ab, a slug or a name".to_owned()
            }
            kinds if kinds.contains(&Kind::User) => {
                "an ID, an email address, a slug or the name of an organization".to_owned()
            }
            [kind] if kind.has_prefix() => {
                format!("{}'s id of letters, digits, `_`, `-` and `:`", kind.noun())
            }
            _ => "an id of letters, digits, `_`, `-` and `:`".to_owned(),
        },
        Type::Email { .. } => "an email address".to_owned(),
        Type::Phone { .. } => "a phone number such as +15550100".to_owned(),
        Type::Identifier { .. } => {
            "an email address, a domain, a phone number, a wallet or a username".to_owned()
        }
        Type::Text { min, max, format } => match (format.words(), range(u64::from(*min), of(*max)))
        {
            ("", limits) if limits.is_empty() => "text".to_owned(),
            ("", limits) => format!("text{limits} characters"),
            (words, _) => words.to_owned(),
        },
        Type::Choice(choices) => format!("one of {}", choices.join(", ")),
        Type::Order(fields) => {
            format!("one of {}, with + before it to ascend or - to descend", fields.join(", "))
        }
        Type::Integer { min, max } => format!("a whole number{}", integer_range(*min, *max)),
        Type::Bool => "true or false".to_owned(),
        Type::Time => "a date such as 2026-01-31, or Unix milliseconds".to_owned(),
        Type::List { max, .. } => {
            format!("a list of at most {max} texts, as an array or with commas between them")
        }
        Type::FieldNames => {
            "a list of at most 100 texts, as an array or with commas between them".to_owned()
        }
        Type::Object(_) | Type::Metadata { .. } | Type::Json => "a JSON object".to_owned(),
        Type::Objects { max, .. } => match of(*max) {
            Some(most) => format!("a list of at most {most} JSON objects"),
            None => "a list of JSON objects".to_owned(),
        },
    }
}

/// A limit on a size, if it is one.
const fn of(max: u32) -> Option<u64> {
    if max == u32::MAX { None } else { Some(max as u64) }
}

fn range(min: u64, max: Option<u64>) -> String {
    match (min, max) {
        (0, None) => String::new(),
        (0, Some(max)) => format!(" of at most {max}"),
        (min, None) => format!(" of at least {min}"),
        (min, Some(max)) => format!(" from {min} to {max}"),
    }
}

fn integer_range(min: i64, max: i64) -> String {
    match (min, max) {
        (i64::MIN, i64::MAX) => String::new(),
        (i64::MIN, max) => format!(" of at most {max}"),
        (min, i64::MAX) => format!(" of at least {min}"),
        (min, max) => format!(" from {min} to {max}"),
    }
}

/// The refused value, cut.
pub(super) fn shown(value: &Value) -> String {
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        None => format!(", not {text}"),
        Some((end, _)) => format!(", not {}…", text.get(..end).unwrap_or_default()),
    }
}
