//! Who a call is made for, and patterns of people that an operator writes.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// How the server knows who a call is made for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Authentication {
    /// The program was started by this user of the operating system: stdio and the command line.
    #[default]
    Process,
    /// Whoever can reach the server on this machine: HTTP on loopback without a token.
    Loopback,
    /// Whoever has the server's bearer token.
    Token,
    /// A person who signed in at the issuer, whose access token was verified.
    OAuth,
}

impl fmt::Display for Authentication {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Process => "process",
            Self::Loopback => "loopback",
            Self::Token => "token",
            Self::OAuth => "oauth",
        })
    }
}

/// Who a call is made for. Nothing in it is the client's to choose: it comes from the operating
/// system or from a verified access token.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Principal {
    /// How they are known.
    pub authentication: Authentication,
    /// The person: the token's `sub`, or the name of the operating system's user.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub subject: Option<String>,
    /// Their email address, if the issuer says that it is verified.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub email: Option<String>,
    /// The organization that the token is for: Clerk's `org_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    /// The roles that the token names.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub roles: Vec<String>,
    /// The scopes that the token has.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub scopes: Vec<String>,
    /// The OAuth client that the token was issued to: its `client_id`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub client: Option<String>,
}

impl Principal {
    /// Somebody known in this way, of whom nothing more is known.
    #[must_use]
    pub fn by(authentication: Authentication) -> Self {
        Self { authentication, ..Self::default() }
    }

    /// The user of the operating system whose process this is.
    #[must_use]
    pub fn of_process() -> Self {
        Self { subject: whoami::username().ok(), ..Self::by(Authentication::Process) }
    }

    /// The same person, with what another token of theirs adds where this one says nothing.
    #[must_use]
    pub fn with(self, other: Self) -> Self {
        Self {
            email: self.email.or(other.email),
            organization: self.organization.or(other.organization),
            roles: if self.roles.is_empty() { other.roles } else { self.roles },
            ..self
        }
    }

    /// The person, if they signed in: only then are two with the same name one.
    #[must_use]
    pub fn person(&self) -> Option<&str> {
        self.subject.as_deref().filter(|_| self.authentication == Authentication::OAuth)
    }

    /// Whether this is who opened a session: the same person or, if they aren't known, somebody who is
    /// known in the same way.
    #[must_use]
    pub fn may_continue(&self, opener: &Self) -> bool {
        self.authentication == opener.authentication && self.subject == opener.subject
    }
}

impl fmt::Display for Principal {
    /// As logs and questions show them: `user_1 (jo@example.com)`, `root (process)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match (&self.subject, &self.email) {
            (Some(subject), Some(email)) => write!(f, "{subject} ({email})"),
            (Some(subject), None) if self.authentication == Authentication::OAuth => {
                f.write_str(subject)
            }
            (Some(subject), None) => write!(f, "{subject} ({})", self.authentication),
            (None, _) => write!(f, "{}", self.authentication),
        }
    }
}

/// One thing that a person must have, such as `role:support`.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Feature {
    Subject(String),
    Email(String),
    EmailDomain(String),
    Organization(String),
    Role(String),
    Client(String),
    Scope(String),
}

/// People, as an operator describes them: `role:support`, `org:org_1+scope:users`. Of several parts
/// joined by `+`, a person must have all.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Who(Vec<Feature>);

/// A description of people that can't be read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` doesn't describe people: write sub:, email:, email-domain:, org:, role:, client: or \
     scope: and a value, several joined by +, as in org:org_1+role:support"
)]
pub struct UnknownWho(String);

impl FromStr for Who {
    type Err = UnknownWho;

    fn from_str(text: &str) -> Result<Self, UnknownWho> {
        let parts = text.split('+').map(|part| feature(part.trim()));
        let parts: Option<Vec<_>> = parts.collect();
        parts.map(Self).ok_or_else(|| UnknownWho(text.to_owned()))
    }
}

fn feature(text: &str) -> Option<Feature> {
    let (name, value) = text.split_once(':')?;
    let value = value.trim().to_owned();
    if value.is_empty() || value.contains(char::is_whitespace) {
        return None;
    }
    Some(match name.trim() {
        "sub" => Feature::Subject(value),
        "email" if value.contains('@') => Feature::Email(value.to_lowercase()),
        "email-domain" if !value.contains('@') => Feature::EmailDomain(value.to_lowercase()),
        "org" => Feature::Organization(value),
        "role" => Feature::Role(value),
        "client" => Feature::Client(value),
        "scope" => Feature::Scope(value),
        _ => return None,
    })
}

impl Who {
    /// Whether this person has all that is described. What isn't known of them, they don't have, and
    /// only of whoever signed in is anything known: a user of the operating system may have the name
    /// of one.
    #[must_use]
    pub fn fits(&self, principal: &Principal) -> bool {
        principal.authentication == Authentication::OAuth
            && self.0.iter().all(|feature| feature.fits(principal))
    }

    /// Whether this person is named by their subject.
    #[must_use]
    pub fn names_subject(&self, subject: &str) -> bool {
        self.0.iter().any(|feature| matches!(feature, Feature::Subject(named) if named == subject))
    }

