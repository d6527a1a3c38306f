//! Arguments without the secrets in them, for the audit log: at any depth, by the row.

use serde_json::{Map, Value};

use super::param::{Param, Type};

/// What replaces a secret.
const MASK: &str = "[removed]";

/// The arguments with a mark in the place of each secret. An argument that the row does not know
/// could hold anything, so it is masked too.
pub(super) fn masked<'a>(
    params: &(impl Iterator<Item = &'a Param> + Clone),
    arguments: &Map<String, Value>,
) -> Map<String, Value> {
    let fields = arguments.iter().map(|(name, value)| {
        let param = params.clone().find(|param| param.is_named(name) || param.wire == name);
        let value = match param {
            Some(param) if !param.secret => of(&param.ty, value),
            _ => MASK.into(),
        };
        (name.clone(), value)
    });
    fields.collect()
}

fn of(ty: &Type, value: &Value) -> Value {
    match (ty, value) {
        (Type::Object(shape), Value::Object(properties)) => {
            masked(&shape.params(), properties).into()
        }
        (Type::Objects { shape, .. }, Value::Array(items)) => items
            .iter()
            .map(|item| match item {
                Value::Object(properties) => Value::Object(masked(&shape.params(), properties)),
                _ => MASK.into(),
            })
            .collect(),
        (Type::List { of: ty, .. }, Value::Array(items)) => {
            items.iter().map(|item| of(ty, item)).collect()
        }
        // Their form is the caller's: what is secret in one is a param of its own, marked so.
        (Type::Json | Type::Map { .. } | Type::Metadata { .. }, value) => value.clone(),
        // Not checked yet, it may be anything: JSON in a string, an object in place of a name.
        (Type::Object(_) | Type::Objects { .. }, _) | (_, Value::Array(_) | Value::Object(_)) => {
            MASK.into()
        }
        (_, value) => value.clone(),
    }
}
