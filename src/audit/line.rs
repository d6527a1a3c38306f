//! One line of the log: writing it and reading it.

use std::io::{self, BufRead, Read};

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value};
use sha2::{Digest, Sha256};

use super::{Outcome, Write};
use crate::{principal::Principal, text::terminal::escape};

/// The longest line, in bytes.
pub(super) const LONGEST: usize = 8 << 20;
/// What the first line has for the hash of the line before.
pub(super) const NOTHING: &str = "0000000000000000000000000000000000000000000000000000000000000000";
/// How every chain begins.
pub(super) const BEGINNING: &[u8] = br#"{"seq":1,"time":""#;

const HASH: &str = r#","hash":""#;
const END: &str = r#""}"#;

/// A line's place in the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mark {
    /// The line's number, from 1.
    pub seq: u64,
    /// The line's hash, in hexadecimal.
    pub hash: String,
}

impl Mark {
    /// The place before the first line.
    pub(super) fn start() -> Self {
        Self { seq: 0, hash: NOTHING.to_owned() }
    }
}

/// What a line reports.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Event {
    Begun,
    Ended,
    Refused,
    /// A second person approved a write.
    Approved,
    /// A second person rejected one.
    Rejected,
    /// A decision that is in the log didn't hold: another one came first, or it couldn't be kept.
    Void,
    Mended,
    /// One that a later version writes.
    #[serde(other)]
    Other,
}

/// A line's content without its place in the chain.
pub(super) struct Entry<'entry> {
    pub(super) event: Event,
    pub(super) call: Option<&'entry str>,
    pub(super) write: Option<&'entry Write>,
    pub(super) outcome: Option<&'entry Outcome>,
    /// How many bytes of an unfinished line were cut off.
    pub(super) cut: Option<u64>,
}

impl From<Event> for Entry<'_> {
    fn from(event: Event) -> Self {
        Self { event, call: None, write: None, outcome: None, cut: None }
    }
}

impl Entry<'_> {
    /// The whole line after the line `last`, with its line feed, and its place.
    pub(super) fn seal(&self, last: &Mark) -> io::Result<(String, Mark)> {
        #[derive(Serialize)]
        struct Line<'line> {
            seq: u64,
            time: String,
            event: Event,
            #[serde(skip_serializing_if = "Option::is_none")]
            call: Option<&'line str>,
            #[serde(flatten)]
            write: Option<&'line Write>,
            #[serde(flatten)]
            outcome: Option<&'line Outcome>,
            #[serde(skip_serializing_if = "Option::is_none")]
            cut: Option<u64>,
            prev: &'line str,
        }
        let Self { event, call, write, outcome, cut } = *self;
        let seq = last.seq.saturating_add(1);
        let time = format!("{:.3}", Timestamp::now());
        let line = Line { seq, time, event, call, write, outcome, cut, prev: &last.hash };
        let mut line = escape(&serde_json::to_string(&line)?).into_owned();
        line.pop();
        let hash = hash(line.as_bytes());
        line.extend([HASH, &hash, END, "\n"]);
        if line.len() > LONGEST {
            return Err(io::Error::other("the call's arguments are too long for a line"));
        }
        Ok((line, Mark { seq, hash }))
    }
}

/// SHA-256 in hexadecimal.
pub(super) fn hash(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    Sha256::digest(bytes).iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

/// A line as it is read, from any version of this program.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Record {
    pub(super) seq: u64,
    pub(super) time: String,
    pub(super) event: Event,
    #[serde(default)]
    pub(super) call: String,
    pub(super) client: Option<String>,
    #[serde(default, deserialize_with = "known")]
    pub(super) principal: Option<Principal>,
    pub(super) key: Option<String>,
    pub(super) instance: Option<String>,
    pub(super) tool: Option<String>,
    pub(super) target: Option<String>,
    #[serde(default)]
    pub(super) arguments: Map<String, Value>,
    #[serde(default)]
    pub(super) identified: Map<String, Value>,
    pub(super) reason: Option<String>,
    pub(super) confirmation: Option<String>,
    pub(super) rule: Option<String>,
    pub(super) approval: Option<String>,
    #[serde(default, deserialize_with = "known")]
    pub(super) approved_by: Option<Principal>,
    pub(super) outcome: Option<String>,
    pub(super) code: Option<String>,
    pub(super) status: Option<u16>,
    pub(super) trace_id: Option<String>,
    pub(super) id: Option<String>,
    pub(super) cut: Option<u64>,
    pub(super) prev: String,
}

/// Who a write was made for, if it is as this version knows it.
fn known<'de, D: Deserializer<'de>>(value: D) -> Result<Option<Principal>, D::Error> {
    Ok(serde_json::from_value(Value::deserialize(value)?).ok())
}

impl Record {
    /// What `line` says, or `None` if it isn't a line of an audit log.
    pub(super) fn read(line: &[u8]) -> Option<Self> {
        serde_json::from_slice(line).ok()
    }
}

/// The hash at the end of `line`, or `None` if there is none; and whether it fits.
pub(super) fn seal_of(line: &[u8]) -> Option<(&str, bool)> {
    let seal = HASH.len() + NOTHING.len() + END.len();
    let (body, seal) = line.split_at_checked(line.len().checked_sub(seal)?)?;
    let stated = str::from_utf8(seal).ok()?.strip_prefix(HASH)?.strip_suffix(END)?;
    Some((stated, hash(body) == stated))
}

/// The place in the chain of an unchanged line.
pub(super) fn mark(line: &[u8]) -> Option<Mark> {
    let (hash, true) = seal_of(line)? else { return None };
    Some(Mark { seq: Record::read(line)?.seq, hash: hash.to_owned() })
}

/// The lines of a file, one after the other in the same memory.
pub(super) struct Lines<R> {
    reader: R,
    line: Vec<u8>,
}

/// The bytes between two line feeds.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Raw<'line> {
    /// A line, without its line feed.
    Line(&'line [u8]),
    /// A line that is longer than any of ours.
    TooLong,
    /// So many bytes at the end, without a line feed.
    Torn(u64),
}

impl<R: BufRead> Lines<R> {
    pub(super) fn new(reader: R) -> Self {
        Self { reader, line: Vec::new() }
    }

    /// The next line, or `None` at the end.
    pub(super) fn next(&mut self) -> io::Result<Option<Raw<'_>>> {
        self.line.clear();
        let limit = LONGEST as u64 + 1;
        let length = self.reader.by_ref().take(limit).read_until(b'\n', &mut self.line)? as u64;
        if let Some(line) = self.line.strip_suffix(b"\n") {
            return Ok(Some(Raw::Line(line)));
        }
        if length < limit {
            return Ok((length > 0).then_some(Raw::Torn(length)));
        }
        self.reader.skip_until(b'\n')?;
        Ok(Some(Raw::TooLong))
    }
}
