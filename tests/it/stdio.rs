//! The binary on standard input and output, in every protocol revision.

use std::process::Stdio;

use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader, Lines},
    process::{Child, ChildStdin, ChildStdout, Command},
};

use crate::support::{self, KEY, PATIENCE, Script, Upstream};

/// The process, spoken to line by line.
pub(crate) struct Process {
    child: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
    id: u64,
}

impl Process {
    fn start(arguments: &[&str], url: Option<&str>) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
        command.args(arguments).env_remove("CLERK_API_URL").env("CLERK_SECRET_KEY", KEY);
        if let Some(url) = url {
            command.env("CLERK_API_URL", url);
        }
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn().unwrap();
        let output = BufReader::new(child.stdout.take().unwrap()).lines();
        Self { input: child.stdin.take(), output, child, id: 0 }
    }

    async fn write(&mut self, text: &str) {
        self.write_bytes(text.as_bytes()).await;
    }

    async fn write_bytes(&mut self, bytes: &[u8]) {
        self.input.as_mut().unwrap().write_all(bytes).await.unwrap();
    }

    /// Sends a request and returns its id.
    async fn send(&mut self, method: &str, params: Value) -> u64 {
        self.id += 1;
        let request =
            json!({ "jsonrpc": "2.0", "id": self.id, "method": method, "params": params });
        self.write(&format!("{request}\n")).await;
        self.id
    }

    /// The next line of the output, which must be a JSON-RPC message.
    async fn receive(&mut self) -> Option<Value> {
        let line = tokio::time::timeout(PATIENCE, self.output.next_line());
        let line = line.await.expect("no line").unwrap()?;
        let message: Value =
            serde_json::from_str(&line).unwrap_or_else(|_| panic!("not MCP: {line}"));
        assert_eq!(message["jsonrpc"], "2.0");
        Some(message)
    }

    async fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.send(method, params).await;
        let answer = self.receive().await.expect("an answer");
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    async fn initialize(&mut self, version: &str) -> Value {
        let client = json!({ "name": "test", "version": "1" });
        let params =
            json!({ "protocolVersion": version, "capabilities": {}, "clientInfo": client });
        let answer = self.request("initialize", params).await;
        self.write("{\"jsonrpc\":\"2.0\",\"method\":\"notifications/initialized\"}\n").await;
        answer["result"].clone()
    }

    /// Closes the input and returns what else was written, the log and the exit code.
    async fn end(mut self) -> (Vec<Value>, String, Option<i32>) {
        drop(self.input.take());
        let mut rest = Vec::new();
        while let Some(message) = self.receive().await {
            rest.push(message);
        }
        let code = self.child.wait().await.unwrap().code();
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).await.unwrap();
        (rest, log, code)
    }
}

fn call(tool: &str, arguments: Value) -> Value {
    json!({ "name": tool, "arguments": arguments })
}

#[tokio::test]
async fn every_revision_with_a_handshake_is_spoken() {
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let mut process = Process::start(&["--sandbox"], None);
        let result = process.initialize(version).await;
        assert_eq!(result["protocolVersion"], version);
        assert_eq!(result["serverInfo"]["name"], "clerk-mcp");
        assert!(result["instructions"].as_str().unwrap().len() < 1900);
        let list = process.request("tools/list", json!({})).await;
        assert_eq!(list["result"]["tools"].as_array().unwrap().len(), support::TOOLS);
        assert_eq!(list["result"].get("ttlMs"), None);
        let answer =
            process.request("tools/call", call("clerk_list_users", json!({ "limit": 1 }))).await;
        assert_eq!(answer["result"]["structuredContent"]["totalCount"], 25, "{answer}");
        let (rest, log, code) = process.end().await;
        assert_eq!((rest.len(), code), (0, Some(0)), "{log}");
    }
}

#[tokio::test]
async fn the_stateless_revision_is_spoken() {
    let meta = json!({
        "io.modelcontextprotocol/protocolVersion": "2026-07-28",
        "io.modelcontextprotocol/clientCapabilities": {},
        "io.modelcontextprotocol/clientInfo": { "name": "test", "version": "1" },
    });
    let with_meta = |mut params: Value| {
        params["_meta"] = meta.clone();
        params
    };
    let mut process = Process::start(&["--sandbox"], None);
    let discovered = process.request("server/discover", with_meta(json!({}))).await;
    let versions = discovered["result"]["supportedVersions"].as_array().unwrap();
    assert!(versions.contains(&json!("2026-07-28")), "{discovered}");
    let list = process.request("tools/list", with_meta(json!({}))).await;
    assert_eq!(list["result"]["ttlMs"], 3_600_000);
    assert_eq!(list["result"]["cacheScope"], "private");
    let answer = process
        .request("tools/call", with_meta(call("clerk_list_users", json!({ "limit": 1 }))))
        .await;
    assert_eq!(answer["result"]["resultType"], "complete", "{answer}");
    assert_eq!(answer["result"]["structuredContent"]["totalCount"], 25);
    for result in [&list["result"], &answer["result"]] {
        assert_eq!(
            result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "clerk-mcp",
            "{result}"
        );
    }
}

