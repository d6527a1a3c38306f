//! Lines that a client might send, and the responses that are due for them.

use std::{collections::HashMap, fmt};

use clerk_mcp::catalog;
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{Index, select},
};
use serde_json::{Value, json};

use super::any_value;
use crate::support::KEY;

/// Stands for an id of its own in a generated line.
const ID: &str = "@id@";

/// The ids of the valid requests after the generated ones.
pub(super) const GOOD: [&str; 2] = ["a good ping", "a good list"];

/// A line that is shown as text.
#[derive(Clone)]
pub(super) struct Line(Vec<u8>);

impl fmt::Debug for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.escape_ascii())
    }
}

const METHODS: &[&str] = &[
    "ping",
    "initialize",
    "tools/list",
    "tools/call",
    "server/discover",
    "resources/list",
    "resources/read",
    "prompts/get",
    "completion/complete",
    "logging/setLevel",
    "subscriptions/listen",
    "tasks/get",
    "sampling/createMessage",
    "nothing/here",
    "",
    "notifications/initialized",
    "notifications/cancelled",
    "notifications/progress",
    "notifications/odd",
];

fn params() -> impl Strategy<Value = Option<Value>> {
    let stateless = json!({ "_meta": {
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": { "name": "fuzz", "version": "1" },
    } });
    let tools: Vec<_> = catalog::all().map(|(_, entry)| entry.name).collect();
    let call = (select(tools), any_value())
        .prop_map(|(name, value)| json!({ "name": name, "arguments": { "userId": value } }));
    let good = json!({ "name": "clerk_get_user", "arguments": { "userId": "user_1" } });
    let cancel = any::<u8>().prop_map(|id| json!({ "requestId": id }));
    prop_oneof![
        Just(None),
        prop_oneof![call, Just(good), cancel, Just(stateless), any_value()].prop_map(Some)
    ]
}

fn request() -> impl Strategy<Value = Value> {
    let method = prop_oneof![8 => select(METHODS).prop_map(str::to_owned), 1 => ".{0,12}"];
    (method, params()).prop_map(|(method, params)| {
        let mut request = json!({ "jsonrpc": "2.0", "id": ID, "method": method });
        if let Some(params) = params {
            request["params"] = params;
        }
        request
    })
}

/// A request with some of its fields missing or changed, and fields that are no request's.
fn odd_request() -> impl Strategy<Value = Value> {
    let field = select(&["jsonrpc", "id", "method", "params", "result", "error", "x"][..]);
    let edits = vec((field, option::of(any_value())), 1..3);
    (request(), edits).prop_map(|(mut request, edits)| {
        let members = request.as_object_mut().unwrap();
        for (field, value) in edits {
            match value {
                Some(value) => members.insert(field.to_owned(), value),
                None => members.shift_remove(field),
            };
        }
        request
    })
}

/// Bytes of a request changed, put in or taken out, or its end cut off.
fn damaged() -> impl Strategy<Value = Vec<u8>> {
    let edit = (any::<Index>(), 0..4_u8, any::<u8>());
    (request(), vec(edit, 1..4)).prop_map(|(request, edits)| {
        let mut line = request.to_string().into_bytes();
        for (at, kind, byte) in edits {
            let at = at.index(line.len());
            match kind {
                0 => line[at] = byte,
                1 => line.insert(at, byte),
                2 if line.len() > 1 => drop(line.remove(at)),
                2 => {}
                _ => line.truncate(at.max(1)),
            }
        }
        line
    })
}

fn deep() -> impl Strategy<Value = Vec<u8>> {
    (select(METHODS), 1..200_usize, any::<bool>()).prop_map(|(method, depth, is_list)| {
        let (open, close) = if is_list { ("[", "]") } else { ("{\"a\":", "}") };
        let (open, close) = (open.repeat(depth), close.repeat(depth));
        let method = json!(method);
        let request = format!(
            "{{\"jsonrpc\":\"2.0\",\"id\":\"{ID}\",\"method\":{method},\"params\":{{\"a\":{open}1{close}}}}}"
        );
        request.into_bytes()
    })
}

fn numbers() -> impl Strategy<Value = Vec<u8>> {
    let nines = "9".repeat(400);
    let numbers = ["1e400", "-1e-400", "1e308", "-0", "18446744073709551616", "NaN", &nines];
    let numbers: Vec<String> = numbers.map(str::to_owned).into();
    (select(numbers), any::<bool>()).prop_map(|(number, in_id)| {
        let id = if in_id { number.clone() } else { json!(ID).to_string() };
        let params =
            format!("{{\"name\":\"clerk_list_users\",\"arguments\":{{\"limit\":{number}}}}}");
        format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"method\":\"tools/call\",\"params\":{params}}}")
            .into_bytes()
    })
}

