//! Causes in the user's account: what was done to it, and its identifiers.

use super::{
    attempts,
    cause::Cause,
    identifier::{Held, Identifier},
    read::Known,
    rows,
    wire::User,
};
use crate::tool::date::iso;

/// Of how many addresses the same is said.
const NAMED: usize = 2;

pub(super) fn causes(user: &User, known: &Known) -> Vec<Cause> {
    let states = [banned(user, known), locked(user, known), deprovisioned(user)];
    let others = [no_primary(user), no_identifier(user)];
    let identifiers = identifiers(user, known.identifier.as_ref());
    let all = states.into_iter().flatten().chain(identifiers).chain(others.into_iter().flatten());
    all.map(|cause| cause.with("user", &user.id)).collect()
}

fn banned(user: &User, known: &Known) -> Option<Cause> {
    (user.banned == Some(true)).then(|| Cause::of(&rows::BANNED).since(last(known, "user.banned")))
}

/// A lock without an end stays until somebody lifts it.
fn locked(user: &User, known: &Known) -> Option<Cause> {
    if user.locked != Some(true) {
        return None;
    }
    let left = user.lockout_expires_in_seconds.filter(|seconds| *seconds > 0);
    let until = left.map(|seconds| known.now.saturating_add(seconds.saturating_mul(1000)));
    let said = until.map_or_else(
        || ", and Clerk names no end of the lock".to_owned(),
        |until| format!(" until {}", iso(until)),
    );
    let since = last(known, "user.locked");
    let after = since.and_then(|since| attempts::before_lock(known, since)).unwrap_or_default();
    let cause = Cause::of(&rows::LOCKED).with("until", &said).with("after", &after);
    Some(cause.since(since).until(until))
}

fn deprovisioned(user: &User) -> Option<Cause> {
    (user.deprovisioned == Some(true)).then(|| Cause::of(&rows::DEPROVISIONED))
}

/// When the account last had such an event, by the logs.
fn last(known: &Known, kind: &str) -> Option<i64> {
    let logs = known.account.as_ref()?.logs.iter();
    logs.filter(|log| log.kind == kind).map(|log| log.at).max()
}

/// What is wrong with the identifier that was given; without one, with the primary ones, or if
/// none is verified, with all.
fn identifiers(user: &User, given: Option<&Identifier>) -> Vec<Cause> {
    let looked_at: Vec<Held<'_>> = match given {
        Some(given) => {
            user.addresses().filter(|one| one.text.eq_ignore_ascii_case(given.text())).collect()
        }
        None if user.addresses().any(|one| one.is_verified()) => {
            user.addresses().filter(|one| is_primary(user, one)).collect()
        }
        None => user.addresses().collect(),
    };
    let of_one = |held: &Held<'_>| {
        let unverified = (!held.is_verified())
            .then(|| of_address(&rows::UNVERIFIED, held).with("status", held.status));
        let reserved = held.is_reserved.then(|| of_address(&rows::RESERVED, held));
        [unverified, reserved, second_factor_only(held, given)]
    };
    looked_at.iter().take(NAMED).flat_map(of_one).flatten().collect()
}

fn of_address(row: &'static super::cause::Row, held: &Held<'_>) -> Cause {
    let cause = Cause::of(row).with("address", held.text).with("id", held.id);
    if held.is_phone { cause.changed_by(rows::VERIFY_PHONE) } else { cause }
}

/// A number for the second factor is in nobody's way unless they sign in with it.
fn second_factor_only(held: &Held<'_>, given: Option<&Identifier>) -> Option<Cause> {
    (held.is_second_factor && given.is_some()).then(|| {
        Cause::of(&rows::SECOND_FACTOR_ONLY).with("address", held.text).with("id", held.id)
    })
}

fn is_primary(user: &User, held: &Held<'_>) -> bool {
    let primary =
        if held.is_phone { &user.primary_phone_number_id } else { &user.primary_email_address_id };
    primary.as_deref() == Some(held.id)
}

fn no_primary(user: &User) -> Option<Cause> {
    let emails: Vec<Held<'_>> = user.emails().collect();
    let has_primary = emails.iter().any(|email| is_primary(user, email));
    // Only a verified one can become it.
    let best = emails.iter().find(|email| email.is_verified()).or(emails.first());
    best.filter(|_| !has_primary).map(|best| {
        let count = emails.len().to_string();
        Cause::of(&rows::NO_PRIMARY).with("count", &count).with("id", best.id)
    })
}

/// What Clerk left out isn't taken for empty.
fn no_identifier(user: &User) -> Option<Cause> {
    let is_empty = |count: Option<usize>| count == Some(0);
    let nothing = is_empty(user.email_addresses.as_ref().map(Vec::len))
        && is_empty(user.phone_numbers.as_ref().map(Vec::len))
        && user.username.is_none()
        && user.web3_wallets.as_ref().is_none_or(Vec::is_empty)
        && user.external_accounts.as_ref().is_none_or(Vec::is_empty)
        && user.enterprise_accounts.as_ref().is_none_or(Vec::is_empty);
    nothing.then(|| Cause::of(&rows::NO_IDENTIFIER))
}
