//! Which logs are wanted, and how much of their payloads.

use serde_json::{Map, Value};

use super::{fields_of, is_of, types_of, value};
use crate::model::{Log, LogField, put};
use crate::query::Query;
use crate::refusal::{
    FORM_PARAM_ARRAY_SIZE_EXCEEDED, FORM_PARAM_FORMAT_INVALID, FORM_PARAM_MISSING,
    FORM_PARAM_VALUE_INVALID,
};

/// How many fields of payloads a request may filter by.
const MOST: usize = 10;

/// A field of logs, as filters compare it.
type Read = fn(&Log) -> Option<&str>;

/// The parameters that find by a field's value.
const EXACT: [(&str, Read); 6] = [
    ("subject", |log| log.subject.as_deref()),
    ("actor", |log| log.actor.as_deref()),
    ("trace_id", |log| Some(&log.act.trace_id)),
    ("client_id", |log| log.client_id.as_deref()),
    ("impersonator_user_id", |log| log.impersonator.as_deref()),
    ("ip_address", |log| Some(&log.act.device.ip_address)),
];

/// What logs must have.
pub(super) struct Filter {
    kind: Option<String>,
    exact: Vec<(Read, String)>,
    payload: Vec<(&'static str, Value)>,
    matches_any: bool,
    /// Whether logs that end users know nothing of are left out.
    faces_end_users: bool,
    shows: Vec<&'static str>,
}

impl Filter {
    pub(super) fn read(query: &mut Query) -> Self {
        let kind = query.text("type");
        let mut exact = Vec::new();
        for (name, read) in EXACT {
            exact.extend(query.text(name).map(|value| (read, value)));
        }
        let choices = [("all", false), ("any", true)];
        let matches_any = query.choice("filter_match", &choices).unwrap_or_default();
        let faces_end_users = query.flag("end_user_facing_only").unwrap_or_default();
        let (payload, shows) = payload(query, kind.as_deref());
        if matches_any && !shows.is_empty() {
            let sentence = "payload_fields can't be combined with filter_match=any.";
            query.refuse(FORM_PARAM_VALUE_INVALID.at("payload_fields", sentence));
        }
        Self { kind, exact, payload, matches_any, faces_end_users, shows }
    }

    pub(super) fn passes(&self, log: &Log) -> bool {
        if self.faces_end_users && !log.kind.family.faces_end_users {
            return false;
        }
        let kind = self.kind.iter().map(|kind| is_of(log.kind.name, kind));
        let exact = self.exact.iter().map(|(read, wanted)| read(log) == Some(wanted));
        let payload = self.payload.iter().map(|(path, wanted)| value(log, path) == Some(wanted));
        let mut tests = kind.chain(exact).chain(payload).peekable();
        if self.matches_any && tests.peek().is_some() {
            tests.any(|passes| passes)
        } else {
            tests.all(|passes| passes)
        }
    }

    /// The log, with the parts of its payload that were asked for.
    pub(super) fn shown(&self, log: &Log, environment: &Value) -> Map<String, Value> {
        let mut shown = log.reply(environment);
        if !self.shows.is_empty() {
            let mut payload = Map::new();
            for path in &self.shows {
                if let Some(value) = value(log, path) {
                    put(&mut payload, path, value.clone());
                }
            }
            shown.insert("payload".to_owned(), payload.into());
        }
        shown
    }
}

/// Reads `payload_filter` and `payload_fields`: the fields must be those of the type.
fn payload(
    query: &mut Query,
    kind: Option<&str>,
) -> (Vec<(&'static str, Value)>, Vec<&'static str>) {
    let given = query.bracketed("payload_filter");
    if query.text("payload_filter").is_some() {
        let sentence = "payload_filter must name a field, such as payload_filter[user_id].";
        query.refuse(FORM_PARAM_FORMAT_INVALID.at("payload_filter", sentence));
    }
    let shown = query.text("payload_fields").unwrap_or_default();
    let shown: Vec<_> = shown.split(',').map(str::trim).filter(|path| !path.is_empty()).collect();
    if given.is_empty() && shown.is_empty() {
        return (Vec::new(), Vec::new());
    }
    let Some(kind) = kind else {
        let sentence = "type must be included with payload_filter and payload_fields.";
        query.refuse(FORM_PARAM_MISSING.at("type", sentence));
        return (Vec::new(), Vec::new());
    };
    let types = types_of(kind);
    if types.is_empty() {
        let sentence = format!("{kind} is not a type of an event.");
        query.refuse(FORM_PARAM_VALUE_INVALID.at("type", sentence));
        return (Vec::new(), Vec::new());
    }
    if given.len() > MOST {
        let sentence = format!("payload_filter takes at most {MOST} fields.");
        query.refuse(FORM_PARAM_ARRAY_SIZE_EXCEEDED.at("payload_filter", sentence));
    }
    let fields = fields_of(&types);
    let mut filters = Vec::new();
    for (path, text) in &given {
        let Some(field) = known(query, "payload_filter", &fields, kind, path) else { continue };
        if let Some(wanted) = field.kind.parse(text) {
            filters.push((field.path, wanted));
        } else {
            let sentence = format!("{path} must be of the type {}.", field.kind.name());
            query.refuse(FORM_PARAM_VALUE_INVALID.at("payload_filter", sentence));
        }
    }
    let wanted =
        shown.iter().filter_map(|path| known(query, "payload_fields", &fields, kind, path));
    (filters, wanted.map(|field| field.path).collect())
}

/// The field at a path; another one is refused, with those that there are.
fn known(
    query: &mut Query,
    name: &str,
    fields: &[&'static LogField],
    kind: &str,
    path: &str,
) -> Option<&'static LogField> {
    let found = fields.iter().find(|field| field.path == path).copied();
    if found.is_none() {
        let paths: Vec<_> = fields.iter().map(|field| field.path).collect();
        let sentence =
            format!("{path} is not a field of {kind}. It must be one of {}.", paths.join(", "));
        query.refuse(FORM_PARAM_VALUE_INVALID.at(name, sentence));
    }
    found
}
