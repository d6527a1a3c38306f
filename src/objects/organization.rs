//! An organization.

use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::operation::Metadata;

/// An organization. Its private metadata stays with Clerk.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub(crate) struct Organization {
    id: String,
    name: Option<String>,
    #[serialize_always]
    slug: Option<String>,
    image_url: Option<String>,
    has_image: Option<bool>,
    #[serialize_always]
    members_count: Option<i64>,
    #[serialize_always]
    pending_invitations_count: Option<i64>,
    max_allowed_memberships: Option<i64>,
    admin_delete_enabled: Option<bool>,
    created_by: Option<String>,
    created_at: Option<i64>,
    updated_at: Option<i64>,
    public_metadata: Option<Metadata>,
}
