//! The life of a call, from its arguments to its result. It is the same for every transport and for
//! the command line:
//!
//! `select` (is the tool on) → `parse` (are the arguments right) → `screen` (what the policy
//! decides without asking Clerk) → `identify` (which ids email addresses, slugs and names stand for)
//! → `resolve` (whom the call is about) → `authorize` (what the policy decides then) → `consent`
//! (must a person approve) → `execute` → `render`.
//!
//! Each step takes the value that the step before returns, so none can be left out. An answer never
//! continues a call: a call that needs approval ends with [`Outcome::NeedsApproval`], and the
//! transport that asked the person calls again with the answer and the state.

mod approval;
mod approvers;
mod authorize;
mod bulk;
mod caller;
mod change;
mod consent;
mod execute;
mod export;
mod fit;
mod hint;
mod identify;
mod local;
mod parse;
mod record;
mod refusal;
mod render;
mod report;
mod resolve;
mod run;
mod run_approved;
mod run_by_name;
mod screen;
mod second_person;
mod select;
mod step_up;
#[cfg(test)]
mod tests;
mod unknown;
mod upkeep;

use std::{
    panic::AssertUnwindSafe,
    path::PathBuf,
    sync::Arc,
    time::{Duration, Instant},
};

use futures::FutureExt;
use serde_json::{Map, Value};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub use self::{
    approval::{Answer, ApprovalChannel, Question},
    caller::{Caller, Connection},
    hint::unreached,
    local::events::{event_json, event_line},
    unknown::{ExplainError, UnknownTool},
};
use self::{
    authorize::CHECKS_AN_HOUR,
    caller::{Clients, session_name},
    hint::Nameable,
    render::{Ceiling, Presentation},
    run::{log, operation},
};
use crate::{
    Clerk, Ctx, Error,
    catalog::{self, Toolset},
    current::Current,
    events::Events,
    guard::{Guard, Hourly, Policy, confirm::Used, policy::Subject},
    principal::Principal,
    telemetry::Span,
    tool::{CallMeta, Output, Tool, layout::Layout, nearest, param::Role, projection::Projection},
};

/// How many calls may be under way at once; further ones wait.
const CALLS_AT_ONCE: usize = 32;

/// How many tokens a result may have if the operator doesn't say: less than the 25,000 that Claude
/// Code takes.
pub(crate) const MAX_ANSWER_TOKENS: usize = 20_000;

/// What a server is made of.
#[derive(Debug)]
pub struct ServerOptions {
    /// The client for Clerk's API.
    pub clerk: Clerk,
    /// What the operator lets agents do.
    pub guard: Guard,
    /// The events that the server offers, if it receives or reads any.
    pub events: Option<Events>,
    /// How many tokens a result may have.
    pub max_answer_tokens: usize,
    /// The folder that results may be written to, if the operator allows that.
    pub export_folder: Option<PathBuf>,
}

impl ServerOptions {
    /// A server without events, with the default limit on results.
    #[must_use]
    pub fn new(clerk: Clerk, guard: Guard) -> Self {
        let max_answer_tokens = MAX_ANSWER_TOKENS;
        Self { clerk, guard, events: None, max_answer_tokens, export_folder: None }
    }
}

/// The server, free of any protocol: one per process, cheap to clone for each connection.
#[derive(Clone)]
pub struct Server {
    inner: Arc<Inner>,
}

struct Inner {
    clerk: Clerk,
    /// Without its policy.
    guard: Guard,
    policy: Current<Option<Policy>>,
    /// The approvals that were used.
    used: Used,
    /// The checks of secrets by all people together, if `--max-destructive` doesn't count them.
    checks: Arc<Hourly>,
    catalog: Vec<(&'static Toolset, &'static Tool)>,
    max_answer_tokens: usize,
    export_folder: Option<PathBuf>,
    calls: Semaphore,
    clients: Clients,
    events: Option<Events>,
    /// The name of the one session that stdio and the command line have.
    session: String,
    stopping: CancellationToken,
}

/// How a call ended.
#[derive(Clone, Debug, PartialEq)]
pub enum Outcome {
    /// It ran, or said what it would do: its result.
    Done(Value),
    /// It failed: a report for the agent.
    Failed(Value),
    /// It did not run: a person must approve it first. Call again with their answer and the state.
    NeedsApproval {
        /// What the person is asked.
        question: Question,
        /// What the approval is bound to.
        state: String,
    },
}

