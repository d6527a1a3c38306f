//! The filters that lists of users and of members share.

use std::collections::HashSet;

use crate::model::User;
use crate::query::{Query, Signed};

/// Filters that users and members have in common. A user must pass all that are given.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Traits {
    email_addresses: Option<HashSet<String>>,
    phone_numbers: Option<HashSet<String>>,
    usernames: Option<HashSet<String>>,
    web3_wallets: Option<HashSet<String>>,
    user_ids: Signed,
    anything: Option<Needle>,
    email_address: Option<Needle>,
    phone_number: Option<Needle>,
    username: Option<Needle>,
    name: Option<Needle>,
    created_at: Window,
    last_active_at: Window,
}

impl Traits {
    pub(crate) fn read(query: &mut Query) -> Self {
        Self {
            email_addresses: query.lowercase_set("email_address"),
            phone_numbers: query.set("phone_number"),
            usernames: query.lowercase_set("username"),
            web3_wallets: query.lowercase_set("web3_wallet"),
            user_ids: query.signed_set("user_id"),
            anything: Needle::read(query, "query"),
            email_address: Needle::read(query, "email_address_query"),
            phone_number: Needle::read(query, "phone_number_query"),
            username: Needle::read(query, "username_query"),
            name: Needle::read(query, "name_query"),
            created_at: Window::read(query, "created_at"),
            last_active_at: Window::read(query, "last_active_at"),
        }
    }

    /// The ids of which a user must have one, if there are any.
    pub(super) fn user_ids(&self) -> Option<&HashSet<String>> {
        self.user_ids.included.as_ref()
    }

    /// The identifiers of which a user must have one, if there are any.
    pub(super) fn identifiers(&self) -> Option<&HashSet<String>> {
        self.email_addresses
            .as_ref()
            .or(self.phone_numbers.as_ref())
            .or(self.usernames.as_ref())
            .or(self.web3_wallets.as_ref())
    }

    pub(crate) fn are_of(&self, user: &User) -> bool {
        self.user_ids.allows(Some(&user.id))
            && self.has_identifiers(user)
            && self.has_texts(user)
            && self.created_at.holds(Some(user.created_at))
            && self.last_active_at.holds(user.last_active_at)
    }

    fn has_identifiers(&self, user: &User) -> bool {
        let emails = user.email_addresses.iter().map(|email| &email.address);
        let phones = user.phone_numbers.iter().map(|phone| &phone.number);
        let usernames = user.username.iter().map(|name| name.to_lowercase());
        let wallets = user.web3_wallets.iter();
        let wallets = wallets.map(|wallet| wallet.address.to_lowercase());
        holds_any(self.email_addresses.as_ref(), emails)
            && holds_any(self.phone_numbers.as_ref(), phones)
            && holds_any(self.usernames.as_ref(), usernames)
            && holds_any(self.web3_wallets.as_ref(), wallets)
    }

    fn has_texts(&self, user: &User) -> bool {
        let matches = |needle: &Option<Needle>, is_in: fn(&Needle, &User) -> bool| {
            needle.as_ref().is_none_or(|needle| is_in(needle, user))
        };
        matches(&self.email_address, Needle::is_in_email_address)
            && matches(&self.phone_number, Needle::is_in_phone_number)
            && matches(&self.username, Needle::is_in_username)
            && matches(&self.name, Needle::is_in_name)
            && matches(&self.anything, Needle::is_anywhere)
    }
}

/// Whether one of the values is wanted; without a list of wanted ones every user passes.
fn holds_any(
    wanted: Option<&HashSet<String>>,
    values: impl IntoIterator<Item = impl AsRef<str>>,
) -> bool {
    wanted.is_none_or(|wanted| {
        let mut values = values.into_iter();
        values.any(|value| wanted.contains(value.as_ref()))
    })
}

/// A span of time, without its ends. A time that is missing is in none that has an end.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Window {
    before: Option<i64>,
    after: Option<i64>,
}

impl Window {
    pub(super) fn read(query: &mut Query, field: &str) -> Self {
        Self {
            before: query.milliseconds(&format!("{field}_before")),
            after: query.milliseconds(&format!("{field}_after")),
        }
    }

    pub(super) fn holds(&self, time: Option<i64>) -> bool {
        let passes = |end: Option<i64>, test: fn(i64, i64) -> bool| {
            end.is_none_or(|end| time.is_some_and(|time| test(time, end)))
        };
        passes(self.before, |time, end| time < end) && passes(self.after, |time, end| time > end)
    }
}

/// Text to find within others, without regard to case.
#[derive(Debug, PartialEq)]
struct Needle(String);

impl Needle {
    fn read(query: &mut Query, name: &str) -> Option<Self> {
        query.text(name).map(|text| Self(text.to_lowercase()))
    }

    fn is_within(&self, text: &str) -> bool {
        if self.0.is_empty() || !text.is_ascii() {
            return text.to_lowercase().contains(&self.0);
        }
        text.as_bytes()
            .windows(self.0.len())
            .any(|window| window.eq_ignore_ascii_case(self.0.as_bytes()))
    }

    fn is_in_email_address(&self, user: &User) -> bool {
        user.email_addresses.iter().any(|email| self.is_within(&email.address))
    }

    fn is_in_phone_number(&self, user: &User) -> bool {
        user.phone_numbers.iter().any(|phone| self.is_within(&phone.number))
    }

    fn is_in_username(&self, user: &User) -> bool {
        user.username.as_ref().is_some_and(|username| self.is_within(username))
    }

    /// A needle with a space in it may reach from the first name into the last.
    fn is_in_name(&self, user: &User) -> bool {
        let names = [user.first_name.as_deref(), user.last_name.as_deref()];
        let full = || names.map(Option::unwrap_or_default).join(" ");
        names.iter().flatten().any(|name| self.is_within(name))
            || (self.0.contains(' ') && self.is_within(&full()))
    }

    fn is_anywhere(&self, user: &User) -> bool {
        self.is_in_email_address(user)
            || self.is_in_phone_number(user)
            || self.is_in_username(user)
            || self.is_in_name(user)
            || self.is_within(&user.id)
            || user.web3_wallets.iter().any(|wallet| self.is_within(&wallet.address))
    }
}
