//! Reading what a client sends: a JSON-RPC message, or what is wrong with it and which request
//! waits for the answer. <https://www.jsonrpc.org/specification#error_object>

mod id;

use axum::{
    Json,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use rmcp::model::{ClientJsonRpcMessage, ErrorCode, ErrorData, RequestId};
use serde_json::{Map, Value, json};

pub(super) use self::id::IdFinder;

const BYTE_ORDER_MARK: &[u8] = b"\xef\xbb\xbf";

/// Bytes that are no message.
#[derive(Debug, PartialEq)]
pub(super) struct Invalid {
    /// The ids of the requests that wait for an answer; null for one whose id can't be read. Nobody
    /// waits for the answer to a notification or a response.
    ids: Vec<Value>,
    code: ErrorCode,
    message: String,
}

impl Invalid {
    fn new(ids: Vec<Value>, code: ErrorCode, message: impl Into<String>) -> Self {
        Self { ids, code, message: message.into() }
    }

    /// A request that can't be taken, whose id is null if it can't be read.
    pub(super) fn request(id: Value, message: impl Into<String>) -> Self {
        Self::new(vec![id], ErrorCode::INVALID_REQUEST, message)
    }

    /// The answers, one for each request.
    pub(super) fn answers(&self) -> impl Iterator<Item = Value> {
        self.ids.iter().map(|id| self.answer(id))
    }

    fn answer(&self, id: &Value) -> Value {
        let error = json!({ "code": self.code, "message": self.message });
        json!({ "jsonrpc": "2.0", "id": id, "error": error })
    }
}

/// Over HTTP one answer is due, whatever the body was.
impl IntoResponse for Invalid {
    fn into_response(self) -> Response {
        let id = match self.ids.as_slice() {
            [id] => id,
            _ => &Value::Null,
        };
        (StatusCode::BAD_REQUEST, Json(self.answer(id))).into_response()
    }
}

/// Reads one message.
///
/// # Errors
/// What is wrong with it.
pub(super) fn read(bytes: &[u8]) -> Result<ClientJsonRpcMessage, Invalid> {
    let bytes = bytes.strip_prefix(BYTE_ORDER_MARK).unwrap_or(bytes).trim_ascii();
    serde_json::from_slice(bytes).or_else(|_| explain(bytes))
}

/// What is wrong with bytes that rmcp can't read. It says only that they don't fit.
fn explain(bytes: &[u8]) -> Result<ClientJsonRpcMessage, Invalid> {
    let id = IdFinder::find(bytes);
    let message = match serde_json::from_slice(bytes) {
        Ok(Value::Object(message)) => message,
        Ok(Value::Array(batch)) => {
            let text = "batches are not supported; send one message at a time";
            return Err(Invalid::new(waiting(&batch), ErrorCode::INVALID_REQUEST, text));
        }
        Ok(_) => return Err(Invalid::request(Value::Null, "a message must be one JSON object")),
        Err(error) => {
            let text = format!("the message isn't valid JSON: {error}");
            return Err(Invalid::new(vec![id], ErrorCode::PARSE_ERROR, text));
        }
    };
    let has = |name| message.contains_key(name);
    let is_response = has("result") || has("error");
    if is_response && !has("method") {
        return match serde_json::from_value::<RequestId>(id) {
            // Whoever asked must not wait for another one.
            Ok(id) => {
                let error = ErrorData::invalid_request("the response is malformed", None);
                Ok(ClientJsonRpcMessage::error(error, Some(id)))
            }
            Err(_) => {
                Err(Invalid::new(vec![], ErrorCode::INVALID_REQUEST, "the response is malformed"))
            }
        };
    }
    if message.get("method").is_some_and(Value::is_string) && !has("id") {
        let text = "the notification is malformed";
        return Err(Invalid::new(vec![], ErrorCode::INVALID_REQUEST, text));
    }
    let (code, text) = fault(&message, is_response);
    Err(Invalid::new(vec![id], code, text))
}

/// What is wrong with a request.
fn fault(request: &Map<String, Value>, is_response: bool) -> (ErrorCode, &'static str) {
    let invalid = ErrorCode::INVALID_REQUEST;
    if request.get("jsonrpc").and_then(Value::as_str) != Some("2.0") {
        return (invalid, "jsonrpc must be \"2.0\"");
    }
    if !request.get("method").is_some_and(Value::is_string) {
        return (invalid, "method must be a string");
    }
    let id = request.get("id").cloned().unwrap_or_default();
    if serde_json::from_value::<RequestId>(id).is_err() {
        return (invalid, "id must be a string or an integer");
    }
    if is_response {
        return (invalid, "a message can't be a request and a response at once");
    }
    match request.get("params") {
        Some(params) if !params.is_object() => {
            (ErrorCode::INVALID_PARAMS, "params must be an object")
        }
        // The rest of what rmcp refuses.
        _ => (
            ErrorCode::INVALID_PARAMS,
            "params or its _meta is malformed, or a field is given twice",
        ),
    }
}

/// The ids of the requests in a batch.
fn waiting(batch: &[Value]) -> Vec<Value> {
    let requests = batch.iter().filter(|message| message.get("method").is_some());
    let ids = requests.filter_map(|request| request.get("id"));
    let mut ids: Vec<_> = ids.filter(|id| id.is_string() || id.is_number()).cloned().collect();
    if ids.is_empty() {
        ids.push(Value::Null);
    }
    ids
}

#[cfg(test)]
mod tests;
