//! Clerk's application logs.

use std::collections::HashMap;

use futures::future::join_all;
use serde_json::Value;

use super::{
    case::{Case, Subject, Window},
    entry::{Entry, OWN, Source, joined},
    part::Part,
    sources::MOST,
};
use crate::{
    Ctx, Error,
    catalog::logs::read::{Found, From, Log, Wanted, newest, with_payload},
    events::family,
};

/// Types of failed sign-ins, which name what was typed in.
const FAILED: [&str; 2] = ["sign_in.failed", "sign_in.password.failed"];
/// The types whose payload says why something failed, with the fields that say it.
const WITH_REASONS: [(&str, &[&str]); 4] = [
    ("sign_in.failed", &["error_code", "identifier"]),
    ("sign_in.password.failed", &["error_code", "identifier"]),
    ("sms.failed", &["reason", "phone_number"]),
    ("sms.undeliverable", &["reason", "phone_number"]),
];
/// Where they name it.
const IDENTIFIER: &str = "payload_filter[identifier]";

/// What the logs have of a case.
pub(super) async fn logs(ctx: &Ctx, case: &Case, window: Window) -> Result<Part, Error> {
    let mut part = Part::new(Source::Logs, Vec::new(), window);
    let main = of_subject(case).map(|wanted| within(wanted, window));
    let others = failed_with(case).into_iter().map(|wanted| within(wanted, window));
    let others: Vec<Wanted> = others.collect();
    let main = async { Some(newest(ctx, main.as_ref()?, MOST).await) };
    let others = join_all(others.iter().map(|wanted| newest(ctx, wanted, MOST)));
    let (main, others) = futures::join!(main, others);
    if let Some(main) = main {
        let mut main = main?;
        let gap = add_reasons(ctx, case, &mut main.logs).await;
        part = add(part, case, window, main);
        part = gap.into_iter().fold(part, |part, gap| part.gap(&gap));
    }
    for other in others {
        part = match other {
            Ok(found) => add(part, case, window, found),
            Err(error) => {
                let reason = ctx.redact(&error.to_string());
                let reason = reason.trim_end_matches('.');
                let gap = format!("failed sign-ins can't be searched by address here ({reason}).");
                if part.gaps.iter().any(|known| known.ends_with(&gap)) {
                    part
                } else {
                    part.gap(&gap)
                }
            }
        };
    }
    Ok(part)
}

