//! What Clerk says when it refuses, read whatever form it comes in.

use std::{fmt, time::Duration};

use reqwest::header::HeaderMap;
use serde_json::{Map, Value};

/// How many characters of one foreign text are passed on.
const TEXT_LIMIT: usize = 500;
/// How many of a response's errors are passed on.
const ITEM_LIMIT: usize = 20;

/// A response with an error status.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Refusal {
    /// The HTTP status.
    pub status: u16,
    /// What Clerk says is wrong; empty where the body is not Clerk's.
    pub items: Vec<RefusalItem>,
    /// What Clerk's support asks for.
    pub trace_id: Option<String>,
    /// How long Clerk asks to be left alone.
    pub retry_after: Option<Duration>,
    /// What kind of body came in place of Clerk's.
    pub instead: Option<String>,
}

/// One of the errors in a [`Refusal`].
/// <https://clerk.com/docs/reference/backend-api#errors>
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RefusalItem {
    /// Clerk's code, such as `resource_not_found`.
    pub code: String,
    /// Clerk's long message, or its short one if there is no other.
    pub message: String,
    /// The field that Clerk complains of, in its own snake_case name.
    pub param: Option<String>,
    /// Whatever else Clerk says of it.
    pub meta: Map<String, Value>,
}

impl Refusal {
    /// Reads a response. A body that is empty, cut, HTML or anything else still gives a refusal.
    pub(crate) fn read(status: u16, headers: &HeaderMap, body: &[u8]) -> Self {
        let json: Option<Value> = serde_json::from_slice(body).ok();
        let items: Vec<_> = json
            .as_ref()
            .and_then(|json| json.get("errors")?.as_array())
            .map(|errors| errors.iter().take(ITEM_LIMIT).map(RefusalItem::read).collect())
            .unwrap_or_default();
        let trace_id = json
            .as_ref()
            .and_then(|json| json.get("clerk_trace_id")?.as_str())
            .map(str::to_owned)
            .map(|id| cap(&id, 100))
            .or_else(|| trace_id(headers));
        let retry_after = header(headers, "retry-after")
            .and_then(|seconds| seconds.trim().parse::<f64>().ok())
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let instead = items.is_empty().then(|| kind(headers, body)).flatten();
        Self { status, items, trace_id, retry_after, instead }
    }

    /// Whether Clerk had a problem of its own. 501 is none: it does nothing of the kind, ever.
    /// <https://www.rfc-editor.org/rfc/rfc9110#name-501-not-implemented>
    #[must_use]
    pub fn is_server_error(&self) -> bool {
        self.status >= 500 && self.status != 501
    }

    /// Clerk's first code, such as `resource_not_found`, or "" where there is none.
    #[must_use]
    pub fn code(&self) -> &str {
        self.items.first().map_or("", |item| &item.code)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(instead) = &self.instead {
            return write!(f, "Clerk answered {} with {instead}", self.status);
        }
        let mut items = self.items.iter();
        let Some(first) = items.next() else {
            return write!(f, "Clerk answered {} without a reason", self.status);
        };
        first.fmt(f)?;
        match items.len() {
            0 => Ok(()),
            more => write!(f, " (and {more} more)"),
        }
    }
}

impl fmt::Display for RefusalItem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl RefusalItem {
    fn read(error: &Value) -> Self {
        let text = |name| error.get(name).and_then(Value::as_str).filter(|text| !text.is_empty());
        let message = text("long_message").or(text("message")).or(text("code"));
        let mut meta = match error.get("meta") {
            Some(Value::Object(meta)) => meta.clone(),
            _ => Map::new(),
        };
        let param = match meta.shift_remove("param_name") {
            Some(Value::String(name)) => Some(cap(&name, TEXT_LIMIT)),
            _ => None,
        };
        meta.retain(|_, value| value.to_string().len() <= TEXT_LIMIT);
        Self {
            code: cap(text("code").unwrap_or_default(), 100),
            message: cap(message.unwrap_or("no reason given"), TEXT_LIMIT),
            param,
            meta,
        }
    }
}

/// The trace id in a response's headers: Clerk's own, or that of the edge before it.
pub(crate) fn trace_id(headers: &HeaderMap) -> Option<String> {
    let id = header(headers, "clerk-trace-id").or_else(|| header(headers, "cf-ray"))?;
    Some(cap(id, 100))
}

