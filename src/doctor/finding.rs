//! What a check found.

use std::path::Path;

use serde::Serialize;

use super::Fix;

/// How bad a finding is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// It is as it should be.
    Ok,
    /// Worth knowing.
    Note,
    /// It works, or may work, and should be changed.
    Warning,
    /// It doesn't work, or a secret is open to others.
    Error,
}

impl Severity {
    /// Its name.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Note => "note",
            Self::Warning => "warning",
            Self::Error => "error",
        }
    }
}

/// The parts of a report, in their order: how the names of their checks begin, and their titles.
const GROUPS: [(&str, &str); 7] = [
    ("version", "Program"),
    ("client", "MCP clients"),
    ("profile", "Profiles and keys"),
    ("environment", "Profiles and keys"),
    ("file", "Files"),
    ("network", "Connections"),
    ("mcp", "Server"),
];

/// What a check found.
#[derive(Clone, Debug, Serialize)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// Which check found it, such as `client.cursor.command`. It stays the same in later versions.
    pub check: String,
    /// What was found, as a clause.
    pub what: String,
    /// What to do about it, as a clause.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub remedy: Option<String>,
    /// The file that it is in.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<String>,
    /// The line, from 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub line: Option<usize>,
    /// What `--fix` did about it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fixed: Option<String>,
    /// What `--fix` can do about it.
    #[serde(skip)]
    pub fix: Option<Fix>,
}

impl Finding {
    fn new(severity: Severity, check: &str, what: impl Into<String>) -> Self {
        let (check, what) = (check.to_owned(), what.into());
        let (remedy, file, line, fixed, fix) = (None, None, None, None, None);
        Self { severity, check, what, remedy, file, line, fixed, fix }
    }

    pub(super) fn ok(check: &str, what: impl Into<String>) -> Self {
        Self::new(Severity::Ok, check, what)
    }

    pub(super) fn note(check: &str, what: impl Into<String>) -> Self {
        Self::new(Severity::Note, check, what)
    }

    pub(super) fn warning(check: &str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Severity::Warning, check, what).with_remedy(remedy)
    }

    pub(super) fn error(check: &str, what: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(Severity::Error, check, what).with_remedy(remedy)
    }

    /// An error in the words of a configuration that was refused. They end with what to do.
    pub(super) fn refused(check: &str, text: &str) -> Self {
        match text.rsplit_once("; ") {
            Some((what, remedy)) => Self::error(check, what, remedy),
            None => Self::error(check, text, "correct it; `clerk-mcp config` shows what holds"),
        }
    }

    pub(super) fn with_remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: Some(remedy.into()), ..self }
    }

    pub(super) fn in_file(self, file: &Path) -> Self {
        Self { file: Some(file.display().to_string()), ..self }
    }

    pub(super) fn on_line(self, line: usize) -> Self {
        Self { line: Some(line), ..self }
    }

    pub(super) fn with_fix(self, fix: Fix) -> Self {
        Self { fix: Some(fix), ..self }
    }

    /// The place of its group in a report.
    pub(super) fn group(&self) -> usize {
        let first = self.check.split('.').next().unwrap_or_default();
        GROUPS.iter().position(|(name, _)| *name == first).unwrap_or(GROUPS.len())
    }

    /// The title of its group.
    #[must_use]
    pub fn title(&self) -> &'static str {
        GROUPS.get(self.group()).map_or("Other", |(_, title)| title)
    }
}

/// How many findings there are of each severity.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Summary {
    /// What is as it should be.
    pub ok: usize,
    /// Notes.
    pub notes: usize,
    /// Warnings.
    pub warnings: usize,
    /// Errors.
    pub errors: usize,
    /// What `--fix` corrected, whatever it was.
    pub fixed: usize,
}

impl Summary {
    /// Counts findings.
    #[must_use]
    pub fn of(findings: &[Finding]) -> Self {
        let mut summary = Self::default();
        for finding in findings {
            *match finding.severity {
                _ if finding.fixed.is_some() => &mut summary.fixed,
                Severity::Ok => &mut summary.ok,
                Severity::Note => &mut summary.notes,
                Severity::Warning => &mut summary.warnings,
                Severity::Error => &mut summary.errors,
            } += 1;
        }
        summary
    }
}
