//! The fields of the objects that the most used tools answer with: those of Clerk's that an agent
//! needs, and no others. Times are Unix milliseconds.

use crate::tool::field::{
    Field, Fields, boolean, code, inline, integer, metadata, object, objects, text, time, verified,
};

const ID: Field = code("id").identity().required();
const CREATED_AT: Field = time("created_at");
const UPDATED_AT: Field = time("updated_at").standard();
const PUBLIC_METADATA: Field = metadata("public_metadata");
const UNSAFE_METADATA: Field = metadata("unsafe_metadata");

const NAMES: &[Field] =
    &[ID, text("username").always(), text("first_name").always(), text("last_name").always()];
const PRIMARY: &[Field] = &[
    code("primary_email_address_id").always().full(),
    code("primary_phone_number_id").always().full(),
];
const IMAGE: Field = code("image_url").full();
const HAS_IMAGE: Field = boolean("has_image").full();

static EMAIL_ADDRESS: Fields =
    Fields::closed(&[&[code("id").identity(), code("email_address"), verified("verification")]]);
static PHONE_NUMBER: Fields =
    Fields::closed(&[&[code("id").identity(), code("phone_number"), verified("verification")]]);
static LISTED_EMAIL_ADDRESS: Fields =
    Fields::closed(&[&[code("id").identity(), code("email_address")]]);
static LISTED_PHONE_NUMBER: Fields =
    Fields::closed(&[&[code("id").identity(), code("phone_number")]]);

const ADDRESSES: &[Field] = &[
    objects("email_addresses", &EMAIL_ADDRESS),
    objects("phone_numbers", &PHONE_NUMBER),
    code("external_id").always(),
];
const LISTED_ADDRESSES: &[Field] = &[
    objects("email_addresses", &LISTED_EMAIL_ADDRESS),
    objects("phone_numbers", &LISTED_PHONE_NUMBER),
    code("external_id").always(),
];
const BANNED: Field = boolean("banned");
const LOCKED: Field = boolean("locked");
const PASSWORD: Field = boolean("password_enabled").standard();
const TWO_FACTOR: Field = boolean("two_factor_enabled");
const ACTIVITY: &[Field] = &[
    time("last_sign_in_at").always().unless("last_active_at"),
    time("last_active_at").always(),
    CREATED_AT,
    UPDATED_AT,
    PUBLIC_METADATA,
];

const IMAGES: &[Field] = &[IMAGE, HAS_IMAGE];
const WALLET: &[Field] = &[code("primary_web3_wallet_id").always().full()];
const SETTINGS: &[Field] = &[
    PASSWORD,
    TWO_FACTOR,
    boolean("totp_enabled").standard(),
    boolean("backup_code_enabled").standard(),
    BANNED,
    LOCKED,
    boolean("delete_self_enabled").standard(),
    boolean("create_organization_enabled").standard(),
];
const PRIVATE: &[Field] = &[metadata("private_metadata").always(), UNSAFE_METADATA];

/// A user with all that Clerk knows of them.
pub(super) static USER: Fields =
    Fields::closed(&[NAMES, IMAGES, PRIMARY, WALLET, ADDRESSES, SETTINGS, ACTIVITY, PRIVATE])
        .person();

/// A user that a search found, with what it counted.
pub(super) static FOUND_USER: Fields = Fields::closed(&[
    NAMES,
    IMAGES,
    PRIMARY,
    WALLET,
    ADDRESSES,
    SETTINGS,
    ACTIVITY,
    PRIVATE,
    &[integer("active_sessions")],
])
.person();

/// A user as a row of a list.
pub(super) static LISTED_USER: Fields = Fields::closed(&[
    NAMES,
    IMAGES,
    PRIMARY,
    LISTED_ADDRESSES,
    &[PASSWORD, TWO_FACTOR, BANNED, LOCKED],
    ACTIVITY,
])
.person();

/// A user after being created or updated.
pub(super) static CHANGED_USER: Fields = Fields::closed(&[
    NAMES,
    &[IMAGE],
    PRIMARY,
    ADDRESSES,
    &[BANNED, LOCKED, CREATED_AT, UPDATED_AT, PUBLIC_METADATA],
])
.person();

/// Whether a user may sign in.
pub(super) static STANDING: Fields = Fields::closed(&[&[ID, BANNED, LOCKED, UPDATED_AT]]);

/// A user's metadata.
pub(super) static ALL_METADATA: Fields = Fields::closed(&[&[
    ID,
    PUBLIC_METADATA,
    metadata("private_metadata"),
    UNSAFE_METADATA,
    UPDATED_AT,
]]);

/// An organization. Its private metadata stays with Clerk.
pub(super) static ORGANIZATION: Fields = Fields::closed(&[&[
    ID,
    text("name").concise(),
    code("slug").concise().always(),
    IMAGE,
    HAS_IMAGE,
    integer("members_count").always(),
    integer("pending_invitations_count").always(),
    integer("max_allowed_memberships"),
    boolean("admin_delete_enabled").standard(),
    code("created_by"),
    CREATED_AT,
    UPDATED_AT,
    PUBLIC_METADATA,
]]);

static ACTIVITY_OF_SESSION: Fields = Fields::closed(&[&[
    text("device_type"),
    boolean("is_mobile"),
    text("browser_name"),
    code("ip_address"),
    text("city"),
    text("country"),
]]);

/// A session of a user on one client.
pub(super) static SESSION: Fields = Fields::closed(&[&[
    ID,
    code("user_id").concise(),
    code("client_id"),
    code("status").concise(),
    time("last_active_at"),
    code("last_active_organization_id").always(),
    time("expire_at"),
    time("abandon_at").standard(),
    CREATED_AT,
    UPDATED_AT,
    object("latest_activity", &ACTIVITY_OF_SESSION)
        .about("Where the session was last used, as far as Clerk can tell."),
]]);

static MEMBER: Fields = Fields::closed(&[&[
    code("user_id").concise(),
    code("identifier").concise().about("Email address, phone number or username."),
    text("first_name"),
    text("last_name"),
]])
.person();
static MEMBERS_ORGANIZATION: Fields = Fields::closed(&[&[
    code("id").shown_as("organization_id"),
    text("name").shown_as("organization_name"),
]]);

/// A membership, with what identifies its user and its organization.
pub(super) static MEMBERSHIP: Fields = Fields::closed(&[&[
    ID,
    code("role").concise(),
    inline("public_user_data", &MEMBER),
    inline("organization", &MEMBERS_ORGANIZATION),
    CREATED_AT,
    UPDATED_AT,
    PUBLIC_METADATA,
]])
.person();

/// What is left of a deleted object.
pub(super) static DELETED: Fields =
    Fields::closed(&[&[code("id").identity(), code("object"), boolean("deleted")]]);
