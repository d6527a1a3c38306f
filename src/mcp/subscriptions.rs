//! Telling clients of new events: they subscribe to `clerk://events` or to one type of them, and
//! are told that it changed; what is new they read. Before 2026-07-28 by `resources/subscribe`,
//! since then by `subscriptions/listen`.
//! <https://modelcontextprotocol.io/specification/2026-07-28/server/resources#subscriptions>

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

use rmcp::{
    ErrorData, Peer, RoleServer,
    model::{ResourceUpdatedNotificationParam, SubscriptionFilter},
    service::{SubscriptionContext, SubscriptionSink},
};
use tokio::task::AbortHandle;

use super::{McpServer, resources};
use crate::{
    Caller,
    events::{Events, Filter, Tail, Types},
};

/// How many resources one client may be subscribed to.
const OF_ONE_CLIENT: usize = 64;
/// How many subscriptions of older clients there may be.
const OF_ALL: usize = 4096;

/// The subscriptions of older clients, by connection and URI.
#[derive(Debug, Default)]
pub(super) struct Subscriptions(Mutex<HashMap<(Option<String>, String), AbortHandle>>);

impl Subscriptions {
    fn add(
        &self,
        key: (Option<String>, String),
        begin: impl FnOnce() -> AbortHandle,
    ) -> Result<(), ErrorData> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, following| !following.is_finished());
        let of_client = all.keys().filter(|(connection, _)| *connection == key.0).count();
        if all.contains_key(&key) {
            return Ok(());
        }
        if of_client >= OF_ONE_CLIENT || all.len() >= OF_ALL {
            return Err(ErrorData::invalid_request("too many subscriptions are open", None));
        }
        all.insert(key, begin());
        Ok(())
    }

    fn remove(&self, key: &(Option<String>, String)) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(following) = all.remove(key) {
            following.abort();
        }
    }
}

impl McpServer {
    /// The events that a caller may be notified of.
    pub(super) fn events_for(&self, caller: &Caller) -> Option<&Events> {
        let events = self.server().events_for(caller);
        events.filter(|_| self.server().has(resources::LIST))
    }

    /// Subscribes an older client to a resource.
    ///
    /// # Errors
    /// It is none that can be subscribed to, or there are too many.
    pub(super) fn follow(
        &self,
        uri: &str,
        caller: &Caller,
        peer: Peer<RoleServer>,
    ) -> Result<(), ErrorData> {
        let events = self.events_for(caller).ok_or_else(|| resources::unknown(uri))?;
        let types = resources::types(uri).ok_or_else(|| resources::unknown(uri))?;
        // Before the client knows that it is subscribed, so that it misses nothing then.
        let tail = Tail::after(events, Filter::default(), events.known());
        let stopping = self.server().stopping();
        let key = (caller.connection.clone(), uri.to_owned());
        let uri = uri.to_owned();
        self.inner.subscriptions.add(key, || {
            let following = async move {
                let (uris, listener) = ([(uri, types)], Listener::Peer(peer));
                tokio::select! {
                    () = tell(tail, &uris, &listener) => {}
                    () = stopping.cancelled() => {}
                }
            };
            tokio::spawn(following).abort_handle()
        })
    }

    /// Ends an older client's subscription.
    pub(super) fn unfollow(&self, uri: &str, caller: &Caller) {
        self.inner.subscriptions.remove(&(caller.connection.clone(), uri.to_owned()));
    }

    /// What of a client's wishes can be subscribed to; `None` where nothing can.
    pub(super) fn accepted(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        self.server().events()?;
        let uris = requested.resource_subscriptions.iter().flatten();
        let uris = uris.filter(|uri| resources::types(uri).is_some()).take(OF_ONE_CLIENT).cloned();
        Some(SubscriptionFilter::builder().resource_subscriptions(uris).build())
    }

    /// Tells a client of what it listens to until it hangs up.
    pub(super) async fn tell_listener(&self, context: &SubscriptionContext, caller: &Caller) {
        let uris: Vec<(String, Types)> = context
            .accepted()
            .resource_subscriptions
            .iter()
            .flatten()
            .filter_map(|uri| Some((uri.clone(), resources::types(uri)?)))
            .collect();
        let told = async {
            match self.events_for(caller) {
                Some(events) => {
                    let tail = Tail::after(events, Filter::default(), events.known());
                    tell(tail, &uris, &Listener::Sink(context.sink().clone())).await;
                }
                None => std::future::pending().await,
            }
        };
        tokio::select! {
            () = told => {}
            () = context.cancelled() => {}
            () = self.server().stopping().cancelled_owned() => {}
        }
    }
}

/// Who is notified.
enum Listener {
    /// A client before 2026-07-28.
    Peer(Peer<RoleServer>),
    /// A later one.
    Sink(SubscriptionSink),
}

impl Listener {
    /// Notifies of a changed resource; `false` if the client can't be reached.
    async fn notify(&self, uri: &str) -> bool {
        match self {
            Self::Peer(peer) => {
                let updated = ResourceUpdatedNotificationParam::new(uri);
                peer.notify_resource_updated(updated).await.is_ok()
            }
            Self::Sink(sink) => sink.notify_resource_updated(uri).await.is_ok(),
        }
    }
}

/// Tells of each resource that has new events, until one can't be told any more. Who is slow to
/// listen keeps nobody waiting: this is its own task, and what comes meanwhile is told at once.
async fn tell(mut tail: Tail, uris: &[(String, Types)], listener: &Listener) {
    loop {
        let rows = match tail.next().await {
            Ok(rows) => rows,
            Err(error) => {
                tracing::warn!(%error, "events can't be sent");
                return;
            }
        };
        for (uri, types) in uris {
            let is_new = rows.iter().any(|row| types.contain(&row.event.kind));
            if is_new && !listener.notify(uri).await {
                return;
            }
        }
    }
}
