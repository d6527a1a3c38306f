//! The client: the only place that does I/O with Clerk.

use std::{
    fmt,
    net::IpAddr,
    path::PathBuf,
    sync::{Arc, Mutex},
    time::{Duration, Instant},
};

use backon::Retryable;
use reqwest::{
    Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT},
    multipart::{Form, Part},
};
use serde_json::Value;
use tokio::sync::{OnceCell, Semaphore};

use super::{
    Error, Key, KeyFault, Progress, RateLimit, Refusal, Request, Response, Upload, budget::Budget,
    refusal::trace_id, retry,
};
use crate::{events::Events, redact::Redactor};

/// The first API version whose `PATCH /users/{id}` takes no metadata.
/// <https://clerk.com/docs/guides/development/upgrading/upgrade-guides/2026-05-12>
const METADATA_APART_SINCE: &str = "2026-05-12";
/// How long one call may take in all, its retries included.
const CALL_LIMIT: Duration = Duration::from_secs(30);
/// How many requests of one call may be under way at once; further ones wait.
const REQUESTS_AT_ONCE: usize = 4;
/// How many bytes of an answer are read. 500 users, the most that Clerk gives, are about 4 MB.
const BODY_LIMIT: usize = 32 << 20;

/// Where Clerk is and how to talk to it.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The API's address up to and without its `/v1`.
    pub url: Url,
    /// The dated API version, sent with each request as `Clerk-API-Version`.
    pub version: String,
    /// How long one request may take.
    pub timeout: Duration,
    /// The secret key, or why there is none.
    pub key: Result<Key, KeyFault>,
    /// How many requests are sent at most.
    pub rate_limit: RateLimit,
    /// Below which folder files may be uploaded from; none where there is none.
    pub upload_folder: Option<PathBuf>,
}

/// A connection pool to one Clerk instance, cheap to clone.
#[derive(Clone)]
pub struct Clerk {
    inner: Arc<Inner>,
}

struct Inner {
    settings: Settings,
    budget: Budget,
    redactor: Redactor,
    /// How the last request with the server's own key went.
    health: Mutex<Option<Health>>,
    /// Built on first use: reading the system's root certificates costs milliseconds.
    http: OnceCell<reqwest::Client>,
}

impl fmt::Debug for Clerk {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Clerk").field("settings", &self.inner.settings).finish_non_exhaustive()
    }
}

impl Clerk {
    /// A client for the instance that `settings` name. Opens no connection yet.
    #[must_use]
    pub fn new(settings: Settings) -> Self {
        Self {
            inner: Arc::new(Inner {
                budget: Budget::new(settings.rate_limit),
                redactor: match &settings.key {
                    Ok(key) => key.hidden_by(Redactor::default()),
                    Err(_) => Redactor::default(),
                },
                settings,
                health: Mutex::new(None),
                http: OnceCell::new(),
            }),
        }
    }

