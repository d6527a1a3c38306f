//! Clerk's application logs.

use futures::future::join_all;
use serde_json::Value;

use super::{
    case::{Case, Subject, Window},
    entry::{Entry, Source, joined},
    part::Part,
    sources::MOST,
};
use crate::{
    Ctx, Error,
    catalog::logs::read::{Found, From, Log, Wanted, newest},
    events::family,
};

/// Types of failed sign-ins, which name what was typed in.
const FAILED: [&str; 2] = ["sign_in.failed", "sign_in.password.failed"];
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
        part = add(part, case, window, main?);
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

/// The questions for sign-ins that failed with the address that was asked for.
fn failed_with(case: &Case) -> Vec<Wanted> {
    let Subject::Email(address) = &case.subject else { return Vec::new() };
    let wanted = |kind: &str| Wanted {
        kind: Some(kind.to_owned()),
        filters: vec![(IDENTIFIER, address.clone())],
        payload_fields: vec!["identifier", "error_code"],
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
        let entry = entry(&log);
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

fn entry(log: &Log) -> Entry {
    // Clerk's page of one log is named by both.
    let id = format!("{}:{}", log.at, log.id);
    let object = match &log.session_id {
        Some(session) if family(&log.kind) == "session" => Some(session),
        _ => log.subject.as_ref(),
    };
    let From { ip_address, city, country, browser } = &log.from;
    let ids = [&log.subject, &log.session_id];
    Entry {
        who: who(log),
        on: object.cloned(),
        from: joined([ip_address, city, country, browser].map(Option::as_deref)),
        about: about(log),
        object: object.cloned(),
        related: ids.into_iter().flatten().cloned().collect(),
        session: log.session_id.clone(),
        trace: log.trace_id.clone(),
        ..Entry::new(Source::Logs, &id, log.at, &log.kind)
    }
}

/// Who did it, and who acted as them.
fn who(log: &Log) -> Option<String> {
    let actor = log.actor.as_deref()?;
    let kind = match log.actor_type.as_deref() {
        Some("instance_key") => "secret key",
        other => other.unwrap_or_default(),
    };
    let who = format!("{kind} {actor}");
    let who = who.trim();
    Some(match &log.impersonator {
        Some(impersonator) => format!("{who}, impersonated by user {impersonator}"),
        None => who.to_owned(),
    })
}

/// What the payload says in a few words.
fn about(log: &Log) -> Option<String> {
    let words = log.payload.as_ref()?.iter().filter_map(|(name, value)| match value {
        Value::String(text) => Some(format!("{name}: {text}")),
        Value::Number(_) | Value::Bool(_) => Some(format!("{name}: {value}")),
        _ => None,
    });
    let words: Vec<String> = words.collect();
    (!words.is_empty()).then(|| words.join(", "))
}
