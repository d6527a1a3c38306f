//! Who calls, as MCP and HTTP tell it.

use clerk_api::SecretKey;
use futures::FutureExt;
use rmcp::{RoleServer, model::ProgressNotificationParam, service::RequestContext};

use crate::{ApprovalChannel, Caller, progress::Progress, text};

/// How many characters of a client's name are kept.
const CLIENT_NAME: usize = 100;

/// Reads what came with a request: a key in the HTTP request, the trace in its `_meta`.
pub(super) fn caller(context: &RequestContext<RoleServer>, approval: ApprovalChannel) -> Caller {
    let parts = context.extensions.get::<http::request::Parts>();
    let key = parts.and_then(|parts| parts.extensions.get::<SecretKey>());
    let key = key.or_else(|| context.extensions.get::<SecretKey>()).cloned();
    let traceparent = context.meta.get_traceparent();
    // 55 characters by the standard; anything else isn't a trace.
    let traceparent = traceparent.filter(|trace| trace.len() == 55 && trace.is_ascii());
    let client = context.client_info().map(|client| {
        text::clean_text(&format!("{} {}", client.name, client.version), CLIENT_NAME).into_owned()
    });
    let session = parts.and_then(|parts| parts.headers.get("mcp-session-id")?.to_str().ok());
    let connection = match (parts, session) {
        (_, Some(session)) => Some(session.to_owned()),
        (Some(_), None) => client.clone(),
        (None, None) => context.extensions.get::<SessionId>().map(|id| id.0.clone()),
    };
    let traceparent = traceparent.map(str::to_owned);
    let progress = progress(context);
    Caller { key, traceparent, client, connection, approval, progress }
}

/// The client that asked for the call's progress.
/// <https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/progress>
fn progress(context: &RequestContext<RoleServer>) -> Progress {
    let Some(token) = context.meta.get_progress_token() else { return Progress::default() };
    let peer = context.peer.clone();
    #[expect(clippy::cast_precision_loss, reason = "counts of rows")]
    Progress::new(move |done, total| {
        let mut told = ProgressNotificationParam::new(token.clone(), done as f64);
        told.total = total.map(|total| total as f64);
        let peer = peer.clone();
        async move {
            if let Err(error) = peer.notify_progress(told).await {
                tracing::debug!(%error, "progress could not be sent");
            }
        }
        .boxed()
    })
}

/// The session of HTTP+SSE that a message belongs to.
#[derive(Clone, Debug)]
pub(crate) struct SessionId(pub(crate) String);
