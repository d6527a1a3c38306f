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
