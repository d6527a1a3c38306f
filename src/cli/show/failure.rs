//! A failed call as a person reads it.

use clerk_mcp::text::terminal::escape;
use serde::Deserialize;
use serde_json::Value;

use super::wrap;

/// What the report on a failed call says.
#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Report {
    error: Failure,
}

#[derive(Default, Deserialize)]
#[serde(default, rename_all = "camelCase")]
struct Failure {
    code: String,
    message: String,
    errors: Vec<Item>,
    trace_id: Option<String>,
    retry_after_seconds: Option<u64>,
    hint: String,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Item {
    message: String,
    param: Option<String>,
}

/// The report on a failed call in lines of this width: what is wrong, what to do, and what to tell
/// those who look into it.
pub(crate) fn failure(report: &Value, width: usize) -> String {
    let Failure { code, message, errors, trace_id, retry_after_seconds, hint } =
        Report::deserialize(report).unwrap_or_default().error;
    let mut lines = wrap(&format!("clerk-mcp: {}", sentence(&message)), 2, width);
    if errors.len() > 1 {
        for Item { message, param } in errors {
            let param = param.map(|param| format!("{}: ", escape(&param))).unwrap_or_default();
            lines.extend(wrap(&format!("  - {param}{}", escape(&message)), 4, width));
        }
    }
    lines.extend(wrap(&sentence(&hint), 0, width).into_iter().filter(|line| !line.is_empty()));
    let retry = retry_after_seconds.map(|seconds| format!("Try again in {seconds} s."));
    let trace = trace_id.map(|id| format!(" Trace ID: {}.", escape(&id))).unwrap_or_default();
    lines.extend(retry);
    lines.extend(wrap(&format!("Code: {}.{trace}", escape(&code)), 2, width));
    lines.join("\n")
}

/// A text with an end.
fn sentence(text: &str) -> String {
    let text = escape(text.trim());
    let end = if text.is_empty() || text.ends_with(['.', '!', '?']) { "" } else { "." };
    format!("{text}{end}")
}
