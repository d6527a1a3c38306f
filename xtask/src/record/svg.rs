//! A terminal as an SVG, in which the lines appear one after the other.

use std::fmt::Write;

use super::Line;

/// How many characters fit a line.
const COLUMNS: usize = 100;
/// In hundredths of a px.
const CHARACTER: usize = 783;
/// In px.
const LINE_HEIGHT: usize = 18;
const MARGIN: usize = 16;
const TITLE: usize = 34;
/// In ms.
const PER_OUTPUT: usize = 60;
const BEFORE_COMMAND: usize = 1_200;

const STYLE: &str = "\
text{font:13px ui-monospace,SFMono-Regular,Menlo,Consolas,'DejaVu Sans Mono',monospace;\
white-space:pre;fill:#c9d1d9;animation:a .01s both}\
.c{fill:#7d8590}.p{fill:#f0f6fc;font-weight:600}\
@keyframes a{from{opacity:0}to{opacity:1}}\
@media(prefers-reduced-motion){text{animation:none}}";

/// The picture.
pub(super) fn draw(lines: &[Line]) -> String {
    let mut rows = String::new();
    let (mut y, mut delay) = (TITLE, 0);
    for line in lines {
        let (class, text) = match line {
            Line::Comment(text) => (" class=\"c\"", format!("# {text}")),
            Line::Command(text) => (" class=\"p\"", format!("$ {text}")),
            Line::Output(text) => ("", text.clone()),
        };
        let is_first = rows.is_empty();
        match line {
            _ if is_first => {}
            Line::Comment(_) => {
                delay += BEFORE_COMMAND;
                y += LINE_HEIGHT / 2;
            }
            Line::Command(_) => delay += BEFORE_COMMAND,
            Line::Output(_) => delay += PER_OUTPUT,
        }
        for row in text.lines().flat_map(wrapped) {
            y += LINE_HEIGHT;
            // Writing to a string can't fail.
            let _ = writeln!(
                rows,
                "<text{class} x=\"{MARGIN}\" y=\"{y}\" style=\"animation-delay:{delay}ms\">{}</text>",
                escaped(&row)
            );
        }
    }
    let width = (COLUMNS * CHARACTER).div_ceil(100) + 2 * MARGIN;
    let height = y + MARGIN;
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" role=\"img\">\n\
         <title>clerk-mcp in a terminal, with its sandbox</title>\n\
         <style>{STYLE}</style>\n\
         <rect width=\"{width}\" height=\"{height}\" rx=\"8\" fill=\"#0d1117\"/>\n\
         <circle cx=\"20\" cy=\"18\" r=\"6\" fill=\"#ff5f57\"/>\
         <circle cx=\"40\" cy=\"18\" r=\"6\" fill=\"#febc2e\"/>\
         <circle cx=\"60\" cy=\"18\" r=\"6\" fill=\"#28c840\"/>\n\
         {rows}</svg>\n"
    )
}

/// A line in pieces that fit, cut after a space if there is one.
fn wrapped(line: &str) -> Vec<String> {
    let mut rest: Vec<char> = line.chars().collect();
    let mut rows = Vec::new();
    while rest.len() > COLUMNS {
        let space = rest.iter().take(COLUMNS).rposition(|character| *character == ' ');
        let after = rest.split_off(space.map_or(COLUMNS, |space| space + 1));
        rows.push(rest.into_iter().collect());
        rest = after;
    }
    rows.push(rest.into_iter().collect());
    rows
}

fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_lines_are_wrapped_and_markup_is_escaped() {
        let line = format!("{} {}<b>", "x".repeat(COLUMNS - 1), "y".repeat(COLUMNS));
        let picture = draw(&[Line::Command("a & b".to_owned()), Line::Output(line)]);
        assert!(picture.contains(">$ a &amp; b</text>"), "{picture}");
        assert!(picture.contains(">&lt;b&gt;</text>"), "{picture}");
        assert_eq!(picture.matches("<text").count(), 4);
    }
}