/// How a call went that did not fail.
enum Ended {
    /// It ran.
    Done(Output, Box<Presentation>),
    /// It did not run yet; this says what it would do, and how to continue.
    Planned(Map<String, Value>),
    /// It did not run yet; a person is to be asked.
    NeedsApproval { question: Question, state: String },
}

/// One call on its way: which tool, who calls, and what it has at hand.
struct Call<'a> {
    server: &'a Inner,
    toolset: &'static Toolset,
    tool: &'static Tool,
    caller: &'a Caller,
    ctx: Ctx,
    /// The policy as it was when the call began.
    policy: Arc<Option<Policy>>,
    /// Whether it was called by its name, and not as a tool of its own.
    is_by_name: bool,
    /// What it inherits if it is a step of a bulk call, which was approved.
    step: Option<consent::Inherited>,
    /// The ID of the approval by a second person that it is to use.
    approval: Option<String>,
}

impl Call<'_> {
    fn is_live(&self) -> bool {
        self.ctx.is_live()
    }

    /// Reads what must be known before the call may run.
    async fn before<T>(&self, look: impl Future<Output = Result<T, Error>>) -> Result<T, Error> {
        let looked = self.server.working(&self.ctx, look).await;
        if self.tool.effect.is_read() { looked } else { looked.map_err(Error::beforehand) }
    }
}

impl Inner {
    fn find(&self, name: &str) -> Option<(&'static Toolset, &'static Tool)> {
        self.catalog.iter().find(|(_, tool)| tool.name == name).copied()
    }

    /// Whether the policy may allow a tool to somebody, with some arguments. One that runs others is
    /// offered with any of these.
    fn offers(&self, toolset: &Toolset, tool: &'static Tool, principal: &Principal) -> bool {
        let policy = self.policy.get();
        let Some(policy) = &*policy else { return true };
        let is_offered = |toolset: &Toolset, tool: &Tool| {
            let mut subject = Subject::of(principal, toolset.name, tool, &Map::new());
            let is_offered = policy.offers(&subject);
            // To a file it may be allowed where it isn't to the model.
            subject.exports = self.export_folder.is_some() && tool.exports();
            is_offered || subject.exports && policy.offers(&subject)
        };
        if !tool.runs_others() {
            return is_offered(toolset, tool);
        }
        self.catalog.iter().any(|(toolset, run)| {
            run.effect.is_read() == tool.effect.is_read() && is_offered(toolset, run)
        })
    }

    /// How many tokens the result of a call may have.
    fn answer_limit(&self, projection: &Projection) -> Ceiling {
        Ceiling::of(self.max_answer_tokens, projection.max_tokens)
    }

    /// Does a part of a call that needs Clerk, when there is room for it.
    async fn working<T>(
        &self,
        ctx: &Ctx,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let permit = tokio::time::timeout(ctx.time_left(), self.calls.acquire()).await;
        let _permit = permit.map_err(|_| Error::Busy)?.map_err(|_| Error::Stopped)?;
        work.await
    }
}

impl Server {
    /// A server of the tools that the guard leaves on.
    #[must_use]
    pub fn new(options: ServerOptions) -> Self {
        Self::with_catalog(options, catalog::all().collect())
    }

    fn with_catalog(
        options: ServerOptions,
        catalog: Vec<(&'static Toolset, &'static Tool)>,
    ) -> Self {
        let ServerOptions { clerk, mut guard, events, max_answer_tokens, export_folder } = options;
        guard.selection.events = events.is_some();
        guard.selection.journal = guard.journal.is_some();
        guard.selection.approvals = guard.approvals.is_some();
        let policy = guard.policy.take().into();
        Self {
            inner: Arc::new(Inner {
                clerk,
                guard,
                policy,
                used: Used::default(),
                checks: Arc::new(Hourly::new(CHECKS_AN_HOUR)),
                catalog,
                max_answer_tokens,
                export_folder,
                calls: Semaphore::new(CALLS_AT_ONCE),
                clients: Clients::default(),
                events,
                session: session_name(fastrand::u64(..)),
                stopping: CancellationToken::new(),
            }),
        }
    }

    /// The events that this server offers.
    #[must_use]
    pub fn events(&self) -> Option<&Events> {
        self.inner.events.as_ref()
    }

    /// The events that a caller may see.
    pub(crate) fn events_for(&self, caller: &Caller) -> Option<&Events> {
        // Who brings a key of another instance has no business with the events of ours.
        self.inner.events.as_ref().filter(|_| caller.key.is_none())
    }

