//! Asking the person whether a destructive call may run, in the way that the client has for it.

use std::{
    io::{self, Write},
    time::Duration,
};

use rmcp::{
    RoleServer,
    model::{
        ElicitRequest, ElicitRequestParams, ElicitResult, ElicitationAction,
        ElicitationSchemaBuilder, InputRequest, InputRequiredResult, InputResponses,
        ProtocolVersion,
    },
    service::{Peer, RequestContext, ServiceError},
};
use serde_json::Value;

use crate::guard::Denial;

/// How long a person may take to answer.
const PATIENCE: Duration = Duration::from_mins(5);
/// The name of the question in an [`InputRequiredResult`], and of the one field of the form.
const CONFIRM: &str = "confirm";

/// The way to the person behind a client.
#[derive(Clone, Debug, Default)]
pub enum Asking {
    /// There is none.
    #[default]
    Impossible,
    /// A request of ours to the client, in the revisions up to 2025-11-25.
    /// <https://modelcontextprotocol.io/specification/2025-11-25/client/elicitation>
    Elicitation(Peer<RoleServer>),
    /// A result that asks for input, after which the client calls again with the answer.
    /// <https://modelcontextprotocol.io/specification/2026-07-28/basic/patterns/mrtr>
    Rounds {
        /// What the client brings this time.
        answers: InputResponses,
        /// The state that it was to bring along.
        state: Option<String>,
    },
    /// The terminal that the process was started from.
    Terminal,
}

impl Asking {
    /// The way that the client of a request declared to have.
    pub(super) fn of(
        context: &RequestContext<RoleServer>,
        answers: Option<InputResponses>,
        state: Option<String>,
    ) -> Self {
        let declared = context.client_capabilities().and_then(|it| it.elicitation);
        // One that names no mode has forms: before 2025-11-25 there was nothing else.
        let has_forms = declared.is_some_and(|it| it.form.is_some() || it.url.is_none());
        if !has_forms {
            Self::Impossible
        } else if context.protocol_version() >= Some(ProtocolVersion::V_2026_07_28) {
            Self::Rounds { answers: answers.unwrap_or_default(), state }
        } else {
            Self::Elicitation(context.peer.clone())
        }
    }

    pub(super) const fn is_possible(&self) -> bool {
        !matches!(self, Self::Impossible)
    }

    /// Asks, and waits for the answer.
    ///
    /// # Errors
    /// A [`Denial`] where the person does not agree, or does not answer within five minutes.
    pub(super) async fn ask(&self, question: String) -> Result<(), Denial> {
        match self {
            Self::Elicitation(peer) => {
                let asked = peer.create_elicitation_with_timeout(form(question), Some(PATIENCE));
                match asked.await {
                    Ok(answer) => agreed(&answer),
                    Err(ServiceError::Timeout { .. }) => {
                        Err(denial("the person did not answer within five minutes"))
                    }
                    Err(error) => {
                        tracing::warn!(%error, "the client could not ask the person");
                        Err(denial("the client could not ask the person"))
                    }
                }
            }
            Self::Terminal => {
                let answered = tokio::task::spawn_blocking(move || ask_at_terminal(&question));
                match answered.await {
                    Ok(Ok(true)) => Ok(()),
                    Ok(Ok(false)) => Err(denial("the person at the terminal did not agree")),
                    _ => Err(denial("the terminal could not be read")),
                }
            }
            Self::Rounds { .. } | Self::Impossible => Err(denial("nobody can be asked")),
        }
    }
}

/// The answer that a client of the stateless revision brings to the question.
pub(super) fn answer(answers: &InputResponses) -> Option<Result<(), Denial>> {
    let answer = answers.get(CONFIRM)?;
    Some(match serde_json::from_value(answer.clone()) {
        Ok(answer) => agreed(&answer),
        Err(_) => Err(denial("the answer can't be read")),
    })
}

/// The result that makes such a client ask.
pub(super) fn input_required(question: String, state: String) -> InputRequiredResult {
    let request = InputRequest::Elicitation(ElicitRequest::new(form(question)));
    InputRequiredResult::new(Some([(CONFIRM.to_owned(), request)].into()), Some(state))
}

/// One box to tick, empty at first: an answer that a client gives by itself is no consent.
fn form(question: String) -> ElicitRequestParams {
    ElicitRequestParams::FormElicitationParams {
        meta: None,
        message: question,
        requested_schema: ElicitationSchemaBuilder::new()
            .required_bool_property(CONFIRM, |it| it.title("Yes, do it").with_default(false))
            .build_unchecked(),
    }
}

fn agreed(answer: &ElicitResult) -> Result<(), Denial> {
    let ticked =
        || answer.content.as_ref().and_then(|it| it.get(CONFIRM)) == Some(&Value::Bool(true));
    match answer.action {
        ElicitationAction::Accept if ticked() => Ok(()),
        ElicitationAction::Accept => Err(denial("the person left the box empty")),
        ElicitationAction::Decline => Err(denial("the person declined")),
        _ => Err(denial("the person closed the question without an answer")),
    }
}

fn denial(problem: &str) -> Denial {
    Denial::new(
        "not_confirmed",
        format!("the call needs a person's consent, and {problem}"),
        "Nothing was changed. Don't call again unless the person asks for it.",
    )
}

fn ask_at_terminal(question: &str) -> io::Result<bool> {
    write!(io::stderr().lock(), "{question}\nDo it? [y/N] ")?;
    let mut line = String::new();
    io::stdin().read_line(&mut line)?;
    Ok(matches!(line.trim(), "y" | "Y" | "yes"))
}
