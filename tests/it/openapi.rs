//! Clerk's OpenAPI file as an oracle: what an operation takes, and whether an answer fits.
//!
//! The file is not part of the repository. It is looked for at `$CLERK_OPENAPI`, then beside the
//! checkout; without it the checks that need it are skipped.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex};

use jsonschema::Validator;
use serde_json::{Map, Value, json};

const BESIDE_THE_CHECKOUT: &str = "../shared/clerk/openapi-backend-2026-05-12.yml";

/// The file, with its schemas turned into JSON Schemas.
#[derive(Debug)]
pub(crate) struct Spec {
    document: Value,
    /// By method, path template and status; compiling takes longer than validating.
    validators: Mutex<HashMap<(String, String, u16), Validator>>,
}

/// What an operation takes.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Operation {
    pub(crate) query_parameters: BTreeSet<String>,
    /// The fields of the JSON body, each with whether it is required.
    pub(crate) body_fields: BTreeMap<String, bool>,
    /// The statuses of the answers that are described.
    pub(crate) statuses: BTreeSet<u16>,
}

impl Spec {
    /// The file, read once; `None`, with a word on stderr, when there is none.
    pub(crate) fn load() -> Option<&'static Self> {
        static SPEC: LazyLock<Option<Spec>> = LazyLock::new(Spec::read);
        SPEC.as_ref()
    }

    fn read() -> Option<Self> {
        let path = std::env::var_os("CLERK_OPENAPI").map_or_else(
            || Path::new(env!("CARGO_MANIFEST_DIR")).join(BESIDE_THE_CHECKOUT),
            PathBuf::from,
        );
        let Ok(text) = std::fs::read_to_string(&path) else {
            eprintln!("skipped: no OpenAPI file at {}", path.display());
            return None;
        };
        let mut document = serde_saphyr::from_str(&text).expect("the OpenAPI file is YAML");
        to_json_schema(&mut document);
        Some(Self { document, validators: Mutex::default() })
    }

    /// The operation at this path template, such as `/users/{user_id}`.
    pub(crate) fn operation(&self, method: &str, template: &str) -> Operation {
        let template = &self.template(template);
        let operation = self.at(method, template);
        let parameters = [&self.document["paths"][template], operation]
            .into_iter()
            .filter_map(|parent| parent["parameters"].as_array())
            .flatten()
            .map(|parameter| self.resolve(parameter));
        let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
        let schema = self.resolve(schema);
        let required = |name: &str| {
            let required = schema["required"].as_array();
            required.is_some_and(|required| required.iter().any(|field| field == name))
        };
        Operation {
            query_parameters: parameters
                .filter(|parameter| parameter["in"] == "query")
                .map(|parameter| text(&parameter["name"]))
                .collect(),
            body_fields: fields(&schema["properties"])
                .map(|(name, _)| (name.clone(), required(name)))
                .collect(),
            statuses: fields(&operation["responses"])
                .filter_map(|(status, _)| status.parse().ok())
                .collect(),
        }
    }

    /// The file itself.
    pub(crate) fn document(&self) -> &Value {
        &self.document
    }

    /// All operations: method and path template.
    pub(crate) fn operations(&self) -> Vec<(String, String)> {
        let paths = self.document["paths"].as_object().unwrap();
        let methods = |item: &Value| {
            let methods = ["get", "post", "put", "patch", "delete"].into_iter();
            methods.filter(|it| item.get(it).is_some()).map(str::to_uppercase).collect::<Vec<_>>()
        };
        let all = paths.iter().flat_map(|(path, item)| {
            methods(item).into_iter().map(|method| (method, path.clone())).collect::<Vec<_>>()
        });
        all.collect()
    }

    /// A value for each parameter and field of the body that the schema allows, by Clerk's name,
    /// and whether it is required. A body that is no object stands under "".
    pub(crate) fn samples(&self, method: &str, template: &str) -> BTreeMap<String, (Value, bool)> {
        let operation = self.at(method, template);
        let parameters = [&self.document["paths"][template], operation]
            .into_iter()
            .filter_map(|parent| parent["parameters"].as_array())
            .flatten()
            .map(|parameter| self.resolve(parameter));
        let mut samples = BTreeMap::new();
        for parameter in parameters {
            let is_required = parameter["required"] == true;
            let sample = (self.sample(&parameter["schema"], 0), is_required);
            samples.insert(text(&parameter["name"]), sample);
        }
        if let Some(schema) = self.body_schema(operation) {
            let whole = self.sample(schema, 0);
            let required = self.required(schema);
            match whole {
                Value::Object(fields) => samples.extend(fields.into_iter().map(|(name, value)| {
                    let is_required = required.contains(&name);
                    (name, (value, is_required))
                })),
                whole => _ = samples.insert(String::new(), (whole, true)),
            }
        }
        samples
    }

    fn body_schema<'a>(&'a self, operation: &'a Value) -> Option<&'a Value> {
        let body = self.resolve(operation.get("requestBody")?);
        body["content"].get("application/json").map(|it| &it["schema"])
    }

    fn required(&self, schema: &Value) -> Vec<String> {
        let schema = self.resolve(schema);
        let own = schema["required"].as_array().into_iter().flatten().map(text);
        let parts = schema["allOf"].as_array().into_iter().flatten();
        own.chain(parts.flat_map(|it| self.required(it))).collect()
    }

    /// What is wrong with the body of a request.
    pub(crate) fn validate_body(&self, method: &str, template: &str, body: &Value) -> Vec<String> {
        let Some(schema) = self.body_schema(self.at(method, template)) else {
            return vec!["there must be none".to_owned()];
        };
        let validator = jsonschema::draft4::new(&self.self_contained(schema)).unwrap();
        let errors = validator.iter_errors(body);
        errors.map(|error| format!("{}: {error}", error.instance_path())).collect()
    }

    /// The success that is described, with a body where there is one.
    pub(crate) fn success(&self, method: &str, template: &str) -> (u16, Option<Value>) {
        let responses = self.at(method, template)["responses"].as_object().unwrap();
        let (status, response) = responses.iter().find(|it| it.0.starts_with('2')).unwrap();
        let content = &self.resolve(response)["content"];
        let body = content.get("application/json").map(|it| self.sample(&it["schema"], 0));
        (status.parse().unwrap(), body)
    }

    /// A value that a schema allows, with all of its fields.
    fn sample(&self, schema: &Value, depth: usize) -> Value {
        let schema = self.resolve(schema);
        if let Some(first) = schema["enum"].as_array().and_then(|it| it.first()) {
            return first.clone();
        }
        if let Some(parts) = schema["allOf"].as_array() {
            let mut whole = Map::new();
            let own = json!({ "type": "object", "properties": schema["properties"] });
            for part in parts.iter().chain([&own]) {
                match self.sample(part, depth) {
                    Value::Object(part) => whole.extend(part),
                    other => return other,
                }
            }
            return whole.into();
        }
        for one in ["oneOf", "anyOf"] {
            let options = schema[one].as_array().into_iter().flatten();
            let real = options.into_iter().find(|it| it["type"] != "null");
            if let Some(real) = real.filter(|_| schema["properties"].is_null()) {
                return self.sample(real, depth);
            }
        }
        let least = |name: &str| schema[name].as_i64();
        match schema["type"].as_str() {
            Some("string") => {
                let pattern = schema["pattern"].as_str().unwrap_or_default();
                let text = match schema["format"].as_str() {
                    _ if pattern.starts_with("^org_") => "org_2abcdefghijklmnopqrstuvwxyz",
                    _ if pattern.contains("user|") || pattern.starts_with("^user_") => {
                        "user_2abcdefghijklmnopqrstuvwxyz"
                    }
                    _ if pattern.contains("[A-Z]{2}") => "DE",
                    Some("email") => "ada@example.com",
                    Some("uri") => "https://example.com/here",
                    Some("date-time") => "2026-01-31T00:00:00Z",
                    _ => "sample-1",
                };
                let most = least("maxLength").and_then(|it| usize::try_from(it).ok());
                text.chars().take(most.unwrap_or(usize::MAX)).collect::<String>().into()
            }
            Some("integer") => least("minimum").unwrap_or(1).max(1).into(),
            Some("number") => json!(1),
            Some("boolean") => true.into(),
            Some("array") if depth < 6 => json!([self.sample(&schema["items"], depth + 1)]),
            Some("array") => json!([]),
            _ if depth < 6 => fields(&schema["properties"])
                .map(|(name, schema)| (name.clone(), self.sample(schema, depth + 1)))
                .collect(),
            _ => json!({}),
        }
    }

    /// What is wrong with an answer. An error whose status the file does not describe for the
    /// operation must at least have the form of Clerk's errors.
    pub(crate) fn validate_response(
        &self,
        method: &str,
        template: &str,
        status: u16,
        body: &Value,
    ) -> Vec<String> {
        let mut validators = self.validators.lock().unwrap();
        let validator = validators
            .entry((method.to_owned(), template.to_owned(), status))
            .or_insert_with(|| self.validator(method, template, status));
        validator
            .iter_errors(body)
            .map(|error| format!("{}: {error}", error.instance_path()))
            .collect()
    }

    fn validator(&self, method: &str, template: &str, status: u16) -> Validator {
        let responses = &self.at(method, template)["responses"];
        let response = match responses.get(status.to_string()) {
            Some(response) => response,
            None if status >= 400 => &self.document["components"]["responses"]["ClerkErrors"],
            None => panic!("{method} {template} has no answer {status}"),
        };
        let schema = &self.resolve(response)["content"]["application/json"]["schema"];
        let schema = self.self_contained(schema);
        jsonschema::draft4::new(&schema).expect("a valid schema")
    }

    /// The path as the file has it, whatever its placeholders are called there.
    fn template(&self, path: &str) -> String {
        let shape = |path: &str| -> Vec<String> {
            let segments = path.split('/');
            segments.map(|it| if it.starts_with('{') { "{}" } else { it }.to_owned()).collect()
        };
        let paths = self.document["paths"].as_object().unwrap();
        paths.keys().find(|it| shape(it) == shape(path)).unwrap_or(&path.to_owned()).clone()
    }

    fn at(&self, method: &str, template: &str) -> &Value {
        let operation = &self.document["paths"][template][method.to_lowercase()];
        assert!(operation.is_object(), "no operation {method} {template}");
        operation
    }

    /// The schema together with all that it refers to, directly or not.
    fn self_contained(&self, schema: &Value) -> Value {
        let mut schemas = Map::new();
        let mut pending = references(schema);
        while let Some(reference) = pending.pop() {
            let name = reference.rsplit('/').next().unwrap().to_owned();
            if !schemas.contains_key(&name) {
                let schema = self.follow(&reference);
                pending.extend(references(schema));
                schemas.insert(name, schema.clone());
            }
        }
        json!({ "allOf": [schema], "components": { "schemas": schemas } })
    }

    fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self.resolve(self.follow(reference)),
            None => value,
        }
    }

    fn follow(&self, reference: &str) -> &Value {
        let pointer = reference.strip_prefix('#').expect("a local reference");
        let target = self.document.pointer(pointer);
        target.unwrap_or_else(|| panic!("nothing at {reference}"))
    }
}

