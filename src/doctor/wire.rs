//! HTTP, and MCP over it and in this process: a handshake and the list of tools.

use std::time::Duration;

use clerk_api::{Client, ClientConfig, Error as ApiError, RetryPolicy};
use reqwest::{
    Body, Method, Request, Url,
    header::{ACCEPT, CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue, USER_AGENT},
};
use serde_json::{Value, json};
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};

use super::{Examination, Finding, VERSION};
use crate::{
    Clerk, McpServer, ServerOptions, Settings,
    clients::Server,
    ctx::{self, NoKey},
    mcp::transport::serve_stdio_on,
    tokens,
};

/// How long a host that need not be there may take.
pub(super) const SHORT: Duration = Duration::from_secs(2);
/// How long another one may take.
pub(super) const USUAL: Duration = Duration::from_secs(5);
/// How much of a response is read, in bytes.
const LARGEST: usize = 8 << 20;
/// A revision that every client and server speaks.
const REVISION: &str = "2025-06-18";
const SESSION: &str = "mcp-session-id";

/// A response.
pub(super) struct Got {
    pub(super) status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: String,
}

impl Got {
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }
}

/// Sends one request, and reads at most 8 MiB of the response. Of one that doesn't end, what came
/// within the time limit is the body.
pub(super) async fn fetch(
    method: Method,
    url: &Url,
    headers: &[(&str, &str)],
    body: Option<&Value>,
    limit: Duration,
) -> Result<Got, ApiError> {
    let mut config = ClientConfig::new(url.clone(), ctx::USER_AGENT);
    (config.timeout, config.connect_timeout, config.retry) = (limit, limit, RetryPolicy::NEVER);
    let mut request = Request::new(method, url.clone());
    let header = |name: &str, value: &str| {
        let name = HeaderName::from_bytes(name.as_bytes()).ok()?;
        let mut value = HeaderValue::from_str(value).ok()?;
        value.set_sensitive(true);
        Some((name, value))
    };
    let own = request.headers_mut();
    own.insert(USER_AGENT, HeaderValue::from_static(ctx::USER_AGENT));
    own.extend(headers.iter().filter_map(|(name, value)| header(name, value)));
    if let Some(body) = body {
        own.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
        *request.body_mut() = Some(Body::from(body.to_string()));
    }
    let mut response = Client::new(config).send_plain(request).await?;
    let (status, headers) = (response.status().as_u16(), response.headers().clone());
    let mut bytes = Vec::new();
    let is_stream = is_stream(&headers);
    let read = async {
        while let Ok(Some(chunk)) = response.chunk().await {
            bytes.extend_from_slice(&chunk);
            // An event ends with an empty line, and one is all that is waited for.
            let is_event = is_stream && bytes.windows(2).any(|pair| pair == b"\n\n");
            if bytes.len() > LARGEST || is_event && has_data(&bytes) {
                break;
            }
        }
    };
    let _ = tokio::time::timeout(limit, read).await;
    Ok(Got { status, headers, body: String::from_utf8_lossy(&bytes).into_owned() })
}

/// Why a host that isn't Clerk's gave no response.
pub(super) fn why(error: &ApiError) -> String {
    match error {
        ApiError::Timeout(limit) => format!("it doesn't respond within {} s", limit.as_secs()),
        ApiError::Interrupted(reason) => format!("the connection broke: {reason}"),
        error => error.to_string(),
    }
}

fn is_stream(headers: &HeaderMap) -> bool {
    let kind = headers.get(CONTENT_TYPE).and_then(|value| value.to_str().ok());
    kind.is_some_and(|kind| kind.starts_with("text/event-stream"))
}

/// Whether an event with content is among those that have arrived.
fn has_data(bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    text.split("\n\n").any(|event| data(event).is_some_and(|data| !data.trim().is_empty()))
        && text.ends_with("\n\n")
}

fn data(event: &str) -> Option<String> {
    let lines: Vec<&str> = event.lines().filter_map(|line| line.strip_prefix("data:")).collect();
    (!lines.is_empty()).then(|| lines.join("\n"))
}

