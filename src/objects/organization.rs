//! An organization.

use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};

use crate::operation::Metadata;

/// An organization. Its private metadata stays with Clerk.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub(crate) struct Organization {
    id: String,
    name: Option<String>,
    slug: Option<String>,
    image_url: Option<String>,
    has_image: Option<bool>,
    members_count: Option<i64>,
    pending_invitations_count: Option<i64>,
    /// 0 is unlimited.
    max_allowed_memberships: Option<i64>,
    admin_delete_enabled: Option<bool>,
    created_by: Option<String>,
    created_at: Option<i64>,
    updated_at: Option<i64>,
    public_metadata: Option<Metadata>,
}
