//! What is unusual about a user, as facts with their numbers. What it means is for people to say.

use std::collections::BTreeSet;

use super::{
    sessions::Sessions,
    size::{Size, cut},
    wire::{Email, Session, User, Verification},
};
use crate::tool::date::UnixTime;

const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;
/// What was there so soon after the user came with the sign-up.
const SIGN_UP: i64 = HOUR;
/// How long before the last sign-in a change counts as unusual.
const CHANGED: i64 = DAY;
/// Without any activity for longer than that.
const SILENT: i64 = 90 * DAY;
/// How long ago a change of the account was at most.
const RECENT: i64 = 30 * DAY;
/// So many sessions in one country make another one new.
const USUAL: usize = 2;
/// The facts, those on access to the account first. `now` is in Unix milliseconds.
pub(super) fn facts(
    user: &User,
    sessions: Option<&Sessions>,
    now: i64,
    size: &Size,
) -> Vec<String> {
    let of_sessions = sessions.map(|sessions| {
        [
            impersonated(sessions, size),
            countries(sessions, size),
            new_country(sessions, size),
            far_apart(sessions, size),
        ]
    });
    let others = [
        barred(user, sessions),
        password_only(user),
        turned_off(user, now),
        unverified(user),
        new_primary(user, now),
        added(user, size),
        password_changed(user, now),
        silent(user, now),
    ];
    of_sessions.into_iter().flatten().chain(others).flatten().collect()
}

fn impersonated(sessions: &Sessions, size: &Size) -> Option<String> {
    let actors = || sessions.active().filter_map(Session::actor);
    let names: BTreeSet<&str> =
        actors().map(|actor| if actor.is_empty() { "somebody" } else { actor }).collect();
    let count = actors().count();
    (count > 0).then(|| format!("{} impersonated by {}", active(count as u64), named(&names, size)))
}

fn countries(sessions: &Sessions, size: &Size) -> Option<String> {
    let countries: BTreeSet<&str> = sessions.active().filter_map(Session::country).collect();
    (countries.len() > 1).then(|| {
        let count = sessions.active().filter(|session| session.country().is_some()).count();
        format!(
            "{} last used in {} countries: {}",
            active(count as u64),
            countries.len(),
            named(&countries, size)
        )
    })
}

/// The newest session, alive or not, if it is the first in its country and all others are in one.
fn new_country(sessions: &Sessions, size: &Size) -> Option<String> {
    let placed: Vec<&str> = sessions.read.iter().filter_map(Session::country).collect();
    let (newest, others) = placed.split_first()?;
    let usual = others.first()?;
    let is_new = others.len() >= USUAL
        && sessions.read.first().is_some_and(|session| session.country() == Some(newest))
        && newest != usual
        && others.iter().all(|country| country == usual);
    is_new.then(|| {
        let [newest, usual] = [newest, usual].map(|country| name(country, size));
        format!(
            "the newest session was last used in {newest}, all {} others in {usual}",
            others.len()
        )
    })
}

/// The newest two sessions, alive or not, that began within an hour in two countries. Clerk tells
/// where a session was last used, not where it began.
fn far_apart(sessions: &Sessions, size: &Size) -> Option<String> {
    let placed = || {
        let placed = sessions.read.iter();
        placed.filter_map(|session| Some((at(session.created_at)?, session.country()?)))
    };
    placed().zip(placed().skip(1)).find_map(|((later, here), (earlier, there))| {
        let apart = later.checked_sub(earlier).filter(|apart| *apart <= HOUR)?;
        (here != there).then(|| {
            let [here, there] = [here, there].map(|country| name(country, size));
            format!("2 sessions created {} apart, last used in {there} and {here}", span(apart))
        })
    })
}

/// Who may not sign in, and who is signed in all the same.
fn barred(user: &User, sessions: Option<&Sessions>) -> Option<String> {
    let flags =
        [("banned", user.banned), ("locked", user.locked), ("deprovisioned", user.deprovisioned)];
    let set: Vec<&str> =
        flags.into_iter().filter(|(_, flag)| *flag == Some(true)).map(|(name, _)| name).collect();
    if set.is_empty() {
        return None;
    }
    let lockout = user.lockout_expires_in_seconds.filter(|_| user.locked == Some(true));
    let lockout =
        lockout.map(|seconds| format!(" for {} more", span(seconds.saturating_mul(1000))));
    let count = sessions.map_or(0, |sessions| sessions.count("active"));
    let with = (count > 0).then(|| format!(", with {}", active(count)));
    Some(format!(
        "{}{}{}",
        set.join(" and "),
        lockout.unwrap_or_default(),
        with.unwrap_or_default()
    ))
}

