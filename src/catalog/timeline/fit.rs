//! Making the list as long as it may be: the newest entries, and runs of one type as one line if
//! there are too many.

use std::ops::Range;

use serde::Serialize;
use serde_with::skip_serializing_none;

use super::entry::{Entry, Source};
use crate::{tokens, tool::date::iso};

/// How many different values of `about` a line for several entries has.
const NAMED: usize = 3;
/// How many entries of one type in a row become one line.
const RUN: usize = 3;
/// How many entries have a line each, however much room there is: of more, nobody reads each.
const SINGLE: usize = 50;

/// How much may be shown.
#[derive(Clone, Copy, Debug)]
pub(super) struct Room {
    /// How many lines.
    pub(super) lines: usize,
    /// How many tokens they may cost together; all there are if it is for a file, in which each entry
    /// has a line.
    pub(super) tokens: usize,
}

/// What is shown of a list.
#[derive(Debug)]
pub(super) struct Shown {
    pub(super) lines: Vec<Line>,
    /// How many entries the lines stand for: so many of the newest.
    pub(super) entries: usize,
    /// Whether older entries have the time of the last that is shown, so that a call that goes on
    /// before this time would miss them.
    pub(super) splits_a_moment: bool,
}

/// An entry, or several in a row, as agents see it.
#[skip_serializing_none]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Line {
    pub(super) at: String,
    #[serde(rename = "type")]
    pub(super) kind: String,
    /// How many entries it stands for, and when the first of them was.
    pub(super) count: Option<usize>,
    pub(super) first: Option<String>,
    pub(super) who: Option<String>,
    pub(super) on: Option<String>,
    pub(super) from: Option<String>,
    pub(super) about: Option<String>,
    pub(super) sources: String,
    pub(super) id: String,
    pub(super) cause: Option<String>,
}

/// As many of the newest entries as there is room for, with what led to each. Entries in a row that
/// differ in nothing but their time are one line; if there are many, those of one type are.
pub(super) fn fit(entries: &[Entry], causes: &[Option<usize>], room: Room) -> Shown {
    if room.tokens == usize::MAX {
        let single: Vec<_> = (0..entries.len()).map(|index| index..index + 1).collect();
        return cut(entries, causes, &single, room);
    }
    let alike = cut(entries, causes, &runs(entries, is_alike), room);
    if alike.entries == entries.len() && alike.lines.len() <= SINGLE {
        return alike;
    }
    cut(entries, causes, &runs(entries, |one, other| one.kind == other.kind), room)
}

fn is_alike(one: &Entry, other: &Entry) -> bool {
    let said = |entry: &Entry| {
        let Entry { kind, who, on, from, about, .. } = entry.clone();
        (kind, who, on, from, about)
    };
    said(one) == said(other)
}

/// The entries in lines, those of long runs together.
fn runs(entries: &[Entry], is_one: impl Fn(&Entry, &Entry) -> bool) -> Vec<Range<usize>> {
    let mut runs = Vec::new();
    let mut start = 0;
    for run in entries.chunk_by(is_one) {
        let end = start + run.len();
        if run.len() < RUN {
            runs.extend((start..end).map(|index| index..index + 1));
        } else {
            runs.push(start..end);
        }
        start = end;
    }
    runs
}

/// The first of the lines, as many as there is room for.
fn cut(entries: &[Entry], causes: &[Option<usize>], runs: &[Range<usize>], room: Room) -> Shown {
    let named = |index: usize| {
        let run = runs.get(runs.partition_point(|run| run.end <= index))?;
        entries.get(run.start).map(|entry| format!("{} {}", entry.kind, iso(entry.at)))
    };
    let mut lines: Vec<Line> = Vec::new();
    let (mut cost, mut ends) = (0, Vec::new());
    for run in runs.iter().take(room.lines) {
        let cause = causes.get(run.clone()).and_then(shared).flatten();
        let cause = cause.filter(|cause| !run.contains(cause)).and_then(named);
        let Some(line) = line(entries.get(run.clone()).unwrap_or_default(), cause) else { break };
        cost += serde_json::to_value(&line).map_or(usize::MAX, |value| tokens::of(&value)) + 1;
        if cost > room.tokens {
            break;
        }
        lines.push(line);
        ends.push(run.end);
    }
    let is_split = |end: usize| {
        let at = |index: usize| entries.get(index).map(|entry| entry.at);
        end > 0 && at(end).is_some() && at(end) == at(end - 1)
    };
    // What happened at one moment stays together, so that a later call can go on before it.
    let whole = ends.iter().rposition(|end| !is_split(*end));
    let end = whole.map_or(ends.len(), |last| last + 1);
    lines.truncate(end);
    let shown = end.checked_sub(1).and_then(|last| ends.get(last)).copied().unwrap_or(0);
    Shown { lines, entries: shown, splits_a_moment: is_split(shown) }
}

/// A line for entries of one type, newest first.
fn line(entries: &[Entry], cause: Option<String>) -> Option<Line> {
    let (newest, oldest) = (entries.first()?, entries.last()?);
    let count = Some(entries.len()).filter(|count| *count > 1);
    let all = |of: fn(&Entry) -> Option<&str>| several(entries.iter().map(of), 1);
    let mut sources: Vec<Source> =
        entries.iter().flat_map(|entry| entry.found.iter().map(|(source, _)| *source)).collect();
    sources.sort();
    sources.dedup();
    let sources: Vec<_> = sources.into_iter().map(Source::name).collect();
    Some(Line {
        at: iso(newest.at),
        kind: newest.kind.clone(),
        count,
        first: count.map(|_| iso(oldest.at)),
        who: all(|entry| entry.who.as_deref()),
        on: all(|entry| entry.on.as_deref()),
        from: all(|entry| entry.from.as_deref()),
        about: several(entries.iter().map(|entry| entry.about.as_deref()), NAMED),
        sources: sources.join(", "),
        id: newest.first()?.1.to_owned(),
        cause,
    })
}

/// The value that all share; else the first of those there are, and how many others.
fn several<'v>(values: impl Iterator<Item = Option<&'v str>>, named: usize) -> Option<String> {
    let (mut different, mut without): (Vec<&str>, usize) = (Vec::new(), 0);
    for value in values {
        match value {
            Some(value) if different.contains(&value) => {}
            Some(value) => different.push(value),
            None => without += 1,
        }
    }
    let first: Vec<&str> = different.iter().copied().take(named).collect();
    let mut text = Some(first.join("; ")).filter(|text| !text.is_empty())?;
    if let Some(more) = different.len().checked_sub(named).filter(|more| *more > 0) {
        text = format!("{text} and {more} more");
    }
    if without > 0 {
        text = format!("{text}; not known of {without}");
    }
    Some(text)
}

/// What all have, if they have the same.
fn shared<T: PartialEq + Copy>(values: &[T]) -> Option<T> {
    let first = *values.first()?;
    values.iter().all(|value| *value == first).then_some(first)
}
