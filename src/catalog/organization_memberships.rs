//! Change memberships, and list them over all organizations.
//! <https://clerk.com/docs/reference/backend-api/tag/organization-memberships>

use clerk_api::Route;

use super::{
    On, Toolset,
    fields::ORGANIZATION_MEMBERSHIP,
    memberships::A_MEMBERSHIP,
    params::{ORGANIZATION_ID, USER_ID},
};
use crate::tool::{
    Tool,
    param::{PAGE, Rule, metadata, order, role_key},
    rest,
    undo::Undo,
};

static TOOLS: [Tool; 3] = [
    rest(
        "clerk_update_organization_membership",
        "Update organization membership",
        Route::patch("/organizations/{organization_id}/memberships/{user_id}"),
        "Change the role of a member of an organization. The last admin's role can't be changed.",
    )
    .takes(&[&[
        ORGANIZATION_ID,
        USER_ID,
        role_key("role").required().about("The member's new role, such as org:member."),
    ]])
    .returns(&ORGANIZATION_MEMBERSHIP)
    .undo(Undo::set_back(A_MEMBERSHIP, &["role"]))
    .verify_with("clerk_list_organization_memberships"),
    rest(
        "clerk_update_organization_membership_metadata",
        "Update organization membership metadata",
        Route::patch("/organizations/{organization_id}/memberships/{user_id}/metadata"),
        "Merge metadata into a membership's, apart from the user's and the organization's own; \
         null removes a key.",
    )
    .takes(&[&[
        ORGANIZATION_ID,
        USER_ID,
        metadata("public_metadata")
            .merged()
            .about("Merged into the membership's public metadata; other keys stay."),
        metadata("private_metadata")
            .merged()
            .about("Merged into the membership's private metadata; other keys stay."),
    ]])
    .rules(&[Rule::Change])
    .returns(&ORGANIZATION_MEMBERSHIP)
    .undo(Undo::set_back(A_MEMBERSHIP, &["public_metadata", "private_metadata"]))
    .verify_with("clerk_list_organization_memberships"),
    rest(
        "clerk_list_all_organization_memberships",
        "List all organization memberships",
        Route::get("/organization_memberships"),
        "List the memberships of all organizations at once. Of one, \
         clerk_list_organization_memberships is nearer.",
    )
    .takes(&[
        &[order(
            "order_by",
            &["phone_number", "email_address", "created_at", "first_name", "last_name", "username"],
        )
        .about(
            "Sort by phone_number, email_address, created_at, first_name, last_name or username; \
             prefix - for descending, such as -created_at.",
        )],
        PAGE,
    ])
    .lists("organizationMemberships", &ORGANIZATION_MEMBERSHIP),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "organization_memberships",
    about: "Change memberships, and list those of all organizations",
    find: "clerk_list_all_organization_memberships",
    on: On::Partly(&["clerk_update_organization_membership"]),
    tools: &TOOLS,
};
