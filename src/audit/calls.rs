//! The calls that the log has, for those who want to decide on them anew.

use std::{
    fs::File,
    io::{self, BufReader},
};

use jiff::Timestamp;
use serde_json::{Map, Value};

use super::{
    Audit,
    line::{Event, Lines, Raw, Record},
};
use crate::principal::Principal;

/// A call of a tool that writes, as it was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Called {
    /// The number of its first line.
    pub seq: u64,
    /// When that was written.
    pub at: Timestamp,
    /// Who it was made for; older logs don't say.
    pub principal: Option<Principal>,
    /// The tool.
    pub tool: String,
    /// The identifiers in the request's path, with slashes between them.
    pub target: Option<String>,
    /// Its arguments, without secrets.
    pub arguments: Map<String, Value>,
    /// The IDs that were looked up for arguments, by their paths.
    pub identified: Map<String, Value>,
    /// The code of the error, if it was refused and never sent.
    pub refused: Option<String>,
}

impl Audit {
    /// Reads the whole file, and hands over each call in the order of the file. It blocks: don't call
    /// it on an async thread. How many lines aren't audit lines is returned.
    ///
    /// # Errors
    /// The file can't be read.
    pub fn calls(&self, mut each: impl FnMut(Called)) -> io::Result<u64> {
        let mut lines = Lines::new(BufReader::new(File::open(&self.path)?));
        let mut unreadable = 0;
        while let Some(raw) = lines.next()? {
            let record = match raw {
                Raw::Line(line) => Record::read(line),
                Raw::TooLong => None,
                // It is being written just now.
                Raw::Torn(_) => continue,
            };
            match record {
                Some(record) => called(record).into_iter().for_each(&mut each),
                None => unreadable += 1,
            }
        }
        Ok(unreadable)
    }
}

fn called(record: Record) -> Option<Called> {
    let Record { seq, time, event, principal, target, arguments, identified, code, .. } = record;
    let refused = match event {
        Event::Begun => None,
        Event::Refused => Some(code.unwrap_or_default()),
        Event::Ended
        | Event::Approved
        | Event::Rejected
        | Event::Void
        | Event::Mended
        | Event::Other => return None,
    };
    let (at, tool) = (time.parse().ok()?, record.tool?);
    Some(Called { seq, at, principal, tool, target, arguments, identified, refused })
}
