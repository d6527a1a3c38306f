//! Who calls, and how much of the server one of many clients may take.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use clerk_api::SecretKey;
use futures::FutureExt;
use rmcp::{RoleServer, model::ProgressNotificationParam, service::RequestContext};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::ask::Asking;
use crate::{progress::Progress, text};

/// How many calls one client of many may have under way, so that the others get their turn.
const CALLS_OF_ONE_CLIENT: usize = 16;
/// So many clients are remembered before those without a call are forgotten.
const CLIENTS_KNOWN: usize = 256;
/// How many characters of a client's name are kept.
const CLIENT_NAME: usize = 100;

/// Who calls, as far as it matters to a call.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// A key of the caller's own, where the operator allows it.
    pub key: Option<SecretKey>,
    /// The caller's W3C trace context, for the log line.
    pub traceparent: Option<String>,
    /// The client's name and version, as it says them.
    pub client: Option<String>,
    /// What tells a client of many from the others.
    pub connection: Option<String>,
    /// The way to the person behind the client.
    pub asking: Asking,
    /// Where the progress of a long call goes to.
    pub progress: Progress,
}

impl Caller {
    /// Reads what came with a request: a key in the HTTP request, the trace in its `_meta`.
    pub(super) fn of(context: &RequestContext<RoleServer>, asking: Asking) -> Self {
        let parts = context.extensions.get::<http::request::Parts>();
        let key = parts.and_then(|parts| parts.extensions.get::<SecretKey>());
        let key = key.or_else(|| context.extensions.get::<SecretKey>()).cloned();
        let traceparent = context.meta.get_traceparent();
        // 55 characters by the standard; whatever else stands there is no trace.
        let traceparent = traceparent.filter(|it| it.len() == 55 && it.is_ascii());
        let client = context.client_info().map(|it| {
            text::clean_text(&format!("{} {}", it.name, it.version), CLIENT_NAME).into_owned()
        });
        let session = parts.and_then(|it| it.headers.get("mcp-session-id")?.to_str().ok());
        let connection = match (parts, session) {
            (_, Some(session)) => Some(session.to_owned()),
            (Some(_), None) => client.clone(),
            (None, None) => context.extensions.get::<SessionId>().map(|it| it.0.clone()),
        };
        let traceparent = traceparent.map(str::to_owned);
        let progress = progress(context);
        Self { key, traceparent, client, connection, asking, progress }
    }
}

/// The client that asked to be told of the call's progress.
/// <https://modelcontextprotocol.io/specification/2025-11-25/basic/utilities/progress>
fn progress(context: &RequestContext<RoleServer>) -> Progress {
    let Some(token) = context.meta.get_progress_token() else { return Progress::default() };
    let peer = context.peer.clone();
    #[expect(clippy::cast_precision_loss, reason = "counts of rows")]
    Progress::new(move |done, total| {
        let mut told = ProgressNotificationParam::new(token.clone(), done as f64);
        told.total = total.map(|it| it as f64);
        let peer = peer.clone();
        async move {
            if let Err(error) = peer.notify_progress(told).await {
                tracing::debug!(%error, "progress could not be told");
            }
        }
        .boxed()
    })
}

/// The session of HTTP+SSE that a message belongs to.
#[derive(Clone, Debug)]
pub(crate) struct SessionId(pub(crate) String);

/// How many calls each client of many has under way.
#[derive(Debug, Default)]
pub(super) struct Clients(Mutex<HashMap<String, Arc<Semaphore>>>);

impl Clients {
    /// Waits until the client has room for one more call. A client that is the only one, as over
    /// stdio, has all the room there is.
    pub(super) async fn place(&self, client: Option<&str>) -> Option<OwnedSemaphorePermit> {
        let places = {
            let mut clients = self.0.lock().ok()?;
            if clients.len() >= CLIENTS_KNOWN {
                clients.retain(|_, places| Arc::strong_count(places) > 1);
            }
            let places = clients.entry(client?.to_owned());
            places.or_insert_with(|| Arc::new(Semaphore::new(CALLS_OF_ONE_CLIENT))).clone()
        };
        places.acquire_owned().await.ok()
    }
}
