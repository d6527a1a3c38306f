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
            let value = match self.tool.argument_schema(name) {
                _ if name == "file_base64" => json!("data:image/png;base64,iVBORw0KGgo="),
                Some(schema) if sample.is_some() || is_in_path => formed(&schema, true),
                _ => continue,
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

/// A value that a schema allows, as far as the schema tells: an example of a text stands behind
/// "such as".
pub(crate) fn formed(schema: &Value, all: bool) -> Value {
    if let Some(choices) = schema["enum"].as_array() {
        return choices[0].clone();
    }
    match schema["type"].as_str().unwrap() {
        "integer" => {
            let example = example(schema).and_then(|word| word.parse().ok());
            example.or(schema["minimum"].as_i64()).unwrap_or(1).into()
        }
        "boolean" => true.into(),
        "array" => json!([formed(&schema["items"], all)]),
        "object" => object(schema, all),
        _ => text(schema).into(),
    }
}

fn object(schema: &Value, all: bool) -> Value {
    let about = schema["description"].as_str().unwrap_or_default();
    if let Some((_, example)) = about.split_once("such as {") {
        let example = format!("{{{example}");
        return serde_json::Deserializer::from_str(&example).into_iter().next().unwrap().unwrap();
    }
    if let Some(of) = schema.get("additionalProperties").filter(|of| of.is_object()) {
        return json!({ "key": formed(of, all) });
    }
    let Some(properties) = schema["properties"].as_object() else { return json!({ "key": 1 }) };
    let required: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    // What clears an argument can't stand beside it.
    let wanted = properties
        .iter()
        .filter(|(name, _)| required.contains(&name.as_str()) || all && *name != "clear");
    let mut object = Map::new();
    for (name, schema) in wanted {
        let about = schema["description"].as_str().unwrap_or_default();
        let excluded = about.split_once("not with ").map_or("", |(_, rest)| rest);
        if !object.contains_key(excluded.trim_end_matches('.')) {
            object.insert(name.clone(), formed(schema, all));
        }
    }
    object.into()
}

/// The word behind "such as".
fn example(schema: &Value) -> Option<&str> {
    let (_, rest) = schema["description"].as_str()?.split_once("such as ")?;
    Some(rest.split_whitespace().next()?.trim_end_matches(['.', ';', ',', ':', ')', '…']))
}

fn text(schema: &Value) -> String {
    let size = |keyword: &str| schema[keyword].as_u64().and_then(|size| usize::try_from(size).ok());
    let text = example(schema).unwrap_or("sample-1");
    let padded = format!("{text:x<width$}", width = size("minLength").unwrap_or(0));
    padded.chars().take(size("maxLength").unwrap_or(usize::MAX)).collect()
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
