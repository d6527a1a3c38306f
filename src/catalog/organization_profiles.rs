//! Change and delete organizations.
//! <https://clerk.com/docs/reference/backend-api/tag/organizations>

use clerk_api::Route;

use super::{
    On, Toolset,
    fields::{DELETED, ORGANIZATION},
    organizations::WHOLE_ORGANIZATION,
    params::ORGANIZATION_ID,
};
use crate::tool::{
    Effect, REMOVED, Tool,
    param::{Format, Rule, boolean, integer, metadata, text, timestamp},
    rest,
    undo::{Look, Undo},
};

static TOOLS: [Tool; 5] = [
    rest(
        "clerk_update_organization",
        "Update organization",
        Route::patch("/organizations/{organization_id}"),
        "Change an organization's name, slug, member limit or role set. For metadata, use \
         clerk_update_organization_metadata.",
    )
    .takes(&[&[
        ORGANIZATION_ID,
        text("name")
            .at_most(256)
            .about("The organization's new name, without URLs or HTML; at most 256 characters."),
        text("slug")
            .format(Format::Slug)
            .about("The organization's new slug, unique in the instance, such as acme."),
        integer("max_allowed_memberships")
            .at_least(0)
            .about("How many members the organization can have; 0 for no limit."),
        boolean("admin_delete_enabled")
            .about("Whether admins of the organization can delete it themselves."),
        timestamp("created_at").about(
            "When the organization was created, in UTC, such as 2026-01-31T09:00:00Z; \
                    corrects what Clerk has recorded.",
        ),
        text("role_set_key")
            .format(Format::NewKey("role_set:"))
            .clearable()
            .about("The key of the role set to give to the organization, such as role_set:teams."),
    ]])
    .rules(&[Rule::Change])
    .returns(&ORGANIZATION)
    .undo(
        Undo::set_back(
            Look::Whole(&WHOLE_ORGANIZATION),
            &[
                "name",
                "slug",
                "max_allowed_memberships",
                "admin_delete_enabled",
                "created_at",
                "role_set_key",
            ],
        )
        .but("Roles of members that another role set changed don't come back."),
    )
    .verify_with("clerk_get_organization"),
    rest(
        "clerk_delete_organization",
        "Delete organization",
        Route::delete("/organizations/{organization_id}"),
        "Delete an organization with all of its memberships and invitations. Its users stay.",
    )
    .takes(&[&[ORGANIZATION_ID]])
    .returns(&DELETED)
    .undo(Undo::gone(
        &[
            "clerk_get_organization",
            "clerk_list_organization_memberships",
            "clerk_list_organization_domains",
        ],
        "An organization that is created again gets a new ID, without the members, invitations and \
         domains.",
    ))
    .verify_with("clerk_get_organization"),
    rest(
        "clerk_update_organization_metadata",
        "Update organization metadata",
        Route::patch("/organizations/{organization_id}/metadata"),
        "Merge metadata into an organization's: keys that are not given stay; null removes a key.",
    )
    .takes(&[&[
        ORGANIZATION_ID,
        metadata("public_metadata")
            .merged()
            .about("Merged into the organization's public metadata; other keys stay."),
        metadata("private_metadata")
            .merged()
            .about("Merged into the organization's private metadata; other keys stay."),
    ]])
    .rules(&[Rule::Change])
    .returns(&ORGANIZATION)
    .undo(Undo::set_back(
        Look::Whole(&WHOLE_ORGANIZATION),
        &["public_metadata", "private_metadata"],
    ))
    .verify_with("clerk_get_organization"),
    rest(
        "clerk_replace_organization_metadata",
        "Replace organization metadata",
        Route::put("/organizations/{organization_id}/metadata"),
        "Replace an organization's metadata whole, each kind that is given; keys left out are \
         lost. clerk_update_organization_metadata merges.",
    )
    .takes(&[&[
        ORGANIZATION_ID,
        metadata("public_metadata")
            .clearable()
            .about("Replaces all of the organization's public metadata; keys left out are lost."),
        metadata("private_metadata")
            .clearable()
            .about("Replaces all of the organization's private metadata; keys left out are lost."),
    ]])
    .rules(&[Rule::Change])
    .returns(&ORGANIZATION)
    .effect(Effect::Destroy)
    .undo(Undo::set_back(
        Look::Whole(&WHOLE_ORGANIZATION),
        &["public_metadata", "private_metadata"],
    ))
    .verify_with("clerk_get_organization"),
    rest(
        "clerk_delete_organization_logo",
        "Delete organization logo",
        Route::delete("/organizations/{organization_id}/logo"),
        "Delete an organization's logo; a generated one takes its place.",
    )
    .takes(&[&[ORGANIZATION_ID]])
    .returns(&ORGANIZATION)
    .beside(&REMOVED)
    .undo(Undo::Never("The logo is gone. Upload it again with clerk_upload_organization_logo."))
    .verify_with("clerk_get_organization"),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "organization_profiles",
    about: "Update and delete organizations",
    find: "clerk_list_organizations",
    on: On::Chosen,
    tools: &TOOLS,
};
