//! JSON Schemas as rows of a table: one row for each property, at any depth.

use std::{collections::HashMap, fmt::Write};

use clerk_mcp::catalog;
use serde_json::Value;

/// Objects with fewer properties are shown each time.
const SMALL: usize = 4;

/// A property of a schema.
pub(super) struct Row {
    /// Where it stands, such as `saml.loginHint.mode` or `users[].id`.
    pub(super) path: String,
    pub(super) is_required: bool,
    /// Its type with its limits.
    pub(super) ty: String,
    pub(super) about: String,
}

/// Keywords that are shown otherwise, or say nothing to a person.
const ELSEWHERE: [&str; 8] = [
    "type",
    "description",
    "properties",
    "items",
    "required",
    "enum",
    "default",
    "additionalProperties",
];
/// Two keywords that make a range, with its unit.
const RANGES: [(&str, &str, &str); 3] = [
    ("minimum", "maximum", ""),
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " items"),
];

/// A text in a cell of a table, with a link from each tool's name to its reference.
pub(super) fn cell(text: &str) -> String {
    let parts = text.split('`').enumerate();
    let cell = parts.map(|(place, part)| match place % 2 {
        0 => linked(&part.replace('<', "&lt;")),
        _ => format!("`{part}`"),
    });
    cell.collect::<String>().replace('|', "\\|").replace('\n', " ")
}

/// Names of tools in a text, as links.
pub(super) fn linked(text: &str) -> String {
    let mut linked = String::new();
    let tools: HashMap<&str, &str> =
        catalog::all().map(|(toolset, tool)| (tool.name, toolset.name)).collect();
    let mut rest = text;
    while let Some(place) = rest.find("clerk_") {
        let (before, after) = rest.split_at(place);
        let is_of_name = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let end = after.find(|c| !is_of_name(c)).unwrap_or(after.len());
        let (name, after) = after.split_at(end);
        linked += before;
        match tools.get(name) {
            Some(toolset) => write!(linked, "[`{name}`]({toolset}.md#{name})").unwrap(),
            None => write!(linked, "`{name}`").unwrap(),
        }
        rest = after;
    }
    linked + rest
}

/// Objects that a page shows already, by their properties: the tool and the path of each.
pub(super) type Shown = HashMap<String, (&'static str, String)>;

/// Where the properties of an object are shown already; if nowhere, it is noted as shown here.
pub(super) fn shown_at(
    schema: &Value,
    tool: &'static str,
    path: &str,
    shown: &mut Shown,
) -> Option<String> {
    let properties = schema["properties"].as_object().filter(|known| known.len() >= SMALL)?;
    let key = Value::Object(properties.clone()).to_string();
    let Some((tool, path)) = shown.get(&key) else {
        shown.insert(key, (tool, path.to_owned()));
        return None;
    };
    let tool = format!("[`{tool}`](#{tool})");
    Some(if path.is_empty() { tool } else { format!("`{path}` in {tool}") })
}

/// All properties of an object's schema, at any depth, but for objects that are shown already.
pub(super) fn rows(
    schema: &Value,
    path: &str,
    already: &mut impl FnMut(&Value, &str) -> Option<String>,
) -> Vec<Row> {
    let mut rows = Vec::new();
    let required = |name: &str| {
        let names = schema["required"].as_array();
        names.is_some_and(|names| names.iter().any(|required| required == name))
    };
    for (name, property) in schema["properties"].as_object().into_iter().flatten() {
        let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
        let about = property["description"].as_str().unwrap_or_default();
        let mut row = Row {
            path: path.clone(),
            is_required: required(name),
            ty: ty(property),
            about: cell(about),
        };
        let (inner, suffix) = match property.get("items") {
            Some(items) => (items, "[]"),
            None => (property, ""),
        };
        let path = format!("{path}{suffix}");
        let place = already(inner, &path);
        if let Some(place) = &place {
            let gap = if row.about.is_empty() { "" } else { " " };
            write!(row.about, "{gap}Same fields as {place}.").unwrap();
        }
        rows.push(row);
        if place.is_none() {
            rows.extend(self::rows(inner, &path, already));
        }
    }
    rows
}

/// A type with its limits. Any field of a result can be null, which is said once.
fn ty(schema: &Value) -> String {
    let name = match &schema["type"] {
        Value::Array(names) => names.iter().filter_map(Value::as_str).find(|name| *name != "null"),
        name => name.as_str(),
    };
    let mut parts = vec![match (name, schema.get("items")) {
        (Some("array"), Some(items)) => format!("array of {}", ty(items)),
        (name, _) => name.unwrap_or("any").to_owned(),
    }];
    if let Some(choices) = schema["enum"].as_array() {
        let choices: Vec<String> = choices.iter().map(code).collect();
        parts = vec![format!("one of {}", choices.join(", "))];
    }
    for (least, most, unit) in RANGES {
        match (schema.get(least), schema.get(most)) {
            (Some(least), Some(most)) => parts.push(format!("{least} to {most}{unit}")),
            (Some(least), None) => parts.push(format!("at least {least}{unit}")),
            (None, Some(most)) => parts.push(format!("at most {most}{unit}")),
            (None, None) => {}
        }
    }
    for (keyword, value) in schema.as_object().into_iter().flatten() {
        let is_of_range = RANGES.iter().any(|(least, most, _)| keyword == least || keyword == most);
        if !is_of_range && !ELSEWHERE.contains(&keyword.as_str()) {
            parts.push(format!("{keyword} {}", code(value)));
        }
    }
    if let Some(default) = schema.get("default") {
        parts.push(format!("default {}", code(default)));
    }
    parts.join(", ").replace('|', "\\|")
}

fn code(value: &Value) -> String {
    format!("`{}`", value.as_str().map_or_else(|| value.to_string(), str::to_owned))
}
