//! How much of the answer is shown, so that it costs a model at most 1,500 tokens.

use serde::Serialize;
use serde_json::Value;

use crate::text::clean_bytes;

/// What the answer may cost by [`cost`], which is never less than what it does cost.
const TOKENS: usize = 1_500;
/// What the names and marks of `success` and of a note cost.
const AROUND: usize = 20;

/// How many rows of each list are shown, and how many bytes of each text.
#[derive(Debug)]
pub(super) struct Size {
    pub(super) emails: usize,
    pub(super) phones: usize,
    pub(super) external_accounts: usize,
    pub(super) organizations: usize,
    pub(super) sessions: usize,
    /// Of each of the three kinds of metadata.
    pub(super) metadata_keys: usize,
    pub(super) text: usize,
    /// How many names of a set a fact lists, and how many bytes of each.
    pub(super) named: usize,
    pub(super) name: usize,
}

/// The sizes that are tried, the largest first.
pub(super) static LARGER: [Size; 3] = [
    Size {
        emails: 5,
        phones: 3,
        external_accounts: 3,
        organizations: 5,
        sessions: 5,
        metadata_keys: 5,
        text: 64,
        named: 5,
        name: 48,
    },
    Size {
        emails: 3,
        phones: 2,
        external_accounts: 2,
        organizations: 3,
        sessions: 3,
        metadata_keys: 3,
        text: 48,
        named: 3,
        name: 36,
    },
    Size {
        emails: 2,
        phones: 1,
        external_accounts: 1,
        organizations: 2,
        sessions: 2,
        metadata_keys: 2,
        text: 40,
        named: 3,
        name: 36,
    },
];
/// The size of an answer with texts as nobody has them: here every text is as long as it can be,
/// and it still fits.
pub(super) static LEAST: Size = Size {
    emails: 1,
    phones: 1,
    external_accounts: 1,
    organizations: 1,
    sessions: 1,
    metadata_keys: 0,
    text: 16,
    named: 1,
    name: 16,
};

/// An id, an address or a word of so many bytes costs hardly more than the mark that would stand
/// for its end, so it is never cut.
const WHOLE: usize = 40;

/// `text`, cut after `limit` bytes if it is longer and no id or the like.
pub(super) fn cut(text: &str, limit: usize) -> String {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"_-.@:+".contains(&byte);
    let is_whole = text.len() <= WHOLE && text.bytes().all(is_plain);
    clean_bytes(text, if is_whole { WHOLE } else { limit })
}

/// Whether an answer with these notes is cheap enough.
pub(super) fn fits(answer: &impl Serialize, notes: &[String]) -> bool {
    let notes: usize = notes.iter().map(|note| of_text(note)).sum();
    serde_json::to_value(answer).is_ok_and(|value| cost(&value) + notes + AROUND <= TOKENS)
}

/// What a value costs at most, in tokens of o200k.
fn cost(value: &Value) -> usize {
    match value {
        Value::Null | Value::Bool(_) => 2,
        Value::Number(number) => number.to_string().len() / 3 + 1,
        Value::String(text) => of_text(text),
        Value::Array(items) => items.iter().map(cost).sum::<usize>() + 2,
        Value::Object(fields) => {
            fields.iter().map(|(name, value)| of_name(name) + cost(value)).sum::<usize>() + 1
        }
    }
}

/// Names are ours, of plain words; each brings quotation marks, a colon and a comma.
fn of_name(name: &str) -> usize {
    name.len() / 6 + 3
}

/// Of letters and digits in random order a token has 1.4 at least, of other characters of ASCII
/// one; of those beyond it may be each byte.
fn of_text(text: &str) -> usize {
    let tenths: usize = text
        .chars()
        .map(|character| match character {
            'a'..='z' | 'A'..='Z' | '0'..='9' => 7,
            '"' | '\\' => 20,
            character => character.len_utf8() * 10,
        })
        .sum();
    tenths / 10 + 2
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::json;

    use super::*;

    fn texts() -> impl Strategy<Value = String> {
        prop_oneof![
            "[a-zA-Z0-9]{0,64}",
            "[a-z0-9_.@-]{0,64}",
            "[ -~]{0,64}",
            "[a-z]{1,9}( [A-Z][a-z]{1,9}){0,5}",
            "\\PC{0,24}",
            ".{0,24}",
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(256))]

        #[test]
        fn nothing_costs_more_than_is_said(texts in prop::collection::vec(texts(), 12), number: i64) {
            let texts: Vec<String> = texts.iter().map(|text| cut(text, 64)).collect();
            let [one, others @ ..] = texts.as_slice() else { unreachable!() };
            let value = json!({
                "id": one,
                "emailAddress": one,
                "sessions": { "total": number, "byStatus": { "abandoned": 3, "active": 2 } },
                "lastActiveAt": number,
                "twoFactorEnabled": true,
                "shown": others,
                "enterpriseAccounts": 0,
                "actor": { "sub": one },
                "browserVersion": one,
                "web3Wallets": 0,
                "metadataKeys": {},
                "unusual": [],
            });
            let tokens = tiktoken_rs::o200k_base_singleton();
            let tokens = tokens.encode_ordinary(&value.to_string()).len();
            prop_assert!(tokens <= cost(&value), "{} > {}: {}", tokens, cost(&value), value);
        }
    }

    #[test]
    fn ids_and_addresses_are_whole_and_a_cut_is_marked() {
        let id = "user_29w83sxmDNGwOuEthce5gg56FcC";
        let cases = [
            (id, id),
            ("ada.lovelace+clerk@mail.example.com", "ada.lovelace+clerk@mail.example.com"),
            ("Ada Lovelace", "Ada Lovelace"),
            ("Augusta Ada King-Noel", "Augusta Ada King⟦cut: 5 more characters⟧"),
            ("龘龘龘龘龘龘", "龘龘龘龘龘⟦cut: 1 more characters⟧"),
        ];
        for (text, shown) in cases {
            assert_eq!(cut(text, 16), shown);
        }
    }
}
