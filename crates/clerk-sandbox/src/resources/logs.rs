//! `/logs`: what requests changed, newest first.

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};

use super::Action::{Do, Find};
use super::{Call, Route};
use crate::model::{Record, tables};
use crate::query::Query;
use crate::refusal::{FORM_PARAM_MISSING, FORM_PARAM_VALUE_INVALID, RESOURCE_NOT_FOUND};
use crate::reply::{self, Reply};
use crate::store::Store;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/logs", Find(list)),
    Route::get("/logs/schemas", Find(schema)),
    Route::get("/logs/{log_id}", Do(show)),
];

/// The parameters that find by a field's value.
const EXACT: [&str; 4] = ["subject", "actor", "trace_id", "client_id"];

/// `GET /logs`
fn list(store: &mut Store, call: &mut Call) -> Reply {
    let query = &mut call.query;
    let filter = Filter::read(query);
    let after = query.milliseconds("event_time_after");
    let before = query.milliseconds("event_time_before");
    let _all_are = query.flag("end_user_facing_only");
    let limit = query.integer("limit", &(1..=500)).unwrap_or(10);
    let (next, previous) = (query.text("starting_after"), query.text("ending_before"));
    std::mem::take(query).finish()?;
    let mut logs: Vec<_> = store.records.all(tables::LOG).collect();
    logs.reverse();
    let place = |id: &str| logs.iter().position(|log| log.id() == id);
    let start = next.as_deref().map_or(0, |id| place(id).map_or(logs.len(), |place| place + 1));
    let end = previous.as_deref().and_then(place).unwrap_or(logs.len());
    let found = logs.get(start..end.max(start)).unwrap_or_default().iter().filter(|log| {
        let time = log.number("event_time");
        filter.passes(log)
            && after.is_none_or(|after| time >= after)
            && before.is_none_or(|before| time <= before)
    });
    let found: Vec<_> = found.collect();
    let page = found.get(..limit).unwrap_or(&found);
    let has_more = found.len() > page.len();
    let edge = |log: Option<&&&Record>| log.map(|log| log.id().to_owned());
    let data: Vec<_> = page.iter().map(|log| filter.shown(log)).collect();
    Ok(reply::json(&json!({
        "data": data,
        "cursor": {
            "starting_after": edge(page.last()).filter(|_| has_more),
            "ending_before": edge(page.first()),
            "has_next_page": has_more,
            "next_page_status": if has_more { "true" } else { "false" },
            "retention_limit_reached": false,
        },
    })))
}

/// `GET /logs/{event_time_ms}:{event_id}`
fn show(store: &mut Store, call: &mut Call) -> Reply {
    let found = call.id().split_once(':').and_then(|(time, id)| {
        let log = store.records.get(tables::LOG, id)?;
        (log.number("event_time").to_string() == time).then_some(log)
    });
    match found {
        Some(log) => Ok(reply::json(log)),
        None => Err(RESOURCE_NOT_FOUND.because("Log not found").into()),
    }
}

/// `GET /logs/schemas`: the fields that the payloads of a type have so far.
fn schema(store: &mut Store, call: &mut Call) -> Reply {
    let query = &mut call.query;
    let Some(kind) = query.text("type") else {
        query.refuse(FORM_PARAM_MISSING.at("type", "type must be included."));
        return std::mem::take(query).finish().map(|()| reply::json(&Value::Null));
    };
    std::mem::take(query).finish()?;
    let pattern = if kind.contains('.') { kind.clone() } else { format!("{kind}.*") };
    let logs: Vec<_> = store.records.all(tables::LOG).filter(|log| is_of(log, &pattern)).collect();
    if logs.is_empty() {
        let sentence = format!("{kind} is not a type of an event that the sandbox logged.");
        return Err(FORM_PARAM_VALUE_INVALID.at("type", sentence).into());
    }
    let types: BTreeSet<_> = logs.iter().map(|log| log.text("type")).collect();
    let mut fields = Map::new();
    for (name, value) in logs.iter().filter_map(|log| log.get("payload").as_object()).flatten() {
        fields.insert(name.clone(), json!({ "path": name, "type": kind_of(value) }));
    }
    let fields: Vec<_> = fields.into_iter().map(|(_, field)| field).collect();
    Ok(reply::json(&json!({ "event_type": kind, "event_types": types, "fields": fields })))
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// Whether a log is of a type, or of one that begins as it does before `*`.
fn is_of(log: &Record, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => log.text("type").starts_with(start),
        None => log.text("type") == pattern,
    }
}

/// What logs must have.
struct Filter {
    kind: Option<String>,
    /// Fields, and values within the payload.
    exact: Vec<(&'static str, String)>,
    payload: Vec<(String, String)>,
    matches_any: bool,
    shows: Vec<String>,
}

impl Filter {
    fn read(query: &mut Query) -> Self {
        let kind = query.text("type");
        let mut exact = Vec::new();
        for name in EXACT.into_iter().chain(["ip_address", "impersonator_user_id"]) {
            exact.extend(query.text(name).map(|value| (name, value)));
        }
        let payload = query.bracketed("payload_filter");
        let shows = query.text("payload_fields").unwrap_or_default();
        let shows: Vec<_> =
            shows.split(',').filter(|path| !path.is_empty()).map(str::to_owned).collect();
        let choices = [("all", false), ("any", true)];
        let matches_any = query.choice("filter_match", &choices).unwrap_or_default();
        if kind.is_none() && !(payload.is_empty() && shows.is_empty()) {
            let sentence = "type must be included with payload_filter and payload_fields.";
            query.refuse(FORM_PARAM_MISSING.at("type", sentence));
        }
        Self { kind, exact, payload, matches_any, shows }
    }

    fn passes(&self, log: &Record) -> bool {
        let exact = self.exact.iter().map(|(name, wanted)| field(log, name) == *wanted);
        let payload = self.payload.iter().map(|(path, wanted)| {
            let value = at(log.get("payload"), path);
            value.is_some_and(|value| {
                value.as_str().map_or_else(|| value.to_string(), str::to_owned) == *wanted
            })
        });
        let kind = self.kind.iter().map(|kind| is_of(log, kind));
        let mut tests = kind.chain(exact).chain(payload).peekable();
        if self.matches_any && tests.peek().is_some() {
            tests.any(|passes| passes)
        } else {
            tests.all(|passes| passes)
        }
    }

    /// The log, with the parts of its payload that were asked for.
    fn shown(&self, log: &Record) -> Record {
        let mut shown = log.clone();
        let payload = shown.remove("payload").unwrap_or_default();
        if !self.shows.is_empty() {
            let fields = self
                .shows
                .iter()
                .filter_map(|path| Some((path.clone(), at(&payload, path)?.clone())));
            shown.set("payload", fields.collect::<Map<_, _>>());
        }
        shown
    }
}

fn field<'a>(log: &'a Record, name: &str) -> &'a str {
    match name {
        "ip_address" => {
            let device = log.get("event_context").get("device");
            device.and_then(|device| device.get(name)).and_then(Value::as_str).unwrap_or_default()
        }
        name => log.text(name),
    }
}

/// The value at a path such as `verification.status`.
fn at<'a>(value: &'a Value, path: &str) -> Option<&'a Value> {
    path.split('.').try_fold(value, |value, name| value.get(name))
}
