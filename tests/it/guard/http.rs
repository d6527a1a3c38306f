//! The binary over HTTP, asked in the stateless revision.

use std::process::Stdio;

use reqwest::Client;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, BufReader},
    process::{Child, Command},
};

use crate::support::KEY;

pub(super) struct Http {
    _child: Child,
    url: String,
    client: Client,
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
        Self { _child: child, url, client: Client::builder().no_proxy().build().unwrap() }
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
        let request =
            json!({ "jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params });
        let mut post = self
            .client
            .post(&self.url)
            .header("content-type", "application/json")
            .header("accept", "application/json, text/event-stream")
            .header("mcp-protocol-version", "2026-07-28")
            .header("mcp-method", "tools/call")
            .header("mcp-name", tool)
            .body(request.to_string());
        if let Some(key) = key {
            post = post.header("x-clerk-secret-key", key);
        }
        let answer = post.send().await.unwrap().text().await.unwrap();
        // JSON or an event.
        let json =
            answer.lines().find_map(|it| it.strip_prefix("data: ").filter(|it| it.len() > 2));
        let answer: Value = serde_json::from_str(json.unwrap_or(&answer)).unwrap();
        let text = answer["result"]["content"][0]["text"].as_str();
        serde_json::from_str(text.unwrap_or_else(|| panic!("{answer}"))).unwrap()
    }
}
