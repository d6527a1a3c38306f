//! Fields of organizations, memberships, invitations, roles and permissions.

use crate::tool::field::{
    Field, Fields, boolean, code, codes, integer, metadata, object, objects, text, time,
};

/// An organization.
pub(crate) static ORGANIZATION: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    text("name").concise(),
    code("slug").concise(),
    code("image_url").full(),
    boolean("has_image").full(),
    integer("members_count"),
    boolean("missing_member_with_elevated_permissions"),
    integer("pending_invitations_count"),
    integer("max_allowed_memberships"),
    boolean("admin_delete_enabled").standard(),
    metadata("public_metadata"),
    metadata("private_metadata"),
    code("created_by"),
    time("created_at"),
    time("updated_at").standard(),
    time("last_active_at"),
    code("role_set_key"),
]]);

/// What others see of a member.
static MEMBER: Fields = Fields::open(&[&[
    code("user_id").concise(),
    text("first_name"),
    text("last_name"),
    code("profile_image_url"),
    code("image_url").full(),
    boolean("has_image").full(),
    code("identifier").concise(),
    text("username"),
    boolean("banned"),
    boolean("deprovisioned"),
]]);

/// A membership.
pub(crate) static ORGANIZATION_MEMBERSHIP: Fields = Fields::open(&[&[
    code("id").identity(),
    code("object"),
    code("role").concise(),
    text("role_name"),
    codes("permissions"),
    metadata("public_metadata"),
    metadata("private_metadata"),
    object("organization", &ORGANIZATION),
    object("public_user_data", &MEMBER),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// What others see of the user who invited.
static INVITER: Fields = Fields::open(&[&[
    code("user_id").concise(),
    text("first_name"),
    text("last_name"),
    code("image_url").full(),
    boolean("has_image").full(),
    code("identifier").concise(),
]]);

/// What others see of an organization.
pub(crate) static INVITED_TO: Fields = Fields::open(&[&[
    code("id").identity(),
    text("name").concise(),
    code("slug").concise(),
    code("image_url").full(),
    boolean("has_image").full(),
]]);

const ORGANIZATION_INVITATION_FIELDS: &[Field] = &[
    code("object"),
    code("id").identity(),
    code("email_address"),
    code("role").concise(),
    text("role_name"),
    code("organization_id"),
    code("inviter_id"),
    object("public_inviter_data", &INVITER),
    code("status").concise(),
    metadata("public_metadata"),
    metadata("private_metadata"),
    code("url").secret(),
    time("expires_at"),
    time("created_at"),
    time("updated_at").standard(),
];

/// An invitation to an organization.
pub(crate) static ORGANIZATION_INVITATION: Fields = Fields::open(&[ORGANIZATION_INVITATION_FIELDS]);

/// An invitation to an organization, with the organization.
pub(crate) static ORGANIZATION_INVITATION_OF_USER: Fields = Fields::open(&[
    ORGANIZATION_INVITATION_FIELDS,
    &[object("public_organization_data", &INVITED_TO)],
]);

/// A permission.
pub(crate) static PERMISSION: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    text("name").concise(),
    code("key"),
    text("description"),
    code("type"),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// A role.
pub(crate) static ROLE: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    text("name").concise(),
    code("key"),
    text("description"),
    boolean("is_creator_eligible"),
    objects("permissions", &PERMISSION),
    time("created_at"),
    time("updated_at").standard(),
]]);
