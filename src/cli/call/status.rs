//! How far a long call is: one line of standard error, if that is a terminal.

use std::{
    io::{self, IsTerminal, Write},
    sync::{Arc, Mutex, PoisonError},
};

use clerk_mcp::progress::Progress;
use futures::FutureExt;

use crate::cli::print;

/// The line. It is written again and again in its place, and erased at the end.
#[derive(Clone)]
pub(super) struct Status {
    tool: String,
    /// How many columns of it are written to.
    written: Arc<Mutex<usize>>,
}

impl Status {
    pub(super) fn new(tool: &str) -> Self {
        Self { tool: tool.to_owned(), written: Arc::default() }
    }

    /// Where a call tells how far it is; nowhere if standard error isn't a terminal.
    pub(super) fn progress(&self) -> Progress {
        if !io::stderr().is_terminal() {
            return Progress::default();
        }
        let status = self.clone();
        Progress::new(move |done, total| {
            let of = total.map(|total| format!(" of {total}")).unwrap_or_default();
            status.write(&format!("{}: {done}{of}", status.tool));
            futures::future::ready(()).boxed()
        })
    }

    /// Erases the line.
    pub(super) fn erase(&self) {
        self.write("");
    }

    /// The cursor stays at the line's beginning: what is logged meanwhile begins there.
    fn write(&self, text: &str) {
        let mut written = self.written.lock().unwrap_or_else(PoisonError::into_inner);
        // A line of the whole width would move the cursor to the next.
        let width = print::width().saturating_sub(1);
        let text: String = text.chars().take(width).collect();
        let length = text.chars().count();
        if *written == 0 && length == 0 {
            return;
        }
        let rest = " ".repeat(written.saturating_sub(length));
        // If it can't be written, there is nobody to tell.
        let _ = write!(io::stderr(), "{text}{rest}\r").and_then(|()| io::stderr().flush());
        *written = length;
    }
}
