//! Streamable HTTP: stateless since 2026-07-28, and sessions for older revisions, which rmcp keeps.
//! What stands here is how many sessions there may be, which one makes room, and what one may hold.
//! <https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#streamable-http>

mod session;

use std::{sync::Arc, time::Duration};

use axum::{
    Router,
    body::Body,
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, Method, StatusCode, request::Parts},
    middleware::{self, Next},
    response::{IntoResponse, Response},
};
use http_body_util::BodyExt;
use rmcp::{
    ServerHandler,
    model::{ClientJsonRpcMessage, ClientRequest, JsonRpcMessage},
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
    },
};
use tokio_util::sync::CancellationToken;

use self::session::{InUse, NoRoom, Sessions};
use super::message::{self, Invalid};
use crate::{
    Caller, Server,
    http::{BODY_LIMIT, OAuth, Refused},
    mcp::Session,
    metrics::metrics,
    principal::Principal,
};

const SESSION_ID: &str = "mcp-session-id";
/// How long a session of an older client lives without a message. Desktop clients keep one open
/// for as long as they run.
const SESSION_IDLE: Duration = Duration::from_hours(1);
/// How long rmcp keeps what a cancelled request has sent. Nobody asks for it.
const CANCELLED_KEPT: Duration = Duration::from_secs(1);

/// What every request to the route goes by.
struct Endpoint {
    sessions: Sessions,
    /// Whose policy may ask for scopes.
    server: Option<Server>,
}

/// The route, with at most `limit` sessions. Its streams end when `closed` is cancelled.
pub(super) fn router<H: ServerHandler + Clone>(
    handler: H,
    server: Option<Server>,
    limit: usize,
    closed: CancellationToken,
) -> Router {
    let mut manager = LocalSessionManager::default();
    manager.session_config.keep_alive = Some(SESSION_IDLE);
    manager.session_config.completed_cache_ttl = CANCELLED_KEPT;
    let manager = Arc::new(manager);
    // Host and Origin are checked for all routes alike, by the listener.
    let config = StreamableHttpServerConfig::default()
        .disable_allowed_hosts()
        .disable_allowed_origins()
        .with_max_request_body_bytes(BODY_LIMIT)
        .with_cancellation_token(closed);
    let counted = manager.clone();
    metrics().before_reading(move || {
        // Whoever holds it for a moment changes it: the next reading has the count.
        if let Ok(sessions) = counted.sessions.try_read() {
            metrics().sessions("streamable_http", sessions.len());
        }
    });
    let endpoint = Endpoint { sessions: Sessions::new(manager.clone(), limit), server };
    let service = StreamableHttpService::new(move || Ok(handler.clone()), manager, config);
    Router::new()
        .route_service("/mcp", service.clone())
        .route_service("/mcp/", service)
        .layer(middleware::from_fn_with_state(Arc::new(endpoint), pass))
}

/// What every request to the route passes.
async fn pass(State(endpoint): State<Arc<Endpoint>>, mut request: Request, next: Next) -> Response {
    let (sessions, principal) = (&endpoint.sessions, principal(&request));
    let id = session_id(request.headers());
    if id.is_some_and(|id| sessions.is_of_another(id, &principal)) {
        // To another person it doesn't exist, and rmcp answers as it does to an unknown one.
        request.headers_mut().insert(SESSION_ID, HeaderValue::from_static("unknown"));
    }
    let passed = match *request.method() {
        Method::POST => post(&endpoint, request, next).await,
        Method::DELETE => Ok(delete(request, next).await),
        _ => {
            let in_use = session_id(request.headers()).and_then(|id| sessions.enter(id));
            Ok(while_sent(next.run(request).await, in_use))
        }
    };
    passed.unwrap_or_else(IntoResponse::into_response)
}

/// rmcp answers 202 to the end of a session, which the Python client takes for a failure.
async fn delete(request: Request, next: Next) -> Response {
    let mut response = next.run(request).await;
    if response.status() == StatusCode::ACCEPTED {
        *response.status_mut() = StatusCode::NO_CONTENT;
    }
    response
}