/// The messages in a body, be it JSON or a stream of events.
fn messages(body: &str) -> Vec<Value> {
    let events = body.split("\n\n").filter_map(data);
    let all = std::iter::once(body.to_owned()).chain(events);
    all.filter_map(|text| serde_json::from_str(&text).ok()).collect()
}

fn request(id: u32, method: &str) -> Value {
    let params = match method {
        "initialize" => json!({
            "protocolVersion": REVISION,
            "capabilities": {},
            "clientInfo": { "name": "clerk-mcp doctor", "version": VERSION },
        }),
        _ => json!({}),
    };
    json!({ "jsonrpc": "2.0", "id": id, "method": method, "params": params })
}

fn initialized() -> Value {
    json!({ "jsonrpc": "2.0", "method": "notifications/initialized" })
}

/// The result in the response to a request.
fn result(messages: &[Value], id: u32) -> Option<&Value> {
    messages.iter().find(|message| message.get("id") == Some(&json!(id)))?.get("result")
}

/// How many tools a list has, and what they cost in tokens.
fn cost(list: &Value) -> Option<(usize, usize)> {
    let tools = list.get("tools")?.as_array()?;
    let seen = |tool: &Value| {
        let field = |name: &str| tool.get(name).cloned().unwrap_or_default();
        let (name, about, input) = (field("name"), field("description"), field("inputSchema"));
        tokens::of(&json!({ "name": name, "description": about, "inputSchema": input }))
    };
    Some((tools.len(), tools.iter().map(seen).sum()))
}

fn listed(tools: usize, tokens: usize) -> String {
    format!("lists {tools} tools, which cost a model at most {tokens} tokens")
}

/// A handshake with the server that the configuration here asks for.
pub(super) async fn in_process(examination: &mut Examination) {
    const ID: &str = "mcp.server";
    // What is wrong with the configuration was said before.
    let Some(config) = &examination.config else { return };
    let Ok(guard) = config.guard() else { return };
    let key = config.key_at_rest().ok().and_then(|found| found.key).ok_or(NoKey);
    let settings = Settings { key, ..config.clerk() };
    let server = crate::Server::new(ServerOptions::new(Clerk::new(settings), guard));
    let tried = tokio::time::timeout(USUAL, over_lines(McpServer::new(server))).await;
    examination.add(if let Some((tools, tokens)) = tried.ok().flatten() {
        Finding::ok(ID, format!("the server {}", listed(tools, tokens)))
    } else {
        let remedy = "report it with the output of `clerk-mcp doctor --json`";
        Finding::error(ID, "the server doesn't complete a handshake in this process", remedy)
    });
}

async fn over_lines(server: McpServer) -> Option<(usize, usize)> {
    let (ours, theirs) = tokio::io::duplex(1 << 16);
    let (input, output) = tokio::io::split(theirs);
    let serving = tokio::spawn(async move { serve_stdio_on(server, input, output).await });
    let (answers, mut questions) = tokio::io::split(ours);
    let mut answers = BufReader::new(answers).lines();
    for message in [request(1, "initialize"), initialized(), request(2, "tools/list")] {
        questions.write_all(format!("{message}\n").as_bytes()).await.ok()?;
    }
    let mut all = Vec::new();
    while result(&all, 2).is_none() {
        all.push(serde_json::from_str(&answers.next_line().await.ok()??).ok()?);
    }
    serving.abort();
    result(&all, 1)?;
    cost(result(&all, 2)?)
}

