//! Organizations. <https://clerk.com/docs/reference/backend-api/tag/organizations>

use clerk_api::{Decoded, Request, Response, Route};
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::DEFAULT_LIMIT;
use crate::{
    Error,
    objects::Organization,
    operation::{Entry, Form, Id, Metadata, Operation, entry},
};

pub(super) static OPERATIONS: [Entry; 3] =
    [entry::<ListOrganizations>(), entry::<GetOrganization>(), entry::<CreateOrganization>()];

/// List organizations with search and pages.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct ListOrganizations {
    #[schemars(range(min = 1, max = 500), extend("default" = DEFAULT_LIMIT))]
    limit: Option<u64>,
    offset: Option<u64>,
    /// Fill membersCount and pendingInvitationsCount.
    include_members_count: Option<bool>,
    /// Exact ID, or part of a name or slug.
    query: Option<String>,
    /// name, created_at or members_count; prefix + ascending, - descending.
    #[schemars(
        regex(pattern = "^[+-]?(name|created_at|members_count)$"),
        extend("default" = "-created_at")
    )]
    order_by: Option<String>,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
struct OrganizationList {
    organizations: Vec<Organization>,
    total_count: Option<u64>,
}

impl Operation for ListOrganizations {
    const NAME: &'static str = "clerk_list_organizations";
    const TITLE: &'static str = "List organizations";
    const ROUTE: Route = Route::get("/organizations");
    const FORM: Form = Form::List("organizations");
    type Output = OrganizationList;

    fn output(&self, response: &Response) -> Result<Decoded<OrganizationList>, Error> {
        let page = response.page()?;
        let (limit, offset) = (self.limit.unwrap_or(DEFAULT_LIMIT), self.offset.unwrap_or(0));
        let total_count = page.value.total(limit, offset);
        let answer = page.map(|page| OrganizationList { organizations: page.rows, total_count });
        Ok(super::note_unknown_total(answer, total_count))
    }
}

/// Get one organization by ID or slug, with its member count.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct GetOrganization {
    /// ID or slug.
    organization_id: Id,
}

impl Operation for GetOrganization {
    const NAME: &'static str = "clerk_get_organization";
    const TITLE: &'static str = "Get organization";
    const ROUTE: Route = Route::get("/organizations/{organization_id}");
    type Output = Organization;

    fn request(&self) -> Result<Request, Error> {
        // Without it Clerk leaves the count out.
        Ok(Request::new(Self::ROUTE, self)?.with_query("include_members_count", "true"))
    }
}

/// Create an organization. Its creator becomes admin and first member.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct CreateOrganization {
    /// Name, without URLs and HTML.
    #[schemars(length(max = 256))]
    name: String,
    /// User ID.
    created_by: Id,
    /// Unique; lowercase letters, digits and -. Refused where slugs are off.
    #[schemars(regex(pattern = "^[a-z0-9-]+$"))]
    slug: Option<String>,
    /// 0 is unlimited.
    max_allowed_memberships: Option<u64>,
    public_metadata: Option<Metadata>,
    private_metadata: Option<Metadata>,
}

impl Operation for CreateOrganization {
    const NAME: &'static str = "clerk_create_organization";
    const TITLE: &'static str = "Create organization";
    const ROUTE: Route = Route::post("/organizations");
    const LOOK: &'static str = "clerk_list_organizations";
    type Output = Organization;
}
