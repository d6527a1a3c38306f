//! MCP over HTTP on one port: streamable HTTP at `/mcp` (stateless 2026-07-28, and sessions for
//! older revisions), HTTP+SSE at `/sse` and `/messages`, and two health routes.

use std::{io, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::{Body, Bytes},
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
    routing::get,
};
use clerk_api::{Request as ClerkRequest, Route};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use rmcp::{
    ServerHandler,
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
    },
};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{Mutex, OwnedSemaphorePermit, Semaphore},
};
use tokio_util::sync::CancellationToken;

use super::{
    access::{Access, Refused},
    sse,
    webhooks::{self, Webhooks},
};
use crate::Server;

/// The largest request body, in bytes.
const BODY_LIMIT: usize = 4 << 20;
/// How long a client may take to send a body.
const BODY_TIME: Duration = Duration::from_secs(30);
/// How long a connection may stand idle or send the head of a request.
const HEAD_TIME: Duration = Duration::from_mins(1);
/// How many connections may be open; further ones wait to be accepted.
const CONNECTIONS: usize = 2048;
/// How long a session of an older client lives without a message. Desktop clients keep one open
/// for as long as they run.
const SESSION_IDLE: Duration = Duration::from_hours(1);
/// How long calls under way may still take when the server is told to stop.
const GRACE: Duration = Duration::from_secs(3);
/// How long the last answers have to reach their streams before those are closed.
const ANSWERS_GO_OUT: Duration = Duration::from_millis(250);
/// How long a request that went well shows that Clerk is there and takes the key.
const GOOD_FOR: Duration = Duration::from_mins(1);
/// How long one that did not go well shows the contrary: whoever asks more often, asks Clerk no
/// more often.
const BAD_FOR: Duration = Duration::from_secs(5);

/// How much is served at once; what is beyond it is answered with 503 and `Retry-After`.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Sessions of clients that speak an older revision, those of HTTP+SSE apart.
    pub sessions: usize,
    /// Requests under way.
    pub requests: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { sessions: 1000, requests: 256 }
    }
}

/// What every request passes.
struct Gate {
    access: Access,
    limits: Limits,
    requests: Arc<Semaphore>,
    sessions: Arc<LocalSessionManager>,
    /// Cancelled once no new work is taken.
    closing: CancellationToken,
}

/// Serves `handler`, which answers for `server`, until `stop` resolves. Calls under way then have
/// three seconds; all is over within five.
///
/// # Errors
/// Whatever the listener fails with.
pub async fn serve<H: ServerHandler + Clone>(
    handler: H,
    server: &Server,
    listener: TcpListener,
    access: Access,
    limits: Limits,
    webhooks: Option<Webhooks>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let (closing, closed) = (CancellationToken::new(), CancellationToken::new());
    let mut router = router(handler, server, access, limits, &closing, &closed);
    let connections = GracefulShutdown::new();
    let apart = match webhooks {
        Some(Webhooks { secrets, events, listener }) => {
            // Behind none of what MCP demands: Clerk has neither our token nor a Host of ours.
            let receiver = webhooks::router(secrets, events);
            if let Some(listener) = listener {
                Some((listener, receiver))
            } else {
                router = router.merge(receiver);
                None
            }
        }
        None => None,
    };
    let accept_apart = async {
        match &apart {
            Some((listener, router)) => accept(listener, router, &connections).await,
            None => std::future::pending().await,
        }
    };
    tokio::select! {
        result = accept(&listener, &router, &connections) => return result,
        result = accept_apart => return result,
        () = stop => {}
    }
    drop((listener, apart));
    closing.cancel();
    server.drain(GRACE).await;
    tokio::time::sleep(ANSWERS_GO_OUT).await;
    closed.cancel();
    // What a client does not take in now, it will not.
    let _ = tokio::time::timeout(Duration::from_secs(1), connections.shutdown()).await;
    Ok(())
}

