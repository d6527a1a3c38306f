//! Checking the chain and counting what is in it.

use std::{
    collections::HashMap,
    fmt,
    io::{self, BufRead},
};

use super::line::{Event, Lines, Mark, NOTHING, Raw, Record, seal_of};
use crate::text::terminal::plain;

/// How many breaks are listed; the others are only counted.
const LISTED: usize = 20;

/// What [`verify`] found. Its text is a report of some lines, for people.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// How many lines there are, without an unfinished last one.
    pub lines: u64,
    /// How many writes were begun.
    pub begun: u64,
    /// How many writes were ended.
    pub ended: u64,
    /// How many writes were refused.
    pub refused: u64,
    /// How often an unfinished line was removed after a crash.
    pub mended: u64,
    /// The writes that are begun and not ended: their outcome is unknown.
    pub open: Vec<Open>,
    /// How many ends have no beginning here: it is in the file before this one.
    pub strays: u64,
    /// The last line that is as it was written. Note its hash elsewhere.
    pub last: Option<Mark>,
    /// How many bytes of an unfinished line are at the end: a crash cut it off, or it is being
    /// written just now. The next write removes it.
    pub torn: Option<u64>,
    /// The first places at which the chain is broken.
    pub breaks: Vec<Break>,
    /// How many further ones there are.
    pub more_breaks: u64,
    /// Whether the hash that was noted earlier is in the chain.
    pub since: Since,
}

/// A write that is begun and not ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Open {
    /// The number of its line.
    pub line: u64,
    /// When it was begun.
    pub time: String,
    /// The identifier that its lines have.
    pub call: String,
    /// The tool.
    pub tool: Option<String>,
    /// The identifier in the request's path.
    pub target: Option<String>,
}

/// A place at which the chain is broken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Break {
    /// The number of the line.
    pub line: u64,
    /// What is wrong, as the rest of a sentence that begins with the line.
    pub problem: String,
}

/// Whether a hash that was noted earlier is in the chain.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Since {
    /// None was given.
    #[default]
    NotGiven,
    /// In the line of this number.
    Line(u64),
    /// Nowhere: the lines up to it were cut off or written again, or it is of another file.
    Missing,
}

impl Verdict {
    /// Whether nothing was changed, removed, inserted or moved, and the noted hash is there. An
    /// unfinished line at the end and writes without an end come from crashes, not from hands.
    #[must_use]
    pub fn is_intact(&self) -> bool {
        self.breaks.is_empty() && self.since != Since::Missing
    }
}

/// Checks every line of a log; `since` is a hash that was noted earlier.
///
/// # Errors
/// The log can't be read.
pub fn verify(reader: impl BufRead, since: Option<&str>) -> io::Result<Verdict> {
    let since = since.map(|hash| hash.trim().to_ascii_lowercase());
    let mut check = Check::new(since);
    let mut lines = Lines::new(reader);
    while let Some(raw) = lines.next()? {
        check.see(&raw);
    }
    Ok(check.finish())
}

struct Check {
    verdict: Verdict,
    /// What the next line must have; no hash if the line before it can't be trusted.
    seq: u64,
    prev: Option<String>,
    open: HashMap<String, Open>,
    since: Option<String>,
}

impl Check {
    fn new(since: Option<String>) -> Self {
        let found = if since.is_some() { Since::Missing } else { Since::NotGiven };
        let verdict = Verdict { since: found, ..Verdict::default() };
        Self { verdict, seq: 1, prev: Some(NOTHING.to_owned()), open: HashMap::new(), since }
    }

    fn see(&mut self, raw: &Raw<'_>) {
        if let Raw::Torn(bytes) = raw {
            self.verdict.torn = Some(*bytes);
            return;
        }
        self.verdict.lines += 1;
        let read = match raw {
            Raw::Line(line) => seal_of(line).zip(Record::read(line)),
            _ => None,
        };
        let Some(((hash, fits), record)) = read else {
            self.doubt("isn't an audit line");
            return;
        };
        if fits {
            self.place(&record, hash);
        } else {
            self.doubt("was changed: its hash doesn't fit its text");
        }
        self.count(record);
    }

    /// A line that says nothing about the next one.
    fn doubt(&mut self, problem: &str) {
        self.report(problem.to_owned());
        self.seq = self.seq.saturating_add(1);
        self.prev = None;
    }