async fn post(endpoint: &Endpoint, request: Request, next: Next) -> Result<Response, Response> {
    let sessions = &endpoint.sessions;
    let (mut parts, body) = request.into_parts();
    let body = body.collect().await.map_err(|_| StatusCode::BAD_REQUEST.into_response())?;
    let message = message::read(&body.to_bytes()).map_err(IntoResponse::into_response)?;
    if let Some(server) = &endpoint.server {
        has_scopes(server, &message, &parts).await.map_err(IntoResponse::into_response)?;
    }
    // rmcp gets what was understood here, so that both decide on the same.
    let body = serde_json::to_vec(&message).map_err(|_| StatusCode::BAD_REQUEST.into_response())?;
    let Some(id) = session_id(&parts.headers) else {
        let request = Request::from_parts(parts, Body::from(body));
        return if begins_session(&message) {
            begin(sessions, request, next).await
        } else {
            Ok(next.run(request).await)
        };
    };
    let Some(in_use) = sessions.enter(id) else {
        // rmcp says that the session does not exist.
        return Ok(next.run(Request::from_parts(parts, Body::from(body))).await);
    };
    parts.extensions.insert(Session(in_use.session()));
    if let JsonRpcMessage::Request(request) = &message {
        let under_way = in_use.begin(&request.id).map_err(|no_room| match no_room {
            NoRoom::TooMany => {
                Refused::busy("too many requests wait in this session").into_response()
            }
            NoRoom::SameId => {
                let id = serde_json::to_value(&request.id).unwrap_or_default();
                Invalid::request(id, "a request with this id is under way").into_response()
            }
        })?;
        // It goes with the request to the handler, and ends there, whether or not someone reads.
        parts.extensions.insert(under_way);
    }
    let request = Request::from_parts(parts, Body::from(body));
    Ok(while_sent(next.run(request).await, Some(in_use)))
}

/// Whether the token has the scopes that a call needs. It is looked at before the call, since the status
/// of the response is sent before it ends.
///
/// # Errors
/// It lacks some, and nothing else is missing: the client learns which, to ask for them.
/// <https://modelcontextprotocol.io/specification/2025-11-25/basic/authorization#scope-challenge-handling>
async fn has_scopes(
    server: &Server,
    message: &ClientJsonRpcMessage,
    parts: &Parts,
) -> Result<(), Refused> {
    let JsonRpcMessage::Request(request) = message else { return Ok(()) };
    let ClientRequest::CallToolRequest(call) = &request.request else { return Ok(()) };
    let Some(oauth) = parts.extensions.get::<OAuth>() else { return Ok(()) };
    let principal = parts.extensions.get::<Principal>().cloned().unwrap_or_default();
    let caller = Caller { principal, ..Caller::default() };
    let arguments = call.params.arguments.clone().unwrap_or_default();
    let lacking = server.refuse_for_scopes(&call.params.name, arguments, &caller).await;
    if lacking.is_empty() {
        return Ok(());
    }
    let reason = "the access token lacks a scope that this call needs";
    Err(oauth.lacks_scopes(&caller.principal, lacking.iter().map(String::as_str), reason))
}

/// Makes room for a session, and lets it begin.
async fn begin(sessions: &Sessions, request: Request, next: Next) -> Result<Response, Response> {
    let place = sessions.place().await;
    let place = place.ok_or_else(|| Refused::busy("too many sessions are open").into_response())?;
    let opener = principal(&request);
    let response = next.run(request).await;
    let in_use = session_id(response.headers()).map(|id| sessions.add(id, opener, place));
    Ok(while_sent(response, in_use))
}

/// Whether rmcp begins a session for a message without a session.
fn begins_session(message: &ClientJsonRpcMessage) -> bool {
    matches!(message, JsonRpcMessage::Request(request)
        if matches!(request.request, ClientRequest::InitializeRequest(_)))
}

/// Who sends a request.
fn principal(request: &Request) -> Principal {
    request.extensions().get::<Principal>().cloned().unwrap_or_default()
}

/// The session that a message names, read as rmcp does.
fn session_id(headers: &HeaderMap) -> Option<&str> {
    headers.get(SESSION_ID)?.to_str().ok()
}

/// The session is in use until the response has gone out.
fn while_sent(response: Response, in_use: Option<InUse>) -> Response {
    let Some(in_use) = in_use else { return response };
    response.map(|body| {
        Body::new(body.map_frame(move |frame| {
            let _in_use = &in_use;
            frame
        }))
    })
}
