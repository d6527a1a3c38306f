//! HTTP+SSE, the transport of 2024-11-05, for clients that speak no other: `GET /sse` opens a
//! stream whose first event names where to post; what is posted is answered on the stream.
//! <https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse>

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    time::Duration,
};

use axum::{
    Extension, Router,
    body::Bytes,
    extract::{Query, State},
    http::StatusCode,
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
    routing::{get, post},
};
use clerk_api::SecretKey;
use futures::{StreamExt, channel::mpsc, stream};
use rmcp::{
    ServerHandler, ServiceExt,
    model::{
        ClientJsonRpcMessage, ClientNotification, GetExtensions, JsonRpcMessage,
        ServerJsonRpcMessage,
    },
    transport::common::server_side_http::session_id,
};
use serde::Deserialize;
use tokio_util::sync::{CancellationToken, DropGuard};

use crate::{http::Refused, mcp::SessionId};

/// How many messages may wait in a session, in each direction.
const WAITING: usize = 64;
/// How often a stream with nothing to say shows that it is alive.
const ALIVE_EVERY: Duration = Duration::from_secs(15);

/// The open streams, by the id of their sessions.
type Sessions = Mutex<HashMap<String, Posts>>;

/// Where the messages go that are posted to a session.
#[derive(Clone)]
struct Posts {
    to_server: mpsc::Sender<ClientJsonRpcMessage>,
    /// How many requests were not answered yet: a client that does not read must not fill the
    /// memory with answers.
    unanswered: Arc<AtomicUsize>,
}

impl Posts {
    fn answered(&self) {
        let one_less = |count: usize| count.checked_sub(1);
        let _ = self.unanswered.fetch_update(Ordering::Relaxed, Ordering::Relaxed, one_less);
    }
}

struct Streams<H> {
    handler: H,
    sessions: Arc<Sessions>,
    limit: usize,
    closed: CancellationToken,
}

/// The two routes, with at most `limit` streams, which end when `closed` is cancelled.
pub(super) fn router<H: ServerHandler + Clone>(
    handler: H,
    limit: usize,
    closed: CancellationToken,
) -> Router {
    let streams = Streams { handler, sessions: Arc::default(), limit, closed };
    Router::new()
        .route("/sse", get(open::<H>))
        .route("/messages", post(message::<H>))
        .with_state(Arc::new(streams))
}

/// Ends a session when its stream is dropped: the client has gone, or the server closes.
struct Session {
    id: String,
    sessions: Arc<Sessions>,
    _ended: DropGuard,
}

impl Drop for Session {
    fn drop(&mut self) {
        if let Ok(mut sessions) = self.sessions.lock() {
            sessions.remove(&self.id);
        }
    }
}

async fn open<H: ServerHandler + Clone>(State(streams): State<Arc<Streams<H>>>) -> Response {
    let id = session_id().to_string();
    let (to_server, from_client) = mpsc::channel::<ClientJsonRpcMessage>(WAITING);
    let (to_client, from_server) = mpsc::channel::<ServerJsonRpcMessage>(WAITING);
    let posts = Posts { to_server, unanswered: Arc::default() };
    match streams.sessions.lock() {
        Ok(mut sessions) if sessions.len() < streams.limit => {
            sessions.insert(id.clone(), posts.clone());
        }
        _ => return Refused::busy("too many sessions are open").into_response(),
    }
    let ended = streams.closed.child_token();
    let session = Session {
        id: id.clone(),
        sessions: streams.sessions.clone(),
        _ended: ended.clone().drop_guard(),
    };
    let serving = streams.handler.clone().serve_with_ct((to_client, from_client), ended.clone());
    tokio::spawn(async move {
        match serving.await {
            Ok(running) => drop(running.waiting().await),
            Err(error) => tracing::debug!(%error, "a session ended before it began"),
        }
    });
    let endpoint = Event::default().event("endpoint").data(format!("/messages?sessionId={id}"));
    let messages = from_server.filter_map(move |message| {
        let _open = &session;
        if matches!(message, JsonRpcMessage::Response(_) | JsonRpcMessage::Error(_)) {
            posts.answered();
        }
        // A message that can't be written as JSON does not exist.
        let text = serde_json::to_string(&message).ok();
        std::future::ready(text.map(|text| Event::default().event("message").data(text)))
    });
    let events = stream::once(std::future::ready(endpoint)).chain(messages);
    let events = events.map(Ok::<_, Infallible>).take_until(ended.cancelled_owned());
    Sse::new(events).keep_alive(KeepAlive::new().interval(ALIVE_EVERY)).into_response()
}

#[derive(Deserialize)]
struct Target {
    #[serde(rename = "sessionId")]
    session_id: String,
}

async fn message<H: ServerHandler + Clone>(
    State(streams): State<Arc<Streams<H>>>,
    Query(target): Query<Target>,
    key: Option<Extension<SecretKey>>,
    body: Bytes,
) -> Response {
    let posts =
        streams.sessions.lock().ok().and_then(|sessions| sessions.get(&target.session_id).cloned());
    let Some(mut posts) = posts else {
        return Refused::new(StatusCode::NOT_FOUND, "there is no such session; open one at /sse")
            .into_response();
    };
    let mut message: ClientJsonRpcMessage = match serde_json::from_slice(&body) {
        Ok(message) => message,
        Err(error) => {
            return Refused::new(StatusCode::BAD_REQUEST, format!("no MCP message: {error}"))
                .into_response();
        }
    };
    match &mut message {
        JsonRpcMessage::Request(request) => {
            if posts.unanswered.fetch_add(1, Ordering::Relaxed) >= WAITING {
                posts.answered();
                return Refused::busy("too many requests wait in this session").into_response();
            }
            let extensions = request.request.extensions_mut();
            extensions.insert(SessionId(target.session_id.clone()));
            if let Some(Extension(key)) = key {
                extensions.insert(key);
            }
        }
        // A cancelled request is not answered.
        JsonRpcMessage::Notification(notification)
            if matches!(
                notification.notification,
                ClientNotification::CancelledNotification(_)
            ) =>
        {
            posts.answered();
        }
        _ => {}
    }
    match posts.to_server.try_send(message) {
        Ok(()) => (StatusCode::ACCEPTED, "Accepted").into_response(),
        Err(error) if error.is_full() => {
            Refused::busy("too many messages wait in this session").into_response()
        }
        Err(_) => {
            Refused::new(StatusCode::NOT_FOUND, "the session has ended; open another at /sse")
                .into_response()
        }
    }
}
