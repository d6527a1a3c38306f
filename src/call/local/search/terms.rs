//! Words as the search compares them: in lowercase and without endings.

use std::collections::HashSet;

use crate::catalog::words::SYNONYMS;

/// Words that say nothing of which operation is meant.
const SILENT: &str = "clerk a an the of for to all in by how with and or it its is be do does did was are my \
    our me i we they them their this that s t can want need should would on at from what";

/// The words of a text, stemmed. Words in one are told apart by their capitals: `userId` is two.
pub(super) fn terms(text: &str) -> Vec<String> {
    let mut spaced = String::with_capacity(text.len() + 8);
    let mut after_small = false;
    for letter in text.chars() {
        if after_small && letter.is_ascii_uppercase() {
            spaced.push(' ');
        }
        after_small = letter.is_ascii_lowercase() || letter.is_ascii_digit();
        spaced.push(letter);
    }
    let words = spaced.split(|letter: char| !letter.is_alphanumeric());
    words.filter(|word| !word.is_empty()).map(|word| stem(&word.to_lowercase())).collect()
}

/// The words that a query is searched by: its own, without silent ones, and those that the catalog
/// has in place of people's.
pub(super) fn of_query(query: &str) -> Vec<String> {
    let mut own = terms(query);
    let mut others = Vec::new();
    for (said, meant) in SYNONYMS {
        let said = terms(said);
        if said.iter().all(|word| own.contains(word)) {
            own.retain(|word| !said.contains(word));
            others.extend(terms(meant));
        }
    }
    let silent: HashSet<String> = terms(SILENT).into_iter().collect();
    own.retain(|word| !silent.contains(word));
    let mut seen = HashSet::new();
    own.into_iter().chain(others).filter(|word| seen.insert(word.clone())).collect()
}

/// A word without the ending that makes no difference here. Both sides of a comparison are stemmed,
/// so what is left need not be a word.
fn stem(word: &str) -> String {
    let mut stem = singular(word);
    for ending in ["ing", "ed"] {
        let rest = stem.strip_suffix(ending).filter(|rest| is_syllable(rest));
        if let Some(rest) = rest {
            stem = undoubled(rest).to_owned();
            break;
        }
    }
    if stem.len() > 5 && stem.ends_with("tion") {
        stem.truncate(stem.len() - "ion".len());
    }
    if stem.len() > 3 && stem.ends_with('e') {
        stem.pop();
    }
    stem
}

fn singular(word: &str) -> String {
    if let Some(rest) = word.strip_suffix("ies").filter(|rest| rest.len() > 1) {
        return format!("{rest}y");
    }
    let is_plural = word.len() > 3 && !["ss", "us", "is"].iter().any(|end| word.ends_with(end));
    word.strip_suffix('s').filter(|_| is_plural).unwrap_or(word).to_owned()
}

fn is_syllable(text: &str) -> bool {
    text.len() >= 3 && text.contains(['a', 'e', 'i', 'o', 'u', 'y'])
}

/// `bann` is `ban`, while `roll` and `pass` stay.
fn undoubled(stem: &str) -> &str {
    let mut letters = stem.chars().rev();
    match (letters.next(), letters.next()) {
        (Some(last), Some(before)) if last == before && stem.len() > 3 && !"ls".contains(last) => {
            stem.strip_suffix(last).unwrap_or(stem)
        }
        _ => stem,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn forms_of_a_word_have_one_stem() {
        let groups = [
            &["ban", "bans", "banned", "banning"][..],
            &["revoke", "revokes", "revoked", "revoking"],
            &["rotate", "rotation", "rotated"],
            &["identity", "identities"],
            &["directory", "directories"],
            &["delete", "deletion", "deletes"],
            &["role", "roles"],
            &["address", "addressed"],
        ];
        for group in groups {
            let stems: HashSet<String> = group.iter().map(|word| stem(word)).collect();
            assert_eq!(stems.len(), 1, "{group:?}: {stems:?}");
        }
        for (one, other) in [("status", "statu"), ("sms", "sm"), ("session", "setting")] {
            assert_ne!(stem(one), stem(other), "{one} {other}");
        }
    }

    #[test]
    fn names_are_split_at_capitals_and_marks() {
        assert_eq!(
            terms("createOAuthApplication userId"),
            ["creat", "oauth", "applicat", "user", "id"]
        );
        assert_eq!(terms("  "), [""; 0]);
    }

    #[test]
    fn peoples_words_become_the_catalogs() {
        assert_eq!(of_query("log a user out"), ["user", "sign", "out", "revok", "session"]);
        assert_eq!(of_query("the of a"), [""; 0]);
    }
}
