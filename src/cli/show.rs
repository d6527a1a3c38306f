//! A result as a person reads it at a terminal. What each value is follows from the row of the tool;
//! whatever others wrote stays text in its place.

mod failure;
mod table;
mod wrap;

use clerk_mcp::{
    text::terminal::escape,
    tool::layout::{Form, HAS_MORE, Layout, Members, NEXT_OFFSET, NOTE, SUCCESS},
};
use serde_json::{Map, Value};

use self::table::Table;
pub(crate) use self::{failure::failure, wrap::wrap};

/// How far nested values are indented, in columns.
const INDENT: usize = 2;
/// How far a line that doesn't fit continues behind its beginning: further than anything nested, so
/// that a long text can't add a field.
const CONTINUED: usize = 3 * INDENT;

/// A result for a terminal of this width, in lines.
pub(crate) fn result(result: Value, layout: Option<Layout>, width: usize) -> String {
    let mut members = match result {
        Value::Object(members) => members,
        // No tool returns anything else.
        other => Map::from_iter([("result".to_owned(), other)]),
    };
    let note = members.shift_remove(NOTE);
    if members.get(SUCCESS) == Some(&Value::Bool(true)) {
        members.shift_remove(SUCCESS);
    }
    let declared = layout.map(Layout::members).unwrap_or_default();
    let mut screen = Screen { width, lines: Vec::new(), advice: Vec::new() };
    let rows = layout.and_then(Layout::rows).and_then(|(name, row)| match members.get(name) {
        Some(Value::Array(_)) => Some((name, row, members.shift_remove(name)?)),
        _ => None,
    });
    match (rows, layout) {
        (Some((name, row, rows)), Some(layout)) => {
            let rows = rows.as_array().map(Vec::as_slice).unwrap_or_default();
            screen.rows(name, rows, &row);
            screen.beside(members, &declared, layout, (name, rows.len()));
        }
        _ if members.is_empty() => screen.lines.push("Done.".to_owned()),
        _ => {
            screen.members(&members, &declared, 0);
            screen.lines.push(String::new());
        }
    }
    if let Some(note) = note.as_ref().and_then(Value::as_str) {
        screen.paragraph(note);
    }
    if layout.is_some_and(Layout::is_shortened) && screen.advice.is_empty() {
        screen.advice.push("--json prints all fields.".to_owned());
    }
    screen.advise();
    screen.lines.join("\n").trim_end().to_owned()
}

/// What is shown.
struct Screen {
    /// In columns.
    width: usize,
    lines: Vec<String>,
    /// What isn't shown, and how to see it.
    advice: Vec<String>,
}

impl Screen {
    /// The rows as a table, or below one another if they don't fit beside one another.
    fn rows(&mut self, name: &str, rows: &[Value], row: &Members) {
        let objects: Vec<&Map<String, Value>> = rows.iter().filter_map(Value::as_object).collect();
        if objects.is_empty() {
            self.lines.push(format!("No {}.", words(name)));
            return;
        }
        // Several sentences in a cell can't be read.
        let has_sentences = objects.iter().any(|object| {
            let mut members = object.iter();
            members.any(|(name, value)| value.is_array() && matches!(row.form(name), Form::Text))
        });
        let table = Table::new(&objects, row).fit(self.width).filter(|_| !has_sentences);
        let Some(table) = table else {
            for (place, object) in objects.iter().enumerate() {
                if place > 0 {
                    self.lines.push(String::new());
                }
                self.members(object, row, 0);
            }
            return;
        };
        self.lines.extend(table.lines);
        if !table.left_out.is_empty() {
            let names = table.left_out.join(", ");
            self.advice.push(format!("No room for {names}; --json prints them."));
        }
        if table.is_cut {
            self.advice.push("Values that end in … are cut; --json prints them whole.".to_owned());
        }
    }

    /// What stands beside the rows: how many there are, and how to go on.
    fn beside(
        &mut self,
        mut members: Map<String, Value>,
        declared: &Members,
        layout: Layout,
        (name, shown): (&str, usize),
    ) {
        self.lines.push(String::new());
        let mut counts = Vec::new();
        let total = layout.total().and_then(|total| members.shift_remove(total));
        if let Some(total) = total.as_ref().and_then(Value::as_u64) {
            counts.push(format!("{shown} of {total} {}", words(name)));
        }
        let has_more = members.shift_remove(HAS_MORE) == Some(Value::Bool(true));
        let next = members.shift_remove(NEXT_OFFSET);
        members.retain(|name, value| match (declared.form(name), &*value) {
            (Form::Plain, Value::Number(number)) => {
                if number.as_f64() != Some(0.0) {
                    counts.push(format!("{number} {}", words(name)));
                }
                false
            }
            (Form::Plain, Value::Bool(is_so)) => {
                if *is_so {
                    counts.push(words(name));
                }
                false
            }
            (_, value) => !value.is_null(),
        });
        if !counts.is_empty() {
            self.paragraph(&format!("{}.", capitalized(&counts.join(", "))));
        }
        if let (true, Some(next), Some(offset)) = (has_more, next, layout.offset()) {
            self.paragraph(&format!("There are more: add \"{offset}\": {next} to the arguments."));
        } else if has_more {
            self.paragraph("There are more.");
        }
        self.members(&members, declared, 0);
    }

    /// An object, a line for each member.
    fn members(&mut self, members: &Map<String, Value>, declared: &Members, indent: usize) {
        for (name, value) in members {
            self.member(name, value, &declared.form(name), indent);
        }
    }

    fn member(&mut self, name: &str, value: &Value, form: &Form, indent: usize) {
        let name = Form::Text.text(&name.into()).unwrap_or_default();
        let margin = " ".repeat(indent);
        if let Some(text) = form.text(value) {
            self.line(&format!("{margin}{name}: {text}"), indent + CONTINUED);
            return;
        }
        self.line(&format!("{margin}{name}:"), indent + CONTINUED);
        let (inner, below) = (form.members(), indent + INDENT);
        match value {
            Value::Object(members) => self.members(members, &inner, below),
            Value::Array(items) => {
                for item in items {
                    self.item(item, form, below);
                }
            }
            _ => {}
        }
    }

    /// One of several, behind a dash.
    fn item(&mut self, item: &Value, form: &Form, indent: usize) {
        let first = self.lines.len();
        match (item, form.text(item)) {
            (_, Some(text)) => {
                self.line(&format!("{}{text}", " ".repeat(indent + INDENT)), indent + CONTINUED);
            }
            (Value::Object(members), None) => {
                self.members(members, &form.members(), indent + INDENT);
            }
            (Value::Array(items), None) => {
                for item in items {
                    self.item(item, form, indent + INDENT);
                }
            }
            _ => {}
        }
        if let Some(line) = self.lines.get_mut(first)
            && line.is_char_boundary(indent + 1)
        {
            line.replace_range(indent..=indent, "-");
        }
    }

    fn paragraph(&mut self, text: &str) {
        self.line(&escape(text), 0);
    }

    /// A line, which continues behind a margin if it doesn't fit.
    fn line(&mut self, line: &str, margin: usize) {
        self.lines.extend(wrap(line, margin, self.width));
    }

    fn advise(&mut self) {
        for advice in std::mem::take(&mut self.advice) {
            self.line(&advice, 0);
        }
    }
}

fn capitalized(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

/// A name as words: `not tried` for `notTried`.
fn words(name: &str) -> String {
    let mut words = String::new();
    for c in name.chars() {
        if c.is_uppercase() {
            words.push(' ');
        }
        words.extend(c.to_lowercase());
    }
    words
}
