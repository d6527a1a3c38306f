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
    code("image_url").full().about("Its image; a generated one if none was uploaded."),
    boolean("has_image").full().about("Whether it is an uploaded image and not a generated one."),
    integer("members_count").about("How many members it has; null unless asked for."),
    boolean("missing_member_with_elevated_permissions").about("Whether no member may manage it."),
    integer("pending_invitations_count")
        .about("How many invitations are open; null unless asked for."),
    integer("max_allowed_memberships").about("How many members it may have; 0 is unlimited."),
    boolean("admin_delete_enabled").standard().about("Whether its admins may delete it."),
    metadata("public_metadata").about("Readable from the frontend, written by backends."),
    metadata("private_metadata").about("Readable and written by backends only."),
    code("created_by"),
    time("created_at"),
    time("updated_at").standard(),
    time("last_active_at")
        .about("When it was last active, to about a day for users; null if never."),
    code("role_set_key").about("The set of roles that its members can have."),
]]);

/// What others see of a member.
static MEMBER: Fields = Fields::open(&[&[
    code("user_id").concise(),
    text("first_name"),
    text("last_name"),
    code("profile_image_url").about("Deprecated by Clerk: use imageUrl."),
    code("image_url").full().about("Its image; a generated one if none was uploaded."),
    boolean("has_image").full().about("Whether it is an uploaded image and not a generated one."),
    code("identifier").concise().about("Email address, phone number or username."),
    text("username"),
    boolean("banned").about("Whether they are barred until the ban is lifted."),
    boolean("deprovisioned").about("Whether a directory has taken the access away."),
]]);

/// A membership.
pub(crate) static ORGANIZATION_MEMBERSHIP: Fields = Fields::open(&[&[
    code("id").identity(),
    code("object"),
    code("role").concise(),
    text("role_name").about("The role's name for people."),
    codes("permissions").about("What the role allows."),
    metadata("public_metadata").about("Readable from the frontend, written by backends."),
    metadata("private_metadata").about("Readable and written by backends only."),
    object("organization", &ORGANIZATION),
    object("public_user_data", &MEMBER).about("What others see of the user."),
    time("created_at"),
    time("updated_at").standard(),
]]);

/// What others see of the user who invited.
static INVITER: Fields = Fields::open(&[&[
    code("user_id").concise(),
    text("first_name"),
    text("last_name"),
    code("image_url").full().about("Its image; a generated one if none was uploaded."),
    boolean("has_image").full().about("Whether it is an uploaded image and not a generated one."),
    code("identifier").concise().about("Email address, phone number or username."),
]]);

/// What others see of an organization.
pub(crate) static INVITED_TO: Fields = Fields::open(&[&[
    code("id").identity(),
    text("name").concise(),
    code("slug").concise(),
    code("image_url").full().about("Its image; a generated one if none was uploaded."),
    boolean("has_image").full().about("Whether it is an uploaded image and not a generated one."),
]]);

const ORGANIZATION_INVITATION_FIELDS: &[Field] = &[
    code("object"),
    code("id").identity(),
    code("email_address").concise(),
    code("role").concise(),
    text("role_name").about("The role's name for people."),
    code("organization_id"),
    code("inviter_id").concise().about("The user who invited."),
    object("public_inviter_data", &INVITER).about("What others see of who invited."),
    code("status").concise(),
    metadata("public_metadata").about("Readable from the frontend, written by backends."),
    metadata("private_metadata").about("Readable and written by backends only."),
    code("url").secret(),
    time("expires_at").about("When it ceases to be valid."),
    time("created_at"),
    time("updated_at").standard(),
];

/// An invitation to an organization.
pub(crate) static ORGANIZATION_INVITATION: Fields = Fields::open(&[ORGANIZATION_INVITATION_FIELDS]);

/// An invitation to an organization, with the organization.
pub(crate) static ORGANIZATION_INVITATION_OF_USER: Fields = Fields::open(&[
    ORGANIZATION_INVITATION_FIELDS,
    &[object("public_organization_data", &INVITED_TO)
        .about("What others see of the organization.")],
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
    boolean("is_creator_eligible").about("Whether whoever creates an organization can get it."),
    objects("permissions", &PERMISSION).about("What the role allows."),
    time("created_at"),
    time("updated_at").standard(),
]]);
