//! Memberships of organizations.
//! <https://clerk.com/docs/reference/backend-api/tag/organization-memberships>

use clerk_api::Route;

use super::{
    On, Toolset,
    objects::MEMBERSHIP,
    params::{ORGANIZATION_ID, USER_ID},
};
use crate::tool::{
    Explain, REMOVED, Tool,
    kind::Kind,
    param::{LIMIT, Literal, OFFSET, Param, ROLE_KEY, Relation, id, list, role_key},
    rest::rest,
    undo::{Look, Source, Undo},
};

pub(super) static TOOLSET: Toolset = Toolset {
    name: "memberships",
    about: "Members of organizations and their roles",
    find: "clerk_list_organization_memberships",
    on: On::Default,
    tools: &TOOLS,
};

static TOOLS: [Tool; 3] = [LIST, ADD, REMOVE];
/// Adds one user to an organization.
pub(super) static ADD_MEMBER: &Tool = &TOOLS[1];

/// How a membership is read: a user has few, an organization may have thousands.
pub(super) const A_MEMBERSHIP: Look = Look::Row {
    tool: "clerk_list_user_organization_memberships",
    field: &["organization", "id"],
    argument: "organization_id",
};
const MEMBERSHIPS: &str = "/organizations/{organization_id}/memberships";
const ROLES: Param = list("role", &ROLE_KEY)
    .filter()
    .matches(&["role"])
    .about("Roles such as org:admin, comma-separated.");

const LIST: Tool = rest(
    "clerk_list_organization_memberships",
    "List organization memberships",
    Route::get(MEMBERSHIPS),
    "List the members of an organization with their roles. For the organizations of \
     one user, use clerk_investigate_user.",
)
.takes(&[&[ORGANIZATION_ID, LIMIT.default(Literal::Integer(10)), OFFSET, ROLES]])
.lists("memberships", &MEMBERSHIP);

const ADD: Tool = rest(
    "clerk_add_organization_member",
    "Add organization member",
    Route::post(MEMBERSHIPS),
    "Add a user to an organization with a role, at once and without an invitation.",
)
.takes(&[&[
    ORGANIZATION_ID,
    id("user_id", &[Kind::User], Relation::Target)
        .required()
        .about("The ID or email address of the user to add."),
    role_key("role").required().about("The role that they get, such as org:member."),
]])
.returns(&MEMBERSHIP)
.explain(Explain::Membership)
.undo(
    Undo::by(
        "clerk_remove_organization_member",
        &[
            ("organization_id", Source::Argument("organization_id")),
            ("user_id", Source::Argument("user_id")),
        ],
    )
    .changes(A_MEMBERSHIP, &[]),
)
.verify_with("clerk_list_organization_memberships");

const REMOVE: Tool = rest(
    "clerk_remove_organization_member",
    "Remove organization member",
    Route::delete("/organizations/{organization_id}/memberships/{user_id}"),
    "Remove a user from an organization. They keep their account and lose their role. Returns the \
     membership that was removed.",
)
.takes(&[&[ORGANIZATION_ID, USER_ID]])
.returns(&MEMBERSHIP)
.explain(Explain::Membership)
.beside(&REMOVED)
.undo(
    Undo::by(
        "clerk_add_organization_member",
        &[
            ("organization_id", Source::Argument("organization_id")),
            ("user_id", Source::Argument("user_id")),
            ("role", Source::Result("role")),
        ],
    )
    .changes(A_MEMBERSHIP, &[])
    .but("The membership's metadata doesn't come back."),
)
.verify_with("clerk_list_organization_memberships");
