//! What happens in Clerk, as its webhooks report it: verified, kept, and offered to agents.
//! <https://clerk.com/docs/guides/development/webhooks/overview>
//!
//! A delivery is verified by `signature`, read by `event`, and kept by `store` before the
//! response is sent. `summary` makes what an agent sees of it.

mod event;
mod sender;
pub mod signature;
mod store;
mod summary;
mod tail;

pub use event::{Event, Malformed};
pub use sender::{SendError, Sender};
pub(crate) use store::Page;
pub use store::{Events, Filter, InvalidTypes, Kept, Settings, StoreError, Stored, Types};
pub(crate) use summary::{Summary, shown};
pub use summary::{documented, line};
pub use tail::Tail;
