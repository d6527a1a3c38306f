//! Plays a fixture: runs its steps, asks the client its questions, returns its result.

#![expect(deprecated, reason = "sampling, roots and logging are what some scenarios are about")]

use std::{fmt::Display, time::Duration};

use rmcp::{
    ErrorData, RoleServer,
    model::{
        CacheScope, ClientCapabilities, InputRequest, InputRequests, InputRequiredResult,
        InputResponses, JsonObject, LoggingLevel, LoggingMessageNotificationParam,
        ProgressNotificationParam, Prompt, ProtocolVersion, RequestStateCodec, RequestStateError,
        Resource, ResourceTemplate, ServerCapabilities, ServerRequest, Tool,
    },
    service::RequestContext,
};
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::{Value, json};
use tokio::sync::broadcast;

const FIXTURES: &str = include_str!("fixtures.json");
/// Seals the state that a client carries from one round to the next. It may be public: it guards
/// nothing but fixtures.
const STATE_KEY: &str = "the conformance fixtures' public key";

/// Why the fixtures can't be used.
#[derive(Debug, thiserror::Error)]
pub enum FixturesError {
    /// `fixtures.json` doesn't hold what it should.
    #[error("the conformance fixtures: {0}")]
    Json(#[from] serde_json::Error),
    /// The key can't seal states.
    #[error("the conformance fixtures: {0}")]
    Key(RequestStateError),
}

pub(super) struct Shared {
    pub(super) fixtures: Fixtures,
    states: RequestStateCodec,
    pub(super) changes: broadcast::Sender<List>,
}

#[derive(Deserialize)]
pub(super) struct Fixtures {
    pub(super) capabilities: ServerCapabilities,
    pub(super) tools: Vec<Fixture<Tool>>,
    pub(super) prompts: Vec<Fixture<Prompt>>,
    pub(super) resources: Vec<Fixture<Resource>>,
    pub(super) templates: Vec<Fixture<ResourceTemplate>>,
}

#[derive(Deserialize)]
pub(super) struct Fixture<D> {
    #[serde(flatten)]
    pub(super) definition: D,
    /// What it does before it returns.
    #[serde(default)]
    steps: Vec<Step>,
    /// What it asks the client for, round by round.
    #[serde(default)]
    asks: Vec<JsonObject>,
    /// Whether the client has to bring a sealed state along with its answers.
    #[serde(default)]
    sealed: bool,
    /// The result; `{/arguments/…}` and `{/answers/…}` in it stand for what the client sent.
    result: Value,
}

#[derive(Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum Step {
    Log(String),
    Progress(f64),
    /// Milliseconds.
    Pause(u64),
    Change(List),
}

#[derive(Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
pub(super) enum List {
    Tools,
    Prompts,
}

/// What a client sent with a call.
pub(super) struct Input {
    pub(super) arguments: JsonObject,
    answers: InputResponses,
    state: Option<String>,
}

impl Input {
    pub(super) fn new(
        arguments: Option<JsonObject>,
        answers: Option<InputResponses>,
        state: Option<String>,
    ) -> Self {
        let (arguments, answers) = (arguments.unwrap_or_default(), answers.unwrap_or_default());
        Self { arguments, answers, state }
    }
}

impl Shared {
    pub(super) fn new() -> Result<Self, FixturesError> {
        Ok(Self {
            fixtures: serde_json::from_str(FIXTURES)?,
            states: RequestStateCodec::try_new(STATE_KEY).map_err(FixturesError::Key)?,
            changes: broadcast::Sender::new(16),
        })
    }

    /// Runs a fixture: its steps, its questions, its result.
    pub(super) async fn play<D, T, R>(
        &self,
        fixture: &Fixture<D>,
        mut input: Input,
        context: &RequestContext<RoleServer>,
    ) -> Result<R, ErrorData>
    where
        T: DeserializeOwned + Into<R>,
        InputRequiredResult: Into<R>,
    {
        for step in &fixture.steps {
            self.step(step, context).await;
        }
        if let Some(asked) = self.ask(fixture, &mut input, context).await? {
            return Ok(asked.into());
        }
        let mut result = fixture.result.clone();
        fill(&mut result, &json!({ "arguments": input.arguments, "answers": input.answers }));
        if let (Value::Object(result), true) = (&mut result, is_stateless(context)) {
            let hints = [("ttlMs", json!(0)), ("cacheScope", json!("private"))];
            let complete = ("resultType", json!("complete"));
            result.extend(hints.into_iter().chain([complete]).map(|(k, v)| (k.to_owned(), v)));
        }
        Ok(read::<T>(result)?.into())
    }

