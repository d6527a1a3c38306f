//! A cause: a row of the table with the values of one person.

use std::cmp::Reverse;

use super::rows;
use crate::text::clean_bytes;

/// How many bytes of a value are shown.
const VALUE: usize = 80;

/// What a cause does to a sign-in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Severity {
    /// It says more about the others, or about what was tried.
    Context,
    /// It prevents sign-ins under a condition that isn't known.
    MayBlock,
    /// It prevents every sign-in, or the one by the identifier that was given.
    Blocks,
}

impl Severity {
    /// As results name it.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Blocks => "blocks",
            Self::MayBlock => "may_block",
            Self::Context => "context",
        }
    }
}

/// A row of the table of causes. `{name}` in its texts stands for a value of the person's.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Row {
    /// The stable code.
    pub(super) code: &'static str,
    /// What it does to a sign-in.
    pub(super) severity: Severity,
    /// The fact, as a sentence.
    pub(super) fact: &'static str,
    /// The tool that shows the fact, and where in its result.
    pub(super) source: (&'static str, &'static str),
    /// The tool that changes it, and its arguments; "" if none does.
    pub(super) change: (&'static str, &'static str),
}

impl Row {
    pub(super) const fn new(
        code: &'static str,
        severity: Severity,
        source: (&'static str, &'static str),
        fact: &'static str,
    ) -> Self {
        Self { code, severity, fact, source, change: ("", "") }
    }

    /// The tool that changes it, and its arguments.
    pub(super) const fn changed_by(self, tool: &'static str, arguments: &'static str) -> Self {
        Self { change: (tool, arguments), ..self }
    }
}

/// A cause that holds for a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Cause {
    pub(super) row: &'static Row,
    pub(super) severity: Severity,
    /// The tool that changes it, if it isn't the row's.
    change: (&'static str, &'static str),
    values: Vec<(&'static str, String)>,
    /// In Unix milliseconds.
    pub(super) since: Option<i64>,
    /// In Unix milliseconds.
    pub(super) until: Option<i64>,
}

impl Cause {
    /// A cause without values.
    pub(super) fn of(row: &'static Row) -> Self {
        let (severity, change) = (row.severity, row.change);
        Self { row, severity, change, values: Vec::new(), since: None, until: None }
    }

    /// The value that stands for `{name}`. Hidden characters in it are made visible.
    pub(super) fn with(mut self, name: &'static str, value: &str) -> Self {
        self.values.push((name, clean_bytes(value, VALUE)));
        self
    }

    pub(super) fn severity(self, severity: Severity) -> Self {
        Self { severity, ..self }
    }

    pub(super) fn changed_by(self, change: (&'static str, &'static str)) -> Self {
        Self { change, ..self }
    }

    pub(super) fn since(self, since: Option<i64>) -> Self {
        Self { since, ..self }
    }

    pub(super) fn until(self, until: Option<i64>) -> Self {
        Self { until, ..self }
    }

    /// The fact, as a sentence.
    pub(super) fn fact(&self) -> String {
        self.filled(self.row.fact)
    }

    /// The tool that shows the fact, and where.
    pub(super) fn source(&self) -> String {
        match self.row.source {
            (tool, "") => tool.to_owned(),
            (tool, place) => format!("{tool}: {place}"),
        }
    }

    /// The tool that changes it, with its arguments.
    pub(super) fn change(&self) -> Option<String> {
        match self.change {
            ("", _) => None,
            (tool, "") => Some(tool.to_owned()),
            (tool, arguments) => Some(format!("{tool} with {}", self.filled(arguments))),
        }
    }

    /// What blocks comes first; among equals, the order of the table.
    pub(super) fn rank(&self) -> (Reverse<Severity>, Option<usize>) {
        let place = rows::ALL.iter().position(|row| std::ptr::eq(*row, self.row));
        (Reverse(self.severity), place)
    }

    /// In one pass, so that a value is never read as a template. A value that isn't known is left
    /// out.
    fn filled(&self, template: &str) -> String {
        let mut filled = String::new();
        let mut rest = template;
        while let Some((before, after)) = rest.split_once('{') {
            let (name, behind) = after.split_once('}').unwrap_or((after, ""));
            let value = self.values.iter().find(|(known, _)| *known == name);
            filled.push_str(before);
            filled.push_str(value.map_or("", |(_, value)| value));
            rest = behind;
        }
        filled + rest
    }
}
