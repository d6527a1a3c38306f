//! What the audit log says of one call. A read leaves nothing there, unless it writes a file.

use clerk_api::{LastResponse, SecretKey};
use serde_json::{Map, Value};

use super::{Call, identify::Identity, report};
use crate::{
    Ctx, Error,
    audit::{Audit, AuditError, Begun, Outcome, Write},
    guard::{Denial, subjects},
    metrics::metrics,
    tool::{EXPORT, Output, Tool},
};

/// The effect of a read that writes a file.
const EXPORTS: &str = "export";

/// A write before it is sent or refused.
pub(super) struct Record {
    audit: Option<Audit>,
    ctx: Ctx,
    /// Whether its arguments are kept: in the audit log, or in the journal.
    is_kept: bool,
    pub(super) write: Write,
    /// The file that a read is to write.
    export_to: Option<String>,
}

impl Record {
    /// The record of a call with these arguments, which may be wrong yet.
    pub(super) fn new(call: &Call, arguments: &Map<String, Value>, reason: Option<String>) -> Self {
        let Call { tool, caller, ctx, server, .. } = call;
        let audit = if tool.effect.is_read() { None } else { server.guard.audit.clone() };
        let write = Write {
            client: caller.client.clone(),
            principal: Some(caller.principal.clone()),
            key: ctx.key().map_or("none", SecretKey::kind),
            instance: ctx.key().ok().map(SecretKey::fingerprint),
            tool: tool.name.to_owned(),
            effect: tool.effect.to_string(),
            target: None,
            arguments: Map::new(),
            identified: Map::new(),
            reason,
            confirmation: None,
            rule: None,
            approval: None,
            approved_by: None,
        };
        let is_kept = audit.is_some() || (ctx.journal().is_some() && !tool.effect.is_read());
        let mut record = Self { audit, ctx: ctx.clone(), is_kept, write, export_to: None };
        record.takes(tool, arguments);
        record
    }

    /// Notes that the call is to write its result to a file of this name. It is logged then, though
    /// it changes nothing at Clerk: it takes people's data out.
    pub(super) fn exports_to(&mut self, call: &Call, name: String) {
        self.audit.clone_from(&call.server.guard.audit);
        self.is_kept = self.audit.is_some();
        EXPORTS.clone_into(&mut self.write.effect);
        self.write.arguments.insert(Tool::EXPORT_TO.name(), name.clone().into());
        self.export_to = Some(name);
    }

    /// Notes the arguments, without the secrets in them.
    pub(super) fn takes(&mut self, tool: &Tool, arguments: &Map<String, Value>) {
        if !self.is_kept {
            return;
        }
        self.write.target = subjects::target(tool, arguments);
        self.write.arguments = tool.masked(arguments);
        if let Some(name) = &self.export_to {
            self.write.arguments.insert(Tool::EXPORT_TO.name(), name.clone().into());
        }
    }

    /// Notes what was looked up: the arguments stay as they were given.
    pub(super) fn identifies(
        &mut self,
        tool: &Tool,
        arguments: &Map<String, Value>,
        identities: &[Identity],
    ) {
        self.write.target = subjects::target(tool, arguments);
        let ids = identities.iter().map(|known| (known.path.clone(), known.id.clone().into()));
        self.write.identified = ids.collect();
    }

    /// Takes out whatever else looks like a secret, in any of the fields.
    fn redact(&mut self) {
        let Self { ctx, write, .. } = self;
        for fields in [&mut write.arguments, &mut write.identified] {
            let mut value = std::mem::take(fields).into();
            ctx.redactor().value(&mut value);
            if let Value::Object(redacted) = value {
                *fields = redacted;
            }
        }
        for text in [&mut write.client, &mut write.target, &mut write.reason].into_iter().flatten()
        {
            *text = ctx.redact(text);
        }
    }

    /// The write, refused for this reason.
    pub(super) fn refused(self, error: Error) -> Refused {
        Refused { record: Box::new(self), error }
    }

    /// Logs the write before it is sent.
    ///
    /// # Errors
    /// A [`Denial`] where the log can't be written: then nothing is to be sent.
    pub(super) async fn begin(mut self) -> Result<Open, Error> {
        let Some(audit) = self.audit.clone() else {
            return Ok(Open { ctx: self.ctx, begun: None });
        };
        self.redact();
        let Self { ctx, write, .. } = self;
        let log = audit.clone();
        match blocking(move || log.begin(&write)).await {
            Ok(begun) => Ok(Open { ctx, begun: Some((audit, begun)) }),
            Err(error) => Err(Denial::new(
                "audit_unwritable",
                format!("every write must be in the audit log first, and {error}"),
                "Nothing was sent to Clerk. Writes stay off until a person has fixed the audit \
                 log; reads still work.",
            )
            .into()),
        }
    }
}

