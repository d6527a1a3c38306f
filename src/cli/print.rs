//! What the commands print: the one way to the terminal. Whatever others wrote stays text there.

use std::{
    fmt::Display,
    io::{self, Write as _},
};

use clerk_mcp::text::terminal::{escape, escape_lines};
use serde_json::Value;

use super::CliError;

/// Prints one line for a person or a script. Never used while standard output carries MCP.
///
/// # Errors
/// Standard output is closed.
pub(crate) fn line(line: &str) -> Result<(), CliError> {
    print(&escape(line))
}

/// Prints lines of which each is escaped, or that hold nothing of others.
///
/// # Errors
/// Standard output is closed.
pub(crate) fn lines(text: &str) -> Result<(), CliError> {
    print(&escape_lines(text))
}

/// Prints a value as JSON over several lines; characters that would act on a terminal are `\u…`.
///
/// # Errors
/// Standard output is closed.
pub(crate) fn json(value: &Value) -> Result<(), CliError> {
    lines(&format!("{value:#}"))
}

/// Says something on standard error, which has nobody to report to if it is closed.
pub(crate) fn error(text: &dyn Display) {
    let _ = writeln!(io::stderr(), "clerk-mcp: {}", escape_lines(&text.to_string()));
}

fn print(text: &str) -> Result<(), CliError> {
    writeln!(io::stdout().lock(), "{text}").map_err(CliError::Print)
}
