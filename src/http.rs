//! What is HTTP and not MCP: the listener, who gets in, bodies within bounds, health, and Clerk's
//! webhooks.

mod access;
mod approvals;
mod body;
mod cors;
mod headers;
mod health;
mod metrics;
mod oauth;
mod peer;
mod places;
mod serve;
mod webhooks;

pub(crate) use access::Refused;
pub use access::{Access, TokenRequired};
pub use approvals::PATH as APPROVALS;
pub use metrics::serve_metrics;
pub use oauth::{OAuth, OAuthClient, OAuthSettings};
pub(crate) use peer::PeerAddress;
pub use serve::{Limits, serve};
pub use webhooks::{PATH as WEBHOOKS, Webhooks};

/// The largest body of a request to the server, in bytes.
pub(crate) const BODY_LIMIT: usize = 4 << 20;
