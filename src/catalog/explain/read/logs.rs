//! What was tried: Clerk's application logs, and the emails that webhooks reported.

use std::collections::BTreeSet;

use serde::Deserialize;
use serde_json::Value;

use crate::{
    Ctx, Error,
    catalog::{
        explain::{identifier::Identifier, wire::Message},
        logs::read::{Found, Log, Wanted, newest, with_payload},
    },
    events::{Events, Filter, Types},
};

/// How many logs of one kind are read: a few pages, so that an attack on the account is counted.
const LOGS: usize = 200;
/// How many are read of what happened to the account itself.
const OF_ACCOUNT: usize = 50;
/// How many emails are read of the events.
const EMAILS: u64 = 200;
/// The types of text messages that didn't arrive.
const SMS: [&str; 2] = ["sms.failed", "sms.undeliverable"];
/// Where the payload of a failed sign-in may say why. Clerk doesn't publish its fields.
const REASONS: [&str; 2] = ["error_code", "reason"];
/// What the payloads of text messages say, as Clerk documents them.
const SMS_FIELDS: [&str; 2] = ["phone_number", "reason"];

/// Whose logs are read.
#[derive(Clone, Copy, Debug)]
pub(super) struct Who<'a> {
    pub(super) user_id: Option<&'a str>,
    pub(super) identifier: Option<&'a Identifier>,
}

/// What was tried, newest first.
#[derive(Clone, Debug, Default)]
pub(in crate::catalog::explain) struct Attempts {
    pub(in crate::catalog::explain) logs: Vec<Log>,
    /// Why there may be more, as a clause.
    pub(in crate::catalog::explain) more: Option<String>,
    /// Why the logs don't say what failed.
    pub(in crate::catalog::explain) without_reasons: Option<String>,
}

/// The emails that were created for a user, or for anybody, newest first.
#[derive(Clone, Debug, Default)]
pub(in crate::catalog::explain) struct Emails {
    pub(in crate::catalog::explain) sent: Vec<(i64, Message)>,
    /// Why there may be more, as a clause.
    pub(in crate::catalog::explain) more: Option<&'static str>,
}

/// What happened to the account itself.
pub(super) async fn of_account(clerk: &Ctx, id: &str) -> Result<Found, Error> {
    let wanted = Wanted {
        kind: Some("user.*".to_owned()),
        filters: vec![("subject", id.to_owned())],
        ..Wanted::default()
    };
    newest(clerk, &wanted, OF_ACCOUNT).await
}

/// Sign-ins: a user's, or the failed ones by an identifier that no user has.
pub(super) async fn sign_ins(clerk: &Ctx, who: Who<'_>) -> Result<Attempts, Error> {
    let Some(id) = who.user_id else { return by_identifier(clerk, who.identifier).await };
    let filters = vec![("subject", id.to_owned())];
    let wanted = Wanted {
        kind: Some("sign_in.*".to_owned()),
        filters: filters.clone(),
        ..Wanted::default()
    };
    let found = newest(clerk, &wanted, LOGS).await?;
    let mut attempts = Attempts { logs: found.logs, more: found.more, without_reasons: None };
    let failed: BTreeSet<String> =
        attempts.logs.iter().filter(|log| is_failure(log)).map(|log| log.kind.clone()).collect();
    for kind in failed {
        let wanted = Wanted { kind: Some(kind), filters: filters.clone(), ..Wanted::default() };
        match with_payload(clerk, &wanted, &REASONS, LOGS).await {
            Ok(reasons) => attempts.explain(&reasons.logs),
            Err(error) => attempts.without_reasons = Some(error.to_string()),
        }
    }
    Ok(attempts)
}

async fn by_identifier(clerk: &Ctx, identifier: Option<&Identifier>) -> Result<Attempts, Error> {
    let text = identifier.map(Identifier::text).unwrap_or_default().to_owned();
    let wanted = Wanted {
        kind: Some("sign_in.failed".to_owned()),
        filters: vec![("payload_filter[identifier]", text)],
        ..Wanted::default()
    };
    let found = with_payload(clerk, &wanted, &REASONS, LOGS).await?;
    Ok(Attempts { logs: found.logs, more: found.more, without_reasons: None })
}

/// Text messages to the person that didn't arrive.
pub(super) async fn sms(clerk: &Ctx, who: Who<'_>) -> Result<Attempts, Error> {
    let by_number = || Some(("payload_filter[phone_number]", who.identifier?.text().to_owned()));
    let by_user = who.user_id.map(|id| ("payload_filter[user_id]", id.to_owned()));
    let filters: Vec<_> = by_user.or_else(by_number).into_iter().collect();
    let mut attempts = Attempts::default();
    for kind in SMS {
        let wanted = Wanted {
            kind: Some(kind.to_owned()),
            filters: filters.clone(),
            payload_fields: SMS_FIELDS.into(),
            ..Wanted::default()
        };
        let found = newest(clerk, &wanted, LOGS).await?;
        attempts.logs.extend(found.logs);
        attempts.more = attempts.more.or(found.more);
    }
    attempts.logs.sort_by_key(|log| std::cmp::Reverse(log.at));
    Ok(attempts)
}

/// The emails that Clerk created.
pub(super) async fn emails(events: &Events, user_id: Option<&str>) -> Result<Emails, Error> {
    #[derive(Deserialize)]
    struct Payload {
        data: Message,
    }
    let types = Types::parse(["email.created"]).map_err(|_| Error::Internal("a type of events"))?;
    let filter = Filter { types, user_id: user_id.map(str::to_owned), ..Filter::default() };
    let stored = events.last(filter, EMAILS).await?;
    let is_full = stored.len() as u64 >= EMAILS;
    let read = stored.into_iter().rev().filter_map(|stored| {
        let payload: Payload = serde_json::from_str(&stored.event.body).ok()?;
        Some((stored.event.at, payload.data))
    });
    let more = is_full.then_some("only the newest 200 were read");
    Ok(Emails { sent: read.collect(), more })
}

/// Whether a log says that a sign-in failed.
pub(in crate::catalog::explain) fn is_failure(log: &Log) -> bool {
    log.kind.ends_with(".failed")
}

/// Why it failed, if its payload says so.
pub(in crate::catalog::explain) fn reason(log: &Log) -> Option<&str> {
    let payload = log.payload.as_ref()?;
    REASONS.iter().find_map(|name| payload.get(*name)?.as_str()).filter(|text| !text.is_empty())
}

/// A text in the payload of a log.
pub(in crate::catalog::explain) fn text<'a>(log: &'a Log, name: &str) -> Option<&'a str> {
    log.payload.as_ref()?.get(name).and_then(Value::as_str)
}

impl Attempts {
    /// Takes the payloads over from the same logs.
    fn explain(&mut self, explained: &[Log]) {
        for log in &mut self.logs {
            if let Some(same) = explained.iter().find(|one| one.id == log.id) {
                log.payload.clone_from(&same.payload);
            }
        }
    }
}
