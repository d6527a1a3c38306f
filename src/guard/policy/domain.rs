//! Domains of emails, as `ourco.com` or `*.ourco.com`.

use std::fmt;

/// A domain itself or, with `*.`, all domains below it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Domain {
    /// In lowercase.
    name: String,
    is_above: bool,
}

impl fmt::Display for Domain {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", if self.is_above { "*." } else { "" }, self.name)
    }
}

/// Why a text isn't a domain.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum InvalidDomain {
    /// It is a whole email address.
    #[error("`{address}` is not only a domain: write `{domain}`")]
    Address { address: String, domain: String },
    /// It is something else.
    #[error("`{0}` isn't a domain: write it as `ourco.com`, or `*.ourco.com` for all below it")]
    Malformed(String),
}

impl Domain {
    /// Reads `ourco.com` or `*.ourco.com`.
    ///
    /// # Errors
    /// It is neither.
    pub(super) fn parse(text: &str) -> Result<Self, InvalidDomain> {
        if let Some((_, domain)) = text.rsplit_once('@') {
            let (address, domain) = (text.to_owned(), domain.to_owned());
            return Err(InvalidDomain::Address { address, domain });
        }
        let (name, is_above) = match text.strip_prefix("*.") {
            Some(name) => (name, true),
            None => (text, false),
        };
        let is_label = |label: &str| {
            !label.is_empty()
                && !label.starts_with('-')
                && !label.ends_with('-')
                && label.chars().all(|letter| letter.is_alphanumeric() || letter == '-')
        };
        // A domain of one part is most likely one whose end was forgotten.
        if !name.split('.').all(is_label) || !(is_above || name.contains('.')) {
            return Err(InvalidDomain::Malformed(text.to_owned()));
        }
        Ok(Self { name: name.to_lowercase(), is_above })
    }

    /// Whether it is or has `domain`, which is in lowercase.
    pub(super) fn has(&self, domain: &str) -> bool {
        if !self.is_above {
            return domain == self.name;
        }
        let rest = domain.strip_suffix(&self.name).and_then(|rest| rest.strip_suffix('.'));
        rest.is_some_and(|rest| !rest.is_empty())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_domain_is_exact_and_a_star_is_all_below() {
        let cases = [
            ("ourco.com", "ourco.com", true),
            ("OurCo.com", "ourco.com", true),
            ("ourco.com", "mail.ourco.com", false),
            ("ourco.com", "notourco.com", false),
            ("ourco.com", "ourco.com.evil.com", false),
            ("*.ourco.com", "mail.ourco.com", true),
            ("*.ourco.com", "a.b.ourco.com", true),
            ("*.ourco.com", "ourco.com", false),
            ("*.ourco.com", ".ourco.com", false),
            ("*.ourco.com", "notourco.com", false),
            ("*.com", "ourco.com", true),
            ("münchen.de", "münchen.de", true),
            ("ourco.com", "", false),
        ];
        for (text, domain, expected) in cases {
            assert_eq!(Domain::parse(text).unwrap().has(domain), expected, "{text} {domain}");
        }
    }

    #[test]
    fn an_invalid_domain_is_refused() {
        let error = |text| Domain::parse(text).unwrap_err();
        assert_eq!(
            error("me@ourco.com").to_string(),
            "`me@ourco.com` is not only a domain: write `ourco.com`"
        );
        for text in [
            "",
            "ourco",
            "https://ourco.com",
            "ourco.com/x",
            "our co.com",
            " ourco.com",
            ".ourco.com",
            "ourco.com.",
            "our..com",
            "*",
            "*.",
            "*ourco.com",
            "mail.*.com",
            "-ourco.com",
        ] {
            assert_eq!(error(text), InvalidDomain::Malformed(text.to_owned()));
        }
    }
}
