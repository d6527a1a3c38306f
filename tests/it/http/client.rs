//! The binary over HTTP, and clients of it that see every status and event.

use std::{ops::Deref, process::Stdio};

use reqwest::{Client, RequestBuilder, Response};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::support::KEY;

/// A server that is reached over HTTP.
pub(crate) struct Endpoint {
    pub(crate) url: String,
    pub(crate) client: Client,
}

/// The binary, over HTTP.
pub(crate) struct Http {
    #[cfg_attr(not(unix), allow(dead_code, reason = "it ends when this is dropped"))]
    pub(crate) child: Child,
    endpoint: Endpoint,
    /// Where webhooks are received.
    pub(crate) receiver: Endpoint,
    /// Where the metrics are, if they are served.
    pub(crate) metrics: Option<String>,
}

impl Deref for Http {
    type Target = Endpoint;

    fn deref(&self) -> &Endpoint {
        &self.endpoint
    }
}

impl Http {
    pub(crate) async fn start(options: &[&str], variables: &[(&str, &str)]) -> Self {
        Self::run(Command::new(env!("CARGO_BIN_EXE_clerk-mcp")), options, variables).await
    }

    /// The same with a limit of the shell's `ulimit`.
    #[cfg(unix)]
    pub(crate) async fn limited(limit: &str, options: &[&str], variables: &[(&str, &str)]) -> Self {
        let script = format!("ulimit {limit} && exec \"$0\" \"$@\"");
        let mut shell = Command::new("sh");
        shell.args(["-c", &script, env!("CARGO_BIN_EXE_clerk-mcp")]);
        Self::run(shell, options, variables).await
    }

    async fn run(mut command: Command, options: &[&str], variables: &[(&str, &str)]) -> Self {
        let address =
            if options.contains(&"--listen") { &[][..] } else { &["--listen", "127.0.0.1:0"] };
        command.arg("http").args(address).args(options);
        if !variables.iter().any(|(name, _)| *name == "CLERK_SECRET_KEY_FILE") {
            command.env("CLERK_SECRET_KEY", KEY);
        }
        command.envs(variables.iter().copied());
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.kill_on_drop(true).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).await.unwrap();
        let mut urls = line.split_whitespace().filter(|word| word.starts_with("http://"));
        let url = urls.next().unwrap().trim_end_matches('/');
        let receiver = urls.next().map_or(url, |url| url.trim_end_matches("/webhooks/clerk;"));
        let [endpoint, receiver] = [url, receiver].map(|url| Endpoint::new(url.to_owned()));
        let metrics = line.split_whitespace().find(|word| word.ends_with("/metrics"));
        Self { child, endpoint, receiver, metrics: metrics.map(str::to_owned) }
    }

    /// Ends the server as an operator does; its log and exit code.
    #[cfg(unix)]
    pub(crate) async fn end(mut self) -> (String, Option<i32>) {
        use tokio::io::AsyncReadExt as _;

        let id = self.child.id().unwrap().to_string();
        Command::new("kill").args(["-TERM", &id]).status().await.unwrap();
        let code = self.child.wait().await.unwrap().code();
        let mut log = String::new();
        self.child.stderr.take().unwrap().read_to_string(&mut log).await.unwrap();
        (log, code)
    }
}

impl Endpoint {
    pub(crate) fn new(url: String) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        Self { url, client: Client::builder().no_proxy().build().unwrap() }
    }

    pub(crate) fn post(&self, path: &str, body: impl ToString) -> RequestBuilder {
        self.client
            .post(format!("{}{path}", self.url))
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .body(body.to_string())
    }

    /// A request of the stateless revision.
    pub(crate) fn stateless(&self, method: &str, mut params: Value) -> RequestBuilder {
        params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2026-07-28");
        params["_meta"]["io.modelcontextprotocol/clientCapabilities"] = json!({});
        let name = params["name"].as_str().unwrap_or_default().to_owned();
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        self.post("/mcp", request)
            .header("mcp-protocol-version", "2026-07-28")
            .header("mcp-method", method)
            .header("mcp-name", name)
    }

    pub(crate) fn call(&self, tool: &str, arguments: Value) -> RequestBuilder {
        self.stateless("tools/call", json!({ "name": tool, "arguments": arguments }))
    }

    /// Opens a session of an older revision, and returns its id.
    pub(crate) async fn session(&self) -> Result<String, u16> {
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
}

/// The JSON-RPC message in an answer, be it JSON or an event.
pub(crate) async fn message(answer: Response) -> Value {
    let text = answer.text().await.unwrap();
    let json =
        text.lines().find_map(|line| line.strip_prefix("data: {")).map(|rest| format!("{{{rest}"));
    serde_json::from_str(&json.unwrap_or_else(|| text.clone())).unwrap_or_else(|_| panic!("{text}"))
}

pub(crate) async fn status(request: RequestBuilder) -> u16 {
    request.send().await.unwrap().status().as_u16()
}

/// An open HTTP+SSE stream.
pub(crate) struct Events {
    pub(crate) stream: Response,
    pub(crate) read: String,
    pub(crate) target: String,
}

impl Events {
    pub(crate) async fn open(http: &Endpoint) -> Result<Self, u16> {
        let stream = http.client.get(format!("{}/sse", http.url)).send().await.unwrap();
        if !stream.status().is_success() {
            return Err(stream.status().as_u16());
        }
        let mut events = Self { stream, read: String::new(), target: String::new() };
        events.target = events.next("endpoint").await;
        Ok(events)
    }

    /// The data of the next event, which must be of this kind.
    pub(crate) async fn next(&mut self, kind: &str) -> String {
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

    pub(crate) async fn request(&mut self, http: &Endpoint, method: &str, params: Value) -> Value {
        let request = json!({ "jsonrpc": "2.0", "id": 1, "method": method, "params": params });
        assert_eq!(status(http.post(&self.target, request)).await, 202);
        serde_json::from_str(&self.next("message").await).unwrap()
    }

    pub(crate) async fn initialize(&mut self, http: &Endpoint) {
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

/// The parameters of a call that lists one user.
pub(crate) fn one_user() -> Value {
    json!({ "name": "clerk_list_users", "arguments": { "limit": 1 } })
}
