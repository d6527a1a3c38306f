//! Who calls, and how much of the server one of many clients may take.

use std::{
    collections::HashMap,
    sync::{Arc, Mutex},
};

use clerk_api::SecretKey;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

use super::ApprovalChannel;
use crate::progress::Progress;

/// How many calls one client of many may have under way, so that the others get their turn.
const CALLS_OF_ONE_CLIENT: usize = 16;
/// So many clients are remembered before those without a call are forgotten.
const CLIENTS_KNOWN: usize = 256;

/// Who calls, as far as it matters to a call.
#[derive(Clone, Debug, Default)]
pub struct Caller {
    /// A key of the caller's own, where the operator allows it.
    pub key: Option<SecretKey>,
    /// The caller's W3C trace context, for the log line.
    pub traceparent: Option<String>,
    /// The client's name and version, as it says them.
    pub client: Option<String>,
    /// What identifies one client of many.
    pub connection: Option<String>,
    /// The way to the person behind the caller.
    pub approval: ApprovalChannel,
    /// Where the progress of a long call goes to.
    pub progress: Progress,
}

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