#[tokio::test]
async fn protocol_errors_leave_the_session_open() {
    let mut process = Process::start(&["--sandbox"], None);
    process.initialize("2025-11-25").await;
    let answer = process.request("tools/call", call("clerk_get_users", json!({}))).await;
    assert_eq!(answer["error"]["code"], -32602);
    assert_eq!(
        answer["error"]["message"],
        "unknown tool `clerk_get_users`; did you mean `clerk_get_user`?"
    );
    let answer = process.request("tools/call", json!({ "arguments": [1] })).await;
    assert_eq!(answer["error"]["code"], -32602, "{answer}");
    let answer = process.request("nothing/here", json!({})).await;
    assert_eq!(answer["error"]["code"], -32601, "{answer}");
}

#[tokio::test]
async fn a_malformed_line_gets_an_error_and_the_server_goes_on() {
    let mut process = Process::start(&["--sandbox"], None);
    process.initialize("2025-11-25").await;
    let long = format!(
        r#"{{"method":"ping","params":{{"a":"{}"}},"jsonrpc":"2.0","id":7}}"#,
        "x".repeat(17 << 20)
    );
    let answered: &[(&[u8], i32, Value)] = &[
        (b"this is no JSON", -32700, Value::Null),
        (br#"{"jsonrpc":"2.0","id":7,"method":"#, -32700, json!(7)),
        (br#"{"method":"ping","params":{"a":NaN},"jsonrpc":"2.0","id":"a"}"#, -32700, json!("a")),
        (b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"\xff\"}", -32700, json!(7)),
        (b"\0", -32700, Value::Null),
        (b"[]", -32600, Value::Null),
        (br#"[{"jsonrpc":"2.0","id":7,"method":"ping"}]"#, -32600, json!(7)),
        (br#"{"jsonrpc":"2.0"}"#, -32600, Value::Null),
        (br#"{"jsonrpc":"2.0","id":null,"method":"ping"}"#, -32600, Value::Null),
        (br#"{"jsonrpc":"2.0","id":1.5,"method":"ping"}"#, -32600, json!(1.5)),
        (br#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":[]}"#, -32602, json!(7)),
        (br#"{"jsonrpc":"2.0","id":7,"method":"nothing/here"}"#, -32601, json!(7)),
        (long.as_bytes(), -32600, json!(7)),
    ];
    for (line, code, id) in answered {
        process.write_bytes(&[line, &b"\n"[..]].concat()).await;
        let answer = process.receive().await.unwrap();
        let start = String::from_utf8_lossy(&line[..line.len().min(80)]);
        assert_eq!(
            (&answer["error"]["code"], answer.get("id")),
            (&json!(code), Some(id)),
            "{start}"
        );
    }
    // Nobody waits for the answer to these.
    let unanswered = [
        "",
        "\r",
        "  ",
        r#"{"jsonrpc":"2.0","method":"notifications/odd","params":[1]}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":{}}}"#,
        r#"{"jsonrpc":"2.0","id":99,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":99,"error":"no"}"#,
    ];
    process.write(&format!("{}\n", unanswered.join("\n"))).await;
    process.write("\u{feff}{\"jsonrpc\":\"2.0\",\"id\":8,\"method\":\"ping\"}\r\n").await;
    let answer = process.receive().await.unwrap();
    assert_eq!((&answer["id"], &answer["result"]), (&json!(8), &json!({})), "{answer}");
}

#[tokio::test]
async fn what_comes_before_initialize_does_not_end_the_server() {
    let mut process = Process::start(&["--sandbox"], None);
    let early = [
        r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#,
        r#"{"jsonrpc":"2.0","method":"notifications/cancelled","params":{"requestId":1}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}}"#,
    ];
    process.write(&format!("{}\n", early.join("\n"))).await;
    let early = process.request("initialize", json!([])).await;
    assert_eq!(early["error"]["code"], -32602, "{early}");
    let result = process.initialize("2025-11-25").await;
    assert_eq!(result["serverInfo"]["name"], "clerk-mcp");
    let (rest, log, code) = process.end().await;
    assert_eq!((rest.len(), code), (0, Some(0)), "{log}");
}

#[tokio::test]
async fn an_id_that_is_under_way_is_refused() {
    let upstream = Upstream::always(Script::Hang).await;
    let mut process = Process::start(&[], Some(&upstream.url));
    process.initialize("2025-11-25").await;
    let params = call("clerk_get_user", json!({ "userId": "user_1" }));
    let request = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params });
    process.write(&format!("{request}\n{request}\n")).await;
    let refused = process.receive().await.unwrap();
    assert_eq!((&refused["id"], &refused["error"]["code"]), (&json!(7), &json!(-32600)));
    upstream.until(|upstream| upstream.open() == 1).await;
}

#[tokio::test]
async fn end_of_input_ends_the_server_and_answers_pending_calls() {
    let upstream = Upstream::always(Script::Hang).await;
    let mut process = Process::start(&[], Some(&upstream.url));
    process.initialize("2025-11-25").await;
    let id =
        process.send("tools/call", call("clerk_get_user", json!({ "userId": "user_1" }))).await;
    upstream.until(|upstream| upstream.open() == 1).await;
    let (rest, log, code) = process.end().await;
    assert_eq!((rest.len(), code), (1, Some(0)), "{log}");
    assert_eq!(rest[0]["id"], id);
    let text = rest[0]["result"]["content"][0]["text"].as_str().unwrap();
    assert!(text.contains("server_stopped"), "{text}");
}

#[tokio::test]
async fn a_last_line_without_a_newline_counts() {
    let mut process = Process::start(&["--sandbox"], None);
    process.initialize("2025-11-25").await;
    process.write("{\"jsonrpc\":\"2.0\",\"id\":9,\"method\":\"ping\"}").await;
    let (rest, ..) = process.end().await;
    assert_eq!((rest.len(), &rest[0]["id"]), (1, &json!(9)));
}

#[tokio::test]
async fn an_input_that_ends_before_it_began_is_no_failure() {
    let (rest, log, code) = Process::start(&["--sandbox"], None).end().await;
    assert_eq!((rest.len(), code), (0, Some(0)), "{log}");
}

#[tokio::test]
async fn a_cancelled_call_is_dropped_upstream_and_not_answered() {
    let upstream = Upstream::always(Script::Hang).await;
    let mut process = Process::start(&[], Some(&upstream.url));
    process.initialize("2025-11-25").await;
    let id =
        process.send("tools/call", call("clerk_get_user", json!({ "userId": "user_1" }))).await;
    upstream.until(|upstream| upstream.open() == 1).await;
    let cancel = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": id } });
    process.write(&format!("{cancel}\n")).await;
    upstream.until(|upstream| upstream.open() == 0).await;
    assert_eq!(process.request("ping", json!({})).await["result"], json!({}));
}

#[tokio::test]
async fn even_the_loudest_log_holds_neither_key_nor_password() {
    let echo = json!({ "errors": [{ "code": KEY, "message": KEY }] }).to_string();
    let scripts = [
        Script::json(200, &json!({ "id": KEY })),
        Script::Answer(422, "", echo),
        Script::Reset,
        Script::Hang,
    ];
    for script in scripts {
        let upstream = Upstream::always(script).await;
        let mut process =
            Process::start(&["--log", "trace", "--timeout", "1"], Some(&upstream.url));
        process.initialize("2025-11-25").await;
        let arguments = json!({ "userId": "user_1", "password": "geheim-geheim" });
        let answer = process.request("tools/call", call("clerk_update_user", arguments)).await;
        assert!(!answer.to_string().contains(KEY), "{answer}");
        let (_, log, ..) = process.end().await;
        assert!(log.contains("clerk_update_user"), "the log is empty: {log}");
        assert!(!log.contains(KEY) && !log.contains("geheim"), "{log}");
    }
}

#[tokio::test]
async fn a_client_that_does_not_read_the_log_stops_nothing() {
    let mut process = Process::start(&["--sandbox", "--log", "trace"], None);
    process.initialize("2025-11-25").await;
    // Far more lines than a pipe holds.
    for _ in 0..1000 {
        let answer = process.request("tools/call", call("clerk_get_user", json!({}))).await;
        assert_eq!(answer["result"]["isError"], true);
    }
}
