//! What the commands print: the one way to the terminal. Whatever others wrote stays text there.

use std::{
    fmt::Display,
    io::{self, Write},
};

use clerk_mcp::text::terminal::{escape, escape_lines};
use serde_json::Value;

use super::CliError;

/// Standard output, for whole lines. Never used while it carries MCP.
pub(crate) struct Lines(io::StdoutLock<'static>);

impl Lines {
    pub(crate) fn new() -> Self {
        Self(io::stdout().lock())
    }
}

impl Write for Lines {
    /// Gets one line or several, each of them whole.
    fn write(&mut self, lines: &[u8]) -> io::Result<usize> {
        let text = String::from_utf8_lossy(lines);
        self.0.write_all(escape_lines(&text).as_bytes())?;
        Ok(lines.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.0.flush()
    }
}

/// Prints one line for a person or a script.
///
/// # Errors
/// Standard output is closed.
pub(crate) fn line(line: &str) -> Result<(), CliError> {
    lines(&escape(line))
}

/// Prints lines that hold no line break of others.
///
/// # Errors
/// Standard output is closed.
pub(crate) fn lines(text: &str) -> Result<(), CliError> {
    Lines::new().write_all(format!("{text}\n").as_bytes()).map_err(CliError::Print)
}

/// Prints a value as JSON over several lines; characters that would act on a terminal are `\u…`.
///
/// # Errors
/// Standard output is closed.
pub(crate) fn json(value: &Value) -> Result<(), CliError> {
    lines(&format!("{value:#}"))
}

/// Says something on standard error, in one line. If that is closed, there is nobody to report to.
pub(crate) fn error(text: &dyn Display) {
    let _ = writeln!(io::stderr(), "clerk-mcp: {}", escape(&text.to_string()));
}

/// Asks on standard error, and reads from standard input whether the person agrees.
///
/// # Errors
/// There is nobody to ask.
pub(crate) fn ask(question: &str) -> io::Result<bool> {
    write!(io::stderr().lock(), "{}\nDo it? [y/N] ", escape_lines(question))?;
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}
