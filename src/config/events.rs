//! The options of events.

use std::{path::PathBuf, time::Duration};

use clap::Args;
use clerk_sandbox::{SigningSecret, Webhook};
use reqwest::Url;

use super::{
    ConfigError,
    given::Given,
    profile::Profile,
    secret::{Found, SIGNING},
    values::{self, count, local_url},
};
use crate::events::{Events, Settings, signature::Secret};

/// A day, in s.
const DAY: u64 = 86_400;

/// The options of events.
#[derive(Debug, Args)]
#[command(next_help_heading = "Events")]
pub(super) struct EventOptions {
    /// File to keep webhook events in, or to read them from
    #[arg(long, env = "CLERK_MCP_EVENTS", value_parser = values::path(), value_name = "FILE")]
    events: Option<PathBuf>,
    /// Time to keep an event after it was received, in days
    #[arg(long, env = "CLERK_MCP_EVENT_RETENTION", default_value = "30", value_parser = count::<u64>(1..=3650, 30), value_name = "DAYS")]
    event_retention: u64,
    /// Local URL to send webhooks to (default with `http`: this server)
    #[arg(long, help_heading = "Sandbox", env = "CLERK_MCP_WEBHOOK_URL", value_parser = local_url, value_name = "URL")]
    webhook_url: Option<Url>,
}

impl EventOptions {
    /// Opens the events. A file that doesn't exist is created only for a server, which may be
    /// started before the one that receives.
    pub(super) fn open(
        &self,
        receives: bool,
        serves: bool,
        given: &Given,
    ) -> Result<Option<Events>, ConfigError> {
        let name = given.name("events");
        if let Some(file) = self.events.as_ref().filter(|file| !serves && !file.exists()) {
            return Err(ConfigError::NoEventsFile { name, path: file.clone() });
        }
        if self.events.is_none() && !receives {
            return Ok(None);
        }
        // A process that only reads deletes nothing: its retention may be another.
        let retention = receives.then(|| Duration::from_secs(self.event_retention * DAY));
        let events = Events::open(Settings { file: self.events.clone(), retention });
        events.map(Some).map_err(|source| ConfigError::Events { name, source: Box::new(source) })
    }

    /// The file that is named.
    pub(super) fn file(&self) -> Option<&PathBuf> {
        self.events.as_ref()
    }

    /// Whether webhooks are to be sent.
    pub(super) fn sends(&self) -> bool {
        self.webhook_url.is_some()
    }

    /// Checks that webhooks can be signed if they are to be sent.
    pub(super) fn check(&self, secrets: &[Secret], given: &Given) -> Result<(), ConfigError> {
        if self.webhook_url.is_some() && secrets.is_empty() {
            let name = given.name("webhook_url");
            return Err(ConfigError::NothingToSignWith { name, variable: SIGNING.name });
        }
        Ok(())
    }

    /// Where the sandbox sends webhooks, and the secret that signs them.
    pub(super) fn webhook(&self, secrets: &[Secret]) -> Option<Webhook> {
        let secret = SigningSecret::new(secrets.first()?.key());
        Some(Webhook { url: self.webhook_url.clone()?, secret })
    }
}

/// The signing secrets: one, or several with a space or a comma between them.
pub(super) fn signing_secrets(profile: Option<&Profile>) -> Result<Vec<Secret>, ConfigError> {
    let Some(Found { text, name }) = SIGNING.read(profile)? else { return Ok(Vec::new()) };
    let parts = text.split(|c: char| c == ',' || c.is_whitespace()).filter(|part| !part.is_empty());
    let invalid = |source| ConfigError::SigningSecret { name: name.clone(), source };
    parts.map(|part| Secret::parse(part).map_err(invalid)).collect()
}
