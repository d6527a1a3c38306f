//! `/sandbox/faults`: misbehaviour on demand.

use axum::response::Response;
use serde_json::{Value, json};

use crate::Sandbox;
use crate::body::Fields;
use crate::fault::{Armed, Fault};
use crate::query::NoQuery;
use crate::refusal::FORM_PARAM_FORMAT_INVALID;
use crate::reply::{self, Paginated, Reply};
use crate::state::State;

/// `GET /sandbox/faults`, in the order in which they are tried.
pub(crate) async fn list(State(sandbox): State<Sandbox>, _: NoQuery) -> Reply {
    Ok(all(&sandbox))
}

fn all(sandbox: &Sandbox) -> Response {
    let data: Vec<_> = sandbox.faults().all().iter().map(object).collect();
    let total_count = data.len();
    reply::json(&Paginated { data, total_count })
}

/// `POST /sandbox/faults` adds one, after those that are there.
pub(crate) async fn create(
    State(sandbox): State<Sandbox>,
    _: NoQuery,
    mut fields: Fields,
) -> Reply {
    let text = fields.required("fault");
    let fault = (!text.is_empty()).then(|| text.parse::<Fault>());
    if let Some(Err(error)) = &fault {
        fields.refuse(FORM_PARAM_FORMAT_INVALID.at("fault", format!("{error}.")));
    }
    fields.finish()?;
    if let Some(Ok(fault)) = fault {
        sandbox.faults().add(fault);
    }
    Ok(all(&sandbox))
}

/// `DELETE /sandbox/faults` removes all, also those of the sandbox's options.
pub(crate) async fn clear(State(sandbox): State<Sandbox>, _: NoQuery) -> Reply {
    sandbox.faults().replace(&[]);
    Ok(all(&sandbox))
}

fn object(armed: &Armed) -> Value {
    json!({
        "object": "fault",
        "fault": armed.fault.to_string(),
        "requests_matched": armed.matched,
        "requests_failed": armed.applied,
    })
}
