//! Clerk's API as data: the OpenAPI files in `tests/contract`, read once.

mod operation;
mod sample;
mod schema;
#[cfg(test)]
mod tests;
mod validate;

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, LazyLock, Mutex},
};

use jsonschema::Validator;
use serde_json::Value;

pub use operation::{Body, Media, Operation, Parameter, Response};
pub use schema::{Property, Schema};

const BACKEND: &str = include_str!("../../../tests/contract/clerk-2026-05-12.json");
const NEWER: &str = include_str!("../../../tests/contract/newer-operations.json");
const WEBHOOKS: &str = include_str!("../../../tests/contract/webhooks-2025-04-15.json");

/// Why an operation is known but isn't offered.
const NOT_OFFERED: &str = "x-not-offered";

/// An OpenAPI document.
pub struct Contract {
    document: Value,
    /// By the address of the schema in the document; compiling takes longer than validating.
    validators: Mutex<HashMap<usize, Arc<Validator>>>,
}

impl fmt::Debug for Contract {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Contract")
            .field("info", &self.document["info"])
            .finish_non_exhaustive()
    }
}

impl Contract {
    /// Clerk's Backend API: its OpenAPI file and what is newer.
    pub fn clerk() -> &'static Self {
        static CLERK: LazyLock<Contract> = LazyLock::new(|| {
            let newer = serde_json::from_str(NEWER).expect("newer-operations.json is JSON");
            Contract::new(serde_json::from_str(BACKEND).expect("Clerk's file is JSON")).with(newer)
        });
        &CLERK
    }

    /// Clerk's webhooks: an operation for each type of event, whose path is the type.
    pub fn webhooks() -> &'static Self {
        static EVENTS: LazyLock<Contract> = LazyLock::new(|| {
            Contract::new(serde_json::from_str(WEBHOOKS).expect("Clerk's file is JSON"))
        });
        &EVENTS
    }

    /// Any other document in the form of OpenAPI 3.0.
    pub fn new(document: Value) -> Self {
        Self { document, validators: Mutex::default() }
    }

    /// The operations that are newer than Clerk's file, by method and path, and why each isn't
    /// offered, if it isn't.
    ///
    /// # Panics
    /// `newer-operations.json` isn't such a document.
    pub fn newer() -> Vec<(String, String, Option<String>)> {
        let mut newer: Value = serde_json::from_str(NEWER).expect("newer-operations.json is JSON");
        let paths = taken(Some(newer["paths"].take()));
        let operations = paths.flat_map(|(path, item)| {
            taken(Some(item)).map(move |(method, operation)| {
                let why = operation.get(NOT_OFFERED).and_then(Value::as_str).map(str::to_owned);
                (method.to_uppercase(), path.clone(), why)
            })
        });
        operations.collect()
    }

    /// Adds operations other than those that aren't offered, and the components that they refer to.
    ///
    /// # Panics
    /// An operation or component is there already, or an operation doesn't say its `x-source`.
    #[must_use]
    pub fn with(mut self, newer: Value) -> Self {
        let Value::Object(mut newer) = newer else { panic!("an OpenAPI document is an object") };
        for (path, item) in taken(newer.remove("paths")) {
            for (method, operation) in taken(Some(item)) {
                let is_sourced =
                    operation["x-source"].as_str().is_some_and(|text| !text.is_empty());
                assert!(is_sourced, "{method} {path} has no `x-source`");
                let method_and_path = (method.to_uppercase(), path.clone());
                let known = self.find(&method_and_path.0, &path).is_some();
                assert!(!known, "{method} {path} isn't new");
                if operation.get(NOT_OFFERED).is_some() {
                    continue;
                }
                self.document["paths"][&path][&method] = operation;
            }
        }
        for (place, change) in taken(newer.remove("x-changes")) {
            assert!(change["x-source"].is_string(), "{place} has no `x-source`");
            let (parent, name) = place.rsplit_once('/').expect("a place below another");
            let parent = self.document.pointer_mut(parent).and_then(Value::as_object_mut);
            let parent = parent.unwrap_or_else(|| panic!("{place} is in nothing"));
            let before = parent.insert(name.to_owned(), change["schema"].clone());
            assert!(before.is_none(), "{place} isn't new");
        }
        for (section, named) in taken(newer.remove("components")) {
            for (name, component) in taken(Some(named)) {
                let place = &mut self.document["components"][&section][&name];
                assert!(place.is_null(), "components/{section}/{name} isn't new");
                *place = component;
            }
        }
        self
    }

    /// The document itself.
    pub fn document(&self) -> &Value {
        &self.document
    }

    /// All operations, by path and method.
    pub fn operations(&self) -> Vec<Operation<'_>> {
        let paths = ["paths", "x-webhooks"].into_iter().flat_map(|key| fields(&self.document[key]));
        let all = paths.flat_map(|(path, item)| {
            METHODS.iter().filter_map(move |(method, key)| {
                let operation = item.get(key)?;
                Some(Operation { contract: self, method, path, item, value: operation })
            })
        });
        all.collect()
    }

    /// The operation with this method and path template, whatever the placeholders are called
    /// there: `("GET", "/users/{user_id}")`.
    pub fn find(&self, method: &str, path: &str) -> Option<Operation<'_>> {
        let paths = fields(&self.document["paths"]);
        let mut found = paths.filter(|(template, _)| same_path(template, path));
        let (path, item) = found.next()?;
        let (method, key) = METHODS.iter().find(|(known, _)| *known == method)?;
        let value = item.get(key)?;
        Some(Operation { contract: self, method, path, item, value })
    }

    /// As [`Contract::find`], for an operation that must be there.
    ///
    /// # Panics
    /// There is none.
    pub fn operation(&self, method: &str, path: &str) -> Operation<'_> {
        self.find(method, path).unwrap_or_else(|| panic!("no operation {method} {path}"))
    }

    /// The operation with this `operationId`, such as `GetUserList`.
    ///
    /// # Panics
    /// There is none.
    pub fn by_id(&self, id: &str) -> Operation<'_> {
        let mut all = self.operations().into_iter();
        all.find(|operation| operation.id() == id).unwrap_or_else(|| panic!("no operation {id}"))
    }

    /// The schema of this name in the components, such as `User`.
    ///
    /// # Panics
    /// There is none.
    pub fn schema(&self, name: &str) -> Schema<'_> {
        let schema = self.document["components"]["schemas"].get(name);
        Schema::new(self, schema.unwrap_or_else(|| panic!("no schema {name}"))).called(name)
    }

    /// Follows references to the value itself.
    pub fn resolve<'a>(&'a self, value: &'a Value) -> &'a Value {
        match value["$ref"].as_str() {
            Some(reference) => self.resolve(self.follow(reference)),
            None => value,
        }
    }

    fn follow(&self, reference: &str) -> &Value {
        let pointer = reference.strip_prefix('#').expect("a reference within the document");
        let target = self.document.pointer(pointer);
        target.unwrap_or_else(|| panic!("nothing at {reference}"))
    }
}

/// Methods as HTTP and as OpenAPI writes them.
const METHODS: [(&str, &str); 5] =
    [("GET", "get"), ("POST", "post"), ("PUT", "put"), ("PATCH", "patch"), ("DELETE", "delete")];

fn same_path(one: &str, other: &str) -> bool {
    let (one, other) = (one.split('/'), other.split('/'));
    one.clone().count() == other.clone().count()
        && one
            .zip(other)
            .all(|(one, other)| one == other || one.starts_with('{') && other.starts_with('{'))
}

fn fields(value: &Value) -> impl Iterator<Item = (&str, &Value)> {
    value.as_object().into_iter().flatten().map(|(name, value)| (name.as_str(), value))
}

fn items(value: &Value) -> impl Iterator<Item = &Value> {
    value.as_array().into_iter().flatten()
}

fn taken(value: Option<Value>) -> impl Iterator<Item = (String, Value)> {
    let fields = value.map(|value| match value {
        Value::Object(fields) => fields,
        other => panic!("{other} isn't an object"),
    });
    fields.into_iter().flatten()
}
