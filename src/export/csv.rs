//! Comma-separated values by RFC 4180, of which a spreadsheet runs none as a formula.

use std::borrow::Cow;

/// What makes a spreadsheet take a cell for a formula, in the first place of it. The wide forms do so
/// in Japanese editions. <https://owasp.org/www-community/attacks/CSV_Injection>
const FORMULA: [char; 11] = ['=', '+', '-', '@', '\t', '\r', '\n', '＝', '＋', '－', '＠'];

/// One cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Cell {
    /// A number, true or false: it can be no formula, and `-1` stays a number.
    Plain(String),
    /// Whatever others may have written.
    Text(String),
}

/// Writes a line of cells.
pub(crate) fn line(cells: impl IntoIterator<Item = Cell>, to: &mut Vec<u8>) {
    for (place, cell) in cells.into_iter().enumerate() {
        if place > 0 {
            to.push(b',');
        }
        match cell {
            Cell::Plain(text) => to.extend_from_slice(text.as_bytes()),
            Cell::Text(text) => to.extend_from_slice(quoted(&defused(&text)).as_bytes()),
        }
    }
    to.extend_from_slice(b"\r\n");
}

/// A text with an apostrophe before what would make it a formula.
fn defused(text: &str) -> Cow<'_, str> {
    if text.starts_with(FORMULA) { format!("'{text}").into() } else { text.into() }
}

/// A text in quotation marks, if it could end its cell without. Some spreadsheets split at `;`.
fn quoted(text: &str) -> Cow<'_, str> {
    let ends = |letter: char| matches!(letter, '"' | ',' | ';' | '\t' | '\r' | '\n');
    let is_bare = !text.contains(ends) && !text.starts_with(' ') && !text.ends_with(' ');
    if is_bare { text.into() } else { format!("\"{}\"", text.replace('"', "\"\"")).into() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(cell: &str) -> String {
        let mut line = Vec::new();
        super::line([Cell::Text(cell.to_owned())], &mut line);
        let line = String::from_utf8(line).unwrap();
        line.strip_suffix("\r\n").unwrap().to_owned()
    }

    #[test]
    fn no_cell_is_a_formula() {
        let cases = [
            ("=1+1", "'=1+1"),
            ("+15550100", "'+15550100"),
            ("-x", "'-x"),
            ("@SUM(A1)", "'@SUM(A1)"),
            ("\t=1", "\"'\t=1\""),
            ("\r=1", "\"'\r=1\""),
            ("＝1", "'＝1"),
            ("=HYPERLINK(\"x\",\"y\")", "\"'=HYPERLINK(\"\"x\"\",\"\"y\"\")\""),
            ("a=1", "a=1"),
            ("", ""),
        ];
        for (cell, written) in cases {
            assert_eq!(text(cell), written, "{cell:?}");
        }
    }

    #[test]
    fn a_cell_is_one_cell_whatever_is_in_it() {
        let cases = [
            ("a,b", "\"a,b\""),
            ("a\"b", "\"a\"\"b\""),
            ("a\nb", "\"a\nb\""),
            ("a;b", "\"a;b\""),
            (" a", "\" a\""),
            ("\",=1\r\n=2,\"", "\"\"\",=1\r\n=2,\"\"\""),
            ("Zoë", "Zoë"),
        ];
        for (cell, written) in cases {
            assert_eq!(text(cell), written, "{cell:?}");
        }
        let mut line = Vec::new();
        let plain = |text: &str| Cell::Plain(text.to_owned());
        super::line([plain("-1"), Cell::Text("x".to_owned()), plain(""), plain("true")], &mut line);
        assert_eq!(line, b"-1,x,,true\r\n");
    }
}
