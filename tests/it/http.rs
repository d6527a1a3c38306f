//! The binary over HTTP: who gets in, what is bounded, how it ends.

use std::{
    collections::HashMap,
    process::Stdio,
    time::{Duration, Instant},
};

use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::TcpStream,
    process::{Child, Command},
};

use crate::support::{KEY, Script, Upstream};

struct Http {
    child: Child,
    url: String,
    client: Client,
}

impl Http {
    async fn start(options: &[&str], variables: &[(&str, &str)]) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
        let address =
            if options.contains(&"--listen") { &[][..] } else { &["--listen", "127.0.0.1:0"] };
        command.arg("http").args(address).args(options);
        command.env("CLERK_SECRET_KEY", KEY).envs(variables.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).await.unwrap();
        let url = line.split_whitespace().find(|it| it.starts_with("http://")).unwrap();
        let url = url.trim_end_matches('/').to_owned();
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().build().unwrap();
        Self { child, url, client }
    }

    fn post(&self, path: &str, body: impl ToString) -> RequestBuilder {
        self.client
            .post(format!("{}{path}", self.url))
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .body(body.to_string())
    }

    /// A request of the stateless revision.
    fn stateless(&self, method: &str, mut params: Value) -> RequestBuilder {
        params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2026-07-28");
        params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
        let name = params["name"].as_str().unwrap_or_default().to_owned();
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        self.post("/mcp", request)
            .header("mcp-protocol-version", "2026-07-28")
            .header("mcp-method", method)
            .header("mcp-name", name)
    }

    fn call(&self, tool: &str, arguments: Value) -> RequestBuilder {
        self.stateless("tools/call", json!({ "name": tool, "arguments": arguments }))
    }

    /// Opens a session of an older revision, and returns its id.
    async fn session(&self) -> Result<String, u16> {
        let client = json!({ "name": "test", "version": "1" });
        let params =
            json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
        let request =
            json!({ "jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params });
        let answer = self.post("/mcp", request).send().await.unwrap();
        match answer.headers().get("mcp-session-id") {
            Some(id) => Ok(id.to_str().unwrap().to_owned()),
            None => Err(answer.status().as_u16()),
        }
    }

    /// Ends the server as an operator does; its log, exit code, and how long it took.
    async fn end(mut self) -> (String, Option<i32>, Duration) {
        let began = Instant::now();
        let id = self.child.id().unwrap().to_string();
        Command::new("kill").args(["-TERM", &id]).status().await.unwrap();
        let code = self.child.wait().await.unwrap().code();
        let took = began.elapsed();
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).await.unwrap();
        (log, code, took)
    }
}

/// The JSON-RPC message in an answer, be it JSON or an event.
async fn message(answer: Response) -> Value {
    let text = answer.text().await.unwrap();
    let json = text.lines().find_map(|it| it.strip_prefix("data: {")).map(|it| format!("{{{it}"));
    serde_json::from_str(&json.unwrap_or_else(|| text.clone())).unwrap_or_else(|_| panic!("{text}"))
}

async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

/// An open HTTP+SSE stream.
struct Events {
    stream: Response,
    read: String,
    target: String,
}

impl Events {
    async fn open(http: &Http) -> Result<Self, u16> {
        let stream = http.client.get(format!("{}/sse", http.url)).send().await.unwrap();
        if !stream.status().is_success() {
            return Err(stream.status().as_u16());
        }
        let mut events = Self { stream, read: String::new(), target: String::new() };
        events.target = events.next("endpoint").await;
        Ok(events)
    }

