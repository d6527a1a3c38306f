//! The log, on standard error: standard output belongs to the protocol.

use std::{
    io::{self, Write},
    sync::Arc,
};

use tracing_subscriber::{
    filter::Targets, fmt::MakeWriter, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::clerk::Key;

/// Begins to log what `filter` lets through, as text or as JSON lines, with `key` taken out of
/// every line.
pub fn init(filter: Targets, json: bool, key: Option<Key>) {
    let writer = Redacted { key: key.map(Arc::new) };
    let lines = tracing_subscriber::fmt::layer().with_writer(writer).with_ansi(false);
    let registry = tracing_subscriber::registry().with(filter);
    if json {
        registry.with(lines.json().flatten_event(true)).init();
    } else {
        registry.with(lines).init();
    }
}

/// Standard error without the key, which an upstream can put into any text of its own.
#[derive(Clone)]
struct Redacted {
    key: Option<Arc<Key>>,
}

impl Write for Redacted {
    /// Gets one whole event at a time.
    fn write(&mut self, event: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(event);
        let text = match &self.key {
            Some(key) => key.redact(&text),
            None => text.as_ref().into(),
        };
        io::stderr().write_all(text.as_bytes())?;
        Ok(event.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        io::stderr().flush()
    }
}

impl<'writer> MakeWriter<'writer> for Redacted {
    type Writer = Self;

    fn make_writer(&'writer self) -> Self {
        self.clone()
    }
}
