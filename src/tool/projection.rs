//! What an agent wants to see of a result: arguments that every read takes.

use serde_json::{Map, Value};

use super::{
    ResultKind, Tool,
    detail::Detail,
    param::{Param, Place, Role, TEXT, Type, boolean, choice, integer, list},
};
use crate::export::FileName;

/// The least that a result may be limited to, in tokens: room for what must be said.
pub(crate) const LEAST_TOKENS: u32 = 200;
/// How many rows the server takes from all pages if `maxRows` isn't given.
const MAX_ROWS: u64 = 1_000;
/// The largest `maxRows`.
const MOST_ROWS: i64 = 10_000;

const DETAIL: Param =
    choice("detail", Detail::NAMES).about("How much of each object.").local().role(Role::Detail);
const FIELDS: Param = Param {
    ty: Type::FieldNames,
    ..list("fields", &TEXT)
        .about("Only these fields, by names or paths.")
        .local()
        .role(Role::Fields)
};
const MAX_TOKENS: Param = integer("max_tokens")
    .at_least(LEAST_TOKENS as i64)
    .about("How large the result may be.")
    .local()
    .role(Role::MaxTokens);
const ALL: Param =
    boolean("all").about("Go through all pages; else one.").local().role(Role::AllPages);
const ROWS: Param = integer("max_rows")
    .between(1, MOST_ROWS)
    .about("Rows at most with `all`; default 1000.")
    .local()
    .role(Role::MaxRows);

/// The arguments that a read with such a result takes beside its own.
pub(super) const fn params(result: ResultKind) -> &'static [Param] {
    match result {
        ResultKind::Fixed => &[],
        ResultKind::Object | ResultKind::Scan(_) | ResultKind::Cursor(_) => {
            &[DETAIL, FIELDS, MAX_TOKENS]
        }
        ResultKind::Report | ResultKind::Table(_) => &[FIELDS, MAX_TOKENS],
        ResultKind::List(_) | ResultKind::Events(_) => &[ALL, ROWS, DETAIL, FIELDS, MAX_TOKENS],
    }
}

/// How a result is shown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Projection {
    /// How much of each object.
    pub(crate) detail: Option<Detail>,
    /// Only these fields, by their names or by paths with dots.
    pub(crate) fields: Option<Vec<String>>,
    /// How large it may be, in tokens.
    pub(crate) max_tokens: Option<usize>,
    /// How many rows to take from all pages, if all are wanted.
    pub(crate) all: Option<u64>,
    /// How many rows the call asks for.
    pub(crate) max_rows: Option<u64>,
    /// The file that the rows go to.
    pub(crate) export_to: Option<FileName>,
}

impl Projection {
    /// Takes the arguments out of a call's, which were checked.
    pub(super) fn take(tool: &'static Tool, arguments: &mut Map<String, Value>) -> Self {
        let mut projection = Self::default();
        let mut is_all = false;
        for param in tool.params().filter(|param| param.place == Place::Local) {
            let mut value = || arguments.shift_remove(&param.name());
            match param.role {
                Role::Detail => {
                    projection.detail =
                        value().as_ref().and_then(Value::as_str).and_then(Detail::of);
                }
                Role::Fields => projection.fields = value().map(strings),
                Role::MaxTokens => {
                    let tokens = value().as_ref().and_then(Value::as_u64);
                    projection.max_tokens = tokens.and_then(|tokens| usize::try_from(tokens).ok());
                }
                Role::AllPages => is_all = value() == Some(Value::Bool(true)),
                Role::MaxRows => projection.max_rows = value().as_ref().and_then(Value::as_u64),
                _ => {}
            }
        }
        projection.all = is_all.then_some(projection.max_rows.unwrap_or(MAX_ROWS));
        projection
    }
}

fn strings(value: Value) -> Vec<String> {
    match value {
        Value::Array(items) => items
            .into_iter()
            .filter_map(|item| match item {
                Value::String(text) => Some(text),
                _ => None,
            })
            .collect(),
        _ => Vec::new(),
    }
}
