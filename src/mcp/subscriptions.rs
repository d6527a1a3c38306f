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
    call::Connection,
    events::{Events, Filter, Tail, Types},
};

/// How many resources one client may be subscribed to.
const OF_ONE_CLIENT: usize = 64;
/// How many subscriptions of older clients there may be.
const OF_ALL: usize = 4096;

/// A connection and the URI that it follows.
type Key = (Option<Connection>, String);

/// The subscriptions of older clients.
#[derive(Debug, Default)]
pub(super) struct Subscriptions(Mutex<HashMap<Key, Following>>);

/// A client and the resources that it subscribed to.
#[derive(Debug)]
struct Following {
    task: AbortHandle,
    peer: Peer<RoleServer>,
}

impl Following {
    /// Whether the client can no longer be notified.
    fn has_ended(&self) -> bool {
        if self.peer.is_transport_closed() {
            self.task.abort();
        }
        self.peer.is_transport_closed() || self.task.is_finished()
    }
}

impl Subscriptions {
    fn add(&self, key: Key, begin: impl FnOnce() -> Following) -> Result<(), ErrorData> {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        all.retain(|_, following| !following.has_ended());
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

    fn remove(&self, key: &Key) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(following) = all.remove(key) {
            following.task.abort();
        }
    }
}

impl McpServer {
    /// The events that a caller may be notified of.
    pub(super) fn events_for(&self, caller: &Caller) -> Option<&Events> {
        let events = self.server().events_for(caller);
        events.filter(|_| self.server().has_for(resources::LIST, &caller.principal))
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
            let (uris, listener) = ([(uri, types)], Listener::Peer(peer.clone()));
            let following = async move {
                tokio::select! {
                    () = tell(tail, &uris, &listener) => {}
                    () = stopping.cancelled() => {}
                }
            };
            Following { task: tokio::spawn(following).abort_handle(), peer }
        })
    }

    /// Ends an older client's subscription.
    pub(super) fn unfollow(&self, uri: &str, caller: &Caller) {
        self.inner.subscriptions.remove(&(caller.connection.clone(), uri.to_owned()));
    }

    /// What of a client's wishes can be subscribed to; `None` where nothing can.
    pub(super) fn accepted(&self, requested: &SubscriptionFilter) -> Option<SubscriptionFilter> {
        let has_events = self.server().events().is_some();
        if !has_events && !self.inner.is_reloadable {
            return None;
        }
        let uris = requested.resource_subscriptions.iter().flatten().filter(|_| has_events);
        let uris = uris.filter(|uri| resources::types(uri).is_some()).take(OF_ONE_CLIENT).cloned();
        let accepted = SubscriptionFilter::builder().resource_subscriptions(uris);
        let wants_list = requested.tools_list_changed == Some(true) && self.inner.is_reloadable;
        Some(if wants_list { accepted.tools_list_changed().build() } else { accepted.build() })
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
        let told_of_list = async {
            if context.accepted().tools_list_changed == Some(true) {
                self.tell_of_list(&caller.principal, context.sink()).await;
            }
            std::future::pending::<()>().await;
        };
        tokio::select! {
            () = told => {}
            () = told_of_list => {}
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
                // A client that is slow to read gets the notification of a later event.
                peer.notify_resource_updated(updated).await.is_ok() || !peer.is_transport_closed()
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

#[cfg(test)]
mod tests {
    use rmcp::ServiceExt;

    use super::*;
    use crate::{Clerk, Server, ServerOptions, Settings, ctx::USER_AGENT, guard::Guard};

    #[tokio::test]
    async fn a_client_that_has_gone_takes_no_subscription_from_others() {
        let api = clerk_api::ClientConfig::new("http://127.0.0.1:1".parse().unwrap(), USER_AGENT);
        let key = Ok(clerk_api::SecretKey::parse("sk_test_x").unwrap());
        let clerk = Clerk::new(Settings {
            api,
            key,
            profile: None,
            other_secrets: Vec::new(),
            upload_folder: None,
        });
        let server = McpServer::new(Server::new(ServerOptions::new(clerk, Guard::default())));
        let (ours, theirs) = tokio::io::duplex(1 << 12);
        let (serving, client) = tokio::join!(server.serve(ours), ().serve(theirs));
        let (serving, client) = (serving.unwrap(), client.unwrap());
        let peer = serving.peer().clone();
        let subscriptions = Subscriptions::default();
        let add = |uri: String| {
            let task = tokio::spawn(std::future::pending::<()>()).abort_handle();
            subscriptions.add((None, uri), || Following { task, peer: peer.clone() })
        };
        for number in 0..OF_ONE_CLIENT {
            assert!(add(number.to_string()).is_ok(), "{number}");
        }
        assert!(add("one more".to_owned()).is_err());
        client.cancel().await.unwrap();
        serving.waiting().await.unwrap();
        assert!(add("one more".to_owned()).is_ok());
        assert_eq!(subscriptions.0.lock().unwrap().len(), 1);
    }
}
