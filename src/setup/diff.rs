//! What a change does to a text, to look at before it is written.

use std::fmt::Write as _;

use crate::redact::Redactor;

/// The most pairs of lines that are compared.
const MOST_PAIRS: usize = 4_000_000;
/// A line that is longer is shown from where it differs.
const LONGEST: usize = 160;

/// The lines that go away and that come, behind `-` and `+`, each with the number of the line before
/// the first of them. Lines that stay aren't shown, since they may hold secrets of others; nor are
/// secrets of Clerk's in the lines that change.
#[must_use]
pub fn diff(before: &str, after: &str) -> String {
    let (old, new): (Vec<&str>, Vec<&str>) = (before.lines().collect(), after.lines().collect());
    // A comma that follows because something stands behind the line now says nothing.
    let same = |one: &str, other: &str| bare(one) == bare(other);
    let start = old.iter().zip(&new).take_while(|(one, other)| same(one, other)).count();
    let end = old.iter().skip(start).rev().zip(new.iter().skip(start).rev());
    let end = end.take_while(|(one, other)| same(one, other)).count();
    let middle = |lines: &[&'_ str]| lines.len() - end;
    let (old_end, new_end) = (middle(&old), middle(&new));
    let (old, new) = (slice(&old, start, old_end), slice(&new, start, new_end));
    let mut shown = String::new();
    for step in steps(old, new) {
        let (sign, line) = match step {
            Step::Place(line) => {
                let _infallible = writeln!(shown, "@@ line {} @@", start + line + 1);
                continue;
            }
            Step::Gone(line) => ('-', line),
            Step::Come(line) => ('+', line),
        };
        shown.push(sign);
        shown += &Redactor::default().text(&differing(line, sign, old, new));
        shown.push('\n');
    }
    shown
}

fn bare(line: &str) -> &str {
    line.trim_end().trim_end_matches(',').trim_end()
}

fn slice<'a, 'b>(lines: &'b [&'a str], start: usize, end: usize) -> &'b [&'a str] {
    lines.get(start..end).unwrap_or_default()
}

/// A line of a text, or of a long one the part that isn't in the line that it replaces.
fn differing(line: &str, sign: char, old: &[&str], new: &[&str]) -> String {
    let ([one], [other]) = (old, new) else { return clipped(line) };
    let start: usize =
        one.chars().zip(other.chars()).take_while(|(a, b)| a == b).map(|(a, _)| a.len_utf8()).sum();
    let rest = |line: &str| line.get(start..).unwrap_or_default().to_owned();
    let (one, other) = (rest(one), rest(other));
    let end: usize = one
        .chars()
        .rev()
        .zip(other.chars().rev())
        .take_while(|(a, b)| a == b)
        .map(|(a, _)| a.len_utf8())
        .sum();
    let part = if sign == '-' { &one } else { &other };
    let part = part.get(..part.len() - end).unwrap_or_default();
    let mark = |is_cut: bool| if is_cut { "…" } else { "" };
    format!("{}{}{}", mark(start > 0), clipped(part), mark(end > 0))
}

fn clipped(line: &str) -> String {
    match line.char_indices().nth(LONGEST) {
        Some((at, _)) => format!("{}…", line.get(..at).unwrap_or_default()),
        None => line.to_owned(),
    }
}

enum Step<'a> {
    /// The change begins behind this many lines.
    Place(usize),
    Gone(&'a str),
    Come(&'a str),
}

/// The shortest way from the old lines to the new ones.
fn steps<'a>(old: &[&'a str], new: &[&'a str]) -> Vec<Step<'a>> {
    let width = new.len() + 1;
    let is_small = (old.len() + 1).saturating_mul(width) <= MOST_PAIRS;
    // How many lines the rest of both have in common.
    let mut common = vec![0_u32; if is_small { (old.len() + 1) * width } else { 0 }];
    let at = |common: &[u32], i: usize, j: usize| common.get(i * width + j).copied().unwrap_or(0);
    if is_small {
        for (i, one) in old.iter().enumerate().rev() {
            for (j, other) in new.iter().enumerate().rev() {
                let best = if bare(one) == bare(other) {
                    at(&common, i + 1, j + 1) + 1
                } else {
                    at(&common, i + 1, j).max(at(&common, i, j + 1))
                };
                if let Some(cell) = common.get_mut(i * width + j) {
                    *cell = best;
                }
            }
        }
    }
    let (mut i, mut j, mut steps, mut is_apart) = (0, 0, Vec::new(), true);
    loop {
        let (one, other) = (old.get(i), new.get(j));
        let step = match (one, other) {
            (Some(one), Some(other)) if is_small && bare(one) == bare(other) => {
                (i, j, is_apart) = (i + 1, j + 1, true);
                continue;
            }
            (Some(one), other)
                if other.is_none() || at(&common, i + 1, j) >= at(&common, i, j + 1) =>
            {
                i += 1;
                Step::Gone(one)
            }
            (_, Some(other)) => {
                j += 1;
                Step::Come(other)
            }
            // What is only gone is above, if there is any.
            (_, None) => return steps,
        };
        if is_apart {
            steps.push(Step::Place(j - usize::from(matches!(step, Step::Come(_)))));
            is_apart = false;
        }
        steps.push(step);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_lines_that_change_are_shown() {
        let before = "{\n  \"token\": \"other\",\n  \"a\": {\n    \"b\": 1\n  }\n}\n";
        let after = "{\n  \"token\": \"other\",\n  \"a\": {\n    \"b\": 1,\n    \"c\": 2\n  }\n}\n";
        assert_eq!(diff(before, after), "@@ line 5 @@\n+    \"c\": 2\n");
        assert_eq!(diff(after, before), "@@ line 5 @@\n-    \"c\": 2\n");
        assert_eq!(diff("", "a\nb\n"), "@@ line 1 @@\n+a\n+b\n");
        assert_eq!(diff("a\nx\nb\n", "1\na\nx\nc\n"), "@@ line 1 @@\n+1\n@@ line 4 @@\n-b\n+c\n");
        assert_eq!(diff("a\n", "a\n"), "");
    }

    #[test]
    fn of_a_text_in_one_line_only_the_part_is_shown_that_changes() {
        let before = "{\"secret\":\"x\",\"mcpServers\":{},\"other\":\"y\"}";
        let after = "{\"secret\":\"x\",\"mcpServers\":{\"clerk\":1},\"other\":\"y\"}";
        assert_eq!(diff(before, after), "@@ line 1 @@\n-……\n+…\"clerk\":1…\n");
    }

    #[test]
    fn a_key_is_not_shown() {
        let shown = diff("\"CLERK_SECRET_KEY\": \"sk_test_abcdefghijklmnop\"\n", "");
        assert!(shown.contains("CLERK_SECRET_KEY") && !shown.contains("abcdef"), "{shown}");
    }
}
