//! Logs for tools that put several sources together: few, newest first, and never all.

use clerk_api::Request;
use serde::Deserialize;
use serde_json::{Map, Value};

use super::{
    ROUTE,
    cursor::{Cursor, More, REQUESTS},
};
use crate::{Ctx, Error, tool::date::UnixTime};

/// How many logs one request asks for at most; Clerk advises 10 to 50.
const AT_ONCE: usize = 50;

/// One event of Clerk's application logs. Texts in it may be anybody's: user agents, names.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::catalog) struct Log {
    /// Its ID.
    pub(in crate::catalog) id: String,
    /// When it happened, in Unix milliseconds.
    pub(in crate::catalog) at: i64,
    /// Its type, such as `sign_in.failed`.
    pub(in crate::catalog) kind: String,
    /// The ID of the user or the key that did it.
    pub(in crate::catalog) actor: Option<String>,
    /// Such as `user` or `instance_key`; older logs lack it.
    pub(in crate::catalog) actor_type: Option<String>,
    /// The ID of what it was done to.
    pub(in crate::catalog) subject: Option<String>,
    /// The ID of the user who acted as another one.
    pub(in crate::catalog) impersonator: Option<String>,
    /// The ID of the client.
    pub(in crate::catalog) client_id: Option<String>,
    /// The ID of the session.
    pub(in crate::catalog) session_id: Option<String>,
    /// The trace of the request.
    pub(in crate::catalog) trace_id: Option<String>,
    /// Such as `bapi`.
    pub(in crate::catalog) source: Option<String>,
    /// Where it came from.
    pub(in crate::catalog) from: From,
    /// The fields that [`Wanted::payload_fields`] names, as far as the log has them.
    pub(in crate::catalog) payload: Option<Map<String, Value>>,
}

/// The device of an event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(in crate::catalog) struct From {
    /// Its IP address.
    pub(in crate::catalog) ip_address: Option<String>,
    /// The city of the address.
    pub(in crate::catalog) city: Option<String>,
    /// The country of the address.
    pub(in crate::catalog) country: Option<String>,
    /// The browser's name.
    pub(in crate::catalog) browser: Option<String>,
}

/// Which logs are wanted.
#[derive(Clone, Debug, Default)]
pub(in crate::catalog) struct Wanted {
    /// A type, or a family such as `sign_in.*`.
    pub(in crate::catalog) kind: Option<String>,
    /// Parameters of `GET /logs` with their values, such as `subject`; at most ten of the form
    /// `payload_filter[path]`, which need a type.
    pub(in crate::catalog) filters: Vec<(&'static str, String)>,
    /// Whether one of the filters suffices; else all must match.
    pub(in crate::catalog) any: bool,
    /// At or after this time, in Unix milliseconds.
    pub(in crate::catalog) after: Option<i64>,
    /// At or before this time, in Unix milliseconds.
    pub(in crate::catalog) before: Option<i64>,
    /// Paths of the payload that are returned; they need a type, and don't go with `any`.
    pub(in crate::catalog) payload_fields: Vec<&'static str>,
}

/// The logs that were found.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in crate::catalog) struct Found {
    /// Newest first.
    pub(in crate::catalog) logs: Vec<Log>,
    /// Why these may not be all, as a clause; none if they are all that Clerk has.
    pub(in crate::catalog) more: Option<String>,
}

/// A page of logs.
#[derive(Deserialize)]
struct Page {
    data: Vec<Value>,
    cursor: Option<Value>,
}

/// The newest logs that are wanted, `most` of them at most, from a few requests.
///
/// # Errors
/// Those of the requests. 404 if the instance has no logs.
pub(in crate::catalog) async fn newest(
    ctx: &Ctx,
    wanted: &Wanted,
    most: usize,
) -> Result<Found, Error> {
    let mut found = Found::default();
    let mut after: Option<String> = None;
    for _ in 0..REQUESTS {
        let limit = most.saturating_sub(found.logs.len()).clamp(1, AT_ONCE);
        let request = wanted.request(limit, after.as_deref())?;
        let response = ctx.redacted(ctx.send(request).await?).await?;
        let page = response.read::<Page>().await?.value;
        found.logs.extend(page.data.iter().filter_map(Log::of));
        let cursor = Cursor::read(&page.cursor.unwrap_or_default());
        let is_full = found.logs.len() >= most;
        found.more = why_more(&cursor, is_full, most);
        match cursor.next() {
            Some(next) if !is_full => after = Some(next.to_owned()),
            _ => break,
        }
    }
    found.logs.truncate(most);
    found.logs.sort_by_key(|log| std::cmp::Reverse(log.at));
    Ok(found)
}

