//! What the commands print: the one way to the terminal. Whatever others wrote stays text there.

use std::{
    fmt::Display,
    io::{self, BufRead, Write},
    path::Path,
};

use clerk_mcp::text::terminal::{escape, escape_lines};
use serde_json::Value;
use terminal_size::Width;

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

/// How many columns the terminal has; 80 if it doesn't say.
pub(crate) fn width() -> usize {
    terminal_size::terminal_size().map_or(80, |(Width(columns), _)| columns.into())
}

/// Says something on standard error, in one line. If that is closed, there is nobody to report to.
pub(crate) fn error(text: &dyn Display) {
    let _ = writeln!(io::stderr(), "clerk-mcp: {}", escape(&text.to_string()));
}

/// A path with `~` for the home folder.
pub(crate) fn short(path: &Path, home: &Path) -> String {
    match path.strip_prefix(home) {
        Ok(rest) if !rest.as_os_str().is_empty() => Path::new("~").join(rest).display().to_string(),
        _ => path.display().to_string(),
    }
}

/// Says several lines on standard error, each of them whole. If that is closed, there is nobody to
/// tell.
pub(crate) fn aside(lines: &str) {
    let _ = writeln!(io::stderr(), "{}", escape_lines(lines));
}

/// What a person answered to a question.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Reply {
    Yes,
    No,
    /// There is no answer: standard input has ended.
    Ended,
}

/// Asks a question of one line on standard error, and reads yes or no from standard input. Enter
/// alone is a no; whoever answers neither is asked again. It blocks the thread.
///
/// # Errors
/// Standard error or standard input can't be used.
pub(crate) fn ask(question: &str) -> io::Result<Reply> {
    ask_in(question, &mut io::stdin().lock(), &mut io::stderr())
}

fn ask_in(question: &str, from: &mut impl BufRead, to: &mut impl Write) -> io::Result<Reply> {
    loop {
        write!(to, "{} [y/N] ", escape(question))?;
        to.flush()?;
        let mut line = String::new();
        if from.read_line(&mut line)? == 0 {
            writeln!(to)?;
            return Ok(Reply::Ended);
        }
        match line.trim().to_ascii_lowercase().as_str() {
            "y" | "yes" => return Ok(Reply::Yes),
            "" | "n" | "no" => return Ok(Reply::No),
            _ => writeln!(to, "Type y for yes, or n for no.")?,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_y_is_yes_and_what_is_neither_is_asked_again() {
        for (typed, reply, times) in [
            ("y\n", Reply::Yes, 1),
            (" YES \r\n", Reply::Yes, 1),
            ("\n", Reply::No, 1),
            ("n\ny\n", Reply::No, 1),
            ("no", Reply::No, 1),
            ("yeah\nsure\ny\n", Reply::Yes, 3),
            ("maybe", Reply::Ended, 2),
            ("", Reply::Ended, 1),
        ] {
            let mut asked = Vec::new();
            let got = ask_in("Do it?\u{1b}[2J", &mut typed.as_bytes(), &mut asked).unwrap();
            let asked = String::from_utf8(asked).unwrap();
            assert_eq!((got, asked.matches(r"Do it?\u001b[2J [y/N] ").count()), (reply, times));
        }
        assert!(ask_in("Do it?", &mut &b"\xff\n"[..], &mut Vec::new()).is_err());
    }
}
