//! Any bytes as a client's lines: the server lives on, writes nothing but JSON-RPC, and answers
//! each request once.
#![no_main]

use std::{cell::LazyCell, collections::HashMap, thread_local, time::Duration};

use clerk_mcp::{McpServer, Server, catalog, guard::Guard, mcp::transport};
use clerk_mcp_fuzz::{Answer, KEY, mutate, runtime, server, upstream, value};
use libfuzzer_sys::{arbitrary::Unstructured, fuzz_target};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    runtime::Runtime,
};

const LAST: &str = "the last ping";

thread_local! {
    static SETTING: LazyCell<(Runtime, String)> = LazyCell::new(|| {
        let runtime = runtime();
        let url = upstream(&runtime, |_| Answer { status: 400, ..Answer::default() });
        (runtime, url)
    });
}

/// The id that a message must be answered by: all but notifications and responses must.
fn asked(message: &Value) -> Option<Value> {
    let has = |name: &str| message.get(name).is_some();
    let is_response = (has("result") || has("error")) && !has("method");
    let id = &message["id"];
    (!is_response && (id.is_i64() || id.is_string())).then(|| id.clone())
}

const METHODS: &[&str] = &[
    "ping",
    "initialize",
    "tools/list",
    "tools/call",
    "tools/call",
    "server/discover",
    "subscriptions/listen",
    "resources/read",
    "logging/setLevel",
    "tasks/get",
    "nothing/here",
    "notifications/initialized",
    "notifications/cancelled",
    "notifications/progress",
];

/// Some lines, most of them requests or nearly so: from bytes alone none ever came about.
fn lines(bytes: &mut Unstructured<'_>) -> Vec<u8> {
    let mut lines = Vec::new();
    for number in 0..bytes.int_in_range(0..=6).unwrap_or(0) {
        if bytes.ratio(1, 8).unwrap_or_default() {
            lines.extend_from_slice(bytes.arbitrary().unwrap_or_default());
            lines.push(b'\n');
            continue;
        }
        let method = *bytes.choose(METHODS).unwrap_or(&METHODS[0]);
        let mut line = json!({ "jsonrpc": "2.0", "id": number, "method": method });
        match bytes.int_in_range(0..=6).unwrap_or(0) {
            0 => {}
            1 => line["params"] = value(bytes, 3),
            2 => line["params"] = json!({ "requestId": 1, "progressToken": 1, "progress": 1 }),
            kind => {
                let tools = catalog::all().map(|(_, entry)| entry.name);
                let tools: Vec<_> = tools.chain(["clerk_nothing"]).collect();
                let tool = bytes.choose(&tools).copied().unwrap_or_default();
                let arguments = json!({ "userId": "user_1", "sessionId": "sess_1" });
                line["params"] = json!({ "name": tool, "arguments": arguments });
                if kind == 3 {
                    line["params"]["_meta"] = json!({
                        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
                        "io.modelcontextprotocol/clientCapabilities": { "elicitation": {} },
                        "io.modelcontextprotocol/clientInfo": { "name": "a", "version": "1" },
                        "traceparent": value(bytes, 1),
                    });
                }
            }
        }
        if method.starts_with("notifications/") {
            line.as_object_mut().unwrap().shift_remove("id");
        }
        if bytes.ratio(1, 3).unwrap_or_default() {
            mutate(&mut line, bytes);
        }
        let mut line = line.to_string().into_bytes();
        if bytes.ratio(1, 8).unwrap_or_default() {
            let at = bytes.int_in_range(0..=line.len() - 1).unwrap_or(0);
            line[at] = bytes.arbitrary().unwrap_or_default();
        }
        lines.extend(line);
        lines.push(b'\n');
    }
    lines
}

async fn run(server: Server, data: &[u8]) {
    let Some((mode, rest)) = data.split_first() else { return };
    let lines = if mode & 4 == 0 { lines(&mut Unstructured::new(rest)) } else { rest.to_vec() };
    let is_initialized = mode & 1 == 0;
    let (ours, theirs) = tokio::io::duplex(1 << 12);
    let (input, output) = tokio::io::split(ours);
    let serving = tokio::spawn(transport::serve_stdio_on(McpServer::new(server), input, output));
    let (mut reader, mut writer) = tokio::io::split(theirs);
    let mut input = Vec::new();
    if is_initialized {
        let capabilities = if mode & 2 == 0 { json!({}) } else { json!({ "elicitation": {} }) };
        let params = json!({ "protocolVersion": "2025-11-25", "capabilities": capabilities,
            "clientInfo": { "name": "fuzz", "version": "1" } });
        let first =
            json!({ "jsonrpc": "2.0", "id": "first", "method": "initialize", "params": params });
        input.extend(format!("{first}\n").into_bytes());
    }
    input.extend(lines);
    let ping = json!({ "jsonrpc": "2.0", "id": LAST, "method": "ping" });
    input.extend(format!("\n{ping}\n").into_bytes());
    let writing = async {
        let _ = writer.write_all(&input).await;
        // Calls that are under way at the end of the input may be dropped.
        tokio::time::sleep(Duration::from_secs(600)).await;
        let _ = writer.shutdown().await;
    };
    let mut output = Vec::new();
    let reading = reader.read_to_end(&mut output);
    tokio::join!(writing, async { reading.await.unwrap() });
    serving.await.expect("no panic").expect("it serves to the end of the input");

    let mut open: HashMap<Value, usize> = HashMap::new();
    let mut doubtful = false;
    for line in input.split(|it| *it == b'\n') {
        let Ok(message) = serde_json::from_slice::<Value>(line) else { continue };
        doubtful |= message["method"] == "notifications/cancelled"
            || message["method"] == "subscriptions/listen";
        if let Some(id) = asked(&message) {
            *open.entry(id).or_default() += 1;
        }
    }
    let is_unique = open.values().all(|count| *count == 1);
    let text = std::str::from_utf8(&output).unwrap();
    let is_echo = input.windows(KEY.len()).any(|it| it == KEY.as_bytes());
    assert!(is_echo || !text.contains(KEY), "{text}");
    for line in text.lines() {
        let message: Value = serde_json::from_str(line).unwrap_or_else(|_| panic!("{line}"));
        assert_eq!(message["jsonrpc"], "2.0", "{line}");
        let id = &message["id"];
        if message["method"].is_string() || id.is_null() {
            continue;
        }
        if message["error"]["code"] == -32700 {
            // What is no JSON may have an id all the same.
            continue;
        }
        // `1.0` is answered as 1.
        if let Some(count) = open.get_mut(id) {
            *count = count.checked_sub(1).unwrap_or_else(|| panic!("answered twice: {line}"));
        }
    }
    assert_eq!(open.get(&json!(LAST)), Some(&0), "it does not answer any more: {text}");
    if is_unique && !doubtful {
        assert!(open.values().all(|count| *count == 0), "unanswered: {open:?}");
    }
}

fuzz_target!(|data: &[u8]| {
    SETTING.with(|setting| {
        let (runtime, url) = &**setting;
        // The end of its input stops a server.
        runtime.block_on(run(server(url, Guard::default()), data));
    });
});
