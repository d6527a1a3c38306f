//! Telling clients that their list of tools is another one, after the policy was replaced.
//! <https://modelcontextprotocol.io/specification/2026-07-28/server/tools#list-changed-notification>

use std::{
    collections::HashMap,
    sync::{Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use rmcp::{Peer, RoleServer, service::SubscriptionSink};
use tokio::sync::watch;

use super::McpServer;
use crate::{guard::Policy, principal::Principal};

/// How long a client may take to read that its list changed.
const PATIENCE: Duration = Duration::from_secs(10);

/// Who is notified that the list of tools changed.
#[derive(Debug, Default)]
pub(super) struct Lists {
    /// Clients of older revisions that have a session, and whose it is.
    sessions: Mutex<Vec<(Principal, Peer<RoleServer>)>>,
    /// Seen by those who listen, whenever the policy is replaced.
    replaced: watch::Sender<()>,
}

impl McpServer {
    /// Remembers a client of an older revision, to tell it of changes. Those that have gone are
    /// forgotten.
    pub(super) fn remember(&self, principal: Principal, peer: Peer<RoleServer>) {
        if !self.inner.is_reloadable {
            return;
        }
        let mut sessions = self.inner.lists.sessions();
        sessions.retain(|(_, peer)| !peer.is_transport_closed());
        sessions.push((principal, peer));
    }

    /// Puts another policy in the place of the one there is, and tells each client whose list of tools
    /// is another one then.
    pub fn replace_policy(&self, policy: Policy) {
        let sessions = self.inner.lists.sessions().clone();
        let people = sessions.iter().map(|(principal, _)| principal.clone());
        let before: HashMap<Principal, Vec<&str>> =
            people.map(|principal| (principal.clone(), self.names(&principal))).collect();
        self.server().replace_policy(policy);
        self.inner.lists.replaced.send_replace(());
        let changed = |(principal, names): (Principal, Vec<&str>)| {
            (self.names(&principal) != names).then_some(principal)
        };
        let changed: Vec<Principal> = before.into_iter().filter_map(changed).collect();
        for (principal, peer) in sessions {
            if changed.contains(&principal) {
                // One that reads slowly keeps nobody waiting.
                tokio::spawn(tokio::time::timeout(PATIENCE, async move {
                    if let Err(error) = peer.notify_tool_list_changed().await {
                        tracing::debug!(%error, "a client could not be notified of its new list");
                    }
                }));
            }
        }
    }

    /// Notifies a client that listens whenever its list changes, until that fails.
    pub(super) async fn tell_of_list(&self, principal: &Principal, sink: &SubscriptionSink) {
        let mut replaced = self.inner.lists.replaced.subscribe();
        let mut names = self.names(principal);
        while replaced.changed().await.is_ok() {
            let now = self.names(principal);
            if now != names && sink.notify_tool_list_changed().await.is_err() {
                return;
            }
            names = now;
        }
    }

    fn names(&self, principal: &Principal) -> Vec<&'static str> {
        self.server().tools_for(principal).map(|(_, tool)| tool.name).collect()
    }
}

impl Lists {
    fn sessions(&self) -> MutexGuard<'_, Vec<(Principal, Peer<RoleServer>)>> {
        self.sessions.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
