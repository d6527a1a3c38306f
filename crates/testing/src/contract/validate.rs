//! Whether a value is what a schema says.

use std::{collections::BTreeMap, sync::Arc};

use jsonschema::Validator;
use serde_json::{Map, Number, Value, json};
use url::form_urlencoded;

use super::{Contract, Operation, Parameter, Schema};

impl Schema<'_> {
    /// What is wrong with a value: each time the JSON pointer and the reason.
    pub fn validate(&self, value: &Value) -> Vec<String> {
        let validator = self.contract.validator(self.value);
        let errors = validator.iter_errors(value);
        errors.map(|error| format!("{}: {error}", error.instance_path())).collect()
    }
}

impl Operation<'_> {
    /// What is wrong with a request: with its path and query, below `/v1`, and with its body, if
    /// that is JSON.
    pub fn validate_request(&self, path: &str, body: Option<&Value>) -> Vec<String> {
        let parameters = self.parameters();
        let mut given: BTreeMap<(&str, String), Vec<String>> = BTreeMap::new();
        let (path, query) = path.split_once('?').unwrap_or((path, ""));
        for (template, segment) in self.path.split('/').zip(path.split('/')) {
            // One segment may have several placeholders, as `{event_time}:{event_id}`.
            let parts = template.matches("}:{").count() + 1;
            for (template, part) in template.split(':').zip(segment.splitn(parts, ':')) {
                if let Some(name) = template.strip_prefix('{') {
                    let name = name.trim_end_matches('}').to_owned();
                    given.entry(("path", name)).or_default().push(part.to_owned());
                }
            }
        }
        let mut members: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if let Some((parameter, key)) = self.member(&name) {
                let object = members.entry(parameter.to_owned()).or_default();
                object.insert(key.to_owned(), value.into());
            } else {
                let name = ("query", name.into_owned());
                given.entry(name).or_default().push(value.into_owned());
            }
        }
        let mut errors = Vec::new();
        for ((place, name), texts) in &given {
            let mut known = parameters.iter();
            match known.find(|known| known.place == *place && known.name == name) {
                None => errors.push(format!("{name} isn't a parameter in the {place}")),
                Some(parameter) => errors
                    .extend(parameter.validate(texts).iter().map(|error| format!("{name}{error}"))),
            }
        }
        for (name, object) in members {
            let parameter = parameters.iter().find(|known| known.name == name);
            let faults = parameter.map(|known| known.schema.validate(&object.into()));
            errors.extend(faults.into_iter().flatten().map(|error| format!("{name}{error}")));
        }
        let missing = parameters.iter().filter(|parameter| {
            parameter.required
                && ["path", "query"].contains(&parameter.place)
                && !given.contains_key(&(parameter.place, parameter.name.to_owned()))
        });
        errors.extend(missing.map(|parameter| format!("{} is missing", parameter.name)));
        errors.extend(self.validate_json(body));
        errors
    }

    fn validate_json(&self, body: Option<&Value>) -> Vec<String> {
        match (self.body(), body) {
            (_, Some(body)) => self.validate_body(body),
            (Some(known), None) if known.required => {
                let is_json = known.content.iter().any(|media| media.media_type.ends_with("json"));
                is_json.then(|| "there must be a body".to_owned()).into_iter().collect()
            }
            (_, None) => Vec::new(),
        }
    }

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

impl Parameter<'_> {
    /// What is wrong with its values, as a URL has them.
    fn validate(&self, texts: &[String]) -> Vec<String> {
        let Some(items) = self.schema.items() else {
            return match texts {
                [text] => self.schema.validate(&self.schema.read(text)),
                _ => vec![": is given several times".to_owned()],
            };
        };
        let texts = texts.iter().flat_map(|text| {
            if self.explode { vec![text.as_str()] } else { text.split(',').collect() }
        });
        self.schema.validate(&texts.map(|text| items.read(text)).collect())
    }
}

impl Schema<'_> {
    /// A text of a URL as the value that this schema makes of it; the text, if it makes nothing.
    fn read(&self, text: &str) -> Value {
        let read = match self.kind() {
            Some("integer" | "number") => text.parse::<Number>().ok().map(Value::Number),
            Some("boolean") => text.parse::<bool>().ok().map(Value::Bool),
            _ => None,
        };
        read.unwrap_or_else(|| text.into())
    }
}

impl Contract {
    /// The operation that a request is for, by its method and its path below `/v1`.
    pub fn of_request(&self, method: &str, path: &str) -> Option<Operation<'_>> {
        let path: Vec<&str> = path.split('?').next().unwrap_or_default().split('/').collect();
        let literal = |operation: &Operation<'_>| {
            let template: Vec<&str> = operation.path.split('/').collect();
            let mut pairs = template.iter().zip(&path);
            let fits = operation.method == method
                && template.len() == path.len()
                && pairs.all(|(one, other)| one == other || one.starts_with('{'));
            fits.then(|| template.iter().filter(|segment| !segment.starts_with('{')).count())
        };
        let fitting =
            self.operations().into_iter().filter_map(|known| Some((literal(&known)?, known)));
        // `/users/count` is nearer than `/users/{user_id}`.
        fitting.max_by_key(|(literal, _)| *literal).map(|(_, operation)| operation)
    }

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
