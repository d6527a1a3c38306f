//! The fields of the objects that the most used tools return: those of Clerk's that an agent
//! needs, and no others.

use super::fields::PRIMARY_EMAIL_ADDRESS;
use crate::tool::field::{
    Field, Fields, boolean, code, inline, integer, metadata, object, objects, text, time, verified,
};

const ID: Field = code("id").identity().required();
const CREATED_AT: Field = time("created_at");
const UPDATED_AT: Field = time("updated_at").standard();
const PUBLIC_METADATA: Field =
    metadata("public_metadata").about("Readable from the frontend, written by backends.");
const UNSAFE_METADATA: Field = metadata("unsafe_metadata")
    .about("Readable and written from the frontend: the user may have set it.");

const NAMES: &[Field] =
    &[ID, text("username").always(), text("first_name").always(), text("last_name").always()];
const PRIMARY: &[Field] = &[
    PRIMARY_EMAIL_ADDRESS,
    code("primary_email_address_id")
        .always()
        .full()
        .about("Which of the email addresses is primary."),
    code("primary_phone_number_id").always().full().about("Which of the phone numbers is primary."),
];
const IMAGE: Field =
    code("image_url").full().about("Its image; a generated one if none was uploaded.");
const HAS_IMAGE: Field =
    boolean("has_image").full().about("Whether it is an uploaded image and not a generated one.");

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
    code("external_id").always().about("Its ID in your own system."),
];
const LISTED_ADDRESSES: &[Field] = &[
    objects("email_addresses", &LISTED_EMAIL_ADDRESS),
    objects("phone_numbers", &LISTED_PHONE_NUMBER),
    code("external_id").always().about("Its ID in your own system."),
];
const BANNED: Field = boolean("banned").about("Whether they are barred until the ban is lifted.");
const LOCKED: Field = boolean("locked")
    .about("Whether they can't sign in for a while, after failed tries or by an admin.");
const PASSWORD: Field =
    boolean("password_enabled").standard().about("Whether there is a password.");
const TWO_FACTOR: Field =
    boolean("two_factor_enabled").about("Whether any second factor is set up.");
const ACTIVITY: &[Field] = &[
    time("last_sign_in_at")
        .always()
        .unless("last_active_at")
        .about("When they last signed in; null if never."),
    time("last_active_at")
        .always()
        .about("When it was last active, to about a day for users; null if never."),
    CREATED_AT,
    UPDATED_AT,
    PUBLIC_METADATA,
];

const IMAGES: &[Field] = &[IMAGE, HAS_IMAGE];
const WALLET: &[Field] =
    &[code("primary_web3_wallet_id").always().full().about("Which of the wallets is primary.")];
const SETTINGS: &[Field] = &[
    PASSWORD,
    TWO_FACTOR,
    boolean("totp_enabled").standard().about("Whether an authenticator app is set up."),
    boolean("backup_code_enabled").standard().about("Whether backup codes are set up."),
    BANNED,
    LOCKED,
    text("timezone").about("Their time zone, such as Europe/Berlin."),
    boolean("delete_self_enabled").standard().about("Whether they may delete their own account."),
    boolean("create_organization_enabled")
        .standard()
        .about("Whether they may create organizations."),
];
/// What a call that sets metadata shows of it.
const SET_METADATA: &[Field] = &[
    metadata("private_metadata").about("Readable and written by backends only."),
    UNSAFE_METADATA,
];
const PRIVATE: &[Field] = &[
    metadata("private_metadata").always().about("Readable and written by backends only."),
    UNSAFE_METADATA,
];

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
    &[integer("active_sessions")
        .about("How many active sessions they have; given with activeSessionsOver.")],
])
.person();

static COMPARED_PHONE_NUMBER: Fields = Fields::closed(&[&[
    code("phone_number"),
    boolean("reserved_for_second_factor"),
    verified("verification"),
]]);
static COMPARED_ACCOUNT: Fields =
    Fields::closed(&[&[code("provider"), code("provider_user_id"), verified("verification")]]);
static PASSKEY: Fields = Fields::closed(&[&[code("id").identity()]]);

/// A user that a search compares with others: with all that it may choose them by.
pub(super) static COMPARED_USER: Fields = Fields::closed(&[
    NAMES,
    PRIMARY,
    SETTINGS,
    ACTIVITY,
    PRIVATE,
    &[
        objects("email_addresses", &EMAIL_ADDRESS),
        objects("phone_numbers", &COMPARED_PHONE_NUMBER),
        objects("external_accounts", &COMPARED_ACCOUNT),
        objects("passkeys", &PASSKEY),
    ],
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
    SET_METADATA,
])
.person();

/// Whether a user may sign in.
pub(super) static STANDING: Fields = Fields::closed(&[&[ID, BANNED, LOCKED, UPDATED_AT]]);

/// A user's metadata.
pub(super) static ALL_METADATA: Fields = Fields::closed(&[&[
    ID,
    PUBLIC_METADATA,
    metadata("private_metadata").about("Readable and written by backends only."),
    UNSAFE_METADATA,
    UPDATED_AT,
]]);

/// An organization. Its private metadata stays with Clerk.
pub(super) static ORGANIZATION: Fields = Fields::closed(&[ORGANIZATION_FIELDS]);
/// An organization after being created, with the private metadata that the call gave.
pub(super) static CREATED_ORGANIZATION: Fields = Fields::closed(&[
    ORGANIZATION_FIELDS,
    &[metadata("private_metadata").about("Readable and written by backends only.")],
]);
/// An organization as the journal of changes needs it, to set back what a write changed.
pub(super) static ORGANIZATION_AS_KEPT: Fields =
    Fields::closed(&[ORGANIZATION_FIELDS, &[metadata("private_metadata"), code("role_set_key")]]);
const ORGANIZATION_FIELDS: &[Field] = &[
    ID,
    text("name").concise(),
    code("slug").concise().always(),
    IMAGE,
    HAS_IMAGE,
    integer("members_count").always().about("How many members it has; null unless asked for."),
    integer("pending_invitations_count")
        .always()
        .about("How many invitations are open; null unless asked for."),
    integer("max_allowed_memberships").about("How many members it may have; 0 is unlimited."),
    boolean("admin_delete_enabled").standard().about("Whether its admins may delete it."),
    code("created_by"),
    CREATED_AT,
    UPDATED_AT,
    PUBLIC_METADATA,
];

static ACTIVITY_OF_SESSION: Fields = Fields::closed(&[&[
    text("device_type").about("Such as iPhone or Windows."),
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
    code("client_id").about("The client: a browser or an app on one device."),
    code("status").concise(),
    time("last_active_at")
        .about("When it was last active, to about a day for users; null if never."),
    code("last_active_organization_id")
        .always()
        .about("The organization that was last chosen in the session."),
    time("expire_at").about("When it ceases to be valid."),
    time("abandon_at").standard().about("When the session ends for want of use."),
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
