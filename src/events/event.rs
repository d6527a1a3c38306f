//! An event, read from the body of a webhook.

use serde_json::Value;

/// A smaller timestamp is in seconds: so few milliseconds after 1970, Clerk didn't exist.
const SECONDS_BELOW: i64 = 100_000_000_000;
/// The type of an event that has none.
const UNKNOWN: &str = "unknown";
/// The longest type that is kept, in bytes.
const LONGEST_TYPE: usize = 100;

/// Something that happened at Clerk.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Event {
    /// The id of the message that reported it.
    pub id: String,
    /// Its type, such as `user.created`; `unknown` if it has none.
    pub kind: String,
    /// When it happened, in Unix ms.
    pub at: i64,
    /// The user that it is about.
    pub user_id: Option<String>,
    /// The organization that it is about.
    pub organization_id: Option<String>,
    /// The session that it is about.
    pub session_id: Option<String>,
    /// The object that is in it. The event before it about the same object shows what changed.
    pub object_id: Option<String>,
    /// The message's body, as it came.
    pub body: String,
}

/// Why a body isn't an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Malformed(pub &'static str);

impl Event {
    /// Reads the body of the message `id`, received at `now`, in Unix ms. Any JSON object is an
    /// event, so that none is lost because of a new type, field or unit.
    ///
    /// # Errors
    /// The body isn't a JSON object.
    pub fn read(id: &str, body: &[u8], now: i64) -> Result<Self, Malformed> {
        let text = std::str::from_utf8(body).map_err(|_| Malformed("the body isn't UTF-8 text"))?;
        let payload: Value =
            serde_json::from_str(text).map_err(|_| Malformed("the body isn't JSON"))?;
        if !payload.is_object() {
            return Err(Malformed("the body isn't a JSON object"));
        }
        let kind = payload.get("type").and_then(Value::as_str).unwrap_or(UNKNOWN);
        let is_name = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '_' | '-');
        let is_sound = !kind.is_empty() && kind.len() <= LONGEST_TYPE && kind.chars().all(is_name);
        let kind = if is_sound { kind } else { UNKNOWN };
        let data = payload.get("data").unwrap_or(&Value::Null);
        let subjects = Subjects::of(kind, data);
        Ok(Self {
            id: id.to_owned(),
            kind: kind.to_owned(),
            at: time(&payload).unwrap_or(now),
            user_id: subjects.user,
            organization_id: subjects.organization,
            session_id: subjects.session,
            object_id: text_at(data, "/id"),
            body: text.to_owned(),
        })
    }
}

/// The event's own time in ms, whichever unit it has.
fn time(payload: &Value) -> Option<i64> {
    let timestamp = payload.get("timestamp")?;
    #[expect(clippy::cast_possible_truncation, reason = "a time with a fraction is cut")]
    let timestamp =
        timestamp.as_i64().or_else(|| timestamp.as_f64().map(|seconds| seconds as i64))?;
    let timestamp =
        if timestamp < SECONDS_BELOW { timestamp.saturating_mul(1000) } else { timestamp };
    (timestamp > 0).then_some(timestamp)
}

/// The part of a type before its dot.
pub(crate) fn family(kind: &str) -> &str {
    kind.split_once('.').map_or(kind, |(family, _)| family)
}

/// The user, organization and session that an event is about.
struct Subjects {
    user: Option<String>,
    organization: Option<String>,
    session: Option<String>,
}

impl Subjects {
    /// An id is that of the event's object, or one that the object refers to.
    fn of(kind: &str, data: &Value) -> Self {
        let itself = |of: &str| (family(kind) == of).then(|| text_at(data, "/id")).flatten();
        let first = |paths: &[&str]| paths.iter().find_map(|path| text_at(data, path));
        Self {
            user: itself("user").or_else(|| {
                first(&["/user_id", "/user/id", "/public_user_data/user_id", "/payer/user_id"])
            }),
            organization: itself("organization").or_else(|| {
                first(&["/organization_id", "/organization/id", "/payer/organization_id"])
            }),
            session: itself("session").or_else(|| first(&["/session_id"])),
        }
    }
}

/// A string that is there and not empty.
fn text_at(data: &Value, path: &str) -> Option<String> {
    data.pointer(path)?.as_str().filter(|text| !text.is_empty()).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(body: &Value) -> Event {
        Event::read("msg_1", body.to_string().as_bytes(), 7).unwrap()
    }

    #[test]
    fn an_event_is_about_the_user_that_it_names() {
        let cases = [
            (json!({ "type": "user.updated", "data": { "id": "user_1" } }), "user_1||"),
            (
                json!({ "type": "session.created", "data": { "id": "sess_1", "user_id": "user_1" } }),
                "user_1||sess_1",
            ),
            (json!({ "type": "organization.deleted", "data": { "id": "org_1" } }), "|org_1|"),
            (
                json!({ "type": "organizationMembership.created", "data": {
                    "id": "orgmem_1", "organization": { "id": "org_1" },
                    "public_user_data": { "user_id": "user_1" },
                } }),
                "user_1|org_1|",
            ),
            (
                json!({ "type": "organizationInvitation.created", "data": {
                    "id": "orginv_1", "organization_id": "org_1" } }),
                "|org_1|",
            ),
            (
                json!({ "type": "subscription.active", "data": {
                    "id": "sub_1", "payer": { "user_id": "user_1" } } }),
                "user_1||",
            ),
            (json!({ "type": "role.created", "data": { "id": "role_1" } }), "||"),
            (json!({ "type": "future.thing" }), "||"),
        ];
        for (body, expected) in cases {
            let event = read(&body);
            let ids = [event.user_id, event.organization_id, event.session_id];
            assert_eq!(ids.map(Option::unwrap_or_default).join("|"), expected, "{body}");
        }
    }

    #[test]
    fn both_units_of_time_are_read_and_no_time_is_the_receipt() {
        for (timestamp, at) in [
            (json!(1_654_012_591_514_i64), 1_654_012_591_514),
            (json!(1_716_883_200), 1_716_883_200_000),
            (json!(1_716_883_200.5), 1_716_883_200_000),
            (json!("soon"), 7),
            (json!(-1), 7),
            (Value::Null, 7),
        ] {
            assert_eq!(read(&json!({ "timestamp": timestamp })).at, at, "{timestamp}");
        }
    }

    #[test]
    fn what_is_not_known_is_kept_and_what_is_no_object_is_not() {
        for kind in [json!("a b"), json!(""), json!(7), json!("x".repeat(101)), Value::Null] {
            assert_eq!(read(&json!({ "type": kind })).kind, UNKNOWN, "{kind}");
        }
        assert_eq!(read(&json!({ "type": "future.thing" })).kind, "future.thing");
        for body in [&b"[]"[..], b"{", b"", b"\xff", b"7"] {
            assert!(Event::read("msg_1", body, 7).is_err(), "{body:?}");
        }
    }
}
