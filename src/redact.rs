//! The one filter for whatever leaves the process: it takes secrets out.

use std::{borrow::Cow, ops::Range, sync::Arc};

use secrecy::{ExposeSecret, SecretString};
use serde_json::Value;

use crate::text::{self, API_KEY, JWT, KEY, WEBHOOK, changed, rename};

/// So many characters of a key's beginning are taken for the key, cut short.
const TELLING: usize = 20;
/// Nothing shorter is a key; it might be a word of any text, even of a mark.
const SHORTEST_KEY: usize = 9;
/// With fewer characters after its prefix, something is prose about a secret.
const SHORTEST_SECRET: usize = 8;

/// Takes secrets out of texts: the keys it was given, and whatever has the form of one of Clerk's
/// secrets. Its `Debug` shows no key.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    keys: Arc<Vec<SecretString>>,
    /// Whether a key has no underscore at its beginning, as no key of Clerk's.
    unusual: bool,
}

impl Redactor {
    /// Takes `key` out as well, wherever it stands, also percent-encoded or cut short.
    #[must_use]
    pub fn with_key(mut self, key: SecretString) -> Self {
        let text = key.expose_secret();
        if text.len() >= SHORTEST_KEY {
            self.unusual |= !text.bytes().take(SHORTEST_KEY).any(|byte| byte == b'_');
            Arc::make_mut(&mut self.keys).push(key);
        }
        self
    }

    /// A result's text without secrets and session tokens. JSON stays JSON.
    #[must_use]
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        // Most strings of a result are short and have none of these.
        let has_any =
            text.bytes().any(|byte| byte == b'_' || byte == b'%') || text.contains(TOKEN.opening);
        if !self.unusual && !has_any {
            return text.into();
        }
        self.error(text)
    }

    /// An error's or a log line's text without secrets and session tokens. JSON stays JSON.
    #[must_use]
    pub fn error<'t>(&self, text: &'t str) -> Cow<'t, str> {
        // First, for a mark in its place can show that what stands before it is no email address.
        let text = TOKEN.taken_out(self.without_keys(text));
        SECRETS.iter().fold(text, |text, shape| shape.taken_out(text))
    }

    /// As [`Self::text`], for all strings and all object keys in `value`.
    pub fn value(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(redacted) = changed(self.text(text)) {
                    *text = redacted;
                }
            }
            Value::Array(items) => items.iter_mut().for_each(|item| self.value(item)),
            Value::Object(members) => {
                rename(members, |name| self.text(name));
                members.values_mut().for_each(|member| self.value(member));
            }
            _ => {}
        }
    }

    /// A text without the keys alone, for a result that is a secret itself.
    pub(crate) fn without_keys<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let keys = self.keys.iter().map(ExposeSecret::expose_secret);
        let places = keys.flat_map(|key| places(text, key)).collect();
        replace(text.into(), places, KEY)
    }
}

/// Where `key` stands in `text`. Places may overlap: the end of a key cut short can look like more
/// of it, and be the beginning of the next.
fn places(text: &str, key: &str) -> Vec<Range<usize>> {
    let opening = key.get(..key.ceil_char_boundary(3)).unwrap_or(key);
    let length = opening.len();
    // Almost always false, and much faster than a search for the place.
    let plain = if text.contains(opening) { text } else { "" };
    let plain = plain.match_indices(opening).flat_map(|(at, _)| at..at + length);
    let encoded = text.match_indices('%').flat_map(|(at, _)| at.saturating_sub(length - 1)..=at);
    let place = |start| {
        let length = length_of_key(text.as_bytes().get(start..)?, key.as_bytes())?;
        Some(escape_around(text.as_bytes(), start)..text.ceil_char_boundary(start + length))
    };
    plain.chain(encoded).filter_map(place).collect()
}

/// How many bytes the key takes at the beginning of `text`, if it stands there.
fn length_of_key(text: &[u8], key: &[u8]) -> Option<usize> {
    let mut rest = text;
    let mut known = 0;
    for byte in key {
        match (rest, percent_encoded(rest)) {
            // Nothing reaches over the end of a JSON string, or over an escape in it.
            ([b'"' | b'\\', ..], _) => break,
            ([first, after @ ..], _) if first == byte => rest = after,
            (_, Some((first, after))) if first == *byte => rest = after,
            _ => break,
        }
        known += 1;
    }
    (known >= key.len().min(TELLING)).then_some(text.len() - rest.len())
}

/// The byte that `text` begins with as `%73`, and what follows; also as `%2573`, encoded twice.
fn percent_encoded(text: &[u8]) -> Option<(u8, &[u8])> {
    let mut digits = text.strip_prefix(b"%")?;
    while let Some(rest) = digits.strip_prefix(b"25") {
        digits = rest;
    }
    let (digits, rest) = digits.split_at_checked(2)?;
    let byte = u8::from_str_radix(str::from_utf8(digits).ok()?, 16).ok()?;
    Some((byte, rest))
}

/// The beginning of the JSON escape that `at` is inside of, else `at`: half of one is no JSON.
fn escape_around(text: &[u8], at: usize) -> usize {
    let before = text.get(..at).unwrap_or_default();
    // No escape is longer than \u0041.
    let near = before.iter().rev().take(5).position(|byte| *byte == b'\\');
    let Some(start) = near.map(|back| at - 1 - back) else { return at };
    let length = match text.get(start + 1) {
        Some(b'u') => 6,
        Some(b'b' | b'f' | b'n' | b'r' | b't') => 2,
        _ => 0,
    };
    let backslashes = before.iter().take(start + 1).rev().take_while(|byte| **byte == b'\\');
    if start + length > at && backslashes.count() % 2 == 1 { start } else { at }
}

