//! The fields of objects that operations of several files answer with, as Clerk names them.

/// What is left of what was deleted.
pub(super) const DELETED: &[&str] = &["id", "slug", "deleted", "external_id"];

/// A directory of an enterprise connection.
pub(super) const DIRECTORY: &[&str] = &[
    "id",
    "name",
    "enterprise_connection_id",
    "endpoint_url",
    "provider",
    "enabled",
    "group_role_mapping_enabled",
    "attribute_mapping",
    "custom_attributes",
    "api_key",
    "created_at",
    "updated_at",
];

/// An invitation, with the organization that it is to.
pub(super) const ORGANIZATION_INVITATION_OF_USER: &[&str] = &[
    "id",
    "email_address",
    "role",
    "role_name",
    "organization_id",
    "inviter_id",
    "public_inviter_data",
    "status",
    "public_metadata",
    "private_metadata",
    "url",
    "expires_at",
    "created_at",
    "updated_at",
    "public_organization_data",
];

/// A membership.
pub(super) const ORGANIZATION_MEMBERSHIP: &[&str] = &[
    "id",
    "role",
    "role_name",
    "permissions",
    "public_metadata",
    "private_metadata",
    "organization",
    "public_user_data",
    "created_at",
    "updated_at",
];

/// A user.
pub(super) const USER: &[&str] = &[
    "id",
    "external_id",
    "primary_email_address_id",
    "primary_phone_number_id",
    "primary_web3_wallet_id",
    "username",
    "first_name",
    "last_name",
    "locale",
    "profile_image_url",
    "image_url",
    "has_image",
    "public_metadata",
    "private_metadata",
    "unsafe_metadata",
    "email_addresses",
    "phone_numbers",
    "web3_wallets",
    "passkeys",
    "password_enabled",
    "two_factor_enabled",
    "totp_enabled",
    "backup_code_enabled",
    "mfa_enabled_at",
    "mfa_disabled_at",
    "password_last_updated_at",
];

/// How far an address or a number is verified.
pub(super) const VERIFICATION: &[&str] =
    &["id", "status", "strategy", "attempts", "expire_at", "channel"];
