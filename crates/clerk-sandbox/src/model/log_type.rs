//! The types of application logs, and the fields of their payloads.
//!
//! The names are Clerk's; it publishes the payloads of text messages only, the others are the
//! sandbox's own. <https://clerk.com/docs/guides/dashboard/logs/application-logs>

mod table;

use serde_json::{Map, Value};

pub(crate) use table::{LOG_TYPES, SMS_REASONS};

/// A type of logs.
#[derive(Debug)]
pub(crate) struct LogType {
    pub(crate) name: &'static str,
    pub(crate) family: &'static Family,
}

/// What logs of some types have in common. Paths lead to values in what a log is written about;
/// the first that is there counts.
#[derive(Debug)]
pub(crate) struct Family {
    /// To the ID of what is acted upon.
    pub(crate) subject: &'static [&'static str],
    /// To the ID of the user who acts, unless a backend does.
    pub(crate) user: &'static [&'static str],
    /// To the ID of the session.
    pub(crate) session: &'static [&'static str],
    /// Whether end users know of it, as opposed to what only the application's developers do.
    pub(crate) faces_end_users: bool,
    /// Whether the payload is the user, also if a response shows a part of the user only.
    pub(crate) shows_user: bool,
    pub(crate) fields: &'static [LogField],
}

/// A field of a payload.
#[derive(Debug)]
pub(crate) struct LogField {
    /// Names with dots between them.
    pub(crate) path: &'static str,
    pub(crate) kind: FieldKind,
    /// Whether some logs lack it.
    pub(crate) is_optional: bool,
    /// The values that a string may have; any if there are none.
    pub(crate) choices: &'static [&'static str],
}

/// What a field holds, besides null.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum FieldKind {
    Text,
    Integer,
    Flag,
}

impl FieldKind {
    /// As JSON Schema calls it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Text => "string",
            Self::Integer => "integer",
            Self::Flag => "boolean",
        }
    }

    /// The value that a filter's text stands for, if it stands for one.
    pub(crate) fn parse(self, text: &str) -> Option<Value> {
        match self {
            Self::Text => Some(text.into()),
            Self::Integer => text.parse::<i64>().ok().map(Value::from),
            Self::Flag => text.parse::<bool>().ok().map(Value::from),
        }
    }

    fn fits(self, value: &Value) -> bool {
        match self {
            Self::Text => value.is_string(),
            Self::Integer => value.is_i64() || value.is_u64(),
            Self::Flag => value.is_boolean(),
        }
    }
}

impl LogField {
    pub(super) const fn new(path: &'static str, kind: FieldKind) -> Self {
        Self { path, kind, is_optional: false, choices: &[] }
    }

    pub(super) const fn text(path: &'static str) -> Self {
        Self::new(path, FieldKind::Text)
    }

    pub(super) const fn integer(path: &'static str) -> Self {
        Self::new(path, FieldKind::Integer)
    }

    pub(super) const fn flag(path: &'static str) -> Self {
        Self::new(path, FieldKind::Flag)
    }

    pub(super) const fn of(path: &'static str, choices: &'static [&'static str]) -> Self {
        Self { choices, ..Self::text(path) }
    }

    pub(super) const fn optional(self) -> Self {
        Self { is_optional: true, ..self }
    }
}

impl Family {
    pub(super) const fn new(fields: &'static [LogField]) -> Self {
        Self {
            subject: &["id"],
            user: &["user_id"],
            session: &[],
            faces_end_users: true,
            shows_user: false,
            fields,
        }
    }

    /// The payload of a log about this: the fields that it has. What isn't declared, such as
    /// metadata and secrets, stays out.
    pub(crate) fn payload(&self, about: &Value) -> Map<String, Value> {
        let mut payload = Map::new();
        for field in self.fields {
            let value = at(about, field.path).filter(|value| field.kind.fits(value));
            if let Some(value) = value {
                put(&mut payload, field.path, value.clone());
            }
        }
        payload
    }
}

/// The value at a path such as `verification.status`.
pub(crate) fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, name| value.get(name))
}

/// The text at the first of some paths that leads to one.
pub(crate) fn first(value: &Value, paths: &[&str]) -> Option<String> {
    paths.iter().find_map(|path| at(value, path)?.as_str()).map(str::to_owned)
}

/// Puts a value at a path into an object.
pub(crate) fn put(object: &mut Map<String, Value>, path: &str, value: Value) {
    match path.split_once('.') {
        None => drop(object.insert(path.to_owned(), value)),
        Some((name, rest)) => {
            let inner = object.entry(name).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

/// The type with this name.
pub(crate) fn log_type(name: &str) -> Option<&'static LogType> {
    LOG_TYPES.iter().find(|kind| kind.name == name)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_payload_has_what_is_declared_and_no_more() {
        let about = json!({
            "id": "idn_1", "user_id": "user_1", "email_address": "jane@test.example",
            "verification": { "status": "verified", "strategy": "admin" },
            "deleted": "no flag", "private_metadata": { "secret": 1 },
        });
        let kind = log_type("email_address.created").unwrap();
        let payload = Value::Object(kind.family.payload(&about));
        let expected = json!({
            "id": "idn_1", "user_id": "user_1", "email_address": "jane@test.example",
            "verification": { "status": "verified" },
        });
        assert_eq!(payload, expected);
    }

    #[test]
    fn types_are_in_order_and_none_is_there_twice() {
        assert!(LOG_TYPES.is_sorted_by(|one, other| one.name < other.name));
    }
}
