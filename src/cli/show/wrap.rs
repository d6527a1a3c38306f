//! Text in lines of a terminal's width. What the terminal itself breaks could begin a line that looks
//! like one of ours.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// The least width in columns; a narrower terminal breaks the lines itself.
const LEAST: usize = 20;

/// The text in lines of at most `width` columns; all but the first begin with a margin.
pub(crate) fn wrap(text: &str, margin: usize, width: usize) -> Vec<String> {
    let width = width.max(LEAST);
    let margin = " ".repeat(margin.min(width / 2));
    let mut lines: Vec<String> = Vec::new();
    let mut rest = text;
    loop {
        let margin = if lines.is_empty() { "" } else { &margin };
        let room = width - margin.len();
        let (line, after) = split(rest, room);
        lines.push(format!("{margin}{}", line.trim_end()));
        if after.is_empty() {
            return lines;
        }
        rest = after;
    }
}

/// The longest beginning of whole words that fits, and the rest; of a longer word, a part.
fn split(text: &str, room: usize) -> (&str, &str) {
    if text.width() <= room {
        return (text, "");
    }
    let fits = beginning(text, room);
    let is_whole = text.get(fits.len()..).is_some_and(|rest| rest.starts_with(' '));
    let words = if is_whole { Some(fits.len()) } else { fits.rfind(' ') };
    let words = words.filter(|end| fits.get(..*end).is_some_and(|words| !words.trim().is_empty()));
    // A character at least, however wide it is.
    let least = text.chars().next().map_or(0, char::len_utf8);
    let end = words.unwrap_or(fits.len()).max(least);
    let (line, rest) = text.split_at_checked(end).unwrap_or((text, ""));
    (line, rest.trim_start_matches(' '))
}

/// The longest beginning of a text that takes no more than so many columns.
pub(super) fn beginning(text: &str, columns: usize) -> &str {
    let mut taken = 0;
    let end = text.char_indices().find_map(|(at, c)| {
        taken += c.width().unwrap_or_default();
        (taken > columns).then_some(at)
    });
    end.and_then(|end| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words_and_continue_behind_the_margin() {
        assert_eq!(wrap("one", 2, 20), ["one"]);
        assert_eq!(wrap("", 2, 20), [""]);
        let lines = wrap("  name: one two three four five", 4, 20);
        assert_eq!(lines, ["  name: one two", "    three four five"]);
        let word = "x".repeat(45);
        let lines = wrap(&format!("id: {word}"), 2, 20);
        assert_eq!(
            lines,
            ["id:", &format!("  {}", "x".repeat(18)), "  xxxxxxxxxxxxxxxxxx", "  xxxxxxxxx"]
        );
        for text in ["漢字".repeat(40), "a\u{301}".repeat(90), "👩🏽\u{1f1e9}\u{1f1ea}".repeat(30)]
        {
            let lines = wrap(&text, 3, 20);
            assert!(lines.iter().all(|line| line.width() <= 20), "{lines:?}");
            assert_eq!(lines.concat().replace(' ', ""), text);
        }
    }
}
