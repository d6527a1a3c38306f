//! What the server counts of its own work, for Prometheus. There is one set a process, as there is one
//! log. No label holds personal data or anything that a client or Clerk wrote: their values are names
//! of tools and words of this program.

use std::{
    sync::{LazyLock, Mutex, PoisonError},
    time::Duration,
};

use clerk_api::Observed;
use prometheus_client::{
    encoding::prometheus_text::{self, CONTENT_TYPE},
    metrics::{counter::Counter, family::Family, gauge::Gauge, histogram::Histogram},
    registry::{Metric, Registry, Unit},
};

/// Up to which duration calls are counted together, in seconds: a call may take 30 s, a scan minutes.
const BUCKETS: [f64; 12] = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0, 120.0];

/// A label and its value.
type Label = [(&'static str, &'static str); 1];
type Two = [(&'static str, &'static str); 2];
type NoLabel = [(&'static str, &'static str); 0];
type Numbered = [(&'static str, String); 1];

/// What is done before the metrics are read, for values that nobody announces.
type Refresh = Box<dyn Fn() + Send + Sync>;

/// The counters.
pub struct Metrics {
    registry: Registry,
    refreshes: Mutex<Vec<Refresh>>,
    calls: Family<Two, Counter>,
    durations: Family<Label, Histogram, fn() -> Histogram>,
    requests: Family<Numbered, Counter>,
    retries: Counter,
    /// None until there was a request with a limit.
    rate_left: Family<NoLabel, Gauge>,
    sessions: Family<Label, Gauge>,
    events: Family<Label, Counter>,
    webhooks_refused: Family<Label, Counter>,
    log_failures: Family<Label, Counter>,
    sign_ins_refused: Family<Label, Counter>,
    reloads: Family<Label, Counter>,
}

impl std::fmt::Debug for Metrics {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Metrics").finish_non_exhaustive()
    }
}

/// The metrics of this process.
#[must_use]
pub fn metrics() -> &'static Metrics {
    static METRICS: LazyLock<Metrics> = LazyLock::new(Metrics::new);
    &METRICS
}

/// Counts one step of a request to Clerk.
pub fn observe(observed: Observed) {
    let metrics = metrics();
    let status = match observed {
        Observed::Retried => {
            metrics.retries.inc();
            return;
        }
        Observed::Status(status) => status.to_string(),
        Observed::Failed(cause) => cause.to_owned(),
    };
    metrics.requests.get_or_create(&[("status", status)]).inc();
}

impl Metrics {
    fn new() -> Self {
        let mut registry = Registry::with_prefix("clerk_mcp");
        let version = [("version".into(), env!("CARGO_PKG_VERSION").into())];
        let build = Gauge::<i64>::default();
        build.set(1);
        let of_build = registry.sub_registry_with_labels(version.into_iter());
        of_build.register("build_info", "The version that runs", build);
        let mut r = Registering(registry);
        let histogram: fn() -> Histogram = || Histogram::new(BUCKETS);
        let durations = Family::new_with_constructor(histogram);
        let about = "Time that a call took, by tool";
        r.0.register_with_unit("call_duration", about, Unit::Seconds, durations.clone());
        Self {
            refreshes: Mutex::default(),
            durations,
            calls: r.add("calls", "Calls that ended, by tool and outcome"),
            requests: r.add(
                "clerk_requests",
                "Requests to Clerk, by HTTP status, or by why there is none; each try counts",
            ),
            retries: r.add("clerk_retries", "Requests to Clerk that were sent again"),
            rate_left: r.add(
                "clerk_rate_limit_left",
                "Requests with the server's own key that could be sent to Clerk at once",
            ),
            sessions: r.add("sessions", "Open sessions of older clients, by transport"),
            events: r.add("events_received", "Webhooks of Clerk that were accepted"),
            webhooks_refused: r.add("webhooks_refused", "Webhooks that were refused, by reason"),
            log_failures: r
                .add("log_failures", "Writes that the audit log or the journal could not keep"),
            sign_ins_refused: r
                .add("sign_ins_refused", "Requests of people who were not let in, by reason"),
            reloads: r.add("reloads", "Reloads of the policy and the secrets, by outcome"),
            registry: r.0,
        }
    }

    /// A call of a tool has ended.
    pub fn call(&self, tool: &'static str, outcome: &'static str, duration: Duration) {
        self.calls.get_or_create(&[("tool", tool), ("outcome", outcome)]).inc();
        self.durations.get_or_create(&[("tool", tool)]).observe(duration.as_secs_f64());
    }

    /// So many requests could be sent to Clerk at once.
    pub fn rate_left(&self, left: u32) {
        self.rate_left.get_or_create(&[]).set(left.into());
    }

    /// So many sessions are open over a transport.
    pub fn sessions(&self, transport: &'static str, count: usize) {
        let count = i64::try_from(count).unwrap_or(i64::MAX);
        self.sessions.get_or_create(&[("transport", transport)]).set(count);
    }

    /// A webhook was accepted: it is `new`, or a `duplicate`.
    pub fn event(&self, kind: &'static str) {
        self.events.get_or_create(&[("kind", kind)]).inc();
    }

    /// A webhook was refused.
    pub fn webhook_refused(&self, reason: &'static str) {
        self.webhooks_refused.get_or_create(&[("reason", reason)]).inc();
    }

    /// The `audit` log or the `journal` could not be written.
    pub fn log_failed(&self, log: &'static str) {
        self.log_failures.get_or_create(&[("log", log)]).inc();
    }

    /// Somebody was not let in.
    pub fn sign_in_refused(&self, reason: &'static str) {
        self.sign_ins_refused.get_or_create(&[("reason", reason)]).inc();
    }

    /// A reload is over.
    pub fn reloaded(&self, outcome: &'static str) {
        self.reloads.get_or_create(&[("outcome", outcome)]).inc();
    }

    /// Does something each time before the metrics are read.
    pub fn before_reading(&self, refresh: impl Fn() + Send + Sync + 'static) {
        self.refreshes.lock().unwrap_or_else(PoisonError::into_inner).push(Box::new(refresh));
    }

    /// All metrics in the text format of Prometheus, and the content type of that.
    #[must_use]
    pub fn text(&self) -> (&'static str, String) {
        for refresh in &*self.refreshes.lock().unwrap_or_else(PoisonError::into_inner) {
            refresh();
        }
        let mut text = String::new();
        // Writing into a string can't fail.
        let _infallible = prometheus_text::encode(&mut text, &self.registry);
        (CONTENT_TYPE, text)
    }
}

/// Makes metrics that the registry knows.
struct Registering(Registry);

impl Registering {
    fn add<M: Metric + Clone + Default>(&mut self, name: &str, about: &str) -> M {
        let metric = M::default();
        self.0.register(name, about, metric.clone());
        metric
    }
}
