//! A client of Clerk's Backend API.
//!
//! A [`Request`] is data: a [`Route`] and fields. [`Client::send`] is the one function that does
//! I/O: it waits for a turn within Clerk's rate limits, sends, and sends again where that is safe.
//! A [`Response`] is read tolerantly: a field of an unexpected type breaks nothing, and a note
//! names it. What Clerk refuses is [`Error::Refused`], with its error body parsed.
//!
//! ```no_run
//! use std::time::Duration;
//!
//! use clerk_api::{Client, ClientConfig, Page, Request, RequestContext, Route, SecretKey};
//! use serde_json::{Value, json};
//!
//! # async fn list() -> Result<(), Box<dyn std::error::Error>> {
//! let config = ClientConfig::new("https://api.clerk.com".parse()?, "my-program/1.0");
//! let client = Client::new(config);
//! let key = SecretKey::parse(&std::env::var("CLERK_SECRET_KEY")?)?;
//! let request = Request::new(Route::get("/users"), &json!({ "limit": 10 }))?;
//! let context = RequestContext::new(Duration::from_secs(30));
//! let response = client.send(&key, &request, &context).await?;
//! let users: Page<Value> = response.page().await?.value;
//! # Ok(())
//! # }
//! ```

mod budget;
mod client;
mod context;
mod error;
mod id;
mod key;
mod lenient;
mod refusal;
mod request;
mod response;
mod retry;
mod route;

pub use budget::RateLimit;
pub use client::{Client, ClientConfig, Observed, is_loopback};
pub use context::{LastResponse, RequestContext};
pub use error::{ConnectFailure, Error, Unreachable};
pub use id::{Id, NotAnId};
pub use key::{KeyError, SecretKey};
pub use lenient::Lenient;
pub use refusal::{Refusal, RefusalItem};
pub use request::{FilePart, Request};
pub use response::{Decoded, Page, Response};
pub use retry::RetryPolicy;
pub use route::{Method, Route};
