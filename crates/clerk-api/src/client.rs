//! The client: the only place that does I/O with Clerk.

use std::{error::Error as _, fmt, fs, io, iter, net::IpAddr, sync::Arc, time::Duration};

use backon::Retryable;
use bytes::{Bytes, BytesMut};
use reqwest::{
    Body, Certificate, Url,
    header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT},
    multipart::{Form, Part},
};
use serde_json::Value;
use tokio::sync::OnceCell;

use crate::{
    ConnectFailure, Error, FilePart, RateLimit, Refusal, Request, RequestContext, Response,
    RetryPolicy, SecretKey, Unreachable, budget::Budget, refusal::trace_id, retry,
};

/// The API version that is spoken if none is set.
const API_VERSION: &str = "2026-05-12";
/// How many bytes of a response are read, once it is decompressed. 500 users, the most that Clerk
/// gives, are about 4 MB, and with all the metadata that they may have 12 MB.
const BODY_LIMIT: usize = 32 << 20;
/// How many bytes of a refusal are read; the rest is left.
const REFUSAL_LIMIT: usize = 64 << 10;

/// Where Clerk is and how to talk to it.
#[derive(Clone, Debug)]
pub struct ClientConfig {
    /// The API's address up to and without its `/v1`.
    pub base_url: Url,
    /// The dated API version, sent with each request as `Clerk-API-Version`.
    pub api_version: String,
    /// The program that sends the requests, such as `my-program/1.0`.
    pub user_agent: String,
    /// How long one try of a request may take.
    pub timeout: Duration,
    /// How long the connection may take of that.
    pub connect_timeout: Duration,
    /// How many requests are sent at most.
    pub rate_limit: RateLimit,
    /// When a failed request is sent again.
    pub retry: RetryPolicy,
    /// Is called after each try of a request, and whenever one is sent again.
    pub observer: Option<fn(Observed)>,
}

/// A step of a request, for metrics. It holds nothing of the request or of the response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Observed {
    /// Clerk responded with this HTTP status.
    Status(u16),
    /// There is no response, for this reason: [`Error::kind`].
    Failed(&'static str),
    /// The request is sent again.
    Retried,
}

impl ClientConfig {
    /// Clerk's own limits, version 2026-05-12 of the API, and 10 s for a try.
    #[must_use]
    pub fn new(base_url: Url, user_agent: impl Into<String>) -> Self {
        Self {
            base_url,
            api_version: API_VERSION.to_owned(),
            user_agent: user_agent.into(),
            timeout: Duration::from_secs(10),
            connect_timeout: Duration::from_secs(5),
            rate_limit: RateLimit::default(),
            retry: RetryPolicy::default(),
            observer: None,
        }
    }
}

/// A connection pool to Clerk's API, cheap to clone. It holds no key: each request brings its own,
/// and each key has a rate budget of its own.
#[derive(Clone)]
pub struct Client {
    inner: Arc<Inner>,
}

struct Inner {
    config: ClientConfig,
    budget: Budget,
    /// Built on first use: reading the system's root certificates costs milliseconds.
    http: OnceCell<reqwest::Client>,
}

impl fmt::Debug for Client {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Client").field("config", &self.inner.config).finish_non_exhaustive()
    }
}

impl Client {
    /// A client of the API that `config` names. Opens no connection yet.
    #[must_use]
    pub fn new(config: ClientConfig) -> Self {
        let budget = Budget::new(config.rate_limit);
        Self { inner: Arc::new(Inner { config, budget, http: OnceCell::new() }) }
    }

    /// What it was made with.
    #[must_use]
    pub fn config(&self) -> &ClientConfig {
        &self.inner.config
    }

    /// Sends `request` when its turn comes, again if that is safe (see [`RetryPolicy`]), and
    /// returns Clerk's successful response. A future that is dropped stops.
    ///
    /// # Errors
    /// Every [`Error`] but [`Error::InvalidId`].
    pub async fn send(
        &self,
        key: &SecretKey,
        request: &Request,
        context: &RequestContext,
    ) -> Result<Response, Error> {
        let is_read = request.is_read();
        let sending = (|| self.try_once(key, request, context))
            .retry(self.inner.config.retry.backoff())
            .sleep(tokio::time::sleep)
            .adjust(|error, backoff| retry::wait(is_read, error, backoff?, context.time_left()))
            .notify(|error, wait| {
                // Not the error's text, which can hold whatever was sent back.
                let (cause, status) = (error.kind(), error.status());
                tracing::debug!(%request, cause, status, ?wait, "sending again");
                self.observe(Observed::Retried);
            });
        tokio::select! {
            biased;
            () = context.cancelled() => Err(Error::Cancelled),
            outcome = sending => outcome,
        }
    }

