//! Field types that inputs share.

use std::borrow::Cow;

use rmcp::{
    model::JsonObject,
    schemars::{JsonSchema, Schema, SchemaGenerator, json_schema},
};
use serde::{Deserialize, Deserializer, Serialize};

/// Values to filter by: a comma-separated string or an array, at most 100, never none.
/// Clerk takes no more than 100 of them.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct List(Vec<String>);

impl List {
    /// How many values there are.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    pub(crate) fn contains(&self, value: &str) -> bool {
        self.0.iter().any(|it| it == value)
    }

    /// The values.
    pub(crate) fn values(&self) -> &[String] {
        &self.0
    }

    /// Whether a value begins with `-`, which tells Clerk to leave its rows out.
    pub(crate) fn excludes(&self) -> bool {
        self.0.iter().any(|value| value.starts_with('-'))
    }
}

impl JsonSchema for List {
    fn schema_name() -> Cow<'static, str> {
        "List".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({
            "type": ["string", "array"],
            "items": { "type": "string" },
            "minItems": 1,
            "maxItems": 100,
        })
    }
}

/// A user's or an organization's metadata: any JSON object.
#[derive(Clone, Debug, Default, Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct Metadata(JsonObject);

impl Metadata {
    /// The object.
    pub(crate) fn object(&self) -> &JsonObject {
        &self.0
    }
}

impl JsonSchema for Metadata {
    fn schema_name() -> Cow<'static, str> {
        "Metadata".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object" })
    }
}

/// A field of an update that can be left as it is, cleared by null, or set.
///
/// Such a field carries `#[serde(default, skip_serializing_if = "Clearable::is_kept")]`.
#[derive(Clone, Debug, Default)]
pub(crate) enum Clearable<T> {
    #[default]
    Keep,
    Clear,
    Set(T),
}

impl<T> Clearable<T> {
    pub(crate) fn is_kept(&self) -> bool {
        matches!(self, Self::Keep)
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Clearable<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Clear, Self::Set))
    }
}

impl<T: Serialize> Serialize for Clearable<T> {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Keep | Self::Clear => serializer.serialize_none(),
            Self::Set(value) => value.serialize(serializer),
        }
    }
}

impl<T: JsonSchema> JsonSchema for Clearable<T> {
    fn schema_name() -> Cow<'static, str> {
        format!("Clearable{}", T::schema_name()).into()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let mut schema = T::json_schema(generator);
        schema.insert("nullable".to_owned(), true.into());
        schema
    }
}

/// A point in time: a date such as 2026-01-31, which is its first moment in UTC, an RFC 3339
/// timestamp, or Unix milliseconds. Clerk is sent milliseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(transparent)]
pub(crate) struct Date(pub(crate) i64);

impl Date {
    /// The `format` of its schema.
    pub(crate) const FORMAT: &str = "date";

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if text.bytes().all(|it| it.is_ascii_digit()) {
            // Milliseconds of this century; seconds would be a date in 1970.
            return text.parse().ok().filter(|it| *it >= 100_000_000_000).map(Self);
        }
        // A date alone has ten characters; a timestamp has more.
        let midnight = if text.len() == 10 { "T00:00:00Z" } else { "" };
        let time = format!("{text}{midnight}").parse::<jiff::Timestamp>();
        time.ok().map(|it| Self(it.as_millisecond()))
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("no date"))
    }
}

impl JsonSchema for Date {
    fn schema_name() -> Cow<'static, str> {
        "Date".into()
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "format": Self::FORMAT })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_date_is_read_in_each_form_and_nothing_else_is_one() {
        let day = 1_769_817_600_000;
        let cases = [
            ("2026-01-31", Some(day)),
            (" 2026-01-31 ", Some(day)),
            ("2026-01-31T01:00:00Z", Some(day + 3_600_000)),
            ("2026-01-31T01:00:00.5+01:00", Some(day + 500)),
            ("1769817600000", Some(day)),
            ("1769817600", None),
            ("2026-02-31", None),
            ("2026-01-31T01:00:00", None),
            ("yesterday", None),
            ("", None),
        ];
        for (text, time) in cases {
            assert_eq!(Date::parse(text).map(|it| it.0), time, "{text}");
        }
    }
}
