//! What the server is and may do.

use std::time::Instant;

use clerk_api::{Request, Route, SecretKey};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::super::Call;
use crate::{
    Ctx, Error,
    catalog::Toolset,
    events::Events,
    guard::{DisabledReason, Guard},
    principal::Principal,
    tool::{Exec, Local, Output},
};

/// `GET /instance`
#[derive(Debug, Deserialize)]
struct Instance {
    id: String,
    environment_type: Option<String>,
}

#[skip_serializing_none]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct About {
    caller: Principal,
    profile: Option<String>,
    instance_id: Option<String>,
    instance_kind: String,
    environment_type: Option<String>,
    problem: Option<String>,
    api_version: String,
    rate_limit: String,
    requests_left: Option<u32>,
    confirmation: &'static str,
    destructive_left: Option<u32>,
    policy: bool,
    audit: bool,
    journal: Option<String>,
    approvals: Option<String>,
    events: Option<EventsKept>,
    off: Vec<ToolsOff>,
}

/// The deliveries to this process, and where events are.
#[derive(Debug, Serialize)]
struct EventsKept {
    place: String,
    received: u64,
    refused: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    problem: Option<String>,
}

impl EventsKept {
    async fn of(events: &Events) -> Self {
        let (received, refused) = events.counts();
        let problem = events.check().await.err().map(|error| error.to_string());
        Self { place: events.place(), received, refused, problem }
    }
}

/// Tools that are off for one reason.
#[derive(Debug, Serialize)]
struct ToolsOff {
    why: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    tools: Vec<&'static str>,
    /// Whole toolsets, in place of their tools.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    toolsets: Vec<&'static str>,
}

/// It answers if Clerk doesn't, too: then it says why.
pub(in crate::call) async fn whoami(call: &Call<'_>, ctx: &Ctx) -> Result<Output, Error> {
    let request = Request::new(Route::get("/instance"), &serde_json::json!({}))?;
    let read = async { Ok::<_, Error>(ctx.send(request).await?.read::<Instance>().await?) }.await;
    let (instance, problem) = match read {
        Ok(read) => (Some(read.value), None),
        Err(error) => (None, Some(error.to_string())),
    };
    let config = ctx.config();
    let Guard { confirm, max_destructive, audit, journal, approvals, approvals_page, .. } =
        &call.server.guard;
    let events = match &call.server.events {
        Some(events) => Some(EventsKept::of(events).await),
        None => None,
    };
    let about = About {
        caller: call.caller.principal.clone(),
        profile: ctx.profile().map(str::to_owned),
        instance_kind: ctx.key().map_or("none", SecretKey::kind).to_owned(),
        environment_type: instance.as_ref().and_then(|instance| instance.environment_type.clone()),
        instance_id: instance.map(|instance| instance.id),
        problem,
        api_version: config.api_version.clone(),
        rate_limit: match config.rate_limit.of_instance(call.is_live()) {
            Some(count) => format!("{count} requests in 10 s"),
            None => "none".to_owned(),
        },
        requests_left: ctx.last_response().requests_left,
        confirmation: confirm.describe(call.is_live()),
        destructive_left: max_destructive
            .as_ref()
            .map(|limit| limit.of(&call.caller.principal).left(Instant::now())),
        policy: call.policy.is_some(),
        audit: audit.is_some(),
        journal: journal.as_ref().map(|journal| journal.file().display().to_string()),
        approvals: approvals.as_ref().map(|_| match approvals_page {
            Some(page) => format!("a second person approves at {page}"),
            None => "a second person approves with `clerk-mcp approvals`".to_owned(),
        }),
        events,
        off: off(call),
    };
    Output::composed(call.tool, &about, Vec::new())
}

/// The tools that are off, by reason.
fn off(call: &Call) -> Vec<ToolsOff> {
    let selection = &call.server.guard.selection;
    let is_on = |toolset: &Toolset, tool| selection.off(toolset, tool, call.is_live()).is_none();
    let catalog = &call.server.catalog;
    // By its name an operation is reached whether it is chosen or not.
    let is_reached = catalog.iter().any(|(toolset, tool)| {
        matches!(tool.exec, Exec::Local(Local::Run))
            && tool.effect.is_read()
            && is_on(toolset, tool)
    });
    let mut off: Vec<ToolsOff> = Vec::new();
    let principal = &call.caller.principal;
    let denied = |toolset: &Toolset, tool| !call.server.offers(toolset, tool, principal);
    let denied =
        catalog.iter().filter(|(toolset, tool)| is_on(toolset, tool) && denied(toolset, tool));
    let denied: Vec<&str> = denied.map(|(_, tool)| tool.name).collect();
    if !denied.is_empty() {
        let why = "the operator's policy denies it to you, whatever its arguments";
        off.push(ToolsOff { why, tools: denied, toolsets: Vec::new() });
    }
    for (toolset, tool) in catalog {
        let is_chosen = selection.chooses(toolset, tool);
        if is_reached && !is_chosen {
            continue;
        }
        let reason = if is_chosen {
            selection.off(toolset, tool, call.is_live())
        } else {
            Some(DisabledReason::NotChosen)
        };
        // Nobody misses them without rules that demand a second person.
        let reason = reason.filter(|reason| *reason != DisabledReason::NoApprovals);
        let Some(reason) = reason else { continue };
        let why = reason.why();
        let place = off.iter().position(|group| group.why == why).unwrap_or_else(|| {
            off.push(ToolsOff { why, tools: Vec::new(), toolsets: Vec::new() });
            off.len() - 1
        });
        let Some(group) = off.get_mut(place) else { continue };
        // Whole toolsets by their name: their tools would flood the result.
        let is_any_on = || toolset.tools.iter().any(|tool| is_on(toolset, tool));
        match reason {
            DisabledReason::NotChosen | DisabledReason::NoEvents | DisabledReason::NoJournal
                if !is_any_on() =>
            {
                if !group.toolsets.contains(&toolset.name) {
                    group.toolsets.push(toolset.name);
                }
            }
            _ => group.tools.push(tool.name),
        }
    }
    off
}
