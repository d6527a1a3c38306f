//! MCP over standard input and output: newline-delimited JSON-RPC.
//! <https://modelcontextprotocol.io/specification/2025-11-25/basic/transports#stdio>

use std::{io, time::Duration};

use rmcp::transport::stdio_pipes;
use serde_json::Value;
use tokio::{
    io::{
        AsyncBufRead, AsyncBufReadExt, AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt,
        BufReader,
    },
    sync::mpsc::UnboundedReceiver,
};
use tokio_util::sync::CancellationToken;

use super::{
    link::{self, Client, NotTaken, Outgoing, ServeError},
    message::{self, IdFinder, Invalid},
};
use crate::McpServer;

/// How long calls that are under way at the end of the input may still take.
const GRACE: Duration = Duration::from_millis(500);
/// How many requests may be under way; further lines are read once one has been answered.
const UNDER_WAY: usize = 1024;
/// The longest line that is read, in bytes. An image may come in one.
const LONGEST_LINE: u64 = 16 << 20;
/// How much room is kept for the next line, in bytes.
const USUAL_LINE: usize = 64 << 10;

/// Serves one client until its input ends, and a short while longer if calls are under way.
///
/// # Errors
/// rmcp failed.
pub async fn serve(server: McpServer) -> Result<(), ServeError> {
    // Blocking handles, as `rmcp::transport::stdio` has them, take five times as long a call.
    let (input, output) = stdio_pipes();
    serve_on(server, input, output).await
}

/// The same on any pair of streams.
///
/// # Errors
/// rmcp failed.
pub async fn serve_on(
    server: McpServer,
    input: impl AsyncRead + Send + Unpin + 'static,
    output: impl AsyncWrite + Send + Unpin + 'static,
) -> Result<(), ServeError> {
    let (client, link, from_server) = link::link(UNDER_WAY);
    let writing = tokio::spawn(write(output, from_server));
    let stopper = server.server().clone();
    tokio::spawn(async move {
        if let Err(error) = read(BufReader::new(input), client).await {
            tracing::warn!(%error, "standard input can't be read");
        }
        tokio::time::sleep(GRACE).await;
        stopper.stop();
    });
    Box::pin(link::serve(server, link, CancellationToken::new())).await?;
    if let Err(error) = writing.await? {
        tracing::warn!(%error, "standard output can't be written");
    }
    Ok(())
}

/// Reads the input to its end. A malformed line gets an error, and the next one is read.
async fn read(mut input: impl AsyncBufRead + Unpin, client: Client) -> io::Result<()> {
    let mut line = Vec::new();
    loop {
        line.clear();
        line.shrink_to(USUAL_LINE);
        if (&mut input).take(LONGEST_LINE).read_until(b'\n', &mut line).await? == 0 {
            return Ok(());
        }
        let taken = if line.len() as u64 == LONGEST_LINE && !line.ends_with(b"\n") {
            let id = skip(&mut input, &line).await?;
            let text = format!("the message is longer than {} MiB", LONGEST_LINE >> 20);
            client.refuse(&Invalid::request(id, text)).await
        } else if line.trim_ascii().is_empty() {
            Ok(())
        } else {
            match message::read(&line) {
                Ok(message) => client.send(message).await,
                Err(invalid) => client.refuse(&invalid).await,
            }
        };
        if taken == Err(NotTaken::Ended) {
            return Ok(());
        }
    }
}

/// Reads on to the end of a line that is too long, whose start is given, and finds its id.
async fn skip(input: &mut (impl AsyncBufRead + Unpin), start: &[u8]) -> io::Result<Value> {
    let mut id = IdFinder::default();
    id.feed(start);
    let mut piece = Vec::new();
    loop {
        piece.clear();
        let read = (&mut *input).take(USUAL_LINE as u64).read_until(b'\n', &mut piece).await?;
        id.feed(&piece);
        if read == 0 || piece.ends_with(b"\n") {
            return Ok(id.id());
        }
    }
}

async fn write(
    mut output: impl AsyncWrite + Unpin,
    mut from_server: UnboundedReceiver<Outgoing>,
) -> io::Result<()> {
    while let Some(mut message) = from_server.recv().await {
        message.text.push('\n');
        output.write_all(message.text.as_bytes()).await?;
        output.flush().await?;
    }
    Ok(())
}
