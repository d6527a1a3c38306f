//! Traces and metrics for an OpenTelemetry collector, by its conventions for MCP and HTTP. Off unless the
//! operator names a collector; then there is one set a process, as there is one log.
//!
//! Spans hold no arguments, no results and nothing about people: names of tools, templates of paths,
//! statuses and times. A client's trace context is taken, so that a call is in the client's trace, and
//! isn't passed on to Clerk.
//! <https://github.com/open-telemetry/semantic-conventions-genai/blob/main/docs/gen-ai/mcp.md>

mod otlp;
mod request;

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, OnceLock, PoisonError},
    time::{Duration, Instant, SystemTime},
};

use clerk_api::Client;
use reqwest::Url;
use serde_json::Value;
use tokio::{
    sync::{mpsc, oneshot},
    task::JoinHandle,
    time::MissedTickBehavior,
};

use self::otlp::Collector;

/// How many spans wait to be sent; further ones are dropped.
const WAITING: usize = 2048;
/// How many spans are sent at once.
const BATCH: usize = 512;
/// How often spans are sent.
const SPANS_EVERY: Duration = Duration::from_secs(5);
/// How often metrics are sent: after so many times that spans are.
const METRICS_AFTER: u32 = 6;
/// How long the last ones may take at the end of the process.
const LAST: Duration = Duration::from_secs(2);
/// Up to which duration operations are counted together, in seconds: the convention's buckets.
const BOUNDS: [f64; 14] =
    [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0];

static TELEMETRY: OnceLock<Telemetry> = OnceLock::new();

struct Telemetry {
    spans: mpsc::Sender<Finished>,
    durations: Mutex<HashMap<Measured, Durations>>,
}

/// What an operation was, for those who look at it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A request of an MCP client.
    Server,
    /// A request to Clerk.
    Client,
}

/// A name and its value: a word of this program, a number or a host, so that there are few.
pub type Attribute = (&'static str, AttributeValue);

/// The value of an attribute.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum AttributeValue {
    /// A text.
    Text(String),
    /// A number.
    Number(i64),
}

/// An operation under way.
#[derive(Clone, Debug)]
pub struct Span {
    trace: u128,
    id: u64,
    parent: Option<u64>,
    is_sampled: bool,
    began: SystemTime,
    timer: Instant,
}

/// How an operation ended.
#[derive(Debug)]
pub struct Ended {
    /// What it was, such as `tools/call clerk_get_user`.
    pub name: String,
    /// For whom it was.
    pub kind: Kind,
    /// What the conventions say of it.
    pub attributes: Vec<Attribute>,
    /// The `error.type`, if it failed.
    pub error: Option<String>,
}

/// A span that is over.
struct Finished {
    span: Span,
    duration: Duration,
    ended: Ended,
}

/// Operations of one kind with the same attributes.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Measured {
    kind: Kind,
    attributes: Vec<Attribute>,
}

/// How long they took.
#[derive(Clone, Debug, Default)]
struct Durations {
    sum: f64,
    buckets: [u64; BOUNDS.len() + 1],
}

/// The task that sends.
#[derive(Debug)]
#[must_use = "what waits is sent when this is finished"]
pub struct Exporting {
    finish: oneshot::Sender<()>,
    task: JoinHandle<()>,
}

/// Sends traces and metrics to the collector at this URL from now on, through a client that knows it.
pub fn start(endpoint: &Url, client: Client) -> Exporting {
    let (spans, waiting) = mpsc::channel(WAITING);
    let _once = TELEMETRY.set(Telemetry { spans, durations: Mutex::default() });
    let (finish, finished) = oneshot::channel();
    let collector = Collector::new(endpoint, client);
    Exporting { finish, task: tokio::spawn(export(collector, waiting, finished)) }
}

impl Exporting {
    /// Sends what waits, within two seconds.
    pub async fn finish(self) {
        let _ = self.finish.send(());
        let _ = tokio::time::timeout(LAST, self.task).await;
    }
}

async fn export(
    collector: Collector,
    mut waiting: mpsc::Receiver<Finished>,
    mut finished: oneshot::Receiver<()>,
) {
    let mut ticks = tokio::time::interval(SPANS_EVERY);
    ticks.set_missed_tick_behavior(MissedTickBehavior::Delay);
    let (mut batch, mut rounds) = (Vec::new(), 0_u32);
    loop {
        let (is_due, is_last) = tokio::select! {
            received = waiting.recv_many(&mut batch, BATCH), if batch.len() < BATCH => {
                (received > 0 && batch.len() >= BATCH, false)
            }
            _ = ticks.tick() => (true, false),
            _ = &mut finished => (true, true),
        };
        if is_last {
            while let Ok(span) = waiting.try_recv() {
                batch.push(span);
            }
        }
        if is_due && !batch.is_empty() {
            collector.send_spans(&std::mem::take(&mut batch)).await;
        }
        rounds += u32::from(is_due);
        if is_last || is_due && rounds.is_multiple_of(METRICS_AFTER) {
            let durations = TELEMETRY.get().map(|telemetry| telemetry.durations().clone());
            collector.send_durations(&durations.unwrap_or_default()).await;
        }
        if is_last {
            return;
        }
    }
}

