//! The MCP server: lists the tools and runs them, in every protocol revision, over any transport.

mod ask;
mod audit;
mod call;
mod caller;
mod completion;
mod handler;
mod many;
mod mend;
mod prompts;
mod reach;
mod report;
mod resources;
mod subscriptions;

use std::{
    panic::AssertUnwindSafe,
    sync::{Arc, OnceLock},
    time::{Duration, Instant},
};

use clerk_api::{LastResponse, SecretKey};
use futures::FutureExt;
use rmcp::{
    ErrorData,
    model::{CallToolResponse, CallToolResult, ContentBlock, JsonObject, Tool},
};
use serde_json::{Value, json};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;

pub(crate) use self::caller::SessionId;
pub use self::{ask::Asking, caller::Caller};
use self::{
    call::{Outcome, Passage, Shown},
    caller::Clients,
    reach::Reached,
    subscriptions::Subscriptions,
};
use crate::{
    Clerk, Error,
    ctx::Ctx,
    events::Events,
    guard::{Guard, Off, confirm::Used},
    operation::{Entry, Extras, View, nearest},
    operations::{
        self, Toolset,
        reach::{RUN_READ, SEARCH},
        whoami::{self, About, EventsKept, ToolsOff},
    },
    shape::{self, Frame},
    text,
};

/// How many calls may be under way at once; further ones wait.
const CALLS_AT_ONCE: usize = 32;

/// How many tokens an answer may have where the operator does not say: less than the 25,000 that
/// Claude Code takes.
pub(crate) const MAX_ANSWER_TOKENS: usize = 20_000;

/// The server: one per process, cheap to clone for each connection.
#[derive(Clone)]
pub struct Server {
    inner: Arc<Inner>,
}

struct Inner {
    clerk: Clerk,
    guard: Guard,
    /// The confirmations that were used.
    used: Used,
    catalog: Vec<(&'static Toolset, &'static Entry)>,
    /// The definitions of the tools that are on, made when first listed.
    tools: OnceLock<Vec<Tool>>,
    /// How many tokens an answer may have.
    max_answer_tokens: usize,
    calls: Semaphore,
    clients: Clients,
    /// What was received of Clerk's webhooks.
    events: Option<Events>,
    subscriptions: Subscriptions,
    stopping: CancellationToken,
}

impl Inner {
    /// Whether the server's own key, if it has one, is a production instance's.
    fn is_live(&self) -> bool {
        self.clerk.key().is_ok_and(SecretKey::is_live)
    }

    fn find(&self, name: &str) -> Option<(&'static Toolset, &'static Entry)> {
        self.catalog.iter().find(|(_, entry)| entry.name == name).copied()
    }

    /// How many tokens the answer to a call may have.
    fn answer_limit(&self, view: &View) -> usize {
        let limit = self.max_answer_tokens;
        view.max_tokens.map_or(limit, |wanted| wanted.min(limit))
    }

    /// Does a part of `call` that needs Clerk, when there is room for it.
    async fn working<T>(
        &self,
        call: &Ctx,
        work: impl Future<Output = Result<T, Error>>,
    ) -> Result<T, Error> {
        let permit = tokio::time::timeout(call.time_left(), self.calls.acquire()).await;
        let _permit = permit.map_err(|_| Error::Busy)?.map_err(|_| Error::Stopped)?;
        work.await
    }
}

impl Server {
    /// A server of the tools that `guard` leaves on.
    #[must_use]
    pub fn new(clerk: Clerk, guard: Guard) -> Self {
        Self::with_catalog(clerk, guard, operations::all().collect())
    }

    fn with_catalog(
        clerk: Clerk,
        guard: Guard,
        catalog: Vec<(&'static Toolset, &'static Entry)>,
    ) -> Self {
        Self {
            inner: Arc::new(Inner {
                clerk,
                guard,
                used: Used::default(),
                catalog,
                tools: OnceLock::new(),
                max_answer_tokens: MAX_ANSWER_TOKENS,
                calls: Semaphore::new(CALLS_AT_ONCE),
                clients: Clients::default(),
                events: None,
                subscriptions: Subscriptions::default(),
                stopping: CancellationToken::new(),
            }),
        }
    }

