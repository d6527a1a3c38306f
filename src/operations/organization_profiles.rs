//! Change and delete organizations.
//! <https://clerk.com/docs/reference/backend-api/tag/organizations>

use clerk_api::Route;

use super::fields::DELETED;
use crate::operation::{
    Effect, Entry, Rule,
    param::{flag, integer, json, text},
    plain,
};

/// The fields of an organization.
const ORGANIZATION: &[&str] = &[
    "id",
    "name",
    "slug",
    "image_url",
    "has_image",
    "members_count",
    "missing_member_with_elevated_permissions",
    "pending_invitations_count",
    "max_allowed_memberships",
    "admin_delete_enabled",
    "public_metadata",
    "private_metadata",
    "created_by",
    "created_at",
    "updated_at",
    "last_active_at",
    "role_set_key",
];

pub(super) static OPERATIONS: [Entry; 5] = [
    plain(
        "clerk_update_organization",
        "Update organization",
        Route::patch("/organizations/{organization_id}"),
        "Change an organization's name, slug, member limit or role set. Metadata are changed \
         with clerk_update_organization_metadata.",
    )
    .takes(&[
        text("name").nullable(),
        text("slug").nullable(),
        integer("max_allowed_memberships").at_least(0).nullable().about("0 for no limit."),
        flag("admin_delete_enabled").nullable(),
        text("created_at").nullable(),
        text("role_set_key").nullable(),
    ])
    .answers(ORGANIZATION)
    .look("clerk_get_organization")
    .rules(&[Rule::Change]),
    plain(
        "clerk_delete_organization",
        "Delete organization",
        Route::delete("/organizations/{organization_id}"),
        "Delete an organization with all of its memberships and invitations. Its users stay.",
    )
    .answers(DELETED)
    .look("clerk_get_organization"),
    plain(
        "clerk_update_organization_metadata",
        "Update organization metadata",
        Route::patch("/organizations/{organization_id}/metadata"),
        "Merge metadata into an organization's: keys that are not given stay; null removes a \
         key.",
    )
    .takes(&[json("public_metadata"), json("private_metadata")])
    .answers(ORGANIZATION)
    .look("clerk_get_organization")
    .rules(&[Rule::Change]),
    plain(
        "clerk_replace_organization_metadata",
        "Replace organization metadata",
        Route::put("/organizations/{organization_id}/metadata"),
        "Replace an organization's metadata whole, each kind that is given; keys left out are \
         lost. clerk_update_organization_metadata merges.",
    )
    .takes(&[json("public_metadata"), json("private_metadata")])
    .answers(ORGANIZATION)
    .effect(Effect::Destroy)
    .look("clerk_get_organization")
    .rules(&[Rule::Change]),
    plain(
        "clerk_delete_organization_logo",
        "Delete organization logo",
        Route::delete("/organizations/{organization_id}/logo"),
        "Delete an organization's logo; a generated one takes its place.",
    )
    .answers(ORGANIZATION)
    .look("clerk_get_organization"),
];
