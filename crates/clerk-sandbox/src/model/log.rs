//! The application's logs.

use std::collections::VecDeque;
use std::sync::Arc;

use serde_json::{Map, Value, json};

use super::log_type::LogType;
use crate::act::Act;

/// How many logs are kept; the oldest are dropped.
const MOST: usize = 20_000;

/// One log.
#[derive(Debug)]
pub(crate) struct Log {
    pub(crate) id: String,
    /// When it happened.
    pub(crate) at: i64,
    pub(crate) kind: &'static LogType,
    pub(crate) actor: Option<String>,
    pub(crate) actor_type: Option<&'static str>,
    pub(crate) impersonator: Option<String>,
    pub(crate) subject: Option<String>,
    pub(crate) session_id: Option<String>,
    pub(crate) client_id: Option<String>,
    pub(crate) span_id: String,
    pub(crate) act: Arc<Act>,
    pub(crate) payload: Map<String, Value>,
}

/// All logs, the oldest first.
#[derive(Debug, Clone, Default)]
pub(crate) struct Logs(VecDeque<Arc<Log>>);

impl Logs {
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &Log> + ExactSizeIterator {
        self.0.iter().map(Arc::as_ref)
    }

    /// Those from the first time on and before the second.
    pub(crate) fn between(
        &self,
        from: i64,
        before: i64,
    ) -> impl DoubleEndedIterator<Item = &Log> + ExactSizeIterator {
        let start = self.0.partition_point(|log| log.at < from);
        let end = self.0.partition_point(|log| log.at < before).max(start);
        self.0.range(start..end).map(Arc::as_ref)
    }

    /// Adds a log after those of the same time.
    pub(crate) fn add(&mut self, log: Log) {
        let index = self.0.partition_point(|other| other.at <= log.at);
        self.insert(index, log);
    }

    /// Adds a log before the others of its act, which follow from it, and at their time.
    pub(crate) fn add_cause(&mut self, mut log: Log) {
        let end = self.0.partition_point(|other| other.at <= log.at);
        let before = self.0.range(..end).rev();
        let same = before.take_while(|other| other.act.trace_id == log.act.trace_id).count();
        let index = end - same;
        if let Some(first) = self.0.get(index).filter(|_| same > 0) {
            log.at = first.at;
        }
        self.insert(index, log);
    }

    fn insert(&mut self, index: usize, log: Log) {
        self.0.insert(index, Arc::new(log));
        if self.0.len() > MOST {
            self.0.pop_front();
        }
    }
}

impl Log {
    /// As responses show it, without the payload; `environment` is that of the instance.
    pub(crate) fn reply(&self, environment: &Value) -> Map<String, Value> {
        let device = &self.act.device;
        let kind = device.kind();
        let browser = device.browser();
        let browser = browser.map(|(name, version)| json!({ "name": name, "version": version }));
        let location = device.location.as_ref();
        let location = location.map(|(city, country)| json!({ "city": city, "country": country }));
        let impersonator = self.impersonator.as_ref().map(|id| json!({ "user_id": id }));
        let reply = json!({
            "object": "log",
            "id": self.id,
            "event_time": self.at,
            "impersonator": impersonator,
            "type": self.kind.name,
            "source": self.act.by.source(),
            "client_id": self.client_id,
            "trace_id": self.act.trace_id,
            "span_id": self.span_id,
            "parent_span_id": null,
            "session_id": self.session_id,
            "event_context": {
                "environment": environment,
                "device": {
                    "ip_address": device.ip_address,
                    "user_agent": device.user_agent,
                    "browser": browser,
                    "device_type": kind.map(|(kind, _)| kind),
                    "is_mobile": kind.is_some_and(|(_, is_mobile)| is_mobile),
                    "is_native": false,
                    "clerk_js_version": null,
                    "location": location,
                },
            },
        });
        let mut fields = match reply {
            Value::Object(fields) => fields,
            _ => Map::new(),
        };
        // Of a sign-in that is nobody's there is none.
        let known = [("actor", &self.actor), ("subject", &self.subject)].into_iter();
        for (name, id) in known.filter_map(|(name, id)| Some((name, id.as_ref()?))) {
            fields.insert(name.to_owned(), json!(id));
        }
        if let Some(actor_type) = self.actor_type {
            fields.insert("actor_type".to_owned(), json!(actor_type));
        }
        fields
    }
}
