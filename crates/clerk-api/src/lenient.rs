//! A field of a response that may be missing or of another type than expected.

use serde::{Deserialize, Deserializer, de::IgnoredAny};

/// A field that is read whatever it holds. With `#[serde(default)]` a missing one is
/// [`Lenient::Missing`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Lenient<T> {
    /// It is there, and of its type.
    Known(T),
    /// It is not there, or null.
    #[default]
    Missing,
    /// It is there, and of another type.
    Wrong,
}

impl<T> Lenient<T> {
    /// The value, if it is known.
    #[must_use]
    pub fn known(self) -> Option<T> {
        match self {
            Self::Known(value) => Some(value),
            Self::Missing | Self::Wrong => None,
        }
    }

    /// The same with a reference to the value.
    #[must_use]
    pub const fn as_ref(&self) -> Lenient<&T> {
        match self {
            Self::Known(value) => Lenient::Known(value),
            Self::Missing => Lenient::Missing,
            Self::Wrong => Lenient::Wrong,
        }
    }
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Lenient<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Read<T> {
            Null(()),
            Known(T),
            // What it holds is passed over.
            Wrong(IgnoredAny),
        }
        Ok(match Read::deserialize(deserializer)? {
            Read::Null(()) => Self::Missing,
            Read::Known(value) => Self::Known(value),
            Read::Wrong(IgnoredAny) => Self::Wrong,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Debug, Deserialize, PartialEq)]
    struct User {
        id: String,
        #[serde(default)]
        banned: Lenient<bool>,
        #[serde(default)]
        names: Lenient<Vec<String>>,
    }

    #[test]
    fn wrong_typed_null_and_missing_fields_leave_the_rest_readable() {
        let read = |text: &str| serde_json::from_str::<User>(text).unwrap();
        let user = |banned, names| User { id: "u".to_owned(), banned, names };
        let ada = Lenient::Known(vec!["Ada".to_owned()]);
        let cases = [
            (r#"{"id":"u"}"#, user(Lenient::Missing, Lenient::Missing)),
            (r#"{"id":"u","banned":null,"names":["Ada"]}"#, user(Lenient::Missing, ada)),
            (r#"{"id":"u","banned":true,"names":[1]}"#, user(Lenient::Known(true), Lenient::Wrong)),
            (
                r#"{"id":"u","banned":{"a":[1]},"names":"Ada"}"#,
                user(Lenient::Wrong, Lenient::Wrong),
            ),
        ];
        for (text, expected) in cases {
            assert_eq!(read(text), expected, "{text}");
        }
        assert!(serde_json::from_str::<User>(r#"{"id":"u","banned":"#).is_err());
    }

    #[test]
    fn only_a_known_value_is_given_out() {
        assert_eq!(Lenient::Known(7).known(), Some(7));
        assert_eq!(Lenient::Known("a".to_owned()).as_ref().known().map(String::as_str), Some("a"));
        assert_eq!(Lenient::<u8>::Missing.known(), None);
        assert_eq!(Lenient::<u8>::Wrong.as_ref().known(), None);
    }
}
