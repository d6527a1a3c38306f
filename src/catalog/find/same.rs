//! What makes two users seem to be one person, in a form in which its spellings are equal.

use super::super::phone::without_trunk_zero;
use crate::tool::record::Record;

/// Providers of mailboxes that write one in several ways: their domains, the first of which stands
/// for all, and the characters that they ignore before the `@`.
/// <https://support.google.com/mail/answer/7436150>
const MAILBOXES: [(&[&str], &[char]); 1] = [(&["gmail.com", "googlemail.com"], &['.'])];

/// Latin letters with accents or strokes, by what people write who can't type them.
const PLAIN: [(&str, &str); 23] = [
    ("a", "àáâãäåāăąǎ"),
    ("ae", "æ"),
    ("c", "çćĉċč"),
    ("d", "ďđð"),
    ("e", "èéêëēĕėęě"),
    ("g", "ĝğġģ"),
    ("h", "ĥħ"),
    ("i", "ìíîïĩīĭįıǐ"),
    ("j", "ĵ"),
    ("k", "ķ"),
    ("l", "ĺļľŀł"),
    ("n", "ñńņňŉ"),
    ("o", "òóôõöøōŏőǒ"),
    ("oe", "œ"),
    ("r", "ŕŗř"),
    ("s", "śŝşšș"),
    ("ss", "ß"),
    ("t", "ţťŧț"),
    ("th", "þ"),
    ("u", "ùúûüũūŭůűųǔ"),
    ("w", "ŵ"),
    ("y", "ýÿŷ"),
    ("z", "źżž"),
];

/// What users are compared by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Evidence {
    /// The mailbox of an email address.
    Email,
    /// A phone number.
    Phone,
    /// The first and the last name together.
    Name,
    /// An account at another provider.
    ExternalAccount,
}

/// One thing that a user is compared by.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Mark {
    /// The form in which its spellings are equal.
    pub(super) key: String,
    /// As the user has it.
    pub(super) value: String,
    /// Whether it is proved to be the user's, if it can be.
    pub(super) verified: Option<bool>,
}

impl Evidence {
    /// What a user is compared by, each once; nothing if there is nothing to compare.
    pub(super) fn of(self, user: &Record) -> Vec<Mark> {
        let marks = match self {
            Self::Email => marks(user, "email_addresses", |email| {
                let address = email.text("email_address")?;
                Some((mailbox(address)?, address.to_owned()))
            }),
            Self::Phone => marks(user, "phone_numbers", |phone| {
                let number = phone.text("phone_number")?;
                Some((digits(number)?, number.to_owned()))
            }),
            Self::ExternalAccount => marks(user, "external_accounts", |account| {
                let provider = account.text("provider")?;
                let id = account.text("provider_user_id")?;
                let provider = provider.strip_prefix("oauth_").unwrap_or(provider);
                let value = format!("{provider} {id}");
                Some((value.clone(), value))
            }),
            Self::Name => {
                let parts = ["first_name", "last_name"].map(|wire| user.text(wire));
                let value = parts.into_iter().flatten().collect::<Vec<_>>().join(" ");
                let key = folded(&value);
                key.map(|key| Mark { key, value, verified: None }).into_iter().collect()
            }
        };
        let mut each: Vec<Mark> = Vec::new();
        for mark in marks {
            if each.iter().all(|other| other.key != mark.key) {
                each.push(mark);
            }
        }
        each
    }

    /// How far it can be trusted, for the reader of the result.
    pub(super) const fn caution(self) -> &'static str {
        match self {
            Self::Email => {
                "Equal after lowercasing, without +tags everywhere and without dots at Gmail. An \
                 address that isn't verified proves little."
            }
            Self::Phone => {
                "Equal digits, without a 0 between country code and area code. Families and teams \
                 share numbers; one that isn't verified proves little."
            }
            Self::Name => {
                "Equal names alone are weak evidence, since different people share them: compare \
                 addresses, organizations and activity before anything is changed."
            }
            Self::ExternalAccount => "The same account at the provider.",
        }
    }
}

fn marks(
    user: &Record,
    list: &str,
    mark: impl Fn(&Record) -> Option<(String, String)>,
) -> Vec<Mark> {
    let marks = user.objects(list).filter_map(|object| {
        let (key, value) = mark(object)?;
        Some(Mark { key, value, verified: Some(object.bool("verification") == Some(true)) })
    });
    marks.collect()
}

