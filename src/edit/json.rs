//! JSON, with and without comments.

use jsonc_parser::{
    CollectOptions, ParseOptions,
    ast::{Object, ObjectProp, Value as Node},
    parse_to_ast,
};
use serde_json::{Map, Number, Value};

use super::{
    Broken, Format,
    lines::{line_end, splice},
};

pub(super) fn read(text: &str, format: Format) -> Result<Value, Broken> {
    let root = parse(text, format)?;
    if format == Format::Json && root.is_some() {
        // It is strict about control characters and numbers too.
        serde_json::from_str::<serde::de::IgnoredAny>(text).map_err(|error| {
            let what = error.to_string();
            let what = what.split(" at line ").next().unwrap_or_default().to_owned();
            Broken { line: error.line(), column: error.column().max(1), what }
        })?;
    }
    Ok(root.as_ref().map_or(Value::Null, value_of))
}

fn parse(text: &str, format: Format) -> Result<Option<Node<'_>>, Broken> {
    let comments = format == Format::JsonWithComments;
    let options = ParseOptions {
        allow_comments: comments,
        allow_trailing_commas: comments,
        allow_loose_object_property_names: false,
        allow_missing_commas: false,
        allow_single_quoted_strings: false,
        allow_hexadecimal_numbers: false,
        allow_unary_plus_numbers: false,
        allow_bare_decimal_point_numbers: false,
        allow_non_finite_numbers: false,
        allow_extended_string_escapes: false,
    };
    let parsed =
        parse_to_ast(text, &CollectOptions::default(), &options).map_err(|error| Broken {
            line: error.line_display(),
            column: error.column_display(),
            what: error.kind().to_string(),
        })?;
    Ok(parsed.value)
}

fn value_of(node: &Node<'_>) -> Value {
    match node {
        Node::StringLit(text) => Value::String(text.value.to_string()),
        Node::NumberLit(number) => {
            // A number that is too large to hold stays what it is: a text that differs from others.
            let parsed = serde_json::from_str::<Number>(number.value);
            parsed.map_or_else(|_| Value::String(number.value.to_owned()), Value::Number)
        }
        Node::BooleanLit(boolean) => Value::Bool(boolean.value),
        Node::Object(object) => {
            let pair = |property: &ObjectProp<'_>| {
                (property.name.as_str().to_owned(), value_of(&property.value))
            };
            Value::Object(object.properties.iter().map(pair).collect::<Map<_, _>>())
        }
        Node::Array(array) => Value::Array(array.elements.iter().map(value_of).collect()),
        Node::NullKeyword(_) => Value::Null,
    }
}

/// Of two properties with one name the last one counts, as for `JSON.parse`.
fn property<'a, 'b>(object: &'b Object<'a>, name: &str) -> Option<&'b ObjectProp<'a>> {
    object.properties.iter().rev().find(|property| property.name.as_str() == name)
}

pub(super) fn put(text: &str, path: &[&str], value: &Value) -> Option<String> {
    let style = Style::of(text);
    let root = parse(text, Format::JsonWithComments).ok()?;
    let Some(root) = root else {
        let document = style.render(&nested(path, value), "") + style.line_end;
        let comments = if text.trim().is_empty() {
            String::new()
        } else {
            super::lines::ended(text, style.line_end)
        };
        return Some(comments + &document);
    };
    let mut object = root.as_object()?;
    let mut rest = path;
    loop {
        let (name, deeper) = rest.split_first()?;
        let Some(found) = property(object, name) else {
            return insert(text, object, name, &nested(deeper, value), &style);
        };
        match (&found.value, deeper) {
            (Node::Object(inner), [_, ..]) => (object, rest) = (inner, deeper),
            (node, _) => {
                let range = range(node);
                let indent = indent_at(text, found.range.start);
                let new = if is_spread(text, object) {
                    style.render(&nested(deeper, value), indent)
                } else {
                    nested(deeper, value).to_string()
                };
                return splice(text, range.0, range.1, &new);
            }
        }
    }
}

