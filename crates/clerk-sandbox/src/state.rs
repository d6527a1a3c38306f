//! The sandbox itself: what it starts with, and the instances of its keys.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::fmt;
use std::sync::{
    Arc, Mutex, MutexGuard, OnceLock, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard,
};

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use indexmap::IndexMap;

use crate::deliveries::{Deliveries, Webhook};
use crate::fault::{Fault, Faults};
use crate::limit::Limits;
use crate::requests::Requests;
use crate::seed;
use crate::store::Store;
use crate::time::Clock;

/// A key that the sandbox accepts.
pub const KEY: &str = "sk_test_sandbox";

/// How the keys of production instances begin.
const LIVE: &str = "sk_live_";

/// How many instances a sandbox keeps. For one more, the one that was idle longest is dropped.
const MAX_INSTANCES: usize = 100;

/// What a sandbox starts with.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many users to make up, at most 1,000,000; more are cut to that. The numbers of
    /// organizations and sessions follow from it; 0 is an instance with neither.
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
    /// Where to send the webhooks of all instances.
    pub webhook: Option<Webhook>,
    /// The hosts, by name or address, that the control API may send webhooks to, besides the
    /// machine itself.
    pub webhook_hosts: Vec<String>,
    /// What every instance starts with instead of people who are made up.
    pub fixtures: Option<Fixtures>,
    /// How many days the application's logs are kept; Clerk's plans have 1, 7 and 30.
    pub log_retention_days: u64,
    /// Whether to serve the control API under `/sandbox`.
    pub control: bool,
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
            webhook_hosts: Vec::new(),
            fixtures: None,
            log_retention_days: 7,
            control: true,
            clerk_has: |_, _| false,
        }
    }
}

/// Users, organizations, memberships and roles of one's own, to start with; see
/// [`Fixtures::parse`].
#[derive(Clone)]
pub struct Fixtures(pub(crate) Arc<Store>);

impl fmt::Debug for Fixtures {
    // They may hold passwords.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Fixtures")
    }
}

impl Options {
    /// What an instance starts with.
    pub(crate) fn store(&self) -> Store {
        let mut store = match &self.fixtures {
            Some(fixtures) => (*fixtures.0).clone(),
            None => seed::store(self.users, self.seed),
        };
        store.settings.logs.retention_days = self.log_retention_days;
        store
    }
}

/// A sandbox, as one secret key sees it. Each key has an instance of its own, made from the same
/// options when the key is first used, so that tests with different keys never meet. Clones share
/// everything.
#[derive(Clone)]
pub struct Sandbox {
    shared: Arc<Shared>,
    instance: Arc<Instance>,
}

impl fmt::Debug for Sandbox {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Sandbox")
            .field("options", &self.shared.options)
            .finish_non_exhaustive()
    }
}

/// What all instances have in common.
struct Shared {
    options: Options,
    /// By key, the one used last at the end.
    instances: Mutex<IndexMap<String, Arc<Instance>>>,
}

/// What one key sees and changes.
struct Instance {
    is_live: bool,
    /// Made when it is first needed.
    store: OnceLock<RwLock<Store>>,
    faults: Faults,
    limits: Option<Limits>,
    requests: Requests,
    deliveries: Deliveries,
    snapshots: Mutex<BTreeMap<String, Store>>,
}

impl Instance {
    fn new(key: &str, options: &Options) -> Self {
        Self {
            is_live: key.starts_with(LIVE),
            store: OnceLock::new(),
            faults: Faults::new(&options.faults),
            limits: options.rate_limit.map(Limits::new),
            requests: Requests::default(),
            deliveries: Deliveries::new(options.webhook.clone()),
            snapshots: Mutex::default(),
        }
    }
}

