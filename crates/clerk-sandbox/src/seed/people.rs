//! Users.

use std::collections::HashMap;
use std::ops::Range;

use fastrand::Rng;
use serde_json::{Value, json};

use super::words::{ASCII_FORMS, CULTURES, DEPARTMENTS, EMAIL_DOMAINS, PLANS, UNVERIFIED_DOMAIN};
use super::{EPOCH, every, pick};
use crate::model::{
    EmailAddress, ExternalAccount, Link, Metadata, PhoneNumber, User, Verification, Web3Wallet,
};
use crate::store::id;
use crate::time::{DAY, SECOND, day_of};

/// How long ago the first users signed up.
const SPAN: i64 = 3 * 365 * DAY;

/// How many numbers the area codes 201 to 980 have for examples: `+1 … 555 01xx` each.
const PHONE_NUMBERS: usize = 780 * 100;

/// Scatters consecutive phone numbers. It has no divisor in common with their count, so none comes
/// twice.
const PHONE_STRIDE: usize = 30_011;

/// Makes up users. Names may repeat, identifiers do not.
#[derive(Debug)]
pub(super) struct People {
    /// The time between two sign-ups.
    interval: i64,
    /// How many users have each name so far.
    namesakes: HashMap<String, u32>,
    phone_numbers: Range<usize>,
}

/// The name of a user.
#[derive(Debug)]
struct Person {
    locale: &'static str,
    first_name: &'static str,
    last_name: &'static str,
    /// The name as addresses have it, with a number if others have the same.
    handle: String,
}

impl People {
    pub(super) fn new(users: usize) -> Self {
        Self {
            interval: SPAN / i64::try_from(users.max(1)).unwrap_or(SPAN),
            namesakes: HashMap::new(),
            phone_numbers: 0..PHONE_NUMBERS,
        }
    }

    /// The next user. The first is the newest, as in Clerk's default order.
    pub(super) fn user(&mut self, rng: &mut Rng, index: usize) -> User {
        let person = self.person(rng);
        let age = self.interval * i64::try_from(index).unwrap_or_default();
        let created_at = EPOCH - DAY - age - rng.i64(0..self.interval);
        let mut user = User {
            id: id(rng, "user"),
            first_name: Some(person.first_name.to_owned()),
            last_name: Some(person.last_name.to_owned()),
            locale: every(index, 2, 0).then(|| person.locale.to_owned()),
            username: every(index, 3, 0).then(|| person.handle.replace('.', "_")),
            external_id: every(index, 4, 1).then(|| format!("crm_{:06}", 100_000 + index)),
            has_image: every(index, 5, 2),
            delete_self_enabled: true,
            create_organization_enabled: !every(index, 10, 7),
            created_at,
            updated_at: created_at,
            ..User::default()
        };
        self.reach(rng, index, &person, &mut user);
        sign_in(rng, index, &person, &mut user);
        annotate(rng, index, &mut user);
        user
    }

    fn person(&mut self, rng: &mut Rng) -> Person {
        let culture = pick(rng, &CULTURES);
        let first_name = pick(rng, &culture.first_names);
        let last_name = pick(rng, &culture.last_names);
        let name = format!("{}.{}", ascii(first_name), ascii(last_name));
        let namesakes = self.namesakes.entry(name.clone()).or_default();
        *namesakes += 1;
        let handle = match *namesakes {
            1 => name,
            number => format!("{name}{number}"),
        };
        Person { locale: culture.locale, first_name, last_name, handle }
    }

    /// Gives the user email addresses, a phone number and a wallet. One in thirteen has only a user
    /// name.
    fn reach(&mut self, rng: &mut Rng, index: usize, person: &Person, user: &mut User) {
        let at = user.created_at;
        let handle = &person.handle;
        if every(index, 13, 9) {
            user.username = Some(handle.replace('.', "_"));
        } else {
            let address = format!("{handle}@{}", pick(rng, &EMAIL_DOMAINS));
            let verification = Verification::by_code("email_code", at + 600 * SECOND);
            let mailbox = email(rng, &address, verification, at);
            user.email_addresses.push(mailbox);
        }
        // A second address, never the only one: an unverified one can't be primary.
        if every(index, 9, 7) && !user.email_addresses.is_empty() {
            let address = format!("{handle}@{UNVERIFIED_DOMAIN}");
            let verification = Verification::pending("email_code", at + DAY);
            let mailbox = email(rng, &address, verification, at);
            user.email_addresses.push(mailbox);
        }
        if every(index, 3, 1)
            && let Some(number) = self.phone_numbers.next()
        {
            user.phone_numbers.push(phone(rng, number, at));
        }
        if every(index, 11, 4) {
            user.web3_wallets.push(wallet(rng, at));
        }
        user.primary_email_address_id = user.email_addresses.first().map(|email| email.id.clone());
        user.primary_phone_number_id = user.phone_numbers.first().map(|phone| phone.id.clone());
        user.primary_web3_wallet_id = user.web3_wallets.first().map(|wallet| wallet.id.clone());
    }
}

