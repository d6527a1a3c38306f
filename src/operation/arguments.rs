//! Reading a call's arguments: tolerant of the forms that models write, strict in what is
//! allowed, and with all faults told at once.

use clerk_api::Id;
use regex_lite::Regex;
use rmcp::model::JsonObject;
use serde_json::{Number, Value};

use super::{Date, Rule, camel_case, nearest, snake_case};
use crate::Fault;

/// How many characters of a refused value are shown.
const SHOWN: usize = 60;
/// How the pattern of an order begins; the names of fields follow.
const ORDER: &str = "^[+-]?(";
const EMPTY: &str = "must not be empty: leave it out or give a value";

/// Brings `arguments` into the form that `schema` asks for, or says all that is wrong with them.
///
/// `10.0` and `"10"` are 10, `"true"` is true, an object may come as its JSON text, a list as an
/// array or with commas. Null means absent, except in a tool with arguments that null clears:
/// there it would be unclear what was meant.
pub(super) fn read(
    schema: &JsonObject,
    rules: &[Rule],
    arguments: JsonObject,
) -> Result<JsonObject, Vec<Fault>> {
    let none = JsonObject::new();
    let properties = schema.get("properties").and_then(Value::as_object).unwrap_or(&none);
    let null_clears = properties.values().any(is_nullable);
    let mut read = JsonObject::new();
    let mut faults = Vec::new();
    for (name, value) in arguments {
        let problem = match properties.get(&name) {
            None => unknown(&name, properties),
            Some(property) if value.is_null() && !is_nullable(property) => {
                if !null_clears {
                    continue;
                }
                "can't be cleared with null: leave it out to keep what it is".to_owned()
            }
            Some(property) => match convert(property, &value) {
                Ok(value) => {
                    read.insert(name, value);
                    continue;
                }
                Err(problem) => problem,
            },
        };
        faults.push(Fault { argument: name, problem });
    }
    let required: Vec<&str> = strings(schema.get("required")).collect();
    for &name in &required {
        if !read.contains_key(name) && faults.iter().all(|fault| fault.argument != name) {
            let expected = properties.get(name).map(expected).unwrap_or_default();
            let problem = format!("is missing: it must be {expected}");
            faults.push(Fault { argument: name.to_owned(), problem });
        }
    }
    let given: Vec<&str> =
        read.keys().chain(faults.iter().map(|it| &it.argument)).map(String::as_str).collect();
    let broken: Vec<Fault> =
        rules.iter().filter_map(|rule| rule.broken(&given, &required)).collect();
    faults.extend(broken);
    if faults.is_empty() { Ok(read) } else { Err(faults) }
}

fn unknown(name: &str, properties: &JsonObject) -> String {
    if name == "secretKey" {
        return "is no argument: the server has its key from its own configuration".to_owned();
    }
    let known = properties.keys().map(String::as_str);
    let end = name.to_lowercase();
    let ends: Vec<&str> = known.clone().filter(|it| it.to_lowercase().ends_with(&end)).collect();
    if ends.len() > 1 {
        return format!("is no argument of this tool: did you mean `{}`?", ends.join("` or `"));
    }
    match nearest(name, known.clone()) {
        Some(near) => format!("is no argument of this tool: did you mean `{near}`?"),
        None if properties.is_empty() => "is no argument of this tool: it takes none".to_owned(),
        None => format!(
            "is no argument of this tool; it takes {}",
            known.collect::<Vec<_>>().join(", ")
        ),
    }
}

/// Makes of `value` what `property` asks for, or says what is wrong with it.
fn convert(property: &Value, value: &Value) -> Result<Value, String> {
    if value.is_null() {
        return Ok(Value::Null);
    }
    let kind = kind(property);
    if matches!(value, Value::String(text) if text.trim().is_empty()) {
        return Err(if is_nullable(property) {
            format!("{EMPTY}, or null to clear it")
        } else {
            EMPTY.to_owned()
        });
    }
    let converted = match kind {
        "integer" => integer(value),
        "boolean" => boolean(value),
        "object" => structure(value),
        "array" if has_objects(property) => objects(value),
        "array" => list(value),
        _ => text(value).map(|text| spelled(property, text)),
    };
    match converted {
        Some(converted) if fits(property, &converted) => Ok(converted),
        Some(Value::Array(items)) if items.is_empty() => {
            // Sent as it is, an empty filter would match everybody.
            Err(EMPTY.to_owned())
        }
        _ => {
            let is_id = property.get("pattern").is_some_and(|it| it == Id::PATTERN);
            let is_email = value.as_str().is_some_and(|it| it.contains('@'));
            let find = if is_id && is_email {
                "; clerk_list_users finds users by emailAddress"
            } else {
                ""
            };
            Err(format!("must be {}{}{find}", expected(property), shown(property, value)))
        }
    }
}

