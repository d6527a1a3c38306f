//! `/logs`: what happened, newest first.

mod filter;
mod page;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Action::{Do, Find};
use super::{Call, Route};
use crate::model::{FieldKind, LOG_TYPES, Log, LogField, LogType, at, tables};
use crate::refusal::{FORM_PARAM_MISSING, FORM_PARAM_VALUE_INVALID, RESOURCE_NOT_FOUND, Refusal};
use crate::reply::{self, Reply};
use crate::store::Store;
use crate::time::days_before;

use filter::Filter;
use page::Span;

pub(super) const ROUTES: &[Route] = &[
    Route::get("/logs", Find(list)),
    Route::get("/logs/schemas", Find(schema)),
    Route::get("/logs/{log_id}", Do(show)),
];

/// `GET /logs`
fn list(store: &mut Store, call: &mut Call) -> Reply {
    let settings = &store.settings.logs;
    let query = &mut call.query;
    let filter = Filter::read(query);
    let kept = days_before(store.time(), settings.retention_days);
    let span = Span::read(query, kept, settings.window_days);
    call.take_query().finish()?;
    let page = span.page(&store.logs, |log| filter.passes(log));
    let environment = environment(store);
    let data: Vec<_> = page.logs.iter().map(|log| filter.shown(log, &environment)).collect();
    Ok(reply::json(&json!({ "data": data, "cursor": page.cursor() })))
}

/// `GET /logs/{event_time_ms}:{event_id}`
fn show(store: &mut Store, call: &mut Call) -> Reply {
    let missing = || Refusal::from(RESOURCE_NOT_FOUND.because("Log not found"));
    let (time, id) = call.id().split_once(':').ok_or_else(missing)?;
    let time: i64 = time.parse().map_err(|_| missing())?;
    if time < days_before(store.time(), store.settings.logs.retention_days) {
        return Err(missing());
    }
    let mut logs = store.logs.between(time, time.saturating_add(1));
    let log = logs.find(|log| log.id == id).ok_or_else(missing)?;
    let mut shown = log.reply(&environment(store));
    shown.insert("payload".to_owned(), json!(log.payload));
    Ok(reply::json(&shown))
}

/// `GET /logs/schemas`: the fields that the payloads of all types have that a name stands for.
fn schema(_: &mut Store, call: &mut Call) -> Reply {
    let query = &mut call.query;
    let Some(kind) = query.text("type") else {
        query.refuse(FORM_PARAM_MISSING.at("type", "type must be included."));
        return call.take_query().finish().map(|()| reply::json(&Value::Null));
    };
    call.take_query().finish()?;
    let is_whole = kind.ends_with('*') || kind.contains('.');
    let pattern = if is_whole { kind.clone() } else { format!("{kind}.*") };
    let types = types_of(&pattern);
    if types.is_empty() {
        let sentence = format!("{kind} is not a type of an event.");
        return Err(FORM_PARAM_VALUE_INVALID.at("type", sentence).into());
    }
    let names: Vec<_> = types.iter().map(|kind| kind.name).collect();
    let fields: Vec<_> = fields_of(&types).into_iter().map(described).collect();
    Ok(reply::json(&json!({ "event_type": kind, "event_types": names, "fields": fields })))
}

fn described(field: &LogField) -> Value {
    let mut described = json!({
        "path": field.path,
        "type": field.kind.name(),
        "optional": field.is_optional,
    });
    if let Some(described) = described.as_object_mut().filter(|_| !field.choices.is_empty()) {
        described.insert("enum".to_owned(), json!(field.choices));
    }
    described
}

/// The types with this name, or whose names begin as it does before `*`.
fn types_of(pattern: &str) -> Vec<&'static LogType> {
    LOG_TYPES.iter().filter(|kind| is_of(kind.name, pattern)).collect()
}

fn is_of(name: &str, pattern: &str) -> bool {
    match pattern.strip_suffix('*') {
        Some(start) => name.starts_with(start),
        None => name == pattern,
    }
}

/// The fields that the payloads of all these types have.
fn fields_of(types: &[&'static LogType]) -> Vec<&'static LogField> {
    let Some((first, others)) = types.split_first() else { return Vec::new() };
    let others: Vec<BTreeSet<_>> = others
        .iter()
        .map(|kind| kind.family.fields.iter().map(|field| (field.path, field.kind)).collect())
        .collect();
    let is_common = |field: &&LogField| {
        others
            .iter()
            .all(|fields: &BTreeSet<(&str, FieldKind)>| fields.contains(&(field.path, field.kind)))
    };
    first.family.fields.iter().filter(is_common).collect()
}

/// What all logs of an instance say of it.
fn environment(store: &Store) -> Value {
    let domain = store.records.all(tables::DOMAIN).next();
    let domain = domain.map(|domain| json!({ "id": domain.get("id"), "name": domain.get("name") }));
    json!({
        "type": "development",
        "application": null,
        "domain": domain,
        "primary_domain": domain,
    })
}

/// The value of a payload's field.
fn value<'a>(log: &'a Log, path: &str) -> Option<&'a Value> {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    let value = log.payload.get(name)?;
    if rest.is_empty() { Some(value) } else { at(value, rest) }
}
