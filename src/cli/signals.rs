//! Signals: those that end a command (Ctrl-C, and SIGTERM on Unix), and the one that reloads.

use std::future::pending;

#[cfg(unix)]
use tokio::signal::unix::{Signal, SignalKind, signal};
#[cfg(windows)]
use tokio::signal::windows::{CtrlC, ctrl_c};

/// Notes the signals from its creation on, which don't end the process any more then. One that can't
/// be noted never comes.
pub(crate) struct Signals {
    #[cfg(unix)]
    noted: [Option<Signal>; 2],
    #[cfg(windows)]
    noted: [Option<CtrlC>; 1],
}

impl Signals {
    pub(crate) fn new() -> Self {
        #[cfg(unix)]
        let noted =
            [SignalKind::interrupt(), SignalKind::terminate()].map(|kind| signal(kind).ok());
        #[cfg(windows)]
        let noted = [ctrl_c().ok()];
        Self { noted }
    }

    /// Resolves at the next signal, or at once if one came since the last time.
    pub(crate) async fn next(&mut self) {
        let noted = self.noted.iter_mut().flatten().map(|signal| Box::pin(signal.recv()));
        let noted: Vec<_> = noted.collect();
        if noted.is_empty() {
            pending::<()>().await;
        }
        futures::future::select_all(noted).await;
    }
}

/// Resolves on the first signal.
pub(crate) async fn stopped() {
    Signals::new().next().await;
}

/// SIGHUP, noted from the creation of this on: it doesn't end the process any more then. Where there is
/// no such signal, or it can't be noted, it never comes.
pub(crate) struct Hangups {
    #[cfg(unix)]
    noted: Option<Signal>,
}

impl Hangups {
    pub(crate) fn new() -> Self {
        Self {
            #[cfg(unix)]
            noted: signal(SignalKind::hangup()).ok(),
        }
    }

    /// Resolves at the next signal, or at once if one came since the last time.
    pub(crate) async fn next(&mut self) {
        #[cfg(unix)]
        if let Some(noted) = &mut self.noted
            && noted.recv().await.is_some()
        {
            return;
        }
        pending::<()>().await;
    }
}
