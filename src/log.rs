//! The log, on standard error: standard output belongs to the protocol.
//!
//! `tracing-appender` 0.2.5 has such a thread too (`non_blocking`). It isn't used, since its guard
//! prints to standard output when it is dropped while the queue is full, and so breaks the protocol
//! if the client doesn't read standard error. It also always brings the `time` crate for log files
//! that rotate.

use std::{
    io::{self, Write},
    sync::mpsc::{Receiver, SyncSender, sync_channel},
    thread,
    time::Duration,
};

use tracing_subscriber::{
    filter::Targets, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::{current::Current, redact::Redactor, text::terminal::escape};

/// How many lines wait to be written; further ones are dropped.
const WAITING: usize = 1024;
/// How long the last lines may take at the end of the process.
const LAST_LINES: Duration = Duration::from_millis(200);

/// Begins to log what `filter` lets through, as text or as JSON lines, passed through
/// `redactor` as it is then.
///
/// A thread writes the lines, so that a client that doesn't read standard error can't block the
/// server.
#[must_use = "dropped at the end of the process, it waits until the last lines are written"]
pub fn init(filter: Targets, json: bool, redactor: Current<Redactor>) -> LastLines {
    let (lines, waiting) = sync_channel(WAITING);
    let (done, all_written) = sync_channel(1);
    thread::spawn(move || {
        write(&waiting);
        done.send(())
    });
    let writer = Redacted { redactor, lines: lines.clone() };
    let layer = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(false);
    let registry = tracing_subscriber::registry().with(filter);
    if json {
        registry.with(layer.json().flatten_event(true)).init();
    } else {
        registry.with(layer).init();
    }
    LastLines { lines, all_written }
}

/// Writes lines until an empty one comes, which stands for the end.
fn write(waiting: &Receiver<Vec<u8>>) {
    while let Ok(line) = waiting.recv() {
        if line.is_empty() || io::stderr().write_all(&line).is_err() {
            break;
        }
    }
}

/// Waits until the last lines are written when it is dropped, for 200 ms at most.
#[derive(Debug)]
pub struct LastLines {
    lines: SyncSender<Vec<u8>>,
    all_written: Receiver<()>,
}

impl Drop for LastLines {
    fn drop(&mut self) {
        if self.lines.try_send(Vec::new()).is_ok() {
            let _ = self.all_written.recv_timeout(LAST_LINES);
        }
    }
}

/// Queues lines without secrets, which an upstream can put into any text.
#[derive(Clone)]
struct Redacted {
    redactor: Current<Redactor>,
    lines: SyncSender<Vec<u8>>,
}

impl Write for Redacted {
    /// Gets one whole event at a time.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let redactor = self.redactor.get();
        let text = redactor.text(&text);
        // One event is one line: a line break in an id must not forge another.
        let line = format!("{}\n", escape(text.trim_end_matches('\n')));
        // A full queue means that nobody reads standard error, so nobody misses the line.
        let _ = self.lines.try_send(line.into_bytes());
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'writer> MakeWriter<'writer> for Redacted {
    type Writer = Self;

    fn make_writer(&'writer self) -> Self {
        self.clone()
    }
}