/// The mailbox of an email address: where its sub-addresses and spellings are delivered.
fn mailbox(address: &str) -> Option<String> {
    let address = address.trim().to_lowercase();
    let (local, domain) = address.rsplit_once('@')?;
    let provider = MAILBOXES.iter().find(|(domains, _)| domains.contains(&domain));
    let domain = provider.and_then(|(domains, _)| domains.first()).copied().unwrap_or(domain);
    let base = local.split_once('+').map_or(local, |(base, _tag)| base);
    // What begins with + has no other base than all of it.
    let base = if base.is_empty() { local } else { base };
    let ignored = provider.map_or(&[][..], |(_, ignored)| ignored);
    Some(format!("{}@{domain}", base.replace(ignored, "")))
}

fn digits(number: &str) -> Option<String> {
    let digits: String = number.chars().filter(char::is_ascii_digit).collect();
    let digits = without_trunk_zero(&digits).unwrap_or(digits);
    (!digits.is_empty()).then_some(digits)
}

/// A name without case, accents and marks, its words sorted: some forms ask for the family name
/// first. A single word says too little of who it is.
fn folded(name: &str) -> Option<String> {
    let mut plain = String::with_capacity(name.len());
    for letter in name.chars().flat_map(char::to_lowercase) {
        match letter {
            // Combining accents, and apostrophes, which some leave out.
            '\u{300}'..='\u{36f}' | '\'' | '’' | '`' => {}
            letter if letter.is_alphanumeric() => {
                let known = PLAIN.iter().find(|(_, letters)| letters.contains(letter));
                match known {
                    Some((base, _)) => plain.push_str(base),
                    None => plain.push(letter),
                }
            }
            _ => plain.push(' '),
        }
    }
    let mut words: Vec<&str> = plain.split(' ').filter(|word| !word.is_empty()).collect();
    words.sort_unstable();
    (words.len() > 1).then(|| words.join(" "))
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::*;
    use crate::{catalog::objects::COMPARED_USER, tool::read};

    fn keys(by: Evidence, mut user: Value) -> Vec<String> {
        user["id"] = json!("user_1");
        let user = read::object(&COMPARED_USER, user.to_string().as_bytes()).unwrap().value;
        by.of(&user).into_iter().map(|mark| mark.key).collect()
    }

    #[test]
    fn spellings_of_one_mailbox_are_equal_and_two_mailboxes_are_not() {
        let cases = [
            ("Ada.Lovelace+news@GoogleMail.com", "adalovelace@gmail.com"),
            ("a.d.a@gmail.com", "ada@gmail.com"),
            ("Ada+a+b@Example.com", "ada@example.com"),
            // Elsewhere a dot makes another mailbox.
            ("a.da@example.com", "a.da@example.com"),
            ("+tag@example.com", "+tag@example.com"),
            ("\"a@b\"@example.com", "\"a@b\"@example.com"),
        ];
        for (address, key) in cases {
            assert_eq!(mailbox(address).as_deref(), Some(key), "{address}");
        }
        assert_eq!(mailbox("nobody"), None);
    }

    #[test]
    fn a_name_is_compared_without_case_accents_marks_and_order() {
        let same = ["Zoë  O’Brien-Łuk", "ZOE OBRIEN LUK", "O'Brien-Łuk Zoe\u{308}"];
        for name in same {
            assert_eq!(folded(name).as_deref(), Some("luk obrien zoe"), "{name}");
        }
        assert_eq!(folded("Straße Æther").as_deref(), Some("aether strasse"));
        assert_eq!(folded("李 小龍").as_deref(), Some("小龍 李"));
        for too_little in ["Ada", " ", "-", ""] {
            assert_eq!(folded(too_little), None, "{too_little}");
        }
        assert_ne!(folded("Ada Lovelace"), folded("Adam Lovelace"));
    }

    #[test]
    fn each_kind_of_evidence_is_read_once_for_each_value() {
        let user = json!({
            "first_name": "Ada", "last_name": "Lovelace",
            "email_addresses": [
                { "id": "idn_1", "email_address": "ada@x.example", "verification": { "status": "verified" } },
                { "id": "idn_2", "email_address": "ADA+b@x.example", "verification": null },
            ],
            "phone_numbers": [{ "id": "idn_3", "phone_number": "+1 (555) 0100" }],
            "external_accounts": [
                { "id": "eac_1", "provider": "oauth_google", "provider_user_id": "7" },
                { "id": "eac_2", "provider": "google", "provider_user_id": "7" },
                { "id": "eac_3", "provider": "oauth_github", "provider_user_id": "7" },
                { "id": "eac_4", "provider": "oauth_github" },
            ],
        });
        assert_eq!(keys(Evidence::Email, user.clone()), ["ada@x.example"]);
        assert_eq!(keys(Evidence::Phone, user.clone()), ["15550100"]);
        assert_eq!(keys(Evidence::Name, user.clone()), ["ada lovelace"]);
        assert_eq!(keys(Evidence::ExternalAccount, user), ["google 7", "github 7"]);
        assert_eq!(keys(Evidence::Email, json!({})), [""; 0]);
    }
}
