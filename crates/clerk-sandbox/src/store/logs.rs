//! Writing the application's logs.

use std::sync::Arc;

use serde::Serialize;
use serde_json::Value;

use super::Store;
use crate::act::{self, By};
use crate::model::{Log, Session, SessionReply, UserReply, first, log_type};

/// Who acts with the secret key: each instance has one.
const KEY: (&str, &str) = ("sandbox_key", "instance_key");

impl Store {
    /// Writes a log of this type about an object, as part of the act under way.
    pub(crate) fn log(&mut self, kind: &str, about: &impl Serialize) {
        if let Some(log) = self.new_log(kind, about) {
            self.logs.add(log);
        }
    }

    /// The same for what the act was meant to do: what it led to was logged already.
    pub(crate) fn log_cause(&mut self, kind: &str, about: &impl Serialize) {
        if let Some(log) = self.new_log(kind, about) {
            self.logs.add_cause(log);
        }
    }

    /// Writes a log about a user.
    pub(crate) fn log_user(&mut self, kind: &str, user_id: &str) {
        let user = self.users.get(user_id).map(|user| UserReply::at(user, self.time()));
        if let Some(user) = user.and_then(|user| serde_json::to_value(user).ok()) {
            self.log(kind, &user);
        }
    }

    /// Writes a log about a session.
    pub(crate) fn log_session(&mut self, kind: &str, session: &Session) {
        self.log(kind, &SessionReply::from(session));
    }

    /// A new trace ID.
    pub(crate) fn trace_id(&mut self) -> String {
        format!("{:032x}", self.log_rng.u128(..))
    }

    /// A new ID of a thing that is only shown with another, such as the place of a session.
    pub(crate) fn minor_id(&mut self, prefix: &str) -> String {
        super::id(&mut self.log_rng, prefix)
    }

    fn new_log(&mut self, kind: &str, about: &impl Serialize) -> Option<Log> {
        let Some(kind) = log_type(kind) else {
            tracing::error!(kind, "a log has an unknown type");
            return None;
        };
        let about = serde_json::to_value(about).unwrap_or_default();
        let family = kind.family;
        let act = act::current();
        let session_id = first(&about, family.session);
        let impersonator = session_id.as_deref().and_then(|id| self.impersonator_in(id));
        let (actor, actor_type) = match act.by {
            By::Key => (Some(KEY.0.to_owned()), Some(KEY.1)),
            By::EndUser => {
                let user = first(&about, family.user);
                let actor_type = user.is_some().then_some("user");
                (user, actor_type)
            }
        };
        let at = self.time();
        let random = self.log_rng.u128(..);
        Some(Log {
            id: time_id(at, self.next_log(), random),
            at,
            kind,
            actor,
            actor_type,
            impersonator,
            subject: first(&about, family.subject),
            client_id: first(&about, &["client_id"]).filter(|_| session_id.is_some()),
            session_id,
            span_id: format!("{:016x}", self.log_rng.u64(..)),
            act: Arc::clone(&act),
            payload: family.payload(&about),
        })
    }

    /// The place of a log among those that were written before it.
    fn next_log(&mut self) -> u16 {
        self.log_count = self.log_count.wrapping_add(1);
        self.log_count
    }

    /// Who uses a session as its user.
    fn impersonator_in(&self, session_id: &str) -> Option<String> {
        let actor = self.sessions.get(session_id).ok()?.actor.as_ref()?;
        actor.get("sub").and_then(Value::as_str).map(str::to_owned)
    }
}

/// An ID in the form of a UUID that begins with the time, version 7, with a counter behind it: what is
/// written within a millisecond stays in order.
fn time_id(time: i64, count: u16, random: u128) -> String {
    let hex = format!("{time:012x}7{:03x}8{:015x}", count & 0xfff, random & ((1 << 60) - 1));
    let parts = [(0, 8), (8, 12), (12, 16), (16, 20), (20, 32)];
    let parts = parts.map(|(start, end)| hex.get(start..end).unwrap_or_default());
    parts.join("-")
}
