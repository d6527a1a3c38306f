//! An event in a sentence: who, what changed, from where.

use std::fmt::Write as _;

use serde_json::{Map, Value};

use super::{
    Stored,
    event::{family, text_at},
};
use crate::{names::camel_case, text::clean_text};

/// All types that Clerk documents, with what each says about its subject.
/// <https://clerk.com/docs/guides/development/webhooks/overview>
const KINDS: [(&str, &str); 46] = [
    ("email.created", "was sent an email"),
    ("sms.created", "was sent an SMS"),
    ("user.created", "is a new user"),
    ("user.updated", "was changed"),
    ("user.deleted", "was deleted"),
    ("session.created", "signed in"),
    ("session.pending", "signed in and has something left to do"),
    ("session.ended", "signed out"),
    ("session.removed", "signed out, of all of a client's sessions"),
    ("session.revoked", "had a session revoked"),
    ("organization.created", "is a new organization"),
    ("organization.updated", "was changed"),
    ("organization.deleted", "was deleted"),
    ("organizationDomain.created", "is a new domain"),
    ("organizationDomain.updated", "was changed"),
    ("organizationDomain.deleted", "was deleted"),
    ("organizationInvitation.created", "was invited"),
    ("organizationInvitation.accepted", "accepted an invitation"),
    ("organizationInvitation.revoked", "had an invitation revoked"),
    ("organizationMembership.created", "joined"),
    ("organizationMembership.updated", "has a changed membership"),
    ("organizationMembership.deleted", "left or was removed"),
    ("role.created", "is a new role"),
    ("role.updated", "was changed"),
    ("role.deleted", "was deleted"),
    ("permission.created", "is a new permission"),
    ("permission.updated", "was changed"),
    ("permission.deleted", "was deleted"),
    ("waitlistEntry.created", "joined the waitlist"),
    ("waitlistEntry.updated", "has a changed place on the waitlist"),
    ("paymentAttempt.created", "was asked for a payment"),
    ("paymentAttempt.updated", "has a changed payment"),
    ("subscription.created", "has a new subscription"),
    ("subscription.updated", "has a changed subscription"),
    ("subscription.active", "has an active subscription"),
    ("subscription.pastDue", "has not paid a subscription in time"),
    ("subscriptionItem.created", "has a new plan"),
    ("subscriptionItem.updated", "has a changed plan"),
    ("subscriptionItem.abandoned", "abandoned a plan"),
    ("subscriptionItem.active", "has an active plan"),
    ("subscriptionItem.canceled", "canceled a plan"),
    ("subscriptionItem.ended", "has a plan that ended"),
    ("subscriptionItem.freeTrialEnding", "has a free trial that ends soon"),
    ("subscriptionItem.incomplete", "has a plan that is not paid yet"),
    ("subscriptionItem.pastDue", "has not paid a plan in time"),
    ("subscriptionItem.upcoming", "has a plan that begins soon"),
];

/// The types that Clerk documents.
pub fn documented() -> impl Iterator<Item = &'static str> {
    KINDS.iter().map(|(kind, _)| *kind)
}

/// Fields of messages to people, which hold codes and links to sign in with.
const CODES: [&str; 4] = ["body", "body_plain", "message", "data"];
/// What a field has in place of them.
const REMOVED: &str = "[removed]";
/// Fields whose change says nothing.
const CLOCKS: [&str; 3] = ["updated_at", "last_active_at", "latest_activity"];
/// How many changed fields are named.
const CHANGES: usize = 12;
/// How many characters of a value or a name are shown.
const VALUE: usize = 60;

/// What there is to say of an event without its payload.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Summary {
    /// The type, and what happened to which user or object.
    pub(crate) sentence: String,
    /// Which fields are not as they were in the event before, with their values if those are
    /// short.
    pub(crate) changed: Vec<String>,
    /// The address and the program that it came from, and the place.
    pub(crate) from: Option<String>,
}

impl Summary {
    /// Says what happened, and what is different from the event `before` it about the same object.
    pub(crate) fn of(stored: &Stored, before: Option<&Stored>) -> Self {
        let payload = payload(stored);
        let data = payload.get("data").unwrap_or(&Value::Null);
        let kind = &*stored.event.kind;
        let known = KINDS.iter().find(|(known, _)| *known == kind);
        let what = known.map_or("happened", |(_, what)| what);
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
        Self { sentence, changed, from: from(&payload, data) }
    }
}

/// The event in one line for a person.
#[must_use]
pub fn line(stored: &Stored) -> String {
    let Summary { sentence, from, .. } = Summary::of(stored, None);
    let at = jiff::Timestamp::from_millisecond(stored.event.at).unwrap_or_default();
    let from = from.map(|from| format!(" from {from}")).unwrap_or_default();
    let line = format!("{at:.0} {sentence}{from}");
    clean_text(&line, 400).replace('\n', " ")
}

/// The body, without the codes and links that were sent to people.
pub(crate) fn shown(stored: &Stored) -> Value {
    let mut payload = payload(stored);
    if ["email", "sms"].contains(&family(&stored.event.kind))
        && let Some(Value::Object(data)) = payload.get_mut("data")
    {
        for (_, value) in data.iter_mut().filter(|(name, _)| CODES.contains(&name.as_str())) {
            *value = REMOVED.into();
        }
    }
    payload
}

fn payload(stored: &Stored) -> Value {
    serde_json::from_str(&stored.event.body).unwrap_or_default()
}

fn first(data: &Value, paths: &[&str]) -> Option<String> {
    let text = paths.iter().find_map(|path| text_at(data, path))?;
    Some(clean_text(&text, VALUE).into_owned())
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
fn from(payload: &Value, data: &Value) -> Option<String> {
    let of_request = ["client_ip", "user_agent"]
        .map(|name| first(payload, &[&format!("/event_attributes/http_request/{name}")]));
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
