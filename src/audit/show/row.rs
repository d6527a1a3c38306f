//! A write in one line.

use jiff::{RoundMode, Timestamp, TimestampRound, Unit};

use super::join::Story;
use crate::{
    audit::line::{Event, Record},
    principal::{Authentication, Principal},
    text::terminal::{plain, quoted},
};

/// The line, with its line feed.
pub(super) fn row(story: &Story) -> String {
    let Story { first, end, .. } = story;
    let confirmation = |text: &str| if is_words(text) { text.to_owned() } else { plain(text) };
    let mut columns = vec![time(&first.time), format!("{:<8}", plain(word(story)))];
    let parts = [&first.tool, &first.target, &first.client];
    columns.extend(parts.into_iter().flatten().map(|part| plain(part)));
    columns.extend(first.confirmation.as_deref().map(confirmation));
    columns.extend(first.reason.as_deref().map(quoted));
    let details = details(story, end.as_ref().unwrap_or(first)).join(", ");
    if !details.is_empty() {
        columns.push(format!("({details})"));
    }
    let row = columns.join("  ");
    format!("{}\n", row.trim_end())
}

fn word(story: &Story) -> &str {
    match story.first.event {
        Event::Mended => "mended",
        Event::Approved => "approved",
        Event::Rejected => "rejected",
        Event::Void => "void",
        Event::Other => "other",
        _ => story.outcome().unwrap_or("unknown"),
    }
}

fn details(story: &Story, end: &Record) -> Vec<String> {
    let first = &story.first;
    let mut details = Vec::new();
    match first.event {
        Event::Begun if story.end.is_none() => details.push("not ended".to_owned()),
        Event::Ended => details.push("begun earlier".to_owned()),
        Event::Mended => {
            let cut = first.cut.unwrap_or_default();
            details.push(format!("{cut} bytes of an unfinished line cut off"));
        }
        _ => {}
    }
    if first.key.as_deref() == Some("test") {
        details.push("test key".to_owned());
    }
    let person = match first.event {
        Event::Approved | Event::Rejected | Event::Void => first.principal.as_ref().map(decider),
        _ => first.principal.as_ref().and_then(signed_in),
    };
    details.extend(person);
    details.extend(first.approved_by.as_ref().map(|it| format!("approved {}", decider(it))));
    details.extend(first.approval.as_deref().map(|id| format!("approval {}", plain(id))));
    details.extend(first.instance.as_deref().map(|id| format!("instance {}", plain(id))));
    details.extend(end.code.as_deref().map(plain));
    details.extend(end.status.map(|status| status.to_string()));
    details.extend(end.trace_id.as_deref().map(|id| format!("trace {}", plain(id))));
    details.extend(end.id.as_deref().map(|id| format!("id {}", plain(id))));
    details.extend(first.rule.as_deref().map(|rule| format!("rule {}", plain(rule))));
    details
}

/// The person who signed in and whom it was made for.
fn signed_in(principal: &Principal) -> Option<String> {
    let Principal { authentication: Authentication::OAuth, subject, email, .. } = principal else {
        return None;
    };
    let known = [subject, email].into_iter().flatten().map(|text| plain(text));
    Some(format!("for {}", known.collect::<Vec<_>>().join(" ")))
}

/// The person who decided on it.
fn decider(principal: &Principal) -> String {
    format!("by {}", plain(&principal.to_string()))
}

/// The time in whole seconds.
fn time(text: &str) -> String {
    let round = TimestampRound::new().smallest(Unit::Second).mode(RoundMode::Trunc);
    match text.parse::<Timestamp>().and_then(|time| time.round(round)) {
        Ok(time) => time.to_string(),
        Err(_) => plain(text),
    }
}

/// Whether the text has only the characters of confirmations that this program writes.
fn is_words(text: &str) -> bool {
    text.chars().all(|c| c.is_ascii_alphanumeric() || " ,-".contains(c)) && !text.contains("  ")
}
