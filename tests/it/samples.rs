//! Arguments for a tool, made from what Clerk's OpenAPI file says of its operation.

use clerk_api::Route;
use clerk_mcp::{catalog, tool::Tool};
use serde_json::{Map, Value, json};
use testing::{Contract, Operation};

/// A tool that sends one operation of Clerk's.
pub(crate) struct Case {
    pub(crate) tool: &'static Tool,
    pub(crate) route: Route,
    pub(crate) operation: Operation<'static>,
}

/// All tools that have an operation of their own.
pub(crate) fn cases() -> impl Iterator<Item = Case> {
    catalog::all().filter_map(|(_, tool)| {
        let route = tool.route()?;
        let operation = Contract::clerk().find(route.method.as_str(), route.path)?;
        Some(Case { tool, route, operation })
    })
}

impl Case {
    /// The arguments that the file requires, or all of them.
    pub(crate) fn arguments(&self, all: bool) -> Value {
        let samples = self.operation.samples();
        let mut arguments = Map::new();
        for name in self.tool.wire_names() {
            let sample = match samples.get(name) {
                Some(sample) => Some(sample),
                None if self.tool.is_body(name) => samples.get(""),
                None => None,
            };
            let is_in_path = self.route.placeholders().any(|placeholder| placeholder == name);
            let is_required = is_in_path || self.tool.requires(name);
            if !all && !is_required {
                continue;
            }
            let is_time = name.ends_with("_after") || name.ends_with("_before");
            let schema = self.tool.argument_schema(name);
            let takes_one = schema.is_some_and(|schema| schema["type"] == "string");
            let value = match sample {
                _ if name == "order_by" => json!("-created_at"),
                Some((value, _)) if is_time && value.is_number() => json!(1_769_817_600_000_i64),
                Some((Value::Array(values), _)) if takes_one => values[0].clone(),
                _ if name == "file_base64" => json!("data:image/png;base64,iVBORw0KGgo="),
                Some((value, _)) if is_free(name) => value.clone(),
                Some((value, _)) => camel(value),
                None if is_in_path => json!("id_1"),
                None => continue,
            };
            // Without its prefix it would be a slug, which is looked up first.
            let is_organization = name.ends_with("organization_id") || name == "org_id";
            let is_slug = value.as_str().is_some_and(|id| !id.starts_with("org_"));
            let value = if is_organization && is_slug { json!("org_1") } else { value };
            arguments.insert(name_of(name), value);
        }
        arguments.into()
    }
}

/// Whether the fields of this value have names that the customer chooses.
fn is_free(name: &str) -> bool {
    ["metadata", "claims", "headers", "attributes"].iter().any(|end| name.ends_with(end))
}

/// A value of Clerk's with the names that clients see.
pub(crate) fn camel(value: &Value) -> Value {
    match value {
        Value::Object(object) => object
            .iter()
            .map(|(name, value)| {
                (name_of(name), if is_free(name) { value.clone() } else { camel(value) })
            })
            .collect(),
        Value::Array(items) => items.iter().map(camel).collect(),
        value => value.clone(),
    }
}

fn name_of(snake: &str) -> String {
    let mut camel = String::new();
    for (place, word) in snake.split('_').enumerate() {
        let (first, rest) = word.split_at(usize::from(place > 0 && !word.is_empty()));
        camel += &first.to_uppercase();
        camel += rest;
    }
    camel
}