/// A handshake with a server that runs already, at the address of a client's entry. Its headers go
/// along: the address is on this machine.
pub(super) async fn over_http(
    id: &str,
    server: &Server,
    is_whole: &dyn Fn(&str) -> bool,
) -> Finding {
    let shown = |url: &Url| {
        let port = url.port().map_or_else(String::new, |port| format!(":{port}"));
        format!("{}://{}{port}{}", url.scheme(), url.host_str().unwrap_or_default(), url.path())
    };
    let Some(url) = server.url.as_deref().and_then(|url| Url::parse(url).ok()) else {
        return Finding::error(
            id,
            "the address isn't a URL",
            "write it as http://127.0.0.1:7331/mcp",
        );
    };
    let address = shown(&url);
    let headers = server.headers.iter().filter(|(_, value)| is_whole(value));
    let headers: Vec<(&str, &str)> =
        headers.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    let is_old = url.path().trim_end_matches('/') == "/sse";
    let tried = if is_old { stream(&url, &headers).await } else { session(&url, &headers).await };
    match tried {
        Ok(Some((tools, tokens))) => {
            Finding::ok(id, format!("the server at {address} {}", listed(tools, tokens)))
        }
        Ok(None) => Finding::ok(id, format!("the server at {address} opens a stream")),
        Err(Failed::Connection(error)) => Finding::error(
            id,
            format!("no server runs at {address}: {}", why(&error)),
            "start it with `clerk-mcp http`, or correct the address",
        ),
        Err(Failed::Status(401)) if headers.len() < server.headers.len() => {
            let what =
                format!("the server at {address} needs its bearer token, which isn't known here");
            Finding::note(id, what)
        }
        Err(Failed::Status(401)) => Finding::error(
            id,
            format!("the server at {address} doesn't accept the bearer token of the entry"),
            "set the header Authorization: Bearer … to the token in CLERK_MCP_HTTP_TOKEN",
        ),
        Err(Failed::Status(status)) => Finding::error(
            id,
            format!("the server at {address} responds with {status}, not as an MCP server does"),
            "end the program that uses the port, or correct the address",
        ),
    }
}

enum Failed {
    Connection(ApiError),
    Status(u16),
}

async fn stream(url: &Url, headers: &[(&str, &str)]) -> Result<Option<(usize, usize)>, Failed> {
    let headers = [headers, &[(ACCEPT.as_str(), "text/event-stream")]].concat();
    let got = fetch(Method::GET, url, &headers, None, USUAL).await.map_err(Failed::Connection)?;
    if got.status == 200 && got.body.contains("event: endpoint") {
        Ok(None)
    } else {
        Err(Failed::Status(got.status))
    }
}

async fn session(url: &Url, headers: &[(&str, &str)]) -> Result<Option<(usize, usize)>, Failed> {
    let headers = [headers, &[(ACCEPT.as_str(), "application/json, text/event-stream")]].concat();
    let first = Some(request(1, "initialize"));
    let got = fetch(Method::POST, url, &headers, first.as_ref(), USUAL).await;
    let got = got.map_err(Failed::Connection)?;
    if got.status != 200 || result(&messages(&got.body), 1).is_none() {
        return Err(Failed::Status(got.status));
    }
    let session = got.header(SESSION).map(str::to_owned);
    let mut headers = headers;
    headers.push(("mcp-protocol-version", REVISION));
    headers.extend(session.as_deref().map(|session| (SESSION, session)));
    let send = async |method, body: Option<Value>| {
        let got = fetch(method, url, &headers, body.as_ref(), USUAL).await;
        got.map_err(Failed::Connection)
    };
    send(Method::POST, Some(initialized())).await?;
    let got = send(Method::POST, Some(request(2, "tools/list"))).await?;
    let all = messages(&got.body);
    if session.is_some() {
        // The server ends sessions that nobody uses, too.
        let _ = send(Method::DELETE, None).await;
    }
    let cost = result(&all, 2).and_then(cost);
    cost.map(Some).ok_or(Failed::Status(got.status))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_response_is_found_in_json_and_in_a_stream_of_events() {
        let answer = json!({ "jsonrpc": "2.0", "id": 2, "result": { "tools": [{ "name": "a" }] } });
        let stream = format!("event: message\ndata: \n\nevent: message\ndata: {answer}\n\n");
        for body in [answer.to_string(), stream.clone()] {
            let all = messages(&body);
            let (tools, tokens) = cost(result(&all, 2).unwrap()).unwrap();
            assert!(tools == 1 && tokens > 0);
        }
        assert!(has_data(stream.as_bytes()) && !has_data(b"data: \n\n"));
    }
}
