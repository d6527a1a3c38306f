//! A sandbox that runs while a test does.

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use serde::Serialize;
use serde_json::Value;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

use crate::fault::Fault;
use crate::serve;
use crate::state::{KEY, Options, Sandbox};

/// A sandbox that listens on a port of its own on this machine, and stops when it is dropped.
#[derive(Debug)]
pub struct Running {
    address: SocketAddr,
    sandbox: Sandbox,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

impl Sandbox {
    /// Starts a sandbox for a test, with the default options.
    ///
    /// ```
    /// let clerk = clerk_sandbox::Sandbox::start()?;
    /// // Point the code under test at clerk.url(), with the key clerk.secret_key().
    /// clerk.control().advance(std::time::Duration::from_secs(3_600));
    /// assert!(clerk.control().requests().is_empty());
    /// # Ok::<(), std::io::Error>(())
    /// ```
    ///
    /// # Errors
    /// The machine has no port or no thread left.
    pub fn start() -> io::Result<Running> {
        Self::start_with(Options::default())
    }

    /// The same with other options.
    ///
    /// # Errors
    /// The machine has no port or no thread left.
    pub fn start_with(options: Options) -> io::Result<Running> {
        let listener = std::net::TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?;
        let sandbox = Self::new(options);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let (stop, stopped) = oneshot::channel::<()>();
        let served = sandbox.clone();
        // A thread of its own, so that a test may block.
        let thread = thread::Builder::new().name("clerk-sandbox".to_owned()).spawn(move || {
            let result = runtime.block_on(async {
                let listener = TcpListener::from_std(listener)?;
                let stopped = async {
                    let _ = stopped.await;
                };
                serve(listener, &served, stopped).await
            });
            if let Err(error) = result {
                tracing::error!(%error, "the sandbox stopped");
            }
        })?;
        Ok(Running { address, sandbox, stop: Some(stop), thread: Some(thread) })
    }
}

impl Running {
    /// Where it listens, such as `http://127.0.0.1:41234`, without a slash at the end.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// The key of the instance that [`control`](Self::control) is about. Any other key that begins
    /// with `sk_test_` or `sk_live_` has an instance of its own.
    #[must_use]
    pub fn secret_key(&self) -> &'static str {
        KEY
    }

    /// What a test can change and look at without a request.
    #[must_use]
    pub fn control(&self) -> Control {
        Control(self.sandbox.clone())
    }

    /// The same for the instance of another key.
    #[must_use]
    pub fn control_of(&self, secret_key: &str) -> Control {
        Control(self.sandbox.of_key(secret_key))
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(stop) = self.stop.take() {
            let _ = stop.send(());
        }
        // At most as long as requests under way may take to finish.
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

/// The control of one instance: a part of what the API under `/sandbox` can do.
#[derive(Clone, Debug)]
pub struct Control(Sandbox);

impl Control {
    /// Makes the instance as it was at first.
    pub fn reset(&self) {
        self.0.reset(self.0.options().store());
    }

    /// Keeps the data and the clock under a name.
    pub fn snapshot(&self, name: &str) {
        let store = self.0.read().clone();
        self.0.snapshots().insert(name.to_owned(), store);
    }

    /// Goes back to what was kept under a name; false if there is nothing.
    #[must_use]
    pub fn restore(&self, name: &str) -> bool {
        let kept = self.0.snapshots().get(name).cloned();
        let Some(store) = kept else { return false };
        self.0.replace(store);
        true
    }

    /// The instance's time, in Unix milliseconds.
    #[must_use]
    pub fn now(&self) -> i64 {
        self.0.read().time()
    }

    /// Moves the clock to this time, in Unix milliseconds.
    pub fn set_time(&self, milliseconds: i64) {
        self.0.change_clock(|clock| clock.set(milliseconds));
    }

    /// Moves the clock on.
    pub fn advance(&self, time: Duration) {
        let milliseconds = i64::try_from(time.as_millis()).unwrap_or(i64::MAX);
        self.0.change_clock(|clock| clock.set(clock.now().saturating_add(milliseconds)));
    }

    /// Stops the clock, or lets it run on.
    pub fn freeze(&self, is_frozen: bool) {
        self.0.change_clock(|clock| if is_frozen { clock.freeze() } else { clock.resume() });
    }

    /// Adds a fault, after those that are there.
    pub fn fault(&self, fault: Fault) {
        self.0.faults().add(fault);
    }

    /// Removes all faults.
    pub fn clear_faults(&self) {
        self.0.faults().replace(&[]);
    }

    /// The requests so far, the oldest first, as `GET /sandbox/requests` shows them.
    #[must_use]
    pub fn requests(&self) -> Vec<Value> {
        values(self.0.requests().all())
    }

    /// The events so far, the oldest first, as `GET /sandbox/events` shows them.
    #[must_use]
    pub fn events(&self) -> Vec<Value> {
        values(self.0.deliveries().sent().iter())
    }

    /// The messages so far, the oldest first, as `GET /sandbox/inbox` shows them.
    #[must_use]
    pub fn inbox(&self) -> Vec<Value> {
        values(self.0.read().inbox())
    }
}

fn values(items: impl IntoIterator<Item = impl Serialize>) -> Vec<Value> {
    items.into_iter().filter_map(|item| serde_json::to_value(item).ok()).collect()
}
