//! An event in a sentence: who, what changed, from where.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::objects::{ENVELOPE, object_of};
use crate::{
    events::{Stored, family, meaning},
    names::camel_case,
    redact::Redactor,
    text::{clean, clean_text},
    tool::declared::declared,
};

/// Fields whose change says nothing.
const CLOCKS: [&str; 3] = ["updated_at", "last_active_at", "latest_activity"];
/// How many changed fields are named.
const CHANGES: usize = 12;
/// How many characters of a value or a name are shown.
const VALUE: usize = 60;
/// How many characters a line for a person has.
const LINE: usize = 400;

/// What may be shown of an event. All of it is made of fields that are declared and hold no secret.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    /// The type, and what happened to which user or object.
    pub(crate) sentence: String,
    /// Which fields are not as they were in the event before, with their values if those are
    /// short.
    pub(crate) changed: Vec<String>,
    /// The address and the program that it came from, and the place.
    pub(crate) from: Option<String>,
    /// The body.
    pub(crate) payload: Map<String, Value>,
}

impl Summary {
    /// Says what happened, and what is different from the event `before` it about the same object.
    pub(crate) fn of(stored: &Stored, before: Option<&Stored>) -> Self {
        let payload = payload(stored);
        let data = payload.get("data").unwrap_or(&Value::Null);
        let kind = &*stored.event.kind;
        let what = meaning(kind).unwrap_or("happened");
        let who = who(kind, data).unwrap_or_else(|| "somebody or something".to_owned());
        let mut sentence = format!("{kind}: {who} {what}");
        if let Some(detail) = detail(kind, data) {
            let _infallible = write!(sentence, " ({detail})");
        }
        let earlier = before.map(self::payload);
        let earlier =
            earlier.as_ref().and_then(|payload| payload.get("data")).and_then(Value::as_object);
        let changed = match (earlier, data.as_object()) {
            (Some(earlier), Some(data)) if !data.contains_key("deleted") => changes(earlier, data),
            _ => Vec::new(),
        };
        let from = from(&payload, data);
        Self { sentence, changed, from, payload }
    }
}

/// The event in one line for a person.
#[must_use]
pub fn event_line(stored: &Stored, redactor: &Redactor) -> String {
    let Summary { sentence, from, .. } = Summary::of(stored, None);
    let at = jiff::Timestamp::from_millisecond(stored.event.at).unwrap_or_default();
    let from = from.map(|from| format!(" from {from}")).unwrap_or_default();
    let line = format!("{at:.0} {sentence}{from}");
    clean_text(&redactor.text(&line), LINE).replace('\n', " ")
}

/// The body of the event in one line of JSON, as agents see it.
#[must_use]
pub fn event_json(stored: &Stored, redactor: &Redactor) -> String {
    let mut payload = payload(stored).into();
    redactor.value(&mut payload);
    clean(&mut payload);
    payload.to_string()
}

/// What may be shown of the body, under Clerk's names.
fn payload(stored: &Stored) -> Map<String, Value> {
    let Ok(mut body) = serde_json::from_str::<Map<String, Value>>(&stored.event.body) else {
        return Map::new();
    };
    let data = body.shift_remove("data");
    let mut payload = declared(&[&ENVELOPE], body);
    if let Some(kind) = payload.get_mut("type") {
        *kind = stored.event.kind.as_str().into();
    }
    if let Some(Value::Object(data)) = data {
        let data = declared(object_of(family(&stored.event.kind)), data);
        payload.insert("data".to_owned(), data.into());
    }
    payload
}

/// A string that is there and not empty.
fn text_at<'d>(data: &'d Value, path: &str) -> Option<&'d str> {
    data.pointer(path)?.as_str().filter(|text| !text.is_empty())
}

fn first(data: &Value, paths: &[&str]) -> Option<String> {
    let text = paths.iter().find_map(|path| text_at(data, path))?;
    Some(clean_text(text, VALUE).into_owned())
}

