//! Whether a value is what a schema says.

use std::sync::Arc;

use jsonschema::Validator;
use serde_json::{Map, Value, json};

use super::{Contract, Operation, Schema};

impl Schema<'_> {
    /// What is wrong with a value: each time the JSON pointer and the reason.
    pub fn validate(&self, value: &Value) -> Vec<String> {
        let validator = self.contract.validator(self.value);
        let errors = validator.iter_errors(value);
        errors.map(|error| format!("{}: {error}", error.instance_path())).collect()
    }
}

impl Operation<'_> {
    /// What is wrong with the body of a request.
    pub fn validate_body(&self, body: &Value) -> Vec<String> {
        match self.body_schema() {
            Some(schema) => schema.validate(body),
            None => vec!["there must be no body".to_owned()],
        }
    }

    /// What is wrong with the body of a response; null stands for none. An error whose status isn't
    /// described must at least have the form of Clerk's errors.
    pub fn validate_response(&self, status: u16, body: &Value) -> Vec<String> {
        match self.response(status).map(|response| response.schema()) {
            Some(Some(schema)) => schema.validate(body),
            Some(None) if body.is_null() => Vec::new(),
            Some(None) => vec!["there must be no body".to_owned()],
            None if status >= 400 => self.contract.validate_error(body),
            None => vec![format!("{} {} has no response {status}", self.method, self.path)],
        }
    }
}

impl Contract {
    /// What is wrong with the body of an error.
    pub fn validate_error(&self, body: &Value) -> Vec<String> {
        self.schema("ClerkErrors").validate(body)
    }

    fn validator(&self, schema: &Value) -> Arc<Validator> {
        let address = std::ptr::from_ref(schema).addr();
        let mut validators = self.validators.lock().unwrap();
        let validator = validators.entry(address).or_insert_with(|| {
            let schema = self.self_contained(schema);
            Arc::new(jsonschema::draft4::new(&schema).expect("a valid schema"))
        });
        validator.clone()
    }

    /// The JSON Schema, together with all that it refers to, directly or not.
    fn self_contained(&self, schema: &Value) -> Value {
        let mut schemas = Map::new();
        let mut pending = references(schema);
        while let Some(reference) = pending.pop() {
            let name = reference.rsplit('/').next().unwrap().to_owned();
            if !schemas.contains_key(&name) {
                let schema = self.follow(reference);
                pending.extend(references(schema));
                schemas.insert(name, schema.clone());
            }
        }
        let mut whole = json!({ "allOf": [schema], "components": { "schemas": schemas } });
        to_json_schema(&mut whole);
        whole
    }
}

/// Turns schemas of OpenAPI 3.0, wherever they are, into those of JSON Schema.
fn to_json_schema(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(to_json_schema),
        Value::Object(fields) => {
            fields.values_mut().for_each(to_json_schema);
            if fields.get("discriminator").is_some_and(|value| value["propertyName"].is_string()) {
                fields.remove("discriminator");
            }
            if fields.get("nullable").is_some_and(Value::is_boolean)
                && fields.remove("nullable") == Some(Value::Bool(true))
            {
                let schema = std::mem::take(fields);
                *value = json!({ "anyOf": [{ "type": "null" }, schema] });
            }
        }
        _ => {}
    }
}

fn references(value: &Value) -> Vec<&str> {
    match value {
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| match value {
                Value::String(reference) if name == "$ref" => vec![reference.as_str()],
                value => references(value),
            })
            .collect(),
        _ => Vec::new(),
    }
}
