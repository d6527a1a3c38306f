//! The settings of the instance.

use serde::Serialize;

use super::{ADMIN, DEFAULT_ROLE_SET, MEMBER, SmsOutcome};

/// All settings. Requests change them in groups.
#[derive(Debug, Clone, Default)]
pub(crate) struct Settings {
    pub(crate) instance: InstanceSettings,
    pub(crate) restrictions: Restrictions,
    pub(crate) organizations: OrganizationSettings,
    pub(crate) oauth: OauthSettings,
    pub(crate) protect: Protect,
    /// Countries to which no SMS goes.
    pub(crate) blocked_country_codes: Vec<String>,
    /// What shall become of text messages; the first that fits applies.
    pub(crate) sms_outcomes: Vec<SmsOutcome>,
    pub(crate) logs: LogSettings,
    /// Whether webhooks have an application at Svix.
    pub(crate) has_svix_app: bool,
}

/// How the application's logs are kept and searched.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct LogSettings {
    /// Whether the instance has them.
    pub(crate) enabled: bool,
    /// How long they are kept. Clerk's plans have 1, 7 and 30 days.
    pub(crate) retention_days: u64,
    /// How many days one request searches at most.
    pub(crate) window_days: u64,
}

/// What `PATCH /instance` and `PATCH /beta_features/instance_settings` change.
#[derive(Debug, Clone)]
#[expect(clippy::struct_excessive_bools, reason = "they are Clerk's")]
pub(crate) struct InstanceSettings {
    pub(crate) test_mode: bool,
    pub(crate) hibp: bool,
    pub(crate) support_email: Option<String>,
    pub(crate) clerk_js_version: Option<String>,
    pub(crate) development_origin: Option<String>,
    pub(crate) allowed_origins: Option<Vec<String>>,
    pub(crate) url_based_session_syncing: bool,
    pub(crate) preferred_sign_in_strategy: Option<String>,
    pub(crate) from_email_address: String,
    pub(crate) progressive_sign_up: bool,
}

/// Who may sign up.
#[derive(Debug, Clone, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "they are Clerk's")]
pub(crate) struct Restrictions {
    pub(crate) allowlist: bool,
    pub(crate) blocklist: bool,
    pub(crate) allowlist_blocklist_disabled_on_sign_in: bool,
    pub(crate) block_email_subaddresses: bool,
    pub(crate) block_disposable_email_domains: bool,
}

/// What organizations may have.
#[derive(Debug, Clone, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "they are Clerk's")]
pub(crate) struct OrganizationSettings {
    pub(crate) enabled: bool,
    /// Of an organization that was given no limit; 0 means unlimited.
    pub(crate) max_allowed_memberships: u64,
    pub(crate) max_allowed_roles: usize,
    pub(crate) max_role_sets_allowed: usize,
    pub(crate) max_allowed_domains: usize,
    pub(crate) max_allowed_permissions: usize,
    /// The key of the role of an organization's creator.
    pub(crate) creator_role: String,
    pub(crate) admin_delete_enabled: bool,
    pub(crate) domains_enabled: bool,
    pub(crate) slug_disabled: bool,
    pub(crate) domains_enrollment_modes: Vec<String>,
    /// The key of the role of those who join by their domain.
    pub(crate) domains_default_role: String,
    pub(crate) initial_role_set_key: String,
}

/// What OAuth applications may do.
#[derive(Debug, Clone, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "they are Clerk's")]
pub(crate) struct OauthSettings {
    pub(crate) dynamic_oauth_client_registration: bool,
    pub(crate) default_scopes: Option<Vec<String>>,
    pub(crate) oauth_jwt_access_tokens: bool,
    pub(crate) client_id_metadata_documents_advertised: bool,
    pub(crate) client_id_metadata_documents_only_allow_pre_registered_clients: bool,
    pub(crate) client_id_metadata_documents_block_implicitly_allowed_clients: bool,
}

/// Protection against attacks.
#[derive(Debug, Clone, Default, Serialize)]
pub(crate) struct Protect {
    pub(crate) rules_enabled: bool,
    pub(crate) specter_enabled: bool,
    pub(crate) checks_bypassed: bool,
}

impl Default for InstanceSettings {
    fn default() -> Self {
        Self {
            test_mode: true,
            hibp: true,
            support_email: None,
            clerk_js_version: None,
            development_origin: None,
            allowed_origins: None,
            url_based_session_syncing: true,
            preferred_sign_in_strategy: None,
            from_email_address: "notifications".to_owned(),
            progressive_sign_up: true,
        }
    }
}

impl Default for LogSettings {
    fn default() -> Self {
        Self { enabled: true, retention_days: 7, window_days: 7 }
    }
}

impl Default for OrganizationSettings {
    fn default() -> Self {
        let modes = ["manual_invitation", "automatic_invitation", "automatic_suggestion"];
        Self {
            enabled: true,
            max_allowed_memberships: 5,
            max_allowed_roles: 10,
            max_role_sets_allowed: 10,
            max_allowed_domains: 10,
            max_allowed_permissions: 50,
            creator_role: ADMIN.to_owned(),
            admin_delete_enabled: true,
            domains_enabled: true,
            slug_disabled: false,
            domains_enrollment_modes: modes.map(str::to_owned).into(),
            domains_default_role: MEMBER.to_owned(),
            initial_role_set_key: DEFAULT_ROLE_SET.to_owned(),
        }
    }
}
