//! An identifier as an argument of a tool.

use std::{borrow::Cow, ops::Deref};

use rmcp::schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Serialize};

/// An identifier of Clerk's, or an organization's slug, that a tool takes.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(transparent)]
pub(crate) struct Id(clerk_api::Id);

impl Deref for Id {
    type Target = clerk_api::Id;

    fn deref(&self) -> &clerk_api::Id {
        &self.0
    }
}

impl JsonSchema for Id {
    fn schema_name() -> Cow<'static, str> {
        "Id".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "pattern": clerk_api::Id::PATTERN })
    }
}