/// Accepts connections for ever. hyper is driven by hand since `axum::serve` bounds neither the
/// time that a request's head may take nor the number of connections.
async fn accept(
    listener: &TcpListener,
    router: &Router,
    connections: &GracefulShutdown,
) -> io::Result<()> {
    let places = Arc::new(Semaphore::new(CONNECTIONS));
    loop {
        let Ok(place) = places.clone().acquire_owned().await else { return Ok(()) };
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            // Out of descriptors, or a client that went away: neither ends the server.
            Err(error) => {
                tracing::warn!(%error, "a connection could not be accepted");
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        // With Nagle's algorithm an answer in events takes 40 ms more.
        let _ = stream.set_nodelay(true);
        let connection = http1::Builder::new()
            .timer(TokioTimer::new())
            .header_read_timeout(HEAD_TIME)
            .serve_connection(TokioIo::new(stream), TowerToHyperService::new(router.clone()));
        let connection = connections.watch(connection);
        tokio::spawn(async move {
            if let Err(error) = connection.await {
                tracing::debug!(%error, "a connection ended early");
            }
            drop(place);
        });
    }
}

fn router<H: ServerHandler + Clone>(
    handler: H,
    server: &Server,
    access: Access,
    limits: Limits,
    closing: &CancellationToken,
    closed: &CancellationToken,
) -> Router {
    let mut sessions = LocalSessionManager::default();
    sessions.session_config.keep_alive = Some(SESSION_IDLE);
    let sessions = Arc::new(sessions);
    let gate = Arc::new(Gate {
        access,
        limits,
        requests: Arc::new(Semaphore::new(limits.requests)),
        sessions: sessions.clone(),
        closing: closing.clone(),
    });
    // Host and Origin are checked for all routes alike, in `Access`.
    let config = StreamableHttpServerConfig::default()
        .disable_allowed_hosts()
        .disable_allowed_origins()
        .with_max_request_body_bytes(BODY_LIMIT)
        .with_cancellation_token(closed.clone());
    let readiness = Readiness { server: server.clone(), asking: Arc::default() };
    let events = sse::router(handler.clone(), limits.sessions, closed.clone());
    let streamable = StreamableHttpService::new(move || Ok(handler.clone()), sessions, config);
    Router::new()
        .nest_service("/mcp", streamable)
        .merge(events)
        .route("/healthz", get(async || "ok\n"))
        .route("/readyz", get(ready).with_state(readiness))
        .layer(middleware::from_fn_with_state(gate, pass))
}

/// The way of every request: may it come in, is there room for it, is it sound.
async fn pass(State(gate): State<Arc<Gate>>, request: Request, next: Next) -> Response {
    let request = match gate.access.admit(request) {
        Ok(request) => request,
        Err(refused) => return refused.into_response(),
    };
    if request.method() == Method::DELETE {
        // rmcp answers 202 to the end of a session, which the Python client takes for a failure.
        let mut answer = next.run(request).await;
        if answer.status() == StatusCode::ACCEPTED {
            *answer.status_mut() = StatusCode::NO_CONTENT;
        }
        return answer;
    }
    if request.method() != Method::POST {
        return next.run(request).await;
    }
    let begins_session = request.uri().path() == "/mcp" && begins_session(request.headers());
    let permit = match gate.make_room(begins_session).await {
        Ok(permit) => permit,
        Err(refused) => return refused.into_response(),
    };
    let request = match sound(request).await {
        Ok(request) => request,
        Err(refusal) => return refusal,
    };
    // The request is under way until its answer has gone out.
    next.run(request).await.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _under_way = &permit;
            frame
        }))
    })
}

impl Gate {
    async fn make_room(&self, begins_session: bool) -> Result<OwnedSemaphorePermit, Refused> {
        if self.closing.is_cancelled() {
            return Err(Refused::busy("the server is stopping"));
        }
        let permit = self.requests.clone().try_acquire_owned();
        let permit = permit.map_err(|_| Refused::busy("too many requests are under way"))?;
        if begins_session && self.sessions.sessions.read().await.len() >= self.limits.sessions {
            return Err(Refused::busy("too many sessions are open"));
        }
        Ok(permit)
    }
}