    /// The data of the next event, which must be of this kind.
    async fn next(&mut self, kind: &str) -> String {
        loop {
            if let Some((event, rest)) = self.read.split_once("\n\n") {
                let (event, rest) = (event.to_owned(), rest.to_owned());
                self.read = rest;
                if let Some(data) = event.strip_prefix(&format!("event: {kind}\ndata: ")) {
                    return data.to_owned();
                }
                continue;
            }
            let chunk = self.stream.chunk().await.unwrap().expect("the stream goes on");
            self.read.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    async fn request(&mut self, http: &Http, method: &str, params: Value) -> Value {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        assert_eq!(status(http.post(&self.target, request)).await, 202);
        serde_json::from_str(&self.next("message").await).unwrap()
    }

    async fn initialize(&mut self, http: &Http) {
        let client = json!({ "name": "test", "version": "1" });
        let params =
            json!({ "protocolVersion": "2024-11-05", "capabilities": {}, "clientInfo": client });
        assert_eq!(
            self.request(http, "initialize", params).await["result"]["protocolVersion"],
            "2024-11-05"
        );
        let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
        assert_eq!(status(http.post(&self.target, initialized)).await, 202);
    }
}

fn one_user() -> Value {
    json!({ "name": "clerk_list_users", "arguments": { "limit": 1 } })
}

#[tokio::test]
async fn the_same_tools_answer_on_every_route() {
    let http = Http::start(&["--sandbox"], &[]).await;
    let stateless = message(http.stateless("tools/call", one_user()).send().await.unwrap()).await;
    let session = http.session().await.unwrap();
    let request =
        json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": one_user() });
    let request = http.post("/mcp", request).header("mcp-session-id", session);
    let session = message(request.send().await.unwrap()).await;
    let mut events = Events::open(&http).await.unwrap();
    events.initialize(&http).await;
    let events = events.request(&http, "tools/call", one_user()).await;
    for answer in [&stateless, &session, &events] {
        assert_eq!(answer["result"]["structuredContent"]["totalCount"], 25, "{answer}");
        assert_eq!(answer["result"]["structuredContent"], events["result"]["structuredContent"]);
    }
}

#[tokio::test]
async fn nobody_else_gets_in_on_any_route() {
    const TOKEN: &str = "a-token-that-is-long-enough";
    let http = Http::start(&["--sandbox"], &[("CLERK_MCP_HTTP_TOKEN", TOKEN)]).await;
    let routes =
        [("GET", "/mcp"), ("POST", "/mcp"), ("GET", "/sse"), ("POST", "/messages?sessionId=x")];
    for (method, path) in routes {
        let request =
            || http.client.request(method.parse().unwrap(), format!("{}{path}", http.url));
        assert_eq!(status(request()).await, 401, "{method} {path}");
        assert_eq!(status(request().bearer_auth("another-token-of-that-length")).await, 401);
        let with_token = || request().bearer_auth(TOKEN);
        assert_eq!(
            status(with_token().header("host", "evil.example")).await,
            403,
            "{method} {path}"
        );
        for origin in ["https://evil.example", "null"] {
            assert_eq!(status(with_token().header("origin", origin)).await, 403, "{method} {path}");
        }
    }
    assert_eq!(status(http.client.get(format!("{}/healthz", http.url))).await, 200);
    assert_eq!(status(http.call("clerk_list_users", json!({})).bearer_auth(TOKEN)).await, 200);
    let (log, ..) = http.end().await;
    assert!(!log.contains(TOKEN), "{log}");
}

#[test]
fn beyond_this_machine_it_does_not_start_without_a_token() {
    let cases = [("", "CLERK_MCP_HTTP_TOKEN"), ("short", "at least 16 characters")];
    for (token, part) in cases {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
        command
            .args(["http", "--listen", "0.0.0.0:0", "--sandbox"])
            .env("CLERK_MCP_HTTP_TOKEN", token);
        let output = command.output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(output.status.code() == Some(2) && error.contains(part), "{error}");
    }
}

#[tokio::test]
async fn what_is_no_request_gets_the_right_status() {
    let http = Http::start(&["--sandbox"], &[]).await;
    let nested = format!("{}{}", "[".repeat(100_000), "]".repeat(100_000));
    let deep = format!("{{\"a\":{nested}}}");
    let large = format!("{{\"a\":\"{}\"}}", "x".repeat(4 << 20));
    let cases =
        [("{bad", 400, -32700), ("", 400, -32700), ("[]", 400, -32600), (&deep, 400, -32700)];
    for (body, expected, code) in cases {
        let answer = http.post("/mcp", body).send().await.unwrap();
        assert_eq!(answer.status(), expected);
        assert_eq!(message(answer).await["error"]["code"], code);
    }
    assert_eq!(status(http.post("/mcp", &large)).await, 413);
    assert_eq!(status(http.post("/messages?sessionId=nobody", "{}")).await, 404);
    assert_eq!(status(http.post("/nothing", "{}")).await, 404);
    // All of that has harmed nobody.
    assert_eq!(status(http.call("clerk_list_users", json!({}))).await, 200);
}

#[tokio::test]
async fn sessions_and_requests_are_bounded() {
    let http = Http::start(&["--sandbox", "--max-sessions", "2"], &[]).await;
    let mut outcomes = Vec::new();
    for _ in 0..4 {
        outcomes.push(http.session().await.map(drop));
    }
    assert_eq!(outcomes, [Ok(()), Ok(()), Err(503), Err(503)]);
    // The stateless revision has no sessions to run out of.
    assert_eq!(status(http.call("clerk_list_users", json!({}))).await, 200);
    let streams = (Events::open(&http).await.unwrap(), Events::open(&http).await.unwrap());
    assert_eq!(Events::open(&http).await.err(), Some(503));
    drop(streams);
    for attempt in 0.. {
        match Events::open(&http).await {
            Ok(_) => break,
            Err(status) => assert!(status == 503 && attempt < 100, "{status}"),
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }

    let upstream = Upstream::always(Script::Hang).await;
    let http = Http::start(&["--max-requests", "1"], &[("CLERK_API_URL", &upstream.url)]).await;
    let call = || http.call("clerk_get_user", json!({ "userId": "user_1" }));
    let hanging = tokio::spawn(call().send());
    upstream.until(|it| it.open() == 1).await;
    let refused = call().send().await.unwrap();
    assert_eq!(
        (refused.status().as_u16(), &refused.headers()["retry-after"]),
        (503, &"1".parse().unwrap())
    );
    hanging.abort();
}

#[tokio::test]
async fn a_client_that_hangs_up_cancels_its_call_upstream() {
    let upstream = Upstream::always(Script::Hang).await;
    let http = Http::start(&[], &[("CLERK_API_URL", &upstream.url)]).await;
    let call = http.call("clerk_get_user", json!({ "userId": "user_1" }));
    let hanging = tokio::spawn(call.send());
    upstream.until(|it| it.open() == 1).await;
    hanging.abort();
    upstream.until(|it| it.open() == 0).await;

    let mut events = Events::open(&http).await.unwrap();
    events.initialize(&http).await;
    let params = json!({ "name": "clerk_get_user", "arguments": { "userId": "user_1" } });
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    assert_eq!(status(http.post(&events.target, request)).await, 202);
    upstream.until(|it| it.open() == 1).await;
    drop(events);
    upstream.until(|it| it.open() == 0).await;
}

#[tokio::test]
async fn an_older_client_cancels_by_a_notification_and_ends_its_session() {
    let upstream = Upstream::always(Script::Hang).await;
    let http = Http::start(&[], &[("CLERK_API_URL", &upstream.url)]).await;
    let session = http.session().await.unwrap();
    let post = |message: Value| {
        let request = http.post("/mcp", message).header("mcp-session-id", &session);
        request.header("mcp-protocol-version", "2025-11-25")
    };
    let initialized = json!({ "jsonrpc": "2.0", "method": "notifications/initialized" });
    assert_eq!(status(post(initialized)).await, 202);
    let params = json!({ "name": "clerk_get_user", "arguments": { "userId": "user_1" } });
    let call = json!({ "jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params });
    let hanging = tokio::spawn(post(call).send());
    upstream.until(|it| it.open() == 1).await;
    let cancel = json!({ "jsonrpc": "2.0", "method": "notifications/cancelled", "params": { "requestId": 7 } });
    assert_eq!(status(post(cancel)).await, 202);
    upstream.until(|it| it.open() == 0).await;
    hanging.abort();

    let session_request = |method: &str| {
        let request = http.client.request(method.parse().unwrap(), format!("{}/mcp", http.url));
        request.header("mcp-session-id", &session).header("accept", "text/event-stream")
    };
    assert_eq!(status(session_request("DELETE")).await, 204);
    assert_eq!(status(session_request("GET")).await, 404);
}

#[cfg(unix)]
#[tokio::test]
async fn told_to_stop_it_lets_calls_end_takes_no_new_ones_and_is_gone_within_5_s() {
    let upstream = Upstream::always(Script::Slow(800, "{\"id\":\"user_1\"}")).await;
    let http = Http::start(&[], &[("CLERK_API_URL", &upstream.url)]).await;
    let _events = Events::open(&http).await.unwrap();
    let under_way = tokio::spawn(http.call("clerk_get_user", json!({ "userId": "user_1" })).send());
    upstream.until(|it| it.open() == 1).await;
    let url = http.url.clone();
    let client = http.client.clone();
    let (end, ()) = tokio::join!(http.end(), async {
        tokio::time::sleep(Duration::from_millis(200)).await;
        assert!(client.get(format!("{url}/healthz")).send().await.is_err(), "it still accepts");
    });
    let (log, code, took) = end;
    let answer = message(under_way.await.unwrap().unwrap()).await;
    assert_eq!(answer["result"]["structuredContent"]["id"], "user_1", "{answer}");
    assert!(code == Some(0) && took < Duration::from_secs(5), "{code:?} {took:?} {log}");

    let upstream = Upstream::always(Script::Hang).await;
    let http = Http::start(&[], &[("CLERK_API_URL", &upstream.url)]).await;
    let under_way = tokio::spawn(http.call("clerk_get_user", json!({ "userId": "user_1" })).send());
    upstream.until(|it| it.open() == 1).await;
    let (log, code, took) = http.end().await;
    let answer = message(under_way.await.unwrap().unwrap()).await;
    assert!(answer.to_string().contains("server_stopped"), "{answer}");
    assert!(code == Some(0) && took < Duration::from_secs(5), "{code:?} {took:?} {log}");
}

#[tokio::test]
async fn each_caller_has_its_own_key_where_that_is_allowed() {
    const OTHER: &str = "sk_test_AnotherCallersKey";
    let upstream = Upstream::start(|seen, _| {
        let key =
            seen.headers.lines().find_map(|it| it.strip_prefix("authorization: Bearer ")).unwrap();
        let refusal = json!({ "errors": [{ "code": key, "message": key }], "clerk_trace_id": key });
        Script::json(422, &refusal)
    })
    .await;
    let variables = [("CLERK_API_URL", upstream.url.as_str())];
    let http = Http::start(&["--key-from-header", "--log", "trace"], &variables).await;
    let call = || http.call("clerk_get_user", json!({ "userId": "user_1" }));
    let keys = [Some(OTHER), None, Some(OTHER)];
    for key in keys {
        let request = key.into_iter().fold(call(), |it, key| it.header("x-clerk-secret-key", key));
        let answer = message(request.send().await.unwrap()).await.to_string();
        assert!(!answer.contains(OTHER) && !answer.contains(KEY), "{answer}");
    }
    let seen: HashMap<bool, usize> = upstream.seen().iter().fold(HashMap::new(), |mut seen, it| {
        *seen.entry(it.headers.contains(OTHER)).or_default() += 1;
        seen
    });
    assert_eq!((seen[&true], seen[&false]), (2, 1));
    // HTTP+SSE carries it too.
    let mut events = Events::open(&http).await.unwrap();
    events.initialize(&http).await;
    let params = json!({ "name": "clerk_get_user", "arguments": { "userId": "user_1" } });
    let request = json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
    let request = http.post(&events.target, request).header("x-clerk-secret-key", OTHER);
    assert_eq!(status(request).await, 202);
    upstream
        .until(|it| it.seen().iter().filter(|it| it.headers.contains(OTHER)).count() == 3)
        .await;
    drop(events);
    let (log, ..) = http.end().await;
    assert!(!log.contains(OTHER) && !log.contains(KEY), "{log}");

    let http = Http::start(&[], &variables).await;
    let refused = http.call("clerk_get_user", json!({})).header("x-clerk-secret-key", OTHER);
    assert_eq!(status(refused).await, 403);
}

#[tokio::test]
async fn the_log_has_one_line_a_call_with_what_traces_it_and_nothing_personal() {
    let refusal = Script::Answer(
        404,
        "cf-ray: ray-1",
        "{\"errors\":[{\"code\":\"resource_not_found\",\"message\":\"Ada\"}]}".to_owned(),
    );
    let upstream = Upstream::always(refusal).await;
    let variables = [("CLERK_API_URL", upstream.url.as_str())];
    let http = Http::start(&["--log", "json"], &variables).await;
    let trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    let params = json!({ "name": "clerk_get_user", "arguments": { "userId": "user_Ada" }, "_meta": { "traceparent": trace } });
    assert_eq!(status(http.stateless("tools/call", params)).await, 200);
    let (log, ..) = http.end().await;
    let lines: Vec<Value> = log.lines().map(|it| serde_json::from_str(it).unwrap()).collect();
    let calls: Vec<_> = lines.iter().filter(|it| it["message"] == "call").collect();
    assert_eq!(calls.len(), 1, "{log}");
    let line = calls[0];
    assert_eq!(line["tool"], "clerk_get_user");
    assert_eq!((&line["outcome"], &line["status"]), (&json!("resource_not_found"), &json!(404)));
    assert_eq!((&line["trace"], &line["traceparent"]), (&json!("ray-1"), &json!(trace)));
    assert!(line["ms"].is_u64() && !log.contains("Ada"), "{log}");
}

#[tokio::test]
async fn ready_means_that_clerk_takes_the_key() {
    let ready = async |http: &Http| {
        let answer = http.client.get(format!("{}/readyz", http.url)).send().await.unwrap();
        (
            answer.status().as_u16(),
            serde_json::from_str::<Value>(&answer.text().await.unwrap()).unwrap(),
        )
    };
    let good = Upstream::always(Script::json(200, &json!({ "keys": [] }))).await;
    let refusing = Upstream::always(Script::refusal(401, "", "clerk_key_invalid")).await;
    let cases =
        [(good.url.as_str(), 200), (refusing.url.as_str(), 503), ("http://127.0.0.1:1", 503)];
    for (url, expected) in cases {
        let http = Http::start(&[], &[("CLERK_API_URL", url)]).await;
        let (status, body) = ready(&http).await;
        assert_eq!(status, expected, "{url}: {body}");
        assert_eq!(body["ready"], json!(expected == 200));
        assert!(!body.to_string().contains(KEY));
    }
    let http = Http::start(&[], &[("CLERK_SECRET_KEY", "")]).await;
    assert_eq!(
        ready(&http).await,
        (503, json!({ "ready": false, "key": false, "clerkReached": false }))
    );
}

/// Twenty clients over HTTP+SSE and a hundred over streamable HTTP, with several calls each.
async fn wave(http: &Http) {
    let over_events = (0..20).map(|_| async {
        let mut events = Events::open(http).await.unwrap();
        events.initialize(http).await;
        for _ in 0..5 {
            let answer = events.request(http, "tools/call", one_user()).await;
            assert_eq!(answer["result"]["structuredContent"]["totalCount"], 25, "{answer}");
        }
    });
    let streamable = (0..100).map(|_| async {
        for _ in 0..3 {
            let answer = http.stateless("tools/call", one_user()).send().await.unwrap();
            let answer = message(answer).await;
            assert_eq!(answer["result"]["structuredContent"]["totalCount"], 25, "{answer}");
        }
    });
    tokio::join!(futures::future::join_all(over_events), futures::future::join_all(streamable));
}

#[tokio::test]
async fn many_clients_at_once_lose_nothing_and_leave_nothing_behind() {
    let http = Http::start(&["--sandbox", "--log", "off"], &[]).await;
    // In kB, where the system tells it.
    let memory = || {
        let status = std::fs::read_to_string(format!("/proc/{}/status", http.child.id()?)).ok()?;
        let line = status.lines().find_map(|it| it.strip_prefix("VmRSS:"))?;
        line.split_whitespace().next()?.parse::<u64>().ok()
    };
    wave(&http).await;
    let first = memory();
    for _ in 0..4 {
        wave(&http).await;
    }
    if let (Some(first), Some(last)) = (first, memory()) {
        println!("memory after one wave {first} kB, after five {last} kB");
        assert!(last < first + first / 4, "{first} kB, then {last} kB");
    }
}

#[tokio::test]
async fn a_client_that_stops_reading_and_one_that_sends_slowly_harm_no_other() {
    let http = Http::start(&["--sandbox", "--log", "off"], &[]).await;
    let address = http.url.strip_prefix("http://").unwrap();
    // Reads where to post, asks for more than any buffer holds, and reads no more.
    let mut deaf = Events::open(&http).await.unwrap();
    deaf.initialize(&http).await;
    let mut refused = 0;
    for _ in 0..500 {
        let params = json!({ "name": "clerk_list_users", "arguments": { "limit": 25 } });
        let request =
            json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        match status(http.post(&deaf.target, request)).await {
            202 => {}
            503 => refused += 1,
            other => panic!("{other}"),
        }
    }
    assert!(refused > 0, "all that it asked for was taken in");
    let mut slow = TcpStream::connect(address).await.unwrap();
    let head = format!("POST /mcp HTTP/1.1\r\nhost: {address}\r\ncontent-length: 1000000\r\n\r\n");
    slow.write_all(head.as_bytes()).await.unwrap();
    for _ in 0..20 {
        slow.write_all(b" ").await.unwrap();
        let began = Instant::now();
        assert_eq!(status(http.call("clerk_list_users", json!({}))).await, 200);
        assert!(began.elapsed() < Duration::from_secs(2));
    }
}

#[cfg(unix)]
#[tokio::test]
async fn a_restart_under_load_answers_or_refuses_every_call() {
    let http = Http::start(&["--sandbox"], &[]).await;
    let (url, client) = (http.url.clone(), http.client.clone());
    let address = url.strip_prefix("http://").unwrap().to_owned();
    let clients: Vec<_> = (0..20)
        .map(|_| {
            let call = http.call("clerk_list_users", json!({ "limit": 1 })).build().unwrap();
            let client = client.clone();
            tokio::spawn(async move {
                let mut answered = 0;
                loop {
                    // Refused or closed: the server is gone.
                    let Ok(answer) = client.execute(call.try_clone().unwrap()).await else { break };
                    if answer.status() == 503 {
                        break;
                    }
                    let answer = message(answer).await;
                    let result = &answer["result"];
                    let stopped = result.to_string().contains("server_stopped");
                    assert!(stopped || result["structuredContent"]["totalCount"] == 25, "{answer}");
                    answered += 1;
                }
                answered
            })
        })
        .collect();
    tokio::time::sleep(Duration::from_millis(300)).await;
    let (log, code, took) = http.end().await;
    assert!(code == Some(0) && took < Duration::from_secs(5), "{code:?} {took:?} {log}");
    for client in clients {
        assert!(client.await.unwrap() > 0);
    }
    let again = Http::start(&["--sandbox", "--listen", &address], &[]).await;
    assert_eq!(status(again.call("clerk_list_users", json!({}))).await, 200);
}