    /// The same server, whose answers have at most so many tokens.
    #[must_use]
    pub fn with_max_answer_tokens(mut self, tokens: usize) -> Self {
        // It is shared only once it serves.
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.max_answer_tokens = tokens;
        }
        self
    }

    /// The same server, which offers these events.
    #[must_use]
    pub fn with_events(mut self, events: Option<Events>) -> Self {
        // It is shared only once it serves.
        if let Some(inner) = Arc::get_mut(&mut self.inner) {
            inner.guard.selection.events = events.is_some();
            inner.events = events;
        }
        self
    }

    /// The events that this server offers.
    #[must_use]
    pub fn events(&self) -> Option<&Events> {
        self.inner.events.as_ref()
    }

    /// The tools that are on, in the catalog's order. They follow from the configuration alone.
    #[must_use]
    pub fn tools(&self) -> &[Tool] {
        let Inner { guard, catalog, tools, .. } = &*self.inner;
        let is_live = self.inner.is_live();
        tools.get_or_init(|| {
            let extras = Extras {
                reason: guard.audit.is_some(),
                plan_token: guard.confirm.may_plan(is_live),
            };
            let on = catalog
                .iter()
                .filter(|(toolset, entry)| guard.selection.off(toolset, entry, is_live).is_none());
            on.map(|(_, entry)| entry.tool(extras)).collect()
        })
    }

    /// Answers the calls that are under way with an error; later ones too.
    pub fn stop(&self) {
        self.inner.stopping.cancel();
    }

    /// Waits until no call is under way, at most for `limit`; then stops.
    pub async fn drain(&self, limit: Duration) {
        let all = u32::try_from(CALLS_AT_ONCE).unwrap_or(u32::MAX);
        // Calls that come now stand behind this one and are answered by the stop.
        let _idle = tokio::time::timeout(limit, self.inner.calls.acquire_many(all)).await;
        self.stop();
    }

    /// The client of Clerk's API.
    #[must_use]
    pub fn clerk(&self) -> &Clerk {
        &self.inner.clerk
    }

    /// How the policy would decide on a call, a line a rule; nothing is called but reads.
    ///
    /// # Errors
    /// There is no such tool, or its arguments are wrong: a sentence for a person.
    pub async fn explain(&self, name: &str, arguments: JsonObject) -> Result<Vec<String>, String> {
        let found = self.inner.find(name);
        let Some((toolset, entry)) = found else { return Err(self.unknown(name).message.into()) };
        let mut arguments =
            entry.read(arguments).map_err(|faults| Error::Arguments(faults).to_string())?;
        entry.view(&mut arguments);
        Ok(self.inner.explain(toolset, entry, &arguments).await)
    }

    /// Runs one tool. Whatever goes wrong in it is a result that the agent can read.
    ///
    /// # Errors
    /// A protocol error for a tool that does not exist, with the nearest name.
    pub async fn call(
        &self,
        name: &str,
        arguments: JsonObject,
        caller: Caller,
    ) -> Result<CallToolResponse, ErrorData> {
        let inner = &*self.inner;
        let Some((mut toolset, mut entry)) = inner.find(name) else {
            return Err(self.unknown(name));
        };
        let began = Instant::now();
        let call = inner.clerk.begin(caller.key.clone()).telling(caller.progress.clone());
        // Who brings a key of another instance has no business with the events of ours.
        let events = inner.events.clone().filter(|_| caller.key.is_none());
        let call = call.knowing(events);
        let is_live = call.is_live();
        let is_by_name = reach::is_reach(entry);
        let mut arguments = arguments;
        if is_by_name {
            match inner.reach((toolset, entry), arguments, is_live) {
                Ok(reached) => Reached { toolset, entry, arguments } = reached,
                Err(error) => {
                    return Ok(
                        failure(&call.redact(&report::report(&error, toolset, entry))).into()
                    );
                }
            }
        }
        let passage = Passage {
            server: inner,
            toolset,
            entry,
            caller: &caller,
            call: call.clone(),
            view: View::default(),
            is_by_name,
            consent: None,
            planned: None,
        };
        // Left alone, a panic would end the task and the client would wait for ever.
        let running = AssertUnwindSafe(Box::pin(passage.run(arguments))).catch_unwind();
        let running = async {
            let place = inner.clients.place(caller.connection.as_deref());
            let Ok(_place) = tokio::time::timeout(call.time_left(), place).await else {
                return Err(Error::Busy);
            };
            let outcome = running.await;
            outcome.unwrap_or(Err(Error::Internal("the tool failed unexpectedly; see the log")))
        };
        let mut outcome = tokio::select! {
            outcome = running => outcome,
            () = inner.stopping.cancelled() => Err(Error::Stopped),
        };
        if let (Ok(Outcome::Done(output, _)), whoami::NAME) = (&mut outcome, entry.name) {
            whoami::complete(output, &self.about(&call));
        }
        if let (Ok(Outcome::Done(output, _)), SEARCH) = (&mut outcome, entry.name) {
            inner.mark_off(output, is_live);
        }
        log(entry, &outcome, &call, caller.traceparent.as_deref(), began);
        Ok(match outcome {
            Ok(Outcome::Plan(output)) => success(cleaned(output, &call)).into(),
            Ok(Outcome::Done(output, shown)) => {
                let limit = inner.answer_limit(&shown.view);
                let Shown { view, page, filters } = shown;
                let frame = Frame { form: entry.form, view, limit, page, filters };
                success(shape::fit(cleaned(output, &call), &frame)).into()
            }
            Ok(Outcome::Input(input)) => (*input).into(),
            Err(error) => failure(&call.redact(&report::report(&error, toolset, entry))).into(),
        })
    }

    /// What `clerk_whoami` says of the guard.
    fn about(&self, call: &Ctx) -> About {
        let Guard { selection, confirm, max_destructive, policy, audit } = &self.inner.guard;
        let is_live = call.is_live();
        let mut off: Vec<ToolsOff> = Vec::new();
        // By its name an operation is reached whether it is chosen or not.
        let is_reached = self.tools().iter().any(|tool| tool.name == RUN_READ);
        for (toolset, entry) in &self.inner.catalog {
            if is_reached && !selection.chooses(toolset, entry) {
                continue;
            }
            let reason = if selection.chooses(toolset, entry) {
                selection.off(toolset, entry, is_live)
            } else {
                Some(Off::NotChosen)
            };
            let Some(reason) = reason else { continue };
            let why = reason.why();
            let place = off.iter().position(|it| it.why == why).unwrap_or_else(|| {
                off.push(ToolsOff { why, tools: Vec::new(), toolsets: Vec::new() });
                off.len() - 1
            });
            let Some(group) = off.get_mut(place) else { continue };
            // Whole toolsets by their name: their tools would flood the answer.
            match reason {
                Off::NotChosen | Off::NoEvents if !self.is_any_on(toolset) => {
                    if !group.toolsets.contains(&toolset.name) {
                        group.toolsets.push(toolset.name);
                    }
                }
                _ => group.tools.push(entry.name),
            }
        }
        About {
            confirmation: confirm.describe(is_live),
            destructive_left: max_destructive.as_ref().map(|it| it.left(Instant::now())),
            policy: policy.is_some(),
            audit: audit.is_some(),
            events: self.inner.events.as_ref().map(EventsKept::of),
            off,
        }
    }

    fn is_any_on(&self, toolset: &Toolset) -> bool {
        toolset.operations.iter().any(|it| self.tools().iter().any(|tool| tool.name == it.name))
    }

    fn unknown(&self, name: &str) -> ErrorData {
        let names = self.inner.catalog.iter().map(|(_, entry)| entry.name);
        let message = match nearest(name, names) {
            Some(near) => format!("unknown tool `{name}`; did you mean `{near}`?"),
            None => format!("unknown tool `{name}`; tools/list names the tools there are"),
        };
        ErrorData::invalid_params(message, None)
    }
}

