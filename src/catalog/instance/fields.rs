//! Fields of the results of the tools for instance.

use crate::tool::field::{Fields, boolean, code, codes, integer};

/// An instance.
pub(super) static INSTANCE: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    code("environment_type").about("development, staging or production."),
    codes("allowed_origins"),
    code("workspace_id"),
]]);

/// Instance restrictions.
pub(super) static INSTANCE_RESTRICTIONS: Fields = Fields::open(&[&[
    code("object"),
    boolean("allowlist"),
    boolean("blocklist"),
    boolean("allowlist_blocklist_disabled_on_sign_in"),
    boolean("block_email_subaddresses"),
    boolean("block_disposable_email_domains"),
]]);

/// An instance protect.
pub(super) static INSTANCE_PROTECT: Fields = Fields::open(&[&[
    code("object"),
    boolean("rules_enabled").standard(),
    boolean("specter_enabled").standard(),
    boolean("checks_bypassed"),
]]);

/// An instance communication.
pub(super) static INSTANCE_COMMUNICATION: Fields =
    Fields::open(&[&[code("object"), codes("blocked_country_codes")]]);

/// OAuth application settings.
pub(super) static OAUTH_APPLICATION_SETTINGS: Fields = Fields::open(&[&[
    code("object"),
    boolean("dynamic_oauth_client_registration"),
    codes("default_scopes"),
    boolean("oauth_jwt_access_tokens"),
    boolean("client_id_metadata_documents_advertised"),
    boolean("client_id_metadata_documents_only_allow_pre_registered_clients"),
    boolean("client_id_metadata_documents_block_implicitly_allowed_clients"),
]]);

/// Organization settings.
pub(super) static ORGANIZATION_SETTINGS: Fields = Fields::open(&[&[
    code("object"),
    boolean("enabled"),
    integer("max_allowed_memberships"),
    integer("max_allowed_roles"),
    integer("max_role_sets_allowed"),
    integer("max_allowed_domains"),
    integer("max_allowed_permissions"),
    code("creator_role"),
    boolean("admin_delete_enabled").standard(),
    boolean("domains_enabled").standard(),
    boolean("slug_disabled"),
    codes("domains_enrollment_modes"),
    code("domains_default_role"),
    code("initial_role_set_key"),
]]);

/// How people sign in.
pub(super) static AUTH_CONFIG: Fields = Fields::open(&[&[
    code("object"),
    code("id").identity(),
    boolean("restricted_to_allowlist"),
    code("from_email_address"),
    boolean("progressive_sign_up"),
    boolean("enhanced_email_deliverability"),
]]);