    /// Checks that an unchanged line is at its place.
    fn place(&mut self, record: &Record, hash: &str) {
        let (seq, expected) = (record.seq, self.seq);
        let follows = self.prev.as_ref().is_none_or(|prev| *prev == record.prev);
        if seq == 1 && record.prev == NOTHING && self.verdict.lines > 1 {
            self.report(
                "begins a new chain: the lines before it are of another file, or were inserted"
                    .to_owned(),
            );
        } else if seq > expected {
            let missing = seq - expected;
            let lines = if missing == 1 { "line is" } else { "lines are" };
            self.report(format!("has the number {seq}: {missing} {lines} missing before it"));
        } else if seq < expected {
            self.report(format!("has the number {seq}, not {expected}: it was moved or inserted"));
            // The next lines most likely continue the one before it.
            return;
        } else if !follows {
            self.report(
                "doesn't continue the line before it: one of the two was inserted or written again"
                    .to_owned(),
            );
        }
        if self.since.as_deref() == Some(hash) {
            self.verdict.since = Since::Line(self.verdict.lines);
        }
        self.seq = seq.saturating_add(1);
        self.prev = Some(hash.to_owned());
        self.verdict.last = Some(Mark { seq, hash: hash.to_owned() });
    }

    fn report(&mut self, problem: String) {
        if self.verdict.breaks.len() < LISTED {
            self.verdict.breaks.push(Break { line: self.verdict.lines, problem });
        } else {
            self.verdict.more_breaks += 1;
        }
    }

    fn count(&mut self, record: Record) {
        let verdict = &mut self.verdict;
        match record.event {
            Event::Begun => {
                verdict.begun += 1;
                let Record { time, call, tool, target, .. } = record;
                let line = verdict.lines;
                self.open.insert(call.clone(), Open { line, time, call, tool, target });
            }
            Event::Ended => {
                verdict.ended += 1;
                if self.open.remove(&record.call).is_none() {
                    verdict.strays += 1;
                }
            }
            Event::Refused => verdict.refused += 1,
            Event::Mended => verdict.mended += 1,
            Event::Approved | Event::Rejected | Event::Void | Event::Other => {}
        }
    }

    fn finish(self) -> Verdict {
        let mut open: Vec<Open> = self.open.into_values().collect();
        open.sort_unstable_by_key(|write| write.line);
        Verdict { open, ..self.verdict }
    }
}

impl fmt::Display for Verdict {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { lines, begun, ended, refused, mended, .. } = self;
        let state = if self.breaks.is_empty() { "intact" } else { "BROKEN" };
        write!(f, "The chain is {state}: {lines} lines; {begun} writes begun, {ended} ended, ")?;
        write!(f, "{refused} refused; repaired {mended} times")?;
        for Break { line, problem } in &self.breaks {
            write!(f, "\n  line {line} {problem}")?;
        }
        if self.more_breaks > 0 {
            write!(f, "\n  and {} more", self.more_breaks)?;
        }
        match self.since {
            Since::NotGiven => {}
            Since::Line(line) => write!(f, "\nThe noted hash is that of line {line}")?,
            Since::Missing => f.write_str(
                "\nThe noted hash is MISSING: its line was cut off or written again, or is \
                 in another file",
            )?,
        }
        if !self.open.is_empty() {
            f.write_str("\nBegun and not ended, so that the outcome is unknown:")?;
        }
        for Open { line, time, call, tool, target } in &self.open {
            write!(f, "\n  line {line}  {}", plain(time))?;
            for word in [tool, target].into_iter().flatten() {
                write!(f, "  {}", plain(word))?;
            }
            write!(f, "  (call {})", plain(call))?;
        }
        if self.strays > 0 {
            write!(f, "\nEnds of writes that an earlier file has begun: {}", self.strays)?;
        }
        if let Some(bytes) = self.torn {
            write!(
                f,
                "\nAfter the last line there are {bytes} bytes of an unfinished one: a crash cut \
                 it off, or it is being written just now"
            )?;
        }
        match &self.last {
            Some(Mark { seq, hash }) => write!(f, "\nThe last line is {seq}, its hash {hash}"),
            None => f.write_str("\nThere is no last line"),
        }
    }
}
