//! Escapes text from outside, so that it can't control a terminal.

use std::fmt::Write as _;

/// Whether a terminal would act on `c`, or not show it.
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}'
            | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
            | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
            | '\u{ffa0}' | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}'
            | '\u{1d173}'..='\u{1d17a}' | '\u{e0000}'..='\u{e0fff}')
}

/// JSON that means the same and shows every character of its strings.
pub(super) fn escape_json(json: String) -> String {
    if !json.contains(is_hidden) {
        return json;
    }
    let mut escaped = String::with_capacity(json.len() + 16);
    for c in json.chars() {
        if is_hidden(c) {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(escaped, "\\u{unit:04x}");
            }
        } else {
            escaped.push(c);
        }
    }
    escaped
}

/// The text between quotation marks.
pub(super) fn quoted(text: &str) -> String {
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

/// The text as it is if it can't be mistaken for anything else, else between quotation marks.
pub(super) fn plain(text: &str) -> String {
    let usual = |c: char| c.is_alphanumeric() && !is_hidden(c) || " .:_-/@+".contains(c);
    let is_plain = text.chars().all(usual) && text.trim() == text && !text.contains("  ");
    if is_plain && !text.is_empty() { text.to_owned() } else { quoted(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_hidden_comes_through() {
        let text = "a\u{1b}[2J\u{9b}\u{202e}b\u{200b}\u{e0041}\u{7f}\r\n\"\\ä漢";
        let shown = quoted(text);
        assert_eq!(shown, r#""a\u{1b}[2J\u{9b}\u{202e}b\u{200b}\u{e0041}\u{7f}\r\n\"\\ä漢""#);
        let json = escape_json(serde_json::to_string(text).unwrap());
        assert!(!json.contains(is_hidden), "{json}");
        assert_eq!(serde_json::from_str::<String>(&json).unwrap(), text);
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