    async fn step(&self, step: &Step, context: &RequestContext<RoleServer>) {
        // If the client is gone, or nobody listens to the list, the step still succeeds.
        match step {
            Step::Log(text) => {
                // In the stateless revision a request has to ask for log messages.
                if !is_stateless(context) || context.meta.log_level().is_some() {
                    let message =
                        LoggingMessageNotificationParam::new(LoggingLevel::Info, json!(text));
                    let _ = context.peer.notify_logging_message(message).await;
                }
            }
            Step::Progress(progress) => {
                if let Some(token) = context.meta.get_progress_token() {
                    let progress = ProgressNotificationParam::new(token, *progress);
                    let _ = context.peer.notify_progress(progress.with_total(100.0)).await;
                }
            }
            Step::Pause(ms) => tokio::time::sleep(Duration::from_millis(*ms)).await,
            Step::Change(list) => drop(self.changes.send(*list)),
        }
    }

    /// Asks the client for what it has not answered: in the stateless revision with the result that
    /// this returns, before with requests of our own, whose answers go into `input`.
    async fn ask<D>(
        &self,
        fixture: &Fixture<D>,
        input: &mut Input,
        context: &RequestContext<RoleServer>,
    ) -> Result<Option<InputRequiredResult>, ErrorData> {
        let mut round = 0;
        if fixture.sealed {
            match &input.state {
                Some(state) => {
                    let refused = |_| ErrorData::invalid_params("requestState is not ours", None);
                    round = self.states.open_json(state).map_err(refused)?;
                }
                // Answers to questions that were not asked.
                None => input.answers.clear(),
            }
        }
        for (round, asks) in fixture.asks.iter().enumerate().skip(round) {
            let requests = requests(asks, input, context)?;
            if !is_stateless(context) {
                for (key, request) in requests {
                    let sent = context.peer.send_request(server_request(request)?).await;
                    let answer = sent.map_err(|error| internal(&error))?;
                    input.answers.insert(key, json!(answer));
                }
            } else if !requests
                .keys()
                .all(|key| input.answers.get(key).is_some_and(Value::is_object))
            {
                let seal = || self.states.seal_json(&round).map_err(|error| internal(&error));
                let state = fixture.sealed.then(seal).transpose()?;
                return Ok(Some(InputRequiredResult::new(Some(requests), state)));
            }
        }
        Ok(None)
    }
}

/// The requests of one round that the client declared to support.
fn requests(
    asks: &JsonObject,
    input: &Input,
    context: &RequestContext<RoleServer>,
) -> Result<InputRequests, ErrorData> {
    let declared = json!(context.client_capabilities().unwrap_or_default());
    let (mut requests, mut missing) = (InputRequests::new(), JsonObject::new());
    for (key, ask) in asks {
        let method = ask.get("method").and_then(Value::as_str).unwrap_or_default();
        let capability = method.split('/').next().unwrap_or_default();
        if declared.get(capability).is_none() {
            missing.insert(capability.to_owned(), json!({}));
            continue;
        }
        let mut ask = ask.clone();
        fill(&mut ask, &json!({ "arguments": input.arguments }));
        requests.insert(key.clone(), read(ask)?);
    }
    if requests.is_empty() {
        let missing: ClientCapabilities = read(Value::Object(missing))?;
        return Err(ErrorData::missing_required_client_capability(missing));
    }
    Ok(requests)
}

fn server_request(request: InputRequest) -> Result<ServerRequest, ErrorData> {
    Ok(match request {
        InputRequest::CreateMessage(request) => ServerRequest::CreateMessageRequest(request),
        InputRequest::Elicitation(request) => ServerRequest::ElicitRequest(request),
        InputRequest::ListRoots(request) => ServerRequest::ListRootsRequest(request),
        _ => return Err(ErrorData::internal_error("older revisions have no such request", None)),
    })
}

/// Puts what the pointers `{/…}` in a value's strings point at in their place.
fn fill(value: &mut Value, from: &Value) {
    match value {
        Value::Array(values) => values.iter_mut().for_each(|value| fill(value, from)),
        Value::Object(values) => values.values_mut().for_each(|value| fill(value, from)),
        Value::String(text) => {
            while let Some((head, rest)) = text.split_once("{/")
                && let Some((pointer, tail)) = rest.split_once('}')
            {
                let found = match from.pointer(&format!("/{pointer}")) {
                    Some(Value::String(found)) => found.clone(),
                    Some(found) => found.to_string(),
                    None => String::new(),
                };
                *text = format!("{head}{found}{tail}");
            }
        }
        _ => {}
    }
}

fn read<T: DeserializeOwned>(value: Value) -> Result<T, ErrorData> {
    serde_json::from_value(value).map_err(|error| internal(&error))
}

fn internal(error: &dyn Display) -> ErrorData {
    ErrorData::internal_error(error.to_string(), None)
}

fn is_stateless(context: &RequestContext<RoleServer>) -> bool {
    context.protocol_version().is_some_and(|version| version >= ProtocolVersion::V_2026_07_28)
}

/// How long and by which caches a list may be kept: fields of the stateless revision only.
pub(super) fn hints(context: &RequestContext<RoleServer>) -> (Option<u64>, Option<CacheScope>) {
    if is_stateless(context) { (Some(0), Some(CacheScope::Private)) } else { (None, None) }
}
