//! A small Clerk Backend API, in memory, over HTTP on loopback.
//!
//! It gives a newcomer a first answer without a key, an agent's developer something safe to test
//! against, and the tests their upstream. As far as a client can see it behaves as Clerk does:
//! shapes of answers, error codes and statuses, uniqueness, metadata rules, API versions. Any key
//! that begins with `sk_test_` is taken.
//!
//! It is filled with people made up from a seed number: equal [`Options`] give equal data, ids and
//! timestamps included. [`Fault`]s make it misbehave on request.
//!
//! The way of one request: `gate` (key, rate limit, version, fault), then the handler of a resource
//! (`users`, `organizations`, `memberships`, `roles`, `sessions`, `instance`), which reads its arguments
//! through `query` or `body` and works on the `store`. Whatever is refused is a `refusal`.

mod actor_tokens;
mod body;
mod deliveries;
mod fault;
mod gate;
mod identifiers;
mod instance;
mod invitations;
mod jwt_templates;
mod limit;
mod memberships;
mod metadata;
mod model;
mod oauth_tokens;
mod organization_domains;
mod organization_invitations;
mod organizations;
mod permissions;
mod query;
mod refusal;
mod reply;
mod restrictions;
mod roles;
mod routes;
mod seed;
mod sender;
mod sessions;
mod store;
mod time;
mod users;

use std::future::Future;
use std::io;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};
use std::time::Duration;

use axum::Router;
use axum::http::{HeaderMap, header};
use axum::middleware;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use axum::serve::ListenerExt as _;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub use deliveries::Webhook;
pub use fault::Fault;
pub use sender::{InvalidSecret, SigningSecret};

use deliveries::Deliveries;
use fault::Armed;
use limit::Limits;
use store::Store;

/// How long [`serve`] lets requests finish after it was told to stop; a request under the `hang`
/// fault never would.
const GRACE: Duration = Duration::from_secs(1);

/// A key that the sandbox takes.
pub const KEY: &str = "sk_test_sandbox";

/// What a sandbox starts with.
#[derive(Debug, Clone)]
pub struct Options {
    /// How many users to make up, at most 1,000,000; more are cut to that. Organizations and
    /// sessions follow from it.
    pub users: usize,
    /// The number the people are made up from.
    pub seed: u64,
    /// Faults for the requests they match. Of several that match, the first with turns left wins.
    pub faults: Vec<Fault>,
    /// How many requests each key has in any 10 seconds; more are answered 429. With it come
    /// Clerk's limits of single resources: 10 changes of one user, and of one membership, in the
    /// same time. `None` means no limit at all; a development instance of Clerk has 100.
    pub rate_limit: Option<u32>,
    /// Where changes are sent as webhooks. Such a sandbox is to be made within a runtime.
    pub webhook: Option<Webhook>,
    /// Whether Clerk has an operation, by method and path below `/v1`, that this sandbox lacks: it
    /// is answered 501, all else 404.
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
pub struct Sandbox {
    state: Arc<State>,
}

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
        let state = State {
            store: RwLock::new(seed::store(options.users, options.seed)),
            faults: options.faults.into_iter().map(Armed::from).collect(),
            limits: options.rate_limit.map(Limits::new),
            deliveries: options.webhook.map(Deliveries::start),
            clerk_has: options.clerk_has,
        };
        Self { state: Arc::new(state) }
    }

    /// The HTTP service: Clerk's paths under `/v1`, and a word about itself at `/`.
    pub fn router(&self) -> Router {
        // It is around the handlers it is added after, not around those added later.
        let (of_user, of_membership) = (
            middleware::from_fn_with_state(self.clone(), limit::changes_of_user),
            middleware::from_fn_with_state(self.clone(), limit::changes_of_membership),
        );
        Router::new()
            .merge(routes::of_users(|changes: MethodRouter<Self>| changes.route_layer(of_user)))
            .merge(routes::of_organizations(|changes: MethodRouter<Self>| {
                changes.route_layer(of_membership)
            }))
            .merge(routes::of_roles())
            .merge(routes::of_the_rest())
            .fallback(refusal::unknown_route)
            .method_not_allowed_fallback(refusal::method_not_allowed)
            // Within the gate, so that what a fault delays or cuts off is told of all the same.
            .layer(middleware::from_fn_with_state(self.clone(), deliveries::tell))
            .layer(middleware::from_fn_with_state(self.clone(), gate::enter))
            .route("/", get(about))
            .with_state(self.clone())
    }

    // A poisoned lock is taken as it is: no handler leaves the store half written.
    fn read(&self) -> RwLockReadGuard<'_, Store> {
        self.state.store.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, Store> {
        self.state.store.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Serves the sandbox until `stop` resolves; requests under way then have one second to finish.
///
/// # Errors
///
/// Whatever the listener fails with.
pub async fn serve(
    listener: TcpListener,
    sandbox: &Sandbox,
    stop: impl Future<Output = ()> + Send + 'static,
) -> io::Result<()> {
    let listener = listener.tap_io(|connection| {
        if let Err(error) = connection.set_nodelay(true) {
            tracing::debug!(%error, "TCP_NODELAY not set");
        }
    });
    let (stopping, stopped) = oneshot::channel();
    let serving = axum::serve(listener, sandbox.router()).with_graceful_shutdown(async {
        stop.await;
        // The other end is gone only when the server is.
        let _ = stopping.send(());
    });
    let deadline = async {
        match stopped.await {
            Ok(()) => tokio::time::sleep(GRACE).await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        result = serving => result,
        () = deadline => Ok(()),
    }
}

async fn about(headers: HeaderMap) -> Response {
    let host = headers.get(header::HOST).and_then(|host| host.to_str().ok()).unwrap_or("127.0.0.1");
    reply::json(&json!({
        "name": "clerk-mcp sandbox",
        "about": "A small in-memory stand-in for Clerk's Backend API, with made-up people.",
        "example": format!("curl -H 'Authorization: Bearer sk_test_sandbox' http://{host}/v1/users"),
    }))
}
