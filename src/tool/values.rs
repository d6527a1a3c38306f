//! Values of checked arguments, for tools that compute with them.

use serde::{Deserialize, Deserializer};
use serde_json::{Map, Value};

use super::{ArgumentError, date::Date};
use crate::Error;

/// Several values to filter by.
#[derive(Clone, Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct List(Vec<String>);

impl List {
    /// Whether a value is one of them.
    pub(crate) fn contains(&self, value: &str) -> bool {
        self.0.iter().any(|listed| listed == value)
    }

    /// The values.
    pub(crate) fn values(&self) -> &[String] {
        &self.0
    }
}

impl<'de> Deserialize<'de> for Date {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).ok_or_else(|| serde::de::Error::custom("not a date"))
    }
}

/// Reads checked arguments as a struct of a tool's own.
///
/// # Errors
/// [`Error::Arguments`] if they don't fit, which is a mistake in the row.
pub(crate) fn typed<T: serde::de::DeserializeOwned>(
    arguments: Map<String, Value>,
) -> Result<T, Error> {
    serde_json::from_value(arguments.into()).map_err(|error| {
        Error::Arguments(vec![ArgumentError::new("arguments", format!("can't be read: {error}"))])
    })
}
