//! How a failed call reads to an agent: one compact JSON object that says what happened, whether
//! to try again, and what to do next.

use std::time::Duration;

use clerk_api::{Error as ApiError, Refusal};
use serde::Serialize;
use serde_json::{Map, Value};
use serde_with::skip_serializing_none;

use crate::{
    Ctx, Error,
    catalog::Toolset,
    text,
    tool::{Tool, camel_case, kind::Kind, param::Type},
};

/// What a refusal with this code calls for. `{find}` stands for how to find what the arguments name.
const HINTS: &[(&str, &str)] = &[
    ("resource_not_found", "Nothing in this Clerk instance has that id. {find}"),
    ("form_identifier_exists", "Another one has it already. {find}"),
    ("organization_slugs_disabled", "Slugs are off in this instance: call again without slug."),
    (
        "organization_not_enabled_in_instance",
        "Organizations are off in this instance; a person can turn them on in the Clerk Dashboard.",
    ),
    ("organization_creator_not_found", "createdBy isn't the ID of a user. {find}"),
    (
        "organization_membership_quota_exceeded",
        "The organization is full: its maxAllowedMemberships, which clerk_get_organization shows, \
         must be raised, or somebody removed.",
    ),
    (
        "form_password_pwned",
        "The password is in a list of leaked ones: choose another, or set skipPasswordChecks.",
    ),
    (
        "form_param_unknown",
        "This instance does not take that field: its feature may be off in the Clerk Dashboard.",
    ),
];

const CORRECT: &str = "Nothing was sent to Clerk. Correct the arguments and call again.";
const UNCHANGED: &str = "Nothing was changed. Try again.";
const REPORT: &str = "Please report it with what you called.";

#[derive(Serialize)]
struct Report<'error> {
    success: bool,
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
pub(super) fn report(error: &Error, toolset: &Toolset, tool: &Tool, ctx: &Ctx) -> Value {
    let mut report = serde_json::to_value(of(error, toolset, tool))
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

fn of<'error>(error: &'error Error, toolset: &Toolset, tool: &Tool) -> Report<'error> {
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
            hint: hint(error, is_read, toolset, tool),
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
        Error::Arguments(faults) => faults
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
    match error {
        Error::Arguments(_) => "invalid_arguments",
        Error::Denied(denial) => denial.code,
        Error::Busy => "server_busy",
        Error::Key(_) => "clerk_key_missing",
        Error::NotOneUser { ids, .. } if ids.is_empty() => "user_not_found",
        Error::NotOneUser { .. } => "user_not_unique",
        Error::HalfDone { .. } => "half_done",
        Error::Events(_) => "events_unreadable",
        Error::Stopped => "server_stopped",
        Error::Beforehand(error) => return code(error),
        Error::Internal(_) => "internal_error",
        Error::Clerk { error, .. } => return code_of_clerk(error),
    }
    .to_owned()
}

fn code_of_clerk(error: &ApiError) -> String {
    match error {
        ApiError::InvalidId(_) => "invalid_arguments",
        ApiError::RateLimit { .. } => "rate_limit",
        ApiError::Unreachable(_) => "clerk_unreachable",
        ApiError::Timeout(_) => "timeout",
        ApiError::Interrupted(_) => "connection_lost",
        ApiError::Unreadable { .. } => "unreadable_answer",
        ApiError::Cancelled => "server_stopped",
        ApiError::Refused(refusal) => match refusal.code() {
            "" => return format!("http_{}", refusal.status),
            code => code,
        },
        ApiError::Internal(_) => "internal_error",
    }
    .to_owned()
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
        // What may have happened must be looked at before it is done again.
        error => is_read && error.leaves_in_doubt(),
    }
}

