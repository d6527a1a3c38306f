//! How many tokens a model pays for a JSON value: an estimate that errs to the safe side.

use serde_json::{Map, Number, Value};

/// What `null`, `true` and `false` cost.
pub(crate) const OF_WORD: usize = 1;

/// About how many tokens `value` costs as compact JSON: never fewer than it does in o200k, the
/// tokenizer that the figures of this project are in, for what Clerk answers with.
pub(crate) fn of(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => OF_WORD,
        Value::Number(number) => of_number(number),
        // The quotation marks come with what is around it.
        Value::String(text) => of_text(text),
        Value::Array(items) => of_items(items.iter().map(of)),
        Value::Object(members) => of_object(members),
    }
}

/// The same for an object.
pub(crate) fn of_object(members: &Map<String, Value>) -> usize {
    of_members(members.iter().map(|(name, member)| of_member(name, of(member))).sum())
}

/// An object whose members cost this much.
pub(crate) const fn of_members(cost: usize) -> usize {
    2 + cost
}

/// A name, and the value that it stands before.
pub(crate) fn of_member(name: &str, value: usize) -> usize {
    of_key(name) + value + 2
}

/// A declared field, by its name in `snake_case`, and its value. It is shown in camelCase.
pub(crate) fn of_field(name: &str, value: usize) -> usize {
    let underscores = name.bytes().filter(|byte| *byte == b'_').count();
    let letters = name.len() - underscores;
    (underscores + 1).max(letters / 6) + value + 2
}

/// A list of items that cost so much.
pub(crate) fn of_items(costs: impl Iterator<Item = usize>) -> usize {
    2 + costs.map(|cost| cost + 1).sum::<usize>()
}

/// A number.
pub(crate) fn of_number(number: &Number) -> usize {
    match number.as_u64() {
        Some(whole) => 1 + (1 + whole.checked_ilog10().unwrap_or(0) as usize).div_ceil(3),
        None => of_text(&number.to_string()),
    }
}

/// A name of ours is of short English words, of which each is one token. Another one, as metadata
/// have them, costs what a text does.
fn of_key(name: &str) -> usize {
    let is_ours = name.len() <= 32 && name.bytes().all(|byte| byte.is_ascii_alphanumeric());
    let words = 1 + name.bytes().filter(u8::is_ascii_uppercase).count();
    if is_ours { words.max(name.len() / 6) } else { of_text(name) }
}

/// A text as it is in JSON, without its quotation marks.
pub(crate) fn of_text(text: &str) -> usize {
    let mut cost = 1;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let is_word = first.is_ascii_alphanumeric();
        let end = if is_word {
            let end = rest.bytes().position(|byte| !byte.is_ascii_alphanumeric());
            end.unwrap_or(rest.len())
        } else {
            first.len_utf8()
        };
        let (run, after) = rest.split_at(end);
        cost += if is_word {
            of_word(run)
        } else if first == ' ' && after.starts_with(|it: char| it.is_ascii_alphanumeric()) {
            // It goes into the word that follows.
            0
        } else {
            of_other(first)
        };
        rest = after;
    }
    cost
}

/// A run of ASCII letters and digits.
fn of_word(word: &str) -> usize {
    let len = word.len();
    let is_lower = |tail: &str| tail.bytes().all(|byte| byte.is_ascii_lowercase());
    if word.bytes().all(|byte| byte.is_ascii_digit()) {
        len.div_ceil(3)
    } else if !word.get(1..).is_some_and(is_lower) {
        // An id, such as Clerk's of 27 letters and digits, or all in capitals.
        (len * 4).div_ceil(5)
    } else if is_speakable(word) {
        len.div_ceil(3)
    } else {
        (len * 3).div_ceil(5)
    }
}

/// Whether vowels and consonants take turns, as in words of a language.
fn is_speakable(word: &str) -> bool {
    let is_vowel =
        |it: u8| matches!(it.to_ascii_lowercase(), b'a' | b'e' | b'i' | b'o' | b'u' | b'y');
    let mut same = 0;
    let mut last = None;
    word.bytes().all(|byte| {
        let kind = Some(is_vowel(byte));
        same = if kind == last { same + 1 } else { 1 };
        last = kind;
        same <= 3
    })
}

/// Any other character. One that JSON escapes is two to six.
fn of_other(character: char) -> usize {
    match character {
        '"' | '\\' | '\n' | '\t' | '\r' => 2,
        it if it.is_ascii_control() => 5,
        'À'..='ſ' | 'Α'..='ω' | 'А'..='я' | 'א'..='ת' | 'ء'..='ي' => 1,
        it => it.len_utf8(),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn real(value: &Value) -> usize {
        tiktoken_rs::o200k_base_singleton().encode_ordinary(&value.to_string()).len()
    }

    fn rows(text: &'static str) -> impl Strategy<Value = Value> {
        let row = (text, text, any::<i64>(), any::<bool>()).prop_map(|(one, two, number, flag)| {
            json!({
                "id": one, "firstName": two, "createdAt": number, "banned": flag,
                "emailAddresses": [{ "emailAddress": two }], "publicMetadata": { one: two },
            })
        });
        prop::collection::vec(row, 5..20).prop_map(Value::from)
    }

    #[test]
    fn a_row_as_clerk_has_it_costs_little_more_than_it_does() {
        let row = json!({
            "id": "user_2NNEqL2nrIRdJ194ndJqAHwEfxC", "username": "ada_lovelace",
            "firstName": "Ada", "lastName": "Lovelace",
            "imageUrl": "https://img.clerk.com/eyJ0eXBlIjoicHJveHkiLCJzcmMiOiJodHRwczo",
            "hasImage": true, "primaryEmailAddressId": "idn_29w83yL7CwVlJXylYLxcslromF1",
            "emailAddresses": [{
                "id": "idn_29w83yL7CwVlJXylYLxcslromF1", "emailAddress": "ada@example.com",
            }],
            "externalId": null, "twoFactorEnabled": false, "createdAt": 1_700_690_400_000_i64,
        });
        let (real, estimate) = (real(&row), of(&row));
        assert!(estimate >= real && estimate <= real * 3 / 2, "{estimate} for {real}");
    }

    #[test]
    fn a_number_costs_what_its_digits_do() {
        for number in [0, 7, 10, 999, 1_000, 1_700_690_400_000, u64::MAX] {
            assert_eq!(of_number(&number.into()), of_text(&number.to_string()), "{number}");
        }
        assert_eq!(of_number(&(-1_000).into()), of_text("-1000"));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(100))]

        #[test]
        fn it_is_never_too_low(
            rows in prop_oneof![
                rows("[a-zA-Z0-9]{20,40}"), rows("[a-z]{0,30}"), rows("[ -~]{0,30}"),
                rows("[0-9a-f]{0,40}"), rows(".{0,20}"), rows("[А-я]{0,20}"),
                rows("[\\u{80}-\\u{d000}]{0,20}"), rows("(the|quick|brown|[a-z]+@[a-z]+\\.com| ){0,9}"),
            ],
        ) {
            let (real, estimate) = (real(&rows), of(&rows));
            prop_assert!(estimate >= real, "{} for {}: {}", estimate, real, rows);
        }
    }
}
