//! Metadata of users. <https://clerk.com/docs/reference/backend-api/tag/users>

use clerk_api::Route;
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::operation::{Entry, Id, Metadata, Operation, Rule, entry};

pub(super) static OPERATIONS: [Entry; 1] = [entry::<UpdateUserMetadata>()];

/// Merge metadata into a user's: keys that are not given stay, at every level; null removes a key.
/// To replace it whole use clerk_update_user.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct UpdateUserMetadata {
    user_id: Id,
    public_metadata: Option<Metadata>,
    private_metadata: Option<Metadata>,
    unsafe_metadata: Option<Metadata>,
}

/// A user's metadata after a change.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
struct AllMetadata {
    id: String,
    public_metadata: Option<Metadata>,
    private_metadata: Option<Metadata>,
    unsafe_metadata: Option<Metadata>,
    updated_at: Option<i64>,
}

impl Operation for UpdateUserMetadata {
    const NAME: &'static str = "clerk_update_user_metadata";
    const TITLE: &'static str = "Update user metadata";
    const ROUTE: Route = Route::patch("/users/{user_id}/metadata");
    const RULES: &'static [Rule] = &[Rule::Change];
    const LOOK: &'static str = "clerk_get_user";
    type Output = AllMetadata;
}
