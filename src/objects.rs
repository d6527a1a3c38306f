//! What Clerk answers with, as the tools give it on: read in snake_case, written in camelCase.
//!
//! Every field is optional but the id, without which an answer is no such object. Times are Unix
//! milliseconds. A doc comment on a field goes into the tool's output schema and costs every
//! client tokens; it stands where the name does not say enough.

mod organization;
mod session;
mod user;

pub(crate) use organization::Organization;
pub(crate) use session::Session;
pub(crate) use user::{ChangedUser, ListedUser, User};

use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

/// What is left of a deleted object.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
pub(crate) struct Deleted {
    pub(crate) id: Option<String>,
    object: Option<String>,
    deleted: Option<bool>,
}
