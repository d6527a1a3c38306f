//! The sessions of older clients over streamable HTTP. Many clients leave without saying so, so that
//! the one that has been idle for longest makes room when there are too many.

use std::{
    collections::{HashMap, HashSet},
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use rmcp::{
    model::RequestId,
    transport::{
        common::server_side_http::SessionId,
        streamable_http_server::session::{SessionManager, local::LocalSessionManager},
    },
};
use tokio::{
    sync::{OwnedSemaphorePermit, Semaphore},
    time::Instant,
};

use crate::principal::Principal;

/// How many requests may be under way in a session. rmcp sets no bound, and works on them even when
/// the client has gone.
const UNDER_WAY: usize = 256;

/// The open sessions.
pub(super) struct Sessions {
    manager: Arc<LocalSessionManager>,
    places: Arc<Semaphore>,
    open: Mutex<HashMap<SessionId, Open>>,
}

/// A session, and its place.
struct Open {
    activity: Arc<Activity>,
    place: OwnedSemaphorePermit,
}

/// What happens in a session.
struct Activity {
    id: SessionId,
    opener: Principal,
    /// The requests that the handler works on.
    under_way: Mutex<HashSet<RequestId>>,
    last_used: Mutex<Instant>,
}

impl Sessions {
    /// The sessions that `manager` keeps, at most `limit` at once.
    pub(super) fn new(manager: Arc<LocalSessionManager>, limit: usize) -> Self {
        let places = Arc::new(Semaphore::new(limit.min(Semaphore::MAX_PERMITS)));
        Self { manager, places, open: Mutex::default() }
    }

    fn open(&self) -> MutexGuard<'_, HashMap<SessionId, Open>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for one more session. If all are taken, the session that has been idle for longest
    /// ends; without an idle one there is no place.
    pub(super) async fn place(&self) -> Option<OwnedSemaphorePermit> {
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            return Some(place);
        }
        // Those that have ended need no place any more.
        let alive: HashSet<SessionId> =
            self.manager.sessions.read().await.keys().cloned().collect();
        self.open().retain(|id, _| alive.contains(id));
        if let Ok(place) = self.places.clone().try_acquire_owned() {
            return Some(place);
        }
        let Open { activity, place } = self.take_idlest()?;
        tracing::info!("the session that was idle for longest ends, to make room for another");
        if let Err(error) = self.manager.close_session(&activity.id).await {
            tracing::warn!(%error, "an idle session could not be closed");
        }
        Some(place)
    }

    fn take_idlest(&self) -> Option<Open> {
        let mut open = self.open();
        let idle =
            open.values().map(|session| &session.activity).filter(|activity| activity.is_idle());
        let id = idle.min_by_key(|activity| activity.last_used())?.id.clone();
        open.remove(&id)
    }

    /// Adds a session that has begun.
    pub(super) fn add(&self, id: &str, opener: Principal, place: OwnedSemaphorePermit) -> InUse {
        let id = SessionId::from(id);
        let activity = Arc::new(Activity {
            id: id.clone(),
            opener,
            under_way: Mutex::default(),
            last_used: Mutex::new(Instant::now()),
        });
        self.open().insert(id, Open { activity: activity.clone(), place });
        InUse(activity)
    }

    /// Whether there is a session with this id that somebody else opened.
    pub(super) fn is_of_another(&self, id: &str, principal: &Principal) -> bool {
        let open = self.open();
        open.get(id).is_some_and(|session| !principal.may_continue(&session.activity.opener))
    }

    /// Keeps a session from making room for another, if there is one with this id.
    pub(super) fn enter(&self, id: &str) -> Option<InUse> {
        self.open().get(id).map(|session| InUse(session.activity.clone()))
    }
}

impl Activity {
    /// Whether nothing is under way in it and no stream is open.
    fn is_idle(self: &Arc<Self>) -> bool {
        // The other owners are those that use it.
        Arc::strong_count(self) == 1
    }

    fn last_used(&self) -> Instant {
        *self.last_used.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn under_way(&self) -> MutexGuard<'_, HashSet<RequestId>> {
        self.under_way.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A session is in use as long as this lives.
#[derive(Clone)]
pub(super) struct InUse(Arc<Activity>);

impl Drop for InUse {
    fn drop(&mut self) {
        *self.0.last_used.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }
}

/// Why a session takes no further request.
pub(super) enum NoRoom {
    /// Too many are under way.
    TooMany,
    /// One with this id is under way. rmcp would answer only one of the two.
    SameId,
}

impl InUse {
    pub(super) fn session(&self) -> SessionId {
        self.0.id.clone()
    }

    /// Begins a request in the session.
    pub(super) fn begin(&self, id: &RequestId) -> Result<Arc<UnderWay>, NoRoom> {
        let mut under_way = self.0.under_way();
        if under_way.contains(id) {
            return Err(NoRoom::SameId);
        }
        if under_way.len() >= UNDER_WAY {
            return Err(NoRoom::TooMany);
        }
        under_way.insert(id.clone());
        Ok(Arc::new(UnderWay { in_use: self.clone(), id: id.clone() }))
    }
}

/// A request is under way as long as this lives.
pub(super) struct UnderWay {
    in_use: InUse,
    id: RequestId,
}

impl Drop for UnderWay {
    fn drop(&mut self) {
        self.in_use.0.under_way().remove(&self.id);
    }
}
