//! Causes in what was tried: sessions that wait for something, failed sign-ins, messages that
//! didn't arrive.

use std::collections::{BTreeMap, BTreeSet};

use super::{
    cause::{Cause, Row, Severity},
    lists,
    read::{self, Attempts, Emails, Known},
    rows,
};
use crate::{
    catalog::logs::read::{From, Log},
    tool::date::{UnixTime, iso},
};

/// What a session waits for, by the key of its task.
const TASKS: [(&str, &Row); 3] = [
    ("choose-organization", &rows::ORGANIZATION_REQUIRED),
    ("reset-password", &rows::PASSWORD_RESET),
    ("setup-mfa", &rows::SECOND_FACTOR_SETUP),
];
/// What may change why a text message failed, by Clerk's reason.
const SMS_CHANGES: [(&str, (&str, &str)); 3] = [
    (
        "invalid_phone_number",
        ("clerk_create_phone_number", "userId, phoneNumber of the right number"),
    ),
    ("country_not_supported", ("clerk_get_instance_communication", "")),
    ("restricted_destination", ("clerk_update_instance_communication", "blockedCountryCodes")),
];
/// How many reasons of one kind are listed.
const REASONS: usize = 3;
const UNKNOWN: &str = "not said in the logs";
/// Clerk's reason for refusing a locked user: what the lock caused, not what caused it.
const LOCKED: &str = "user_locked";
/// The log of a sign-in that succeeded.
const COMPLETED: &str = "sign_in.completed";
/// The type and the reason of sign-ins with a wrong password.
const WRONG_PASSWORD: (&str, &str) = ("sign_in.password.failed", "form_password_incorrect");
/// The log of a new password.
const CHANGED: &str = "user.password.changed";
/// From how long before a change on the countries of sign-ins are those of the user: whoever takes an
/// account over signs in shortly before.
const FAMILIAR: i64 = 24 * 60 * 60 * 1000;
/// How many IP addresses are named.
const PLACES: usize = 2;
/// How many countries are named.
const COUNTRIES: usize = 3;

/// The tasks of pending sessions, each once, of the newest session that has it.
pub(super) fn of_sessions(known: &Known) -> Vec<Cause> {
    let of_status = |status: &'static str| {
        let sessions = known.sessions.iter().flatten();
        sessions.filter(move |session| session.status.as_deref() == Some(status))
    };
    let pending = of_status("pending");
    let active = of_status("active").filter_map(|session| session.created_at);
    let signed_in = active.map(UnixTime::milliseconds).max();
    let mut waiting: BTreeMap<&str, Option<i64>> = BTreeMap::new();
    for session in pending {
        let since = session.created_at.map(UnixTime::milliseconds);
        for key in session.tasks.iter().flatten().filter_map(|task| task.key.as_deref()) {
            let newest = waiting.entry(key).or_default();
            *newest = since.max(*newest);
        }
    }
    let cause = |(key, since): (&str, Option<i64>)| {
        let cause = task(known, key).since(since);
        // Who has signed in since has done it, or didn't have to.
        if signed_in > since { cause.severity(Severity::Context) } else { cause }
    };
    waiting.into_iter().map(cause).collect()
}

fn task(known: &Known, key: &str) -> Cause {
    let row =
        TASKS.iter().find(|(known, _)| *known == key).map_or(&rows::OTHER_TASK, |(_, row)| row);
    let memberships = match known.memberships {
        None => "an unknown number".to_owned(),
        Some(0) => "none".to_owned(),
        Some(count) => count.to_string(),
    };
    let cause = Cause::of(row)
        .with("task", key)
        .with("count", &memberships)
        .with("user", known.user_id.as_deref().unwrap_or_default());
    // Whoever is a member of none has nothing to choose.
    let has_none = row.code == rows::ORGANIZATION_REQUIRED.code && known.memberships == Some(0);
    if has_none { cause.severity(Severity::Blocks) } else { cause }
}

pub(super) fn causes(known: &Known) -> Vec<Cause> {
    let mut causes = known.sign_ins.as_ref().map(|all| sign_ins(known, all)).unwrap_or_default();
    causes.extend(password_changed(known));
    causes.extend(known.sms.iter().flat_map(sms));
    causes.extend(known.emails.iter().flat_map(|all| emails(known, all)));
    causes
}

/// The time of the last sign-in that succeeded, in Unix milliseconds.
pub(super) fn last_success(known: &Known) -> Option<i64> {
    let user = known.user.as_ref().and_then(|user| user.last_sign_in_at);
    let logs = known.sign_ins.iter().flat_map(|all| &all.logs);
    let completed = logs.filter(|log| log.kind == COMPLETED).map(|log| log.at).max();
    user.map(UnixTime::milliseconds).max(completed)
}