/// How the user signs in, whether they may, and when they last did.
fn sign_in(rng: &mut Rng, index: usize, person: &Person, user: &mut User) {
    let created_at = user.created_at;
    user.password_enabled = !every(index, 7, 2);
    user.password_last_updated_at = user.password_enabled.then_some(created_at);
    user.totp_enabled = every(index, 6, 3);
    user.backup_code_enabled = every(index, 12, 3);
    user.mfa_enabled_at = user.totp_enabled.then_some(created_at + DAY);
    user.banned = every(index, 17, 8);
    user.locked = every(index, 19, 11);
    user.legal_accepted_at = every(index, 2, 0).then_some(created_at);
    if every(index, 7, 2)
        && let Some(email) = user.email_addresses.first_mut()
    {
        let account = google_account(rng, person, email);
        user.external_accounts.push(account);
    }
    if !every(index, 8, 5) {
        let signed_in = rng.i64(created_at..EPOCH);
        let active = rng.i64(signed_in..EPOCH);
        user.last_sign_in_at = Some(signed_in);
        user.last_active_at = Some(day_of(active));
        user.updated_at = active;
    }
}

/// Metadata as an application might keep it about the user.
fn annotate(rng: &mut Rng, index: usize, user: &mut User) {
    if every(index, 2, 0) {
        user.public_metadata = object(json!({
            "plan": pick(rng, &PLANS),
            "department": pick(rng, &DEPARTMENTS),
        }));
    }
    if every(index, 3, 0) {
        user.private_metadata = object(json!({
            "crm": { "account": format!("acct_{}", 5_000 + index), "owner": "sales" },
            "risk_score": rng.u32(0..100),
        }));
    }
    if every(index, 5, 1) {
        user.unsafe_metadata = object(json!({
            "theme": if rng.bool() { "dark" } else { "light" },
            "onboarding": { "step": rng.u32(1..6), "done": rng.bool() },
        }));
    }
}

fn email(rng: &mut Rng, address: &str, verification: Verification, at: i64) -> EmailAddress {
    let unverified = EmailAddress::new(id(rng, "idn"), address, at);
    EmailAddress { verification: Some(verification), ..unverified }
}

fn phone(rng: &mut Rng, number: usize, at: i64) -> PhoneNumber {
    let number = number * PHONE_STRIDE % PHONE_NUMBERS;
    let number = format!("+1{}55501{:02}", 201 + number / 100, number % 100);
    let verification = Verification::by_code("phone_code", at + 600 * SECOND);
    let unverified = PhoneNumber::new(id(rng, "idn"), number, at);
    PhoneNumber { verification: Some(verification), ..unverified }
}

fn wallet(rng: &mut Rng, at: i64) -> Web3Wallet {
    let id = id(rng, "idn");
    let address = format!("0x{:032x}{:08x}", rng.u128(..), rng.u32(..));
    Web3Wallet { verification: Some(Verification::ADMIN), ..Web3Wallet::new(id, address, at) }
}

/// A Google account with the same address as an email address, which is linked to it.
fn google_account(rng: &mut Rng, person: &Person, email: &mut EmailAddress) -> ExternalAccount {
    let identification_id = id(rng, "idn");
    email.linked_to.push(Link { kind: "oauth_google", id: identification_id.clone() });
    ExternalAccount {
        object: "external_account",
        id: id(rng, "eac"),
        provider: "oauth_google",
        identification_id,
        provider_user_id: format!("1{:020}", rng.u64(..)),
        approved_scopes: "email openid profile",
        email_address: email.address.clone(),
        first_name: person.first_name.to_owned(),
        last_name: person.last_name.to_owned(),
        public_metadata: Metadata::new(),
        created_at: email.created_at,
        updated_at: email.created_at,
        verification: Some(Verification::by_oauth("oauth_google", email.created_at + 600 * SECOND)),
    }
}

fn object(value: Value) -> Metadata {
    match value {
        Value::Object(object) => object,
        _ => Metadata::new(),
    }
}

/// A name as addresses have it.
fn ascii(name: &str) -> String {
    let mut ascii = String::with_capacity(name.len());
    for letter in name.chars().flat_map(char::to_lowercase) {
        match ASCII_FORMS.iter().find(|(form, _)| *form == letter) {
            Some((_, form)) => ascii.push_str(form),
            None => ascii.push(letter),
        }
    }
    ascii
}
