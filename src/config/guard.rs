//! The options of the guard: what agents may do.

use std::{num::NonZeroU32, path::PathBuf};

use clap::Args;
use clerk_api::RateLimit;

use super::{
    ConfigError, file,
    given::Given,
    values::{self, count},
};
use crate::{
    audit::Audit,
    catalog,
    guard::{Confirm, Guard, HourlyEach, Policy, Selection, policy::Known, selection::WrongName},
};

/// The options of the guard.
#[derive(Debug, Args)]
#[command(next_help_heading = "Safety")]
pub(super) struct GuardOptions {
    /// Offer only these toolsets, comma-separated, or `all`
    #[arg(long, help_heading = "Tools", env = "CLERK_MCP_TOOLSETS", value_delimiter = ',', value_parser = values::name, value_name = "NAMES")]
    toolsets: Vec<String>,
    /// Offer these tools too or, without --toolsets, only these
    #[arg(long, help_heading = "Tools", env = "CLERK_MCP_TOOLS", value_delimiter = ',', value_parser = values::name, value_name = "NAMES")]
    tools: Vec<String>,
    /// Don't offer these tools, comma-separated
    #[arg(long, help_heading = "Tools", env = "CLERK_MCP_EXCLUDE_TOOLS", value_delimiter = ',', value_parser = values::name, value_name = "NAMES")]
    exclude_tools: Vec<String>,
    /// Offer only tools that change nothing, whatever other options say
    #[arg(long, env = "CLERK_MCP_READ_ONLY", value_parser = values::switch)]
    read_only: bool,
    /// Offer tools that write with a live key (sk_live_…) too
    #[arg(long, env = "CLERK_MCP_ALLOW_WRITES", value_parser = values::switch)]
    allow_writes: bool,
    /// Approval of destructive calls: auto, ask, plan or never
    // The values are in the text: in a list, clap would lay out all options for long help.
    #[arg(
        long,
        env = "CLERK_MCP_CONFIRM",
        value_enum,
        default_value = "auto",
        value_name = "MODE",
        hide_possible_values = true
    )]
    confirm: Confirm,
    /// Limit of destructive calls per hour, such as 5 (default: none)
    #[arg(long, env = "CLERK_MCP_MAX_DESTRUCTIVE", value_parser = values::per_hour, value_name = "N")]
    max_destructive: Option<u32>,
    /// Log every write to this file before it is sent
    #[arg(long, env = "CLERK_MCP_AUDIT", value_parser = values::path(), value_name = "FILE")]
    audit: Option<PathBuf>,
    /// Allow, deny or ask by the rules in this file
    #[arg(long, env = "CLERK_MCP_POLICY", value_parser = values::path(), value_name = "FILE")]
    policy: Option<PathBuf>,
    /// Request limit per 10 s, 0 for none (default: Clerk's; sandbox: none)
    #[arg(long, help_heading = "Clerk", env = "CLERK_MCP_RATE_LIMIT", value_parser = count::<u32>(0..=100_000, 50), value_name = "N")]
    rate_limit: Option<u32>,
}

impl GuardOptions {
    /// Which tools are offered.
    pub(super) fn selection(&self) -> Selection {
        Selection {
            toolsets: self.toolsets.clone(),
            tools: self.tools.clone(),
            exclude_tools: self.exclude_tools.clone(),
            read_only: self.read_only,
            allow_writes: self.allow_writes,
            events: false,
            journal: false,
            approvals: false,
        }
    }

    /// Checks that all tools and toolsets exist.
    pub(super) fn check(&self, given: &Given) -> Result<(), ConfigError> {
        self.selection().check().map_err(|WrongName { list, source }| ConfigError::UnknownName {
            name: given.name(list),
            source,
        })
    }

    /// The guard that the options ask for.
    ///
    /// # Errors
    /// The policy can't be read or has mistakes: a server without it would allow what it forbids.
    pub(super) fn guard(&self, given: &Given) -> Result<Guard, ConfigError> {
        let policy = self.policy.as_ref().map(|path| read_policy(path, given.name("policy")));
        Ok(Guard {
            selection: self.selection(),
            confirm: self.confirm,
            max_destructive: self.max_destructive.map(HourlyEach::new),
            policy: policy.transpose()?,
            audit: self.audit.as_ref().map(Audit::new),
            ..Guard::default()
        })
    }

    /// Whether a policy is named.
    pub(super) fn has_policy(&self) -> bool {
        self.policy.is_some()
    }

    /// The audit log that is named.
    pub(super) fn audit(&self) -> Option<&PathBuf> {
        self.audit.as_ref()
    }

    /// The audit log and the policy that are named.
    pub(super) fn files(&self) -> [Option<&PathBuf>; 2] {
        [self.audit.as_ref(), self.policy.as_ref()]
    }

    /// The limit on requests to Clerk.
    pub(super) fn rate_limit(&self) -> RateLimit {
        match self.rate_limit.map(NonZeroU32::new) {
            None => RateLimit::Clerk,
            Some(None) => RateLimit::Off,
            Some(Some(count)) => RateLimit::PerTenSeconds(count),
        }
    }

    /// The limit that is given, if one is.
    pub(super) fn given_rate_limit(&self) -> Option<u32> {
        self.rate_limit.filter(|limit| *limit > 0)
    }
}

/// Reads a policy file, which an option of this `name` gives.
///
/// # Errors
/// It can't be read, or has mistakes: all of them.
pub fn read_policy(path: impl Into<PathBuf>, name: String) -> Result<Policy, ConfigError> {
    let path = path.into();
    let text = match file::read_text(&path) {
        Ok(text) => text,
        Err(flaw) => return Err(ConfigError::File { name, path, flaw }),
    };
    let known = Known {
        tools: catalog::all().map(|(_, tool)| tool.name).collect(),
        toolsets: catalog::CATALOG.iter().map(|toolset| toolset.name).collect(),
    };
    Policy::read(&text, &known).map_err(|mistakes| ConfigError::Policy { name, path, mistakes })
}