impl Telemetry {
    fn durations(&self) -> MutexGuard<'_, HashMap<Measured, Durations>> {
        self.durations.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Span {
    /// Begins an operation, in the trace of this W3C `traceparent` if there is one; `None` if nothing is
    /// sent to a collector.
    #[must_use]
    pub fn begin(traceparent: Option<&str>) -> Option<Self> {
        TELEMETRY.get()?;
        let given = traceparent.and_then(parse);
        let (trace, parent, is_sampled) = match given {
            Some((trace, parent, is_sampled)) => (trace, Some(parent), is_sampled),
            None => (fastrand::u128(1..), None, true),
        };
        Some(Self::new(trace, parent, is_sampled))
    }

    /// Begins a part of this operation.
    #[must_use]
    pub fn child(&self) -> Self {
        Self::new(self.trace, Some(self.id), self.is_sampled)
    }

    fn new(trace: u128, parent: Option<u64>, is_sampled: bool) -> Self {
        let (id, began, timer) = (fastrand::u64(1..), SystemTime::now(), Instant::now());
        Self { trace, id, parent, is_sampled, began, timer }
    }

    /// Ends the operation: it is measured and, if its trace is recorded, sent.
    pub fn end(self, ended: Ended) {
        let Some(telemetry) = TELEMETRY.get() else { return };
        let duration = self.timer.elapsed();
        let mut attributes = ended.attributes.clone();
        attributes.extend(error_type(&ended));
        let measured = Measured { kind: ended.kind, attributes };
        telemetry.durations().entry(measured).or_default().add(duration);
        if self.is_sampled {
            // If the collector is slow, spans are lost, and nobody waits.
            let _ = telemetry.spans.try_send(Finished { span: self, duration, ended });
        }
    }
}

fn error_type(ended: &Ended) -> Option<Attribute> {
    Some(("error.type", AttributeValue::Text(ended.error.clone()?)))
}

impl Durations {
    fn add(&mut self, duration: Duration) {
        let seconds = duration.as_secs_f64();
        self.sum += seconds;
        let place = BOUNDS.iter().position(|bound| seconds <= *bound).unwrap_or(BOUNDS.len());
        if let Some(count) = self.buckets.get_mut(place) {
            *count += 1;
        }
    }
}

impl Kind {
    /// The histogram of the conventions.
    fn metric(self) -> &'static str {
        match self {
            Self::Server => "mcp.server.operation.duration",
            Self::Client => "http.client.request.duration",
        }
    }
}

impl From<&str> for AttributeValue {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<u16> for AttributeValue {
    fn from(number: u16) -> Self {
        Self::Number(number.into())
    }
}

/// The trace, the span and whether it is recorded. <https://www.w3.org/TR/trace-context/#traceparent-header>
fn parse(traceparent: &str) -> Option<(u128, u64, bool)> {
    let parts: Vec<&str> = traceparent.split('-').collect();
    let [version, trace, span, flags] = parts[..] else { return None };
    let is_hex = |text: &str, length| {
        let is_digit = |byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f');
        text.len() == length && text.bytes().all(is_digit)
    };
    if !is_hex(version, 2) || version == "ff" || !is_hex(trace, 32) || !is_hex(span, 16) {
        return None;
    }
    let flags = u8::from_str_radix(flags, 16).ok().filter(|_| is_hex(flags, 2))?;
    let (trace, span) =
        (u128::from_str_radix(trace, 16).ok()?, u64::from_str_radix(span, 16).ok()?);
    (trace != 0 && span != 0).then_some((trace, span, flags & 1 == 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_trace_context_is_taken_only_in_its_one_form() {
        let good = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
        let (trace, span) = (0x0af7_6519_16cd_43dd_8448_eb21_1c80_319c, 0xb7ad_6b71_6920_3331);
        assert_eq!(parse(good), Some((trace, span, true)));
        assert_eq!(parse(&good.replace("-01", "-00")), Some((trace, span, false)));
        for bad in [
            "",
            "00",
            &good.to_uppercase(),
            &good.replace("00-", "ff-"),
            &good.replace("0af7", "+af7"),
            &good.replace("b7ad6b7169203331", "0000000000000000"),
            &good.replace("0af7651916cd43dd8448eb211c80319c", &"0".repeat(32)),
            &good.replace("-01", "-1"),
            &format!("{good}-more"),
        ] {
            assert_eq!(parse(bad), None, "{bad}");
        }
    }

    #[test]
    fn durations_are_counted_in_the_buckets_of_the_convention() {
        let mut durations = Durations::default();
        for millis in [10, 11, 300_000, 300_001] {
            durations.add(Duration::from_millis(millis));
        }
        assert_eq!((durations.buckets[0], durations.buckets[1]), (1, 1));
        assert_eq!((durations.buckets[13], durations.buckets[14]), (1, 1));
    }

    #[test]
    fn without_a_collector_nothing_is_measured() {
        assert!(Span::begin(None).is_none());
    }
}
