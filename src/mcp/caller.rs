//! Who calls, as MCP and HTTP tell it.

use clerk_api::SecretKey;
use futures::FutureExt;
use rmcp::{
    RoleServer, model::ProgressNotificationParam, service::RequestContext,
    transport::common::server_side_http::SessionId,
};

use crate::{
    ApprovalChannel, Caller,
    call::Connection,
    http::PeerAddress,
    principal::{Authentication, Principal},
    progress::Progress,
    text,
};

/// How many characters of a client's name are kept.
const CLIENT_NAME: usize = 100;

/// The session that a request over HTTP belongs to. Only the transport that knows the session says so.
#[derive(Clone, Debug)]
pub(super) struct Session(pub(super) SessionId);

/// Reads what came with a request: a key in the HTTP request, the trace in its `_meta`.
pub(super) fn caller(context: &RequestContext<RoleServer>, approval: ApprovalChannel) -> Caller {
    let http = context.extensions.get::<http::request::Parts>().map(|parts| &parts.extensions);
    let key = http.and_then(|http| http.get::<SecretKey>()).cloned();
    let principal = principal(context);
    let connection = http.map(|http| Connection {
        session: http.get::<Session>().map(|session| session.0.clone()),
        address: http.get::<PeerAddress>().map(|peer| peer.0),
    });
    let traceparent = context.meta.get_traceparent();
    // 55 characters by the standard; anything else isn't a trace.
    let traceparent = traceparent.filter(|trace| trace.len() == 55 && trace.is_ascii());
    let client = context.client_info().map(|client| {
        text::clean_text(&format!("{} {}", client.name, client.version), CLIENT_NAME).into_owned()
    });
    let traceparent = traceparent.map(str::to_owned);
    let progress = progress(context);
    Caller {
        key,
        traceparent,
        principal,
        client,
        connection,
        approval,
        progress,
        ..Caller::default()
    }
}

/// Who a request is made for.
pub(super) fn principal(context: &RequestContext<RoleServer>) -> Principal {
    let http = context.extensions.get::<http::request::Parts>();
    match http.map(|http| http.extensions.get::<Principal>()) {
        Some(admitted) => {
            admitted.cloned().unwrap_or_else(|| Principal::by(Authentication::Loopback))
        }
        None => Principal::of_process(),
    }
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