    /// Somebody who signed in and of whom just this is known.
    #[must_use]
    pub fn described(&self) -> Principal {
        let mut principal = Principal::by(Authentication::OAuth);
        for feature in &self.0 {
            match feature.clone() {
                Feature::Subject(value) => principal.subject = Some(value),
                Feature::Email(value) => principal.email = Some(value),
                Feature::EmailDomain(domain) => {
                    principal.email = Some(format!("somebody@{domain}"));
                }
                Feature::Organization(value) => principal.organization = Some(value),
                Feature::Role(value) => principal.roles.push(value),
                Feature::Client(value) => principal.client = Some(value),
                Feature::Scope(value) => principal.scopes.push(value),
            }
        }
        principal
    }

    /// The scopes that are described.
    pub fn scopes(&self) -> impl Iterator<Item = &str> {
        self.0.iter().filter_map(|feature| match feature {
            Feature::Scope(scope) => Some(scope.as_str()),
            _ => None,
        })
    }

    /// The scopes that this person lacks, if these are all that they lack and there is at least one.
    #[must_use]
    pub fn lacks_only_scopes(&self, principal: &Principal) -> Option<Vec<&str>> {
        let mut lacking = Vec::new();
        for feature in self.0.iter().filter(|feature| !feature.fits(principal)) {
            let Feature::Scope(scope) = feature else { return None };
            lacking.push(scope.as_str());
        }
        (!lacking.is_empty()).then_some(lacking)
    }
}

impl Feature {
    fn fits(&self, principal: &Principal) -> bool {
        let Principal { subject, email, organization, roles, scopes, client, .. } = principal;
        match self {
            Self::Subject(wanted) => subject.as_ref() == Some(wanted),
            Self::Email(wanted) => {
                email.as_ref().is_some_and(|email| email.to_lowercase() == *wanted)
            }
            Self::EmailDomain(wanted) => email.as_ref().is_some_and(|email| {
                email.rsplit_once('@').is_some_and(|(_, domain)| domain.to_lowercase() == *wanted)
            }),
            Self::Organization(wanted) => organization.as_ref() == Some(wanted),
            Self::Role(wanted) => roles.contains(wanted),
            Self::Client(wanted) => client.as_ref() == Some(wanted),
            Self::Scope(wanted) => scopes.contains(wanted),
        }
    }
}

impl fmt::Display for Who {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, feature) in self.0.iter().enumerate() {
            if place > 0 {
                f.write_str("+")?;
            }
            let (name, value) = match feature {
                Feature::Subject(value) => ("sub", value),
                Feature::Email(value) => ("email", value),
                Feature::EmailDomain(value) => ("email-domain", value),
                Feature::Organization(value) => ("org", value),
                Feature::Role(value) => ("role", value),
                Feature::Client(value) => ("client", value),
                Feature::Scope(value) => ("scope", value),
            };
            write!(f, "{name}:{value}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn jo() -> Principal {
        Principal {
            authentication: Authentication::OAuth,
            subject: Some("user_1".to_owned()),
            email: Some("Jo@Example.com".to_owned()),
            organization: Some("org_1".to_owned()),
            roles: vec!["support".to_owned()],
            scopes: vec!["users".to_owned(), "email".to_owned()],
            client: Some("client_1".to_owned()),
        }
    }

    #[test]
    fn people_have_all_that_is_described() {
        let cases = [
            ("sub:user_1", true),
            ("sub:user_2", false),
            ("email:jo@example.com", true),
            ("email-domain:example.com", true),
            ("email-domain:EXAMPLE.com", true),
            ("email-domain:ample.com", false),
            ("email-domain:com", false),
            ("org:org_1", true),
            ("org:org_1 + role:support", true),
            ("org:org_1+role:admin", false),
            ("client:client_1+scope:users", true),
            ("scope:user", false),
        ];
        for (text, expected) in cases {
            let who: Who = text.parse().unwrap();
            assert_eq!(who.fits(&jo()), expected, "{text}");
            assert!(!who.fits(&Principal::default()), "{text}");
            assert_eq!(who.to_string().parse::<Who>().unwrap(), who);
        }
    }

    #[test]
    fn what_describes_nobody_is_an_error() {
        for text in [
            "",
            "+",
            "jo",
            "sub:",
            "sub:user_1+",
            "name:jo",
            "email:jo",
            "email-domain:a@b",
            "role:a b",
        ] {
            assert!(text.parse::<Who>().is_err(), "{text}");
        }
    }

    #[test]
    fn scopes_that_alone_are_lacking_are_named() {
        let lacking = |text: &str| {
            let who: Who = text.parse().unwrap();
            who.lacks_only_scopes(&jo()).map(|scopes| scopes.join(" "))
        };
        assert_eq!(lacking("org:org_1+scope:admin+scope:users").as_deref(), Some("admin"));
        assert_eq!(lacking("org:org_2+scope:admin"), None);
        assert_eq!(lacking("scope:users"), None);
    }

    #[test]
    fn people_are_shown_by_what_is_known() {
        assert_eq!(jo().to_string(), "user_1 (Jo@Example.com)");
        assert_eq!(Principal { email: None, ..jo() }.to_string(), "user_1");
        let root = Principal { subject: Some("root".to_owned()), ..Principal::default() };
        assert_eq!(root.to_string(), "root (process)");
        assert_eq!(Principal::by(Authentication::Token).to_string(), "token");
    }
}
