//! Names in options and policies that don't exist.

use crate::tool::nearest;

/// A name of a tool, a toolset or something else that doesn't exist.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no {what} `{name}`{hint}")]
pub struct UnknownName {
    /// What has such names, as `tool`.
    pub what: &'static str,
    /// The name that doesn't exist.
    pub name: String,
    /// The end of the sentence: which name may be meant, or which there are.
    hint: String,
}

impl UnknownName {
    /// Says that none of `known` is `name`, with the one that may be meant or else with `hint`.
    pub(crate) fn new<'known>(
        what: &'static str,
        name: &str,
        known: impl Iterator<Item = &'known str>,
        hint: &str,
    ) -> Self {
        let hint = match nearest(name, known) {
            Some(near) => format!("; did you mean `{near}`?"),
            None => format!("; {hint}"),
        };
        Self { what, name: name.to_owned(), hint }
    }
}
