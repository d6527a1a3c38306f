//! Telling whoever waits for a long call how far it is.

use std::{
    fmt,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::future::BoxFuture;
use tokio_util::sync::CancellationToken;

const UNHEARD: Duration = Duration::from_secs(45);
const HEARD: Duration = Duration::from_mins(10);

/// Receives how much is done, and of how much where that is known.
type Listener = dyn Fn(u64, Option<u64>) -> BoxFuture<'static, ()> + Send + Sync;

/// Where the progress of a call goes to, nowhere where nobody asked for it; and whether the call is
/// to end before all is done.
#[derive(Clone, Default)]
pub struct Progress {
    listener: Option<Arc<Listener>>,
    interrupt: CancellationToken,
}

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Progress").field(&self.is_wanted()).finish_non_exhaustive()
    }
}

impl Progress {
    /// Tells `listener`.
    pub fn new(
        listener: impl Fn(u64, Option<u64>) -> BoxFuture<'static, ()> + Send + Sync + 'static,
    ) -> Self {
        Self { listener: Some(Arc::new(listener)), interrupt: CancellationToken::new() }
    }

    /// The same for a call that this token asks to end soon: with what is done by then.
    #[must_use]
    pub fn until(self, interrupt: CancellationToken) -> Self {
        Self { interrupt, ..self }
    }

    /// Whether anybody listens.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.listener.is_some()
    }

    /// How long a call may take whose progress is reported: less than the 60 s after which the
    /// TypeScript SDK gives up a call that it hears nothing of.
    #[must_use]
    pub fn patience(&self) -> Duration {
        if self.is_wanted() { HEARD } else { UNHEARD }
    }

    /// Why a call that began then is to do no more, as a clause; `None` if it may go on.
    #[must_use]
    pub fn over(&self, began: Instant) -> Option<&'static str> {
        if self.interrupt.is_cancelled() {
            return Some("it was interrupted");
        }
        (began.elapsed() > self.patience()).then_some("there was no more time")
    }

    /// Resolves when the call is asked to end.
    pub async fn interrupted(&self) {
        self.interrupt.cancelled().await;
    }

    /// Tells that `done` of `total` are done.
    pub async fn tell(&self, done: u64, total: Option<u64>) {
        if let Some(listener) = &self.listener {
            listener(done, total).await;
        }
    }
}