pub(super) fn remove(text: &str, path: &[&str]) -> Option<String> {
    let root = parse(text, Format::JsonWithComments).ok()??;
    let (name, parents) = path.split_last()?;
    let mut object = root.as_object()?;
    for parent in parents {
        object = property(object, parent)?.value.as_object()?;
    }
    let index = object.properties.iter().rposition(|property| property.name.as_str() == *name)?;
    let own = object.properties.get(index)?;
    let before = index.checked_sub(1).and_then(|index| object.properties.get(index));
    let after = object.properties.get(index + 1);
    let end = after.map_or(object.range.end - 1, |next| next.range.start);
    let comma = comma(text, own.range.end, end);
    let mut cut_end = comma.map_or(own.range.end, |comma| comma + 1);
    let mut cut_start = own.range.start - indent_before(text, own.range.start);
    let starts_line = text.get(..cut_start)?.ends_with('\n');
    if starts_line {
        cut_start -= 1;
        if text.get(..cut_start)?.ends_with('\r') {
            cut_start -= 1;
        }
    } else if after.is_some() {
        // `{ "ours": …, "next": … }`: what stands before the first one now stands before the next.
        cut_start = own.range.start;
        cut_end += indent_after(text, cut_end);
    }
    if before.is_none() && after.is_none() {
        // Only blank space is left: the object closes where it opens.
        let inside = [
            text.get(object.range.start + 1..cut_start)?,
            text.get(cut_end..object.range.end - 1)?,
        ];
        if inside.iter().all(|part| part.trim().is_empty()) {
            return splice(text, object.range.start + 1, object.range.end - 1, "");
        }
    }
    let shorter = splice(text, cut_start, cut_end, "")?;
    match (before, comma) {
        // The one before is the last one now: it has a comma only if ours had.
        (Some(before), None) => {
            let comma = self::comma(text, before.range.end, own.range.start)?;
            splice(&shorter, comma, comma + 1, "")
        }
        _ => Some(shorter),
    }
}

/// How a file is written.
struct Style {
    line_end: &'static str,
    /// One step of indentation.
    unit: String,
}

impl Style {
    /// That of the first line that is indented.
    fn of(text: &str) -> Self {
        let indented = |line: &str| {
            let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
            let is_text = line.trim_start().starts_with('"');
            (indent > 0 && is_text).then(|| line.get(..indent).unwrap_or_default().to_owned())
        };
        let unit = text.lines().find_map(indented);
        Self { line_end: line_end(text), unit: unit.unwrap_or_else(|| "  ".to_owned()) }
    }

    /// The value over several lines, whose first one stands behind `indent`. Lists of texts are in
    /// one line.
    fn render(&self, value: &Value, indent: &str) -> String {
        match value {
            Value::Object(object) if !object.is_empty() => {
                let inner = format!("{indent}{}", self.unit);
                let line = |(name, value): (&String, &Value)| {
                    format!("{inner}{}: {}", Value::from(name.as_str()), self.render(value, &inner))
                };
                let lines: Vec<String> = object.iter().map(line).collect();
                let (separator, end) = (format!(",{}", self.line_end), self.line_end);
                format!("{{{end}{}{end}{indent}}}", lines.join(&separator))
            }
            Value::Array(list) => {
                let values: Vec<String> = list.iter().map(Value::to_string).collect();
                format!("[{}]", values.join(", "))
            }
            value => value.to_string(),
        }
    }
}

/// The value inside objects with the names of a path.
fn nested(path: &[&str], value: &Value) -> Value {
    path.iter().rev().fold(value.clone(), |value, name| {
        Value::Object(Map::from_iter([((*name).to_owned(), value)]))
    })
}

