//! One listener for the routes of MCP, health and, unless they have an address of their own,
//! webhooks: who gets in, how much at once, and how it ends.

use std::{io, sync::Arc, time::Duration};

use axum::{
    Json, Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, Method, StatusCode},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use futures::future::BoxFuture;
use http_body_util::BodyExt;
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    server::graceful::GracefulShutdown,
    service::TowerToHyperService,
};
use serde_json::{Value, json};
use tokio::{
    net::TcpListener,
    sync::{OwnedSemaphorePermit, Semaphore},
};
use tokio_util::sync::CancellationToken;

use super::{
    BODY_LIMIT,
    access::{Access, Refused},
    body, health,
    webhooks::{self, Webhooks},
};
use crate::Server;

/// How long a client may take to send a body.
const BODY_TIME: Duration = Duration::from_secs(30);
/// How long a connection may stand idle or send the head of a request.
const HEAD_TIME: Duration = Duration::from_mins(1);
/// How many connections may be open; further ones wait to be accepted.
const CONNECTIONS: usize = 2048;
/// How long calls under way may still take when the server stops.
const GRACE: Duration = Duration::from_secs(3);
/// How long the last answers have to reach their streams before those are closed.
const ANSWERS_GO_OUT: Duration = Duration::from_millis(250);

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

/// How many sessions are open.
type CountSessions = Box<dyn Fn() -> BoxFuture<'static, usize> + Send + Sync>;

/// The routes that are served, and how many sessions they have open.
pub struct Routes {
    /// The routes, without anything of who gets in.
    pub router: Router,
    /// Counts the open sessions of older clients.
    pub sessions: CountSessions,
}

/// What every request passes.
struct Gate {
    access: Access,
    limits: Limits,
    requests: Arc<Semaphore>,
    sessions: CountSessions,
    /// Cancelled once no new work is taken.
    closing: CancellationToken,
}

/// Serves the routes, which answer for `server`, until `stop` resolves. Calls under way then have
/// three seconds; all is over within five. The routes end their streams once the token they are made
/// with is cancelled.
///
/// # Errors
/// Whatever the listener fails with.
pub async fn serve(
    make_routes: impl FnOnce(CancellationToken) -> Routes,
    server: &Server,
    listener: TcpListener,
    access: Access,
    limits: Limits,
    webhooks: Option<Webhooks>,
    stop: impl Future<Output = ()>,
) -> io::Result<()> {
    let (closing, closed) = (CancellationToken::new(), CancellationToken::new());
    let mut router = router(make_routes(closed.clone()), server, access, limits, &closing);
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

fn router(
    Routes { router, sessions }: Routes,
    server: &Server,
    access: Access,
    limits: Limits,
    closing: &CancellationToken,
) -> Router {
    let gate = Arc::new(Gate {
        access,
        limits,
        requests: Arc::new(Semaphore::new(limits.requests)),
        sessions,
        closing: closing.clone(),
    });
    router.merge(health::router(server.clone())).layer(middleware::from_fn_with_state(gate, pass))
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
        if begins_session && (self.sessions)().await >= self.limits.sessions {
            return Err(Refused::busy("too many sessions are open"));
        }
        Ok(permit)
    }
}

/// Whether a request is the first of a session. From 2026-07-28 on there are none.
fn begins_session(headers: &HeaderMap) -> bool {
    let version = headers.get("mcp-protocol-version").and_then(|value| value.to_str().ok());
    !headers.contains_key("mcp-session-id") && version.is_none_or(|version| version < "2026-07-28")
}

/// Reads the body within bounds of size and time, and checks that it is one JSON object: what
/// else comes, rmcp answers with 415.
async fn sound(request: Request) -> Result<Request, Response> {
    let (parts, body) = request.into_parts();
    let bytes =
        body::read(body, BODY_LIMIT, BODY_TIME).await.map_err(IntoResponse::into_response)?;
    let (code, message) = match serde_json::from_slice::<Value>(&bytes) {
        Ok(Value::Object(_)) => return Ok(Request::from_parts(parts, Body::from(bytes))),
        Ok(_) => (-32600, "a request is one JSON object".to_owned()),
        Err(error) => (-32700, format!("no JSON: {error}")),
    };
    let error =
        json!({ "jsonrpc": "2.0", "id": null, "error": { "code": code, "message": message } });
    Err((StatusCode::BAD_REQUEST, Json(error)).into_response())
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use axum::body::Bytes;
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
