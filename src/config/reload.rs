//! What can be read again while the server runs: the policy and the secrets.

use secrecy::SecretString;

use super::{Config, ConfigError};
use crate::{Settings, events::signature::Secret, guard::Policy};

/// What was read again.
#[derive(Debug)]
pub struct Reloaded {
    /// The Clerk key, and what else must get into no text.
    pub settings: Settings,
    /// The policy, if there is one.
    pub policy: Option<Policy>,
    /// The bearer token of HTTP, if one is asked for.
    pub token: Option<SecretString>,
    /// The secrets that webhooks are signed with.
    pub signing_secrets: Vec<Secret>,
}

/// Why nothing was reloaded. Everything stays as it was.
#[derive(Debug, thiserror::Error)]
pub enum ReloadError {
    /// The environment, a file or what a file holds is wrong.
    #[error("{0}")]
    Config(String),
    /// Something was given before and isn't any more, or the reverse: that changes what the server is.
    #[error("{0} is given only before or only after the reload; restart the server to change that")]
    Given(&'static str),
    /// The new key opens a production instance and the old one doesn't, or the reverse.
    #[error(
        "the new Clerk key is for another kind of instance (test or production) than the one before; \
         restart the server to change that"
    )]
    KindOfKey,
}

impl Config {
    /// Reads the command line, the environment and the files again, as at the start. It may wait for
    /// commands that print secrets.
    ///
    /// # Errors
    /// Why what was read can't take the place of this configuration.
    pub fn reload(&self) -> Result<Reloaded, ReloadError> {
        let failed = |error: String| {
            let lines = error.trim().trim_start_matches("error: ").lines().map(str::trim);
            ReloadError::Config(lines.collect::<Vec<_>>().join("; "))
        };
        let new = Self::read(std::env::args_os()).map_err(|error| failed(error.to_string()))?;
        let guard = new.guard().map_err(|error| failed(error.to_string()))?;
        let demands = guard.policy.as_ref().is_some_and(Policy::demands_second_person);
        if demands && self.options.approvals.file().is_none() {
            let name = self.given.name("policy");
            return Err(failed(ConfigError::NoApprovals { name }.to_string()));
        }
        let same = [
            ("the policy", self.options.guard.has_policy(), guard.policy.is_some()),
            ("the Clerk key", self.key.is_ok(), new.key.is_ok()),
            ("the bearer token", self.token.is_some(), new.token.is_some()),
            (
                "the webhook signing secret",
                !self.signing_secrets.is_empty(),
                !new.signing_secrets.is_empty(),
            ),
        ];
        if let Some((what, ..)) = same.iter().find(|(_, before, after)| before != after) {
            return Err(ReloadError::Given(what));
        }
        if let (Ok(before), Ok(after)) = (&self.key, &new.key)
            && before.is_live() != after.is_live()
        {
            return Err(ReloadError::KindOfKey);
        }
        Ok(Reloaded {
            settings: new.clerk(),
            policy: guard.policy,
            token: new.token,
            signing_secrets: new.signing_secrets,
        })
    }
}