    /// The client's settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.inner.settings
    }

    /// Begins one tool call, with a key of the caller's own or with the server's: from now on its
    /// requests share 30 s.
    #[must_use]
    pub fn begin(&self, key: Option<Key>) -> Call {
        let is_callers_key = key.is_some();
        let mut redactor = self.inner.redactor.clone();
        if let Some(key) = &key {
            redactor = key.hidden_by(redactor);
        }
        let key = key.map_or_else(|| self.settings().key.clone(), Ok);
        Call {
            clerk: self.clone(),
            deadline: Instant::now() + CALL_LIMIT,
            key,
            is_callers_key,
            redactor,
            sending: Arc::new(Semaphore::new(REQUESTS_AT_ONCE)),
            answered: Arc::default(),
            progress: Progress::default(),
            events: None,
        }
    }

    /// How the last request with the server's own key went, if there was one.
    #[must_use]
    pub fn health(&self) -> Option<Health> {
        *self.inner.health.lock().ok()?
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

/// One tool call's use of [`Clerk`], with the time that it has left.
#[derive(Clone, Debug)]
pub struct Call {
    clerk: Clerk,
    deadline: Instant,
    key: Result<Key, KeyFault>,
    is_callers_key: bool,
    redactor: Redactor,
    sending: Arc<Semaphore>,
    answered: Arc<Mutex<Answered>>,
    progress: Progress,
    events: Option<Events>,
}

/// What the log says of Clerk's last answer to a call.
#[derive(Clone, Debug, Default)]
pub struct Answered {
    /// The HTTP status.
    pub status: Option<u16>,
    /// The trace id, for Clerk's support.
    pub trace_id: Option<String>,
    /// How many more requests could be sent at once; `None` where there is no limit.
    pub requests_left: Option<u32>,
}

impl Call {
    /// The key that the call's requests have, or why there is none.
    pub fn key(&self) -> &Result<Key, KeyFault> {
        &self.key
    }

    /// The same call with a new time limit, after a person took time to answer.
    #[must_use]
    pub fn renewed(self) -> Self {
        Self { deadline: Instant::now() + CALL_LIMIT, ..self }
    }

    /// The same call, whose progress is told to whoever waits for it.
    #[must_use]
    pub fn telling(self, progress: Progress) -> Self {
        Self { progress, ..self }
    }

    /// The same call, which can answer from the events that were received.
    #[must_use]
    pub fn knowing(self, events: Option<Events>) -> Self {
        Self { events, ..self }
    }

    /// The events that were received, where any are.
    #[must_use]
    pub fn events(&self) -> Option<&Events> {
        self.events.as_ref()
    }

    /// Where its progress goes to.
    #[must_use]
    pub fn progress(&self) -> &Progress {
        &self.progress
    }

    /// The client's settings.
    #[must_use]
    pub fn settings(&self) -> &Settings {
        self.clerk.settings()
    }

    /// Clerk's last answer so far.
    #[must_use]
    pub fn answered(&self) -> Answered {
        self.answered.lock().map(|it| it.clone()).unwrap_or_default()
    }

    /// The filter that whatever is said of the call passes.
    #[must_use]
    pub fn redactor(&self) -> &Redactor {
        &self.redactor
    }

    /// `text`, which tells of a failure, without secrets, should Clerk or a proxy have echoed them.
    #[must_use]
    pub fn redact(&self, text: &str) -> String {
        self.redactor.error(text).into_owned()
    }

    /// Keeps how a request went. A caller's own key says nothing of the server's.
    fn remember(&self, outcome: &Result<Response, Error>) {
        let is_good = match outcome {
            Err(Error::Refused(refusal)) => !matches!(refusal.status, 401 | 500..),
            Err(Error::Unreachable(_) | Error::Timeout(_) | Error::Interrupted(_)) => false,
            _ => true,
        };
        if self.is_callers_key {
            return;
        }
        if let Ok(mut health) = self.clerk.inner.health.lock() {
            *health = Some(Health { at: Instant::now(), is_good });
        }
    }

    fn note(&self, status: u16, headers: &HeaderMap) {
        if let Ok(mut answered) = self.answered.lock() {
            answered.status = Some(status);
            answered.trace_id = trace_id(headers);
        }
    }

    /// Whether `PATCH /users/{id}` takes metadata in the API version that is spoken.
    #[must_use]
    pub fn metadata_in_update(&self) -> bool {
        // ISO dates compare as text.
        self.clerk.settings().version.as_str() < METADATA_APART_SINCE
    }

    /// Sends `request`, again where that is safe (see `retry.rs`), and returns Clerk's
    /// successful answer.
    ///
    /// # Errors
    /// Every [`Error`] but those of arguments.
    pub async fn send(&self, request: Request) -> Result<Response, Error> {
        let key = self.key.as_ref().map_err(|fault| Error::Key(*fault))?;
        let is_read = request.is_read();
        let outcome = (|| self.send_once(&request, key))
            .retry(retry::backoff())
            .sleep(tokio::time::sleep)
            .adjust(|error, backoff| retry::wait(is_read, error, backoff?, self.time_left()))
            .notify(|error, wait| {
                let error = self.redact(&error.to_string());
                tracing::debug!(%request, error, ?wait, "sending again");
            })
            .await;
        self.remember(&outcome);
        outcome
    }

    /// How long the call may still take.
    pub(crate) fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    async fn send_once(&self, request: &Request, key: &Key) -> Result<Response, Error> {
        let _permit = self.sending.acquire().await.map_err(|_| Error::Stopped)?;
        let left = self.clerk.inner.budget.turn(key, request, self.deadline).await?;
        if let Ok(mut answered) = self.answered.lock() {
            answered.requests_left = left;
        }
        let settings = self.clerk.settings();
        let timeout = settings.timeout.min(self.time_left());
        let failed = |error: reqwest::Error| classify(&error, timeout);
        let http =
            self.clerk.inner.http.get_or_try_init(async || http_client(&settings.url)).await?;
        let mut url = settings.url.clone();
        url.set_path(&format!("{}/v1{}", url.path().trim_end_matches('/'), request.path));
        if !request.query.is_empty() {
            url.query_pairs_mut().extend_pairs(&request.query);
        }
        let method = reqwest::Method::from_bytes(request.method.as_str().as_bytes())
            .map_err(|_| Error::Internal("no HTTP method"))?;
        let mut sending =
            http.request(method, url).timeout(timeout).headers(headers(key, &settings.version)?);
        if let Some(file) = &request.file {
            sending = sending.multipart(form(file, request.body.as_ref())?);
        } else if let Some(body) = &request.body {
            sending = sending.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let mut answer = sending.send().await.map_err(failed)?;
        let (status, headers) = (answer.status(), answer.headers().clone());
        self.note(status.as_u16(), &headers);
        let body = read_body(&mut answer, timeout).await;
        if !status.is_success() {
            // A refusal stands even where its body did not arrive.
            let body = body.unwrap_or_default();
            return Err(Error::Refused(Box::new(Refusal::read(status.as_u16(), &headers, &body))));
        }
        let status = status.as_u16();
        match body {
            Ok(body) => Ok(Response { status, body }),
            Err(error) if request.is_read() => Err(error),
            // Once the status says success a write is done, whatever becomes of its answer.
            Err(error) => Err(Error::Unreadable { status, reason: error.to_string() }),
        }
    }
}

/// Whether an address is this machine's own.
#[must_use]
pub fn is_loopback(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_matches(['[', ']']);
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

fn http_client(url: &Url) -> Result<reqwest::Client, Error> {
    // Fails only where a provider is installed already, which then serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let mut builder = reqwest::Client::builder();
    if is_loopback(url) {
        // A proxy of the environment's is another machine, whose loopback is another one.
        builder = builder.no_proxy();
    }
    builder
        .connect_timeout(Duration::from_secs(5))
        // The API has no redirects; whoever sends one must not be followed with the key.
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(|error| {
            tracing::error!(%error, "the HTTP client could not be built");
            Error::Internal("the HTTP client could not be built; see the log")
        })
}

fn headers(key: &Key, version: &str) -> Result<HeaderMap, Error> {
    let value = |text: &str| {
        HeaderValue::from_str(text).map_err(|_| Error::Internal("a header can't hold its value"))
    };
    let mut bearer = value(&key.bearer())?;
    bearer.set_sensitive(true);
    Ok(HeaderMap::from_iter([
        (AUTHORIZATION, bearer),
        (ACCEPT, HeaderValue::from_static("application/json")),
        (USER_AGENT, HeaderValue::from_static(concat!("clerk-mcp/", env!("CARGO_PKG_VERSION")))),
        (HeaderName::from_static("clerk-api-version"), value(version)?),
    ]))
}

/// A form of a file and the fields of a body.
fn form(file: &Upload, body: Option<&Value>) -> Result<Form, Error> {
    let part = Part::bytes(file.bytes.clone()).file_name(file.name);
    let part = part.mime_str(file.kind).map_err(|_| Error::Internal("no media type"))?;
    let mut form = Form::new().part("file", part);
    for (name, value) in body.and_then(Value::as_object).into_iter().flatten() {
        if let Some(text) = value.as_str() {
            form = form.text(name.clone(), text.to_owned());
        }
    }
    Ok(form)
}

async fn read_body(answer: &mut reqwest::Response, timeout: Duration) -> Result<Vec<u8>, Error> {
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| classify(&error, timeout))? {
        if body.len() + chunk.len() > BODY_LIMIT {
            return Err(Error::Unreadable {
                status: answer.status().as_u16(),
                reason: format!("it is longer than {} MiB", BODY_LIMIT >> 20),
            });
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn classify(error: &reqwest::Error, timeout: Duration) -> Error {
    if error.is_connect() {
        Error::Unreachable(root_cause(error))
    } else if error.is_timeout() {
        Error::Timeout(timeout)
    } else {
        Error::Interrupted(root_cause(error))
    }
}

/// The innermost reason, which is the one that helps. reqwest's own text repeats the URL, and a
/// URL's query holds personal data.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    cause.to_string()
}
