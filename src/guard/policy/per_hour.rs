//! How many calls in an hour a rule allows.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use crate::{
    guard::hourly::{Hourly, HourlyEach},
    principal::Principal,
};

/// The limits of a rule, of which each may be missing.
#[derive(Debug, Default)]
pub(super) struct PerHour {
    /// On all calls together.
    pub(super) all: Option<Arc<Hourly>>,
    /// On the calls of each person.
    pub(super) each: Option<Arc<HourlyEach>>,
    /// Held while a call is counted: it counts for both or for none.
    counting: Mutex<()>,
}

/// A limit that is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reached {
    /// How many calls it allows.
    pub(super) limit: u32,
    /// Whether each person has it.
    pub(super) is_each: bool,
    /// How long until there is room.
    pub(super) wait: Duration,
}

impl PerHour {
    pub(super) fn new(all: Option<u32>, each: Option<u32>) -> Self {
        let all = all.map(|limit| Arc::new(Hourly::new(limit)));
        let each = each.map(|limit| Arc::new(HourlyEach::new(limit)));
        Self { all, each, counting: Mutex::default() }
    }

    /// Counts together with another rule where the limits are the same.
    pub(super) fn keep_counts(&mut self, old: &Self) {
        if let (Some(all), Some(old)) = (&mut self.all, &old.all)
            && all.limit() == old.limit()
        {
            all.clone_from(old);
        }
        if let (Some(each), Some(old)) = (&mut self.each, &old.each)
            && each.limit() == old.limit()
        {
            each.clone_from(old);
        }
    }

    /// Whether there is any limit.
    pub(super) fn is_limited(&self) -> bool {
        self.all.is_some() || self.each.is_some()
    }

    /// Whether there is room for one call of this person. It counts nothing.
    pub(super) fn check(&self, principal: &Principal, now: Instant) -> Result<(), Reached> {
        self.room(principal, |limit| limit.check(now))
    }

    /// Counts a call of this person that concerns so many people.
    pub(super) fn count(&self, principal: &Principal, people: u32) -> Result<(), Reached> {
        let _counting = self.counting.lock().unwrap_or_else(PoisonError::into_inner);
        let now = Instant::now();
        self.room(principal, |limit| limit.check_many(now, people))?;
        self.room(principal, |limit| limit.take_many(now, people))
    }

    /// How many calls of this person there is room for, and of how many.
    pub(super) fn left(&self, principal: &Principal) -> Option<(u32, u32)> {
        let now = Instant::now();
        let left = |limit: &Hourly| (limit.left(now), limit.limit());
        let all = self.all.as_deref().map(left);
        let each = self.each.as_ref().map(|each| left(&each.of(principal)));
        all.into_iter().chain(each).min()
    }

    fn room(
        &self,
        principal: &Principal,
        has_room: impl Fn(&Hourly) -> Result<(), Duration>,
    ) -> Result<(), Reached> {
        let reached = |limit, is_each| move |wait| Reached { limit, is_each, wait };
        if let Some(each) = &self.each {
            has_room(&each.of(principal)).map_err(reached(each.limit(), true))?;
        }
        if let Some(all) = &self.all {
            has_room(all).map_err(reached(all.limit(), false))?;
        }
        Ok(())
    }
}