    /// What the operator lets agents do, apart from the policy.
    pub(crate) fn guard(&self) -> &Guard {
        &self.inner.guard
    }

    /// Whether the server's own key, if it has one, is a production instance's.
    #[must_use]
    pub fn is_live(&self) -> bool {
        self.inner.clerk.is_live()
    }

    /// The tools that are on, in the catalog's order. They follow from the configuration alone.
    pub fn tools(&self) -> impl Iterator<Item = (&'static Toolset, &'static Tool)> {
        let is_live = self.is_live();
        let selection = &self.inner.guard.selection;
        let is_on = move |toolset, tool| selection.off(toolset, tool, is_live).is_none();
        self.inner.catalog.iter().copied().filter(move |(toolset, tool)| is_on(toolset, tool))
    }

    /// The tools that are on and that the policy may allow to somebody.
    pub fn tools_for(
        &self,
        principal: &Principal,
    ) -> impl Iterator<Item = (&'static Toolset, &'static Tool)> {
        self.tools().filter(|(toolset, tool)| self.inner.offers(toolset, tool, principal))
    }

    /// Whether the policy may allow a tool to somebody, be it on or not.
    pub(crate) fn offers(&self, name: &str, principal: &Principal) -> bool {
        let tool = self.inner.find(name);
        tool.is_none_or(|(toolset, tool)| self.inner.offers(toolset, tool, principal))
    }

    /// Whether a tool is on, and the policy may allow it to somebody.
    pub(crate) fn has_for(&self, name: &str, principal: &Principal) -> bool {
        self.tools_for(principal).any(|(_, tool)| tool.name == name)
    }

    /// How the result of a call is laid out: that of the tool that runs, which the arguments may name.
    #[must_use]
    pub fn layout(&self, name: &str, arguments: &Map<String, Value>) -> Option<Layout> {
        let (_, tool) = self.inner.find(name)?;
        let run = tool.of_role(Role::Operation, arguments).and_then(Value::as_str);
        let run = run.and_then(run_by_name::named).map(|(_, tool)| tool);
        Some(Layout::new(run.unwrap_or(tool)))
    }

    /// What calls take beside the tools' own arguments.
    #[must_use]
    pub fn call_meta(&self) -> CallMeta {
        let Guard { audit, confirm, .. } = &self.inner.guard;
        CallMeta {
            reason: audit.is_some(),
            plan_token: confirm.may_plan(self.is_live()),
            export: self.inner.export_folder.is_some(),
        }
    }

    /// Ends the calls that are under way with an error; later ones too.
    pub fn stop(&self) {
        self.inner.stopping.cancel();
    }

    /// Resolves when the server stops.
    pub(crate) fn stopping(&self) -> CancellationToken {
        self.inner.stopping.clone()
    }

    /// Waits until no call is under way, at most for `limit`; then stops.
    pub async fn drain(&self, limit: Duration) {
        let all = u32::try_from(CALLS_AT_ONCE).unwrap_or(u32::MAX);
        // Calls that come now stand behind this one and are answered by the stop.
        let _idle = tokio::time::timeout(limit, self.inner.calls.acquire_many(all)).await;
        self.stop();
    }

    /// The client for Clerk's API.
    #[must_use]
    pub fn clerk(&self) -> &Clerk {
        &self.inner.clerk
    }

    /// Looks something up at Clerk for a caller, when there is room for it.
    ///
    /// # Errors
    /// Those of the look, and [`Error::Busy`].
    pub(crate) async fn look<T, F: Future<Output = Result<T, Error>>>(
        &self,
        caller: &Caller,
        look: impl FnOnce(Ctx) -> F,
    ) -> Result<T, Error> {
        let ctx = self.inner.clerk.begin(caller.key.clone());
        let _place = self.inner.clients.place(caller, ctx.time_left()).await?;
        self.inner.working(&ctx, look(ctx.clone())).await
    }

    /// Runs one tool. Whatever goes wrong in it is an outcome that the agent can read.
    ///
    /// # Errors
    /// The tool does not exist.
    pub async fn call(
        &self,
        name: &str,
        arguments: Map<String, Value>,
        caller: Caller,
    ) -> Result<Outcome, UnknownTool> {
        // Its size would be a part of every future that calls it.
        Box::pin(self.outcome(name, arguments, caller)).await
    }

