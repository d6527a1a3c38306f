//! Query parameters, read one by one with Clerk's errors.
//!
//! Each read removes its parameter, so that [`Query::finish`] can refuse those that the operation
//! doesn't have. All errors are reported together. Of a scalar that is given several times the
//! first value counts.

mod order;
mod search;

use std::collections::HashSet;
use std::convert::Infallible;
use std::ops::RangeInclusive;
use std::str::FromStr;

use axum::extract::{FromRequestParts, Path};
use axum::http::request::Parts;
use url::form_urlencoded;

pub(crate) use order::{Key, Order, Page};
pub(crate) use search::Search;

use crate::refusal::{
    Code, Error, FORM_PARAM_ARRAY_SIZE_EXCEEDED, FORM_PARAM_INVALID_DATE, FORM_PARAM_UNKNOWN,
    FORM_PARAM_VALUE_INVALID, RESOURCE_NOT_FOUND, Refusal,
};
use crate::version;

/// The most values a filter takes.
const MAX_VALUES: usize = 100;

/// The parameters not read yet, and what was wrong with the others.
#[derive(Debug, Default)]
pub(crate) struct Query {
    pairs: Vec<(String, String)>,
    errors: Vec<Error>,
}

impl<S: Sync> FromRequestParts<S> for Query {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        let pairs = form_urlencoded::parse(query.as_bytes())
            .into_owned()
            .filter(|(name, _)| name != version::PARAMETER)
            .collect();
        Ok(Self { pairs, errors: Vec::new() })
    }
}

impl Query {
    pub(crate) fn text(&mut self, name: &str) -> Option<String> {
        self.values(name).next()
    }

    /// Takes `10.0` for 10 where the parameter is read later, as Clerk's Python SDK sends it to some
    /// lists by default.
    pub(crate) fn take_decimal(&mut self, name: &str) {
        for (_, value) in self.pairs.iter_mut().filter(|(given, _)| given == name) {
            if let Some(whole) = value.strip_suffix(".0") {
                *value = whole.to_owned();
            }
        }
    }

    /// The value of a parameter that is read later.
    pub(crate) fn peek(&self, name: &str) -> Option<&str> {
        self.pairs.iter().find(|(given, _)| given == name).map(|(_, value)| value.as_str())
    }

    pub(crate) fn flag(&mut self, name: &str) -> Option<bool> {
        self.parsed(name, &FORM_PARAM_VALUE_INVALID)
    }

    /// A point in time in Unix milliseconds.
    pub(crate) fn milliseconds(&mut self, name: &str) -> Option<i64> {
        self.parsed(name, &FORM_PARAM_INVALID_DATE)
    }

    pub(crate) fn integer(&mut self, name: &str, range: &RangeInclusive<usize>) -> Option<usize> {
        let text = self.text(name)?;
        let number = text.parse().ok().filter(|number| range.contains(number));
        if number.is_none() {
            self.refuse_value(&FORM_PARAM_VALUE_INVALID, name, &text);
        }
        number
    }

    /// One of the values of a table.
    pub(crate) fn choice<T: Copy>(&mut self, name: &str, table: &[(&str, T)]) -> Option<T> {
        let text = self.text(name)?;
        let chosen = table.iter().find_map(|(value, chosen)| (*value == text).then_some(*chosen));
        if chosen.is_none() {
            self.refuse_value(&FORM_PARAM_VALUE_INVALID, name, &text);
        }
        chosen
    }

    /// The values of parameters such as `name[key]`, by key.
    pub(crate) fn bracketed(&mut self, name: &str) -> Vec<(String, String)> {
        let key = |given: &str| {
            let key = given.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?;
            Some(key.to_owned())
        };
        let mut found = Vec::new();
        self.pairs.retain(|(given, value)| match key(given) {
            Some(key) => {
                found.push((key, value.clone()));
                false
            }
            None => true,
        });
        found
    }

    /// The values of a parameter that is repeated; `None` if it was not given at all.
    pub(crate) fn set(&mut self, name: &str) -> Option<HashSet<String>> {
        let values: Vec<_> = self.values(name).collect();
        if values.len() > MAX_VALUES {
            let sentence = format!("{name} takes at most {MAX_VALUES} values.");
            self.refuse(FORM_PARAM_ARRAY_SIZE_EXCEEDED.at(name, sentence));
        }
        (!values.is_empty()).then(|| values.into_iter().collect())
    }

