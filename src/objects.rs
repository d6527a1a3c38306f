//! What Clerk answers with, as the tools give it on: read in snake_case, written in camelCase.
//!
//! Every field is optional but the id, without which an answer is no such object. A field that
//! Clerk gives as null or not at all is null (`serialize_always`); one that Clerk always gives is
//! left out should it be missing. Times are Unix milliseconds. A doc comment on a field goes into the tool's output schema and costs every
//! client tokens; it stands where the name does not say enough.

mod membership;
mod organization;
mod session;
mod user;

pub(crate) use membership::Membership;
pub(crate) use organization::Organization;
pub(crate) use session::Session;
pub(crate) use user::{ChangedUser, ListedUser, User};

use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

/// What is left of a deleted object.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub(crate) struct Deleted {
    pub(crate) id: Option<String>,
    object: Option<String>,
    deleted: Option<bool>,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use rmcp::schemars::generate::SchemaSettings;
    use serde::de::DeserializeOwned;
    use serde_json::{Map, Value, json};

    use super::*;

    /// A wire object with every field of `T`, and some that it does not know.
    fn wire<T: JsonSchema>() -> BoxedStrategy<Map<String, Value>> {
        let mut settings = SchemaSettings::draft2020_12().for_deserialize();
        settings.inline_subschemas = true;
        let schema = settings.into_generator().into_root_schema_for::<T>().to_value();
        let fields: Vec<_> = schema["properties"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(name, schema)| (Just(name.clone()), value(schema)))
            .collect();
        let unknown = (Just("object".to_owned()), Just(json!("thing")));
        (fields, unknown)
            .prop_map(|(fields, unknown)| fields.into_iter().rev().chain([unknown]).collect())
            .boxed()
    }

    fn value(schema: &Value) -> BoxedStrategy<Value> {
        let kind = schema["type"].as_str().or(schema["type"][0].as_str()).unwrap_or("object");
        match kind {
            "string" => ".{0,12}".prop_map(Value::from).boxed(),
            "boolean" => any::<bool>().prop_map(Value::from).boxed(),
            "integer" => any::<i64>().prop_map(Value::from).boxed(),
            "array" => Just(json!([])).boxed(),
            _ => prop::collection::hash_map(".{0,6}", any::<i64>(), 0..3)
                .prop_map(|map| json!(map))
                .boxed(),
        }
    }

    /// What is written has each field that was read, under its tool's name and as it was.
    fn keeps<T: JsonSchema + DeserializeOwned + Serialize>(
        wire: &Map<String, Value>,
    ) -> Result<(), TestCaseError> {
        let read: T = serde_json::from_value(Value::Object(wire.clone())).unwrap();
        let written = serde_json::to_value(read).unwrap();
        // What is in the activity is shown by the fixtures: its schema does not name it.
        let is_compared = |name: &str| !matches!(name, "object" | "latest_activity");
        for (name, value) in wire.iter().filter(|(name, _)| is_compared(name)) {
            let name = crate::operation::camel_case(name);
            prop_assert_eq!(written.get(&name), Some(value), "{}", name);
        }
        Ok(())
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn a_user_loses_no_field(wire in wire::<User>()) { keeps::<User>(&wire)?; }

        #[test]
        fn a_listed_user_loses_no_field(wire in wire::<ListedUser>()) { keeps::<ListedUser>(&wire)?; }

        #[test]
        fn a_changed_user_loses_no_field(wire in wire::<ChangedUser>()) { keeps::<ChangedUser>(&wire)?; }

        #[test]
        fn an_organization_loses_no_field(wire in wire::<Organization>()) { keeps::<Organization>(&wire)?; }

        #[test]
        fn a_session_loses_no_field(wire in wire::<Session>()) { keeps::<Session>(&wire)?; }
    }
}
