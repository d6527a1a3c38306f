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
pub(super) struct Story {
    /// Its only line, or that of its beginning, without the arguments.
    pub(super) first: Record,
    /// The line of its end.
    pub(super) end: Option<Record>,
    /// Whether it names what is looked for.
    pub(super) names_user: bool,
    /// Its lines as they are in the file, if they are wanted.
    pub(super) raw: String,
}

impl Story {
    /// The outcome of the write, or `None` for another line.
    pub(super) fn outcome(&self) -> Option<&str> {
        let outcome = self.end.as_ref().unwrap_or(&self.first).outcome.as_deref();
        outcome.or((self.first.event == Event::Begun).then_some("unknown"))
    }

    fn is_open(&self) -> bool {
        self.first.event == Event::Begun && self.end.is_none()
    }
}

/// Joins lines, in the order of the first ones.
pub(super) struct Join<'user> {
    keeps_raw: bool,
    user: Option<&'user str>,
    waiting: VecDeque<Story>,
    waiting_bytes: usize,
}

impl<'user> Join<'user> {
    pub(super) fn new(keeps_raw: bool, user: Option<&'user str>) -> Self {
        Self { keeps_raw, user, waiting: VecDeque::new(), waiting_bytes: 0 }
    }

    pub(super) fn add(&mut self, line: &str, mut record: Record) {
        let arguments = [&mut record.arguments, &mut record.identified].map(std::mem::take);
        let names_user = self.user.is_some_and(|user| names(&record, &arguments, user));
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
            story.names_user |= names_user;
            story.raw.push_str(&raw);
            story.end = Some(record);
        } else {
            self.waiting.push_back(Story { first: record, end: None, names_user, raw });
        }
    }

    /// The next write of which all is known, or that others can't wait for any longer.
    pub(super) fn next(&mut self) -> Option<Story> {
        let is_full = self.waiting.len() > WAITING || self.waiting_bytes > WAITING_BYTES;
        let story = self.waiting.pop_front_if(|story| is_full || !story.is_open())?;
        self.waiting_bytes -= story.raw.len();
        Some(story)
    }

    /// Those that are left at the end of the file.
    pub(super) fn rest(self) -> impl Iterator<Item = Story> {
        self.waiting.into_iter()
    }
}

fn names(record: &Record, arguments: &[Map<String, Value>], user: &str) -> bool {
    [&record.target, &record.id].into_iter().flatten().any(|id| id == user)
        || arguments.iter().flat_map(Map::values).any(|value| holds(value, user))
}

fn holds(value: &Value, user: &str) -> bool {
    match value {
        Value::String(text) => text == user,
        Value::Array(values) => values.iter().any(|value| holds(value, user)),
        Value::Object(fields) => fields.values().any(|value| holds(value, user)),
        _ => false,
    }
}
