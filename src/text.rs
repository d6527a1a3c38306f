//! Texts that end users wrote, made safe to show to a model: nothing in them is hidden, and none
//! is longer than anyone reads.

pub mod terminal;

use std::{borrow::Cow, collections::HashSet, fmt::Write, iter, mem};

use serde_json::{Map, Value};

/// What replaces a secret that was taken out.
const MARKS: [&str; 6] = [KEY, WEBHOOK, API_KEY, TOKEN, JWT, SECRET];
pub(crate) const KEY: &str = "[Clerk key removed]";
pub(crate) const WEBHOOK: &str = "[webhook secret removed]";
pub(crate) const API_KEY: &str = "[API key removed]";
pub(crate) const TOKEN: &str = "[token removed]";
pub(crate) const JWT: &str = "[JWT removed]";
/// What replaces a field that is a secret.
pub(crate) const SECRET: &str = "[secret left out]";

/// How many characters of a string are shown.
pub const LIMIT: usize = 2_000;

const HIDDEN: &str = "⟦U+";
const CUT: &str = "⟦cut: ";
const CUT_END: &str = " more characters⟧";
const MARK_BEGIN: char = '⟦';
const MARK_END: char = '⟧';
/// The longest mark for hidden characters is shorter.
const LONGEST_MARK: usize = 40;

