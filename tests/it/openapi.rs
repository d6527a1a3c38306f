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
