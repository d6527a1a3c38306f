//! Counting users. <https://clerk.com/docs/reference/backend-api/tag/users>

use clerk_api::Route;
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use crate::operation::{Date, Form, Id, List, Operation};

/// Count users by Clerk's own filters, without listing them. By anything else clerk_find_users
/// counts.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
pub(in crate::operations) struct CountUsers {
    /// Part of an email, phone, username, ID or name.
    query: Option<String>,
    /// Exact; comma-separated for several.
    email_address: Option<List>,
    organization_id: Option<Id>,
    banned: Option<bool>,
    /// Date.
    created_at_after: Option<Date>,
    created_at_before: Option<Date>,
    last_active_at_after: Option<Date>,
    last_active_at_before: Option<Date>,
    last_sign_in_at_after: Option<Date>,
    last_sign_in_at_before: Option<Date>,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub(in crate::operations) struct TotalCount {
    total_count: u64,
}

impl Operation for CountUsers {
    const NAME: &'static str = "clerk_count_users";
    const TITLE: &'static str = "Count users";
    const ROUTE: Route = Route::get("/users/count");
    const FORM: Form = Form::Fixed;
    type Output = TotalCount;
}
