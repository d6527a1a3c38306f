//! Clerk's secret key: held so that nothing can print it.

use std::fmt::{self, Write};

use secrecy::{ExposeSecret, SecretString};
use sha2::{Digest, Sha256};

use crate::redact::Redactor;

/// A secret key of a Clerk instance (`sk_test_…`, `sk_live_…`).
///
/// Its `Debug` hides it, it is wiped from memory when dropped, and only the Clerk client sees it.
#[derive(Clone, Debug)]
pub struct Key(SecretString);

impl Key {
    /// Takes `text` as a secret key, without the white space around it.
    ///
    /// # Errors
    /// A [`KeyFault`] that says what the text is instead.
    pub fn parse(text: &str) -> Result<Self, KeyFault> {
        let text = text.trim();
        if text.is_empty() {
            Err(KeyFault::Missing)
        } else if text.starts_with("pk_") {
            Err(KeyFault::Publishable)
        } else if !text.starts_with("sk_")
            || !text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-=.+/".contains(&byte))
        {
            Err(KeyFault::NotASecretKey)
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
    pub(crate) fn derive(&self, purpose: &str) -> [u8; 32] {
        let text = format!("clerk-mcp/{purpose}\0{}", self.0.expose_secret());
        Sha256::digest(SecretString::from(text).expose_secret()).into()
    }

    /// Tells keys apart without showing them.
    pub(crate) fn fingerprint(&self) -> String {
        self.derive("fingerprint").iter().take(8).fold(String::new(), |mut text, byte| {
            let _ = write!(text, "{byte:02x}");
            text
        })
    }

    /// The value of the Authorization header.
    pub(super) fn bearer(&self) -> String {
        format!("Bearer {}", self.0.expose_secret())
    }

    /// A filter that takes this key out too.
    #[must_use]
    pub fn hidden_by(&self, redactor: Redactor) -> Redactor {
        redactor.with_key(self.0.clone())
    }
}

/// Why there is no usable key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyFault {
    /// None was given.
    Missing,
    /// A publishable key was given, which can't read or change anything.
    Publishable,
    /// Something else was given.
    NotASecretKey,
    /// A file was named that can't be read.
    UnreadableFile,
}

impl fmt::Display for KeyFault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Missing => "no Clerk key is set",
            Self::Publishable => {
                "CLERK_SECRET_KEY holds a publishable key (pk_…), which belongs into frontends and \
                 can't use the Backend API; it needs the secret key (sk_…)"
            }
            Self::NotASecretKey => {
                "CLERK_SECRET_KEY holds no Clerk secret key: those begin with sk_test_ or sk_live_ \
                 and have no spaces, quotes or line breaks in them"
            }
            Self::UnreadableFile => "the file that CLERK_SECRET_KEY_FILE names can't be read",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_is_known_by_its_form() {
        let cases = [
            ("sk_test_abc", None),
            ("  sk_live_abc\n", None),
            ("", Some(KeyFault::Missing)),
            (" \n", Some(KeyFault::Missing)),
            ("pk_test_abc", Some(KeyFault::Publishable)),
            ("\"sk_test_abc\"", Some(KeyFault::NotASecretKey)),
            ("sk_test_a\nb", Some(KeyFault::NotASecretKey)),
            ("=sk_test_a", Some(KeyFault::NotASecretKey)),
            ("whsec_abc", Some(KeyFault::NotASecretKey)),
        ];
        for (text, fault) in cases {
            assert_eq!(Key::parse(text).err(), fault, "{text:?}");
        }
    }

    #[test]
    fn a_key_is_neither_printed_nor_left_in_a_text() {
        let key = Key::parse("sk_test_secret").unwrap();
        assert!(!format!("{key:?}").contains("secret\""));
        assert!(!format!("{key:?}").contains("sk_test_secret"));
        let redactor = key.hidden_by(Redactor::default());
        assert_eq!(redactor.error("a sk_test_secret b"), "a [Clerk key removed] b");
    }
}
