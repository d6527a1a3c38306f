//! OTLP over HTTP, in JSON. The crates of OpenTelemetry would be 15 more, for what are two documents.
//! <https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding>

use std::{
    collections::HashMap,
    sync::atomic::{AtomicBool, Ordering},
    time::{Duration, SystemTime},
};

use clerk_api::Client;
use reqwest::{
    Method, Request, Url,
    header::{CONTENT_TYPE, HeaderValue},
};
use serde_json::json;

use super::{Attribute, AttributeValue, BOUNDS, Durations, Finished, Kind, Measured, Value};

/// `SPAN_KIND_SERVER` and `SPAN_KIND_CLIENT`.
const SERVER: u8 = 2;
const CLIENT: u8 = 3;
/// `STATUS_CODE_ERROR`.
const ERROR: u8 = 2;
/// `AGGREGATION_TEMPORALITY_CUMULATIVE`: counts are since the start.
const CUMULATIVE: u8 = 2;

/// Where traces and metrics are sent.
pub(super) struct Collector {
    client: Client,
    traces: Url,
    metrics: Url,
    since: SystemTime,
    /// Tells this process from others of the same service.
    instance: String,
    /// Whether the last one could not be sent: the log says so once.
    fails: AtomicBool,
}

impl Collector {
    pub(super) fn new(endpoint: &Url, client: Client) -> Self {
        let below = |path: &str| {
            let mut url = endpoint.clone();
            url.set_path(&format!("{}{path}", endpoint.path().trim_end_matches('/')));
            url
        };
        let instance = format!("{:032x}", fastrand::u128(..));
        let (traces, metrics) = (below("/v1/traces"), below("/v1/metrics"));
        let (since, fails) = (SystemTime::now(), AtomicBool::new(false));
        Self { client, traces, metrics, since, instance, fails }
    }

    pub(super) async fn send_spans(&self, spans: &[Finished]) {
        let spans: Vec<Value> = spans.iter().map(span).collect();
        let scope = json!({ "scope": scope(), "spans": spans });
        let resource = json!({ "resource": self.resource(), "scopeSpans": [scope] });
        self.send(&self.traces, json!({ "resourceSpans": [resource] })).await;
    }

    pub(super) async fn send_durations(&self, durations: &HashMap<Measured, Durations>) {
        if durations.is_empty() {
            return;
        }
        let metrics: Vec<Value> =
            [Kind::Server, Kind::Client].map(|kind| self.histogram(kind, durations)).into();
        let scope = json!({ "scope": scope(), "metrics": metrics });
        let resource = json!({ "resource": self.resource(), "scopeMetrics": [scope] });
        self.send(&self.metrics, json!({ "resourceMetrics": [resource] })).await;
    }

    fn histogram(&self, kind: Kind, durations: &HashMap<Measured, Durations>) -> Value {
        let of_kind = durations.iter().filter(|(measured, _)| measured.kind == kind);
        let points: Vec<Value> = of_kind
            .map(|(measured, durations)| {
                let counts: Vec<String> = durations.buckets.iter().map(u64::to_string).collect();
                json!({
                    "attributes": attributes(&measured.attributes),
                    "startTimeUnixNano": nanos(self.since),
                    "timeUnixNano": nanos(SystemTime::now()),
                    "count": durations.buckets.iter().sum::<u64>().to_string(),
                    "sum": durations.sum,
                    "bucketCounts": counts,
                    "explicitBounds": BOUNDS,
                })
            })
            .collect();
        let histogram = json!({ "aggregationTemporality": CUMULATIVE, "dataPoints": points });
        json!({ "name": kind.metric(), "unit": "s", "histogram": histogram })
    }

    fn resource(&self) -> Value {
        json!({ "attributes": attributes(&[
            ("service.name", "clerk-mcp".into()),
            ("service.version", env!("CARGO_PKG_VERSION").into()),
            ("service.instance.id", self.instance.as_str().into()),
        ]) })
    }

    /// What can't be sent is lost: it is of no use later, and must not fill the memory.
    async fn send(&self, url: &Url, document: Value) {
        let mut request = Request::new(Method::POST, url.clone());
        request.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = Some(document.to_string().into());
        let problem = match self.client.send_plain(request).await {
            Ok(response) if response.status().is_success() => None,
            Ok(response) => Some(format!("it responds with {}", response.status().as_u16())),
            Err(error) => Some(error.to_string()),
        };
        let failed_before = self.fails.swap(problem.is_some(), Ordering::Relaxed);
        if let Some(problem) = problem.filter(|_| !failed_before) {
            tracing::warn!(problem, "the OpenTelemetry collector can't be reached; going on");
        }
    }
}

fn scope() -> Value {
    json!({ "name": "clerk-mcp", "version": env!("CARGO_PKG_VERSION") })
}

fn span(Finished { span, duration, ended }: &Finished) -> Value {
    let mut all = ended.attributes.clone();
    all.extend(super::error_type(ended));
    // An empty ID is none, and the status 0 is unset.
    let parent = span.parent.map(|parent| format!("{parent:016x}"));
    json!({
        "traceId": format!("{:032x}", span.trace),
        "spanId": format!("{:016x}", span.id),
        "parentSpanId": parent.unwrap_or_default(),
        "flags": 1,
        "name": ended.name,
        "kind": match ended.kind {
            Kind::Server => SERVER,
            Kind::Client => CLIENT,
        },
        "startTimeUnixNano": nanos(span.began),
        "endTimeUnixNano": nanos(span.began + *duration),
        "attributes": attributes(&all),
        "status": { "code": if ended.error.is_some() { ERROR } else { 0 } },
    })
}

fn attributes(attributes: &[Attribute]) -> Value {
    let attribute = |(key, value): &Attribute| {
        let value = match value {
            AttributeValue::Text(text) => json!({ "stringValue": text }),
            // Numbers of 64 bits are strings in this encoding.
            AttributeValue::Number(number) => json!({ "intValue": number.to_string() }),
        };
        json!({ "key": key, "value": value })
    };
    attributes.iter().map(attribute).collect()
}

fn nanos(time: SystemTime) -> String {
    time.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO).as_nanos().to_string()
}