/// Logs of one type with fields of their payloads. Clerk refuses a field that the type doesn't have,
/// so if it refuses them together, each is asked for alone, and the first that it knows counts.
///
/// # Errors
/// Those of the requests.
pub(in crate::catalog) async fn with_payload(
    ctx: &Ctx,
    wanted: &Wanted,
    fields: &[&'static str],
    most: usize,
) -> Result<Found, Error> {
    let with = |fields: &[&'static str]| Wanted { payload_fields: fields.into(), ..wanted.clone() };
    let mut found = newest(ctx, &with(fields), most).await;
    for field in fields {
        let refusal = found.as_ref().err().and_then(Error::refusal);
        if refusal.is_none_or(|refusal| refusal.status != 422) {
            break;
        }
        found = newest(ctx, &with(&[field]), most).await;
    }
    found
}

fn why_more(cursor: &Cursor, is_full: bool, most: usize) -> Option<String> {
    match cursor.more {
        More::No if cursor.is_at_retention => Some(
            "the plan keeps no older logs (1 day on Hobby, 7 on Pro, 30 on Business)".to_owned(),
        ),
        More::No => None,
        _ if is_full => Some(format!("only the newest {most} were read")),
        More::Yes | More::Unknown => Some("only a part of the time was searched".to_owned()),
    }
}

impl Wanted {
    fn request(&self, limit: usize, after: Option<&str>) -> Result<Request, Error> {
        let fields = Some(self.payload_fields.join(",")).filter(|fields| !fields.is_empty());
        let time = |time: Option<i64>| time.map(|time| time.to_string());
        let own = [
            ("type", self.kind.clone()),
            ("filter_match", self.any.then(|| "any".to_owned())),
            ("event_time_after", time(self.after)),
            ("event_time_before", time(self.before)),
            ("payload_fields", fields),
            ("limit", Some(limit.to_string())),
            ("starting_after", after.map(str::to_owned)),
        ];
        let own = own.into_iter().filter_map(|(name, value)| Some((name, value?)));
        let all = own.chain(self.filters.iter().cloned());
        let request = Request::new(ROUTE, &Map::new())?;
        Ok(all.fold(request, |request, (name, value)| request.with_query(name, &value)))
    }
}

impl Log {
    /// Reads a row; `None` if it can't be told what happened when. What else is missing or of a
    /// wrong type is left out.
    fn of(row: &Value) -> Option<Self> {
        let text = |path: &str| {
            let value = row.pointer(path)?.as_str()?;
            (!value.is_empty()).then(|| value.to_owned())
        };
        let device = |name: &str| text(&format!("/event_context/device/{name}"));
        Some(Self {
            id: text("/id")?,
            at: UnixTime::new(row.get("event_time")?.as_f64()?).milliseconds(),
            kind: text("/type")?,
            actor: text("/actor"),
            actor_type: text("/actor_type"),
            subject: text("/subject"),
            impersonator: text("/impersonator/user_id"),
            client_id: text("/client_id"),
            session_id: text("/session_id"),
            trace_id: text("/trace_id"),
            source: text("/source"),
            from: From {
                ip_address: device("ip_address"),
                city: device("location/city"),
                country: device("location/country"),
                browser: device("browser/name"),
            },
            payload: row.get("payload").and_then(Value::as_object).cloned(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_log_is_read_without_what_is_missing_or_of_a_wrong_type() {
        let row = json!({
            "id": "019400f7", "event_time": 1_780_131_600_123_i64, "type": "sign_in.failed",
            "actor": 7, "subject": "", "impersonator": { "user_id": "user_2" },
            "event_context": { "device": {
                "ip_address": "203.0.113.7", "location": "Berlin", "browser": { "name": "Firefox" },
            } },
            "payload": { "identifier": "ada@example.com" },
        });
        let log = Log::of(&row).unwrap();
        assert_eq!((&*log.id, &*log.kind), ("019400f7", "sign_in.failed"));
        assert_eq!((log.at, log.actor, log.subject), (1_780_131_600_123, None, None));
        assert_eq!(log.impersonator.as_deref(), Some("user_2"));
        let (ip_address, browser) = (log.from.ip_address.as_deref(), log.from.browser.as_deref());
        assert_eq!((ip_address, browser), (Some("203.0.113.7"), Some("Firefox")));
        assert_eq!((log.from.city, log.payload.unwrap().len()), (None, 1));
        for name in ["id", "event_time", "type"] {
            let mut row = row.clone();
            row[name] = Value::Null;
            assert_eq!(Log::of(&row), None, "{name}");
        }
    }

    #[test]
    fn what_is_wanted_is_sent_under_clerks_names() {
        let wanted = Wanted {
            kind: Some("sms.*".to_owned()),
            filters: vec![("payload_filter[phone_number]", "+15550100".to_owned())],
            any: true,
            after: Some(1),
            before: Some(2),
            payload_fields: Vec::new(),
        };
        let request = wanted.request(50, Some("b25l")).unwrap();
        let pair = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let expected = [
            ("type", "sms.*"),
            ("filter_match", "any"),
            ("event_time_after", "1"),
            ("event_time_before", "2"),
            ("limit", "50"),
            ("starting_after", "b25l"),
            ("payload_filter[phone_number]", "+15550100"),
        ];
        assert_eq!(request.query(), expected.map(pair));
    }

    #[test]
    fn what_may_be_missing_is_told() {
        let cursor = |status: &str, is_at_retention: bool| {
            Cursor::read(&json!({
                "starting_after": "b25l",
                "next_page_status": status,
                "retention_limit_reached": is_at_retention,
            }))
        };
        let more = |status, at, is_full| why_more(&cursor(status, at), is_full, 20);
        assert_eq!(more("false", false, true), None);
        assert!(more("true", false, true).is_some_and(|why| why.contains("newest 20")));
        assert!(more("unknown", false, false).is_some_and(|why| why.contains("part of the time")));
        assert!(more("unknown", true, false).is_some_and(|why| why.contains("no older logs")));
    }
}
