//! TOML, whose tables can stand anywhere: an entry is a table with a header of its own at the end.

use std::fmt::Write as _;

use serde_json::{Map, Number, Value};
use toml::{
    Spanned,
    de::{DeString, DeTable, DeValue},
};

use super::{
    Broken,
    lines::{Line, ended, line_end, lines, splice},
};

pub(super) fn read(text: &str) -> Result<Value, Broken> {
    let table = DeTable::parse(text).map_err(|error| {
        let offset = error.span().map_or(0, |span| span.start);
        Broken::at(text, offset, error.message().to_owned())
    })?;
    Ok(table_of(table.get_ref()))
}

/// In the order of the text.
fn table_of(table: &DeTable<'_>) -> Value {
    let mut pairs: Vec<_> = table.iter().collect();
    pairs.sort_by_key(|(key, _)| key.span().start);
    let pair = |(key, value): (&Spanned<DeString<'_>>, &Spanned<DeValue<'_>>)| {
        (key.get_ref().to_string(), value_of(value.get_ref()))
    };
    Value::Object(pairs.into_iter().map(pair).collect())
}

fn value_of(value: &DeValue<'_>) -> Value {
    // A number that JSON can't hold is compared by its text.
    let number = |text: &str| {
        let parsed = serde_json::from_str::<Number>(text);
        parsed.map_or_else(|_| Value::from(text), Value::Number)
    };
    match value {
        DeValue::String(text) => Value::from(text.as_ref()),
        DeValue::Integer(integer) => number(&integer.to_string()),
        DeValue::Float(float) => number(float.as_str()),
        DeValue::Boolean(boolean) => Value::from(*boolean),
        DeValue::Datetime(time) => Value::from(time.to_string()),
        DeValue::Array(array) => array.iter().map(|value| value_of(value.get_ref())).collect(),
        DeValue::Table(table) => table_of(table),
    }
}

pub(super) fn put(text: &str, path: &[&str], value: &Value) -> Option<String> {
    let end = line_end(text);
    match value {
        Value::Object(table) => {
            let new = render(path, table, end);
            match cut(text, path)? {
                (shorter, Some(at)) => splice(&shorter, at, at, &new),
                (text, None) => {
                    let text = ended(&text, end);
                    let gap = if text.is_empty() || text.ends_with(&[end, end].concat()) {
                        ""
                    } else {
                        end
                    };
                    Some([&text, gap, &new].concat())
                }
            }
        }
        // A value at the top stands before the first table.
        value => {
            let [name] = path else { return None };
            let line = format!("{} = {}{end}", key(name), inline(value));
            let own = |line: &&Line<'_>| {
                header(line.text).is_none() && assigned(line.text).as_deref() == Some(name)
            };
            let all = lines(text);
            let top = all.iter().take_while(|line| header(line.text).is_none());
            if let Some(found) = top.clone().find(own) {
                return splice(text, found.start, found.end, &line);
            }
            let rest = top.filter(|line| !line.is_idle()).last().map_or(0, |line| line.end);
            let gap = if rest == 0 && !text.is_empty() { end } else { "" };
            splice(text, rest, rest, &format!("{line}{gap}"))
        }
    }
}

pub(super) fn remove(text: &str, path: &[&str]) -> Option<String> {
    let (shorter, at) = cut(text, path)?;
    let at = at?;
    // The blank line before the entry goes with it.
    let end = line_end(text);
    let blank = at - end.len().min(at);
    let double = [end, end].concat();
    if shorter.get(..at)?.ends_with(&double) {
        splice(&shorter, blank, at, "")
    } else {
        Some(shorter)
    }
}

/// The text without the tables at and below a path, and where the first one was.
fn cut(text: &str, path: &[&str]) -> Option<(String, Option<usize>)> {
    let lines = lines(text);
    let headers: Vec<(usize, Vec<String>)> = lines
        .iter()
        .enumerate()
        .filter_map(|(index, line)| Some((index, header(line.text)?)))
        .collect();
    let mut shorter = text.to_owned();
    let mut first = None;
    for (number, (index, name)) in headers.iter().enumerate().rev() {
        if !name
            .iter()
            .map(String::as_str)
            .zip(path)
            .filter(|(own, part)| own == *part)
            .count()
            .eq(&path.len())
        {
            continue;
        }
        let next = headers.get(number + 1).map_or(lines.len(), |(next, _)| *next);
        // What is said before the next header belongs to that.
        let section = lines.get(*index..next)?;
        let last = section.iter().rev().find(|line| !line.is_idle())?;
        let start = lines.get(*index)?.start;
        shorter = splice(&shorter, start, last.end, "")?;
        first = Some(start);
    }
    Some((shorter, first))
}

/// The keys in a line that is a table's header.
fn header(line: &str) -> Option<Vec<String>> {
    if !line.trim_start().starts_with('[') {
        return None;
    }
    let mut value = read(line).ok()?;
    let mut keys = Vec::new();
    loop {
        if let Value::Array(list) = value {
            value = list.into_iter().next()?;
        }
        let Value::Object(table) = value else { return Some(keys) };
        let Some((key, inner)) = table.into_iter().next() else { return Some(keys) };
        keys.push(key);
        value = inner;
    }
}

/// The key that a line gives a value.
fn assigned(line: &str) -> Option<String> {
    let Ok(Value::Object(table)) = read(line) else { return None };
    table.into_iter().next().map(|(key, _)| key)
}

fn render(path: &[&str], table: &Map<String, Value>, end: &str) -> String {
    let names: Vec<String> = path.iter().map(|name| key(name)).collect();
    let mut text = format!("[{}]{end}", names.join("."));
    for (name, value) in table {
        let _infallible = write!(text, "{} = {}{end}", key(name), inline(value));
    }
    text
}

fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    if !name.is_empty() && name.chars().all(is_bare) { name.to_owned() } else { quoted(name) }
}

/// JSON's escapes are TOML's, and TOML wants one more.
fn quoted(text: &str) -> String {
    Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}

fn inline(value: &Value) -> String {
    match value {
        Value::String(text) => quoted(text),
        Value::Array(list) => {
            let values: Vec<String> = list.iter().map(inline).collect();
            format!("[{}]", values.join(", "))
        }
        Value::Object(table) => {
            let pair =
                |(name, value): (&String, &Value)| format!("{} = {}", key(name), inline(value));
            let pairs: Vec<String> = table.iter().map(pair).collect();
            format!("{{ {} }}", pairs.join(", "))
        }
        value => value.to_string(),
    }
}
