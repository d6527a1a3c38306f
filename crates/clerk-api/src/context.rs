//! What the requests of one task share: a deadline, cancellation, and how the last one went.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use tokio::{
    sync::{AcquireError, Semaphore, SemaphorePermit},
    time::Instant,
};
use tokio_util::sync::CancellationToken;

/// How many requests of one context may be under way at once; further ones wait.
const REQUESTS_AT_ONCE: usize = 4;

/// The deadline and the cancellation of a task that sends one or more requests. Clones share all
/// but the deadline.
#[derive(Clone, Debug)]
pub struct RequestContext {
    deadline: Instant,
    cancellation: CancellationToken,
    under_way: Arc<Semaphore>,
    last_response: Arc<Mutex<LastResponse>>,
}

/// What is known of the last response to a context's requests.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LastResponse {
    /// The HTTP status.
    pub status: Option<u16>,
    /// The trace id, for Clerk's support.
    pub trace_id: Option<String>,
    /// How many more requests could be sent at once; `None` if there is no limit.
    pub requests_left: Option<u32>,
    /// How many bytes the bodies of all responses had so far, once they were decompressed.
    pub bytes: usize,
}

impl RequestContext {
    /// A context whose requests end within `limit` from now, their retries included.
    #[must_use]
    pub fn new(limit: Duration) -> Self {
        Self {
            deadline: Instant::now() + limit,
            cancellation: CancellationToken::new(),
            under_way: Arc::new(Semaphore::new(REQUESTS_AT_ONCE)),
            last_response: Arc::default(),
        }
    }

    /// The same context with a new deadline, `limit` from now.
    #[must_use]
    pub fn renewed(self, limit: Duration) -> Self {
        Self { deadline: Instant::now() + limit, ..self }
    }

    /// The same context, which knows of no response yet, and whose responses the first doesn't know.
    #[must_use]
    pub fn apart(self) -> Self {
        Self { last_response: Arc::default(), ..self }
    }

    /// The same context, whose requests end when `token` is cancelled.
    #[must_use]
    pub fn with_cancellation(self, token: CancellationToken) -> Self {
        Self { cancellation: token, ..self }
    }

    /// When its requests must have ended.
    #[must_use]
    pub fn deadline(&self) -> Instant {
        self.deadline
    }

    /// How long until the deadline.
    #[must_use]
    pub fn time_left(&self) -> Duration {
        self.deadline.saturating_duration_since(Instant::now())
    }

    /// What is known of the last response so far.
    #[must_use]
    pub fn last_response(&self) -> LastResponse {
        self.last_response.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    pub(crate) fn note(&self, change: impl FnOnce(&mut LastResponse)) {
        change(&mut self.last_response.lock().unwrap_or_else(PoisonError::into_inner));
    }

    pub(crate) async fn cancelled(&self) {
        self.cancellation.cancelled().await;
    }

    /// Waits until the context has room for one more request.
    pub(crate) async fn room(&self) -> Result<SemaphorePermit<'_>, AcquireError> {
        self.under_way.acquire().await
    }
}