    /// The same, for values that are compared without regard to case.
    pub(crate) fn lowercase_set(&mut self, name: &str) -> Option<HashSet<String>> {
        self.set(name).map(|values| values.iter().map(|value| value.to_lowercase()).collect())
    }

    /// The values of a parameter that is repeated, each with `+` (or nothing) to include it and
    /// `-` to exclude it.
    pub(crate) fn signed_set(&mut self, name: &str) -> Signed {
        let mut signed = Signed::default();
        for value in self.set(name).into_iter().flatten() {
            match value.strip_prefix('-') {
                Some(excluded) => signed.excluded.insert(excluded.to_owned()),
                None => {
                    signed.included.get_or_insert_default().insert(without_plus(&value).to_owned())
                }
            };
        }
        signed
    }

    pub(crate) fn refuse(&mut self, error: Error) {
        self.errors.push(error);
    }

    /// Refuses the request if a parameter was wrong or is left over.
    pub(crate) fn finish(self) -> Result<(), Refusal> {
        let mut errors = self.errors;
        let mut unknown: Vec<_> = self.pairs.into_iter().map(|(name, _)| name).collect();
        unknown.dedup();
        errors.extend(unknown.iter().map(|name| {
            let sentence = format!("{name} is not a valid parameter for this request.");
            FORM_PARAM_UNKNOWN.at(name, sentence)
        }));
        Refusal::unless_empty(errors)
    }

    /// Removes the parameter and returns its values.
    fn values(&mut self, name: &str) -> impl Iterator<Item = String> + use<> {
        let (values, rest) = std::mem::take(&mut self.pairs)
            .into_iter()
            .partition::<Vec<_>, _>(|(given, _)| given == name);
        self.pairs = rest;
        values.into_iter().map(|(_, value)| value)
    }

    fn parsed<T: FromStr>(&mut self, name: &str, code: &Code) -> Option<T> {
        let text = self.text(name)?;
        let value = text.parse().ok();
        if value.is_none() {
            self.refuse_value(code, name, &text);
        }
        value
    }

    fn refuse_value(&mut self, code: &Code, name: &str, value: &str) {
        let sentence =
            format!("{value} does not match one of the allowed values for parameter {name}");
        self.refuse(code.at(name, sentence));
    }
}

/// An operation that knows no query parameters.
#[derive(Debug)]
pub(crate) struct NoQuery;

impl<S: Sync> FromRequestParts<S> for NoQuery {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match Query::from_request_parts(parts, state).await {
            Ok(query) => query.finish().map(|()| Self),
        }
    }
}

/// The id (or slug) in the path.
#[derive(Debug)]
pub(crate) struct Id(pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for Id {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path(id)) => Ok(Self(id)),
            Err(_) => Err(RESOURCE_NOT_FOUND.because("not found").into()),
        }
    }
}

/// Two ids, in their order in the path, such as those of an organization and of a member.
#[derive(Debug)]
pub(crate) struct TwoIds(pub(crate) String, pub(crate) String);

impl<S: Send + Sync> FromRequestParts<S> for TwoIds {
    type Rejection = Refusal;

    async fn from_request_parts(parts: &mut Parts, state: &S) -> Result<Self, Refusal> {
        match Path::from_request_parts(parts, state).await {
            Ok(Path((organization_id, user_id))) => Ok(Self(organization_id, user_id)),
            Err(_) => Err(RESOURCE_NOT_FOUND.because("not found").into()),
        }
    }
}

/// Values to include and values to exclude.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Signed {
    /// `None`: everything that is not excluded.
    pub(crate) included: Option<HashSet<String>>,
    pub(crate) excluded: HashSet<String>,
}

impl Signed {
    /// Whether an item with this value passes; one without a value passes unless values are
    /// included.
    pub(crate) fn allows(&self, value: Option<&str>) -> bool {
        let is_in = |set: &HashSet<String>| value.is_some_and(|value| set.contains(value));
        self.included.as_ref().is_none_or(is_in) && !is_in(&self.excluded)
    }

    /// The same for an item with several values: one of them must be included, none excluded.
    pub(crate) fn allows_any(&self, values: &[String]) -> bool {
        let is_in = |set: &HashSet<String>| values.iter().any(|value| set.contains(value));
        self.included.as_ref().is_none_or(is_in) && !is_in(&self.excluded)
    }
}

/// A `+` that was not percent-encoded arrives as a space.
fn without_plus(value: &str) -> &str {
    value.strip_prefix(['+', ' ']).unwrap_or(value)
}
