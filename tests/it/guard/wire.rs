//! JSON-RPC by hand, line by line, with a server in this process or with the binary.

use std::process::Stdio;

use clerk_mcp::{McpServer, Server};
use rmcp::ServiceExt;
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader, Lines},
    process::{Child, Command},
};

use crate::support::PATIENCE;

type Input = Box<dyn AsyncWrite + Send + Unpin>;
type Output = Box<dyn AsyncRead + Send + Unpin>;

/// A connection to a server.
pub(crate) struct Wire {
    input: Input,
    output: Lines<BufReader<Output>>,
    id: u64,
}

impl Wire {
    fn new(input: Input, output: Output) -> Self {
        Self { input, output: BufReader::new(output).lines(), id: 0 }
    }

    /// To a server in this process.
    pub(crate) fn to(server: Server) -> Self {
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        tokio::spawn(
            async move { McpServer::new(server).serve(ours).await.unwrap().waiting().await },
        );
        let (output, input) = tokio::io::split(theirs);
        Self::new(Box::new(input), Box::new(output))
    }

    pub(crate) async fn write(&mut self, message: &Value) -> std::io::Result<()> {
        self.input.write_all(format!("{message}\n").as_bytes()).await
    }

    /// Sends a request and returns its id.
    pub(crate) async fn send(&mut self, method: &str, params: Value) -> std::io::Result<u64> {
        self.id += 1;
        let request =
            json!({ "jsonrpc": "2.0", "id": self.id, "method": method, "params": params });
        self.write(&request).await.map(|()| self.id)
    }

    /// The next line, or `None` at the end.
    pub(crate) async fn line(&mut self) -> Option<String> {
        let line = tokio::time::timeout(PATIENCE, self.output.next_line());
        line.await.expect("no line").ok()?
    }

    /// The next message, or `None` at the end.
    pub(crate) async fn receive(&mut self) -> Option<Value> {
        let line = self.line().await?;
        Some(serde_json::from_str(&line).unwrap_or_else(|_| panic!("not MCP: {line}")))
    }

    pub(crate) async fn request(&mut self, method: &str, params: Value) -> Value {
        let id = self.send(method, params).await.unwrap();
        let answer = self.receive().await.expect("an answer");
        assert_eq!(answer["id"], id, "{answer}");
        answer
    }

    pub(crate) async fn initialize(&mut self, name: &str, version: &str) {
        let client = json!({ "name": name, "version": version });
        let params =
            json!({ "protocolVersion": "2025-11-25", "capabilities": {}, "clientInfo": client });
        self.request("initialize", params).await;
        self.write(&json!({ "jsonrpc": "2.0", "method": "notifications/initialized" }))
            .await
            .unwrap();
    }

    /// Calls a tool and returns the JSON in its text, be it a success or an error.
    pub(crate) async fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let answer =
            self.request("tools/call", json!({ "name": tool, "arguments": arguments })).await;
        let text = answer["result"]["content"][0]["text"].as_str();
        serde_json::from_str(text.unwrap_or_else(|| panic!("{answer}"))).unwrap()
    }
}

/// The binary over stdio.
pub(crate) struct Binary {
    pub(crate) child: Child,
    pub(crate) wire: Wire,
}

impl Binary {
    pub(crate) async fn start(arguments: &[&str], url: &str, key: &str) -> Self {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clerk-mcp"));
        command.args(arguments).env("CLERK_API_URL", url).env("CLERK_SECRET_KEY", key);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.kill_on_drop(true).spawn().unwrap();
        let (input, output) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut wire = Wire::new(Box::new(input), Box::new(output));
        wire.initialize("tests", "1.2").await;
        Self { child, wire }
    }
}
