//! The dates that a user object has.

use serde::Deserialize;

use super::entry::{Entry, Source, joined};
use crate::tool::date::UnixTime;

/// `GET /users/{user_id}`
#[derive(Debug, Deserialize)]
pub(super) struct User {
    pub(super) id: String,
    email_addresses: Option<Vec<Identifier>>,
    phone_numbers: Option<Vec<Identifier>>,
    external_accounts: Option<Vec<Identifier>>,
    passkeys: Option<Vec<Identifier>>,
    created_at: Option<UnixTime>,
    last_sign_in_at: Option<UnixTime>,
    last_active_at: Option<UnixTime>,
    password_last_updated_at: Option<UnixTime>,
    mfa_enabled_at: Option<UnixTime>,
    mfa_disabled_at: Option<UnixTime>,
    legal_accepted_at: Option<UnixTime>,
}

const LAST_ACTIVE: &str = "user.last_active_at";
/// In ms.
const DAY: i64 = 24 * 60 * 60 * 1000;

/// What a user signs in with.
#[derive(Debug, Deserialize)]
struct Identifier {
    id: Option<String>,
    email_address: Option<String>,
    phone_number: Option<String>,
    provider: Option<String>,
    created_at: Option<UnixTime>,
}

impl User {
    /// All email addresses.
    pub(super) fn addresses(&self) -> impl Iterator<Item = &str> {
        let emails = self.email_addresses.iter().flatten();
        emails.filter_map(|email| email.email_address.as_deref())
    }

    /// What happened at the dates that Clerk gives. When somebody was banned or locked isn't among
    /// them.
    pub(super) fn entries(&self) -> Vec<Entry> {
        let dates: [(&str, Option<UnixTime>, &'static [&'static str]); 7] = [
            ("user.created", self.created_at, &[]),
            ("user.last_sign_in_at", self.last_sign_in_at, &["sign_in.completed"]),
            (LAST_ACTIVE, self.last_active_at, &[]),
            (
                "user.password_last_updated_at",
                self.password_last_updated_at,
                &["user.password.changed"],
            ),
            ("user.mfa_enabled_at", self.mfa_enabled_at, &[]),
            ("user.mfa_disabled_at", self.mfa_disabled_at, &[]),
            ("user.legal_accepted_at", self.legal_accepted_at, &[]),
        ];
        let dates = dates.into_iter().filter_map(|(kind, at, also)| {
            let object = Some(self.id.clone());
            let at = at?.milliseconds();
            let is_day = kind == LAST_ACTIVE && at % DAY == 0;
            let about = is_day.then(|| "Clerk keeps the day only".to_owned());
            Some(Entry { also, about, object, ..Entry::new(Source::User, &self.id, at, kind) })
        });
        let identifiers = [
            ("email_address.created", &self.email_addresses),
            ("phone_number.created", &self.phone_numbers),
            ("external_account.created", &self.external_accounts),
            ("passkey.created", &self.passkeys),
        ];
        let identifiers = identifiers.into_iter().flat_map(|(kind, all)| {
            all.iter().flatten().filter_map(move |one| self.identifier(kind, one))
        });
        dates.chain(identifiers).collect()
    }

    fn identifier(&self, kind: &str, one: &Identifier) -> Option<Entry> {
        let Identifier { id, email_address, phone_number, provider, created_at } = one;
        let id = id.as_deref()?;
        let shown = [provider, email_address, phone_number].map(Option::as_deref);
        Some(Entry {
            on: Some(id.to_owned()),
            about: joined(shown),
            object: Some(id.to_owned()),
            related: vec![self.id.clone()],
            ..Entry::new(Source::User, id, created_at.as_ref()?.milliseconds(), kind)
        })
    }
}