fn password_only(user: &User) -> Option<String> {
    (user.password_enabled == Some(true) && user.two_factor_enabled == Some(false))
        .then(|| "no second factor while password sign-in is on".to_owned())
}

fn turned_off(user: &User, now: i64) -> Option<String> {
    let ago = now.checked_sub(at(user.mfa_disabled_at)?)?;
    (user.two_factor_enabled == Some(false) && (0..=RECENT).contains(&ago))
        .then(|| format!("second factor turned off {} ago", span(ago)))
}

fn unverified(user: &User) -> Option<String> {
    let primary = primary(user)?;
    let is_verified = primary.verification.as_ref().is_some_and(Verification::is_verified);
    (!is_verified).then(|| "primary email address is unverified".to_owned())
}

fn primary(user: &User) -> Option<&Email> {
    let id = user.primary_email_address_id.as_ref()?;
    user.email_addresses.as_ref()?.iter().find(|email| email.id.as_ref() == Some(id))
}

/// A primary address that came long after the sign-up, and not long ago.
fn new_primary(user: &User, now: i64) -> Option<String> {
    let added_at = at(primary(user)?.created_at)?;
    let is_later = added_at.checked_sub(at(user.created_at)?)? > SIGN_UP;
    let ago = now.checked_sub(added_at).filter(|ago| (0..=RECENT).contains(ago))?;
    is_later.then(|| format!("the primary email address was added {} ago", span(ago)))
}

/// An address or number that came later than the user and shortly before the last sign-in.
fn added(user: &User, size: &Size) -> Option<String> {
    let emails = user.email_addresses.iter().flatten();
    let emails = emails.map(|email| (email.email_address.as_ref(), at(email.created_at)));
    let phones = user.phone_numbers.iter().flatten();
    let phones = phones.map(|phone| (phone.phone_number.as_ref(), at(phone.created_at)));
    let added =
        emails.chain(phones).filter_map(|(name, added_at)| Some((before(user, added_at?)?, name?)));
    let (ago, added) = added.min_by_key(|(ago, _)| *ago)?;
    Some(format!("{} added {} before the last sign-in", name(added, size), span(ago)))
}

/// Before the last sign-in, or after it.
fn password_changed(user: &User, now: i64) -> Option<String> {
    let changed_at = at(user.password_last_updated_at)?;
    if let Some(ago) = before(user, changed_at) {
        return Some(format!("password changed {} before the last sign-in", span(ago)));
    }
    let after = changed_at.checked_sub(at(user.last_sign_in_at)?).filter(|after| *after > 0)?;
    let is_recent = (0..=RECENT).contains(&now.checked_sub(changed_at)?);
    let is_later = changed_at.checked_sub(at(user.created_at)?)? > SIGN_UP;
    (is_recent && is_later)
        .then(|| format!("password changed {} after the last sign-in", span(after)))
}

/// How long before the last sign-in it was, if that was shortly before and not at the sign-up.
fn before(user: &User, change: i64) -> Option<i64> {
    let ago = at(user.last_sign_in_at)?.checked_sub(change)?;
    let is_later = change.checked_sub(at(user.created_at)?)? > SIGN_UP;
    (is_later && (0..=CHANGED).contains(&ago)).then_some(ago)
}

fn silent(user: &User, now: i64) -> Option<String> {
    let ago =
        |time: Option<UnixTime>| now.checked_sub(at(time)?).filter(|ago| *ago > SILENT).map(span);
    match (user.last_active_at, user.last_sign_in_at) {
        (None, None) => Some(format!("never signed in, created {} ago", ago(user.created_at)?)),
        (active, sign_in) => Some(format!("last active {} ago", ago(active.or(sign_in))?)),
    }
}

/// A time in Unix milliseconds.
fn at(time: Option<UnixTime>) -> Option<i64> {
    time.map(UnixTime::milliseconds)
}

fn active(count: u64) -> String {
    if count == 1 { "1 active session".to_owned() } else { format!("{count} active sessions") }
}

fn name(text: &str, size: &Size) -> String {
    cut(text, size.name)
}

/// The first of some names, and how many more there are.
fn named(names: &BTreeSet<&str>, size: &Size) -> String {
    let first: Vec<String> = names.iter().take(size.named).map(|text| name(text, size)).collect();
    match names.len().saturating_sub(size.named) {
        0 => first.join(", "),
        more => format!("{} and {more} more", first.join(", ")),
    }
}

/// A time span in the greatest unit of which it has at least two.
fn span(milliseconds: i64) -> String {
    match milliseconds {
        time if time >= 2 * DAY => format!("{} days", time / DAY),
        time if time >= 2 * HOUR => format!("{} h", time / HOUR),
        time => format!("{} min", time / MINUTE),
    }
}

#[cfg(test)]
mod tests;
