//! A secret that is known, and where it is in a text: as it is, in base64, in hexadecimal, in
//! any case, a part of it.

use std::{fmt, ops::Range};

use base64::prelude::{BASE64_STANDARD_NO_PAD, Engine as _};
use secrecy::{ExposeSecret, SecretString};

use super::{
    Place,
    view::{View, may_have_escapes},
};
use crate::text;

/// So many characters of a secret in a row are taken for a part of it. Fewer can be guessed from
/// nowhere, but might be a word of any text.
const PART: usize = 12;
/// The same for a secret that someone made up, which can have whole words in it.
const PART_OF_OWN: usize = 16;
/// Nothing shorter is a secret; it might be a word of any text, even of a mark.
const SHORTEST: usize = 9;
/// How often a text's escapes are undone: an escape of an escape of an escape.
const ROUNDS: usize = 4;
/// So many bytes are compared first.
const GRAM: usize = 4;

/// How secrets of Clerk's begin, and what replaces them.
const PREFIXES: [(&str, &str); 4] = [
    ("sk_test_", text::KEY),
    ("sk_live_", text::KEY),
    ("sk_", text::KEY),
    ("whsec_", text::WEBHOOK),
];

/// A secret, with its forms. They are made once; a text is then searched in a step for every nine
/// or so of its bytes. Its `Debug` shows nothing.
pub(super) struct Known {
    /// What replaces it.
    mark: &'static str,
    forms: Vec<Form>,
    /// Where each four bytes of the forms are in them, in the order of the bytes.
    grams: Vec<(u32, InForm)>,
    /// Which hashes the grams have.
    hashes: [u64; 64],
    /// The shortest part of any form, in bytes. A shorter text has none.
    least: usize,
    /// How far two looks at a text are apart: each part that is long enough holds one.
    step: usize,
}

/// A way to write a secret, in lower case and base64's first alphabet.
struct Form {
    text: SecretString,
    /// What stands before this is a prefix that others have too, and doesn't count.
    counts_from: usize,
    /// How many bytes in a row are a part of the secret.
    part: usize,
}

/// Where four bytes are in a form.
#[derive(Clone, Copy)]
pub(super) struct InForm {
    form: usize,
    at: usize,
}

impl fmt::Debug for Known {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Known")
    }
}

impl Known {
    /// Whether it is the same secret.
    pub(super) fn is_same(&self, other: &Self) -> bool {
        let texts = |known: &Self| -> Vec<String> {
            known.forms.iter().map(|form| form.text.expose_secret().to_owned()).collect()
        };
        texts(self) == texts(other)
    }

    /// The secret, or `None` if it is too short to be told from other text.
    pub(super) fn new(secret: &SecretString) -> Option<Self> {
        let secret = secret.expose_secret();
        if secret.len() < SHORTEST {
            return None;
        }
        let named = PREFIXES.iter().find(|(prefix, _)| secret.starts_with(prefix));
        let (prefix, mark) = named.map_or(("", text::TOKEN), |(prefix, mark)| (*prefix, *mark));
        let part = if named.is_some() { PART } else { PART_OF_OWN };
        // Of a short one, only the whole is known.
        let is_short = secret.len() - prefix.len() < part;
        let prefix = if is_short { 0 } else { prefix.len() };
        let part = if is_short { secret.len() } else { part };
        let forms: Vec<Form> = forms(secret, prefix, part).collect();
        let mut grams: Vec<(u32, InForm)> = forms
            .iter()
            .enumerate()
            .flat_map(|(number, form)| {
                let bytes = form.text.expose_secret().as_bytes();
                let windows = bytes.windows(GRAM).enumerate().skip(form.counts_from);
                windows.filter_map(move |(at, bytes)| {
                    Some((gram(bytes)?, InForm { form: number, at }))
                })
            })
            .collect();
        grams.sort_unstable_by_key(|(gram, _)| *gram);
        let mut hashes = [0; 64];
        for (gram, _) in &grams {
            let (word, bit) = hash(*gram);
            if let Some(word) = hashes.get_mut(word) {
                *word |= bit;
            }
        }
        let least = forms.iter().map(|form| form.part).min().unwrap_or(SHORTEST);
        let step = least.saturating_sub(GRAM - 1).max(1);
        Some(Self { mark, forms, grams, hashes, least, step })
    }

    /// Adds where it is in `text`, and what takes its place there. Places may overlap.
    pub(super) fn find(&self, text: &str, places: &mut Vec<Place>) {
        // A text without its escapes is never longer.
        if text.len() < self.least {
            return;
        }
        let mut add = |place: Range<usize>| {
            let whole = text.floor_char_boundary(place.start)..text.ceil_char_boundary(place.end);
            places.push((whole, self.mark));
        };
        if !may_have_escapes(text.as_bytes()) {
            return self.search(text.as_bytes(), add);
        }
        let mut view = Some(View::whole_escapes(text.as_bytes()));
        for _ in 0..=ROUNDS {
            let Some(searched) = view else { break };
            self.search(searched.bytes(), |place| add(searched.place(place)));
            view = searched.undone();
        }
    }

