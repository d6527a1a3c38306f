//! HTTP+SSE, the transport of 2024-11-05, for clients that speak no other: `GET /sse` opens a
//! stream whose first event names where to post; what is posted is answered on the stream.
//! <https://modelcontextprotocol.io/specification/2024-11-05/basic/transports#http-with-sse>

use std::{
    collections::HashMap,
    convert::Infallible,
    sync::{Arc, Mutex},
    time::Duration,
};

use axum::{
    Extension, Router,
    body::Bytes,
    extract::{Query, State},
    http::{StatusCode, request::Parts},
    response::{
        IntoResponse, Response, Sse,
        sse::{Event, KeepAlive},
    },
    routing::{get, post},
};
use futures::{StreamExt, stream};
use rmcp::{
    ServerHandler,
    model::{GetExtensions, JsonRpcMessage},
    transport::common::server_side_http::{SessionId, session_id},
};
use serde::Deserialize;
use tokio_util::sync::{CancellationToken, DropGuard};

use super::{
    link::{self, Client, NotTaken},
    message,
};
use crate::{http::Refused, mcp::Session, metrics::metrics, principal::Principal};

/// How many messages may wait in a session, in each direction.
const WAITING: usize = 64;
/// How often a stream with nothing to say shows that it is alive.
const ALIVE_EVERY: Duration = Duration::from_secs(15);

/// The open streams, by the id of their sessions, and who opened them.
type Clients = Mutex<HashMap<SessionId, (Client, Principal)>>;

struct Streams<H> {
    handler: H,
    clients: Arc<Clients>,
    limit: usize,
    closed: CancellationToken,
}

/// The two routes, with at most `limit` streams, which end when `closed` is cancelled. A session is its
/// stream: one that the client has left has ended, and needs no place any more.
pub(super) fn router<H: ServerHandler + Clone>(
    handler: H,
    limit: usize,
    closed: CancellationToken,
) -> Router {
    let streams = Streams { handler, clients: Arc::default(), limit, closed };
    Router::new()
        .route("/sse", get(open::<H>))
        .route("/messages", post(message::<H>))
        .with_state(Arc::new(streams))
}

/// Ends a session when its stream is dropped: the client has gone, or the server closes.
struct Stream {
    id: SessionId,
    clients: Arc<Clients>,
    _ended: DropGuard,
}

impl Drop for Stream {
    fn drop(&mut self) {
        if let Ok(mut clients) = self.clients.lock() {
            clients.remove(&self.id);
            metrics().sessions("sse", clients.len());
        }
    }
}

async fn open<H: ServerHandler + Clone>(
    State(streams): State<Arc<Streams<H>>>,
    principal: Option<Extension<Principal>>,
) -> Response {
    let Extension(principal) = principal.unwrap_or_default();
    let id = session_id();
    let (client, link, from_server) = link::link(WAITING);
    match streams.clients.lock() {
        Ok(mut clients) if clients.len() < streams.limit => {
            clients.insert(id.clone(), (client, principal));
            metrics().sessions("sse", clients.len());
        }
        _ => return Refused::busy("too many sessions are open").into_response(),
    }
    let ended = streams.closed.child_token();
    let endpoint = Event::default().event("endpoint").data(format!("/messages?sessionId={id}"));
    let stream =
        Stream { id, clients: streams.clients.clone(), _ended: ended.clone().drop_guard() };
    let serving = link::serve(streams.handler.clone(), link, ended.clone());
    tokio::spawn(async move {
        if let Err(error) = serving.await {
            tracing::warn!(%error, "a session over HTTP+SSE failed");
        }
    });
    let messages = stream::unfold((from_server, stream), |(mut from_server, stream)| async {
        let message = from_server.recv().await?;
        Some((Event::default().event("message").data(&message.text), (from_server, stream)))
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
    mut parts: Parts,
    body: Bytes,
) -> Response {
    let principal = parts.extensions.get::<Principal>().cloned().unwrap_or_default();
    let found = streams.clients.lock().ok().and_then(|clients| {
        let (id, (client, opener)) = clients.get_key_value(target.session_id.as_str())?;
        // To another person it doesn't exist.
        principal.may_continue(opener).then(|| (id.clone(), client.clone()))
    });
    let Some((id, client)) = found else {
        return Refused::new(StatusCode::NOT_FOUND, "there is no such session; open one at /sse")
            .into_response();
    };
    let mut message = match message::read(&body) {
        Ok(message) => message,
        Err(invalid) => return invalid.into_response(),
    };
    if let JsonRpcMessage::Request(request) = &mut message {
        parts.extensions.insert(Session(id));
        request.request.extensions_mut().insert(parts);
    }
    match client.try_send(message) {
        Ok(()) => (StatusCode::ACCEPTED, "Accepted").into_response(),
        Err(NotTaken::Full) => {
            Refused::busy("too many messages wait in this session").into_response()
        }
        Err(NotTaken::Ended) => {
            Refused::new(StatusCode::NOT_FOUND, "the session has ended; open another at /sse")
                .into_response()
        }
    }
}
