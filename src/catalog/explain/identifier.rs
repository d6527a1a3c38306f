//! What people sign in with, by its form, and the entries of lists that stand for it.

use super::{
    super::phone::without_trunk_zero,
    wire::{Email, Phone},
};

/// What a person signs in with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Identifier {
    Email(String),
    Phone(String),
    Username(String),
}

impl Identifier {
    /// Reads what was given. The check of the arguments has brought it into its form.
    pub(super) fn of(text: &str) -> Self {
        let text = text.trim().to_owned();
        match text {
            _ if text.contains('@') => Self::Email(text),
            _ if text.starts_with('+') => Self::Phone(text),
            _ => Self::Username(text),
        }
    }

    pub(super) fn text(&self) -> &str {
        match self {
            Self::Email(text) | Self::Phone(text) | Self::Username(text) => text,
        }
    }

    /// Its name at Clerk, which is also the filter of `GET /users` for it.
    pub(super) const fn field(&self) -> &'static str {
        match self {
            Self::Email(_) => "email_address",
            Self::Phone(_) => "phone_number",
            Self::Username(_) => "username",
        }
    }

    /// The argument of clerk_create_user for it.
    pub(super) const fn argument(&self) -> &'static str {
        match self {
            Self::Email(_) => "emailAddress",
            Self::Phone(_) => "phoneNumber",
            Self::Username(_) => "username",
        }
    }

    /// What it is, in words.
    pub(super) const fn words(&self) -> &'static str {
        match self {
            Self::Email(_) => "email address",
            Self::Phone(_) => "phone number",
            Self::Username(_) => "username",
        }
    }

    pub(super) fn is_email(&self) -> bool {
        matches!(self, Self::Email(_))
    }

    pub(super) fn is_phone(&self) -> bool {
        matches!(self, Self::Phone(_))
    }

    /// Whether it may be a phone number that lacks its `+` and its country code.
    pub(super) fn looks_like_a_number(&self) -> bool {
        let Self::Username(text) = self else { return false };
        text.len() >= 6 && text.bytes().all(|byte| byte.is_ascii_digit())
    }

    /// The phone number without the zero that some countries write before an area code, and that is
    /// left out after the country code; `None` if it has none, or its country keeps it.
    pub(super) fn without_trunk_zero(&self) -> Option<Self> {
        let Self::Phone(text) = self else { return None };
        let digits = without_trunk_zero(text.strip_prefix('+')?)?;
        Some(Self::Phone(format!("+{digits}")))
    }

    /// Whether it is an email address with a part after `+` that its owner chose.
    pub(super) fn is_subaddress(&self) -> bool {
        self.is_email() && self.text().split('@').next().is_some_and(|name| name.contains('+'))
    }
}

/// The domain of an email address, in lower case.
pub(super) fn domain(address: &str) -> Option<String> {
    address.rsplit_once('@').map(|(_, domain)| domain.to_lowercase())
}

/// Whether an entry of the allowlist or the blocklist stands for an address or a number: it is the
/// same, or its domain, written `example.com`, `@example.com` or `*@example.com`.
pub(super) fn covers(entry: &str, address: &str) -> bool {
    if entry.eq_ignore_ascii_case(address) {
        return true;
    }
    let named = entry.trim_start_matches('*').trim_start_matches('@');
    let is_domain = !named.contains('@');
    is_domain && domain(address).is_some_and(|domain| named.eq_ignore_ascii_case(&domain))
}

/// An address or a number of a user's, with what it needs to be signed in with.
#[derive(Clone, Copy, Debug)]
pub(super) struct Held<'a> {
    pub(super) id: &'a str,
    pub(super) text: &'a str,
    pub(super) is_phone: bool,
    /// The status of its verification; `unverified` if there is none.
    pub(super) status: &'a str,
    pub(super) is_reserved: bool,
    pub(super) is_second_factor: bool,
}

impl Held<'_> {
    pub(super) fn is_verified(&self) -> bool {
        self.status == "verified"
    }
}

impl<'a> From<&'a Email> for Held<'a> {
    fn from(email: &'a Email) -> Self {
        Self {
            id: email.id.as_deref().unwrap_or_default(),
            text: email.email_address.as_deref().unwrap_or_default(),
            is_phone: false,
            status: email
                .verification
                .as_ref()
                .and_then(|one| one.status.as_deref())
                .unwrap_or(UNVERIFIED),
            is_reserved: email.reserved == Some(true),
            is_second_factor: false,
        }
    }
}

impl<'a> From<&'a Phone> for Held<'a> {
    fn from(phone: &'a Phone) -> Self {
        Self {
            id: phone.id.as_deref().unwrap_or_default(),
            text: phone.phone_number.as_deref().unwrap_or_default(),
            is_phone: true,
            status: phone
                .verification
                .as_ref()
                .and_then(|one| one.status.as_deref())
                .unwrap_or(UNVERIFIED),
            is_reserved: phone.reserved == Some(true),
            is_second_factor: phone.reserved_for_second_factor == Some(true),
        }
    }
}

const UNVERIFIED: &str = "unverified";
