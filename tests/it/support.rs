//! A client connected to a server in front of a scripted upstream in Clerk's place.

use std::{sync::mpsc, time::Duration};

use clerk_api::{ClientConfig, RateLimit, SecretKey};
use clerk_mcp::{
    Clerk, McpServer, Server, ServerOptions, Settings,
    ctx::{NoKey, USER_AGENT},
    guard::Guard,
};
use rmcp::{
    ClientHandler, RoleClient, ServiceExt,
    model::{CallToolRequestParams, CallToolResult, JsonObject},
    service::RunningService,
};
use serde_json::{Value, json};
pub(crate) use testing::{PATIENCE, Script, Seen, Upstream, eventually};

/// How many tools there are.
pub(crate) const TOOLS: usize = 33;

/// The key that the servers under test have: to be found nowhere but in a request's header.
pub(crate) const KEY: &str = "sk_test_KeyThatMustNotLeak42";

/// A text as the server's own key.
pub(crate) fn key(text: &str) -> Result<SecretKey, NoKey> {
    SecretKey::parse(text).map_err(|_| NoKey)
}

/// The runtime's clock, stopped. It continues when a test says so; a clock that is only paused also
/// does whenever all tasks wait, be it for a socket.
pub(crate) struct StoppedClock {
    _stopping: mpsc::Sender<()>,
}

impl StoppedClock {
    pub(crate) fn new() -> Self {
        tokio::time::pause();
        let (stopping, stopped) = mpsc::channel();
        // tokio leaves the clock alone as long as a blocking task runs.
        tokio::task::spawn_blocking(move || stopped.recv());
        Self { _stopping: stopping }
    }

    /// Lets happen what takes no time, what is on its way through a socket among it, and continues.
    pub(crate) async fn advance(&self, time: Duration) {
        for _ in 0..10 {
            let pause = || std::thread::sleep(Duration::from_millis(1));
            tokio::task::spawn_blocking(pause).await.unwrap();
        }
        // Timers are rounded up to whole milliseconds.
        tokio::time::advance(time + Duration::from_millis(1)).await;
    }
}

/// The settings of a client that talks to `url` and waits as long as a call may take.
pub(crate) fn settings(url: &str) -> Settings {
    Settings {
        api: ClientConfig {
            timeout: PATIENCE,
            rate_limit: RateLimit::Off,
            ..ClientConfig::new(url.parse().unwrap(), USER_AGENT)
        },
        key: key(KEY),
        profile: None,
        other_secrets: Vec::new(),
        upload_folder: None,
    }
}

/// A client connected to a server that talks to `url`.
pub(crate) async fn client(url: &str) -> Client {
    connect(Server::new(ServerOptions::new(Clerk::new(settings(url)), Guard::default()))).await
}

/// A client connected to `server`.
pub(crate) async fn connect(server: Server) -> Client {
    connect_as((), server).await
}

/// A client connected to `server`, in which `handler` answers what the server asks.
pub(crate) async fn connect_as<H: ClientHandler>(handler: H, server: Server) -> Client<H> {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    tokio::spawn(async move { McpServer::new(server).serve(ours).await.unwrap().waiting().await });
    Client(handler.serve(theirs).await.unwrap())
}

/// An MCP client.
pub(crate) struct Client<H: ClientHandler = ()>(pub(crate) RunningService<RoleClient, H>);

impl<H: ClientHandler> Client<H> {
    /// Calls a tool and returns what came back.
    pub(crate) async fn result(&self, tool: &str, arguments: &Value) -> CallToolResult {
        let call = CallToolRequestParams::new(tool.to_owned()).with_arguments(object(arguments));
        let result = self.0.call_tool(call).await.unwrap_or_else(|error| panic!("{tool}: {error}"));
        assert!(!serde_json::to_string(&result).unwrap().contains(KEY), "{tool} leaks the key");
        result
    }

    /// Calls a tool that succeeds, and returns its structured content.
    pub(crate) async fn call(&self, tool: &str, arguments: &Value) -> Value {
        let result = self.result(tool, arguments).await;
        assert_ne!(result.is_error, Some(true), "{tool} {arguments}: {}", text(&result));
        result.structured_content.unwrap()
    }

    /// Calls a tool that fails, and returns the `error` in its text.
    pub(crate) async fn error(&self, tool: &str, arguments: &Value) -> Value {
        let result = self.result(tool, arguments).await;
        assert_eq!(result.is_error, Some(true), "{tool} {arguments}: {}", text(&result));
        assert_eq!(result.structured_content, None, "{tool}: errors are text only");
        let report: Value = serde_json::from_str(text(&result)).unwrap();
        assert_eq!(report["success"], json!(false));
        report["error"].clone()
    }
}

/// The one text block of a result.
pub(crate) fn text(result: &CallToolResult) -> &str {
    assert_eq!(result.content.len(), 1);
    &result.content[0].as_text().unwrap().text
}

/// A JSON object as tools take it.
pub(crate) fn object(value: &Value) -> JsonObject {
    value.as_object().unwrap().clone()
}
