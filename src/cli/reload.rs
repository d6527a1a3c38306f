//! Reading the policy and the secrets again on SIGHUP, while the server goes on.

use std::sync::Arc;

use clerk_mcp::{
    McpServer,
    config::{Config, ReloadError, Reloaded},
    current::Current,
    events::signature::Secret,
    metrics::metrics,
    redact::Redactor,
};
use secrecy::SecretString;

use super::signals::Hangups;

/// What a reload replaces.
pub(crate) struct Reloadable {
    pub(crate) config: Arc<Config>,
    pub(crate) server: McpServer,
    pub(crate) token: Option<Current<SecretString>>,
    pub(crate) signing_secrets: Current<Vec<Secret>>,
    /// The log's filter.
    pub(crate) redactor: Current<Redactor>,
}

impl Reloadable {
    /// Reloads on each SIGHUP; it never ends. Where nothing can be read, all stays as it was.
    pub(crate) async fn on(&self, mut hangups: Hangups) {
        loop {
            hangups.next().await;
            match self.read().await {
                Ok(reloaded) => {
                    self.apply(reloaded);
                    metrics().reloaded("done");
                    tracing::info!("the policy and the secrets were reloaded");
                }
                Err(error) => {
                    metrics().reloaded("failed");
                    tracing::error!(
                        "the reload failed, and the policy and the secrets stay as they were: {error}"
                    );
                }
            }
        }
    }

    /// Reads files and may run commands: never on the thread that serves everybody.
    async fn read(&self) -> Result<Reloaded, ReloadError> {
        let config = self.config.clone();
        let read = tokio::task::spawn_blocking(move || config.reload()).await;
        read.unwrap_or_else(|_| Err(ReloadError::Config("reading failed; see the log".to_owned())))
    }

    fn apply(&self, reloaded: Reloaded) {
        let Reloaded { settings, policy, token, signing_secrets } = reloaded;
        // First, so that no new secret is ever used before it is hidden.
        self.redactor.set(self.redactor.get().and(&settings.redactor()));
        self.server.server().clerk().replace_key(&settings);
        if let (Some(current), Some(token)) = (&self.token, token) {
            current.set(token);
        }
        self.signing_secrets.set(signing_secrets);
        if let Some(policy) = policy {
            self.server.replace_policy(policy);
        }
    }
}
