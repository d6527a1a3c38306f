//! A bounded number of places for connections and deliveries. If all are taken, the holder that has
//! been idle for longest is evicted for the next one, so that idle holders keep no others out.

use std::{
    collections::HashMap,
    pin::Pin,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    task::{Context, Poll},
};

use axum::body::{Body, Bytes, HttpBody};
use hyper::body::{Frame, SizeHint};
use tokio::sync::Notify;
use tokio_util::sync::CancellationToken;

/// A bounded number of places.
#[derive(Clone, Debug)]
pub(super) struct Places(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    state: Mutex<State>,
    /// Someone has left, or only waits now.
    changed: Notify,
}

#[derive(Debug)]
struct State {
    most: usize,
    /// Counts whatever happens, for names and for the order of it.
    clock: u64,
    holders: HashMap<u64, Holder>,
}

#[derive(Debug)]
struct Holder {
    /// Since when it waits; `None` while it is served.
    waits_since: Option<u64>,
    lost: CancellationToken,
}

/// A place that is held until it is dropped, or lost.
#[derive(Debug)]
pub(super) struct Place {
    places: Places,
    name: u64,
    lost: CancellationToken,
}

/// While it lives, its place can't be lost.
#[derive(Debug)]
pub(super) struct Served(Arc<Place>);

impl Places {
    /// So many places.
    pub(super) fn new(most: usize) -> Self {
        let state = State { most, clock: 0, holders: HashMap::new() };
        Self(Arc::new(Inner { state: Mutex::new(state), changed: Notify::new() }))
    }

    /// Takes a place. If none is free, the one who has waited longest loses theirs; `None` if
    /// nobody waits.
    pub(super) fn try_take(&self) -> Option<Place> {
        let mut state = self.state();
        if state.holders.len() >= state.most && !state.evict() {
            return None;
        }
        let name = state.tick();
        let lost = CancellationToken::new();
        let holder = Holder { waits_since: Some(name), lost: lost.clone() };
        state.holders.insert(name, holder);
        Some(Place { places: self.clone(), name, lost })
    }

    /// As [`Self::try_take`], but waits until there is a place.
    pub(super) async fn take(&self) -> Place {
        loop {
            let changed = self.0.changed.notified();
            if let Some(place) = self.try_take() {
                return place;
            }
            changed.await;
        }
    }

    /// Puts out an eighth of those who hold places, if so many wait, and has no more places than
    /// are taken then, but at least `fewest`. Returns how many it has now.
    pub(super) fn shrink(&self, fewest: usize) -> usize {
        let mut state = self.state();
        let taken = state.holders.len();
        let most = (taken - taken / 8).max(fewest);
        state.most = state.most.min(most);
        while state.holders.len() > state.most && state.evict() {}
        state.most
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn tick(&mut self) -> u64 {
        self.clock += 1;
        self.clock
    }

    /// Takes the place of who has waited longest; `false` if nobody waits.
    fn evict(&mut self) -> bool {
        let waiting = self.holders.iter().filter_map(|(name, it)| Some((it.waits_since?, *name)));
        let Some((_, longest)) = waiting.min() else { return false };
        if let Some(holder) = self.holders.remove(&longest) {
            holder.lost.cancel();
        }
        true
    }
}

impl Place {
    /// Resolves when the place is lost to another.
    pub(super) async fn lost(&self) {
        self.lost.cancelled().await;
    }

    /// Keeps the place for as long as the result lives.
    pub(super) fn serve(self: &Arc<Self>) -> Served {
        if let Some(holder) = self.places.state().holders.get_mut(&self.name) {
            holder.waits_since = None;
        }
        Served(self.clone())
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.places.state().holders.remove(&self.name);
        self.places.0.changed.notify_one();
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let Place { places, name, .. } = &*self.0;
        let mut state = places.state();
        let now = state.tick();
        if let Some(holder) = state.holders.get_mut(name) {
            holder.waits_since = Some(now);
        }
        drop(state);
        places.0.changed.notify_one();
    }
}

impl Served {
    /// Keeps the place until the whole body was sent.
    pub(super) fn until_sent(self, body: Body) -> ServedBody {
        ServedBody { body, _served: self }
    }
}

/// A body whose connection keeps its place until it was sent.
#[derive(Debug)]
pub(super) struct ServedBody {
    body: Body,
    _served: Served,
}

impl HttpBody for ServedBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

#[cfg(test)]
mod tests {
    use futures::FutureExt;

    use super::*;

    fn is_lost(place: &Place) -> bool {
        place.lost().now_or_never().is_some()
    }

    #[test]
    fn who_has_waited_longest_makes_room() {
        let places = Places::new(2);
        let (first, second) = (places.try_take().unwrap(), places.try_take().unwrap());
        let third = places.try_take().unwrap();
        assert!(is_lost(&first) && !is_lost(&second) && !is_lost(&third));
        // What was lost is given up once, not twice.
        drop(first);
        let fourth = places.try_take().unwrap();
        assert!(is_lost(&second) && !is_lost(&third) && !is_lost(&fourth));
        drop(third);
        let _fifth = places.try_take().unwrap();
        assert!(!is_lost(&fourth));
    }

    #[test]
    fn who_is_served_keeps_the_place_and_waits_anew_afterwards() {
        let places = Places::new(2);
        let [first, second] = [(); 2].map(|()| Arc::new(places.try_take().unwrap()));
        let served = first.serve();
        let third = Arc::new(places.try_take().unwrap());
        assert!(!is_lost(&first) && is_lost(&second));
        let other = third.serve();
        assert!(places.try_take().is_none(), "both are served");
        drop(other);
        drop(served);
        let _fourth = places.try_take().unwrap();
        assert!(is_lost(&third) && !is_lost(&first), "the third has waited longer");
    }

    #[tokio::test]
    async fn a_place_is_waited_for_while_all_are_served() {
        let places = Places::new(1);
        let place = Arc::new(places.try_take().unwrap());
        let served = place.serve();
        let waiting = places.take();
        tokio::pin!(waiting);
        assert!(waiting.as_mut().now_or_never().is_none());
        drop(served);
        waiting.await;
        assert!(is_lost(&place));
    }

    #[test]
    fn fewer_places_evict_those_who_wait() {
        let places = Places::new(100);
        let taken: Vec<_> = (0..80).map(|_| places.try_take().unwrap()).collect();
        assert_eq!(places.shrink(8), 70);
        assert_eq!(taken.iter().filter(|place| is_lost(place)).count(), 10);
        assert!(is_lost(&taken[0]) && !is_lost(&taken[79]));
        assert_eq!(places.shrink(64), 64);
        assert_eq!(places.shrink(64), 64);
    }
}
