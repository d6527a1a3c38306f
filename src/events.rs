//! What happens in Clerk, as its webhooks tell it: verified, kept, and offered to agents.
//! <https://clerk.com/docs/guides/development/webhooks/overview>
//!
//! A delivery is verified by `signature`, read by `event`, and kept by `store` before it is
//! answered. What an agent sees of it is made by `summary`.

mod event;
mod sender;
pub mod signature;
mod store;
mod summary;
mod tail;

pub use event::{Event, Malformed};
pub use sender::Sender;
pub(crate) use store::Page;
pub use store::{Events, Filter, Kept, Settings, Stored, Types};
pub(crate) use summary::{Summary, shown};
pub use summary::{documented, line};
pub use tail::Tail;