    fn begin<'a>(
        &'a self,
        toolset: &'static Toolset,
        tool: &'static Tool,
        caller: &'a Caller,
    ) -> Call<'a> {
        let server = &*self.inner;
        let ctx = server.clerk.begin(caller.key.clone()).telling(caller.progress.clone());
        let ctx = ctx.knowing(self.events_for(caller).cloned(), server.guard.audit.clone());
        let ctx = ctx.journaling(server.guard.journal.clone(), caller.session(&server.session));
        let policy = server.policy.get();
        Call {
            server,
            toolset,
            tool,
            caller,
            ctx,
            policy,
            is_by_name: false,
            step: None,
            approval: None,
        }
    }

    async fn outcome(
        &self,
        name: &str,
        arguments: Map<String, Value>,
        caller: Caller,
    ) -> Result<Outcome, UnknownTool> {
        let inner = &*self.inner;
        let (toolset, tool) =
            inner.find(name).ok_or_else(|| self.unknown(name, &caller.principal))?;
        let principal = &caller.principal;
        let began = Instant::now();
        let mut call = self.begin(toolset, tool, &caller);
        let span = Span::begin(caller.traceparent.as_deref());
        call.ctx = call.ctx.traced(span.clone());
        let ctx = call.ctx.clone();
        let is_live = ctx.is_live();
        let named = match call.by_name(arguments) {
            Ok((call, arguments)) => call.approved(arguments).await,
            Err(refused) => Err(refused),
        };
        let (call, arguments) = match named {
            Ok(named) => named,
            Err(refused) => {
                let error = refused.log().await;
                let nameable =
                    Nameable { server: inner, principal, toolset, failed: tool, is_live };
                return Ok(Outcome::Failed(report::report(&error, &nameable, &ctx)));
            }
        };
        let (toolset, tool) = (call.toolset, call.tool);
        // Left alone, a panic would end the task and the client would wait for ever.
        let running = AssertUnwindSafe(Box::pin(call.run(arguments))).catch_unwind();
        let running = async {
            let _place = inner.clients.place(&caller, ctx.time_left()).await?;
            let outcome = running.await;
            outcome.unwrap_or(Err(Error::Internal("the tool failed unexpectedly; see the log")))
        };
        let ended = tokio::select! {
            ended = running => ended,
            () = inner.stopping.cancelled() => Err(Error::Stopped),
        };
        log(tool, &ended, &ctx, &caller, began);
        if let Some(span) = span {
            span.end(operation(tool, &ended, &caller));
        }
        let nameable = Nameable { server: inner, principal, toolset, failed: tool, is_live };
        let fail = |error: &Error| Outcome::Failed(report::report(error, &nameable, &ctx));
        Ok(match ended {
            Ok(Ended::Done(output, presentation)) => {
                match render::apart(output, tool, presentation, &ctx).await {
                    Ok(result) => Outcome::Done(result),
                    Err(error) => fail(&error),
                }
            }
            Ok(Ended::Planned(plan)) => Outcome::Done(render::composed(plan, &ctx)),
            Ok(Ended::NeedsApproval { question, state }) => {
                Outcome::NeedsApproval { question, state }
            }
            Err(error) => fail(&error),
        })
    }

    /// How the policy would decide on a call, a line a rule; nothing is called but reads.
    ///
    /// # Errors
    /// The tool does not exist, or its arguments are wrong.
    pub async fn explain(
        &self,
        name: &str,
        arguments: Map<String, Value>,
        principal: &Principal,
    ) -> Result<Vec<String>, ExplainError> {
        let found = self.inner.find(name);
        let (toolset, tool) =
            found.ok_or_else(|| ExplainError::Tool(self.unknown(name, principal)))?;
        let mut arguments = tool
            .check(arguments)
            .map_err(|errors| ExplainError::Arguments(Box::new(Error::Arguments(errors))))?
            .arguments;
        tool.projection(&mut arguments);
        Ok(self.inner.explain(toolset, tool, arguments, principal).await)
    }

    fn unknown(&self, name: &str, principal: &Principal) -> UnknownTool {
        let names = self.tools_for(principal).map(|(_, tool)| tool.name);
        UnknownTool(match nearest(name, names) {
            Some(near) => format!("unknown tool `{name}`; did you mean `{near}`?"),
            None => format!("unknown tool `{name}`; tools/list names the tools there are"),
        })
    }
}