/// Turns OpenAPI 3.0 schemas, wherever they are, into those of JSON Schema.
fn to_json_schema(value: &mut Value) {
    match value {
        Value::Array(items) => items.iter_mut().for_each(to_json_schema),
        Value::Object(fields) => {
            fields.values_mut().for_each(to_json_schema);
            if fields.get("discriminator").is_some_and(|it| it["propertyName"].is_string()) {
                fields.remove("discriminator");
            }
            if fields.get("nullable").is_some_and(Value::is_boolean)
                && fields.remove("nullable") == Some(Value::Bool(true))
            {
                // The description and the like stay with the schema proper.
                let schema = std::mem::take(fields);
                *value = json!({ "anyOf": [{ "type": "null" }, schema] });
            }
        }
        _ => {}
    }
}

fn references(value: &Value) -> Vec<String> {
    match value {
        Value::Array(items) => items.iter().flat_map(references).collect(),
        Value::Object(fields) => fields
            .iter()
            .flat_map(|(name, value)| match value {
                Value::String(reference) if name == "$ref" => vec![reference.clone()],
                value => references(value),
            })
            .collect(),
        _ => Vec::new(),
    }
}

fn fields(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text(value: &Value) -> String {
    value.as_str().expect("a string").to_owned()
}

#[test]
fn an_operation_is_what_the_file_says() {
    let Some(spec) = Spec::load() else { return };
    let operation = spec.operation("GET", "/sessions");
    let parameters = ["client_id", "limit", "offset", "paginated", "status", "user_id"];
    assert!(operation.query_parameters.iter().eq(&parameters));
    assert!(operation.body_fields.is_empty());
    assert!(operation.statuses.iter().eq(&[200, 400, 401, 422]));
    let operation = spec.operation("POST", "/organizations");
    assert_eq!(operation.body_fields.get("name"), Some(&true));
    assert_eq!(operation.body_fields.get("slug"), Some(&false));
}

#[test]
fn an_answer_that_does_not_fit_is_found_out() {
    let Some(spec) = Spec::load() else { return };
    let faults = |body: Value| spec.validate_response("DELETE", "/users/{user_id}", 200, &body);
    assert_eq!(faults(json!({ "object": "user", "deleted": true })), [""; 0]);
    assert_eq!(faults(json!({ "object": "user" })).len(), 1);
    let null = json!({ "object": "user", "deleted": true, "slug": null });
    assert_eq!(faults(null).len(), 1);
    let unknown = json!({ "object": "user", "deleted": true, "bogus": 1 });
    assert_eq!(faults(unknown).len(), 1);
}
