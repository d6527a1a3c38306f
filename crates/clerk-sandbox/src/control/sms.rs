//! `/sandbox/sms`: what becomes of text messages.

use axum::response::Response;
use serde_json::json;

use crate::Sandbox;
use crate::body::Fields;
use crate::model::{SMS_REASONS, SmsOutcome};
use crate::query::NoQuery;
use crate::refusal::FORM_PARAM_VALUE_INVALID;
use crate::reply::{self, Paginated, Reply};
use crate::state::State;

/// What a message may come to, and whether that needs a reason.
const OUTCOMES: [(&str, bool); 5] = [
    ("accepted", false),
    ("delivered", false),
    ("failed", true),
    ("unconfirmed", false),
    ("undeliverable", true),
];

/// `GET /sandbox/sms`, in the order in which they are tried.
pub(crate) async fn list(State(sandbox): State<Sandbox>, _: NoQuery) -> Reply {
    Ok(all(&sandbox))
}

fn all(sandbox: &Sandbox) -> Response {
    let data = sandbox.read().settings.sms_outcomes.clone();
    let total_count = data.len();
    reply::json(&Paginated { data, total_count })
}

/// `POST /sandbox/sms` says what becomes of messages to a number, or to all that begin with it.
pub(crate) async fn create(
    State(sandbox): State<Sandbox>,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let to = fields.required("to");
    let outcome = fields.required("outcome");
    let reason = fields.text("reason").value();
    let known = OUTCOMES.iter().find(|(name, _)| *name == outcome);
    if known.is_none() {
        let names = OUTCOMES.map(|(name, _)| name).join(", ");
        let sentence = format!("outcome must be one of {names}.");
        fields.refuse(FORM_PARAM_VALUE_INVALID.at("outcome", sentence));
    }
    let needs_reason = known.is_some_and(|(_, needs_reason)| *needs_reason);
    if needs_reason && reason.is_none() {
        fields.refuse_missing("reason");
    }
    if let Some(reason) = &reason
        && !(needs_reason && SMS_REASONS.contains(&reason.as_str()))
    {
        let sentence = format!(
            "reason is for failed and undeliverable messages, and must be one of {}.",
            SMS_REASONS.join(", ")
        );
        fields.refuse(FORM_PARAM_VALUE_INVALID.at("reason", sentence));
    }
    fields.finish()?;
    if let Some((outcome, _)) = known {
        sandbox.write().settings.sms_outcomes.push(SmsOutcome { to, outcome, reason });
    }
    Ok(all(&sandbox))
}

/// `DELETE /sandbox/sms`: all messages are delivered again.
pub(crate) async fn clear(State(sandbox): State<Sandbox>, _: NoQuery) -> Reply {
    sandbox.write().settings.sms_outcomes.clear();
    Ok(reply::json(&json!({ "object": "list", "deleted": true })))
}
