//! Causes in what was tried: sessions that wait for something, failed sign-ins, messages that
//! didn't arrive.

use std::collections::BTreeMap;

use super::{
    cause::{Cause, Row, Severity},
    lists,
    read::{self, Attempts, Emails, Known},
    rows,
};
use crate::{
    catalog::logs::read::Log,
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
    causes.extend(known.sms.iter().flat_map(sms));
    causes.extend(known.emails.iter().flat_map(|all| emails(known, all)));
    causes
}

/// The time of the last sign-in that succeeded, in Unix milliseconds.
pub(super) fn last_success(known: &Known) -> Option<i64> {
    let user = known.user.as_ref().and_then(|user| user.last_sign_in_at);
    let logs = known.sign_ins.iter().flat_map(|all| &all.logs);
    let completed = logs.filter(|log| log.kind == "sign_in.completed").map(|log| log.at).max();
    user.map(UnixTime::milliseconds).max(completed)
}

/// Failed sign-ins by their reason. Those before the last success are background.
fn sign_ins(known: &Known, attempts: &Attempts) -> Vec<Cause> {
    let failed = attempts.logs.iter().filter(|log| read::is_failure(log));
    let reason = |log: &Log| (read::reason(log).unwrap_or(UNKNOWN).to_owned(), String::new());
    let success = last_success(known);
    grouped(failed, reason)
        .into_iter()
        .map(|group| {
            let is_over = success.is_some_and(|success| success > group.last);
            let after = if is_over { ", before the last successful sign-in" } else { "" };
            let cause = group.cause(&rows::SIGN_IN_FAILED, "sign-in").with("after", after);
            if is_over { cause.severity(Severity::Context) } else { cause }
        })
        .collect()
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
            let cause = group.cause(&rows::SMS_FAILED, "text message");
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
    let suppressed = suppressed.map(|group| group.cause(&rows::EMAIL_SUPPRESSED, "email"));
    let left = left.list().into_iter().map(|group| {
        let template = group.reason.clone();
        group.cause(&rows::EMAIL_NOT_BY_CLERK, "email").with("template", &template)
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
    fn cause(self, row: &'static Row, noun: &str) -> Cause {
        let plural = if self.count == 1 { "" } else { "s" };
        Cause::of(row)
            .with("count", &format!("{} {noun}{plural}", self.count))
            .with("reason", &self.reason)
            .with("address", &self.address)
            .with("last", &iso(self.last))
            .since(Some(self.first))
    }
}
