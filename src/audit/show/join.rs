//! Joins the two lines of a write.

use std::collections::VecDeque;

use serde_json::{Map, Value};

use crate::{
    audit::line::{Event, Record},
    text::terminal::escape,
};

/// How many writes wait for the end of an earlier one, and how many bytes of their lines.
const WAITING: usize = 256;
const WAITING_BYTES: usize = 64 << 20;

/// All that the log has of a write, or another line.
pub(in crate::audit) struct Story {
    /// Its only line, or that of its beginning, without the arguments.
    pub(in crate::audit) first: Record,
    /// The line of its end.
    pub(in crate::audit) end: Option<Record>,
    /// Whether it names what is looked for.
    pub(in crate::audit) is_named: bool,
    /// Its lines as they are in the file, if they are wanted.
    pub(super) raw: String,
}

impl Story {
    /// The outcome of the write, or `None` for another line.
    pub(in crate::audit) fn outcome(&self) -> Option<&str> {
        let outcome = self.end.as_ref().unwrap_or(&self.first).outcome.as_deref();
        outcome.or((self.first.event == Event::Begun).then_some("unknown"))
    }

    fn is_open(&self) -> bool {
        self.first.event == Event::Begun && self.end.is_none()
    }
}

/// Joins lines, in the order of the first ones.
pub(in crate::audit) struct Join<'names> {
    keeps_raw: bool,
    names: &'names [String],
    waiting: VecDeque<Story>,
    waiting_bytes: usize,
}

impl<'names> Join<'names> {
    pub(in crate::audit) fn new(keeps_raw: bool, names: &'names [String]) -> Self {
        Self { keeps_raw, names, waiting: VecDeque::new(), waiting_bytes: 0 }
    }

    pub(in crate::audit) fn add(&mut self, line: &str, mut record: Record) {
        let arguments = [&mut record.arguments, &mut record.identified].map(std::mem::take);
        let is_named = self.names.iter().any(|name| names(&record, &arguments, name));
        let mut raw = String::new();
        if self.keeps_raw {
            raw = escape(line).into_owned();
            raw.push('\n');
        }
        self.waiting_bytes += raw.len();
        let open = self.waiting.iter_mut().rev().find(|story| {
            record.event == Event::Ended && story.is_open() && story.first.call == record.call
        });
        if let Some(story) = open {
            story.is_named |= is_named;
            story.raw.push_str(&raw);
            story.end = Some(record);
        } else {
            self.waiting.push_back(Story { first: record, end: None, is_named, raw });
        }
    }

    /// The next write of which all is known, or that others can't wait for any longer.
    pub(in crate::audit) fn next(&mut self) -> Option<Story> {
        let is_full = self.waiting.len() > WAITING || self.waiting_bytes > WAITING_BYTES;
        let story = self.waiting.pop_front_if(|story| is_full || !story.is_open())?;
        self.waiting_bytes -= story.raw.len();
        Some(story)
    }

    /// Those that are left at the end of the file.
    pub(in crate::audit) fn rest(self) -> impl Iterator<Item = Story> {
        self.waiting.into_iter()
    }
}

fn names(record: &Record, arguments: &[Map<String, Value>], name: &str) -> bool {
    [&record.target, &record.id]
        .into_iter()
        .flatten()
        .any(|id| id == name || id.split('/').any(|id| id == name))
        || arguments.iter().flat_map(Map::values).any(|value| holds(value, name))
}

fn holds(value: &Value, user: &str) -> bool {
    match value {
        Value::String(text) => text == user,
        Value::Array(values) => values.iter().any(|value| holds(value, user)),
        Value::Object(fields) => fields.values().any(|value| holds(value, user)),
        _ => false,
    }
}