/// Whether a request is the first of a session. From 2026-07-28 on there are none.
fn begins_session(headers: &HeaderMap) -> bool {
    let version = headers.get("mcp-protocol-version").and_then(|it| it.to_str().ok());
    !headers.contains_key("mcp-session-id") && version.is_none_or(|it| it < "2026-07-28")
}

/// Reads the body within bounds of size and time, and checks that it is one JSON object: what
/// else comes, rmcp answers with 415.
async fn sound(request: Request) -> Result<Request, Response> {
    let (parts, body) = request.into_parts();
    let read = tokio::time::timeout(BODY_TIME, Limited::new(body, BODY_LIMIT).collect()).await;
    let bytes: Bytes = match read {
        Err(_) => {
            return Err(
                Refused::new(StatusCode::REQUEST_TIMEOUT, "the body took too long").into_response()
            );
        }
        Ok(Err(error)) if error.is::<LengthLimitError>() => {
            return Err(Refused::new(
                StatusCode::PAYLOAD_TOO_LARGE,
                "the body is larger than 4 MiB",
            )
            .into_response());
        }
        Ok(Err(_)) => {
            return Err(Refused::new(StatusCode::BAD_REQUEST, "the body broke off").into_response());
        }
        Ok(Ok(body)) => body.to_bytes(),
    };
    let (code, message) = match serde_json::from_slice::<Value>(&bytes) {
        Ok(Value::Object(_)) => return Ok(Request::from_parts(parts, Body::from(bytes))),
        Ok(_) => (-32600, "a request is one JSON object".to_owned()),
        Err(error) => (-32700, format!("no JSON: {error}")),
    };
    let error =
        json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code, "message": message } });
    Err((StatusCode::BAD_REQUEST, Json(error)).into_response())
}

/// What `/readyz` goes by.
#[derive(Clone)]
struct Readiness {
    server: Server,
    /// Held while Clerk is asked: those who wait take the same answer.
    asking: Arc<Mutex<()>>,
}

/// Whether there is a key, and Clerk takes it: known from the last request, or asked.
async fn ready(State(Readiness { server, asking }): State<Readiness>) -> Response {
    let clerk = server.clerk();
    let key = clerk.key().is_ok();
    let known = || {
        let health = clerk.health()?;
        let limit = if health.is_good { GOOD_FOR } else { BAD_FOR };
        (health.at.elapsed() < limit).then_some(health.is_good)
    };
    let _asking = asking.lock().await;
    if key && known().is_none() {
        // The key set has no rate limit. What Clerk answers is remembered by its client.
        if let Ok(probe) = ClerkRequest::new(Route::get("/jwks"), &json!({})) {
            let _ = clerk.begin(None).send(probe).await;
        }
    }
    let is_ready = key && known().unwrap_or(false);
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    (status, Json(json!({ "ready": is_ready, "key": key }))).into_response()
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::stream;

    use super::*;

    async fn status(body: Body) -> u16 {
        match sound(Request::new(body)).await {
            Ok(_) => 200,
            Err(refusal) => refusal.status().as_u16(),
        }
    }

    #[tokio::test(start_paused = true)]
    async fn a_body_that_does_not_come_is_not_waited_for() {
        let began = tokio::time::Instant::now();
        assert_eq!(
            status(Body::from_stream(stream::pending::<Result<Bytes, Infallible>>())).await,
            408
        );
        assert_eq!(began.elapsed(), BODY_TIME);
    }

    #[tokio::test]
    async fn a_body_is_one_json_object_of_4_mib_at_most() {
        let of = |length: usize| format!("{{\"a\":\"{}\"}}", "x".repeat(length - 8));
        let cases = [
            (of(BODY_LIMIT), 200),
            (of(BODY_LIMIT + 1), 413),
            ("{}".to_owned(), 200),
            ("[]".to_owned(), 400),
            ("{".to_owned(), 400),
            ("{\"a\":".repeat(200), 400),
        ];
        for (body, expected) in cases {
            let start: String = body.chars().take(20).collect();
            assert_eq!(status(Body::from(body)).await, expected, "{start}");
        }
    }
}
