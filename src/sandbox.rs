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

mod body;
mod fault;
mod gate;
mod instance;
mod invitations;
mod limit;
mod memberships;
mod model;
mod organizations;
mod query;
mod refusal;
mod reply;
mod restrictions;
mod roles;
mod seed;
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
use axum::routing::{delete, get, patch, post};
use axum::serve::ListenerExt as _;
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub use fault::Fault;

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
}

impl Default for Options {
    fn default() -> Self {
        Self { users: 25, seed: 1, faults: Vec::new(), rate_limit: None }
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
}

impl Sandbox {
    /// A sandbox filled from the options' seed.
    #[must_use]
    pub fn new(options: Options) -> Self {
        let state = State {
            store: RwLock::new(seed::store(options.users, options.seed)),
            faults: options.faults.into_iter().map(Armed::from).collect(),
            limits: options.rate_limit.map(Limits::new),
        };
        Self { state: Arc::new(state) }
    }

    /// The HTTP service: Clerk's paths under `/v1`, and a word about itself at `/`.
    pub fn router(&self) -> Router {
        // It is around the handlers it is added after, not around those added later.
        let limited = middleware::from_fn_with_state(self.clone(), limit::changes_of_user);
        let limited_membership =
            middleware::from_fn_with_state(self.clone(), limit::changes_of_membership);
        Router::new()
            .route("/v1/users", get(users::list).post(users::create))
            .route("/v1/users/count", get(users::count))
            .route(
                "/v1/users/{user_id}",
                patch(users::update)
                    .route_layer(limited.clone())
                    .get(users::show)
                    .delete(users::delete),
            )
            .route(
                "/v1/users/{user_id}/metadata",
                patch(users::merge_metadata).put(users::replace_metadata).route_layer(limited),
            )
            .route("/v1/users/{user_id}/ban", post(users::ban))
            .route("/v1/users/{user_id}/unban", post(users::unban))
            .route("/v1/users/{user_id}/lock", post(users::lock))
            .route("/v1/users/{user_id}/unlock", post(users::unlock))
            .route("/v1/users/{user_id}/organization_memberships", get(memberships::of_user))
            .route("/v1/organizations", get(organizations::list).post(organizations::create))
            .route(
                "/v1/organizations/{organization_id}",
                get(organizations::show).patch(organizations::update).delete(organizations::delete),
            )
            .route(
                "/v1/organizations/{organization_id}/metadata",
                patch(organizations::merge_metadata),
            )
            .route(
                "/v1/organizations/{organization_id}/invitations",
                get(invitations::list).post(invitations::create),
            )
            .route(
                "/v1/organizations/{organization_id}/invitations/{invitation_id}",
                get(invitations::show),
            )
            .route(
                "/v1/organizations/{organization_id}/invitations/{invitation_id}/revoke",
                post(invitations::revoke),
            )
            .route(
                "/v1/allowlist_identifiers",
                get(restrictions::list_allowed).post(restrictions::allow),
            )
            .route("/v1/allowlist_identifiers/{identifier_id}", delete(restrictions::disallow))
            .route(
                "/v1/blocklist_identifiers",
                get(restrictions::list_blocked).post(restrictions::block),
            )
            .route("/v1/blocklist_identifiers/{identifier_id}", delete(restrictions::unblock))
            .route(
                "/v1/organizations/{organization_id}/memberships",
                get(memberships::of_organization).post(memberships::create),
            )
            .route(
                "/v1/organizations/{organization_id}/memberships/{user_id}",
                patch(memberships::update)
                    .route_layer(limited_membership)
                    .delete(memberships::delete),
            )
            .route("/v1/organization_roles", get(roles::list))
            .route("/v1/sessions", get(sessions::list))
            .route("/v1/sessions/{session_id}", get(sessions::show))
            .route("/v1/sessions/{session_id}/revoke", post(sessions::revoke))
            .route("/v1/instance", get(instance::show))
            .fallback(refusal::unknown_route)
            .method_not_allowed_fallback(refusal::method_not_allowed)
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
