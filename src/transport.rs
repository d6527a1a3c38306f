//! The ways in. A transport knows no tool.

mod access;
mod http;
mod sse;
mod stdio;
mod webhooks;

pub use access::Access;
pub use http::{Limits, serve as serve_http};
pub use stdio::serve as serve_stdio;
#[cfg(test)]
pub(crate) use stdio::serve_on as serve_stdio_on;
pub use webhooks::{PATH as WEBHOOKS, Webhooks};
