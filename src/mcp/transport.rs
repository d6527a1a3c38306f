//! The transports of MCP: stdio, streamable HTTP and, for older clients, HTTP+SSE.

mod sse;
mod stdio;

use std::{sync::Arc, time::Duration};

use axum::Router;
use futures::FutureExt;
use rmcp::{
    ServerHandler,
    transport::streamable_http_server::{
        StreamableHttpServerConfig, StreamableHttpService, session::local::LocalSessionManager,
    },
};
use tokio_util::sync::CancellationToken;

#[cfg(test)]
pub(crate) use self::stdio::serve_on as serve_stdio_on;
pub use self::stdio::{StdioError, serve as serve_stdio};
use crate::http::{BODY_LIMIT, Limits, Routes};

/// How long a session of an older client lives without a message. Desktop clients keep one open
/// for as long as they run.
const SESSION_IDLE: Duration = Duration::from_hours(1);

/// The routes of MCP: streamable HTTP at `/mcp` (stateless 2026-07-28, and sessions for older
/// revisions), HTTP+SSE at `/sse` and `/messages`. Their streams end once `closed` is cancelled.
pub fn routes<H: ServerHandler + Clone>(
    handler: H,
    limits: Limits,
    closed: CancellationToken,
) -> Routes {
    let mut manager = LocalSessionManager::default();
    manager.session_config.keep_alive = Some(SESSION_IDLE);
    let manager = Arc::new(manager);
    // Host and Origin are checked for all routes alike, by the listener.
    let config = StreamableHttpServerConfig::default()
        .disable_allowed_hosts()
        .disable_allowed_origins()
        .with_max_request_body_bytes(BODY_LIMIT)
        .with_cancellation_token(closed.clone());
    let events = sse::router(handler.clone(), limits.sessions, closed);
    let sessions = manager.clone();
    let streamable = StreamableHttpService::new(move || Ok(handler.clone()), manager, config);
    Routes {
        router: Router::new().nest_service("/mcp", streamable).merge(events),
        sessions: Box::new(move || {
            let sessions = sessions.clone();
            async move { sessions.sessions.read().await.len() }.boxed()
        }),
    }
}