    fn search(&self, text: &[u8], mut found: impl FnMut(Range<usize>)) {
        let mut at = 0;
        while let Some(bytes) = text.get(at..at + GRAM) {
            for place in self.known(bytes) {
                if let Some(place) =
                    self.forms.get(place.form).and_then(|form| form.around(text, at, place.at))
                {
                    found(place);
                }
            }
            at += self.step;
        }
    }

    /// The length of the shortest part.
    #[cfg(test)]
    pub(super) fn least(&self) -> usize {
        self.least
    }

    /// How many bytes lie between two looks at a text.
    #[cfg(test)]
    pub(super) fn step(&self) -> usize {
        self.step
    }

    /// Where these four bytes are in the forms. Almost always nowhere.
    pub(super) fn known(&self, bytes: &[u8]) -> impl Iterator<Item = InForm> {
        let gram = gram(bytes).filter(|gram| {
            let (word, bit) = hash(*gram);
            self.hashes.get(word).is_some_and(|word| word & bit != 0)
        });
        let first = gram.map_or(self.grams.len(), |gram| {
            self.grams.partition_point(|(known, _)| *known < gram)
        });
        let rest = self.grams.get(first..).unwrap_or_default().iter();
        rest.take_while(move |(known, _)| Some(*known) == gram).map(|(_, place)| *place)
    }
}

impl Form {
    /// How far the form reaches around a place that `text` has in common with it; `None` if that is
    /// too little.
    fn around(&self, text: &[u8], at: usize, place: usize) -> Option<Range<usize>> {
        let form = self.text.expose_secret().as_bytes();
        // Nothing reaches over the end of a JSON string.
        let is_same =
            |(text, form): &(&u8, &u8)| folded(**text) == **form && !b"\"\\".contains(text);
        let before = text.get(..at)?.iter().rev().zip(form.get(..place)?.iter().rev());
        let before = before.take_while(is_same).count();
        let after = text.get(at..)?.iter().zip(form.get(place..)?).take_while(is_same).count();
        let counted = (place + after) - (place - before).max(self.counts_from);
        (counted >= self.part).then_some(at - before..at + after)
    }
}

/// The forms of a secret, whose first `prefix` bytes don't count.
fn forms(secret: &str, prefix: usize, part: usize) -> impl Iterator<Item = Form> {
    let form = |text: &str, counts_from: usize, part: usize| Form {
        text: text.bytes().map(|byte| char::from(folded(byte))).collect::<String>().into(),
        counts_from,
        part: part.min(text.len()),
    };
    let plain = Form { text: fold_text(secret), counts_from: prefix, part };
    let hex = hex(secret.as_bytes());
    let hex = form(&hex, 2 * prefix, 2 * part);
    // In base64, a byte looks different at each of three places. What stands beside the secret is
    // in its first and last characters too, so those are left out.
    let base64 = (0..3).map(move |shift: usize| {
        let text = BASE64_STANDARD_NO_PAD.encode([&vec![0; shift], secret.as_bytes()].concat());
        let sixths = |bytes: usize| (8 * bytes).div_ceil(6);
        let (first, end) = (sixths(shift), 8 * (shift + secret.len()) / 6);
        let text = text.get(first..end).unwrap_or_default();
        // Of 12 bytes, at least 14 of 16 characters hold nothing else.
        form(text, sixths(shift + prefix) - first, (8 * part / 6).saturating_sub(2))
    });
    [plain, hex].into_iter().chain(base64.filter(|form| form.part >= SHORTEST))
}

fn hex(bytes: &[u8]) -> String {
    let digit = |half: u8| char::from_digit(u32::from(half), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 15)]).collect()
}

fn fold_text(text: &str) -> SecretString {
    let folded = |letter: char| match u8::try_from(letter) {
        Ok(byte) if byte.is_ascii() => char::from(folded(byte)),
        _ => letter,
    };
    text.chars().map(folded).collect::<String>().into()
}

/// A letter in lower case, and of base64's two alphabets the first.
fn folded(byte: u8) -> u8 {
    match byte {
        b'-' => b'+',
        b'_' => b'/',
        byte => byte.to_ascii_lowercase(),
    }
}

fn gram(bytes: &[u8]) -> Option<u32> {
    let bytes: [u8; GRAM] = bytes.try_into().ok()?;
    Some(u32::from_le_bytes(bytes.map(folded)))
}

/// The word of a table of 4,096 bits, and the bit in it.
fn hash(gram: u32) -> (usize, u64) {
    let hash = gram.wrapping_mul(0x9E37_79B1) >> 20;
    ((hash >> 6) as usize, 1 << (hash & 63))
}
