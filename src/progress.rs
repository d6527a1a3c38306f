//! Telling whoever waits for a long call how far it is.

use std::{fmt, sync::Arc, time::Duration};

use futures::future::BoxFuture;

const UNHEARD: Duration = Duration::from_secs(45);
const HEARD: Duration = Duration::from_mins(10);

/// Receives how much is done, and of how much where that is known.
type Listener = dyn Fn(u64, Option<u64>) -> BoxFuture<'static, ()> + Send + Sync;

/// Where the progress of a call goes to; nowhere where nobody asked for it.
#[derive(Clone, Default)]
pub struct Progress(Option<Arc<Listener>>);

impl fmt::Debug for Progress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Progress").field(&self.is_wanted()).finish()
    }
}

impl Progress {
    /// Tells `listener`.
    pub fn new(
        listener: impl Fn(u64, Option<u64>) -> BoxFuture<'static, ()> + Send + Sync + 'static,
    ) -> Self {
        Self(Some(Arc::new(listener)))
    }

    /// Whether anybody listens.
    #[must_use]
    pub fn is_wanted(&self) -> bool {
        self.0.is_some()
    }

    /// How long a call may take whose progress is reported: less than the 60 s after which the
    /// TypeScript SDK gives up a call that it hears nothing of.
    #[must_use]
    pub fn patience(&self) -> Duration {
        if self.is_wanted() { HEARD } else { UNHEARD }
    }

    /// Tells that `done` of `total` are done.
    pub async fn tell(&self, done: u64, total: Option<u64>) {
        if let Some(listener) = &self.0 {
            listener(done, total).await;
        }
    }
}
