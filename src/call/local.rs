//! What the server itself answers, without Clerk or with little of it.

pub(super) mod approvals;
pub(super) mod events;
pub(super) mod search;
pub(super) mod whoami;
