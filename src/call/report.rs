//! How a failed call reads to an agent: one compact JSON object that says what happened, whether
//! to try again, and what to do next.

use std::time::Duration;

use clerk_api::{Error as ApiError, Refusal};
use serde::Serialize;
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

use super::hint::{Nameable, hint};
use crate::{
    Ctx, Error,
    journal::change_id,
    text,
    tool::{Tool, camel_case},
};

#[skip_serializing_none]
#[derive(Serialize)]
struct Report<'error> {
    success: bool,
    /// The profile that was to be changed.
    profile: Option<&'error str>,
    error: Body<'error>,
}

#[skip_serializing_none]
#[derive(Default, Serialize)]
#[serde(rename_all = "camelCase")]
struct Body<'error> {
    status: Option<u16>,
    code: String,
    message: String,
    param: Option<String>,
    /// Left out where it would only repeat the message.
    errors: Option<Vec<Item>>,
    trace_id: Option<&'error str>,
    retryable: bool,
    retry_after_seconds: Option<u64>,
    /// What the journal of changes calls a write that may have had its effect.
    change_id: Option<String>,
    hint: String,
}

#[skip_serializing_none]
#[derive(Serialize)]
struct Item {
    code: Option<String>,
    message: String,
    param: Option<String>,
    #[serde(skip_serializing_if = "Map::is_empty")]
    meta: Map<String, Value>,
}

/// The report on a call that failed, without secrets, and with what end users wrote made safe.
pub(super) fn report(error: &Error, nameable: &Nameable<'_>, ctx: &Ctx) -> Value {
    let mut report = serde_json::to_value(of(error, nameable, ctx))
        .unwrap_or_else(|_| serde_json::json!({ "success": false }));
    redact(&mut report, ctx);
    text::clean(&mut report);
    report
}

/// Takes secrets out of all strings: Clerk or a proxy may have echoed them.
fn redact(value: &mut Value, ctx: &Ctx) {
    match value {
        Value::String(text) => *text = ctx.redact(text),
        Value::Array(items) => items.iter_mut().for_each(|item| redact(item, ctx)),
        Value::Object(members) => {
            text::rename(members, |name| ctx.redact(name).into());
            members.values_mut().for_each(|member| redact(member, ctx));
        }
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

fn of<'error>(error: &'error Error, nameable: &Nameable<'_>, ctx: &'error Ctx) -> Report<'error> {
    let tool = nameable.failed;
    let doubt = error;
    let (change, error) = match error {
        Error::InDoubt { change, error } => (Some(*change), &**error),
        error => (None, error),
    };
    let (error, is_read) = match error {
        Error::Beforehand(error) => (&**error, true),
        error => (error, tool.effect.is_read()),
    };
    let cause = match error {
        Error::HalfDone { error, .. } => error,
        error => error,
    };
    let refusal = cause.refusal();
    let items = items(cause, tool);
    Report {
        success: false,
        profile: ctx.profile().filter(|_| !tool.effect.is_read()),
        error: Body {
            status: match cause {
                Error::Clerk { error, .. } => error.status(),
                _ => None,
            },
            code: code(error),
            message: error.to_string(),
            param: items.first().and_then(|item| item.param.clone()),
            errors: (items.len() > 1 || items.iter().any(|item| !item.meta.is_empty()))
                .then_some(items),
            trace_id: refusal.and_then(|refusal| refusal.trace_id.as_deref()),
            retryable: is_retryable(error, is_read),
            retry_after_seconds: retry_after(cause)
                .map(|wait| wait.as_secs() + u64::from(wait.subsec_nanos() > 0)),
            change_id: change.map(change_id),
            hint: hint(doubt, is_read, nameable),
        },
    }
}

/// How long until the same call can be expected to go through, where that is known.
fn retry_after(cause: &Error) -> Option<Duration> {
    match cause {
        Error::Clerk { error: ApiError::Refused(refusal), .. } => refusal.retry_after,
        Error::Clerk { error: ApiError::RateLimit { wait, .. }, .. } => Some(*wait),
        Error::Denied(denial) => denial.retry_after,
        _ => None,
    }
}

fn items(cause: &Error, tool: &Tool) -> Vec<Item> {
    match cause {
        Error::Arguments(faults) | Error::NotIdentified(faults) => faults
            .iter()
            .map(|fault| Item {
                code: None,
                message: fault.problem.clone(),
                param: Some(fault.argument.clone()),
                meta: Map::new(),
            })
            .collect(),
        Error::Clerk { error: ApiError::Refused(refusal), .. } => {
            let is_ours = |name: &str| tool.arguments().any(|param| param.wire == name);
            // Clerk complains of its own names; the agent knows the tool's.
            let param = |name: &String| {
                if is_ours(name) { camel_case(name) } else { name.clone() }
            };
            let items = refusal.items.iter().map(|item| Item {
                code: Some(item.code.clone()),
                message: item.message.clone(),
                param: item.param.as_ref().map(param),
                meta: item.meta.clone(),
            });
            items.collect()
        }
        _ => Vec::new(),
    }
}

/// The code of a failure, Clerk's own where it gave one.
pub(super) fn code(error: &Error) -> String {
    match refusal_of(error) {
        Some(refusal) if refusal.code().is_empty() => format!("http_{}", refusal.status),
        Some(refusal) => refusal.code().to_owned(),
        None => kind(error).to_owned(),
    }
}

/// The same in a word of this program: all that Clerk refuses is one.
pub(super) fn kind(error: &Error) -> &'static str {
    match error {
        Error::Arguments(_) => "invalid_arguments",
        Error::NotIdentified(_) => "not_identified",
        Error::Denied(denial) => denial.code,
        Error::Busy => "server_busy",
        Error::Key(_) => "clerk_key_missing",
        Error::NotOneUser { ids, .. } if ids.is_empty() => "user_not_found",
        Error::NotOneUser { .. } => "user_not_unique",
        Error::HalfDone { .. } => "half_done",
        Error::Events(_) => "events_unreadable",
        Error::Journal(_) => "journal_unreadable",
        Error::Stopped => "server_stopped",
        Error::InDoubt { error, .. } | Error::Beforehand(error) => kind(error),
        Error::Internal(_) => "internal_error",
        Error::Clerk { error, .. } => match error {
            ApiError::InvalidId(_) => "invalid_arguments",
            ApiError::RateLimit { .. } => "rate_limit",
            ApiError::Unreachable(_) => "clerk_unreachable",
            ApiError::Timeout(_) => "timeout",
            ApiError::Interrupted(_) => "connection_lost",
            ApiError::Unreadable { .. } => "unreadable_answer",
            ApiError::Cancelled => "server_stopped",
            ApiError::Refused(_) => "refused",
            ApiError::Internal(_) => "internal_error",
        },
    }
}

/// What Clerk said, if its refusal is the cause.
fn refusal_of(error: &Error) -> Option<&Refusal> {
    match error {
        Error::Beforehand(error) => refusal_of(error),
        error => error.refusal(),
    }
}

fn is_retryable(error: &Error, is_read: bool) -> bool {
    match error {
        Error::Busy
        | Error::Clerk { error: ApiError::Unreachable(_) | ApiError::RateLimit { .. }, .. } => true,
        Error::Denied(denial) => denial.retry_after.is_some(),
        Error::Clerk { error: ApiError::Refused(refusal), .. }
            if refusal.status == 429 || refusal.code() == "resource_locked" =>
        {
            true
        }
        Error::Clerk { error: ApiError::Unreadable { .. }, .. } => false,
        // What may have happened must be looked at before it is done again.
        error => is_read && error.leaves_in_doubt(),
    }
}
