//! Which fields of an object a call changes, and from what to what.

use serde_json::{Map, Value};

use super::{
    Tool, camel_case,
    param::{Shape, Type},
    undo::Undo,
};
use crate::journal::FieldChange;

impl Tool {
    /// What a call with these checked arguments changes of an object, as far as it is among `fields`,
    /// by their names at Clerk: each with its value before. `before` is the object as agents see it.
    /// What is merged into metadata is a field for each key that it touches.
    pub(crate) fn changes(
        &self,
        fields: &[&str],
        arguments: &Map<String, Value>,
        before: &Map<String, Value>,
    ) -> Vec<FieldChange> {
        let mut changes = Vec::new();
        for param in self.arguments().filter(|param| fields.contains(&param.wire)) {
            let name = param.name();
            let Some(value) = arguments.get(&name) else { continue };
            // What Clerk doesn't show can't be set back.
            let Some(was) = before.get(&name) else { continue };
            let was = Some(was).filter(|was| !was.is_null());
            match (param.ty, value) {
                (Type::Object(shape), Value::Object(given)) => {
                    let was = was.and_then(Value::as_object);
                    parts(&name, shape, given, was, &mut changes);
                }
                (
                    Type::Metadata { merges: true } | Type::Map { nulls: true, .. },
                    Value::Object(patch),
                ) => {
                    let was = was.and_then(Value::as_object);
                    merged(&[name], patch, was, &mut changes);
                }
                // What Clerk shows in another form can't be set back either.
                (ty, _) if was.is_some_and(|was| !is_of(ty, was)) => {}
                _ => changes.push(FieldChange {
                    path: vec![name],
                    before: was.cloned(),
                    after: None,
                }),
            }
        }
        changes
    }
}

/// What an object sets is a field for each of its properties.
fn parts(
    name: &str,
    shape: &'static Shape,
    given: &Map<String, Value>,
    before: Option<&Map<String, Value>>,
    changes: &mut Vec<FieldChange>,
) {
    for (part, ty) in shape.params().map(|param| (param.name(), param.ty)) {
        if !given.contains_key(&part) {
            continue;
        }
        let was = match before {
            None => None,
            Some(before) => match before.get(&part) {
                Some(was) => Some(was).filter(|was| !was.is_null()).cloned(),
                None => continue,
            },
        };
        if was.as_ref().is_some_and(|was| !is_of(ty, was)) {
            continue;
        }
        changes.push(FieldChange { path: vec![name.to_owned(), part], before: was, after: None });
    }
}

/// Whether a value that Clerk shows has the form in which the argument takes it.
fn is_of(ty: Type, value: &Value) -> bool {
    let are = |is: fn(&Value) -> bool| value.as_array().is_some_and(|items| items.iter().all(is));
    match ty {
        Type::Bool | Type::True => value.is_boolean(),
        Type::Integer { .. } | Type::Price { .. } => value.is_number(),
        Type::Time | Type::Timestamp { .. } => value.is_number() || value.is_string(),
        Type::List { .. } => are(|item| !item.is_object()),
        Type::Objects { .. } => are(Value::is_object),
        Type::Object(_) | Type::Metadata { .. } | Type::Map { .. } => value.is_object(),
        Type::Json => true,
        _ => value.is_string(),
    }
}

impl Undo {
    /// An object as agents see it, with the values of arguments that it has in other fields under the
    /// names of these.
    pub(crate) fn in_place(self, mut object: Map<String, Value>) -> Map<String, Value> {
        let Self::SetBack { elsewhere, .. } = self else { return object };
        let values: Vec<_> = elsewhere
            .iter()
            .map(|(argument, path)| {
                let path: Vec<String> = path.iter().map(|name| camel_case(name)).collect();
                let (first, rest) = path.split_first()?;
                Some((camel_case(argument), each(object.get(first)?, rest)?))
            })
            .collect();
        for (argument, _) in elsewhere {
            object.shift_remove(&camel_case(argument));
        }
        object.extend(values.into_iter().flatten());
        object
    }
}

/// What is behind a path, of an array for each item; `None` if one lacks it.
fn each(value: &Value, path: &[String]) -> Option<Value> {
    match (value, path.split_first()) {
        (Value::Array(items), _) => items.iter().map(|item| each(item, path)).collect(),
        (Value::Null, _) | (_, None) => Some(value.clone()),
        (value, Some((name, rest))) => each(value.get(name)?, rest),
    }
}

/// A key that is an object before and in the patch is merged in turn; all else replaces.
fn merged(
    path: &[String],
    wanted: &Map<String, Value>,
    before: Option<&Map<String, Value>>,
    changes: &mut Vec<FieldChange>,
) {
    for (key, value) in wanted {
        let path = [path, std::slice::from_ref(key)].concat();
        match (value, before.and_then(|before| before.get(key))) {
            (Value::Object(wanted), Some(Value::Object(before))) => {
                merged(&path, wanted, Some(before), changes);
            }
            (_, was) => changes.push(FieldChange { path, before: was.cloned(), after: None }),
        }
    }
}

/// Fields, by their names at Clerk, that a call changes without an argument that says to what.
pub(crate) fn whole_fields(names: &[&str], before: &Map<String, Value>) -> Vec<FieldChange> {
    let field = |wire: &&str| {
        let path = vec![camel_case(wire)];
        FieldChange { before: at(before, &path).cloned(), path, after: None }
    };
    names.iter().map(field).collect()
}

/// Notes the values that the object has now.
pub(crate) fn note_after(changes: &mut [FieldChange], object: &Map<String, Value>) {
    for change in changes {
        change.after = at(object, &change.path).cloned();
    }
}