/// Adds a property at the end of an object.
fn insert(
    text: &str,
    object: &Object<'_>,
    name: &str,
    value: &Value,
    style: &Style,
) -> Option<String> {
    let close = object.range.end - 1;
    let key = Value::from(name);
    let Some(last) = object.properties.last() else {
        let outer = indent_at(text, object.range.start).to_owned();
        let inner = format!("{outer}{}", style.unit);
        let comments = text.get(object.range.start + 1..close)?.trim_end();
        let end = style.line_end;
        let new =
            format!("{comments}{end}{inner}{key}: {}{end}{outer}", style.render(value, &inner));
        return splice(text, object.range.start + 1, close, &new);
    };
    let comma = comma(text, last.range.end, close);
    let after = comma.map_or(last.range.end, |comma| comma + 1);
    let trailing = if comma.is_some() { "," } else { "" };
    let (at, new) = if is_spread(text, object) {
        let indent = indent_at(text, last.range.start);
        let value = style.render(value, indent);
        let at = end_of_line(text, after, close);
        (at, format!("{}{indent}{key}: {value}{trailing}", style.line_end))
    } else {
        let blank = if text.get(..last.range.start)?.ends_with(' ') { " " } else { "" };
        (after, format!("{blank}{key}: {value}{trailing}"))
    };
    let longer = splice(text, at, at, &new)?;
    if comma.is_some() {
        Some(longer)
    } else {
        splice(&longer, last.range.end, last.range.end, ",")
    }
}

/// Whether an object has its properties on lines of their own.
fn is_spread(text: &str, object: &Object<'_>) -> bool {
    let first = object.properties.first().map_or(object.range.end, |first| first.range.start);
    text.get(object.range.start..first).is_some_and(|gap| gap.contains('\n'))
}

fn range(node: &Node<'_>) -> (usize, usize) {
    let range = match node {
        Node::StringLit(node) => node.range,
        Node::NumberLit(node) => node.range,
        Node::BooleanLit(node) => node.range,
        Node::Object(node) => node.range,
        Node::Array(node) => node.range,
        Node::NullKeyword(node) => node.range,
    };
    (range.start, range.end)
}

/// The indentation of the line in which an offset is.
fn indent_at(text: &str, offset: usize) -> &str {
    let line = text.get(..offset).unwrap_or_default().rfind('\n').map_or(0, |at| at + 1);
    let line = text.get(line..).unwrap_or_default();
    let indent = line.len() - line.trim_start_matches([' ', '\t']).len();
    line.get(..indent).unwrap_or_default()
}

fn indent_before(text: &str, offset: usize) -> usize {
    let before = text.get(..offset).unwrap_or_default();
    before.len() - before.trim_end_matches([' ', '\t']).len()
}

fn indent_after(text: &str, offset: usize) -> usize {
    let after = text.get(offset..).unwrap_or_default();
    after.len() - after.trim_start_matches([' ', '\t']).len()
}

/// The first comma between two offsets that isn't in a comment.
fn comma(text: &str, start: usize, end: usize) -> Option<usize> {
    let mut at = start;
    while at < end {
        let rest = text.get(at..end)?;
        if rest.starts_with(',') {
            return Some(at);
        }
        at += comment(rest).or_else(|| rest.chars().next().map(char::len_utf8))?;
    }
    None
}

/// The length of the comment that a text begins with.
fn comment(text: &str) -> Option<usize> {
    if text.starts_with("//") {
        return Some(text.find('\n').unwrap_or(text.len()));
    }
    text.starts_with("/*").then(|| text.find("*/").map_or(text.len(), |at| at + 2))
}

/// Where the line ends that an offset is in, its comments included; no later than `end`, whose line
/// is left to what stands there.
fn end_of_line(text: &str, start: usize, end: usize) -> usize {
    let (mut at, mut last) = (start, start);
    while at < end {
        let Some(rest) = text.get(at..end) else { break };
        if rest.starts_with('\n') || rest.starts_with("\r\n") {
            return last.max(at);
        }
        if let Some(length) = comment(rest) {
            at += length;
            // A carriage return before the line end is no part of a comment.
            if text.get(..at).is_some_and(|text| text.ends_with('\r')) {
                at -= 1;
            }
            last = at;
        } else {
            at += rest.chars().next().map_or(1, char::len_utf8);
        }
    }
    last
}
