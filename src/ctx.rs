//! What one tool call has at hand: its key, its requests to Clerk, where its progress goes, the
//! filter for what is said of it.

use std::{
    fmt,
    path::{Path, PathBuf},
    sync::{Arc, Mutex},
    time::Duration,
};

use clerk_api::{
    Client, ClientConfig, Error as ApiError, LastResponse, Request, RequestContext, Response,
    SecretKey,
};
use secrecy::SecretString;
use tokio::time::Instant;

pub use crate::error::NoKey;
use crate::{
    Error,
    audit::Audit,
    current::Current,
    events::Events,
    journal::Journal,
    metrics::metrics,
    progress::Progress,
    redact::Redactor,
    telemetry::{Ended, Span},
    text::changed,
};

/// The first API version whose `PATCH /users/{id}` takes no metadata.
/// <https://clerk.com/docs/guides/development/upgrading/upgrade-guides/2026-05-12>
const METADATA_APART_SINCE: &str = "2026-05-12";
/// How long one call may take in all, its retries included.
const CALL_LIMIT: Duration = Duration::from_secs(30);

/// The program's name for Clerk.
pub const USER_AGENT: &str = concat!("clerk-mcp/", env!("CARGO_PKG_VERSION"));

/// What the server talks to Clerk with.
#[derive(Clone, Debug)]
pub struct Settings {
    /// Where Clerk is and how to talk to it.
    pub api: ClientConfig,
    /// The server's own secret key, or why there is none.
    pub key: Result<SecretKey, NoKey>,
    /// The profile that the key is of, if it is of one.
    pub profile: Option<String>,
    /// What else must get into no result and no log: the bearer token of HTTP, what webhooks are
    /// signed with.
    pub other_secrets: Vec<SecretString>,
    /// Below which folder files may be uploaded from; none where there is none.
    pub upload_folder: Option<PathBuf>,
}

impl Settings {
    /// The filter that takes the key and the other secrets out of texts.
    #[must_use]
    pub fn redactor(&self) -> Redactor {
        let key = self.key.as_ref().ok().map(SecretKey::secret);
        let secrets = key.into_iter().chain(&self.other_secrets);
        secrets.fold(Redactor::default(), Redactor::with_secret)
    }
}

/// The client for Clerk's API, and the server's own key. Cheap to clone.
#[derive(Clone)]
pub struct Clerk {
    inner: Arc<Inner>,
}

struct Inner {
    client: Client,
    key: Current<Result<SecretKey, NoKey>>,
    profile: Option<String>,
    upload_folder: Option<PathBuf>,
    redactor: Current<Redactor>,
    /// How the last request with the server's own key went.
    health: Mutex<Option<Health>>,
}

impl fmt::Debug for Clerk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Inner { client, key, .. } = &*self.inner;
        f.debug_struct("Clerk").field("client", client).field("key", key).finish_non_exhaustive()
    }
}

/// How a request went.
#[derive(Clone, Copy, Debug)]
pub struct Health {
    /// When it ended.
    pub at: Instant,
    /// Whether Clerk answered, took the key and had no problem of its own.
    pub is_good: bool,
}

impl Clerk {
    /// A client for the instance that `settings` name. Opens no connection yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        let redactor = settings.redactor();
        let Settings { api, key, profile, upload_folder, other_secrets: _ } = settings;
        let (client, health) = (Client::new(api), Mutex::new(None));
        let (key, redactor) = (key.into(), redactor.into());
        let inner = Inner { client, key, profile, upload_folder, redactor, health };
        Self { inner: Arc::new(inner) }
    }

    /// Where Clerk is and how to talk to it.
    #[must_use]
    pub fn config(&self) -> &ClientConfig {
        self.inner.client.config()
    }

    /// The server's own key.
    ///
    /// # Errors
    /// Why there is none.
    pub fn key(&self) -> Result<SecretKey, NoKey> {
        (*self.inner.key.get()).clone()
    }

    /// Uses the key and hides the secrets of these settings from now on, and goes on hiding those of
    /// before. Calls under way keep their key.
    pub fn replace_key(&self, settings: &Settings) {
        let redactor = self.inner.redactor.get().and(&settings.redactor());
        self.inner.redactor.set(redactor);
        self.inner.key.set(settings.key.clone());
        // How the old key fared says nothing of this one.
        if let Ok(mut health) = self.inner.health.lock() {
            *health = None;
        }
    }

    /// The filter for what is said, with the secrets that there are now.
    #[must_use]
    pub fn redactor(&self) -> Arc<Redactor> {
        self.inner.redactor.get()
    }

    /// Begins one tool call, with a key of the caller's own or with the server's: from now on its
    /// requests share 30 s.
    #[must_use]
    pub fn begin(&self, key: Option<SecretKey>) -> Ctx {
        let is_callers_key = key.is_some();
        let mut redactor = (*self.inner.redactor.get()).clone();
        if let Some(key) = &key {
            redactor = redactor.with_secret(key.secret());
        }
        Ctx {
            clerk: self.clone(),
            key: key.map_or_else(|| self.key(), Ok),
            is_callers_key,
            requests: RequestContext::new(CALL_LIMIT),
            redactor,
            progress: Progress::default(),
            events: None,
            audit: None,
            result_tokens: usize::MAX,
            journal: None,
            session: None,
            span: None,
        }
    }

    /// Whether the server's own key, if it has one, is a production instance's.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.key().is_ok_and(|key| key.is_live())
    }

    /// How the last request with the server's own key went, if there was one.
    #[must_use]
    pub fn health(&self) -> Option<Health> {
        *self.inner.health.lock().ok()?
    }
}

