//! What `doctor` looks at: configurations as servers would read them, without a command being run.

use std::{ffi::OsString, path::PathBuf};

use clap::Args;
use clerk_api::SecretKey;

use super::{
    Config, ConfigError, Flaw,
    environment::variables,
    rule,
    secret::{KEY, SECRETS, Source},
};

/// What follows the help of `doctor`.
pub(super) const HELP: &str = "\
It looks at the configuration of each MCP client, the profiles and keys, the connection to Clerk and
the files of the server. It starts no program and runs no command that prints a key. Without
--offline it asks Clerk whether it accepts each key, and registry.npmjs.org for the newest version.

Examples:
  clerk-mcp doctor
  clerk-mcp doctor --offline --json";

/// How to look for what is wrong.
#[derive(Clone, Debug, Args)]
pub struct DoctorOptions {
    /// Correct what can be corrected safely: modes of files, missing folders, moved programs
    #[arg(long)]
    pub fix: bool,
    /// Send nothing over the network
    #[arg(long)]
    pub offline: bool,
    /// Print the findings as JSON
    #[arg(long)]
    pub json: bool,
    /// URL that tells the newest version, in the form of npm's registry
    #[arg(long, value_name = "URL", default_value = "https://registry.npmjs.org/clerk-mcp/latest")]
    pub registry: reqwest::Url,
}

/// What is read besides the command line.
#[derive(Clone, Copy)]
pub(super) struct Sources {
    pub(super) variables: bool,
    pub(super) profiles: bool,
}

impl Sources {
    pub(super) const ALL: Self = Self { variables: true, profiles: true };
    pub(super) const NONE: Self = Self { variables: false, profiles: false };
}

/// The key of a configuration, as far as it is known without running a command.
#[derive(Clone, Debug, Default)]
pub struct KeyAtRest {
    /// What names its place; none if nothing does.
    pub name: Option<String>,
    /// The files that are named for it.
    pub files: Vec<PathBuf>,
    /// Whether a command prints it.
    pub is_printed: bool,
    /// The key itself; none if only a command knows it.
    pub key: Option<SecretKey>,
}

impl Config {
    /// The configuration that a server would have with these options. No command is run, and no
    /// secret is read.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn look<'a>(options: impl IntoIterator<Item = &'a str>) -> Result<Self, clap::Error> {
        Self::read_from(Sources::ALL, &words(options))
    }

    /// The same without profiles.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn look_without_profiles() -> Result<Self, clap::Error> {
        Self::read_from(Sources { profiles: false, ..Sources::ALL }, &words([]))
    }

    /// The same without the variables that set options, should those have mistakes.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn look_without_variables<'a>(
        options: impl IntoIterator<Item = &'a str>,
    ) -> Result<Self, clap::Error> {
        Self::read_from(Sources { variables: false, ..Sources::ALL }, &words(options))
    }

    /// That of the secrets in the environment alone, should the rest of it have mistakes.
    ///
    /// # Errors
    /// As [`Config::read`].
    pub fn look_at_secrets() -> Result<Self, clap::Error> {
        Self::read_from(Sources::NONE, &words([]))
    }

    /// Where its key is.
    ///
    /// # Errors
    /// A variable or a file holds what can't be meant, or two places hold different keys.
    pub fn key_at_rest(&self) -> Result<KeyAtRest, ConfigError> {
        let mut found = KeyAtRest::default();
        for place in KEY.places(self.profile.as_ref())? {
            let name = place.name.clone();
            match &place.source {
                Source::Command(_) => found.is_printed = true,
                Source::File(path) => found.files.extend(rule::path(path)),
                Source::Text(_) => {}
            }
            if !matches!(place.source, Source::Command(_)) {
                let read = place.read()?;
                let invalid = |source| ConfigError::Key { name: read.name.clone(), source };
                let key = SecretKey::parse(&read.text).map_err(invalid)?;
                if let (Some(first), Some(one)) = (&found.key, &found.name)
                    && first.fingerprint() != key.fingerprint()
                {
                    return Err(ConfigError::TwoSecrets { one: one.clone(), other: name });
                }
                found.key = Some(key);
            }
            found.name.get_or_insert(name);
        }
        Ok(found)
    }

    /// The files that its key is said to be in, whatever they hold.
    #[must_use]
    pub fn key_files(&self) -> Vec<PathBuf> {
        let places = KEY.places(self.profile.as_ref()).unwrap_or_default();
        let file = |place: super::secret::Place| match place.source {
            Source::File(path) => rule::path(path).ok(),
            _ => None,
        };
        places.into_iter().filter_map(file).collect()
    }

    /// The file of `--audit`.
    #[must_use]
    pub fn audit_file(&self) -> Option<&PathBuf> {
        self.options.guard.files()[0]
    }

    /// The journal of changes: the one of `--journal`, or the one beside the audit log, if it is there.
    #[must_use]
    pub fn journal_file(&self) -> Option<PathBuf> {
        let named = self.options.journal.file(None);
        named.or_else(|| self.options.journal.file(self.audit_file()).filter(|file| file.exists()))
    }

    /// The file of `--policy`.
    #[must_use]
    pub fn policy_file(&self) -> Option<&PathBuf> {
        self.options.guard.files()[1]
    }

    /// The file of `--approvals`.
    #[must_use]
    pub fn approvals_file(&self) -> Option<&PathBuf> {
        self.options.approvals.file()
    }

    /// The file of `--events`.
    #[must_use]
    pub fn events_file(&self) -> Option<&PathBuf> {
        self.options.events.file()
    }

    /// The file of profiles, whether it exists or not.
    #[must_use]
    pub fn profiles_file(&self) -> Option<PathBuf> {
        self.options.profile.file().or_else(super::default_file)
    }

    /// Whether agents can only read.
    #[must_use]
    pub fn is_read_only(&self) -> bool {
        self.options.guard.selection().read_only
    }
}

/// The command that takes all options and needs no secret.
fn words<'a>(options: impl IntoIterator<Item = &'a str>) -> Vec<OsString> {
    ["clerk-mcp", "config"].into_iter().chain(options).map(OsString::from).collect()
}

/// What is wrong with a value of one of our variables, whichever it is.
#[must_use]
pub fn flaw_of(value: &str) -> Option<Flaw> {
    rule::check(value).err()
}

/// Whether a variable holds a secret.
#[must_use]
pub fn is_secret(variable: &str) -> bool {
    SECRETS.iter().any(|secret| secret.name == variable)
}

/// Whether a variable is one that clerk-mcp reads, or seems to be meant for it.
#[must_use]
pub fn is_ours(variable: &str) -> bool {
    variable.starts_with("CLERK_MCP_") || variables().any(|known| known == variable)
}

/// What an error of the command line says, as a clause.
#[must_use]
pub fn said(error: &clap::Error) -> String {
    let text = error.to_string();
    let first = text.trim().lines().take_while(|line| !line.trim().is_empty());
    let line = first.map(str::trim).collect::<Vec<_>>().join(" ");
    line.strip_prefix("error: ").unwrap_or(&line).to_owned()
}
