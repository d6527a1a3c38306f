//! The steps of one call, in their order.

use std::time::Instant;

use serde_json::{Map, Value};

use super::{Call, Caller, Ended, consent, parse, record, report, resolve, select::Selected};
use crate::{Ctx, Error, guard::policy::RuleId, metrics::metrics, telemetry, tool::Tool};

/// The MCP method that calls a tool.
const METHOD: &str = "tools/call";

impl<'a> Call<'a> {
    /// Takes the call to its end. Nothing is sent to Clerk but reads before it is approved.
    pub(super) async fn run(self, arguments: Map<String, Value>) -> Result<Ended, Error> {
        let admitted = match Box::pin(self.admit(arguments)).await {
            Ok(admitted) => admitted,
            Err(refused) => return Err(refused.log().await),
        };
        match admitted {
            consent::Admission::Run(consented) => {
                let (tool, claim) = (consented.call.tool, consented.claim.clone());
                let ended = Box::pin(consented.execute()).await;
                if let Some(claim) = claim {
                    claim.end(tool, &ended).await;
                }
                ended
            }
            consent::Admission::Ended(ended) => Ok(*ended),
        }
    }

    /// Whether the call would be let through, approval apart: the rules that allow it.
    pub(super) async fn check(
        self,
        arguments: Map<String, Value>,
    ) -> Result<Vec<(RuleId, u32)>, Error> {
        let selected = Selected::new(self, arguments).and_then(Selected::parse);
        let checked = match selected.and_then(parse::Parsed::screen) {
            Ok(screened) => match screened.identify().await {
                Ok(identified) => identified.resolve().await.and_then(resolve::Resolved::authorize),
                Err(refused) => Err(refused),
            },
            Err(refused) => Err(refused),
        };
        checked.map(|authorized| authorized.rules).map_err(record::Refused::into_error)
    }

    /// Whether the call may run, or how it ends before.
    pub(super) async fn admit(
        self,
        arguments: Map<String, Value>,
    ) -> Result<consent::Admission<'a>, record::Refused> {
        Selected::new(self, arguments)?
            .parse()?
            .screen()?
            .identify()
            .await?
            .resolve()
            .await?
            .authorize()?
            .consent()
            .await
    }
}

/// One line a call, without arguments and personal data, and its metrics.
pub(super) fn log(
    tool: &Tool,
    ended: &Result<Ended, Error>,
    ctx: &Ctx,
    caller: &Caller,
    began: Instant,
) {
    let (outcome, kind) = match ended {
        Ok(Ended::Done(..)) => ("done".to_owned(), "done"),
        Ok(Ended::Planned(_)) => ("planned".to_owned(), "planned"),
        Ok(Ended::NeedsApproval { .. }) => ("asking".to_owned(), "asking"),
        Err(error) => (report::code(error), report::kind(error)),
    };
    metrics().call(tool.name, kind, began.elapsed());
    let last = ctx.last_response();
    tracing::info!(
        tool = tool.name,
        outcome = ctx.redact(&outcome),
        status = last.status,
        ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        trace = last.trace_id.map(|id| ctx.redact(&id)),
        traceparent = caller.traceparent.as_deref(),
        who = caller.principal.subject.as_deref().map(|who| ctx.redact(who)),
        "call"
    );
}

/// What a trace says of a call.
pub(super) fn operation(
    tool: &'static Tool,
    ended: &Result<Ended, Error>,
    caller: &Caller,
) -> telemetry::Ended {
    let transport = if caller.connection.is_some() { "tcp" } else { "pipe" };
    let mut attributes: Vec<telemetry::Attribute> = vec![
        ("mcp.method.name", METHOD.into()),
        ("gen_ai.operation.name", "execute_tool".into()),
        ("gen_ai.tool.name", tool.name.into()),
        ("network.transport", transport.into()),
    ];
    let failed = ended.as_ref().err();
    attributes.extend(failed.map(|error| ("clerk_mcp.error.code", report::kind(error).into())));
    telemetry::Ended {
        name: format!("{METHOD} {}", tool.name),
        kind: telemetry::Kind::Server,
        attributes,
        // So the convention calls a result that says that the tool failed.
        error: failed.map(|_| "tool_error".to_owned()),
    }
}
