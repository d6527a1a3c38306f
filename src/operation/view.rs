//! What an agent wants to see of an answer: arguments that every read of Clerk's objects takes.

use rmcp::model::JsonObject;
use serde_json::{Value, json};

use super::nearest;
use crate::{Fault, shape::Detail};

/// The least that an answer may be limited to, in tokens: room for what must be said.
pub(crate) const LEAST_TOKENS: usize = 200;
/// How many rows a walk over all pages takes where it is not told.
const MAX_ROWS: u64 = 1_000;
/// How many it may be told to take.
const MOST_ROWS: i64 = 10_000;
/// The fields that only a concise answer has, and what they are made of.
const CONCISE: [(&str, &str); 2] = [("name", "firstName"), ("email", "emailAddresses")];

/// The arguments' names.
pub(super) const NAMES: [&str; 5] = ["all", "maxRows", "detail", "fields", "maxTokens"];

/// The form of an operation's answer, without `success` and `note`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Form {
    /// Small, and always whole.
    Fixed,
    /// One of Clerk's objects.
    Object,
    /// Put together by this server, without levels of detail.
    Report,
    /// Rows, in the field of this name; a page of those there are.
    List(&'static str),
    /// A page of events, each with a payload that is shown only where `full` is asked for.
    Events,
    /// Rows that the server went through all pages for.
    Scan(&'static str),
    /// Rows that say what became of each object, always whole.
    Table(&'static str),
}

impl Form {
    /// The field of the rows.
    pub(crate) const fn rows(self) -> Option<&'static str> {
        match self {
            Self::List(rows) | Self::Scan(rows) | Self::Table(rows) => Some(rows),
            Self::Events => Some("events"),
            Self::Fixed | Self::Object | Self::Report => None,
        }
    }

    /// How much is shown of an object where nothing is said: all that the tool promises, but of
    /// what a scan finds what tells the rows apart, and of events no payloads.
    pub(crate) const fn detail(self) -> Detail {
        match self {
            Self::Scan(_) => Detail::Concise,
            Self::Events => Detail::Standard,
            _ => Detail::Full,
        }
    }
}

/// What is to be seen of an answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct View {
    /// How much of each object.
    pub(crate) detail: Option<Detail>,
    /// Only these fields.
    pub(crate) fields: Option<Vec<String>>,
    /// How large it may be, in tokens.
    pub(crate) max_tokens: Option<usize>,
    /// How many rows to walk the pages for.
    pub(crate) walk: Option<u64>,
}

/// Adds the arguments to a read's schema.
pub(super) fn add_to(schema: &mut JsonObject, form: Form) {
    let Some(Value::Object(properties)) = schema.get_mut("properties") else { return };
    let mut add = |name: &str, property: Value| properties.insert(name.to_owned(), property);
    if form == Form::Fixed {
        return;
    }
    if matches!(form, Form::List(_) | Form::Events) {
        add("all", json!({ "type": "boolean" }));
        add("maxRows", json!({ "type": "integer" }));
    }
    if form != Form::Report {
        let levels = [Detail::Full, Detail::Standard, Detail::Concise].map(Detail::name);
        add("detail", json!({ "type": "string", "enum": levels }));
    }
    add(
        "fields",
        json!({
            "type": ["string", "array"], "items": { "type": "string" },
            "minItems": 1, "maxItems": 100,
        }),
    );
    add("maxTokens", json!({ "type": "integer" }));
}

/// What is wrong with these arguments beyond their types. `output` is the answer's schema.
pub(super) fn faults(arguments: &JsonObject, form: Form, output: &JsonObject) -> Vec<Fault> {
    let mut faults = Vec::new();
    let mut fault = |argument: &str, problem: String| {
        faults.push(Fault { argument: argument.to_owned(), problem });
    };
    let is_all = arguments.get("all") == Some(&Value::Bool(true));
    if is_all && arguments.contains_key("limit") {
        fault("limit", "has no meaning with `all`: give `maxRows`".to_owned());
    }
    if !is_all && arguments.contains_key("maxRows") {
        fault("maxRows", "has a meaning only with `all`: true".to_owned());
    }
    // Said here and not in the schema, where it would cost every client tokens.
    let number = |name: &str| arguments.get(name).and_then(Value::as_i64);
    if number("maxRows").is_some_and(|it| !(1..=MOST_ROWS).contains(&it)) {
        fault("maxRows", format!("must be from 1 to {MOST_ROWS}"));
    }
    if number("maxTokens")
        .is_some_and(|it| usize::try_from(it).is_ok_and(|it| it < LEAST_TOKENS) || it < 0)
    {
        fault("maxTokens", format!("must be at least {LEAST_TOKENS}"));
    }
    let known = fields(form, output);
    if known.is_empty() {
        // Of what is given on as it is, nobody knows the names.
        return faults;
    }
    for name in strings(arguments.get("fields")) {
        if known.contains(&name) {
            continue;
        }
        let known = known.iter().copied();
        fault(
            "fields",
            match nearest(name, known.clone()) {
                Some(near) => format!("has {name:?}, which is no field: did you mean {near:?}?"),
                None => format!(
                    "has {name:?}, which is no field; there are {}",
                    known.collect::<Vec<_>>().join(", ")
                ),
            },
        );
    }
    faults
}

/// The fields of an object or a row.
fn fields(form: Form, output: &JsonObject) -> Vec<&str> {
    let row = match form.rows() {
        Some(rows) => {
            output.get("properties").and_then(|it| it.get(rows)?.get("items")?.get("properties"))
        }
        None => output.get("properties"),
    };
    let is_there = |of: &str| row.is_some_and(|it| it.get(of).is_some());
    let concise = CONCISE.into_iter().filter(|(_, of)| form != Form::Report && is_there(of));
    let concise = concise.map(|(name, _)| name);
    let names = row.and_then(Value::as_object).into_iter().flat_map(|it| it.keys());
    names.map(String::as_str).filter(|it| *it != "success").chain(concise).collect()
}

fn strings(value: Option<&Value>) -> impl Iterator<Item = &str> {
    value.and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str)
}

impl View {
    /// Takes the arguments out of a call's, whose types were checked.
    pub(super) fn take(arguments: &mut JsonObject) -> Self {
        let mut take = |name| arguments.shift_remove(name);
        let number = |value: Option<Value>| value.as_ref().and_then(Value::as_u64);
        let is_all = take("all") == Some(Value::Bool(true));
        let max_rows = number(take("maxRows"));
        let fields = take("fields");
        Self {
            detail: take("detail").as_ref().and_then(Value::as_str).and_then(Detail::of),
            fields: fields.as_ref().map(|it| strings(Some(it)).map(str::to_owned).collect()),
            max_tokens: number(take("maxTokens")).and_then(|it| usize::try_from(it).ok()),
            walk: is_all.then_some(max_rows.unwrap_or(MAX_ROWS)),
        }
    }
}
