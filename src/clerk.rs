//! Clerk's Backend API: requests as data, and the one client that sends them.
//!
//! Nothing here knows MCP. [`Request`] says what to send, [`Call::send`] sends it, [`Response`]
//! is read leniently, [`Refusal`] is what Clerk says when it refuses.

mod budget;
mod client;
mod id;
mod key;
mod progress;
mod refusal;
mod request;
mod response;
mod retry;
mod upload;

pub use budget::RateLimit;
pub use client::{Answered, Call, Clerk, Health, Settings, is_loopback};
pub use id::{Id, NotAnId};
pub use key::{Key, KeyFault};
pub use progress::Progress;
pub use refusal::{Refusal, RefusalItem};
pub use request::{Method, Request, Route};
pub use response::{Answer, Page, Response};
pub use upload::Upload;

pub(crate) use crate::error::Error;
