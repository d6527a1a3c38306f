//! The transports of MCP: stdio, streamable HTTP and, for older clients, HTTP+SSE.

mod link;
mod message;
mod sse;
mod stdio;
mod streamable;

use axum::Router;
use rmcp::ServerHandler;
use tokio_util::sync::CancellationToken;

pub use self::{
    link::ServeError,
    stdio::{serve as serve_stdio, serve_on as serve_stdio_on},
};
use crate::{Server, http::Limits};

/// The routes of MCP: streamable HTTP at `/mcp` (stateless 2026-07-28, and sessions for older
/// revisions), HTTP+SSE at `/sse` and `/messages`. Their streams end once `closed` is cancelled.
///
/// `server` is the one behind the handler, whose policy may ask for more scopes than a token has.
pub fn routes<H: ServerHandler + Clone>(
    handler: H,
    server: Option<Server>,
    limits: Limits,
    closed: CancellationToken,
) -> Router {
    let streamable = streamable::router(handler.clone(), server, limits.sessions, closed.clone());
    streamable.merge(sse::router(handler, limits.sessions, closed))
}
