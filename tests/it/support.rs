//! A scripted upstream in Clerk's place, and a client connected to a server in front of it.

use std::{
    sync::{Arc, Mutex},
    time::Duration,
};

use clerk_api::{ClientConfig, RateLimit, SecretKey};
use clerk_mcp::{
    Clerk, Server, Settings,
    ctx::{NoKey, USER_AGENT},
    guard::Guard,
};
use rmcp::{
    ClientHandler, RoleClient, ServiceExt,
    model::{CallToolRequestParams, CallToolResult, JsonObject},
    service::RunningService,
};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};

/// How many tools there are.
pub(crate) const TOOLS: usize = 31;

/// The key that the servers under test have: to be found nowhere but in a request's header.
pub(crate) const KEY: &str = "sk_test_KeyThatMustNotLeak42";

/// A request as the upstream saw it.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Seen {
    pub(crate) method: String,
    /// The path with its query, below `/v1`.
    pub(crate) path: String,
    pub(crate) headers: String,
    pub(crate) body: Option<Value>,
}

/// What the upstream does with a request.
#[derive(Clone, Debug)]
pub(crate) enum Script {
    /// Answers with a status, further header lines and a body.
    Answer(u16, &'static str, String),
    /// Announces a longer body than it sends, and closes.
    Cut(u16, String),
    /// Closes without an answer.
    Reset,
    /// Sends the head of an answer and an endless body.
    Endless,
    /// Answers 200 with this body after so many milliseconds.
    Slow(u64, &'static str),
    /// Never answers.
    Hang,
}

impl Script {
    pub(crate) fn json(status: u16, body: &Value) -> Self {
        Self::Answer(status, "content-type: application/json", body.to_string())
    }

    /// An answer in Clerk's form to a request that it refuses.
    pub(crate) fn refusal(status: u16, headers: &'static str, code: &str) -> Self {
        let error = json!({ "code": code, "message": "short", "long_message": format!("Long text of {code}.") });
        Self::Answer(
            status,
            headers,
            json!({ "errors": [error], "clerk_trace_id": "trace_1" }).to_string(),
        )
    }
}

/// A server in Clerk's place that does what a function says and remembers what it was asked.
#[derive(Clone)]
pub(crate) struct Upstream {
    pub(crate) url: String,
    seen: Arc<Mutex<Vec<Seen>>>,
    open: Arc<Mutex<usize>>,
}

impl Upstream {
    /// An upstream whose function gets each request and how many came before it.
    pub(crate) async fn start(
        script: impl Fn(&Seen, usize) -> Script + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let upstream = Self { url, seen: Arc::default(), open: Arc::default() };
        let (script, this) = (Arc::new(script), upstream.clone());
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                let (script, this) = (script.clone(), this.clone());
                tokio::spawn(async move {
                    *this.open.lock().unwrap() += 1;
                    this.serve(stream, &*script).await;
                    *this.open.lock().unwrap() -= 1;
                });
            }
        });
        upstream
    }

    /// An upstream that does the same with every request.
    pub(crate) async fn always(script: Script) -> Self {
        Self::start(move |_, _| script.clone()).await
    }

    /// What it was asked so far.
    pub(crate) fn seen(&self) -> Vec<Seen> {
        self.seen.lock().unwrap().clone()
    }

    /// How many connections are open.
    pub(crate) fn open(&self) -> usize {
        *self.open.lock().unwrap()
    }

    /// Waits until something holds, at most two seconds.
    pub(crate) async fn until(&self, condition: impl Fn(&Self) -> bool) {
        for _ in 0..200 {
            if condition(self) {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("it did not come to that within 2 s");
    }

    async fn serve(
        &self,
        mut stream: TcpStream,
        script: &(dyn Fn(&Seen, usize) -> Script + Send + Sync),
    ) {
        let Some(seen) = read_request(&mut stream).await else { return };
        let script = {
            let mut all = self.seen.lock().unwrap();
            let script = script(&seen, all.len());
            all.push(seen);
            script
        };
        let head = |status: u16, headers: &str, length: usize| {
            let headers = if headers.is_empty() { String::new() } else { format!("{headers}\r\n") };
            format!(
                "HTTP/1.1 {status} X\r\n{headers}content-length: {length}\r\nconnection: close\r\n\r\n"
            )
        };
        match script {
            Script::Answer(status, headers, body) => {
                let answer = head(status, headers, body.len()) + &body;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
            Script::Cut(status, body) => {
                let answer = head(status, "", body.len() + 100) + &body;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
            Script::Reset => {}
            Script::Endless => {
                let _ = stream.write_all(head(200, "", usize::MAX >> 1).as_bytes()).await;
                while stream.write_all(&[b' '; 1 << 14]).await.is_ok() {}
            }
            Script::Slow(ms, body) => {
                tokio::time::sleep(Duration::from_millis(ms)).await;
                let answer = head(200, "", body.len()) + body;
                let _ = stream.write_all(answer.as_bytes()).await;
            }
            Script::Hang => {
                // Until the client goes away.
                let _ = stream.read(&mut [0]).await;
            }
        }
    }
}

async fn read_request(stream: &mut TcpStream) -> Option<Seen> {
    let mut bytes = Vec::new();
    loop {
        let text = String::from_utf8_lossy(&bytes);
        if let Some((head, body)) = text.split_once("\r\n\r\n") {
            let (line, headers) = head.split_once("\r\n")?;
            let length = headers
                .lines()
                .find_map(|line| line.strip_prefix("content-length: ")?.parse().ok())
                .unwrap_or(0);
            if body.len() >= length {
                let mut words = line.split(' ');
                let method = words.next()?.to_owned();
                let path = words.next()?.strip_prefix("/v1")?.to_owned();
                // A form is none.
                let body = serde_json::from_str(body).ok();
                return Some(Seen { method, path, headers: headers.to_owned(), body });
            }
        }
        if stream.read_buf(&mut bytes).await.ok()? == 0 {
            return None;
        }
    }
}

/// A text as the server's own key.
pub(crate) fn key(text: &str) -> Result<SecretKey, NoKey> {
    Ok(SecretKey::parse(text)?)
}

/// The settings of a client that talks to `url` and waits at most a second.
pub(crate) fn settings(url: &str) -> Settings {
    Settings {
        api: ClientConfig {
            timeout: Duration::from_secs(1),
            rate_limit: RateLimit::Off,
            ..ClientConfig::new(url.parse().unwrap(), USER_AGENT)
        },
        key: key(KEY),
        upload_folder: None,
    }
}

/// The settings of a client that waits longer than a busy machine needs.
pub(crate) fn patient(url: &str) -> Settings {
    let mut settings = settings(url);
    settings.api.timeout = Duration::from_secs(10);
    settings
}

/// A client connected to a server that talks to `url`.
pub(crate) async fn client(url: &str) -> Client {
    connect(Server::new(Clerk::new(settings(url)), Guard::default())).await
}

/// A client connected to `server`.
pub(crate) async fn connect(server: Server) -> Client {
    connect_as((), server).await
}

/// A client connected to `server`, in which `handler` answers what the server asks.
pub(crate) async fn connect_as<H: ClientHandler>(handler: H, server: Server) -> Client<H> {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    tokio::spawn(async move { server.serve(ours).await.unwrap().waiting().await });
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
