//! The option of approvals by a second person.

use std::path::PathBuf;

use clap::Args;

use super::{ConfigError, given::Given, values};
use crate::{
    approvals::{Approvals, Settings},
    guard::{Guard, Policy},
};

/// The option of approvals by a second person.
#[derive(Debug, Args)]
#[command(next_help_heading = "Safety")]
pub(super) struct ApprovalOptions {
    /// Keep calls that wait for a second person's approval in this file
    #[arg(long, env = "CLERK_MCP_APPROVALS", value_parser = values::path(), value_name = "FILE")]
    approvals: Option<PathBuf>,
}

impl ApprovalOptions {
    /// The file that is named.
    pub(super) fn file(&self) -> Option<&PathBuf> {
        self.approvals.as_ref()
    }

    /// Opens the file, if there is to be one.
    ///
    /// # Errors
    /// The file can't be opened, or the policy demands one and none is named.
    pub(super) fn open(
        &self,
        guard: &Guard,
        given: &Given,
    ) -> Result<Option<Approvals>, ConfigError> {
        let Some(file) = &self.approvals else {
            let policy = guard.policy.as_ref();
            if policy.is_some_and(Policy::demands_second_person) {
                return Err(ConfigError::NoApprovals { name: given.name("policy") });
            }
            return Ok(None);
        };
        let name = given.name("approvals");
        Approvals::open(Settings::new(file))
            .map(Some)
            .map_err(|source| ConfigError::Approvals { name, source: Box::new(source) })
    }

    /// Opens the file that a server keeps.
    ///
    /// # Errors
    /// None is named, there is none, or it can't be opened.
    pub(super) fn open_kept(&self, given: &Given) -> Result<Approvals, ConfigError> {
        let name = given.name("approvals");
        let Some(file) = &self.approvals else {
            return Err(ConfigError::NoApprovalsNamed { name });
        };
        if !file.exists() {
            return Err(ConfigError::NoApprovalsFile { name, path: file.clone() });
        }
        Approvals::open(Settings::new(file))
            .map_err(|source| ConfigError::Approvals { name, source: Box::new(source) })
    }
}