    /// Sends a request that isn't one of the API, once: with the certificates, the proxies and the
    /// time limits that this client has, and with nothing that the caller didn't put into it. It
    /// follows no redirect.
    ///
    /// # Errors
    /// [`Error::Unreachable`], [`Error::Timeout`] and [`Error::Interrupted`].
    pub async fn send_plain(&self, request: reqwest::Request) -> Result<reqwest::Response, Error> {
        let Inner { config, http, .. } = &*self.inner;
        let http = http.get_or_try_init(async || http_client(config)).await?;
        match tokio::time::timeout(config.timeout, http.execute(request)).await {
            Ok(sent) => sent.map_err(|error| classify(&error, config, config.timeout)),
            Err(_) => Err(Error::Timeout(config.timeout)),
        }
    }

    async fn try_once(
        &self,
        key: &SecretKey,
        request: &Request,
        context: &RequestContext,
    ) -> Result<Response, Error> {
        let outcome = self.send_once(key, request, context).await;
        self.observe(match &outcome {
            Ok(response) => Observed::Status(response.status),
            Err(error) => error.status().map_or(Observed::Failed(error.kind()), Observed::Status),
        });
        outcome
    }

    fn observe(&self, observed: Observed) {
        if let Some(observer) = self.inner.config.observer {
            observer(observed);
        }
    }