impl Sandbox {
    /// A sandbox whose instances are filled from the options' seed.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let instance = Arc::new(Instance::new(KEY, &options));
        let shared = Shared {
            instances: Mutex::new(IndexMap::from([(KEY.to_owned(), Arc::clone(&instance))])),
            options,
        };
        Self { shared: Arc::new(shared), instance }
    }

    /// The same sandbox, as this key sees it.
    pub(crate) fn of_key(&self, key: &str) -> Self {
        let mut instances = locked(&self.shared.instances);
        let instance = instances.shift_remove(key);
        let instance =
            instance.unwrap_or_else(|| Arc::new(Instance::new(key, &self.shared.options)));
        if instances.len() >= MAX_INSTANCES {
            tracing::warn!(
                "more than {MAX_INSTANCES} keys: the one that was idle longest is dropped"
            );
            instances.shift_remove_index(0);
        }
        instances.insert(key.to_owned(), Arc::clone(&instance));
        Self { shared: Arc::clone(&self.shared), instance }
    }

    /// The same sandbox, as each key sees it that was used so far.
    pub(crate) fn instances(&self) -> Vec<Self> {
        let instances = locked(&self.shared.instances);
        let of_instance = |instance: &Arc<Instance>| Self {
            shared: Arc::clone(&self.shared),
            instance: Arc::clone(instance),
        };
        instances.values().map(of_instance).collect()
    }

    /// The instance that has this session, for requests without a key; else this one.
    pub(crate) fn with_session(&self, id: &str) -> Self {
        let instances = self.instances().into_iter();
        let mut used = instances.filter(|sandbox| sandbox.instance.store.get().is_some());
        used.find(|sandbox| sandbox.read().sessions.get(id).is_ok()).unwrap_or_else(|| self.clone())
    }

    pub(crate) fn options(&self) -> &Options {
        &self.shared.options
    }

    /// Whether the key is that of a production instance.
    pub(crate) fn is_live(&self) -> bool {
        self.instance.is_live
    }

    // A poisoned lock is taken as it is: no handler leaves the store half written.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.store().read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, Store> {
        self.store().write().unwrap_or_else(PoisonError::into_inner)
    }

    fn store(&self) -> &RwLock<Store> {
        self.instance.store.get_or_init(|| RwLock::new(self.shared.options.store()))
    }

    /// Puts other data in the place of the instance's, and its clock.
    pub(crate) fn replace(&self, store: Store) {
        self.instance.deliveries.follow(store.clock());
        *self.write() = store;
    }

    /// Makes the instance anew from this data; snapshots and receivers of webhooks stay.
    pub(crate) fn reset(&self, store: Store) {
        self.replace(store);
        self.instance.deliveries.sent().clear();
        self.instance.faults.replace(&self.shared.options.faults);
        self.instance.requests.clear();
    }

    /// Changes the clock, and lets expire what is over by then.
    pub(crate) fn change_clock(&self, change: impl FnOnce(&mut Clock)) {
        let mut store = self.write();
        store.change_clock(change);
        store.expire();
        self.instance.deliveries.follow(store.clock());
    }

    pub(crate) fn faults(&self) -> &Faults {
        &self.instance.faults
    }

    pub(crate) fn limits(&self) -> Option<&Limits> {
        self.instance.limits.as_ref()
    }

    pub(crate) fn requests(&self) -> &Requests {
        &self.instance.requests
    }

    pub(crate) fn snapshots(&self) -> MutexGuard<'_, BTreeMap<String, Store>> {
        locked(&self.instance.snapshots)
    }

    pub(crate) fn deliveries(&self) -> &Deliveries {
        &self.instance.deliveries
    }

    /// Whether Clerk has an operation, by method and path below `/v1`.
    pub(crate) fn clerk_has(&self, method: &str, path: &str) -> bool {
        (self.shared.options.clerk_has)(method, path)
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// The sandbox as the request's key sees it. In the place of axum's `State`, which is the same for
/// every request, it is what the gate attached to this one.
#[derive(Debug)]
pub(crate) struct State<T>(pub(crate) T);

impl<S: Sync> FromRequestParts<S> for State<Sandbox> {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        // The router attaches one to every request.
        let sandbox = parts.extensions.get::<Sandbox>().cloned();
        Ok(Self(sandbox.unwrap_or_else(|| Sandbox::new(Options::default()))))
    }
}
