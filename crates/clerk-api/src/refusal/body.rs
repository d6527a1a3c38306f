//! Bodies of responses that refuse: Clerk's form, those of other servers, and no form at all.

use reqwest::header::HeaderMap;
use serde_json::{Map, Value};

use super::{ITEM_LIMIT, RefusalItem, TEXT_LIMIT, cap, header};

/// How many characters of a body are passed on whose form is not known.
const BODY_LIMIT: usize = 200;
/// Where other servers say what is wrong, those that say most first.
/// <https://www.rfc-editor.org/rfc/rfc6749#section-5.2>, <https://www.rfc-editor.org/rfc/rfc9457>
const MESSAGES: [&str; 9] = [
    "error_description",
    "detail",
    "message",
    "Message",
    "error_message",
    "msg",
    "reason",
    "description",
    "title",
];
/// Where they have a code for it.
const CODES: [&str; 3] = ["code", "error_code", "error"];

/// What a JSON body says is wrong.
pub(super) fn items(json: &Value) -> Vec<RefusalItem> {
    let errors = json.get("errors").unwrap_or(json);
    match errors {
        Value::Array(errors) => errors.iter().take(ITEM_LIMIT).filter_map(item).collect(),
        error => item(error).into_iter().collect(),
    }
}

fn item(error: &Value) -> Option<RefusalItem> {
    match error {
        Value::Object(members) => of_object(members).or_else(|| of_fields(members)),
        Value::String(text) => Some(RefusalItem { message: text_of(text)?, ..Default::default() }),
        _ => None,
    }
}

fn of_object(members: &Map<String, Value>) -> Option<RefusalItem> {
    if members.contains_key("meta") || members.contains_key("long_message") {
        return Some(RefusalItem::of_clerk(&Value::Object(members.clone())));
    }
    if let Some(inner @ Value::Object(_)) = members.get("error") {
        return item(inner);
    }
    let text = |name: &str| members.get(name).and_then(Value::as_str).and_then(text_of);
    let code = CODES.iter().find_map(|name| text(name)).filter(|code| is_code(code));
    let message = MESSAGES.iter().find_map(|name| text(name)).or_else(|| text("error"));
    let message = match (text("title"), text("detail")) {
        (Some(title), Some(detail)) => Some(cap(&format!("{title}: {detail}"), TEXT_LIMIT)),
        _ => message,
    };
    let message = message.or_else(|| code.clone())?;
    Some(RefusalItem { code: code.unwrap_or_default(), message, ..Default::default() })
}

/// Of an object with the faults of each field: the first.
fn of_fields(members: &Map<String, Value>) -> Option<RefusalItem> {
    members.iter().find_map(|(field, faults)| {
        let first = faults.as_array()?.first()?.as_str()?;
        let message = cap(&format!("{field}: {first}"), TEXT_LIMIT);
        Some(RefusalItem { message, ..Default::default() })
    })
}

fn text_of(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| cap(text, TEXT_LIMIT))
}

/// Whether a text is a word for a cause, and no sentence.
fn is_code(text: &str) -> bool {
    text.len() <= 100
        && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_-.".contains(&byte))
}

/// What a body is that says nothing in a usual form, without passing markup on.
pub(super) fn kind(headers: &HeaderMap, body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body);
    let text = text.trim();
    if text.is_empty() {
        "an empty body".to_owned()
    } else if is_html(headers, text) {
        let title = title(text).map(|title| format!(", \"{title}\",")).unwrap_or_default();
        let comma = if title.is_empty() { "," } else { "" };
        format!("an HTML page{title}{comma} so it is likely a proxy's and not Clerk's")
    } else if serde_json::from_str::<Value>(text).is_ok() {
        format!("a JSON body without a reason: {}", cap(text, BODY_LIMIT))
    } else if text.starts_with(['{', '[']) {
        "a JSON body that is cut off".to_owned()
    } else {
        format!("a text: {}", cap(text, BODY_LIMIT))
    }
}

fn is_html(headers: &HeaderMap, text: &str) -> bool {
    text.starts_with('<')
        || header(headers, "content-type").is_some_and(|kind| kind.contains("html"))
}

/// The title of an HTML page, in one line.
fn title(text: &str) -> Option<String> {
    let lower = text.to_ascii_lowercase();
    let start = lower.find("<title")?;
    let start = start + lower.get(start..)?.find('>')? + 1;
    let end = start + lower.get(start..)?.find("</title")?;
    let words: Vec<&str> = text.get(start..end)?.split_whitespace().collect();
    text_of(&cap(&words.join(" "), 100)).filter(|title| !title.contains(['<', '>', '"']))
}