/// A choice in the spelling of the property, where it was written in the other one.
fn spelled(property: &Value, text: Value) -> Value {
    let is_order = |it: &str| it.starts_with(ORDER);
    let is_choice = property.get("enum").is_some()
        || property.get("pattern").and_then(Value::as_str).is_some_and(is_order);
    if !is_choice || fits(property, &text) {
        return text;
    }
    let word = text.as_str().unwrap_or_default().trim();
    let spellings = [word.to_owned(), snake_case(word), camel_case(word), word.to_lowercase()];
    spellings.into_iter().map(Value::from).find(|it| fits(property, it)).unwrap_or(text)
}

fn integer(value: &Value) -> Option<Value> {
    let number = match value {
        Value::Number(number) => number.clone(),
        Value::String(text) => text.trim().parse().ok()?,
        _ => return None,
    };
    if number.is_i64() {
        return Some(number.into());
    }
    let float = number.as_f64().filter(|it| it.fract() == 0.0 && it.abs() < 9e15)?;
    #[expect(clippy::cast_possible_truncation, reason = "whole and well within an i64")]
    Some(Number::from(float as i64).into())
}

fn boolean(value: &Value) -> Option<Value> {
    match value {
        Value::Bool(_) => Some(value.clone()),
        Value::String(text) => text.trim().parse::<bool>().ok().map(Value::Bool),
        _ => None,
    }
}

fn structure(value: &Value) -> Option<Value> {
    match value {
        Value::Object(_) => Some(value.clone()),
        Value::String(text) => serde_json::from_str(text).ok().filter(Value::is_object),
        _ => None,
    }
}

fn has_objects(property: &Value) -> bool {
    property.get("items").and_then(|it| it.get("type")).is_some_and(|it| it == "object")
}

fn objects(value: &Value) -> Option<Value> {
    let items = match value {
        Value::Array(items) => items.clone(),
        Value::String(text) => serde_json::from_str(text).ok()?,
        _ => return None,
    };
    items.iter().all(Value::is_object).then_some(Value::Array(items))
}

fn text(value: &Value) -> Option<Value> {
    match value {
        Value::String(_) => Some(value.clone()),
        Value::Number(number) => Some(number.to_string().into()),
        _ => None,
    }
}

fn list(value: &Value) -> Option<Value> {
    let items: Vec<String> = match value {
        Value::Array(items) => items
            .iter()
            .map(|item| text(item)?.as_str().map(|it| it.trim().to_owned()))
            .collect::<Option<_>>()?,
        value => text(value)?.as_str()?.split(',').map(|it| it.trim().to_owned()).collect(),
    };
    Some(items.into_iter().filter(|it| !it.is_empty()).collect())
}

/// Whether a value of the right type keeps the limits that `property` sets.
fn fits(property: &Value, value: &Value) -> bool {
    let limit = |keyword: &str| property.get(keyword).and_then(Value::as_i64);
    let within = |size: i64, min: &str, max: &str| {
        limit(min).is_none_or(|min| size >= min) && limit(max).is_none_or(|max| size <= max)
    };
    let length = |len: usize| i64::try_from(len).unwrap_or(i64::MAX);
    match value {
        Value::Number(number) => number.as_i64().is_some_and(|it| within(it, "minimum", "maximum")),
        Value::Array(items) => within(length(items.len()), "minItems", "maxItems"),
        Value::String(text) => {
            let pattern = property.get("pattern").and_then(Value::as_str);
            within(length(text.chars().count()), "minLength", "maxLength")
                && pattern.is_none_or(|pattern| matches(pattern, text))
                && (!is_date(property) || Date::parse(text).is_some())
                && property.get("enum").is_none_or(|it| strings(Some(it)).any(|it| it == text))
        }
        _ => true,
    }
}

fn is_date(property: &Value) -> bool {
    property.get("format").is_some_and(|it| it == Date::FORMAT)
}

fn matches(pattern: &str, text: &str) -> bool {
    match pattern {
        // The commonest by far, and slow as an expression: it counts to 255.
        Id::PATTERN => Id::parse(text).is_ok(),
        pattern => Regex::new(pattern).is_ok_and(|it| it.is_match(text)),
    }
}

