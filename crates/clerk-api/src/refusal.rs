//! What Clerk says when it refuses, or whatever else responds in its place, in whichever form.

mod body;

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
    /// What Clerk says is wrong, or what another's body says in one of the usual forms.
    pub items: Vec<RefusalItem>,
    /// Whether the body has Clerk's form. If not, something else may have responded: a proxy, or
    /// another server at the address that was taken for Clerk's.
    pub is_clerks: bool,
    /// What Clerk's support asks for.
    pub trace_id: Option<String>,
    /// How long Clerk asks to be left alone.
    pub retry_after: Option<Duration>,
    /// What kind of body came where none of the usual forms says what is wrong.
    pub instead: Option<String>,
    /// Where a redirect leads, without its query.
    pub location: Option<String>,
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
        let of_clerk = json.as_ref().and_then(|json| json.get("errors")?.as_array());
        let is_clerks = of_clerk
            .is_some_and(|errors| errors.first().is_some_and(|error| error["code"].is_string()));
        let items = json.as_ref().map(body::items).unwrap_or_default();
        let trace_id = json
            .as_ref()
            .and_then(|json| json.get("clerk_trace_id")?.as_str())
            .map(str::to_owned)
            .map(|id| cap(&id, 100))
            .or_else(|| trace_id(headers));
        let retry_after = header(headers, "retry-after")
            .and_then(|seconds| seconds.trim().parse::<f64>().ok())
            .and_then(|seconds| Duration::try_from_secs_f64(seconds).ok());
        let instead = items.is_empty().then(|| body::kind(headers, body));
        let location = (300..400).contains(&status).then(|| header(headers, "location")).flatten();
        let location = location.map(|url| cap(url.split(['?', '#']).next().unwrap_or(url), 200));
        Self { status, items, is_clerks, trace_id, retry_after, instead, location }
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
        if let Some(location) = &self.location {
            return write!(f, "the response was {}, a redirect to {location}", self.status);
        }
        let mut items = self.items.iter();
        let Some(first) = items.next() else {
            let instead = self.instead.as_deref().unwrap_or("no reason");
            return write!(f, "the response was {} with {instead}", self.status);
        };
        if !self.is_clerks {
            write!(f, "the response was {}: ", self.status)?;
        }
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
    /// One of Clerk's errors.
    fn of_clerk(error: &Value) -> Self {
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
    fn bodies_of_other_forms_are_shown() {
        let cases = [
            ("", "with an empty body"),
            ("{\"errors\":[", "with a JSON body that is cut off"),
            ("{\"errors\":[]}", "with a JSON body without a reason: {\"errors\":[]}"),
            ("{}", "with a JSON body without a reason: {}"),
            ("[1]", "with a JSON body without a reason: [1]"),
            ("null", "with a JSON body without a reason: null"),
            ("upstream gone", "with a text: upstream gone"),
            ("<html>x</html>", "with an HTML page, so it is likely a proxy's and not Clerk's"),
            (
                "<!DOCTYPE html><HTML><head><title>\n 403\n Forbidden </title></head><h1>x</h1>",
                "with an HTML page, \"403 Forbidden\", so it is likely a proxy's and not Clerk's",
            ),
            ("{\"message\":\"no route\"}", ": no route"),
            ("{\"Message\":\"forbidden\"}", ": forbidden"),
            ("{\"msg\":\"no route\",\"code\":7}", ": no route"),
            ("{\"error\":\"gone\"}", ": gone"),
            ("{\"error\":{\"code\":\"x\",\"message\":\"no quota\"}}", ": no quota"),
            ("{\"error\":{\"reason\":\"no quota\"}}", ": no quota"),
            ("{\"errors\":[\"first\",\"second\"]}", ": first (and 1 more)"),
            ("{\"errors\":{\"name\":[\"is taken\"]}}", ": name: is taken"),
            ("{\"errors\":\"is taken\"}", ": is taken"),
            (
                "{\"error\":\"invalid_client\",\"error_description\":\"unknown client\"}",
                ": unknown client",
            ),
            (
                "{\"type\":\"https://x/y\",\"title\":\"Forbidden\",\"detail\":\"not yours\"}",
                ": Forbidden: not yours",
            ),
            ("{\"title\":\"Forbidden\",\"status\":403}", ": Forbidden"),
            ("\"just a text\"", ": just a text"),
            ("[{\"message\":\"in a list\"}]", ": in a list"),
        ];
        for (body, text) in cases {
            let refusal = read(502, &[], body);
            let space = if text.starts_with(':') { "" } else { " " };
            assert_eq!(refusal.to_string(), format!("the response was 502{space}{text}"), "{body}");
            assert!(!refusal.is_clerks, "{body}");
        }
        let refusal = read(400, &[], "{\"error\":\"invalid_grant\",\"error_description\":\"x\"}");
        assert_eq!(refusal.code(), "invalid_grant");
        assert_eq!(read(502, &[], "{\"errors\":[7,{}]}").items, []);
        assert_eq!(read(429, &[("cf-ray", "ray")], "").trace_id.as_deref(), Some("ray"));
        for wrong in ["soon", "-1", "inf", "NaN", "1e400"] {
            assert_eq!(read(429, &[("retry-after", wrong)], "").retry_after, None, "{wrong}");
        }
    }

    #[test]
    fn a_redirect_says_where_it_leads() {
        let refusal = read(301, &[("location", "https://x.example/login?key=secret#a")], "<html>");
        assert_eq!(
            refusal.to_string(),
            "the response was 301, a redirect to https://x.example/login"
        );
        let text = "the response was 304 with an empty body";
        assert_eq!(read(304, &[], "").to_string(), text);
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
        let others =
            [json!(long), json!({ "message": long }), json!({ "x": long }), json!([[long]])];
        let html = format!("<title>{long}</title>");
        for body in others.map(|body| body.to_string()).into_iter().chain([html, long]) {
            assert!(read(400, &[], &body).to_string().chars().count() < 600, "{body:.40}");
        }
    }
}
