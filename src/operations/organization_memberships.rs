//! Change memberships, and list them over all organizations.
//! <https://clerk.com/docs/reference/backend-api/tag/organization-memberships>

use clerk_api::Route;

use super::fields::ORGANIZATION_MEMBERSHIP;
use crate::operation::{
    Entry, Rule,
    param::{LIMIT, OFFSET, json, text},
    plain,
};

pub(super) static OPERATIONS: [Entry; 3] = [
    plain(
        "clerk_update_organization_membership",
        "Update organization membership",
        Route::patch("/organizations/{organization_id}/memberships/{user_id}"),
        "Change the role of a member of an organization. The last admin can't be made less.",
    )
    .takes(&[text("role").required().about("Such as org:member.")])
    .answers(&["id", "role", "public_user_data", "organization"])
    .look("clerk_list_organization_memberships"),
    plain(
        "clerk_update_organization_membership_metadata",
        "Update organization membership metadata",
        Route::patch("/organizations/{organization_id}/memberships/{user_id}/metadata"),
        "Merge metadata into a membership's, apart from the user's and the organization's own; \
         null removes a key.",
    )
    .takes(&[json("public_metadata"), json("private_metadata")])
    .answers(ORGANIZATION_MEMBERSHIP)
    .look("clerk_list_organization_memberships")
    .rules(&[Rule::Change]),
    plain(
        "clerk_list_all_organization_memberships",
        "List all organization memberships",
        Route::get("/organization_memberships"),
        "List the memberships of all organizations at once. Of one, \
         clerk_list_organization_memberships is nearer.",
    )
    .takes(&[
        text("order_by").about("A field such as created_at; - before it for descending."),
        LIMIT,
        OFFSET,
    ])
    .rows("organizationMemberships")
    .answers(ORGANIZATION_MEMBERSHIP),
];
