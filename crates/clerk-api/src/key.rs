//! Clerk's secret key: held so that nothing can print it.

use std::fmt::{self, Write};

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

/// A secret key of a Clerk instance (`sk_test_…`, `sk_live_…`).
///
/// Its `Debug` hides it, it is wiped from memory when dropped, and [`SecretKey::secret`] is the only way to it.
#[derive(Clone, Debug)]
pub struct SecretKey(SecretString);

impl SecretKey {
    /// Takes `text` as a secret key, without the white space around it.
    ///
    /// # Errors
    /// A [`KeyError`] that says what the text is instead.
    pub fn parse(text: &str) -> Result<Self, KeyError> {
        let text = text.trim();
        if text.is_empty() {
            Err(KeyError::Empty)
        } else if text.starts_with("pk_") {
            Err(KeyError::Publishable)
        } else if !text.starts_with("sk_")
            || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-=.+/".contains(&byte))
        {
            Err(KeyError::Malformed)
        } else {
            Ok(Self(text.into()))
        }
    }

    /// Whether the key may open a production instance: only `sk_test_` surely opens none.
    #[must_use]
    pub fn is_live(&self) -> bool {
        !self.0.expose_secret().starts_with("sk_test_")
    }

    /// The kind of instance that the key opens: `live` or `test`.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        if self.is_live() { "live" } else { "test" }
    }

    /// A secret of 32 bytes that follows from the key, another one for each purpose. The key
    /// can't be found from it.
    #[must_use]
    pub fn derive(&self, purpose: &str) -> [u8; 32] {
        let text = format!("{purpose}\0{}", self.0.expose_secret());
        Sha256::digest(SecretString::from(text).expose_secret()).into()
    }

    /// Tells keys apart without showing them.
    #[must_use]
    pub fn fingerprint(&self) -> String {
        self.derive("clerk-api/fingerprint").iter().take(8).fold(String::new(), |mut text, byte| {
            // Writing to a string can't fail.
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// The key itself, such as for a filter that takes it out of texts.
    #[must_use]
    pub fn secret(&self) -> &SecretString {
        &self.0
    }

    /// The value of the Authorization header.
    pub(crate) fn bearer(&self) -> String {
        format!("Bearer {}", self.0.expose_secret())
    }
}

/// Why a text isn't a secret key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// There is nothing in it.
    Empty,
    /// It is a publishable key (`pk_…`), which can't read or change anything.
    Publishable,
    /// It is something else.
    Malformed,
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "the secret key is empty",
            Self::Publishable => {
                "a publishable key (pk_…) can't use the Backend API; it needs a secret key (sk_…)"
            }
            Self::Malformed => {
                "a secret key begins with sk_test_ or sk_live_ and has no spaces, quotes or line \
                 breaks in it"
            }
        })
    }
}

impl std::error::Error for KeyError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_form() {
        let cases = [
            ("sk_test_abc", None),
            ("  sk_live_abc\n", None),
            ("", Some(KeyError::Empty)),
            (" \n", Some(KeyError::Empty)),
            ("pk_test_abc", Some(KeyError::Publishable)),
            ("\"sk_test_abc\"", Some(KeyError::Malformed)),
            ("sk_test_a\nb", Some(KeyError::Malformed)),
            ("=sk_test_a", Some(KeyError::Malformed)),
            ("whsec_abc", Some(KeyError::Malformed)),
        ];
        for (text, fault) in cases {
            assert_eq!(SecretKey::parse(text).err(), fault, "{text:?}");
        }
    }

    #[test]
    fn a_key_is_not_printed_and_what_is_derived_does_not_hold_it() {
        let key = SecretKey::parse("sk_test_secret").unwrap();
        assert!(!format!("{key:?}").contains("sk_test_secret"));
        assert_eq!(key.fingerprint().len(), 16);
        assert_ne!(key.fingerprint(), SecretKey::parse("sk_test_other").unwrap().fingerprint());
        assert_ne!(key.derive("one purpose"), key.derive("another"));
        assert_eq!(key.secret().expose_secret(), "sk_test_secret");
    }
}