/// Makes all strings of a value safe to show to a model, and the names in it: hidden characters get
/// visible, long strings are cut.
pub fn clean(value: &mut Value) {
    match value {
        Value::String(text) => {
            if let Some(cleaned) = changed(clean_text(text, LIMIT)) {
                *text = cleaned;
            }
        }
        Value::Array(items) => items.iter_mut().for_each(clean),
        Value::Object(members) => {
            rename(members, |name| clean_text(name, LIMIT));
            members.values_mut().for_each(clean);
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// `text` with hidden characters made visible, and cut after `limit` characters.
#[must_use]
pub fn clean_text(text: &str, limit: usize) -> Cow<'_, str> {
    if text.len() <= limit && text.bytes().all(is_plain) {
        return text.into();
    }
    cut(shown(text), limit)
}

/// As [`clean_text`], but cut after `limit` bytes. A token has at least one, so this bounds what
/// the text costs a model, whichever script it is in.
#[must_use]
pub fn clean_bytes(text: &str, limit: usize) -> String {
    let text = shown(text);
    if text.len() <= limit {
        return text.into_owned();
    }
    cut_at(&text, text.floor_char_boundary(limit))
}

/// Whether a text holds a mark of ours, so that it must not be written back to Clerk.
#[must_use]
pub fn has_mark(text: &str) -> bool {
    text.contains(HIDDEN)
        || text.contains(CUT.trim_end())
        || MARKS.iter().any(|mark| text.contains(mark))
}

/// Whether any string or any object key in `value` holds a mark of ours.
#[must_use]
pub fn marked(value: &Value) -> bool {
    match value {
        Value::String(text) => has_mark(text),
        Value::Array(items) => items.iter().any(marked),
        Value::Object(members) => {
            members.iter().any(|(name, member)| has_mark(name) || marked(member))
        }
        _ => false,
    }
}

/// What a filter made of a text, if it changed it.
pub(crate) fn changed(text: Cow<'_, str>) -> Option<String> {
    match text {
        Cow::Borrowed(_) => None,
        Cow::Owned(text) => Some(text),
    }
}

/// Filters an object's keys. One that then has another's name gets a number, so that none is lost.
pub(crate) fn rename(object: &mut Map<String, Value>, filter: impl Fn(&str) -> Cow<'_, str>) {
    let stays = |name: &&String| matches!(filter(name), Cow::Borrowed(_));
    if object.keys().all(|name| stays(&name)) {
        return;
    }
    let taken: HashSet<String> = object.keys().filter(stays).cloned().collect();
    let mut number = 1;
    for (name, member) in mem::take(object) {
        let Some(filtered) = changed(filter(&name)) else {
            object.insert(name, member);
            continue;
        };
        // At most one number: more would not be known as one, and cut off the next time.
        let bare = before_number(&filtered, " (", ")").unwrap_or(&filtered);
        let mut free = filtered.clone();
        while taken.contains(&free) || object.contains_key(&free) {
            number += 1;
            free = format!("{bare} ({number})");
        }
        object.insert(free, member);
    }
}

fn is_plain(byte: u8) -> bool {
    matches!(byte, b' '..=b'~' | b'\t' | b'\n' | b'\r')
}

/// `text` with a mark for each run of hidden characters: the first of them, and how many more.
fn shown(text: &str) -> Cow<'_, str> {
    let mut shown = String::new();
    let mut done = 0;
    let mut hidden = hidden(text).peekable();
    while let Some((start, first)) = hidden.next() {
        let mut end = start + first.len_utf8();
        let mut more = 0;
        while let Some((_, next)) = hidden.next_if(|(at, _)| *at == end) {
            end += next.len_utf8();
            more += 1;
        }
        shown.push_str(text.get(done..start).unwrap_or_default());
        // Writing to a string can't fail.
        let _ = write!(shown, "{HIDDEN}{:04X}", u32::from(first));
        if more > 0 {
            let _ = write!(shown, " +{more}");
        }
        shown.push(MARK_END);
        done = end;
    }
    if done == 0 {
        return text.into();
    }
    shown.push_str(text.get(done..).unwrap_or_default());
    shown.into()
}

/// The first character of a text that nobody sees.
pub(crate) fn first_hidden(text: &str) -> Option<char> {
    hidden(text).next().map(|(_, hidden)| hidden)
}

/// The hidden characters of a text, and where they are.
fn hidden(text: &str) -> impl Iterator<Item = (usize, char)> {
    let mut characters = text.char_indices().peekable();
    // The visible character directly before, and whether it has a variation selector already.
    let mut base = None;
    iter::from_fn(move || {
        while let Some((at, it)) = characters.next() {
            let stays = if is_visible(it) {
                base = Some((it, false));
                continue;
            } else if is_joiner(it) {
                let after = characters.peek().is_some_and(|(_, next)| joins(*next));
                after && base.take().is_some_and(|(before, _)| joins(before))
            } else if let Some((before, false)) = base
                && selects(it, before)
            {
                base = Some((before, true));
                continue;
            } else {
                matches!(it, '\n' | '\r' | '\t') || it.is_whitespace() && !it.is_control()
            };
            base = None;
            if !stays {
                return Some((at, it));
            }
        }
        None
    })
}

/// Whether a joiner can stand beside it: scripts and emoji that need joiners are not ASCII.
fn joins(it: char) -> bool {
    is_visible(it) && !it.is_ascii()
}

/// U+200C and U+200D, with which Persian, the scripts of India and emoji are written.
fn is_joiner(it: char) -> bool {
    matches!(it, '\u{200C}' | '\u{200D}')
}

/// Whether `it` chooses a variant of the character before it. Those for ideographs count only
/// there: with 240 of them, each letter of a text could carry one of another text.
fn selects(it: char, before: char) -> bool {
    match it {
        '\u{FE00}'..='\u{FE0F}' => true,
        '\u{180B}'..='\u{180D}' | '\u{180F}' => matches!(before, '\u{1800}'..='\u{18AA}'),
        '\u{E0100}'..='\u{E01EF}' => {
            matches!(before, '\u{3400}'..='\u{9FFF}' | '\u{F900}'..='\u{FAFF}' | '\u{20000}'..='\u{3FFFF}')
        }
        _ => false,
    }
}

fn is_visible(it: char) -> bool {
    if it.is_ascii() { it.is_ascii_graphic() } else { !is_invisible(it) && !it.is_whitespace() }
}

/// Beyond ASCII: controls, noncharacters, and what Unicode has as Default_Ignorable_Code_Point
/// (DerivedCoreProperties.txt of Unicode 17), as an interlinear annotation, or as a control of
/// hieroglyphs.
fn is_invisible(it: char) -> bool {
    matches!(it,
        '\u{80}'..='\u{9F}' | '\u{AD}' | '\u{34F}' | '\u{61C}' | '\u{115F}'..='\u{1160}'
        | '\u{17B4}'..='\u{17B5}' | '\u{180B}'..='\u{180F}' | '\u{200B}'..='\u{200F}'
        | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{3164}'
        | '\u{FDD0}'..='\u{FDEF}' | '\u{FE00}'..='\u{FE0F}' | '\u{FEFF}' | '\u{FFA0}'
        | '\u{13430}'..='\u{13438}' | '\u{FFF0}'..='\u{FFFB}'
        | '\u{1BCA0}'..='\u{1BCA3}' | '\u{1D173}'..='\u{1D17A}' | '\u{E0000}'..='\u{E0FFF}')
        || u32::from(it) & 0xFFFE == 0xFFFE
}

/// `text` up to `limit` characters, and how many more it has.
fn cut(text: Cow<'_, str>, limit: usize) -> Cow<'_, str> {
    if text.len() <= limit || text.char_indices().nth(limit + appended(&text)).is_none() {
        return text;
    }
    let end = text.char_indices().nth(limit).map_or(text.len(), |(end, _)| end);
    cut_at(&text, end).into()
}

/// `text` up to `end`, or to the mark that `end` is inside of, and how many more characters it has.
fn cut_at(text: &str, end: usize) -> String {
    let (head, rest) = text.split_at_checked(mark_around(text, end)).unwrap_or((text, ""));
    format!("{head}{CUT}{}{CUT_END}", rest.chars().count())
}

/// How many characters at the end of a text were appended to it by an earlier [`clean`].
fn appended(text: &str) -> usize {
    let own = before_number(text, " (", ")").unwrap_or(text);
    let own = before_number(own, CUT, CUT_END).unwrap_or(own);
    text.get(own.len()..).map_or(0, |appended| appended.chars().count())
}

/// What is in `text` before a number that is its end, with this before and after the number.
fn before_number<'t>(text: &'t str, before: &str, after: &str) -> Option<&'t str> {
    let text = text.strip_suffix(after)?;
    let rest = text.trim_end_matches(|it: char| it.is_ascii_digit());
    // No more digits than a number has: they are not for an end user to write on.
    (1..=20).contains(&(text.len() - rest.len())).then_some(rest)?.strip_suffix(before)
}

/// The beginning of the mark that `at` is inside of, else `at`: half a mark is none.
fn mark_around(text: &str, at: usize) -> usize {
    let start = text.get(..at).and_then(|head| head.rfind(MARK_BEGIN));
    let start =
        start.filter(|start| text.get(*start..).is_some_and(|rest| rest.starts_with(HIDDEN)));
    let end = start.and_then(|start| Some(start + text.get(start..)?.find(MARK_END)?));
    match (start, end) {
        (Some(start), Some(end)) if end >= at && end - start < LONGEST_MARK => start,
        _ => at,
    }
}

#[cfg(test)]
mod tests;
