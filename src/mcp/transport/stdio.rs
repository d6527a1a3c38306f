//! MCP over standard input and output: newline-delimited JSON-RPC.
//! <https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio>

use std::{
    io,
    pin::Pin,
    task::{Context, Poll},
    time::Duration,
};

use rmcp::{ServiceExt, service::ServerInitializeError, transport::stdio_pipes};
use tokio::{
    io::{AsyncRead, AsyncReadExt, AsyncWrite, ReadBuf},
    task::JoinError,
};
use tokio_util::sync::CancellationToken;

use crate::McpServer;

/// How long calls that are under way at the end of the input may still take.
const GRACE: Duration = Duration::from_millis(500);

/// Why serving over standard input and output failed.
#[derive(Debug, thiserror::Error)]
pub enum StdioError {
    /// The first message isn't a request. It isn't shown, since it may hold anything.
    #[error("the client did not begin with a request, as MCP requires")]
    NotARequest,
    /// The client broke the protocol before it was initialized.
    #[error("the client did not begin as MCP requires: {0}")]
    Initialize(Box<ServerInitializeError>),
    /// The task that serves ended too early.
    #[error("the server failed: {0}")]
    Failed(#[from] JoinError),
}

/// Serves one client until its input ends, and a short while longer if calls are under way.
///
/// # Errors
/// The client breaks the protocol before it is initialized.
pub async fn serve(server: McpServer) -> Result<(), StdioError> {
    // Blocking handles, as `rmcp::transport::stdio` has them, take five times as long a call.
    let (input, output) = stdio_pipes();
    Box::pin(serve_on(server, input, output)).await
}

/// The same on any pair of streams.
pub(crate) async fn serve_on(
    server: McpServer,
    input: impl AsyncRead + Send + Unpin + 'static,
    output: impl AsyncWrite + Send + Unpin + 'static,
) -> Result<(), StdioError> {
    let ended = CancellationToken::new();
    let input = input.chain(End { newline: false, ended: ended.clone() });
    let stopper = server.server().clone();
    tokio::spawn(async move {
        ended.cancelled().await;
        tokio::time::sleep(GRACE).await;
        stopper.stop();
    });
    match server.serve((input, output)).await {
        Ok(running) => {
            running.waiting().await?;
            Ok(())
        }
        Err(ServerInitializeError::ConnectionClosed(_)) => Ok(()),
        Err(ServerInitializeError::ExpectedInitializeRequest(_)) => Err(StdioError::NotARequest),
        Err(error) => Err(StdioError::Initialize(Box::new(error))),
    }
}

/// What follows the input: a newline, so that a last line without one counts too, then the signal
/// that the input has ended.
struct End {
    newline: bool,
    ended: CancellationToken,
}

impl AsyncRead for End {
    fn poll_read(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        if !self.newline && buffer.remaining() > 0 {
            self.newline = true;
            buffer.put_slice(b"\n");
        } else {
            self.ended.cancel();
        }
        Poll::Ready(Ok(()))
    }
}