/// The output without secrets and hidden characters.
fn cleaned(mut output: Value, call: &Ctx) -> Value {
    // A text that is cut first could end in half a secret.
    call.redactor().value(&mut output);
    text::clean(&mut output);
    output
}

/// The output as structured content and, for clients that show only that, as text.
fn success(output: Value) -> CallToolResult {
    CallToolResult::structured(output)
}

/// The report on a failure as text. What Clerk says in it may hold what end users wrote.
fn failure(report: &str) -> CallToolResult {
    let mut report = serde_json::from_str(report).unwrap_or_else(|_| json!({ "success": false }));
    text::clean(&mut report);
    // No structured content: the TypeScript SDK 1.x checks it against the output schema even on
    // errors, and then throws the whole answer away.
    CallToolResult::error(vec![ContentBlock::text(report.to_string())])
}

/// One line a call: no arguments, no personal data.
fn log(
    entry: &Entry,
    outcome: &Result<Outcome, Error>,
    call: &Ctx,
    traceparent: Option<&str>,
    began: Instant,
) {
    let outcome = match outcome {
        Ok(Outcome::Done(..)) => "done".to_owned(),
        Ok(Outcome::Plan(_)) => "planned".to_owned(),
        Ok(Outcome::Input(_)) => "asking".to_owned(),
        Err(error) => report::code(error),
    };
    let LastResponse { status, trace_id, .. } = call.last_response();
    tracing::info!(
        tool = entry.name,
        outcome = call.redact(&outcome),
        status,
        ms = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX),
        trace = trace_id.map(|id| call.redact(&id)),
        traceparent,
        "call"
    );
}

#[cfg(test)]
mod tests;
