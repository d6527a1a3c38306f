//! A document as text: compact, and a line for each operation and schema, so that a difference
//! shows which of them changed.

use serde_json::{Map, Value};

/// How deep objects are spread over lines: `paths`, path, operation; `components`, section, name.
const DEPTH: usize = 3;

/// The text, with a newline at the end.
pub(crate) fn lines(document: &Value) -> String {
    let mut text = String::new();
    spread(document, 0, &mut text);
    text + "\n"
}

fn spread(value: &Value, depth: usize, text: &mut String) {
    match value {
        Value::Object(object) if depth < DEPTH && !object.is_empty() => {
            members(object, depth, text);
        }
        value => *text += &value.to_string(),
    }
}

fn members(object: &Map<String, Value>, depth: usize, text: &mut String) {
    let mut separator = "{";
    for (key, value) in object {
        *text += separator;
        *text += "\n";
        *text += &" ".repeat(depth + 1);
        *text += &Value::from(key.as_str()).to_string();
        *text += ": ";
        spread(value, depth + 1, text);
        separator = ",";
    }
    *text += "\n";
    *text += &" ".repeat(depth);
    *text += "}";
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn an_operation_is_a_line() {
        let get = json!({ "parameters": [{ "in": "query", "name": "limit" }] });
        let document = json!({ "openapi": "3.0.3", "paths": { "/users": { "get": get } } });
        let text = lines(&document);
        let line = "   \"get\": {\"parameters\":[{\"in\":\"query\",\"name\":\"limit\"}]}\n";
        assert!(text.contains(line), "{text}");
        assert_eq!(text.lines().count(), 8);
        assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), document);
    }
}
