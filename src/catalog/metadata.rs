//! Metadata of users. <https://clerk.com/docs/reference/backend-api/tag/users>

use clerk_api::Route;

use super::{On, Toolset, objects::ALL_METADATA, params::USER_ID};
use crate::tool::{
    Tool,
    param::{Rule, metadata},
    rest::rest,
    undo::{Look, Undo},
};

pub(super) static TOOLSET: Toolset = Toolset {
    name: "metadata",
    about: "Users' metadata",
    find: "clerk_list_users",
    on: On::Default,
    tools: &TOOLS,
};

static TOOLS: [Tool; 1] = [rest(
    "clerk_update_user_metadata",
    "Update user metadata",
    Route::patch("/users/{user_id}/metadata"),
    "Merge metadata into a user's: keys that are not given stay, at every level; null removes a \
     key. To replace it whole use clerk_update_user.",
)
.takes(&[&[
    USER_ID,
    metadata("public_metadata").merged().about("Readable from the frontend."),
    metadata("private_metadata").merged().about("Readable from backends only."),
    metadata("unsafe_metadata").merged().about("Writable from the frontend."),
]])
.rules(&[Rule::Change])
.returns(&ALL_METADATA)
.undo(Undo::set_back(
    Look::Object("clerk_get_user"),
    &["public_metadata", "private_metadata", "unsafe_metadata"],
))
.verify_with("clerk_get_user")];

/// Merges into one user's metadata.
pub(super) static MERGE: &Tool = &TOOLS[0];
