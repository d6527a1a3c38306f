//! What the editors know of lines.

/// The line end of a text: that of its first line.
pub(super) fn line_end(text: &str) -> &'static str {
    match text.find('\n') {
        Some(at) if text.get(..at).is_some_and(|line| line.ends_with('\r')) => "\r\n",
        _ => "\n",
    }
}

/// A line of a text with its place.
#[derive(Clone, Copy, Debug)]
pub(super) struct Line<'a> {
    /// Where it begins, in bytes.
    pub(super) start: usize,
    /// Where the next one begins.
    pub(super) end: usize,
    /// Its text, without the line end.
    pub(super) text: &'a str,
}

impl Line<'_> {
    /// The width of the blank space at its start.
    pub(super) fn indent(&self) -> usize {
        self.text.len() - self.text.trim_start_matches([' ', '\t']).len()
    }

    /// Whether it has neither values nor keys.
    pub(super) fn is_idle(&self) -> bool {
        let text = self.text.trim();
        text.is_empty() || text.starts_with('#')
    }
}

pub(super) fn lines(text: &str) -> Vec<Line<'_>> {
    let mut start = 0;
    text.split_inclusive('\n')
        .map(|line| {
            let end = start + line.len();
            let text = line.trim_end_matches('\n').trim_end_matches('\r');
            let line = Line { start, end, text };
            start = end;
            line
        })
        .collect()
}

/// The text with `new` in place of what is between two offsets.
pub(super) fn splice(text: &str, start: usize, end: usize, new: &str) -> Option<String> {
    Some([text.get(..start)?, new, text.get(end..)?].concat())
}

/// The text with a line end at its end, unless it is empty.
pub(super) fn ended(text: &str, line_end: &str) -> String {
    let end = if text.is_empty() || text.ends_with('\n') { "" } else { line_end };
    [text, end].concat()
}
