//! Identifiers that may stand in a URL path.

use std::fmt;

use serde::{Deserialize, Serialize};

/// An identifier of Clerk's (`user_…`, `org_…`, `sess_…`) or an organization's slug.
///
/// Only what [`Id::PATTERN`] allows can be one. Nothing else is ever put into a path, so no
/// argument can lead a request to another endpoint by `/`, `..`, `?`, `#` or `%`.
#[derive(Clone, Debug, PartialEq, Eq, Deserialize, Serialize)]
#[serde(try_from = "String")]
pub struct Id(String);

impl Id {
    /// What an identifier looks like, as a regular expression.
    pub const PATTERN: &'static str = "^[A-Za-z0-9_:-]{1,255}$";

    /// Takes `text` as an identifier, if it is one.
    ///
    /// # Errors
    /// [`NotAnId`] where `text` does not match [`Id::PATTERN`].
    pub fn parse(text: &str) -> Result<Self, NotAnId> {
        let allowed = |byte: u8| byte.is_ascii_alphanumeric() || b"_:-".contains(&byte);
        if (1..=255).contains(&text.len()) && text.bytes().all(allowed) {
            Ok(Self(text.to_owned()))
        } else {
            Err(NotAnId)
        }
    }

    /// The identifier as it is written.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Id {
    type Error = NotAnId;

    fn try_from(text: String) -> Result<Self, NotAnId> {
        Self::parse(&text)
    }
}

/// The text isn't an identifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotAnId;

impl fmt::Display for NotAnId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "an identifier must match {}", Id::PATTERN)
    }
}

impl std::error::Error for NotAnId {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn identifiers_and_slugs_are_taken() {
        for text in ["user_2abC", "org_1", "acme-inc", "org:admin", "a", &"x".repeat(255)] {
            assert_eq!(Id::parse(text).unwrap().as_str(), text);
        }
    }

    #[test]
    fn whatever_could_change_a_path_is_refused() {
        let too_long = "x".repeat(256);
        let hostile = [
            "", ".", "..", "../x", "a/b", "a%2Fb", "a?b", "a#b", "a b", "a\n", "ü", "a\0",
            &too_long,
        ];
        for text in hostile {
            assert_eq!(Id::parse(text), Err(NotAnId), "{text:?}");
        }
    }
}
