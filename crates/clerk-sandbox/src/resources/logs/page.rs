//! Pages of logs: from where to where one request searches, and how to go on.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};

use crate::model::{Log, Logs};
use crate::query::Query;
use crate::refusal::FORM_PARAM_VALUE_INVALID;
use crate::time::days_before;

/// How many logs a page has, without a `limit` and at most. Clerk doesn't publish its figures.
const USUAL: usize = 10;
const MOST: usize = 500;

/// A place among the logs: a time, and the ID of the log at it. Without an ID, it is before all
/// logs of the time.
type Cursor = (i64, String);

/// What a request searches.
#[derive(Debug)]
pub(super) struct Span {
    limit: usize,
    /// The time of the oldest log that is wanted.
    first: i64,
    /// The time after that of the newest.
    end: i64,
    /// Whether `first` is where the logs end that are kept.
    is_whole: bool,
    older_than: Option<Cursor>,
    newer_than: Option<Cursor>,
    window_days: u64,
}

/// A page of logs.
#[derive(Debug)]
pub(super) struct Page<'a> {
    pub(super) logs: Vec<&'a Log>,
    status: Status,
    /// Where to go on if the page has no logs to go on from.
    next: Option<Cursor>,
    retention_limit_reached: bool,
}

/// Whether there are more logs after a page.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Status {
    True,
    False,
    /// The search ended with its window.
    Unknown,
}

impl Span {
    /// Reads what to search among the logs since this time.
    pub(super) fn read(query: &mut Query, kept_since: i64, window_days: u64) -> Self {
        let after = query.milliseconds("event_time_after");
        let before = query.milliseconds("event_time_before");
        let limit = query.integer("limit", &(1..=MOST)).unwrap_or(USUAL);
        let older_than = cursor(query, "starting_after");
        let newer_than = cursor(query, "ending_before");
        if older_than.is_some() && newer_than.is_some() {
            let sentence = "ending_before can't be combined with starting_after.";
            query.refuse(FORM_PARAM_VALUE_INVALID.at("ending_before", sentence));
        }
        Self {
            limit,
            first: after.unwrap_or(kept_since).max(kept_since),
            end: before.map_or(i64::MAX, |before| before.saturating_add(1)),
            is_whole: after.is_none_or(|after| after <= kept_since),
            older_than,
            newer_than,
            window_days,
        }
    }

    pub(super) fn page<'a>(&self, logs: &'a Logs, passes: impl Fn(&Log) -> bool) -> Page<'a> {
        match &self.newer_than {
            Some(cursor) => self.newer(logs, passes, cursor),
            None => self.older(logs, passes),
        }
    }

    /// The newest logs that are older than the cursor.
    fn older<'a>(&self, logs: &'a Logs, passes: impl Fn(&Log) -> bool) -> Page<'a> {
        let newest = logs.all().next_back().map_or(self.first, |log| log.at.saturating_add(1));
        let of_cursor = self.older_than.as_ref();
        // Logs of the cursor's own time may be older than it.
        let end =
            of_cursor.map_or(i64::MAX, |(at, id)| at.saturating_add(i64::from(!id.is_empty())));
        let end = self.end.min(end).min(newest);
        let window = days_before(end, self.window_days);
        let start = self.first.max(window);
        let mut found = logs.between(start, end).rev();
        if let Some((at, id)) = of_cursor.filter(|(_, id)| !id.is_empty()) {
            let own = logs.between(*at, at.saturating_add(1)).rev();
            // A range that ends before the cursor has none of them.
            let skipped = if end > *at { through(own, id) } else { 0 };
            found.by_ref().take(skipped).for_each(drop);
        }
        let mut found = found.filter(|log| passes(log));
        let logs: Vec<_> = found.by_ref().take(self.limit).collect();
        let status = if found.next().is_some() {
            Status::True
        } else if start > self.first {
            Status::Unknown
        } else {
            Status::False
        };
        let next = match status {
            Status::True => logs.last().map(|last| place(last)),
            Status::Unknown => Some((start, String::new())),
            Status::False => None,
        };
        let retention_limit_reached = status == Status::False && self.is_whole;
        Page { logs, status, next, retention_limit_reached }
    }

    /// The oldest logs that are newer than the cursor.
    fn newer<'a>(
        &self,
        logs: &'a Logs,
        passes: impl Fn(&Log) -> bool,
        (at, id): &Cursor,
    ) -> Page<'a> {
        let start = self.first.max(*at);
        let own = logs.between(*at, at.saturating_add(1));
        let skipped = if start > *at || id.is_empty() { 0 } else { through(own, id) };
        let found = logs.between(start, self.end).skip(skipped);
        let mut found = found.filter(|log| passes(log));
        let mut logs: Vec<_> = found.by_ref().take(self.limit).collect();
        let status = if found.next().is_some() { Status::True } else { Status::False };
        logs.reverse();
        let next = logs.last().map(|last| place(last));
        Page { logs, status, next, retention_limit_reached: false }
    }
}

impl Page<'_> {
    /// How to go on, as responses say it.
    pub(super) fn cursor(&self) -> Value {
        json!({
            "starting_after": self.next.as_ref().map(written),
            "ending_before": self.logs.first().map(|first| written(&place(first))),
            "has_next_page": self.status != Status::False,
            "next_page_status": match self.status {
                Status::True => "true",
                Status::False => "false",
                Status::Unknown => "unknown",
            },
            "retention_limit_reached": self.retention_limit_reached,
        })
    }
}

/// How many logs there are up to one, itself included; all if it is gone.
fn through<'a>(mut logs: impl ExactSizeIterator<Item = &'a Log>, id: &str) -> usize {
    let all = logs.len();
    logs.position(|log| log.id == id).map_or(all, |index| index + 1)
}

fn place(log: &Log) -> Cursor {
    (log.at, log.id.clone())
}

fn written((at, id): &Cursor) -> String {
    URL_SAFE_NO_PAD.encode(format!("{id}|{at}"))
}

fn cursor(query: &mut Query, name: &str) -> Option<Cursor> {
    let text = query.text(name)?;
    let read = || {
        let bytes = URL_SAFE_NO_PAD.decode(&text).ok()?;
        let text = String::from_utf8(bytes).ok()?;
        let (id, at) = text.split_once('|')?;
        Some((at.parse().ok()?, id.to_owned()))
    };
    let cursor = read();
    if cursor.is_none() {
        let sentence = format!("{name} must be a cursor of an earlier page.");
        query.refuse(FORM_PARAM_VALUE_INVALID.at(name, sentence));
    }
    cursor
}
