//! The file of an incident.

use std::collections::BTreeMap;

use serde::Deserialize;
use serde_json::{Map, Value};

use crate::refusal::{REQUEST_BODY_INVALID, Refusal};
use crate::time::{DAY, SECOND, rfc3339};

/// An incident.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct File {
    /// What happens, in a sentence or two.
    pub(super) about: String,
    /// Where end users are: the fields of the control API that say it.
    pub(super) places: BTreeMap<String, Map<String, Value>>,
    /// Lists of strings; the first repetition takes the first, and so on, and then all over again.
    #[serde(default)]
    pub(super) lists: BTreeMap<String, Vec<String>>,
    pub(super) acts: Vec<Act>,
    pub(super) story: Vec<Line>,
}

/// A request, or one that is repeated.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Act {
    at: Offset,
    #[serde(default = "once")]
    times: i64,
    #[serde(default)]
    every: Offset,
    /// Method and path.
    #[serde(rename = "do")]
    pub(super) request: String,
    #[serde(default)]
    pub(super) body: Map<String, Value>,
    #[serde(default)]
    pub(super) from: Places,
    /// By what name later acts know a field of the response.
    #[serde(default)]
    pub(super) save: BTreeMap<String, String>,
    /// The status of the response.
    #[serde(default = "success")]
    pub(super) status: u16,
}

/// A log, or one that is repeated.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Line {
    at: Offset,
    #[serde(default = "once")]
    times: i64,
    #[serde(default)]
    every: Offset,
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// The log's subject; of a sign-in of nobody, the identifier.
    pub(super) who: String,
    #[serde(default)]
    pub(super) from: Places,
}

/// The names of places, which repetitions take in turn; none for a backend.
#[derive(Debug, Default, Deserialize)]
#[serde(untagged)]
pub(super) enum Places {
    #[default]
    Backend,
    One(String),
    Several(Vec<String>),
}

/// A span of time such as `-4h50m`, in milliseconds.
#[derive(Debug, Default, Clone, Copy, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Offset(pub(super) i64);

/// The units of an offset, in milliseconds.
const UNITS: [(char, i64); 4] =
    [('d', DAY), ('h', 3_600 * SECOND), ('m', 60 * SECOND), ('s', SECOND)];

fn once() -> i64 {
    1
}

fn success() -> u16 {
    200
}

impl File {
    pub(super) fn read(text: &str) -> Result<Self, Refusal> {
        serde_saphyr::from_str(text).map_err(|error| {
            REQUEST_BODY_INVALID.because(format!("The incident can't be read: {error}")).into()
        })
    }

    /// All acts with their offsets and numbers of repetition, in the order of time.
    pub(super) fn all_acts(&self) -> Vec<(i64, usize, &Act)> {
        repeated(self.acts.iter().map(|act| (act.at, act.times, act.every, act)))
    }

    /// All lines of the story likewise.
    pub(super) fn all_lines(&self) -> Vec<(i64, usize, &Line)> {
        repeated(self.story.iter().map(|line| (line.at, line.times, line.every, line)))
    }
}

fn repeated<T>(items: impl Iterator<Item = (Offset, i64, Offset, T)>) -> Vec<(i64, usize, T)>
where
    T: Copy,
{
    let each = |(at, times, every, item): (Offset, i64, Offset, T)| {
        (0..times).zip(0..).map(move |(time, number)| (at.0 + time * every.0, number, item))
    };
    let mut all: Vec<_> = items.flat_map(each).collect();
    all.sort_by_key(|(at, ..)| *at);
    all
}

impl Places {
    /// The place of a repetition.
    pub(super) fn at(&self, number: usize) -> Option<&str> {
        match self {
            Self::Backend => None,
            Self::One(name) => Some(name),
            Self::Several(names) => names.iter().cycle().nth(number).map(String::as_str),
        }
    }
}

impl TryFrom<String> for Offset {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        let wrong = || format!("{text} is not a span of time such as -4h50m");
        let (sign, mut rest) = match text.strip_prefix('-') {
            Some(rest) => (-1, rest),
            None => (1, text.as_str()),
        };
        let mut sum = 0;
        while !rest.is_empty() {
            let (place, letter) =
                rest.char_indices().find(|(_, c)| !c.is_ascii_digit()).ok_or_else(wrong)?;
            let (number, after) = rest.split_at(place);
            let number: i64 = number.parse().map_err(|_| wrong())?;
            let (_, unit) = UNITS.iter().find(|(name, _)| *name == letter).ok_or_else(wrong)?;
            sum += number * unit;
            rest = after.get(letter.len_utf8()..).unwrap_or_default();
        }
        Ok(Self(sign * sum))
    }
}

/// What strings may name.
pub(super) struct Names<'a> {
    pub(super) now: i64,
    pub(super) lists: &'a BTreeMap<String, Vec<String>>,
    pub(super) saved: &'a BTreeMap<String, String>,
}

impl Names<'_> {
    /// A string in the repetition with this number, with what it names in the place of the names.
    pub(super) fn fill(&self, text: &str, number: usize) -> String {
        if let Some(offset) = text.strip_prefix('@') {
            return Offset::try_from(offset.to_owned())
                .map_or_else(|_| text.to_owned(), |offset| rfc3339(self.now + offset.0));
        }
        let mut filled = text.to_owned();
        for (name, items) in self.lists {
            if let Some(item) = items.iter().cycle().nth(number) {
                filled = filled.replace(&format!("{{{name}}}"), item);
            }
        }
        for (name, value) in self.saved {
            filled = filled.replace(&format!("{{{name}}}"), value);
        }
        filled.replace("{n}", &(number + 1).to_string())
    }

    /// The same for all strings in a value.
    pub(super) fn fill_all(&self, value: &Value, number: usize) -> Value {
        match value {
            Value::String(text) => self.fill(text, number).into(),
            Value::Array(items) => items.iter().map(|item| self.fill_all(item, number)).collect(),
            Value::Object(fields) => {
                let filled =
                    |(name, value): (&String, &Value)| (name.clone(), self.fill_all(value, number));
                Value::Object(fields.iter().map(filled).collect())
            }
            other => other.clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn offsets_are_spans_of_time() {
        for (text, expected) in [
            ("-4h50m", Some(-17_400_000)),
            ("-6d", Some(-518_400_000)),
            ("45s", Some(45_000)),
            ("-4x", None),
            ("-45", None),
            ("h", None),
        ] {
            let offset = Offset::try_from(text.to_owned()).ok().map(|offset| offset.0);
            assert_eq!(offset, expected, "{text}");
        }
    }

    #[test]
    fn strings_name_what_was_saved_items_and_dates() {
        let lists = BTreeMap::from([("who".to_owned(), vec!["{a}".to_owned(), "b".to_owned()])]);
        let saved = BTreeMap::from([("a".to_owned(), "user_1".to_owned())]);
        let names = Names { now: 0, lists: &lists, saved: &saved };
        assert_eq!(names.fill("{who}.{n}", 0), "user_1.1");
        assert_eq!(names.fill("{who}.{n}", 3), "b.4");
        assert_eq!(names.fill("@-1d", 0), "1969-12-31T00:00:00Z");
    }
}
