//! A text without its escapes, to look for a secret in: `%73`, `&#115;`, `\u0073` and `\x73` all
//! stand for an `s`. Each byte keeps where it came from, so that the escape itself is taken out.

use std::ops::Range;

/// A text with its escapes undone. It is searched and never shown.
pub(super) struct View {
    bytes: Vec<u8>,
    /// Where each byte begins in the text, and at the end where that ends.
    starts: Vec<u32>,
}

impl View {
    /// The text as it is, but for what a backslash escapes: half of such an escape would be no JSON.
    pub(super) fn whole_escapes(text: &[u8]) -> Self {
        Self::made(text, None, backslash)
    }

    /// The view with its escapes undone once more, or `None` if it has none.
    pub(super) fn undone(&self) -> Option<Self> {
        let undone = Self::made(&self.bytes, Some(&self.starts), escape);
        (undone.bytes.len() < self.bytes.len()).then_some(undone)
    }

    pub(super) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Where these bytes are in the text.
    pub(super) fn place(&self, bytes: Range<usize>) -> Range<usize> {
        let start = |at: usize| self.starts.get(at).map_or(0, |start| *start as usize);
        start(bytes.start)..start(bytes.end)
    }

    /// `unit` reads an escape: the byte that it stands for, and its length.
    fn made(text: &[u8], starts: Option<&[u32]>, unit: fn(&[u8]) -> Option<(u8, usize)>) -> Self {
        let start = |at: usize| match starts {
            Some(starts) => starts.get(at).copied().unwrap_or_default(),
            None => u32::try_from(at).unwrap_or(u32::MAX),
        };
        let mut view =
            Self { bytes: Vec::with_capacity(text.len()), starts: Vec::with_capacity(text.len()) };
        let mut at = 0;
        while let Some(rest @ [first, ..]) = text.get(at..) {
            let (byte, length) = unit(rest).unwrap_or((*first, 1));
            view.bytes.push(byte);
            view.starts.push(start(at));
            at += length;
        }
        view.starts.push(start(text.len()));
        view
    }
}

/// Whether a text can have an escape in it.
pub(super) fn may_have_escapes(text: &[u8]) -> bool {
    text.iter().any(|byte| matches!(byte, b'%' | b'&' | b'\\'))
}

fn escape(text: &[u8]) -> Option<(u8, usize)> {
    match text.first()? {
        b'%' => percent(text),
        b'&' => entity(text),
        b'\\' => backslash(text),
        _ => None,
    }
}

/// A run of backslashes and what it escapes: in a string within a string it has more than one. A
/// character that secrets don't have becomes a zero. If the text isn't JSON, a letter can be lost by
/// that; a secret behind it is found all the same.
fn backslash(text: &[u8]) -> Option<(u8, usize)> {
    let run = text.iter().take_while(|byte| **byte == b'\\').count();
    let (byte, length) = match text.get(run..).filter(|_| run > 0)? {
        [b'u', b'{', digits @ ..] => {
            let length = digits.iter().take_while(|byte| byte.is_ascii_hexdigit()).count();
            let is_closed = digits.get(length) == Some(&b'}');
            (number(digits.get(..length)?, 16).filter(|_| is_closed)?, length + 3)
        }
        [b'u', digits @ ..] => (number(digits.get(..4)?, 16)?, 5),
        [b'x', digits @ ..] => (number(digits.get(..2)?, 16)?, 3),
        [b'/', ..] => (b'/', 1),
        [b'b' | b'f' | b'n' | b'r' | b't' | b'"', ..] if run % 2 == 1 => (0, 1),
        _ => (0, 0),
    };
    Some((byte, run + length))
}

/// `%73`, `%u0073`, and `%2573`, encoded twice.
fn percent(text: &[u8]) -> Option<(u8, usize)> {
    if let [b'%', b'u' | b'U', digits @ ..] = text {
        return Some((number(digits.get(..4)?, 16)?, 6));
    }
    let (byte, rest) = percent_encoded(text)?;
    Some((byte, text.len() - rest.len()))
}

/// The byte that `text` begins with as `%73`, and what follows; also as `%2573`, encoded twice.
pub(super) fn percent_encoded(text: &[u8]) -> Option<(u8, &[u8])> {
    let mut digits = text.strip_prefix(b"%")?;
    while let Some(rest) = digits.strip_prefix(b"25") {
        digits = rest;
    }
    let (digits, rest) = digits.split_at_checked(2)?;
    Some((number(digits, 16)?, rest))
}

/// `&#115;`, `&#x73;`, and the names of what keys and base64 have; `&amp;#115;`, encoded twice.
fn entity(text: &[u8]) -> Option<(u8, usize)> {
    const NAMES: [(&[u8], u8); 6] = [
        (b"lowbar;", b'_'),
        (b"UnderBar;", b'_'),
        (b"plus;", b'+'),
        (b"sol;", b'/'),
        (b"equals;", b'='),
        (b"amp;", b'&'),
    ];
    let mut rest = text.strip_prefix(b"&")?;
    while let Some(inner) = rest.strip_prefix(b"amp;") {
        rest = inner;
    }
    let (byte, length) = match rest {
        [b'#', b'x' | b'X', digits @ ..] => {
            let (byte, length) = digits_of(digits, 16)?;
            (byte, length + 2)
        }
        [b'#', digits @ ..] => {
            let (byte, length) = digits_of(digits, 10)?;
            (byte, length + 1)
        }
        rest => {
            let (name, byte) = NAMES.iter().find(|(name, _)| rest.starts_with(name))?;
            (*byte, name.len())
        }
    };
    Some((byte, text.len() - rest.len() + length))
}

/// A number of at most eight digits, and its length with the semicolon that may follow it.
fn digits_of(text: &[u8], radix: u32) -> Option<(u8, usize)> {
    let is_digit = |byte: &&u8| char::from(**byte).is_digit(radix);
    let length = text.iter().take(8).take_while(is_digit).count();
    let byte = number(text.get(..length)?, radix)?;
    Some((byte, length + usize::from(text.get(length) == Some(&b';'))))
}

/// The character of this number; a zero for one that no secret has.
fn number(digits: &[u8], radix: u32) -> Option<u8> {
    if !digits.iter().all(u8::is_ascii_alphanumeric) {
        return None;
    }
    let number = u32::from_str_radix(str::from_utf8(digits).ok()?, radix).ok()?;
    Some(u8::try_from(number).unwrap_or_default())
}
