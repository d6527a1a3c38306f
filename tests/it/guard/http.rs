//! The binary over HTTP, asked in the stateless revision or in a session.

use std::{
    process::Stdio,
    sync::atomic::{AtomicU64, Ordering},
};

use reqwest::{Client, RequestBuilder};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::support::KEY;

pub(super) struct Http {
    _child: Option<Child>,
    url: String,
    client: Client,
    id: AtomicU64,
}

impl Http {
    /// A server with a test key in front of the Clerk at `clerk`.
    pub(super) async fn start(options: &[&str], clerk: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
        command.args(["http", "--listen", "127.0.0.1:0"]).args(options);
        command.env("CLERK_SECRET_KEY", KEY).env("CLERK_API_URL", clerk);
        command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.kill_on_drop(true).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(child.stdout.take().unwrap()).read_line(&mut line).await.unwrap();
        let url = line.split_whitespace().find(|it| it.starts_with("http://")).unwrap();
        let url = format!("{}/mcp", url.trim_end_matches('/'));
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().build().unwrap();
        Self { _child: Some(child), url, client, id: AtomicU64::default() }
    }

    /// The same server, reached from another address.
    #[cfg(target_os = "linux")]
    pub(super) fn from(&self, address: impl Into<std::net::IpAddr>) -> Self {
        let client = Client::builder().no_proxy().local_address(address.into()).build().unwrap();
        Self { _child: None, url: self.url.clone(), client, id: AtomicU64::default() }
    }

    fn post(&self, method: &str, params: Value) -> RequestBuilder {
        let id = self.id.fetch_add(1, Ordering::Relaxed);
        let request = json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params });
        self.client
            .post(&self.url)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .body(request.to_string())
    }

    /// Opens a session, and returns its id.
    pub(super) async fn session(&self) -> String {
        let client = json!({ "name": "test", "version": "1" });
        let params =
            json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
        let response = self.post("initialize", params).send().await.unwrap();
        response.headers()["mcp-session-id"].to_str().unwrap().to_owned()
    }

    /// Calls a tool in a session, and returns the JSON in the result's text.
    pub(super) async fn in_session(&self, session: &str, tool: &str, arguments: &Value) -> Value {
        let call = self.post("tools/call", json!({ "name": tool, "arguments": arguments }));
        text(call.header("mcp-session-id", session)).await
    }

    /// Calls a tool as a client of this name, with a key of its own if it has one, and returns
    /// the JSON in the result's text.
    pub(super) async fn call(
        &self,
        client: &str,
        key: Option<&str>,
        tool: &str,
        arguments: &Value,
    ) -> Value {
        let meta = json!({
            "io.modelcontextprotocol/protocolVersion": "2026-07-28",
            "io.modelcontextprotocol/clientCapabilities": {},
            "io.modelcontextprotocol/clientInfo": { "name": client, "version": "1" },
        });
        let params = json!({ "name": tool, "arguments": arguments, "_meta": meta });
        let mut post = self
            .post("tools/call", params)
            .header("mcp-protocol-version", "2026-07-28")
            .header("mcp-method", "tools/call")
            .header("mcp-name", tool);
        if let Some(key) = key {
            post = post.header("x-clerk-secret-key", key);
        }
        text(post).await
    }
}

/// The JSON in the text of a call's result.
async fn text(call: RequestBuilder) -> Value {
    let answer = call.send().await.unwrap().text().await.unwrap();
    // JSON or an event.
    let json =
        answer.lines().find_map(|line| line.strip_prefix("data: ").filter(|data| data.len() > 2));
    let answer: Value = serde_json::from_str(json.unwrap_or(&answer)).unwrap();
    let text = answer["result"]["content"][0]["text"].as_str();
    serde_json::from_str(text.unwrap_or_else(|| panic!("{answer}"))).unwrap()
}
