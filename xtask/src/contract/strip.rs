//! What of an OpenAPI file is contract and what is prose.

use serde_json::{Map, Value, map::Entry};

/// What becomes of the examples.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Examples {
    Keep,
    Drop,
}

/// What the keys of an object are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// Keywords of OpenAPI.
    Keywords,
    /// Names that the file gives to objects.
    Names,
    /// Names of properties, whose order is kept: it is the order of the documentation.
    Properties,
    /// Statuses or names of responses, each of which must have a description.
    Responses,
    /// Data, which stays as it is.
    Data,
}

/// The document without descriptions, summaries, links and the extensions of other tools, its keys
/// in alphabetical order. It stays valid OpenAPI.
pub(crate) fn document(document: &Value, examples: Examples) -> Value {
    strip(document, Place::Keywords, examples)
}

fn strip(value: &Value, place: Place, examples: Examples) -> Value {
    match value {
        value if place == Place::Data => value.clone(),
        Value::Array(items) => {
            items.iter().map(|item| strip(item, Place::Keywords, examples)).collect()
        }
        Value::Object(object) => {
            let kept = object.iter().filter(|(key, _)| {
                place != Place::Keywords || !is_prose(key) && !is_dropped(key, examples)
            });
            let stripped = kept.map(|(key, value)| {
                let place = match place {
                    Place::Keywords => below(key),
                    _ => Place::Keywords,
                };
                (key.clone(), strip(value, place, examples))
            });
            let mut stripped: Map<String, Value> = stripped.collect();
            if place == Place::Responses {
                stripped.values_mut().for_each(describe);
            }
            if place != Place::Properties {
                stripped.sort_keys();
            }
            stripped.into()
        }
        value => value.clone(),
    }
}

/// OpenAPI requires a description of each response.
fn describe(response: &mut Value) {
    if let Value::Object(response) = response
        && !response.contains_key("$ref")
        && let Entry::Vacant(description) = response.entry("description")
    {
        description.insert(Value::from(""));
        response.sort_keys();
    }
}

/// What the keys below a keyword are.
fn below(keyword: &str) -> Place {
    match keyword {
        "properties" | "patternProperties" => Place::Properties,
        "responses" => Place::Responses,
        "paths" | "x-webhooks" | "schemas" | "parameters" | "content" | "headers" | "examples"
        | "requestBodies" | "securitySchemes" | "callbacks" | "links" | "encoding"
        | "variables" => Place::Names,
        "example" | "value" | "default" | "enum" | "const" | "security" | "scopes" | "mapping" => {
            Place::Data
        }
        extension if extension.starts_with("x-") => Place::Data,
        _ => Place::Keywords,
    }
}

fn is_prose(keyword: &str) -> bool {
    // That an enum may get further values is contract.
    let is_extension = keyword.starts_with("x-")
        && !["x-webhooks", "x-speakeasy-unknown-values"].contains(&keyword);
    is_extension || ["description", "summary", "externalDocs", "termsOfService"].contains(&keyword)
}

fn is_dropped(keyword: &str, examples: Examples) -> bool {
    examples == Examples::Drop && ["example", "examples"].contains(&keyword)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn prose_goes_and_names_that_look_like_it_stay() {
        let operation = json!({
            "summary": "Do it",
            "operationId": "Do",
            "x-speakeasy-group": "do",
            "parameters": [
                { "name": "b", "in": "query", "description": "B", "example": 1 },
                { "name": "a", "in": "query", "explode": true },
            ],
            "responses": {
                "404": { "$ref": "#/components/responses/None" },
                "200": { "description": "Done", "content": { "application/json": {
                    "example": { "description": "x" },
                    "schema": { "type": "object", "description": "An object", "properties": {
                        "summary": { "type": "string", "description": "What it is" },
                        "example": { "enum": ["a", "b"], "x-speakeasy-unknown-values": "allow" },
                        "default": { "default": { "description": "kept" } },
                    } },
                } } },
            },
        });
        let document = json!({ "paths": { "/do": { "post": operation } } });
        let stripped = super::document(&document, Examples::Drop);
        let expected = json!({
            "operationId": "Do",
            "parameters": [
                { "in": "query", "name": "b" },
                { "explode": true, "in": "query", "name": "a" },
            ],
            "responses": {
                "200": { "content": { "application/json": { "schema": {
                    "properties": {
                        "summary": { "type": "string" },
                        "example": { "enum": ["a", "b"], "x-speakeasy-unknown-values": "allow" },
                        "default": { "default": { "description": "kept" } },
                    },
                    "type": "object",
                } } }, "description": "" },
                "404": { "$ref": "#/components/responses/None" },
            },
        });
        assert_eq!(stripped["paths"]["/do"]["post"].to_string(), expected.to_string());
        let kept = super::document(&document, Examples::Keep);
        let content = &kept["paths"]["/do"]["post"]["responses"]["200"]["content"];
        assert_eq!(content["application/json"]["example"], json!({ "description": "x" }));
    }
}
