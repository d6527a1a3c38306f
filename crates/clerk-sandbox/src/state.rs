//! The sandbox itself: what it starts with, what it keeps and how it misbehaves.

use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::deliveries::{Deliveries, Webhook};
use crate::fault::{Armed, Fault};
use crate::limit::Limits;
use crate::seed;
use crate::store::Store;

/// What a sandbox starts with.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many users to make up, at most 1,000,000; more are cut to that. The numbers of
    /// organizations and sessions follow from it.
    pub users: usize,
    /// The number that the data is made up from.
    pub seed: u64,
    /// Faults for the requests they match. Of several that match, the first with turns left
    /// applies.
    pub faults: Vec<Fault>,
    /// How many requests each key has in any 10 seconds; further ones get 429. With it come Clerk's
    /// limits of single resources: 10 changes of one user, and of one membership, in the same time.
    /// `None` means no limit at all; a development instance of Clerk has 100.
    pub rate_limit: Option<u32>,
    /// Where to send changes as webhooks. Such a sandbox has to be created within a tokio runtime.
    pub webhook: Option<Webhook>,
    /// Whether Clerk has an operation, by method and path below `/v1`, that this sandbox lacks: the
    /// response is then 501, else 404.
    pub clerk_has: fn(&str, &str) -> bool,
}

impl Default for Options {
    fn default() -> Self {
        Self {
            users: 25,
            seed: 1,
            faults: Vec::new(),
            rate_limit: None,
            webhook: None,
            clerk_has: |_, _| false,
        }
    }
}

/// The sandbox: its data and its faults. Clones share both.
#[derive(Debug, Clone)]
pub struct Sandbox(Arc<State>);

#[derive(Debug)]
struct State {
    store: RwLock<Store>,
    faults: Vec<Armed>,
    limits: Option<Limits>,
    deliveries: Option<Deliveries>,
    clerk_has: fn(&str, &str) -> bool,
}

impl Sandbox {
    /// A sandbox filled from the options' seed.
    #[must_use]
    pub fn new(options: Options) -> Self {
        Self(Arc::new(State {
            store: RwLock::new(seed::store(options.users, options.seed)),
            faults: options.faults.into_iter().map(Armed::from).collect(),
            limits: options.rate_limit.map(Limits::new),
            deliveries: options.webhook.map(Deliveries::start),
            clerk_has: options.clerk_has,
        }))
    }

    // A poisoned lock is taken as it is: no handler leaves the store half written.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.0.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, Store> {
        self.0.store.write().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn faults(&self) -> &[Armed] {
        &self.0.faults
    }

    pub(crate) fn limits(&self) -> Option<&Limits> {
        self.0.limits.as_ref()
    }

    pub(crate) fn deliveries(&self) -> Option<&Deliveries> {
        self.0.deliveries.as_ref()
    }

    /// Whether Clerk has an operation, by method and path below `/v1`.
    pub(crate) fn clerk_has(&self, method: &str, path: &str) -> bool {
        (self.0.clerk_has)(method, path)
    }
}
