//! The values of a filter that no row of a list has.

use serde_json::{Map, Value};

use super::{
    Output, Tool,
    param::{Param, Role},
    record::Record,
};

/// The field of a list's result that names them.
pub(super) const NOT_FOUND: &str = "notFound";

impl Tool {
    /// The filters whose values can be looked for in the rows.
    pub(crate) fn matching(&self) -> impl Iterator<Item = &'static Param> + use<> {
        self.params().filter(|param| !param.matches.is_empty())
    }

    /// Names in a list's result the values of its only filter that no row has, if the page shows
    /// all rows that there are and each of them has one of the values.
    pub(crate) fn name_not_found(
        &self,
        arguments: &Map<String, Value>,
        rows: &[Record],
        total: Option<u64>,
    ) -> Option<(String, Value)> {
        let is_whole = total == Some(rows.len() as u64)
            && self.number(Role::Offset, arguments).unwrap_or(0) == 0;
        let mut filters = self
            .params()
            .filter(|param| param.role == Role::Filter && arguments.contains_key(&param.name()));
        let (filter, others) = (filters.next()?, filters.next());
        let values = values_of(filter, arguments)?;
        if !is_whole || others.is_some() || values.len() < 2 || excludes(values) {
            return None;
        }
        let asked: Vec<&str> = values.iter().filter_map(Value::as_str).map(without_sign).collect();
        let is_asked = |has: &str| asked.iter().any(|asked| is(asked, has));
        if !rows.iter().all(|row| row.texts_at(filter.matches).into_iter().any(is_asked)) {
            return None;
        }
        let has = |asked: &str| {
            rows.iter().flat_map(|row| row.texts_at(filter.matches)).any(|has| is(asked, has))
        };
        let missing: Value = asked.iter().copied().filter(|asked| !has(asked)).collect();
        Some((NOT_FOUND.to_owned(), missing))
    }
}

impl Output {
    /// With what [`Tool::name_not_found`] names.
    pub(crate) fn with_not_found(mut self, not_found: Option<(String, Value)>) -> Self {
        self.head.extend(not_found);
        self
    }
}

/// The values of a filter that can be looked for in the rows.
pub(crate) fn values_of<'a>(
    filter: &Param,
    arguments: &'a Map<String, Value>,
) -> Option<&'a Vec<Value>> {
    if filter.matches.is_empty() {
        return None;
    }
    arguments.get(&filter.name())?.as_array()
}

/// Whether a filter leaves rows out.
pub(crate) fn excludes(values: &[Value]) -> bool {
    values.iter().any(|value| value.as_str().is_some_and(|text| text.starts_with('-')))
}

fn without_sign(value: &str) -> &str {
    value.trim_start_matches('+')
}

fn is(asked: &str, has: &str) -> bool {
    without_sign(has).eq_ignore_ascii_case(asked)
}