/// A call that was refused, with what the audit log is to say of it.
pub(super) struct Refused {
    record: Box<Record>,
    error: Error,
}

impl Refused {
    /// Logs the refusal, and returns why. The write was not sent, so a log that can't be written
    /// changes nothing.
    pub(super) async fn log(self) -> Error {
        let Self { mut record, error } = self;
        let Some(audit) = record.audit.clone() else { return error };
        record.redact();
        let outcome = outcome(&error, &record.ctx, "refused");
        let logged = blocking(move || audit.refuse(&record.write, &outcome)).await;
        if let Err(error) = logged {
            tracing::error!(%error, "the audit log lacks a refused write");
        }
        error
    }

    /// The scopes with which it may be allowed.
    pub(super) fn scopes(&self) -> &[String] {
        match &self.error {
            Error::Denied(denial) => &denial.scopes,
            _ => &[],
        }
    }

    /// Why it was refused, without a line in the log.
    pub(super) fn into_error(self) -> Error {
        self.error
    }
}

/// A write that is under way.
pub(super) struct Open {
    ctx: Ctx,
    begun: Option<(Audit, Begun)>,
}

impl Open {
    /// Logs how the write ended.
    pub(super) async fn end(
        mut self,
        result: &Result<Output, Error>,
        answered: &LastResponse,
    ) -> Result<(), LogError> {
        let Some((audit, begun)) = self.begun.take() else { return Ok(()) };
        let outcome = match result {
            Ok(output) => Outcome {
                outcome: "done",
                code: None,
                status: answered.status,
                trace_id: answered.trace_id.as_deref().map(|id| self.ctx.redact(id)),
                id: output.id().map(|id| self.ctx.redact(id)),
                rows: output.head.get(EXPORT).and_then(|file| file.get("rows")?.as_u64()),
            },
            Err(error) if error.leaves_in_doubt() => outcome(error, &self.ctx, "unknown"),
            Err(error) => outcome(error, &self.ctx, "failed"),
        };
        let logged = blocking(move || audit.end(&begun, &outcome)).await;
        if let Err(error) = &logged {
            tracing::error!(%error, "the audit log lacks the end of a write");
        }
        logged
    }
}

impl Drop for Open {
    /// The call was dropped in the middle: its client cancelled it, or the server stops. Whether
    /// Clerk has done it, nobody knows.
    fn drop(&mut self) {
        let Some((audit, begun)) = self.begun.take() else { return };
        let outcome = outcome(&Error::Stopped, &self.ctx, "unknown");
        let outcome = Outcome { code: Some("cancelled".to_owned()), ..outcome };
        if let Err(error) = audit.end(&begun, &outcome) {
            metrics().log_failed("audit");
            tracing::error!(%error, "the audit log lacks the end of a write");
        }
    }
}

fn outcome(error: &Error, ctx: &Ctx, outcome: &'static str) -> Outcome {
    // The last response of a call that was denied is that of a read, which says nothing.
    let is_denied =
        matches!(error, Error::Denied(_) | Error::Arguments(_) | Error::NotIdentified(_));
    let LastResponse { status, mut trace_id, .. } =
        if is_denied { LastResponse::default() } else { ctx.last_response() };
    if let Some(refusal) = error.refusal() {
        // Its body may hold one where its headers do not.
        trace_id = refusal.trace_id.clone().or(trace_id);
    }
    Outcome {
        outcome,
        code: Some(ctx.redact(&report::code(error))),
        status,
        trace_id: trace_id.map(|id| ctx.redact(&id)),
        id: None,
        rows: None,
    }
}

/// Why a line isn't in the audit log.
#[derive(Debug, thiserror::Error)]
pub(super) enum LogError {
    #[error(transparent)]
    Audit(#[from] AuditError),
    #[error("the thread that writes the audit log failed")]
    Thread,
}

/// Writing to a disk can take long: never on the thread that serves everybody.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AuditError> + Send + 'static,
) -> Result<T, LogError> {
    let written = tokio::task::spawn_blocking(work).await.map_err(|_| LogError::Thread);
    written.and_then(|written| Ok(written?)).inspect_err(|_| metrics().log_failed("audit"))
}
