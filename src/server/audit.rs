//! What the audit log says of one call. A read leaves nothing there.

use clerk_api::{LastResponse, SecretKey};
use rmcp::model::JsonObject;
use serde_json::Value;

use super::{call::Passage, report};
use crate::{
    Error,
    audit::{Audit, Begun, Fault, Outcome, Write},
    ctx::Ctx,
    guard::{Denial, target::Target},
    operation::Entry,
};

/// A write before it is sent or refused.
pub(super) struct Record {
    audit: Option<Audit>,
    call: Ctx,
    pub(super) write: Write,
}

impl Record {
    pub(super) fn new(audit: Option<Audit>, passage: &Passage, arguments: &JsonObject) -> Self {
        let Passage { entry, caller, call, .. } = passage;
        let write = Write {
            client: caller.client.clone(),
            key: call.key().map_or("none", SecretKey::kind),
            tool: entry.name.to_owned(),
            effect: entry.effect.to_string(),
            target: None,
            arguments: JsonObject::new(),
            reason: None,
            confirmation: None,
            rule: None,
        };
        let mut record = Self { audit, call: call.clone(), write };
        record.takes(entry, arguments);
        record
    }

    /// Notes the arguments, without the secrets in them.
    pub(super) fn takes(&mut self, entry: &Entry, arguments: &JsonObject) {
        if self.audit.is_none() {
            return;
        }
        self.write.target = Target::id(entry, arguments);
        self.write.arguments = entry.without_secrets(arguments);
    }

    /// Takes out whatever else looks like a secret, in any of the fields.
    fn redact(&mut self) {
        let Self { call, write, .. } = self;
        let mut arguments = std::mem::take(&mut write.arguments).into();
        call.redactor().value(&mut arguments);
        if let Value::Object(arguments) = arguments {
            write.arguments = arguments;
        }
        for text in [&mut write.client, &mut write.target, &mut write.reason].into_iter().flatten()
        {
            *text = call.redact(text);
        }
    }

    /// Logs that the write was refused. It was not sent, so a fault of the log changes nothing.
    pub(super) async fn refused(mut self, error: &Error) {
        let Some(audit) = self.audit.clone() else { return };
        self.redact();
        let outcome = outcome(error, &self.call, "refused");
        let logged = blocking(move || audit.refuse(&self.write, &outcome)).await;
        if let Err(fault) = logged {
            tracing::error!(%fault, "the audit log lacks a refused write");
        }
    }

    /// Logs the write before it is sent.
    ///
    /// # Errors
    /// A [`Denial`] where the log can't be written: then nothing is to be sent.
    pub(super) async fn begin(mut self) -> Result<Open, Error> {
        let Some(audit) = self.audit.clone() else {
            return Ok(Open { call: self.call, begun: None });
        };
        self.redact();
        let Self { call, write, .. } = self;
        let log = audit.clone();
        match blocking(move || log.begin(&write)).await {
            Ok(begun) => Ok(Open { call, begun: Some((audit, begun)) }),
            Err(fault) => Err(Denial::new(
                "audit_unwritable",
                format!("every write must be in the audit log first, and {fault}"),
                "Nothing was sent to Clerk. Writes stay off until a person has mended the audit \
                 log; reads go on.",
            )
            .into()),
        }
    }
}

/// A write that is under way.
pub(super) struct Open {
    call: Ctx,
    begun: Option<(Audit, Begun)>,
}

impl Open {
    /// Logs how the write ended.
    pub(super) async fn end(
        mut self,
        result: &Result<Value, Error>,
        answered: &LastResponse,
    ) -> Result<(), String> {
        let Some((audit, begun)) = self.begun.take() else { return Ok(()) };
        let outcome = match result {
            Ok(output) => Outcome {
                outcome: "done",
                code: None,
                status: answered.status,
                trace_id: answered.trace_id.as_deref().map(|id| self.call.redact(id)),
                id: output.get("id").and_then(Value::as_str).map(str::to_owned),
            },
            Err(error) if error.leaves_in_doubt() => outcome(error, &self.call, "unknown"),
            Err(error) => outcome(error, &self.call, "failed"),
        };
        let logged = blocking(move || audit.end(&begun, &outcome)).await;
        if let Err(fault) = &logged {
            tracing::error!(%fault, "the audit log lacks the end of a write");
        }
        logged
    }
}

impl Drop for Open {
    /// The call was dropped in the middle: its client cancelled it, or the server stops. Whether
    /// Clerk has done it, nobody knows.
    fn drop(&mut self) {
        let Some((audit, begun)) = self.begun.take() else { return };
        let outcome = outcome(&Error::Stopped, &self.call, "unknown");
        let outcome = Outcome { code: Some("cancelled".to_owned()), ..outcome };
        if let Err(fault) = audit.end(&begun, &outcome) {
            tracing::error!(%fault, "the audit log lacks the end of a write");
        }
    }
}

fn outcome(error: &Error, call: &Ctx, outcome: &'static str) -> Outcome {
    // A call that was denied after a look at Clerk has that look's answer, which says nothing.
    let is_denied = matches!(error, Error::Denied(_) | Error::Arguments(_));
    let LastResponse { status, mut trace_id, .. } =
        if is_denied { LastResponse::default() } else { call.last_response() };
    if let Some(refusal) = error.refusal() {
        // Its body may hold one where its headers do not.
        trace_id = refusal.trace_id.clone().or(trace_id);
    }
    Outcome {
        outcome,
        code: Some(call.redact(&report::code(error))),
        status,
        trace_id: trace_id.map(|id| call.redact(&id)),
        id: None,
    }
}

/// Writing to a disk can take long: never on the thread that serves everybody.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Fault> + Send + 'static,
) -> Result<T, String> {
    match tokio::task::spawn_blocking(work).await {
        Ok(result) => result.map_err(|fault| fault.to_string()),
        Err(_) => Err("the thread that writes the audit log failed".to_owned()),
    }
}