/// What `property` asks for, in words.
fn expected(property: &Value) -> String {
    let limit = |keyword: &str| property.get(keyword).and_then(Value::as_i64);
    let range = |min: &str, max: &str| match (limit(min), limit(max)) {
        (Some(min), Some(max)) => format!(" from {min} to {max}"),
        (Some(min), None) => format!(" of at least {min}"),
        (None, Some(max)) => format!(" of at most {max}"),
        (None, None) => String::new(),
    };
    match kind(property) {
        "integer" => format!("a whole number{}", range("minimum", "maximum")),
        "boolean" => "true or false".to_owned(),
        "object" => "a JSON object".to_owned(),
        "array" if has_objects(property) => match limit("maxItems") {
            Some(most) => format!("a list of at most {most} JSON objects"),
            None => "a list of JSON objects".to_owned(),
        },
        "array" => format!(
            "a list of at most {} texts, as an array or with commas between them",
            limit("maxItems").unwrap_or(i64::MAX)
        ),
        _ => {
            if property.get("enum").is_some() {
                let values: Vec<_> = strings(property.get("enum")).collect();
                return format!("one of {}", values.join(", "));
            }
            if is_date(property) {
                return "a date such as 2026-01-31, or Unix milliseconds".to_owned();
            }
            let length = range("minLength", "maxLength");
            match property.get("pattern").and_then(Value::as_str) {
                Some(Id::PATTERN) => "an id of letters, digits, `_` and `-`".to_owned(),
                Some(pattern) => format!("text that matches {pattern}"),
                None if length.is_empty() => "text".to_owned(),
                None => format!("text{length} characters"),
            }
        }
    }
}

/// The refused value, but no password.
fn shown(property: &Value, value: &Value) -> String {
    if property.get("writeOnly").is_some() {
        return String::new();
    }
    let text = value.to_string();
    match text.char_indices().nth(SHOWN) {
        None => format!(", not {text}"),
        Some((end, _)) => format!(", not {}…", text.get(..end).unwrap_or_default()),
    }
}

/// The one type that arguments are brought to: of several the list, which takes them all.
fn kind(property: &Value) -> &str {
    match property.get("type") {
        Some(Value::String(kind)) => kind,
        Some(Value::Array(kinds)) if kinds.iter().any(|it| it == "array") => "array",
        _ => "string",
    }
}

fn is_nullable(property: &Value) -> bool {
    property.get("nullable").is_some_and(|it| it == true)
}

