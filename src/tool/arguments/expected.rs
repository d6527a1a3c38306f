//! What a type asks for, in the words of an error.

use serde_json::Value;

use super::SHOWN;
use crate::tool::{
    handle::Handle,
    kind::{Form, Kind},
    param::{Param, Type},
};

/// What a parameter asks for, in words: its type, and the whole form of its id if that is checked.
pub(super) fn wanted(param: &Param) -> String {
    let forms: Vec<String> = exact_forms(param).map(Form::words).collect();
    let expected = expected(&param.ty);
    if forms.is_empty() {
        expected
    } else {
        format!("{expected}; the whole ID is {}", forms.join(", or "))
    }
}

/// Whether an id has one of the forms that its parameter asks for. What is given in
/// place of an id is looked up first.
pub(super) fn is_whole(param: &Param, id: &str) -> bool {
    let mut forms = exact_forms(param).peekable();
    let is_handle =
        || matches!(param.ty, Type::Id { kinds, .. } if Handle::of(kinds, id).is_some());
    forms.peek().is_none() || forms.any(|form| form.holds(id)) || is_handle()
}

/// The forms of which its id must have one; none if they aren't checked.
fn exact_forms(param: &Param) -> impl Iterator<Item = Form> {
    let kinds = match param.ty {
        Type::Id { kinds, .. } if param.exact => kinds,
        _ => &[],
    };
    kinds.iter().filter_map(|kind| kind.form())
}

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
        Type::Login { .. } => {
            "an email address, a phone number such as +15550100, or a username".to_owned()
        }
        Type::Identifier { .. } => {
            "an email address, a domain, a phone number, a wallet or a username".to_owned()
        }
        Type::Text { min, max, format } => {
            let (words, limits) = (format.words(), range(u64::from(*min), of(*max)));
            match (&*words, &*limits) {
                ("", "") => "text".to_owned(),
                ("", limits) => format!("text{limits} characters"),
                (words, "") => words.to_owned(),
                (words, limits) => format!("{words},{limits} characters"),
            }
        }
        Type::Choice(choices) => format!("one of {}", choices.join(", ")),
        Type::Order(fields) => {
            format!("one of {}, with + before it to ascend or - to descend", fields.join(", "))
        }
        Type::Integer { min, max } => format!("a whole number{}", integer_range(*min, *max)),
        Type::Price { least } => format!("0 or a whole number of at least {least}"),
        Type::Bool => "true or false".to_owned(),
        Type::True => "true".to_owned(),
        Type::Time | Type::Timestamp { future: false } => {
            "a date such as 2026-01-31, or Unix milliseconds".to_owned()
        }
        Type::Timestamp { future: true } => {
            "a time in the future such as 2030-01-31T00:00:00Z".to_owned()
        }
        Type::List { max, .. } => {
            format!("a list of at most {max} texts, as an array or with commas between them")
        }
        Type::FieldNames => {
            "a list of at most 100 texts, as an array or with commas between them".to_owned()
        }
        Type::Object(_) | Type::Metadata { .. } | Type::Json | Type::Map { .. } => {
            "a JSON object".to_owned()
        }
        Type::Objects { min, max, .. } => match (*min, of(*max)) {
            (0, None) => "a list of JSON objects".to_owned(),
            (min @ 1.., Some(most)) => format!("a list of {min} to {most} JSON objects"),
            (min, max) => format!("a list{} JSON objects", range(u64::from(min), max)),
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
