//! The options of the journal of changes.

use std::{
    ffi::OsString,
    path::{Path, PathBuf},
    time::Duration,
};

use clap::Args;

use super::{
    ConfigError,
    given::Given,
    values::{self, count},
};
use crate::journal::{Journal, Settings};

/// A day, in s.
const DAY: u64 = 86_400;
/// The value that turns the journal off.
const OFF: &str = "off";
/// What the name of the journal has behind that of the audit log, if it is kept beside that.
const BESIDE_AUDIT: &str = ".changes.db";

/// The options of the journal of changes.
#[derive(Debug, Args)]
#[command(next_help_heading = "Safety")]
pub(super) struct JournalOptions {
    /// Keep what writes change in this file, for undo, or `off`
    #[arg(long, env = "CLERK_MCP_JOURNAL", value_parser = values::path(), value_name = "FILE")]
    journal: Option<PathBuf>,
    /// Time to keep a change in the journal, in days
    #[arg(long, env = "CLERK_MCP_JOURNAL_RETENTION", default_value = "30", value_parser = count::<u64>(1..=3650, 30), value_name = "DAYS")]
    journal_retention: u64,
}

impl JournalOptions {
    /// Opens the journal, if there is to be one. The one beside an audit log is opened when it is used:
    /// as with that, a server whose journal can't be written reads all the same.
    ///
    /// # Errors
    /// The file can't be opened, or holds something else.
    pub(super) fn open(
        &self,
        audit: Option<&PathBuf>,
        given: &Given,
    ) -> Result<Option<Journal>, ConfigError> {
        let Some(file) = self.file(audit) else { return Ok(None) };
        let retention = Duration::from_secs(self.journal_retention * DAY);
        let settings = Settings { file, retention };
        if self.journal.is_none() {
            return Ok(Some(Journal::when_used(settings)));
        }
        let name = given.name("journal");
        Journal::open(settings)
            .map(Some)
            .map_err(|source| ConfigError::Journal { name, source: Box::new(source) })
    }

    /// The file: the one that is named, or the one beside the audit log.
    pub(super) fn file(&self, audit: Option<&PathBuf>) -> Option<PathBuf> {
        match &self.journal {
            Some(file) if file == Path::new(OFF) => None,
            Some(file) => Some(file.clone()),
            None => audit.map(|audit| {
                let mut name: OsString = audit.clone().into_os_string();
                name.push(BESIDE_AUDIT);
                name.into()
            }),
        }
    }
}