    async fn send_once(
        &self,
        key: &SecretKey,
        request: &Request,
        context: &RequestContext,
    ) -> Result<Response, Error> {
        let Inner { config, budget, http } = &*self.inner;
        let _room = context.room().await.map_err(|_| Error::Cancelled)?;
        let requests_left = budget.turn(key, request, context.deadline()).await?;
        context.note(|last| last.requests_left = requests_left);
        let timeout = config.timeout.min(context.time_left());
        let failed = |error: reqwest::Error| classify(&error, config, timeout);
        let http = http.get_or_try_init(async || http_client(config)).await?;
        let method = reqwest::Method::from_bytes(request.route().method.as_str().as_bytes())
            .map_err(|_| Error::Internal("no HTTP method"))?;
        let mut sending = http
            .request(method, url(&config.base_url, request))
            .timeout(timeout)
            .headers(headers(key, config)?);
        if let Some(file) = request.file() {
            sending = sending.multipart(form(file, request.body())?);
        } else if let Some(body) = request.body() {
            sending = sending.header(CONTENT_TYPE, "application/json").body(body.to_string());
        }
        let mut response = sending.send().await.map_err(failed)?;
        let (status, headers) = (response.status(), response.headers().clone());
        let trace_id = trace_id(&headers);
        context.note(|last| {
            last.status = Some(status.as_u16());
            last.trace_id.clone_from(&trace_id);
        });
        if !status.is_success() {
            let mut body = BytesMut::new();
            // A refusal stands even where its body did not arrive.
            let _ = read_body(&mut response, &mut body, REFUSAL_LIMIT).await;
            return Err(Refusal::read(status.as_u16(), &headers, &body).into());
        }
        let mut body = BytesMut::new();
        let read = read_body(&mut response, &mut body, BODY_LIMIT).await;
        let body = match read.map_err(failed) {
            Ok(true) => Ok(body.freeze()),
            Ok(false) => Err(Error::Unreadable {
                status: status.as_u16(),
                reason: format!("it is longer than {} MiB", BODY_LIMIT >> 20),
            }),
            Err(error) => Err(error),
        };
        context.note(|last| last.bytes += body.as_ref().map_or(0, Bytes::len));
        let status = status.as_u16();
        match body {
            Ok(body) => Ok(Response { status, trace_id, body }),
            Err(error) if request.is_read() => Err(error),
            // Once the status says success a write is done, whatever becomes of its response.
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

fn http_client(config: &ClientConfig) -> Result<reqwest::Client, Error> {
    // Fails only where a provider is installed already, which then serves as well.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let builder = || {
        let builder = reqwest::Client::builder()
            .connect_timeout(config.connect_timeout)
            // The API has no redirects; the key must not follow one.
            .redirect(reqwest::redirect::Policy::none());
        // A proxy of the environment's is another machine, whose loopback is another one.
        if is_loopback(&config.base_url) { builder.no_proxy() } else { builder }
    };
    if is_loopback(&config.base_url) && config.base_url.scheme() == "http" {
        // Without TLS no authority is asked, so none need be read.
        return builder().tls_certs_only([]).build().map_err(unreadable(config));
    }
    if let Some(authorities) = named_authorities() {
        let authorities = authorities
            .map_err(|reason| unreachable(&config.base_url, ConnectFailure::Authorities, reason))?;
        return builder().tls_certs_only(authorities).build().map_err(unreadable(config));
    }
    match builder().build() {
        // An empty container has no authorities. Where the operator names a file, it alone counts.
        Err(_) if !["SSL_CERT_FILE", "SSL_CERT_DIR"].iter().any(|name| has_variable(name)) => {
            builder().tls_certs_only(mozilla_roots()).build().map_err(unreadable(config))
        }
        built => built.map_err(unreadable(config)),
    }
}

fn unreadable(config: &ClientConfig) -> impl Fn(reqwest::Error) -> Error {
    |error| unreachable(&config.base_url, ConnectFailure::Authorities, root_cause(&error))
}

/// The authorities in the file that `SSL_CERT_FILE` names, on Windows and macOS, whose own verifiers
/// don't read it. `None`: the system decides.
fn named_authorities() -> Option<Result<Vec<Certificate>, String>> {
    if !cfg!(any(windows, target_vendor = "apple")) {
        return None;
    }
    let file = std::env::var_os("SSL_CERT_FILE").filter(|file| !file.is_empty())?;
    let pem = fs::read(file).map_err(|error| error.to_string());
    let read =
        pem.and_then(|pem| Certificate::from_pem_bundle(&pem).map_err(|error| root_cause(&error)));
    let empty = "SSL_CERT_FILE has no certificate in it";
    Some(read.and_then(|found| if found.is_empty() { Err(empty.to_owned()) } else { Ok(found) }))
}

fn has_variable(name: &str) -> bool {
    std::env::var_os(name).is_some_and(|value| !value.is_empty())
}

/// The authorities that Mozilla trusts, as of this build: for a system that has none of its own.
fn mozilla_roots() -> impl Iterator<Item = Certificate> {
    let roots = webpki_root_certs::TLS_SERVER_ROOT_CERTS.iter();
    roots.filter_map(|root| Certificate::from_der(root).ok())
}

fn url(base: &Url, request: &Request) -> Url {
    let mut url = base.clone();
    url.set_path(&format!("{}/v1{}", base.path().trim_end_matches('/'), request.path()));
    if !request.query().is_empty() {
        url.query_pairs_mut().extend_pairs(request.query());
    }
    url
}

fn headers(key: &SecretKey, config: &ClientConfig) -> Result<HeaderMap, Error> {
    let value = |text: &str| {
        HeaderValue::from_str(text).map_err(|_| Error::Internal("a header can't hold its value"))
    };
    let mut bearer = value(&key.bearer())?;
    bearer.set_sensitive(true);
    Ok(HeaderMap::from_iter([
        (AUTHORIZATION, bearer),
        (ACCEPT, HeaderValue::from_static("application/json")),
        (USER_AGENT, value(&config.user_agent)?),
        (HeaderName::from_static("clerk-api-version"), value(&config.api_version)?),
    ]))
}

/// A form of a file and the fields of a body.
fn form(file: &FilePart, body: Option<&Value>) -> Result<Form, Error> {
    let length = file.bytes.len() as u64;
    let part = Part::stream_with_length(Body::from(file.bytes.clone()), length)
        .file_name(file.file_name.clone())
        .mime_str(&file.media_type)
        .map_err(|_| Error::Internal("no media type"))?;
    let mut form = Form::new().part("file", part);
    for (name, value) in body.and_then(Value::as_object).into_iter().flatten() {
        if let Some(text) = value.as_str() {
            form = form.text(name.clone(), text.to_owned());
        }
    }
    Ok(form)
}

/// Reads at most `limit` bytes into `body`. Whether that was all.
async fn read_body(
    response: &mut reqwest::Response,
    body: &mut BytesMut,
    limit: usize,
) -> Result<bool, reqwest::Error> {
    while let Some(chunk) = response.chunk().await? {
        let room = limit - body.len();
        body.extend_from_slice(chunk.get(..room).unwrap_or(&chunk));
        if chunk.len() > room {
            return Ok(false);
        }
    }
    Ok(true)
}

fn classify(error: &reqwest::Error, config: &ClientConfig, timeout: Duration) -> Error {
    if error.is_connect() {
        unreachable(&config.base_url, connect_failure(error), root_cause(error))
    } else if error.is_timeout() {
        Error::Timeout(timeout)
    } else {
        Error::Interrupted(root_cause(error))
    }
}

fn unreachable(url: &Url, cause: ConnectFailure, reason: String) -> Error {
    let host = url.host_str().unwrap_or_default();
    let host = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
    Error::Unreachable(Unreachable { cause, host, reason })
}

/// At which step a connection failed, by what is in the chain of causes.
fn connect_failure(error: &reqwest::Error) -> ConnectFailure {
    if error.is_timeout() {
        return ConnectFailure::Timeout;
    }
    let causes = iter::successors(error.source(), |cause: &&_| (*cause).source());
    causes.filter_map(step_of).last().unwrap_or(ConnectFailure::Other)
}

fn step_of(cause: &(dyn std::error::Error + 'static)) -> Option<ConnectFailure> {
    if let Some(rustls::Error::InvalidCertificate(_)) = cause.downcast_ref() {
        return Some(ConnectFailure::Certificate);
    }
    if let Some(error) = cause.downcast_ref::<io::Error>() {
        // Its source skips the error that it wraps.
        if let Some(inner) = error.get_ref()
            && let Some(step) = step_of(inner)
        {
            return Some(step);
        }
        return match error.kind() {
            io::ErrorKind::ConnectionRefused => Some(ConnectFailure::Refused),
            io::ErrorKind::TimedOut => Some(ConnectFailure::Timeout),
            _ => None,
        };
    }
    // hyper's connector has no types for these that others can name.
    match cause.to_string() {
        text if text.starts_with("dns error") => Some(ConnectFailure::Name),
        text if text.contains("tunnel") || text.contains("proxy") => Some(ConnectFailure::Proxy),
        _ => None,
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