/// The value at a path, unless it is null.
pub(crate) fn at<'a>(object: &'a Map<String, Value>, path: &[String]) -> Option<&'a Value> {
    let (first, rest) = path.split_first()?;
    let value = rest.iter().try_fold(object.get(first)?, |value, key| value.get(key))?;
    (!value.is_null()).then_some(value)
}

/// Whether two values are the same for whoever reads them: a member that is null is none.
pub(crate) fn is_same(one: Option<&Value>, other: Option<&Value>) -> bool {
    let is_null = |value: Option<&Value>| value.is_none_or(Value::is_null);
    match (one, other) {
        (Some(Value::Object(one)), Some(Value::Object(other))) => {
            let mut names = one.keys().chain(other.keys());
            names.all(|name| is_same(one.get(name), other.get(name)))
        }
        _ => one == other || (is_null(one) && is_null(other)),
    }
}

/// Whether a value is the one that stands for none, which no argument takes.
pub(crate) fn is_nothing(value: &Value) -> bool {
    match value {
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        value => value.is_null(),
    }
}

/// Puts a value at a path, into objects that are made if they aren't there; none removes it.
pub(crate) fn put(object: &mut Map<String, Value>, path: &[String], value: Option<Value>) {
    match (path, value) {
        ([], _) => {}
        ([name], Some(value)) => _ = object.insert(name.clone(), value),
        ([name], None) => _ = object.shift_remove(name),
        ([name, below @ ..], value) => {
            let inner = object.entry(name.clone()).or_insert_with(|| Map::new().into());
            if let Value::Object(inner) = inner {
                put(inner, below, value);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::tool::undo::Look;

    fn paths(patch: &Value, before: &Value) -> Vec<(String, Option<Value>)> {
        let mut changes = Vec::new();
        let (patch, before) = (patch.as_object().unwrap(), before.as_object());
        merged(&["m".to_owned()], patch, before, &mut changes);
        changes.into_iter().map(|change| (change.name(), change.before)).collect()
    }

    #[test]
    fn what_is_merged_is_a_change_for_each_key_that_it_touches() {
        for (patch, before, expected) in [
            (json!({ "a": 1 }), json!({}), vec![("m.a", None)]),
            (json!({ "a": 1 }), json!({ "a": 2, "b": 3 }), vec![("m.a", Some(json!(2)))]),
            (
                json!({ "a": null }),
                json!({ "a": { "b": 1 } }),
                vec![("m.a", Some(json!({ "b": 1 })))],
            ),
            (
                json!({ "a": { "b": 1, "c": { "d": 2 } } }),
                json!({ "a": { "b": 0, "e": 4 } }),
                vec![("m.a.b", Some(json!(0))), ("m.a.c", None)],
            ),
            (json!({ "a": { "b": 1 } }), json!({ "a": [1] }), vec![("m.a", Some(json!([1])))]),
            (json!({ "a": {} }), json!({ "a": { "b": 1 } }), vec![]),
            (json!({ "a": { "b": 1 } }), Value::Null, vec![("m.a", None)]),
        ] {
            let expected: Vec<_> =
                expected.into_iter().map(|(name, before)| (name.to_owned(), before)).collect();
            assert_eq!(paths(&patch, &before), expected, "{patch} into {before}");
        }
    }

    #[test]
    fn a_member_that_is_null_is_none() {
        for (one, other, expected) in [
            (json!({ "a": null }), json!({}), true),
            (json!({ "a": { "b": null }, "c": 1 }), json!({ "c": 1, "a": {} }), true),
            (json!({ "a": 1 }), json!({}), false),
            (json!({ "a": {} }), json!({}), false),
            (json!([null]), json!([]), false),
        ] {
            assert_eq!(is_same(Some(&one), Some(&other)), expected, "{one} {other}");
            assert_eq!(is_same(Some(&other), Some(&one)), expected, "{other} {one}");
        }
        assert!(is_same(None, Some(&Value::Null)) && !is_same(None, Some(&json!({}))));
    }

    #[test]
    fn what_is_elsewhere_is_seen_under_the_name_of_its_argument() {
        const NOWHERE: Undo = Undo::set_back(Look::None, &["roles", "role_key"]).elsewhere(&[
            ("roles", &["roles", "id"]),
            ("role_key", &["first_role", "key"]),
            ("set", &["id"]),
        ]);
        for (object, expected) in [
            (
                json!({ "id": "set_1", "roles": [{ "id": 1 }, { "id": 2 }], "firstRole": { "key": "a" } }),
                json!({ "roles": [1, 2], "roleKey": "a", "set": "set_1" }),
            ),
            (json!({ "roles": [], "firstRole": null }), json!({ "roles": [], "roleKey": null })),
            // Half a list isn't the list, and what isn't shown isn't known.
            (json!({ "roles": [{ "id": 1 }, {}], "firstRole": {} }), json!({})),
            (json!({ "roleKey": "not Clerk's" }), json!({})),
        ] {
            let mut seen = NOWHERE.in_place(object.as_object().unwrap().clone());
            seen.retain(|name, _| ["roles", "roleKey", "set"].contains(&name.as_str()));
            assert_eq!(Value::from(seen), expected, "{object}");
        }
    }

    #[test]
    fn a_value_is_found_by_its_path() {
        let object = json!({ "m": { "a": { "b": 1 }, "n": null }, "x": null });
        let object = object.as_object().unwrap();
        let find = |path: &[&str]| {
            let path: Vec<String> = path.iter().map(|key| (*key).to_owned()).collect();
            at(object, &path).cloned()
        };
        assert_eq!(find(&["m", "a", "b"]), Some(json!(1)));
        assert_eq!(find(&["m", "a", "c"]), None);
        assert_eq!(find(&["m", "n"]), None);
        assert_eq!(find(&["x"]), None);
        assert_eq!(find(&[]), None);
    }
}
