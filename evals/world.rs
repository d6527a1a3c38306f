//! Where a task runs: a sandbox, a server in front of it, and an MCP client.

use axum::{middleware, serve::ListenerExt as _};
use clerk_mcp::{Clerk, McpServer, Server, ServerOptions, config::Config};
use clerk_sandbox::{KEY, Sandbox};
use reqwest::{Client, Method};
use rmcp::{
    RoleClient, ServiceExt,
    model::{CallToolRequestParams, JsonObject},
    service::RunningService,
};
use serde_json::Value;
use tokio::net::TcpListener;

use crate::{
    Fallible,
    stand_in::{self, StandIn},
    task::{Setup, Task},
};

/// A running sandbox with a server, for one task.
pub(crate) struct World {
    url: String,
    http: Client,
    client: RunningService<RoleClient, ()>,
    pub(crate) extras: StandIn,
}

/// The result of a call.
#[derive(Debug)]
pub(crate) struct Answered {
    pub(crate) text: String,
    pub(crate) is_error: bool,
}

impl World {
    /// A world as the task describes it.
    pub(crate) async fn of(task: &Task) -> Fallible<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let url = format!("http://{}", listener.local_addr()?);
        let config = config(task)?;
        let extras = StandIn::new(task.sandbox.extras.clone());
        let plain = config.sandbox();
        let sandbox = if task.sandbox.incidents { plain.with_incidents()? } else { plain };
        let router = Sandbox::new(sandbox)
            .router()
            .layer(middleware::from_fn_with_state(extras.clone(), stand_in::serve));
        let listener = listener.tap_io(|connection| {
            // Without it, only the speed suffers.
            let _ = connection.set_nodelay(true);
        });
        tokio::spawn(axum::serve(listener, router).into_future());
        let mut settings = config.clerk();
        settings.api.base_url = url.parse()?;
        let server = Server::new(ServerOptions {
            max_answer_tokens: config.max_answer_tokens(),
            ..ServerOptions::new(Clerk::new(settings), config.guard()?)
        });
        let (ours, theirs) = tokio::io::duplex(1 << 16);
        tokio::spawn(async move {
            if let Ok(server) = McpServer::new(server).serve(ours).await {
                let _ = server.waiting().await;
            }
        });
        // Fails only if one is installed already.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().no_proxy().build()?;
        let world = Self { url, http, client: ().serve(theirs).await?, extras };
        for Setup { method, path, body } in &task.sandbox.setup {
            world.send(method, path, body.as_ref()).await?;
        }
        Ok(world)
    }

    /// What the solver reads first: the server's instructions and its tools.
    pub(crate) async fn introduction(&self) -> Fallible<(String, Value)> {
        let instructions = self.client.peer_info().and_then(|info| info.instructions.clone());
        let tools = serde_json::to_value(self.client.list_all_tools().await?)?;
        Ok((instructions.unwrap_or_default(), tools))
    }

    /// Calls a tool, and returns the text that a model would read, even if the call fails.
    pub(crate) async fn call(&self, name: &str, arguments: JsonObject) -> Answered {
        let params = CallToolRequestParams::new(name.to_owned()).with_arguments(arguments);
        match self.client.call_tool(params).await {
            Ok(result) => {
                let texts = result.content.iter().filter_map(|content| content.as_text());
                let texts: Vec<&str> = texts.map(|text| text.text.as_str()).collect();
                Answered { text: texts.join("\n"), is_error: result.is_error == Some(true) }
            }
            Err(error) => Answered { text: error.to_string(), is_error: true },
        }
    }

    /// The sandbox's response to a path below `/v1`, without the server. Null if it is 404.
    pub(crate) async fn get(&self, path: &str) -> Fallible<Value> {
        let url = format!("{}/v1{path}", self.url);
        let response = self.http.get(url).bearer_auth(KEY).send().await?;
        match response.status().as_u16() {
            200 => Ok(serde_json::from_slice(&response.bytes().await?)?),
            404 => Ok(Value::Null),
            status => Err(format!("GET {path}: {status}").into()),
        }
    }

    async fn send(&self, method: &str, path: &str, body: Option<&Value>) -> Fallible<()> {
        let url = format!("{}/v1{path}", self.url);
        let mut request = self.http.request(Method::from_bytes(method.as_bytes())?, url);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body.to_string());
        }
        let response = request.bearer_auth(KEY).send().await?;
        if response.status().is_success() {
            return Ok(());
        }
        let status = response.status();
        Err(format!("setup: {method} {path}: {status} {}", response.text().await?).into())
    }
}

/// The configuration that the task's options give on the command line.
fn config(task: &Task) -> Fallible<Config> {
    let sandbox = &task.sandbox;
    let options = [
        "clerk-mcp".to_owned(),
        "--sandbox".to_owned(),
        format!("--users={}", sandbox.users),
        format!("--seed={}", sandbox.seed),
    ];
    let options = options.into_iter().chain(task.options.iter().cloned());
    Ok(Config::read(options.map(Into::into))?)
}
