//! Names: Clerk's snake_case, the tools' camelCase, and the name that someone most likely meant.

/// A name of the tools' as Clerk writes it.
pub(crate) fn snake_case(name: &str) -> String {
    let mut snake = String::new();
    for letter in name.chars() {
        if letter.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(letter.to_ascii_lowercase());
    }
    snake
}

/// A name of Clerk's as the tools write it.
pub(crate) fn camel_case(name: &str) -> String {
    let mut camel = String::with_capacity(name.len());
    camel.extend(camel_letters(name));
    camel
}

/// Whether `camel` is what the tools call Clerk's `wire`.
pub(crate) fn is_camel_of(wire: &str, camel: &str) -> bool {
    camel_letters(wire).eq(camel.chars())
}

/// An underscore that comes first is a part of the name.
fn camel_letters(name: &str) -> impl Iterator<Item = char> {
    let mut starts_word = false;
    let mut is_first = true;
    name.chars().filter_map(move |letter| {
        if letter == '_' && !is_first {
            starts_word = true;
            return None;
        }
        is_first = false;
        Some(if std::mem::take(&mut starts_word) { letter.to_ascii_uppercase() } else { letter })
    })
}

/// A length as a number to divide by; what is longer than any name counts as that.
fn to_f64(length: usize) -> f64 {
    u32::try_from(length).unwrap_or(u32::MAX).into()
}

/// The one of `known` that `name` is most likely a slip of, if any is near enough.
pub(crate) fn nearest<'known>(
    name: &str,
    known: impl Iterator<Item = &'known str>,
) -> Option<&'known str> {
    let name = name.to_lowercase();
    if name.is_empty() {
        return None;
    }
    let similar = |other: &str| {
        let other = other.to_lowercase();
        // Half a name, with its prefix left out or its end, is near to the whole one.
        let is_part = name.len() > 3 && other.contains(&name);
        // Of several it is part of, the shortest is the nearest.
        let part = 0.95 + 0.05 * to_f64(name.len()) / to_f64(other.len().max(1));
        let beginning: String = other.chars().take(name.chars().count()).collect();
        strsim::jaro_winkler(&name, &other)
            .max(strsim::jaro_winkler(&name, &beginning) * 0.9)
            .max(if is_part { part } else { 0.0 })
    };
    known
        .map(|other| (similar(other), other))
        .filter(|(similarity, _)| *similarity > 0.8)
        .max_by(|(one, _), (other, _)| one.total_cmp(other))
        .map(|(_, other)| other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_is_near_and_another_word_is_not() {
        let known = ["emailAddress", "userId", "limit", "orderBy"];
        let cases = [
            ("emial", Some("emailAddress")),
            ("email", Some("emailAddress")),
            ("emails", Some("emailAddress")),
            ("user_id", Some("userId")),
            ("Limit", Some("limit")),
            ("order", Some("orderBy")),
            ("zzz", None),
            ("", None),
        ];
        for (name, near) in cases {
            assert_eq!(nearest(name, known.into_iter()), near, "{name}");
        }
    }

    #[test]
    fn names_go_there_and_back() {
        for name in ["email_address", "id", "primary_web3_wallet_id", "last_sign_in_at"] {
            assert_eq!(snake_case(&camel_case(name)), name);
            assert!(is_camel_of(name, &camel_case(name)));
        }
        assert_eq!(camel_case("primary_web3_wallet_id"), "primaryWeb3WalletId");
        let odd = [
            ("", ""),
            ("_", "_"),
            ("_a", "_a"),
            ("__a", "_A"),
            ("a__b", "aB"),
            ("a_", "a"),
            ("ä_ö_x", "äöX"),
        ];
        for (wire, camel) in odd {
            assert_eq!(camel_case(wire), camel);
            assert!(is_camel_of(wire, camel), "{wire}");
        }
        assert!(!is_camel_of("user_id", "user_id") && !is_camel_of("user_id", "userID"));
    }
}