/// Failed sign-ins by their reason. Those before the last success are background.
fn sign_ins(known: &Known, attempts: &Attempts) -> Vec<Cause> {
    let failed = attempts.logs.iter().filter(|log| read::is_failure(log));
    let reason = |log: &Log| (read::reason(log).unwrap_or(UNKNOWN).to_owned(), String::new());
    let success = last_success(known);
    let is_whole = attempts.more.is_none();
    grouped(failed, reason)
        .into_iter()
        .map(|group| {
            let after = if success.is_some_and(|success| success > group.last) {
                ", before the last successful sign-in"
            } else if group.reason == LOCKED {
                ", because of the lock"
            } else {
                ""
            };
            let from = from(&group, attempts);
            let cause = group.cause(&rows::SIGN_IN_FAILED, "sign-in", is_whole);
            let cause = cause.with("after", after).with("from", &from);
            if after.is_empty() { cause } else { cause.severity(Severity::Context) }
        })
        .collect()
}

/// Where the failed sign-ins of a group came from, as a clause: the person, or somebody else.
fn from(group: &Group, attempts: &Attempts) -> String {
    let logs = attempts.logs.iter().filter(|log| {
        read::is_failure(log) && read::reason(log).unwrap_or(UNKNOWN) == group.reason
    });
    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for place in logs.filter_map(place) {
        *counts.entry(place).or_default() += 1;
    }
    let mut counts: Vec<(String, usize)> = counts.into_iter().collect();
    counts.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    let more = counts.len().saturating_sub(PLACES);
    let places: Vec<String> =
        counts.into_iter().take(PLACES).map(|(place, count)| format!("{place}: {count}")).collect();
    match (places.is_empty(), more) {
        (true, _) => String::new(),
        (false, 0) => format!(" From {}.", places.join("; ")),
        (false, more) => format!(" From {}; and {more} more IP addresses.", places.join("; ")),
    }
}

fn place(log: &Log) -> Option<String> {
    let From { ip_address, city, country, .. } = &log.from;
    let place = [Some(ip_address.as_ref()?), city.as_ref(), country.as_ref()];
    let place: Vec<&str> = place.into_iter().flatten().map(String::as_str).collect();
    Some(place.join(", "))
}

/// What a lock followed: the failed sign-ins between the last success and it, as a clause.
pub(super) fn before_lock(known: &Known, locked_at: i64) -> Option<String> {
    let attempts = known.sign_ins.as_ref()?;
    let logs = || attempts.logs.iter().filter(|log| log.at <= locked_at);
    let success = logs().filter(|log| log.kind == COMPLETED).map(|log| log.at).max();
    let failed = logs().filter(|log| read::is_failure(log) && Some(log.at) > success);
    let failed: Vec<&Log> = failed.filter(|log| read::reason(log) != Some(LOCKED)).collect();
    let count = counted(failed.len(), attempts.more.is_none() || success.is_some(), "sign-in");
    let is_wrong = failed.iter().all(|log| is_wrong_password(log));
    let why = if is_wrong { " with a wrong password" } else { "" };
    (!failed.is_empty()).then(|| format!(", after {count} failed{why}"))
}

fn is_wrong_password(log: &Log) -> bool {
    log.kind == WRONG_PASSWORD.0 || read::reason(log) == Some(WRONG_PASSWORD.1)
}

/// The last change of the password: from a country where the user didn't sign in before, or with
/// wrong passwords since, which may be the old one.
fn password_changed(known: &Known) -> Option<Cause> {
    let (user, sign_ins) = (known.user.as_ref()?, known.sign_ins.as_ref()?);
    let changes = known.account.as_ref()?.logs.iter().filter(|log| log.kind == CHANGED);
    let change = changes.max_by_key(|log| log.at)?;
    let completed = || sign_ins.logs.iter().filter(|log| log.kind == COMPLETED);
    let familiar = completed().filter(|log| log.at < change.at - FAMILIAR);
    let familiar: BTreeSet<&str> = familiar.filter_map(|log| log.from.country.as_deref()).collect();
    let cause = |row| Cause::of(row).with("user", &user.id).with("at", &iso(change.at));
    let place = |country: &str| {
        let place = [change.from.ip_address.as_deref(), change.from.city.as_deref(), Some(country)];
        place.into_iter().flatten().collect::<Vec<_>>().join(", ")
    };
    let is_since = |log: &&Log| log.at > change.at;
    let elsewhere = change.from.country.as_deref();
    let elsewhere = elsewhere.filter(|at| !familiar.is_empty() && !familiar.contains(at));
    if let Some(country) = elsewhere {
        let known: Vec<&str> = familiar.iter().copied().take(COUNTRIES).collect();
        let cause = cause(&rows::PASSWORD_CHANGED_ELSEWHERE).with("place", &place(country));
        let cause = cause.with("known", &known.join(", ")).since(Some(change.at));
        let is_back = completed().filter(is_since).any(|log| {
            log.from.country.as_deref().is_some_and(|country| familiar.contains(country))
        });
        return Some(if is_back { cause.severity(Severity::Context) } else { cause });
    }
    let is_wrong = sign_ins.logs.iter().filter(is_since).any(is_wrong_password);
    let is_over = completed().any(|log| log.at > change.at);
    let by = match change.actor_type.as_deref() {
        Some("instance_key") => " with a secret key",
        _ => "",
    };
    (is_wrong && !is_over)
        .then(|| cause(&rows::PASSWORD_CHANGED).with("by", by).since(Some(change.at)))
}

