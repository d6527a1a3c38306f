//! Settings of the whole instance.
//! <https://clerk.com/docs/reference/backend-api/tag/instance-settings>

use clerk_api::Route;

use crate::operation::{
    Effect, Entry, Flag, Rule,
    param::{choice, flag, id, integer, list, text},
    plain,
};

/// The instance's settings of OAuth applications.
const OAUTH_APPLICATION_SETTINGS: &[&str] = &[
    "dynamic_oauth_client_registration",
    "default_scopes",
    "oauth_jwt_access_tokens",
    "client_id_metadata_documents_advertised",
    "client_id_metadata_documents_only_allow_pre_registered_clients",
    "client_id_metadata_documents_block_implicitly_allowed_clients",
];
/// The instance's settings of organizations.
const ORGANIZATION_SETTINGS: &[&str] = &[
    "enabled",
    "max_allowed_memberships",
    "max_allowed_roles",
    "max_role_sets_allowed",
    "max_allowed_domains",
    "max_allowed_permissions",
    "creator_role",
    "admin_delete_enabled",
    "domains_enabled",
    "slug_disabled",
    "domains_enrollment_modes",
    "domains_default_role",
    "initial_role_set_key",
];

pub(super) static OPERATIONS: [Entry; 14] = [
    plain(
        "clerk_get_instance",
        "Get instance",
        Route::get("/instance"),
        "Get the instance's ID, kind and allowed origins. What this server may do there, \
         clerk_whoami tells.",
    )
    .answers(&["id", "environment_type", "allowed_origins", "workspace_id"]),
    plain(
        "clerk_update_instance",
        "Update instance",
        Route::patch("/instance"),
        "Change settings of the whole instance, such as test mode, support email and allowed \
         origins.",
    )
    .takes(&[
        flag("test_mode").nullable(),
        flag("hibp").nullable().about("Check passwords for breaches."),
        text("support_email").nullable(),
        text("clerk_js_version").nullable(),
        text("development_origin").nullable(),
        list("allowed_origins"),
        flag("url_based_session_syncing").nullable(),
        choice("preferred_sign_in_strategy_when_password_required", &["password", "otp", ""])
            .nullable(),
    ])
    .look("clerk_get_instance")
    .flags(&[Flag::InstanceWide])
    .rules(&[Rule::Change]),
    plain(
        "clerk_update_instance_restrictions",
        "Update instance restrictions",
        Route::patch("/instance/restrictions"),
        "Turn restrictions on sign-up on or off: allowlist, blocklist, disposable and \
         subaddressed emails. Who is on the lists, clerk_list_allowlist_identifiers tells.",
    )
    .takes(&[
        flag("allowlist").nullable(),
        flag("blocklist").nullable(),
        flag("allowlist_blocklist_disabled_on_sign_in").nullable(),
        flag("block_email_subaddresses").nullable(),
        flag("block_disposable_email_domains").nullable(),
    ])
    .answers(&[
        "allowlist",
        "blocklist",
        "allowlist_blocklist_disabled_on_sign_in",
        "block_email_subaddresses",
        "block_disposable_email_domains",
    ])
    .look("clerk_get_instance_protect")
    .flags(&[Flag::InstanceWide])
    .rules(&[Rule::Change]),
    plain(
        "clerk_get_instance_protect",
        "Get instance protect",
        Route::get("/instance/protect"),
        "Get whether Clerk Protect's rules against abuse are on.",
    )
    .answers(&["rules_enabled", "specter_enabled", "checks_bypassed"]),
    plain(
        "clerk_update_instance_protect",
        "Update instance protect",
        Route::patch("/instance/protect"),
        "Turn Clerk Protect's rules against abuse on or off.",
    )
    .takes(&[flag("rules_enabled").nullable(), flag("specter_enabled").nullable()])
    .answers(&["rules_enabled", "specter_enabled", "checks_bypassed"])
    .look("clerk_get_instance_protect")
    .flags(&[Flag::InstanceWide])
    .rules(&[Rule::Change]),
    plain(
        "clerk_get_instance_communication",
        "Get instance communication",
        Route::get("/instance/communication"),
        "Get the countries to which no SMS is sent.",
    )
    .answers(&["blocked_country_codes"]),
    plain(
        "clerk_update_instance_communication",
        "Update instance communication",
        Route::patch("/instance/communication"),
        "Replace the list of countries to which no SMS is sent.",
    )
    .takes(&[list("blocked_country_codes").at_most(250).nullable()])
    .answers(&["blocked_country_codes"])
    .look("clerk_get_instance_communication")
    .flags(&[Flag::InstanceWide])
    .rules(&[Rule::Change]),
    plain(
        "clerk_get_instance_oauth_application_settings",
        "Get instance OAuth application settings",
        Route::get("/instance/oauth_application_settings"),
        "Get the settings that all OAuth applications share. One application's own, \
         clerk_get_oauth_application gets.",
    )
    .answers(OAUTH_APPLICATION_SETTINGS),
    plain(
        "clerk_update_instance_oauth_application_settings",
        "Update instance OAuth application settings",
        Route::patch("/instance/oauth_application_settings"),
        "Change the settings that all OAuth applications share, such as registration by clients \
         themselves.",
    )
    .takes(&[
        flag("dynamic_oauth_client_registration").nullable(),
        list("default_scopes").nullable(),
        flag("oauth_jwt_access_tokens").nullable(),
        flag("client_id_metadata_documents_advertised").nullable(),
        flag("client_id_metadata_documents_only_allow_pre_registered_clients").nullable(),
        flag("client_id_metadata_documents_block_implicitly_allowed_clients").nullable(),
    ])
    .answers(OAUTH_APPLICATION_SETTINGS)
    .look("clerk_get_instance_oauth_application_settings")
    .flags(&[Flag::InstanceWide])
    .rules(&[Rule::Change]),
    plain(
        "clerk_get_instance_organization_settings",
        "Get instance organization settings",
        Route::get("/instance/organization_settings"),
        "Get the settings that all organizations share: whether they are on, limits, slugs, \
         domains, roles of creators.",
    )
    .answers(ORGANIZATION_SETTINGS),
    plain(
        "clerk_update_instance_organization_settings",
        "Update instance organization settings",
        Route::patch("/instance/organization_settings"),
        "Change the settings that all organizations share. One organization's own, \
         clerk_update_organization changes.",
    )
    .takes(&[
        flag("enabled").nullable(),
        integer("max_allowed_memberships").nullable().about("0 for no limit."),
        flag("admin_delete_enabled").nullable(),
        flag("domains_enabled").nullable(),
        flag("slug_disabled").nullable(),
        list("domains_enrollment_modes"),
        id("creator_role_id").nullable(),
        id("domains_default_role_id").nullable(),
    ])
    .answers(ORGANIZATION_SETTINGS)
    .look("clerk_get_instance_organization_settings")
    .flags(&[Flag::InstanceWide])
    .rules(&[Rule::Change]),
    plain(
        "clerk_update_instance_auth_config",
        "Update instance auth config",
        Route::patch("/beta_features/instance_settings"),
        "Change how people sign up and in (beta): allowlist only, sender address, progressive \
         sign-up, test mode.",
    )
    .takes(&[
        flag("restricted_to_allowlist").nullable(),
        text("from_email_address").nullable(),
        flag("progressive_sign_up").nullable(),
        flag("test_mode").nullable(),
    ])
    .answers(&[
        "id",
        "restricted_to_allowlist",
        "from_email_address",
        "progressive_sign_up",
        "enhanced_email_deliverability",
    ])
    .look("clerk_get_instance_protect")
    .flags(&[Flag::InstanceWide])
    .rules(&[Rule::Change]),
    plain(
        "clerk_update_production_instance_domain",
        "Update production instance domain",
        Route::put("/beta_features/domain"),
        "Change the production domain by the old endpoint: all sessions end and DNS must be set \
         anew. Deprecated by Clerk: use clerk_change_production_instance_domain.",
    )
    .takes(&[text("home_url").about("Of the new domain."), flag("is_secondary")])
    .effect(Effect::Destroy)
    .look("clerk_get_instance_protect")
    .flags(&[Flag::InstanceWide, Flag::Deprecated])
    .rules(&[Rule::Change]),
    plain(
        "clerk_change_production_instance_domain",
        "Change production instance domain",
        Route::post("/instance/change_domain"),
        "Move the production instance to another domain: everybody is signed out and DNS must be \
         set anew.",
    )
    .takes(&[text("home_url").about("Of the new domain."), flag("is_secondary")])
    .effect(Effect::Destroy)
    .look("clerk_get_instance_protect")
    .flags(&[Flag::InstanceWide]),
];
