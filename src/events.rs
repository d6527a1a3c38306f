//! What happens in Clerk, as its webhooks report it: verified, kept, and offered to agents.
//! <https://clerk.com/docs/guides/development/webhooks/overview>
//!
//! A delivery is verified by `signature`, read by `event`, and kept by `store` before the
//! response is sent.

mod event;
mod kinds;
mod sender;
pub mod signature;
mod store;
mod tail;

pub use crate::sqlite::FileError;
pub(crate) use event::family;
pub use event::{Event, Malformed};
pub use kinds::documented;
pub(crate) use kinds::meaning;
pub use sender::{SendError, Sender};
pub(crate) use store::Page;
pub use store::{
    Events, Filter, Holds, InvalidTypes, Kept, Look, Settings, StoreError, Stored, Types, look,
};
pub use tail::Tail;