pub(super) fn line() -> impl Strategy<Value = Line> {
    let bytes = |json: Value| json.to_string().into_bytes();
    let oddities: &[&[u8]] = &[
        b"",
        b"\r",
        b" ",
        b"\0",
        b"\xff\xfe",
        b"null",
        b"[]",
        b"{}",
        b"\"\"",
        b"{\"jsonrpc\":\"2.0\",\"id\":\"@id@\",\"method\":\"pi\\u006eg\"}\r",
        b"\xef\xbb\xbf{\"jsonrpc\":\"2.0\",\"id\":\"@id@\",\"method\":\"ping\"}",
        b"{\"jsonrpc\":\"2.0\",\"id\":\"@id@\",\"method\":\"ping\",\"x\":\"\\ud800\"}",
        b"{\"jsonrpc\":\"2.0\",\"id\":\"@id@\",\"method\":\"ping\",\"x\":\"\xc3\x28\"}",
        b"{\"jsonrpc\":\"2.0\",\"id\":\"@id@\",\"method\":\"ping\",\"x\":\"\\u0000\0\"}",
    ];
    prop_oneof![
        4 => request().prop_map(bytes),
        4 => odd_request().prop_map(bytes),
        2 => damaged(),
        1 => vec(request(), 0..4).prop_map(|batch| Value::from(batch).to_string().into_bytes()),
        1 => deep(),
        1 => numbers(),
        1 => any_value().prop_map(bytes),
        1 => vec(any::<u8>(), 0..40),
        2 => select(oddities).prop_map(<[u8]>::to_vec),
    ]
    .prop_map(Line)
}

/// The lines with an id of its own in each, a number or a text in turns.
pub(super) fn input(lines: &[Line]) -> Vec<u8> {
    let mut input = Vec::new();
    for (number, Line(line)) in lines.iter().enumerate() {
        let placeholder = json!(ID).to_string();
        let id = if number % 2 == 0 { number.to_string() } else { format!("\"n{number}\"") };
        let mut rest = line.as_slice();
        let places =
            rest.windows(placeholder.len()).position(|window| window == placeholder.as_bytes());
        if let Some(at) = places {
            input.extend_from_slice(&rest[..at]);
            input.extend_from_slice(id.as_bytes());
            rest = &rest[at + placeholder.len()..];
        }
        input.extend_from_slice(rest);
        input.push(b'\n');
    }
    for (id, method) in GOOD.into_iter().zip(["ping", "tools/list"]) {
        let good = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": {} });
        input.extend(format!("{good}\n").into_bytes());
    }
    input
}

/// How often an id is to be answered: at least and at most.
pub(super) type Due = HashMap<Value, (usize, usize)>;

/// The answers that are due for an input. What serde_json can't read is answered by an id that
/// may or may not be found, and so is none: nesting beyond 127, halves of surrogate pairs and numbers
/// beyond 1e308 are among it.
pub(super) fn due(input: &[u8]) -> Due {
    let mut due = Due::new();
    let mut spared = Vec::new();
    for line in input.split(|byte| *byte == b'\n') {
        let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(line);
        let Ok(message) = serde_json::from_slice::<Value>(line) else { continue };
        let has = |name: &str| message.get(name).is_some();
        if message["method"] == "notifications/cancelled" {
            spared.extend(id_of(&message["params"]["requestId"]));
        }
        let is_response = (has("result") || has("error")) && !has("method");
        let mut asked = Vec::new();
        match &message {
            // Each of a batch is refused.
            Value::Array(batch) => {
                let requests = batch.iter().filter(|message| message.get("method").is_some());
                asked.extend(requests.filter_map(|request| id_of(&request["id"])));
            }
            Value::Object(_) if !is_response => asked.extend(id_of(&message["id"])),
            _ => {}
        }
        for id in asked {
            // It is answered when the subscription ends.
            if message["method"] == "subscriptions/listen" {
                spared.push(id.clone());
            }
            let (least, most) = due.entry(id).or_default();
            (*least, *most) = (*least + 1, *most + 1);
        }
    }
    for id in spared {
        due.entry(id).and_modify(|(least, _)| *least = 0);
    }
    due
}

fn id_of(id: &Value) -> Option<Value> {
    #[expect(clippy::cast_possible_truncation, reason = "whole and well within an i64")]
    match id {
        Value::String(_) => Some(id.clone()),
        Value::Number(number) if number.is_i64() => Some(id.clone()),
        // `1.0` is 1.
        Value::Number(number) => number
            .as_f64()
            .filter(|number| number.fract() == 0.0 && number.abs() < 9_007_199_254_740_992.0)
            .map(|number| Value::from(number as i64)),
        _ => None,
    }
}

/// Takes a line of the output off what is due.
pub(super) fn settle(due: &mut Due, line: &str) -> Result<(), TestCaseError> {
    let message: Value = serde_json::from_str(line)
        .map_err(|error| TestCaseError::fail(format!("no JSON: {line}: {error}")))?;
    prop_assert_eq!(&message["jsonrpc"], "2.0", "{}", line);
    prop_assert!(!line.contains("failed unexpectedly"), "{}", line);
    prop_assert!(!line.contains(KEY), "{}", line);
    if message["method"].is_string() {
        prop_assert_eq!(message.get("id"), None, "a request of the server's: {}", line);
        return Ok(());
    }
    let has = |name: &str| message.get(name).is_some();
    prop_assert!(has("result") != has("error"), "{}", line);
    // What is no message at all is answered by the id that can be found in it, or by null.
    let Some(id) = id_of(&message["id"]).filter(|_| message["error"]["code"] != -32700) else {
        prop_assert!(has("error"), "{}", line);
        return Ok(());
    };
    let Some((least, most)) = due.get_mut(&id) else {
        return Err(TestCaseError::fail(format!("nobody asked: {line}")));
    };
    prop_assert!(*most > 0, "answered too often: {}", line);
    (*least, *most) = (least.saturating_sub(1), *most - 1);
    Ok(())
}

pub(super) fn is_settled(due: &Due) -> bool {
    due.values().all(|(least, _)| *least == 0)
}