fn hint(error: &Error, is_read: bool, toolset: &Toolset, tool: &Tool) -> String {
    let look = tool.verify_with;
    match error {
        Error::HalfDone { error, .. } if error.leaves_in_doubt() => {
            format!("The metadata may have been replaced all the same: look with {look} first.")
        }
        Error::HalfDone { .. } => {
            format!("To finish, call {} again with the metadata only.", tool.name)
        }
        Error::Clerk { error: ApiError::Unreadable { .. }, .. } if !is_read => {
            format!("Clerk accepted it, so it took effect: don't repeat it, look with {look}.")
        }
        error if error.leaves_in_doubt() && !is_read => {
            format!("It may have happened all the same: look with {look} before you repeat it.")
        }
        Error::Arguments(_) => CORRECT.to_owned(),
        Error::Clerk { hint: Some(hint), .. } => hint.clone(),
        Error::Clerk { error, .. } => hint_of_clerk(error, toolset, tool),
        Error::Denied(denial) => denial.hint.clone(),
        Error::Busy => "Nothing was sent to Clerk. Make fewer calls at once.".to_owned(),
        Error::Key(_) => "Nothing was sent to Clerk. A person must set CLERK_SECRET_KEY (or \
             CLERK_SECRET_KEY_FILE) for clerk-mcp and restart it; the key is in the Clerk \
             Dashboard under API keys. With --sandbox it runs without a key."
            .to_owned(),
        Error::Stopped => UNCHANGED.to_owned(),
        Error::NotOneUser { ids, .. } if ids.is_empty() => {
            "Find the user with clerk_list_users: its query takes a part of an email or a name."
                .to_owned()
        }
        Error::NotOneUser { .. } => "Call again with the userId of the one you mean.".to_owned(),
        Error::Beforehand(error) => hint(error, true, toolset, tool),
        Error::Events(_) => {
            "Clerk was not asked; a person must look at the file of --events.".to_owned()
        }
        Error::Internal(_) => REPORT.to_owned(),
    }
}

fn hint_of_clerk(error: &ApiError, toolset: &Toolset, tool: &Tool) -> String {
    match error {
        ApiError::Refused(refusal) => refused(refusal, toolset, tool),
        ApiError::InvalidId(_) => CORRECT.to_owned(),
        ApiError::RateLimit { wait, .. } => format!(
            "Nothing was sent to Clerk. Wait {} s before you call again.",
            wait.as_secs_f64().ceil()
        ),
        ApiError::Unreachable(_) => {
            "Nothing was sent to Clerk. Try again later; if it stays so, a \
             person must check the network, the proxy and CLERK_API_URL."
                .to_owned()
        }
        ApiError::Timeout(_) | ApiError::Interrupted(_) | ApiError::Cancelled => {
            UNCHANGED.to_owned()
        }
        ApiError::Unreadable { .. } => {
            "Nothing was changed. Check CLERK_API_URL if it stays so.".to_owned()
        }
        ApiError::Internal(_) => REPORT.to_owned(),
    }
}

/// How to find the id of an object of a kind.
const FINDERS: [(Kind, &str); 3] = [
    (Kind::User, "Find a user with clerk_list_users: emailAddress or query."),
    (Kind::Organization, "Find an organization with clerk_list_organizations: query."),
    (Kind::Session, "Find a session with clerk_list_sessions: userId."),
];

/// How to find what the tool's arguments name.
fn find(toolset: &Toolset, tool: &Tool) -> String {
    let takes = |kind| {
        let is_it = |ty: &Type| matches!(ty, Type::Id { kinds, .. } if kinds.contains(&kind));
        tool.arguments().any(|param| is_it(&param.ty))
    };
    let finders = FINDERS.iter().filter(|(kind, _)| takes(*kind));
    let sentences: Vec<&str> = finders.map(|(_, sentence)| *sentence).collect();
    if sentences.is_empty() {
        return format!("Find it with {}.", toolset.find);
    }
    sentences.join(" ")
}

fn refused(refusal: &Refusal, toolset: &Toolset, tool: &Tool) -> String {
    if let Some((_, hint)) = HINTS.iter().find(|(code, _)| *code == refusal.code()) {
        return hint.replace("{find}", &find(toolset, tool));
    }
    match (refusal.status, refusal.retry_after) {
        (401, _) => "Clerk does not take the key: a person must check that CLERK_SECRET_KEY is \
             this instance's and not revoked, and restart clerk-mcp."
            .to_owned(),
        (403, _) => "The instance's settings or plan don't allow this.".to_owned(),
        (404, _) => {
            format!("Nothing in this Clerk instance has that id. {}", find(toolset, tool))
        }
        (429, Some(wait)) => {
            format!(
                "Clerk did nothing. Wait {} s before you call again.",
                wait.as_secs_f64().ceil()
            )
        }
        (429, None) => "Clerk did nothing. Wait some seconds before you call again.".to_owned(),
        (501, _) => "Nothing was changed, and trying again changes nothing.".to_owned(),
        (500.., _) => {
            "Nothing was changed. Clerk has a problem of its own: try again later.".to_owned()
        }
        _ => "Clerk changed nothing. Correct what it complains of and call again.".to_owned(),
    }
}