/// The user or object that an event is about, by name if there is one.
fn who(kind: &str, data: &Value) -> Option<String> {
    let id = || first(data, &["/id"]);
    match family(kind) {
        "user" => person(data, "").or_else(id),
        "session" => person(data, "/user").or_else(|| first(data, &["/user_id", "/id"])),
        "organizationMembership" => person(data, "/public_user_data").or_else(id),
        "organizationInvitation" | "waitlistEntry" => first(data, &["/email_address"]).or_else(id),
        "email" => first(data, &["/to_email_address", "/user_id"]).or_else(id),
        "sms" => first(data, &["/to_phone_number", "/user_id"]).or_else(id),
        "paymentAttempt" | "subscription" | "subscriptionItem" => {
            let payer = person(data, "/payer");
            let organization = ["/payer/organization_name", "/payer/user_id", "/payer_id"];
            payer.or_else(|| first(data, &organization)).or_else(id)
        }
        _ => first(data, &["/name", "/slug", "/key"]).or_else(id),
    }
}

/// A person's name and address.
fn person(data: &Value, path: &str) -> Option<String> {
    let at = |field: &str| first(data, &[&format!("{path}/{field}")]);
    let names = [at("first_name"), at("last_name")].into_iter().flatten().collect::<Vec<_>>();
    let address = at("identifier")
        .or_else(|| primary_address(data.pointer(path)?))
        .or_else(|| at("email"))
        .or_else(|| at("username"))
        .or_else(|| at("phone_numbers/0/phone_number"));
    match (names.join(" "), address) {
        (name, None) if name.is_empty() => None,
        (name, Some(address)) if name.is_empty() => Some(address),
        (name, None) => Some(name),
        (name, Some(address)) => Some(format!("{name}, {address},")),
    }
}

fn primary_address(user: &Value) -> Option<String> {
    let emails = user.get("email_addresses")?.as_array()?;
    let primary = user.get("primary_email_address_id");
    let email =
        emails.iter().find(|email| email.get("id") == primary).or_else(|| emails.first())?;
    first(email, &["/email_address"])
}

/// What else belongs into the sentence.
fn detail(kind: &str, data: &Value) -> Option<String> {
    let paths: &[&str] = match family(kind) {
        "organizationMembership" => &["/organization/name", "/role"],
        "organizationInvitation" => &["/organization_id", "/role"],
        "organization" | "email" | "sms" => &["/slug"],
        "organizationDomain" => &["/enrollment_mode"],
        "role" | "permission" => &["/key"],
        "paymentAttempt" | "waitlistEntry" | "subscription" => &["/status"],
        "subscriptionItem" => &["/plan/name", "/status"],
        _ => &[],
    };
    let parts: Vec<_> = paths.iter().filter_map(|path| first(data, &[path])).collect();
    (!parts.is_empty()).then(|| parts.join(", "))
}

/// Which fields differ, in the order of the later event.
fn changes(earlier: &Map<String, Value>, later: &Map<String, Value>) -> Vec<String> {
    let differs = |(name, value): &(&String, &Value)| {
        !CLOCKS.contains(&name.as_str())
            && earlier.get(name.as_str()).is_some_and(|earlier| earlier != *value)
    };
    let change = |(name, value): (&String, &Value)| {
        let shown = camel_case(name);
        match (earlier.get(name).and_then(short), short(value)) {
            (Some(from), Some(to)) => format!("{shown}: {from} → {to}"),
            _ => shown,
        }
    };
    let mut changes: Vec<_> = later.iter().filter(differs).map(change).collect();
    let more = changes.len().saturating_sub(CHANGES);
    changes.truncate(CHANGES);
    if more > 0 {
        changes.push(format!("and {more} more"));
    }
    changes
}

/// A value that has room in a line.
fn short(value: &Value) -> Option<String> {
    match value {
        Value::Array(_) | Value::Object(_) => None,
        Value::String(text) => Some(clean_text(text, VALUE).into_owned()),
        value => Some(value.to_string()),
    }
}

/// Where a request came from that led to the event: what the message says of it, or the session.
fn from(payload: &Map<String, Value>, data: &Value) -> Option<String> {
    let attributes = payload.get("event_attributes").unwrap_or(&Value::Null);
    let of_request = ["client_ip", "user_agent"]
        .map(|name| first(attributes, &[&format!("/http_request/{name}")]));
    let of_session = ["ip_address", "browser_name", "device_type", "city", "country"]
        .map(|name| first(data, &[&format!("/latest_activity/{name}")]));
    let mut parts = Vec::new();
    for part in of_request.into_iter().chain(of_session).flatten() {
        if !parts.contains(&part) {
            parts.push(part);
        }
    }
    (!parts.is_empty()).then(|| parts.join(", "))
}

#[cfg(test)]
mod tests;