fn sms(attempts: &Attempts) -> Vec<Cause> {
    let key = |log: &Log| {
        let text = |name| read::text(log, name).map(str::to_owned);
        let address = text("phone_number").unwrap_or_else(|| "the user".to_owned());
        (text("reason").unwrap_or_else(|| UNKNOWN.to_owned()), address)
    };
    let groups = grouped(attempts.logs.iter(), key).into_iter();
    groups
        .map(|group| {
            let change = SMS_CHANGES.iter().find(|(reason, _)| *reason == group.reason);
            let cause = group.cause(&rows::SMS_FAILED, "text message", attempts.more.is_none());
            change.map_or(cause.clone(), |(_, change)| cause.changed_by(*change))
        })
        .collect()
}

/// Emails to the person's addresses that Clerk suppressed, or left to somebody else to send.
fn emails(known: &Known, emails: &Emails) -> Vec<Cause> {
    let addresses = lists::addresses(known);
    let theirs = emails.sent.iter().filter_map(|(at, message)| {
        let to = message.to_email_address.as_deref()?;
        let is_theirs = addresses.iter().any(|address| address.eq_ignore_ascii_case(to));
        is_theirs.then_some((*at, to, message))
    });
    let mut suppressed = Groups::default();
    let mut left = Groups::default();
    for (at, to, message) in theirs {
        if let Some(reason) = &message.suppression_reason {
            suppressed.add(at, reason.clone(), to.to_owned());
        } else if message.delivered_by_clerk == Some(false) {
            let template = message.slug.as_deref().unwrap_or("unknown");
            left.add(at, template.to_owned(), to.to_owned());
        }
    }
    let suppressed = suppressed.list().into_iter();
    let is_whole = emails.more.is_none();
    let suppressed =
        suppressed.map(|group| group.cause(&rows::EMAIL_SUPPRESSED, "email", is_whole));
    let left = left.list().into_iter().map(|group| {
        let template = group.reason.clone();
        let cause = group.cause(&rows::EMAIL_NOT_BY_CLERK, "email", is_whole);
        cause.with("template", &template)
    });
    suppressed.chain(left).collect()
}

fn grouped<'a>(
    logs: impl Iterator<Item = &'a Log>,
    key: impl Fn(&Log) -> (String, String),
) -> Vec<Group> {
    let mut groups = Groups::default();
    for log in logs {
        let (reason, address) = key(log);
        groups.add(log.at, reason, address);
    }
    groups.list()
}

/// A count, which is too low if not everything was read.
fn counted(count: usize, is_whole: bool, noun: &str) -> String {
    let plural = if count == 1 { "" } else { "s" };
    let at_least = if is_whole { "" } else { "at least " };
    format!("{at_least}{count} {noun}{plural}")
}

/// What happened several times for one reason, and to one address.
#[derive(Debug)]
struct Group {
    reason: String,
    address: String,
    count: usize,
    /// In Unix milliseconds, as the next.
    first: i64,
    last: i64,
}

/// Groups by reason and address.
#[derive(Debug, Default)]
struct Groups(BTreeMap<(String, String), Group>);

impl Groups {
    fn add(&mut self, at: i64, reason: String, address: String) {
        let key = (reason.clone(), address.clone());
        let new = Group { reason, address, count: 0, first: at, last: at };
        let group = self.0.entry(key).or_insert(new);
        group.count += 1;
        (group.first, group.last) = (group.first.min(at), group.last.max(at));
    }

    /// The latest first. What is beyond [`REASONS`] is summed up in the last one.
    fn list(self) -> Vec<Group> {
        let mut groups: Vec<Group> = self.0.into_values().collect();
        groups.sort_by_key(|group| std::cmp::Reverse(group.last));
        let others = groups.split_off(groups.len().min(REASONS));
        let sum = others.into_iter().reduce(|one, other| Group {
            reason: "other reasons".to_owned(),
            address: "several addresses".to_owned(),
            count: one.count + other.count,
            first: one.first.min(other.first),
            last: one.last.max(other.last),
        });
        groups.extend(sum);
        groups
    }
}

impl Group {
    /// Unless everything was read, there may be more of them.
    fn cause(self, row: &'static Row, noun: &str, is_whole: bool) -> Cause {
        let count = counted(self.count, is_whole, noun);
        Cause::of(row)
            .with("count", &count.replacen("at", "At", usize::from(!is_whole)))
            .with("reason", &self.reason)
            .with("address", &self.address)
            .with("last", &iso(self.last))
            .since(Some(self.first))
    }
}
