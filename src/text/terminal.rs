//! Text of others that a person reads at a terminal or in a log: nothing in it acts on the terminal,
//! hides what stands beside it, or begins a line that looks like one of ours.

use std::{borrow::Cow, fmt::Write as _};

use super::is_invisible;

/// Whether a terminal would act on `c`, or not show it.
fn is_hidden(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') || is_invisible(c)
}

/// A line of text or of JSON with escapes in place of hidden characters, line breaks among them. JSON
/// means the same.
#[must_use]
pub fn escape(line: &str) -> Cow<'_, str> {
    escaped(line, is_hidden)
}

/// The same for text of several lines, which stay lines.
#[must_use]
pub fn escape_lines(text: &str) -> Cow<'_, str> {
    escaped(text, |c| c != '\n' && is_hidden(c))
}

fn escaped(text: &str, is_hidden: fn(char) -> bool) -> Cow<'_, str> {
    if !text.contains(is_hidden) {
        return text.into();
    }
    let mut escaped = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        match c {
            _ if !is_hidden(c) => escaped.push(c),
            '\n' => escaped.push_str("\\n"),
            '\r' => escaped.push_str("\\r"),
            '\t' => escaped.push_str("\\t"),
            _ => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    // Writing to a string can't fail.
                    let _ = write!(escaped, "\\u{unit:04x}");
                }
            }
        }
    }
    escaped.into()
}

/// The text between quotation marks.
pub(crate) fn quoted(text: &str) -> String {
    let mut quoted = String::from('"');
    for c in text.chars() {
        if is_hidden(c) || c == '"' || c == '\\' {
            quoted.extend(c.escape_default());
        } else {
            quoted.push(c);
        }
    }
    quoted.push('"');
    quoted
}

/// The text as it is if a reader can't take it for several cells of a table, or for several lines;
/// else between quotation marks.
#[must_use]
pub fn cell(text: &str) -> String {
    let is_plain = !text.contains(|c: char| is_hidden(c) || c != ' ' && c.is_whitespace());
    let is_one = text.trim() == text && !text.contains("  ") && !text.starts_with('"');
    if is_plain && is_one && !text.is_empty() { text.to_owned() } else { quoted(text) }
}

/// The text as it is if it can't be mistaken for anything else, else between quotation marks.
pub(crate) fn plain(text: &str) -> String {
    let usual = |c: char| c.is_alphanumeric() && !is_hidden(c) || " .:_-/@+".contains(c);
    let is_plain = text.chars().all(usual) && text.trim() == text && !text.contains("  ");
    if is_plain && !text.is_empty() { text.to_owned() } else { quoted(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hidden_comes_through() {
        let text = "a\u{1b}[2J\u{9b}\u{202e}b\u{200b}\u{2028}\u{e0041}\u{7f}\r\n\"\\ä漢";
        let shown = quoted(text);
        assert_eq!(
            shown,
            r#""a\u{1b}[2J\u{9b}\u{202e}b\u{200b}\u{2028}\u{e0041}\u{7f}\r\n\"\\ä漢""#
        );
        let json = serde_json::to_string(text).unwrap();
        let json = escape(&json);
        assert!(!json.contains(is_hidden), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
        assert_eq!(escape("a\nb\u{1b}[0m"), r"a\nb\u001b[0m");
        assert_eq!(escape_lines("a\nb\u{1b}\rc\n"), "a\nb\\u001b\\rc\n");
    }

    #[test]
    fn what_could_pass_for_another_column_is_quoted() {
        for good in ["Claude Desktop 1.2", "user_2abc", "a@b.example", "漢字"] {
            assert_eq!(plain(good), good);
        }
        for bad in ["", " a", "a  done", "asked, accepted", "a\u{1b}b", "(200)", "a\u{a0}b"] {
            assert!(plain(bad).starts_with('"'), "{bad}");
        }
    }
}