/// One tool call's use of [`Clerk`] and of what else the server has, with the time that it has
/// left.
#[derive(Clone, Debug)]
pub struct Ctx {
    clerk: Clerk,
    key: Result<SecretKey, NoKey>,
    is_callers_key: bool,
    requests: RequestContext,
    redactor: Redactor,
    progress: Progress,
    events: Option<Events>,
    audit: Option<Audit>,
    result_tokens: usize,
    journal: Option<Journal>,
    session: Option<String>,
    span: Option<Arc<Span>>,
}

impl Ctx {
    /// The key that the call's requests have.
    ///
    /// # Errors
    /// Why there is none.
    pub fn key(&self) -> Result<&SecretKey, NoKey> {
        self.key.as_ref().map_err(|why| *why)
    }

    /// The profile of the server's key; none if the call has a key of its own.
    #[must_use]
    pub fn profile(&self) -> Option<&str> {
        self.clerk.inner.profile.as_deref().filter(|_| !self.is_callers_key)
    }

    /// Whether the call's key, if it has one, may open a production instance.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.key().is_ok_and(SecretKey::is_live)
    }

    /// The same call with a new time limit, after a person took time to answer.
    #[must_use]
    pub fn renewed(self) -> Self {
        Self { requests: self.requests.renewed(CALL_LIMIT), ..self }
    }

    /// The same call with a new time limit, whose last response stays what it was.
    #[must_use]
    pub fn apart(self) -> Self {
        Self { requests: self.requests.apart().renewed(CALL_LIMIT), ..self }
    }

    /// The same call, whose progress goes to the client that asked for it.
    #[must_use]
    pub fn telling(self, progress: Progress) -> Self {
        Self { progress, ..self }
    }

    /// The same call, whose requests are parts of this operation.
    #[must_use]
    pub fn traced(self, span: Option<Span>) -> Self {
        Self { span: span.map(Arc::new), ..self }
    }

    /// The same call, which can answer from the events that were received and from the audit log.
    #[must_use]
    pub fn knowing(self, events: Option<Events>, audit: Option<Audit>) -> Self {
        Self { events, audit, ..self }
    }

    /// The same call, whose result may have so many tokens.
    #[must_use]
    pub fn returning(self, result_tokens: usize) -> Self {
        Self { result_tokens, ..self }
    }

    /// The same call, which knows what was changed, and in which MCP session it is.
    #[must_use]
    pub fn journaling(self, journal: Option<Journal>, session: Option<String>) -> Self {
        Self { journal, session, ..self }
    }

    /// The MCP session, as the journal of changes names it. The stateless revision has none over HTTP.
    #[must_use]
    pub fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// The journal of changes, if there is one.
    #[must_use]
    pub fn journal(&self) -> Option<&Journal> {
        self.journal.as_ref()
    }

    /// The events that were received, where any are.
    #[must_use]
    pub fn events(&self) -> Option<&Events> {
        self.events.as_ref()
    }

    /// The audit log, if there is one. What it says of other keys is not for a caller with a key
    /// of their own.
    #[must_use]
    pub fn audit(&self) -> Option<&Audit> {
        self.audit.as_ref()
    }

    /// Whether the caller brought the key.
    #[must_use]
    pub fn is_callers_key(&self) -> bool {
        self.is_callers_key
    }

    /// How many tokens the result may have, for a tool that fits its result in itself.
    #[must_use]
    pub fn result_tokens(&self) -> usize {
        self.result_tokens
    }

    /// Where its progress goes to.
    #[must_use]
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// Where Clerk is and how to talk to it.
    #[must_use]
    pub fn config(&self) -> &ClientConfig {
        self.clerk.config()
    }

    /// Below which folder files may be uploaded from.
    #[must_use]
    pub fn upload_folder(&self) -> Option<&Path> {
        self.clerk.inner.upload_folder.as_deref()
    }

    /// What is known of Clerk's last response so far.
    #[must_use]
    pub fn last_response(&self) -> LastResponse {
        self.requests.last_response()
    }

    /// How long the call may still take.
    #[must_use]
    pub fn time_left(&self) -> Duration {
        self.requests.time_left()
    }

    /// The filter that whatever is said of the call passes.
    #[must_use]
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// The text of a failure without secrets, should Clerk or a proxy have echoed them.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        self.redactor.text(text).into_owned()
    }

    /// The same response without secrets: what is to be cut must be free of them before, for half
    /// a secret is not known as one.
    ///
    /// # Errors
    /// The thread that does it for a large response failed.
    pub async fn redacted(&self, response: Response) -> Result<Response, Error> {
        let redactor = self.redactor.clone();
        let read = move |response: &Response| {
            let text = str::from_utf8(&response.body).ok();
            let text = text.and_then(|text| changed(redactor.text(text)));
            Ok(text.map_or_else(
                || response.clone(),
                |text| Response { body: text.into(), ..response.clone() },
            ))
        };
        Ok(response.read_by(read).await?)
    }

    /// Whether `PATCH /users/{id}` takes metadata in the API version that is spoken.
    #[must_use]
    pub fn metadata_in_update(&self) -> bool {
        // ISO dates compare as text.
        self.config().api_version.as_str() < METADATA_APART_SINCE
    }

    /// Sends `request`, again where that is safe, and returns Clerk's successful response.
    ///
    /// # Errors
    /// [`Error::Key`] if there is no key, and [`Error::Clerk`].
    pub async fn send(&self, request: Request) -> Result<Response, Error> {
        let key = self.key().map_err(Error::Key)?;
        let span = self.span.as_ref().map(|span| span.child());
        let outcome = self.clerk.inner.client.send(key, &request, &self.requests).await;
        if let Some(span) = span {
            span.end(Ended::of_request(&request, self.config(), &outcome));
        }
        self.remember(&outcome);
        if let Some(left) = self.requests.last_response().requests_left
            && !self.is_callers_key
        {
            metrics().rate_left(left);
        }
        Ok(outcome?)
    }

    /// Keeps how a request went. A caller's own key says nothing of the server's.
    fn remember(&self, outcome: &Result<Response, ApiError>) {
        let is_good = match outcome {
            Err(ApiError::Refused(refusal)) => !matches!(refusal.status, 401 | 500..),
            Err(ApiError::Unreachable(_) | ApiError::Timeout(_) | ApiError::Interrupted(_)) => {
                false
            }
            _ => true,
        };
        if self.is_callers_key {
            return;
        }
        if let Ok(mut health) = self.clerk.inner.health.lock() {
            *health = Some(Health { at: Instant::now(), is_good });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_call_takes_the_servers_key_and_the_callers_out_of_texts() {
        let key = |text| SecretKey::parse(text).map_err(|_| NoKey);
        let url = "http://127.0.0.1:1".parse().unwrap();
        let clerk = Clerk::new(Settings {
            api: ClientConfig::new(url, USER_AGENT),
            key: key("sk_test_secret"),
            profile: None,
            other_secrets: Vec::new(),
            upload_folder: None,
        });
        let call = clerk.begin(key("sk_live_others").ok());
        let both = "a sk_test_secret b sk_live_others";
        assert_eq!(call.redact(both), "a [Clerk key removed] b [Clerk key removed]");
        assert!(call.is_live() && !clerk.begin(None).is_live());
        let shown = format!("{clerk:?} {call:?}");
        assert!(!shown.contains("secret\"") && !shown.contains("sk_"), "{shown}");
        let body = r#"{"id":"sk_test_secret"}"#.into();
        let response = Response { status: 200, trace_id: None, body };
        assert_eq!(call.redacted(response).await.unwrap().body, r#"{"id":"[Clerk key removed]"}"#);
    }
}
