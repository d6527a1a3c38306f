//! The calls that the caller asked a second person to approve.

use serde::Serialize;
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

use super::super::{Call, second_person};
use crate::{
    Error,
    approvals::{Approval, Ask, Filter, State},
    tool::{Output, date::iso},
};

/// An approval as the row declares it.
#[skip_serializing_none]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct Row {
    id: String,
    state: State,
    tool: String,
    target: Option<String>,
    asked_at: String,
    expires_at: String,
    who_may_approve: String,
    decided_by: Option<String>,
    why: Option<String>,
    outcome: Option<String>,
    reason: Option<String>,
    effect: Vec<String>,
    arguments: Map<String, Value>,
}

pub(in crate::call) async fn list(call: &Call<'_>) -> Result<Output, Error> {
    #[derive(Serialize)]
    #[serde(rename_all = "camelCase")]
    struct Page {
        total_count: usize,
        approvals: Vec<Row>,
    }
    let approvals = second_person::file(call)?;
    let filter = Filter {
        asked_by: Some(call.caller.principal.clone()),
        instance: Some(call.ctx.key().map_err(Error::Key)?.fingerprint()),
        only_open: false,
    };
    let listed = approvals.list(filter).await.map_err(|error| second_person::unusable(&error))?;
    let rows: Vec<Row> = listed.into_iter().map(row).collect();
    let page = Page { total_count: rows.len(), approvals: rows };
    Output::composed(call.tool, &page, Vec::new())
}

fn row(approval: Approval) -> Row {
    let outcome = (approval.state == State::Used)
        .then(|| approval.outcome.clone().unwrap_or_else(|| "inDoubt".to_owned()));
    let who_may_approve = approval.ask.approvers_in_words();
    let Approval { id, ask, created_at, expires_at, state, decided, why, .. } = approval;
    let Ask { tool, target, reason, question, arguments, .. } = ask;
    Row {
        id,
        state,
        tool,
        target,
        asked_at: iso(created_at.as_millisecond()),
        expires_at: iso(expires_at.as_millisecond()),
        who_may_approve,
        decided_by: decided.map(|(by, _)| by.to_string()),
        why,
        outcome,
        reason,
        effect: question.sentences,
        arguments,
    }
}
