//! Asking the person behind a client whether a call may run: by a request of ours in the revisions up
//! to 2025-11-25, by a result that asks for input since then.

use std::{error::Error, time::Duration};

use rmcp::{
    RoleServer,
    model::{
        ClientResult, ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction,
        ElicitationSchemaBuilder, InputRequest, InputRequiredResult, InputResponses,
        ProtocolVersion, ServerRequest,
    },
    service::{Peer, PeerRequestOptions, RequestContext, RequestHandle, ServiceError},
};
use serde_json::Value;
use tokio::{runtime::Handle, sync::oneshot::error::RecvError};

use crate::{Answer, ApprovalChannel, call::Question};

/// How long a person may take to answer.
const PATIENCE: Duration = Duration::from_mins(5);
/// The name of the question in an [`InputRequiredResult`], and of the one field of the form.
const CONFIRM: &str = "confirm";

/// Whether the client of a request can ask its person.
pub(super) fn can_ask(context: &RequestContext<RoleServer>) -> bool {
    let declared = context.client_capabilities().and_then(|client| client.elicitation);
    // One that names no mode has forms: before 2025-11-25 there was nothing else.
    declared.is_some_and(|modes| modes.form.is_some() || modes.url.is_none())
}

/// Whether the client is asked by a result, after which it calls again with the answer.
/// <https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr>
pub(super) fn is_by_result(context: &RequestContext<RoleServer>) -> bool {
    context.protocol_version() >= Some(ProtocolVersion::V_2026_07_28)
}

/// The channel of a call: open, or with the answer that the client brings.
pub(super) fn channel(
    context: &RequestContext<RoleServer>,
    responses: Option<&InputResponses>,
    state: Option<String>,
) -> ApprovalChannel {
    if !can_ask(context) {
        return ApprovalChannel::None;
    }
    let answer = responses.and_then(|responses| responses.get(CONFIRM));
    match (answer, state) {
        (Some(answer), Some(state)) if is_by_result(context) => {
            let answer = serde_json::from_value(answer.clone());
            let answer = answer.map_or(Answer::Unreadable, |answer| answer_of(&answer));
            ApprovalChannel::Answered { answer, state }
        }
        _ => ApprovalChannel::Open,
    }
}

/// Asks the person by a request to the client, and waits for the answer.
/// <https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation>
pub(super) async fn ask(peer: &Peer<RoleServer>, question: &Question) -> Answer {
    let request = ServerRequest::ElicitRequest(ElicitRequest::new(form(question)));
    let options = PeerRequestOptions::no_options();
    let mut asked = match peer.send_cancellable_request(request, options).await {
        Ok(handle) => Asked(Some(handle)),
        Err(error) => return could_not_ask(&error),
    };
    match tokio::time::timeout(PATIENCE, asked.answer()).await {
        Err(_) => Answer::TimedOut,
        Ok(Ok(Ok(ClientResult::ElicitResult(answer)))) => answer_of(&answer),
        Ok(Ok(Ok(_))) => Answer::Unreadable,
        Ok(Ok(Err(error))) => could_not_ask(&error),
        Ok(Err(error)) => could_not_ask(&error),
    }
}

fn could_not_ask(error: &dyn Error) -> Answer {
    tracing::warn!(%error, "the client could not ask the person");
    Answer::CouldNotAsk
}

/// A question that is taken back if nobody waits for its answer any more. rmcp would keep it until the
/// client answers.
struct Asked(Option<RequestHandle<RoleServer>>);

impl Asked {
    async fn answer(&mut self) -> Result<Result<ClientResult, ServiceError>, RecvError> {
        let Some(handle) = &mut self.0 else { return std::future::pending().await };
        let answer = (&mut handle.rx).await;
        self.0 = None;
        answer
    }
}

impl Drop for Asked {
    fn drop(&mut self) {
        if let (Some(handle), Ok(runtime)) = (self.0.take(), Handle::try_current()) {
            let reason = Some("the call has ended".to_owned());
            runtime.spawn(async move { handle.cancel(reason).await });
        }
    }
}

/// The result that makes a client ask.
pub(super) fn input_required(question: &Question, state: String) -> InputRequiredResult {
    let request = InputRequest::Elicitation(ElicitRequest::new(form(question)));
    InputRequiredResult::new(Some([(CONFIRM.to_owned(), request)].into()), Some(state))
}

/// One box to tick, empty at first: a client that answers by itself does not approve.
fn form(question: &Question) -> ElicitRequestParams {
    ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: question.to_string(),
        requested_schema: ElicitationSchemaBuilder::new()
            .required_bool_property(CONFIRM, |field| field.title("Yes, do it").with_default(false))
            .build_unchecked(),
    }
}

fn answer_of(answer: &ElicitResult) -> Answer {
    let ticked = || {
        answer.content.as_ref().and_then(|fields| fields.get(CONFIRM)) == Some(&Value::Bool(true))
    };
    match answer.action {
        ElicitationAction::Accept if ticked() => Answer::Approved,
        ElicitationAction::Accept => Answer::Unticked,
        ElicitationAction::Decline => Answer::Declined,
        _ => Answer::Closed,
    }
}
