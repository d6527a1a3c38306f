//! YAML, of which only the form that programs write is edited: a mapping in block style at the top,
//! with a mapping in block style in it.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{
    Broken,
    lines::{Line, ended, line_end, lines, splice},
};

pub(super) fn read(text: &str) -> Result<Value, Broken> {
    if lines(text).iter().all(Line::is_idle) {
        return Ok(Value::Null);
    }
    serde_saphyr::from_str(text).map_err(|error| {
        let (line, column) =
            error.location().map_or((1, 1), |location| (location.line(), location.column()));
        let what = error.without_snippet().to_string();
        let what = what.lines().next().unwrap_or_default().to_owned();
        let number = |number: u64| usize::try_from(number).unwrap_or(usize::MAX).max(1);
        Broken { line: number(line), column: number(column), what }
    })
}

pub(super) fn put(text: &str, path: &[&str], value: &Value) -> Option<String> {
    let [parent, name] = path else { return None };
    let table = value.as_object()?;
    let end = line_end(text);
    let Some(block) = Block::find(text, parent) else {
        let new = format!("{}:{end}{}", key(parent), render(name, table, "  ", end));
        return Some(ended(text, end) + &new);
    };
    let new = render(name, table, &block.indent, end);
    if let Some((start, entry_end)) = block.entry(name) {
        return splice(text, start, entry_end, &new);
    }
    if let Some((.., last)) = block.entries.last() {
        let before = ended(text.get(..*last)?, end);
        return Some([&before, &new, text.get(*last..)?].concat());
    }
    let (start, value_end) = block.value;
    let head = text.get(..start)?.trim_end_matches(' ');
    let rest = text.get(value_end..block.head_end)?.trim_end_matches(['\r', '\n']);
    Some([head, rest, end, &new, text.get(block.head_end..)?].concat())
}

pub(super) fn remove(text: &str, path: &[&str]) -> Option<String> {
    let [parent, name] = path else { return None };
    let (start, entry_end) = Block::find(text, parent)?.entry(name)?;
    let shorter = splice(text, start, entry_end, "")?;
    let left = Block::find(&shorter, parent)?;
    // A key without a value is null, which programs don't expect.
    if left.entries.is_empty() {
        splice(&shorter, left.value.0, left.value.1, " {}")
    } else {
        Some(shorter)
    }
}

/// A key at the top and the mapping in it.
struct Block {
    /// Where the value on the key's own line is: nothing, `{}` or `null`, with the blank before it.
    value: (usize, usize),
    /// Where the key's line ends.
    head_end: usize,
    /// What the entries are indented by.
    indent: String,
    /// Their names and places.
    entries: Vec<(String, usize, usize)>,
}

impl Block {
    fn find(text: &str, parent: &str) -> Option<Self> {
        let lines = lines(text);
        let index = lines
            .iter()
            .position(|line| line.indent() == 0 && name_of(line.text) == Some(parent))?;
        let head = lines.get(index)?;
        let colon = head.start + head.text.find(':')? + 1;
        let rest = text.get(colon..head.start + head.text.len())?;
        let value = rest.split(" #").next().unwrap_or(rest).trim_end();
        if !matches!(value.trim(), "" | "{}" | "null" | "~") {
            return None;
        }
        let inside =
            lines.iter().skip(index + 1).take_while(|line| line.is_idle() || line.indent() > 0);
        let first = inside.clone().find(|line| !line.is_idle());
        let indent = first.map_or("  ", |line| line.text.get(..line.indent()).unwrap_or("  "));
        let mut entries: Vec<(String, usize, usize)> = Vec::new();
        for line in inside.filter(|line| !line.is_idle()) {
            if line.indent() == indent.len() {
                entries.push((name_of(line.text)?.to_owned(), line.start, line.end));
            } else if let Some(last) = entries.last_mut() {
                last.2 = line.end;
            }
        }
        Some(Self {
            value: (colon, colon + value.len()),
            head_end: head.end,
            indent: indent.to_owned(),
            entries,
        })
    }

    fn entry(&self, name: &str) -> Option<(usize, usize)> {
        let (_, start, end) = self.entries.iter().find(|(own, ..)| own == name)?;
        Some((*start, *end))
    }
}

/// The key that a line begins with.
fn name_of(line: &str) -> Option<&str> {
    let (name, rest) = line.trim_start().split_once(':')?;
    if !rest.is_empty() && !rest.starts_with([' ', '\t']) {
        return None;
    }
    let quoted = |mark| name.strip_prefix(mark)?.strip_suffix(mark);
    Some(quoted('"').or_else(|| quoted('\'')).unwrap_or(name))
}

/// An entry in block style. Its values are JSON, which YAML reads.
fn render(name: &str, table: &Map<String, Value>, indent: &str, end: &str) -> String {
    if table.is_empty() {
        return format!("{indent}{}: {{}}{end}", key(name));
    }
    let mut text = format!("{indent}{}:{end}", key(name));
    for (name, value) in table {
        let _infallible = write!(text, "{indent}{indent}{}: {}{end}", key(name), json(value));
    }
    text
}

fn key(name: &str) -> String {
    let is_bare = |c: char| c.is_ascii_alphabetic() || c == '_' || c == '-';
    let reserved = ["null", "true", "false", "yes", "no", "on", "off", "y", "n"];
    let is_plain = name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.chars().all(is_bare)
        && !reserved.contains(&name.to_ascii_lowercase().as_str());
    if is_plain { name.to_owned() } else { json(&Value::from(name)) }
}

/// A value as JSON, without what YAML doesn't take as it is: control characters, further line
/// breaks, byte-order marks. <https://yaml.org/spec/1.2.2/#51-character-set>
fn json(value: &Value) -> String {
    let mut text = String::new();
    for c in value.to_string().chars() {
        let is_break_or_mark =
            matches!(c, '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{fffe}' | '\u{ffff}');
        if c.is_control() || is_break_or_mark {
            let _infallible = write!(text, "\\u{:04x}", u32::from(c));
        } else {
            text.push(c);
        }
    }
    text
}
