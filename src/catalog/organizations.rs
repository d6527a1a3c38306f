//! Organizations. <https://clerk.com/docs/reference/backend-api/tag/organizations>

use clerk_api::Route;

use super::{
    On, Toolset,
    objects::{CREATED_ORGANIZATION, ORGANIZATION, ORGANIZATION_AS_KEPT},
    params::ORGANIZATION_ID,
};
use crate::tool::{
    Explain, Tool,
    kind::Kind,
    param::{
        Format, LIMIT, Literal, OFFSET, Relation, boolean, id, integer, metadata, order, text,
    },
    rest::rest,
    undo::{Source, Undo},
};

pub(super) static TOOLSET: Toolset = Toolset {
    name: "organizations",
    about: "Find, read and create organizations",
    find: "clerk_list_organizations",
    on: On::Default,
    tools: &TOOLS,
};

const GET: Tool = rest(
    "clerk_get_organization",
    "Get organization",
    Route::get("/organizations/{organization_id}"),
    "Get one organization by ID or slug, with its member count.",
)
.takes(&[&[ORGANIZATION_ID]])
.returns(&ORGANIZATION)
// Without it Clerk leaves the count out.
.fixed(&[("include_members_count", "true")]);

/// Reads what no tool returns, for undo.
pub(super) static WHOLE_ORGANIZATION: Tool = GET.returns(&ORGANIZATION_AS_KEPT);

static TOOLS: [Tool; 3] = [
    rest(
        "clerk_list_organizations",
        "List organizations",
        Route::get("/organizations"),
        "List organizations with search and pages.",
    )
    .takes(&[&[
        LIMIT.default(Literal::Integer(10)),
        OFFSET,
        boolean("include_members_count")
            .query()
            .about("Fill membersCount and pendingInvitationsCount."),
        text("query").filter().about("Exact ID, or part of a name or slug."),
        order("order_by", &["name", "created_at", "members_count"])
            .about(
                "A field such as -created_at: name, created_at or members_count; + ascending, \
                    - descending.",
            )
            .default(Literal::Text("-created_at")),
    ]])
    .lists("organizations", &ORGANIZATION),
    GET,
    rest(
        "clerk_create_organization",
        "Create organization",
        Route::post("/organizations"),
        "Create an organization. Its creator becomes admin and first member.",
    )
    .takes(&[&[
        text("name").required().at_most(256).about("Its name, without URLs and HTML."),
        id("created_by", &[Kind::User], Relation::Grantee)
            .required()
            .about("The ID or email address of the user who becomes its admin."),
        text("slug").format(Format::Slug).about(
            "Unique, such as acme-inc: lowercase letters, digits and -. Refused where \
                    slugs are off.",
        ),
        integer("max_allowed_memberships").at_least(0).about("Members at most; 0 is unlimited."),
        metadata("public_metadata").about("Readable from the frontend."),
        metadata("private_metadata").about("Readable from backends only."),
    ]])
    .returns(&CREATED_ORGANIZATION)
    .explain(Explain::Organization)
    .undo(Undo::created("clerk_delete_organization", &[("organization_id", Source::Result("id"))]))
    .verify_with("clerk_list_organizations"),
];