/// What a kind of secret looks like.
struct Shape {
    /// How each one begins.
    opening: &'static str,
    /// How long one is after its opening, by what follows that. If it is none: how much of what
    /// follows has none in it either.
    length: fn(&str) -> Result<usize, usize>,
    mark: &'static str,
}

const TOKEN: Shape = Shape { opening: "eyJ", length: token, mark: JWT };
const SECRETS: [Shape; 5] = [
    Shape { opening: "sk_", length: secret_key, mark: KEY },
    Shape { opening: "whsec_", length: webhook_secret, mark: WEBHOOK },
    Shape { opening: "ak_", length: api_key, mark: API_KEY },
    Shape { opening: "mt_", length: api_key, mark: text::TOKEN },
    Shape { opening: "oat_", length: api_key, mark: text::TOKEN },
];

impl Shape {
    fn taken_out<'t>(&self, text: Cow<'t, str>) -> Cow<'t, str> {
        // Almost always so, and much faster than a search for the place.
        if !text.contains(self.opening) {
            return text;
        }
        let mut places = Vec::new();
        let mut done = 0;
        for (at, opening) in text.match_indices(self.opening) {
            let Some((before, rest)) = text.split_at_checked(at) else { continue };
            // What was looked at is not looked at again, or this would take for ever.
            if at < done || !ends_word(before.as_bytes()) {
                continue;
            }
            let length = (self.length)(rest.strip_prefix(opening).unwrap_or_default());
            done = at + opening.len() + length.unwrap_or_else(|none| none);
            if length.is_ok() {
                places.push(at..done);
            }
        }
        replace(text, places, self.mark)
    }
}

/// Whether a new word begins after `text`, which can end in an escape such as `\n` or `%20`.
fn ends_word(text: &[u8]) -> bool {
    match text {
        [] | [.., b'\\', b'b' | b'f' | b'n' | b'r' | b't'] => true,
        [.., b'%', a, b] if is_hex(&[*a, *b]) => true,
        [.., b'\\', b'u', a, b, c, d] if is_hex(&[*a, *b, *c, *d]) => true,
        [.., last] => !(last.is_ascii_alphanumeric() || *last == b'_'),
    }
}

/// `test_…` or `live_…`.
fn secret_key(rest: &str) -> Result<usize, usize> {
    let secret = rest.strip_prefix("test_").or_else(|| rest.strip_prefix("live_"));
    let length = secret.map_or(0, word);
    if length < SHORTEST_SECRET { Err(0) } else { Ok("test_".len() + length) }
}

/// Base64, whose signs may be percent-encoded.
fn webhook_secret(rest: &str) -> Result<usize, usize> {
    let mut secret = rest.as_bytes();
    loop {
        secret = match (secret, percent_encoded(secret)) {
            ([b'+' | b'/' | b'=', after @ ..], _) => after,
            ([first, after @ ..], _) if is_word(*first) => after,
            (_, Some((b'+' | b'/' | b'=', after))) => after,
            _ => break,
        }
    }
    let length = rest.len() - secret.len();
    if length < SHORTEST_SECRET { Err(0) } else { Ok(length) }
}

/// Not the user name or the email address of one A. K., and not an id: 32 hexadecimal digits by
/// Clerk's OpenAPI file.
fn api_key(rest: &str) -> Result<usize, usize> {
    let length = word(rest);
    let secret = rest.get(..length).unwrap_or_default();
    let name =
        !secret.contains(|letter: char| letter.is_ascii_digit() || letter.is_ascii_uppercase());
    // No local part of an address has more than 64 characters.
    let local =
        rest.bytes().take(64).take_while(|byte| is_word(*byte) || b".+".contains(byte)).count();
    if rest.as_bytes().get(local) == Some(&b'@') {
        Err(local)
    } else if name || length < SHORTEST_SECRET || (length == 32 && is_hex(secret.as_bytes())) {
        Err(length)
    } else {
        Ok(length)
    }
}

/// Three parts, or more if it is encrypted.
fn token(rest: &str) -> Result<usize, usize> {
    let mut length = word(rest);
    let mut parts = usize::from(length > 0);
    while let Some(part) = rest.get(length..).and_then(|rest| rest.strip_prefix('.')) {
        match word(part) {
            0 => break,
            more => length += 1 + more,
        }
        parts += 1;
    }
    if parts < 3 { Err(length) } else { Ok(length) }
}

/// How many characters of a secret `text` begins with.
fn word(text: &str) -> usize {
    text.bytes().take_while(|byte| is_word(*byte)).count()
}

fn is_hex(text: &[u8]) -> bool {
    text.iter().all(u8::is_ascii_hexdigit)
}

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-'
}

/// `text` with `mark` in these places, once for those that overlap.
fn replace<'t>(text: Cow<'t, str>, mut places: Vec<Range<usize>>, mark: &str) -> Cow<'t, str> {
    if places.is_empty() {
        return text;
    }
    places.sort_unstable_by_key(|place| place.start);
    places.dedup_by(|next, place| {
        let overlaps = next.start < place.end;
        if overlaps {
            place.end = place.end.max(next.end);
        }
        overlaps
    });
    let mut redacted = String::with_capacity(text.len());
    let mut done = 0;
    for place in places {
        redacted.push_str(text.get(done..place.start).unwrap_or_default());
        redacted.push_str(mark);
        done = place.end;
    }
    redacted.push_str(text.get(done..).unwrap_or_default());
    redacted.into()
}

#[cfg(test)]
mod tests;
