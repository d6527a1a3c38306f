//! A user's membership of an organization.

use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::operation::Metadata;

/// A membership, with what tells its user and its organization apart.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(from = "Wire", rename_all(serialize = "camelCase"))]
pub(crate) struct Membership {
    id: String,
    role: Option<String>,
    user_id: Option<String>,
    // Email, phone or username.
    identifier: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
    organization_id: Option<String>,
    organization_name: Option<String>,
    created_at: Option<i64>,
    updated_at: Option<i64>,
    public_metadata: Option<Metadata>,
}

/// As Clerk has it: the user and the organization are objects of their own.
#[derive(Debug, Deserialize, JsonSchema)]
struct Wire {
    id: String,
    role: Option<String>,
    created_at: Option<i64>,
    updated_at: Option<i64>,
    public_metadata: Option<Metadata>,
    public_user_data: Option<Member>,
    organization: Option<Organization>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
struct Member {
    user_id: Option<String>,
    identifier: Option<String>,
    first_name: Option<String>,
    last_name: Option<String>,
}

#[derive(Debug, Default, Deserialize, JsonSchema)]
struct Organization {
    id: Option<String>,
    name: Option<String>,
}

impl From<Wire> for Membership {
    fn from(wire: Wire) -> Self {
        let Wire { id, role, created_at, updated_at, public_metadata, .. } = wire;
        let member = wire.public_user_data.unwrap_or_default();
        let organization = wire.organization.unwrap_or_default();
        Self {
            id,
            role,
            user_id: member.user_id,
            identifier: member.identifier,
            first_name: member.first_name,
            last_name: member.last_name,
            organization_id: organization.id,
            organization_name: organization.name,
            created_at,
            updated_at,
            public_metadata,
        }
    }
}