fn header<'headers>(headers: &'headers HeaderMap, name: &str) -> Option<&'headers str> {
    headers.get(name)?.to_str().ok()
}

/// Says what a body is that is not Clerk's, without passing markup on.
fn kind(headers: &HeaderMap, body: &[u8]) -> Option<String> {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    let content_type = headers.get("content-type").and_then(|value| value.to_str().ok());
    if text.is_empty() {
        Some("an empty body".to_owned())
    } else if text.starts_with('<') || content_type.is_some_and(|kind| kind.contains("html")) {
        Some("an HTML page, so the answer is likely a proxy's and not Clerk's".to_owned())
    } else if text.starts_with(['{', '[']) {
        // Clerk's envelope with no errors in it has nothing to add to the status.
        serde_json::from_str::<Value>(text)
            .is_err()
            .then(|| "a JSON body that is cut off".to_owned())
    } else {
        Some(format!("a body that is not Clerk's: {:?}", cap(text, 200)))
    }
}

/// At most `limit` characters of `text`, with a mark where some were cut.
fn cap(text: &str, limit: usize) -> String {
    match text.char_indices().nth(limit) {
        None => text.to_owned(),
        Some((end, _)) => {
            let cut = text.chars().count() - limit;
            format!("{}… ({cut} characters cut)", text.get(..end).unwrap_or_default())
        }
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(status: u16, headers: &[(&'static str, &str)], body: &str) -> Refusal {
        let headers =
            headers.iter().map(|(name, value)| (name.parse().unwrap(), value.parse().unwrap()));
        Refusal::read(status, &headers.collect(), body.as_bytes())
    }

    #[test]
    fn everything_that_clerk_says_is_kept() {
        let body = json!({
            "errors": [
                { "code": "form_param_unknown", "message": "is unknown", "long_message": "x is not a valid parameter.",
                  "meta": { "param_name": "x", "names": ["y"] } },
                { "code": "second", "message": "short" },
            ],
            "clerk_trace_id": "trace",
        });
        let refusal = read(422, &[("cf-ray", "ray"), ("retry-after", "7")], &body.to_string());
        assert_eq!(refusal.to_string(), "x is not a valid parameter. (and 1 more)");
        assert_eq!(refusal.code(), "form_param_unknown");
        assert_eq!(refusal.items[0].param.as_deref(), Some("x"));
        assert_eq!(refusal.items[0].meta["names"], json!(["y"]));
        assert_eq!(refusal.trace_id.as_deref(), Some("trace"));
        assert_eq!(refusal.retry_after, Some(Duration::from_secs(7)));
    }

    #[test]
    fn bodies_that_are_not_clerks_are_named() {
        let cases = [
            ("", "Clerk answered 502 with an empty body"),
            (
                "<html>x</html>",
                "Clerk answered 502 with an HTML page, so the answer is likely a proxy's and not Clerk's",
            ),
            ("{\"errors\":[", "Clerk answered 502 with a JSON body that is cut off"),
            ("{\"errors\":[]}", "Clerk answered 502 without a reason"),
            ("[1]", "Clerk answered 502 without a reason"),
            (
                "upstream gone",
                "Clerk answered 502 with a body that is not Clerk's: \"upstream gone\"",
            ),
            ("{\"errors\":[7,{}]}", "no reason given (and 1 more)"),
        ];
        for (body, text) in cases {
            assert_eq!(read(502, &[], body).to_string(), text, "{body}");
        }
        assert_eq!(read(429, &[("cf-ray", "ray")], "").trace_id.as_deref(), Some("ray"));
        for wrong in ["soon", "-1", "inf", "NaN", "1e400"] {
            assert_eq!(read(429, &[("retry-after", wrong)], "").retry_after, None, "{wrong}");
        }
    }

    #[test]
    fn foreign_text_is_capped() {
        let long = "é".repeat(10_000);
        let errors: Vec<_> = (0..100)
            .map(|_| json!({ "code": long, "long_message": long, "meta": { "a": long } }))
            .collect();
        let refusal = read(400, &[], &json!({ "errors": errors }).to_string());
        assert_eq!(refusal.items.len(), ITEM_LIMIT);
        assert!(
            refusal
                .items
                .iter()
                .all(|item| item.message.chars().count() < 540 && item.meta.is_empty())
        );
        assert!(refusal.items[0].message.ends_with("é… (9500 characters cut)"));
    }
}
