//! The one filter for whatever leaves the process: it takes secrets out.

mod known;
mod view;

use std::{borrow::Cow, ops::Range, sync::Arc};

use secrecy::SecretString;
use serde_json::Value;

use self::{known::Known, view::percent_encoded};
use crate::text::{self, API_KEY, JWT, KEY, WEBHOOK, changed, rename};

/// With fewer characters after its prefix, something is prose about a secret.
const SHORTEST_SECRET: usize = 8;

/// Takes secrets out of texts: those that it was given, in any of the forms in which something may
/// echo them, and whatever has the form of one of Clerk's secrets. Its `Debug` shows none.
#[derive(Clone, Debug, Default)]
pub struct Redactor {
    known: Vec<Arc<Known>>,
}

impl Redactor {
    /// Takes `secret` out as well, wherever it stands: as it is, in base64 or hexadecimal, with its
    /// characters escaped for a URL, HTML or JSON, or a part of it of 12 characters (16 of a secret
    /// that isn't Clerk's). One of fewer than 9 characters is not looked for.
    #[must_use]
    pub fn with_secret(mut self, secret: &SecretString) -> Self {
        self.known.extend(Known::new(secret).map(Arc::new));
        self
    }

    /// Takes out what another filter knows, too. What both know is kept once.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        let mut known = self.known.clone();
        for secret in &other.known {
            if !known.iter().any(|one| one.is_same(secret)) {
                known.push(secret.clone());
            }
        }
        Self { known }
    }

    /// The text without secrets and session tokens. JSON stays JSON.
    #[must_use]
    pub fn text<'t>(&self, text: &'t str) -> Cow<'t, str> {
        // First, for a mark in its place can show that what comes before it is not an email address.
        let text = TOKEN.taken_out(self.without_known(text));
        if !has_opening(&text) {
            return text;
        }
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

    /// A text without the secrets that are known, for a result that is a secret itself.
    pub(crate) fn without_known<'t>(&self, text: &'t str) -> Cow<'t, str> {
        let mut places = Vec::new();
        self.known.iter().for_each(|known| known.find(text, &mut places));
        replace(text.into(), places)
    }
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
                places.push((at..done, self.mark));
            }
        }
        replace(text, places)
    }
}

/// Whether one of [`SECRETS`] may begin in `text`. Each opening ends in the first `_` of its own, so
/// one look at what stands before each `_` finds them all.
fn has_opening(text: &str) -> bool {
    let begins = |head: &str| SECRETS.iter().any(|shape| head.ends_with(shape.opening));
    text.match_indices('_').any(|(at, _)| text.get(..=at).is_some_and(begins))
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

/// Where a secret stands in a text, and the mark that takes its place.
type Place = (Range<usize>, &'static str);

/// `text` with the marks in their places, one for those that overlap.
fn replace(text: Cow<'_, str>, mut places: Vec<Place>) -> Cow<'_, str> {
    if places.is_empty() {
        return text;
    }
    places.sort_unstable_by_key(|(place, _)| place.start);
    places.dedup_by(|(next, _), (place, _)| {
        let overlaps = next.start < place.end;
        if overlaps {
            place.end = place.end.max(next.end);
        }
        overlaps
    });
    let mut redacted = String::with_capacity(text.len());
    let mut done = 0;
    for (place, mark) in places {
        redacted.push_str(text.get(done..place.start).unwrap_or_default());
        redacted.push_str(mark);
        done = place.end;
    }
    redacted.push_str(text.get(done..).unwrap_or_default());
    redacted.into()
}

#[cfg(test)]
mod tests;
