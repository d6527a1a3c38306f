//! A small Clerk Backend API, in memory, over HTTP on loopback.
//!
//! Newcomers try Clerk tools on it without a key, developers of agents test against it, and tests
//! use it as their upstream. As far as a client can see it behaves as Clerk does: the shapes of
//! responses, error codes and statuses, uniqueness, metadata rules, API versions. It accepts any
//! key that begins with `sk_test_` or `sk_live_`, and each key has an instance of its own.
//!
//! It is filled with people made up from a seed number: equal [`Options`] give equal data, ids and
//! timestamps included. [`Fault`]s make it misbehave on request.
//!
//! A request passes the `gate` (key, rate limit, version, fault) and goes to the handler of its
//! resource (`users`, `organizations`, `memberships`, `roles`, `sessions` and so on), which reads
//! parameters through `query` and `body`, works on the `store` and returns a `reply` or a
//! `refusal`. If the sandbox sends webhooks, `webhooks` derives them from the response. Modules
//! depend on one another in one direction only, which `tests/it/layers.rs` checks.

mod act;
mod actor_tokens;
mod body;
mod clients;
mod control;
mod cookies;
mod deliveries;
mod fault;
mod fixtures;
mod frontend;
mod gate;
mod identifiers;
mod image;
mod incidents;
mod instance;
mod invitations;
mod jwt;
mod jwt_templates;
mod keyed;
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
mod records;
mod refusal;
mod reply;
mod requests;
mod resources;
mod restrictions;
mod roles;
mod routes;
mod running;
mod seed;
mod sender;
mod sessions;
mod shortcodes;
mod sign_in_tokens;
mod sign_ups;
mod state;
mod store;
mod testing_tokens;
mod time;
mod tokens;
mod totp;
mod users;
mod version;
mod webhooks;

use std::future::Future;
use std::io;
use std::time::Duration;

use axum::http::{HeaderMap, header};
use axum::middleware;
use axum::response::Response;
use axum::routing::{MethodRouter, get};
use axum::serve::ListenerExt as _;
use axum::{Extension, Router};
use serde_json::json;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

pub use deliveries::Webhook;
pub use fault::{Fault, InvalidFault};
pub use fixtures::InvalidFixtures;
pub use running::{Control, Running};
pub use sender::{InvalidSecret, SigningSecret};
pub use state::{Fixtures, KEY, Options, Sandbox};

/// How long [`serve`] lets requests finish once it stops; a request with the `hang` fault never
/// would.
const GRACE: Duration = Duration::from_secs(1);

/// The public half of the key that signs the tokens of all sandboxes, in PEM: the `jwtKey` of
/// Clerk's SDKs, with which they verify tokens without a request.
pub const JWT_PUBLIC_KEY: &str = include_str!("jwt/public-key.pem");

impl Sandbox {
    /// The HTTP service: Clerk's paths under `/v1`, and a description of itself at `/`.
    pub fn router(&self) -> Router {
        // A layer applies to the handlers that were added before it, not to those added later.
        let (of_user, of_membership) = (
            middleware::from_fn(gate::limit_changes_of_user),
            middleware::from_fn(gate::limit_changes_of_membership),
        );
        let control = if self.options().control {
            control::routes().layer(middleware::from_fn(gate::enter_control))
        } else {
            Router::new()
        };
        Router::new()
            .merge(routes::of_users(|changes: MethodRouter| changes.route_layer(of_user)))
            .merge(routes::of_organizations(|changes: MethodRouter| {
                changes.route_layer(of_membership)
            }))
            .merge(routes::of_roles())
            .merge(routes::of_sessions())
            .merge(routes::of_the_rest())
            .merge(resources::routes())
            .fallback(routes::unknown)
            .method_not_allowed_fallback(routes::method_not_allowed)
            .layer(middleware::from_fn(gate::check_switches))
            // Within the gate, so that a response that a fault delays or cuts off has its webhook.
            .layer(middleware::from_fn(webhooks::send))
            .layer(middleware::from_fn(version::shape))
            .layer(middleware::from_fn(gate::enter))
            .merge(control)
            .merge(routes::of_frontend())
            .route("/", get(about))
            // Outermost: the gate puts the instance of the request's key in its place.
            .layer(Extension(self.clone()))
    }
}

/// Serves the sandbox until `stop` resolves; requests under way then have one second to finish.
///
/// # Errors
///
/// The listener fails.
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
        "name": "clerk-sandbox",
        "about": "A small in-memory stand-in for Clerk's Backend API, with made-up people.",
        "publishable_key": tokens::Caller::of(&headers).publishable_key(),
        "jwt_key": JWT_PUBLIC_KEY,
        "example": format!("curl -H 'Authorization: Bearer sk_test_sandbox' http://{host}/v1/users"),
    }))
}
