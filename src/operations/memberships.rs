//! Memberships of organizations.
//! <https://clerk.com/docs/reference/backend-api/tag/organization-memberships>

use clerk_api::{Decoded, Response, Route};
use rmcp::schemars::{self, JsonSchema};
use serde::{Deserialize, Serialize};
use serde_with::skip_serializing_none;

use super::DEFAULT_LIMIT;
use crate::{
    Error,
    objects::Membership,
    operation::{Entry, Form, Id, List, Operation, entry},
};

pub(super) static OPERATIONS: [Entry; 3] =
    [entry::<ListMemberships>(), entry::<AddMember>(), entry::<RemoveMember>()];

/// List the members of an organization with their roles. Which organizations a user is in,
/// clerk_investigate_user tells.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct ListMemberships {
    organization_id: Id,
    #[schemars(range(min = 1, max = 500), extend("default" = DEFAULT_LIMIT))]
    limit: Option<u64>,
    offset: Option<u64>,
    /// Such as org:admin; comma-separated for several.
    role: Option<List>,
}

#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
struct MembershipList {
    memberships: Vec<Membership>,
    total_count: Option<u64>,
}

impl Operation for ListMemberships {
    const NAME: &'static str = "clerk_list_organization_memberships";
    const TITLE: &'static str = "List organization memberships";
    const ROUTE: Route = Route::get("/organizations/{organization_id}/memberships");
    const FORM: Form = Form::List("memberships");
    type Output = MembershipList;

    fn output(&self, response: &Response) -> Result<Decoded<MembershipList>, Error> {
        let page = response.page()?;
        let (limit, offset) = (self.limit.unwrap_or(DEFAULT_LIMIT), self.offset.unwrap_or(0));
        let total_count = page.value.total(limit, offset);
        let is_empty = page.value.rows.is_empty();
        let mut answer = page.map(|page| MembershipList { memberships: page.rows, total_count });
        let roles = self.role.iter().flat_map(List::values).filter(|_| is_empty);
        answer.notes.extend(roles.filter_map(|it| super::note_bare_role(it)));
        Ok(super::note_unknown_total(answer, total_count))
    }
}

/// Add a user to an organization with a role, at once and without an invitation.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct AddMember {
    organization_id: Id,
    user_id: Id,
    /// Such as org:admin or org:member.
    role: String,
}

impl Operation for AddMember {
    const NAME: &'static str = "clerk_add_organization_member";
    const TITLE: &'static str = "Add organization member";
    const ROUTE: Route = Route::post("/organizations/{organization_id}/memberships");
    const LOOK: &'static str = "clerk_list_organization_memberships";
    type Output = Membership;
}

/// Remove a user from an organization. The user itself stays; its role is lost.
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(deserialize = "camelCase"), deny_unknown_fields)]
struct RemoveMember {
    organization_id: Id,
    user_id: Id,
}

impl Operation for RemoveMember {
    const NAME: &'static str = "clerk_remove_organization_member";
    const TITLE: &'static str = "Remove organization member";
    const ROUTE: Route = Route::delete("/organizations/{organization_id}/memberships/{user_id}");
    const LOOK: &'static str = "clerk_list_organization_memberships";
    type Output = Membership;
}