/// The question for what a case is about.
fn of_subject(case: &Case) -> Option<Wanted> {
    let any = |filters: &[(&'static str, Option<&String>)]| {
        let given =
            |(name, value): &(&'static str, Option<&String>)| Some((*name, (*value)?.clone()));
        Wanted {
            filters: filters.iter().filter_map(given).collect(),
            any: true,
            ..Wanted::default()
        }
    };
    match (&case.subject, &case.user) {
        (Subject::User(_) | Subject::Email(_), Some(user)) => {
            let names = ["subject", "actor", "impersonator_user_id"];
            Some(any(&names.map(|name| (name, Some(user)))))
        }
        (Subject::User(_) | Subject::Email(_), None) => None,
        (Subject::Session(id), _) => {
            // There is no filter by session: the device's logs are gone through for it.
            Some(any(&[("client_id", case.client.as_ref()), ("subject", Some(id))]))
        }
        (Subject::Organization(id), _) => Some(any(&[("subject", Some(id))])),
        (Subject::Ip(address), _) => Some(any(&[("ip_address", Some(address))])),
        (Subject::Trace(id), _) => Some(any(&[("trace_id", Some(id))])),
    }
}

/// Reads why something failed, which Clerk says only if one type is asked for, and by one filter.
/// Returns what could not be read, as a gap.
async fn add_reasons(ctx: &Ctx, case: &Case, logs: &mut [Log]) -> Option<String> {
    let filter = main_filter(case)?;
    let wanted = |kind: &str| {
        let of_kind = || logs.iter().filter(|log| log.kind == kind).map(|log| log.at);
        Some(Wanted {
            kind: Some(kind.to_owned()),
            filters: vec![filter.clone()],
            after: Some(of_kind().min()?),
            before: of_kind().max(),
            ..Wanted::default()
        })
    };
    let wanted = WITH_REASONS.iter().filter_map(|(kind, fields)| Some((wanted(kind)?, *fields)));
    let wanted: Vec<_> = wanted.collect();
    let reading = wanted.iter().map(|(wanted, fields)| with_payload(ctx, wanted, fields, MOST));
    let mut gap = None;
    for read in join_all(reading).await {
        match read {
            Ok(found) => explain(logs, found.logs),
            Err(error) => {
                let why = ctx.redact(&error.to_string());
                gap = Some(format!("reasons can't be read ({}).", why.trim_end_matches('.')));
            }
        }
    }
    gap
}

/// Takes the payloads over into the same logs.
fn explain(logs: &mut [Log], explained: Vec<Log>) {
    let mut payloads: HashMap<String, _> =
        explained.into_iter().map(|log| (log.id, log.payload)).collect();
    for log in logs {
        if let Some(payload) = payloads.remove(&log.id) {
            log.payload = payload;
        }
    }
}

/// The filter that finds what failed.
fn main_filter(case: &Case) -> Option<(&'static str, String)> {
    let (name, value) = match (&case.subject, &case.user) {
        (Subject::User(_) | Subject::Email(_), user) => ("subject", user.as_ref()?),
        (Subject::Session(_), _) => ("client_id", case.client.as_ref()?),
        (Subject::Organization(id), _) => ("subject", id),
        (Subject::Ip(address), _) => ("ip_address", address),
        (Subject::Trace(id), _) => ("trace_id", id),
    };
    Some((name, value.clone()))
}

/// The questions for sign-ins that failed with the address that was asked for.
fn failed_with(case: &Case) -> Vec<Wanted> {
    let Subject::Email(address) = &case.subject else { return Vec::new() };
    let wanted = |kind: &str| Wanted {
        kind: Some(kind.to_owned()),
        filters: vec![(IDENTIFIER, address.clone())],
        payload_fields: vec!["error_code", "identifier"],
        ..Wanted::default()
    };
    FAILED.into_iter().map(wanted).collect()
}

/// Clerk takes the second moment too.
fn within(wanted: Wanted, window: Window) -> Wanted {
    Wanted { after: window.after, before: window.before.map(|before| before - 1), ..wanted }
}

/// What was found, beside what is known already.
fn add(mut part: Part, case: &Case, window: Window, found: Found) -> Part {
    let Found { logs, more } = found;
    let oldest = logs.last().map(|log| log.at).filter(|_| more.is_some() && logs.len() >= MOST);
    let logs = if let Subject::Session(id) = &case.subject { of_session(logs, id) } else { logs };
    for log in logs {
        let entry = entry(&log, case);
        if window.holds(entry.at) && !part.entries.iter().any(|known| known.found == entry.found) {
            part.entries.push(entry);
        }
    }
    match more {
        Some(why) if oldest.is_none() => part.gap(&format!("{}.", why.trim_end_matches('.'))),
        _ => part.down_to(oldest),
    }
}

/// Those of a session, and what else happened by the same requests.
fn of_session(logs: Vec<Log>, id: &str) -> Vec<Log> {
    let is_of =
        |log: &Log| [&log.session_id, &log.subject].into_iter().flatten().any(|of| of == id);
    let traces: Vec<String> =
        logs.iter().filter(|log| is_of(log)).filter_map(|log| log.trace_id.clone()).collect();
    let is_of_trace = |log: &Log| log.trace_id.as_ref().is_some_and(|trace| traces.contains(trace));
    logs.into_iter().filter(|log| is_of(log) || is_of_trace(log)).collect()
}

fn entry(log: &Log, case: &Case) -> Entry {
    // Clerk's page of one log is named by both.
    let id = format!("{}:{}", log.at, log.id);
    let object = match &log.session_id {
        Some(session) if family(&log.kind) == "session" => Some(session),
        _ => log.subject.as_ref(),
    };
    let From { ip_address, city, country, browser } = &log.from;
    let ids = [&log.subject, &log.session_id];
    Entry {
        who: who(log, case),
        on: object.cloned(),
        from: joined([ip_address, city, country, browser].map(Option::as_deref)),
        ip: ip_address.clone(),
        about: about(log, case),
        object: object.cloned(),
        related: ids.into_iter().flatten().cloned().collect(),
        session: log.session_id.clone(),
        trace: log.trace_id.clone(),
        ..Entry::new(Source::Logs, &id, log.at, &log.kind)
    }
}

/// Who did it, and who acted as them. Of a failed sign-in Clerk names the user whose account was tried.
fn who(log: &Log, case: &Case) -> Option<String> {
    let actor = log.actor.as_deref().filter(|_| !FAILED.contains(&log.kind.as_str()))?;
    let kind = match log.actor_type.as_deref() {
        Some("instance_key") => "a backend with secret key",
        other => other.unwrap_or_default(),
    };
    let who = match &case.user {
        Some(user) if user == actor => OWN.to_owned(),
        _ => format!("{kind} {actor}"),
    };
    let who = who.trim();
    Some(match &log.impersonator {
        Some(impersonator) => format!("{who}, impersonated by user {impersonator}"),
        None => who.to_owned(),
    })
}

/// What the payload says in a few words, without the only address of whom the timeline is of.
fn about(log: &Log, case: &Case) -> Option<String> {
    let is_only =
        |text: &str| matches!(case.addresses.as_slice(), [only] if only.eq_ignore_ascii_case(text));
    let words = log.payload.as_ref()?.iter().filter_map(|(name, value)| match value {
        Value::String(text) if is_only(text) => None,
        Value::String(text) => Some(format!("{name}: {text}")),
        Value::Number(_) | Value::Bool(_) => Some(format!("{name}: {value}")),
        _ => None,
    });
    let words: Vec<String> = words.collect();
    (!words.is_empty()).then(|| words.join(", "))
}