fn strings(values: Option<&Value>) -> impl Iterator<Item = &str> {
    values.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn schema() -> JsonObject {
        let schema = json!({
            "properties": {
                "userId": { "type": "string", "pattern": Id::PATTERN },
                "limit": { "type": "integer", "minimum": 1, "maximum": 500 },
                "banned": { "type": "boolean" },
                "emailAddress": { "type": ["string", "array"], "items": {}, "maxItems": 3, "minItems": 1 },
                "status": { "type": "string", "enum": ["active", "ended", "neverSeen"] },
                "orderBy": { "type": "string", "pattern": "^[+-]?(created_at|name)$" },
                "password": { "type": "string", "minLength": 8, "writeOnly": true },
                "metadata": { "type": "object" },
            },
            "required": ["userId"],
        });
        schema.as_object().unwrap().clone()
    }

    fn run(arguments: Value) -> Result<Value, Vec<String>> {
        let Value::Object(arguments) = arguments else { unreachable!() };
        match read(&schema(), &[], arguments) {
            Ok(read) => Ok(read.into()),
            Err(faults) => Err(faults.iter().map(ToString::to_string).collect()),
        }
    }

    #[test]
    fn the_forms_that_models_write_are_understood() {
        let cases = [
            (json!({ "limit": 10.0 }), json!({ "limit": 10 })),
            (json!({ "limit": " 10 " }), json!({ "limit": 10 })),
            (json!({ "limit": "1e1" }), json!({ "limit": 10 })),
            (json!({ "limit": null }), json!({})),
            (json!({ "banned": "false" }), json!({ "banned": false })),
            (json!({ "emailAddress": " a@x , ,b@x" }), json!({ "emailAddress": ["a@x", "b@x"] })),
            (json!({ "emailAddress": ["a@x", " "] }), json!({ "emailAddress": ["a@x"] })),
            (json!({ "emailAddress": 5 }), json!({ "emailAddress": ["5"] })),
            (json!({ "orderBy": "-createdAt" }), json!({ "orderBy": "-created_at" })),
            (json!({ "status": "Active" }), json!({ "status": "active" })),
            (json!({ "status": "never_seen" }), json!({ "status": "neverSeen" })),
            (json!({ "metadata": "{\"a\":1}" }), json!({ "metadata": { "a": 1 } })),
            (json!({ "password": " 12345678" }), json!({ "password": " 12345678" })),
        ];
        for (mut arguments, mut read) in cases {
            arguments["userId"] = json!("user_1");
            read["userId"] = json!("user_1");
            assert_eq!(run(arguments), Ok(read));
        }
    }

    #[test]
    fn each_fault_names_the_argument_and_what_would_be_right() {
        let cases = [
            (json!({}), "`userId` is missing: it must be an id of letters, digits, `_` and `-`"),
            (
                json!({ "userId": null }),
                "`userId` is missing: it must be an id of letters, digits, `_` and `-`",
            ),
            (
                json!({ "userId": "../x" }),
                "`userId` must be an id of letters, digits, `_` and `-`, not \"../x\"",
            ),
            (
                json!({ "userId": "ada@x.example" }),
                "`userId` must be an id of letters, digits, `_` and `-`, not \"ada@x.example\"; \
                 clerk_list_users finds users by emailAddress",
            ),
            (json!({ "limit": 501 }), "`limit` must be a whole number from 1 to 500, not 501"),
            (json!({ "limit": 1.5 }), "`limit` must be a whole number from 1 to 500, not 1.5"),
            (json!({ "limit": 1e300 }), "`limit` must be a whole number from 1 to 500, not 1e+300"),
            (
                json!({ "limit": u64::MAX }),
                "`limit` must be a whole number from 1 to 500, not 18446744073709551615",
            ),
            (
                json!({ "limit": "many" }),
                "`limit` must be a whole number from 1 to 500, not \"many\"",
            ),
            (json!({ "limit": [] }), "`limit` must be a whole number from 1 to 500, not []"),
            (json!({ "banned": 1 }), "`banned` must be true or false, not 1"),
            (
                json!({ "status": "gone" }),
                "`status` must be one of active, ended, neverSeen, not \"gone\"",
            ),
            (
                json!({ "emailAddress": " , " }),
                "`emailAddress` must not be empty: leave it out or give a value",
            ),
            (
                json!({ "emailAddress": "" }),
                "`emailAddress` must not be empty: leave it out or give a value",
            ),
            (
                json!({ "emailAddress": [] }),
                "`emailAddress` must not be empty: leave it out or give a value",
            ),
            (
                json!({ "emailAddress": ["a", {}] }),
                "`emailAddress` must be a list of at most 3 texts, as an array or with commas between them, not [\"a\",{}]",
            ),
            (
                json!({ "emailAddress": "a,b,c,d" }),
                "`emailAddress` must be a list of at most 3 texts, as an array or with commas between them, not \"a,b,c,d\"",
            ),
            (json!({ "password": "geheim" }), "`password` must be text of at least 8 characters"),
            (json!({ "metadata": [1] }), "`metadata` must be a JSON object, not [1]"),
            (json!({ "metadata": "x" }), "`metadata` must be a JSON object, not \"x\""),
            (json!({ "lmit": 5 }), "`lmit` is no argument of this tool: did you mean `limit`?"),
            (
                json!({ "user_id": "user_1" }),
                "`user_id` is no argument of this tool: did you mean `userId`?",
            ),
            (
                json!({ "secretKey": "sk_test_x" }),
                "`secretKey` is no argument: the server has its key from its own configuration",
            ),
        ];
        for (mut arguments, fault) in cases {
            if !fault.starts_with("`userId`") {
                arguments["userId"] = json!("user_1");
            }
            assert_eq!(run(arguments), Err(vec![fault.to_owned()]));
        }
    }

    #[test]
    fn all_faults_are_told_at_once_and_long_values_are_cut() {
        let faults =
            run(json!({ "limit": 0, "zzzzzzzz": 1, "metadata": "x".repeat(500) })).unwrap_err();
        assert_eq!(faults.len(), 4, "{faults:?}");
        assert!(faults.iter().all(|it| it.len() < 200), "{faults:?}");
    }

    #[test]
    fn null_is_refused_where_the_tool_has_arguments_that_null_clears() {
        let mut schema = schema();
        schema["properties"]["status"]["nullable"] = json!(true);
        let read = |arguments: Value| read(&schema, &[], arguments.as_object().unwrap().clone());
        let cleared = json!({ "userId": "user_1", "status": null });
        assert_eq!(read(cleared.clone()).map(Value::Object), Ok(cleared));
        let faults = read(json!({ "userId": "user_1", "limit": null })).unwrap_err();
        assert_eq!(faults[0].argument, "limit");
    }

    fn any_json() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<f64>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            ".{0,20}".prop_map(Value::from),
        ];
        leaf.prop_recursive(3, 16, 4, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::hash_map(".{0,8}", inner, 0..4)
                    .prop_map(|map| Value::Object(map.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn no_value_panics_and_what_is_read_is_read_again_as_it_is(
            name in prop_oneof![Just("limit"), Just("emailAddress"), Just("metadata"), Just("status"), Just("password")],
            value in any_json(),
        ) {
            if let Ok(first) = run(json!({ "userId": "user_1", name: value })) {
                prop_assert_eq!(run(first.clone()), Ok(first));
            }
        }
    }
}
