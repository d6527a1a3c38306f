//! JSON Schemas of tools: derived from the Rust types, whole for our own check of the arguments,
//! and cut down to what every client takes.

use rmcp::{
    model::JsonObject,
    schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings},
};
use serde_json::{Value, json};

use super::Form;

/// The keywords that clients see. Some refuse a whole list of tools over others (`$ref`,
/// `format`, `anyOf`, null unions in inputs): rust-sdk#135, github/copilot-cli#4623.
const KEYWORDS: &[&str] = &[
    "type",
    "description",
    "properties",
    "required",
    "additionalProperties",
    "enum",
    "items",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "default",
];

/// The schema that a tool's arguments are checked against: all that the type says.
pub(super) fn of_input<T: JsonSchema>() -> JsonObject {
    let mut schema = generate(SchemaSettings::draft2020_12().for_deserialize(), T::json_schema);
    // A struct without fields has none, and clients want the keyword.
    schema.entry("properties").or_insert_with(|| json!({}));
    for property in properties(&mut schema) {
        // For an optional field schemars says "or null". Where null is a value of its own, the
        // type says so with `nullable` (see `Clearable`).
        drop_null(property);
    }
    schema
}

/// The schema of a tool's structured result, with `success`, which every result has.
/// A `note` may be there too: it is rare, and naming it would cost every client tokens.
///
/// Nothing is required: a result stays valid whatever fields it is cut down to.
pub(super) fn of_output<T: JsonSchema>(form: Form) -> JsonObject {
    let mut schema = generate(SchemaSettings::draft2020_12().for_serialize(), T::json_schema);
    walk(&mut schema, &mut |schema| {
        schema.shift_remove("required");
        for property in properties(schema) {
            property.shift_remove("default");
            property.shift_remove("minimum");
            // What a text, a flag or a number is, its name says: a type would cost every client
            // four to six tokens a field, some 900 in all. Lists and objects keep theirs.
            let is_nested = property.contains_key("items") || property.contains_key("properties");
            if !is_nested && property.get("type").is_some_and(|it| it != "array") {
                property.shift_remove("type");
            }
            drop_null(property);
        }
        if let Some(items) = schema.get_mut("items").and_then(Value::as_object_mut) {
            items.shift_remove("description");
            if items.contains_key("properties") {
                items.shift_remove("type");
            }
        }
        schema.retain(|keyword, _| KEYWORDS.contains(&keyword.as_str()));
        join_lines(schema);
    });
    schema.shift_remove("description");
    // A struct without fields has none.
    schema.entry("properties").or_insert_with(|| json!({}));
    if let Some(Value::Object(properties)) = schema.get_mut("properties") {
        if matches!(form, Form::List(_) | Form::Events | Form::Scan(_)) {
            properties.insert("hasMore".to_owned(), json!({}));
            properties.insert("nextOffset".to_owned(), json!({}));
        }
        properties.insert("success".to_owned(), json!({}));
    }
    schema
}

/// The output schema as clients list it: what a scan finds is concise, and a table speaks for
/// itself, so that the fields which a row might have are not worth their tokens.
pub(super) fn of_rows(mut output: JsonObject, form: Form) -> JsonObject {
    if let Form::Scan(rows) | Form::Table(rows) = form
        && let Some(items) = output
            .get_mut("properties")
            .and_then(|it| it.get_mut(rows)?.get_mut("items")?.as_object_mut())
    {
        items.retain(|keyword, _| keyword == "type");
    }
    output
}

/// Cuts an input schema down to what every client takes. Its description, which is the tool's,
/// comes apart.
pub(super) fn for_clients(mut schema: JsonObject) -> (String, JsonObject) {
    walk(&mut schema, &mut |schema| {
        if let Some(first) = schema.get("type").and_then(|it| it.get(0)).cloned() {
            schema.insert("type".to_owned(), first);
        }
        if schema.get("type").and_then(Value::as_str) != Some("array") {
            schema.shift_remove("items");
        }
        // Nobody gives a lower one, and it would be refused.
        if schema.get("minimum").is_some_and(|it| *it == 0 || *it == 1) {
            schema.shift_remove("minimum");
        }
        // This server refuses an unknown argument itself, and names the nearest.
        schema.shift_remove("additionalProperties");
        schema.retain(|keyword, _| KEYWORDS.contains(&keyword.as_str()));
        join_lines(schema);
    });
    let description = match schema.shift_remove("description") {
        Some(Value::String(text)) => text,
        _ => String::new(),
    };
    (description, schema)
}

fn generate(
    mut settings: SchemaSettings,
    schema: fn(&mut SchemaGenerator) -> Schema,
) -> JsonObject {
    settings.inline_subschemas = true;
    match schema(&mut settings.into_generator()).to_value() {
        Value::Object(schema) => schema,
        // A schema that is no object is `true`, which says nothing.
        _ => JsonObject::new(),
    }
}

fn named_properties(schema: &mut JsonObject) -> impl Iterator<Item = (&String, &mut JsonObject)> {
    let properties = schema.get_mut("properties").and_then(Value::as_object_mut);
    let properties = properties.into_iter().flat_map(|it| it.iter_mut());
    properties.filter_map(|(name, property)| Some((name, property.as_object_mut()?)))
}

fn properties(schema: &mut JsonObject) -> impl Iterator<Item = &mut JsonObject> {
    named_properties(schema).map(|(_, property)| property)
}

fn drop_null(schema: &mut JsonObject) {
    if let Some(Value::Array(types)) = schema.get_mut("type") {
        types.retain(|it| it != "null");
        if let [one] = types.as_slice() {
            let one = one.clone();
            schema.insert("type".to_owned(), one);
        }
    }
    if let Some(Value::Array(values)) = schema.get_mut("enum") {
        values.retain(|it| !it.is_null());
    }
}

/// Visits the schemas of all properties and items, then the schema itself.
fn walk(schema: &mut JsonObject, visit: &mut impl FnMut(&mut JsonObject)) {
    for property in properties(schema) {
        walk(property, visit);
    }
    if let Some(Value::Object(items)) = schema.get_mut("items") {
        walk(items, visit);
    }
    visit(schema);
}

/// schemars keeps the line breaks of a doc comment, which mean nothing.
fn join_lines(schema: &mut JsonObject) {
    if let Some(Value::String(text)) = schema.get_mut("description") {
        *text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    }
}
