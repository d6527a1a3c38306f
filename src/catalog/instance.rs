//! Settings of the whole instance.
//! <https://clerk.com/docs/reference/backend-api/tag/instance-settings>

mod fields;

use clerk_api::Route;

use self::fields::{
    AUTH_CONFIG, INSTANCE, INSTANCE_COMMUNICATION, INSTANCE_PROTECT, INSTANCE_RESTRICTIONS,
    OAUTH_APPLICATION_SETTINGS, ORGANIZATION_SETTINGS,
};
use super::{On, Toolset};
use crate::tool::{
    Effect, Flag, Tool,
    kind::Kind,
    param::{Relation, Rule, TEXT, boolean, choice, id, integer, list, text},
    rest,
};

static TOOLS: [Tool; 14] = [
    rest(
        "clerk_get_instance",
        "Get instance",
        Route::get("/instance"),
        "Get the instance's ID, kind and allowed origins. For what this server may do there, \
         use clerk_whoami.",
    )
    .returns(&INSTANCE),
    rest(
        "clerk_update_instance",
        "Update instance",
        Route::patch("/instance"),
        "Change settings of the whole instance, such as test mode, support email and allowed \
         origins.",
    )
    .takes(&[&[
        boolean("test_mode"),
        boolean("hibp").about("Check passwords for breaches."),
        text("support_email").clearable(),
        text("clerk_js_version").clearable(),
        text("development_origin").clearable(),
        list("allowed_origins", &TEXT).clearable(),
        boolean("url_based_session_syncing"),
        choice("preferred_sign_in_strategy_when_password_required", &["password", "otp"])
            .clearable(),
    ]])
    .rules(&[Rule::Change])
    .verify_with("clerk_get_instance")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_update_instance_restrictions",
        "Update instance restrictions",
        Route::patch("/instance/restrictions"),
        "Turn restrictions on sign-up on or off: allowlist, blocklist, disposable and \
         subaddressed emails. For the entries of the allowlist, use clerk_list_allowlist_identifiers.",
    )
    .takes(&[&[
        boolean("allowlist"),
        boolean("blocklist"),
        boolean("allowlist_blocklist_disabled_on_sign_in"),
        boolean("block_email_subaddresses"),
        boolean("block_disposable_email_domains"),
    ]])
    .rules(&[Rule::Change])
    .returns(&INSTANCE_RESTRICTIONS)
    .verify_with("clerk_get_instance_protect")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_get_instance_protect",
        "Get instance protect",
        Route::get("/instance/protect"),
        "Get whether Clerk Protect's rules against abuse are on.",
    )
    .returns(&INSTANCE_PROTECT),
    rest(
        "clerk_update_instance_protect",
        "Update instance protect",
        Route::patch("/instance/protect"),
        "Turn Clerk Protect's rules against abuse on or off.",
    )
    .takes(&[&[boolean("rules_enabled"), boolean("specter_enabled")]])
    .rules(&[Rule::Change])
    .returns(&INSTANCE_PROTECT)
    .verify_with("clerk_get_instance_protect")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_get_instance_communication",
        "Get instance communication",
        Route::get("/instance/communication"),
        "Get the countries to which no SMS is sent.",
    )
    .returns(&INSTANCE_COMMUNICATION),
    rest(
        "clerk_update_instance_communication",
        "Update instance communication",
        Route::patch("/instance/communication"),
        "Replace the list of countries to which no SMS is sent.",
    )
    .takes(&[&[list("blocked_country_codes", &TEXT).at_most(250).clearable()]])
    .rules(&[Rule::Change])
    .returns(&INSTANCE_COMMUNICATION)
    .verify_with("clerk_get_instance_communication")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_get_instance_oauth_application_settings",
        "Get instance OAuth application settings",
        Route::get("/instance/oauth_application_settings"),
        "Get the settings that all OAuth applications share. One application's own, \
         clerk_get_oauth_application gets.",
    )
    .returns(&OAUTH_APPLICATION_SETTINGS),
    rest(
        "clerk_update_instance_oauth_application_settings",
        "Update instance OAuth application settings",
        Route::patch("/instance/oauth_application_settings"),
        "Change the settings that all OAuth applications share, such as registration by clients \
         themselves.",
    )
    .takes(&[&[
        boolean("dynamic_oauth_client_registration"),
        list("default_scopes", &TEXT).clearable(),
        boolean("oauth_jwt_access_tokens"),
        boolean("client_id_metadata_documents_advertised"),
        boolean("client_id_metadata_documents_only_allow_pre_registered_clients"),
        boolean("client_id_metadata_documents_block_implicitly_allowed_clients"),
    ]])
    .rules(&[Rule::Change])
    .returns(&OAUTH_APPLICATION_SETTINGS)
    .verify_with("clerk_get_instance_oauth_application_settings")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_get_instance_organization_settings",
        "Get instance organization settings",
        Route::get("/instance/organization_settings"),
        "Get the settings that all organizations share: whether they are on, limits, slugs, \
         domains, roles of creators.",
    )
    .returns(&ORGANIZATION_SETTINGS),
    rest(
        "clerk_update_instance_organization_settings",
        "Update instance organization settings",
        Route::patch("/instance/organization_settings"),
        "Change the settings that all organizations share. One organization's own, \
         clerk_update_organization changes.",
    )
    .takes(&[&[
        boolean("enabled"),
        integer("max_allowed_memberships").about("0 for no limit."),
        boolean("admin_delete_enabled"),
        boolean("domains_enabled"),
        boolean("slug_disabled"),
        list("domains_enrollment_modes", &TEXT).clearable(),
        id("creator_role_id", &[Kind::Role], Relation::Nobody).clearable(),
        id("domains_default_role_id", &[Kind::Role], Relation::Nobody).clearable(),
    ]])
    .rules(&[Rule::Change])
    .returns(&ORGANIZATION_SETTINGS)
    .verify_with("clerk_get_instance_organization_settings")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_update_instance_auth_config",
        "Update instance auth config",
        Route::patch("/beta_features/instance_settings"),
        "Change how people sign up and in (beta): allowlist only, sender address, progressive \
         sign-up, test mode.",
    )
    .takes(&[&[
        boolean("restricted_to_allowlist"),
        text("from_email_address").clearable(),
        boolean("progressive_sign_up"),
        boolean("test_mode"),
    ]])
    .rules(&[Rule::Change])
    .returns(&AUTH_CONFIG)
    .verify_with("clerk_get_instance_protect")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_update_production_instance_domain",
        "Update production instance domain",
        Route::put("/beta_features/domain"),
        "Change the production domain by the old endpoint: all sessions end and DNS must be set \
         anew. Deprecated by Clerk: use clerk_change_production_instance_domain.",
    )
    .takes(&[&[text("home_url").about("Of the new domain."), boolean("is_secondary")]])
    .rules(&[Rule::Change])
    .effect(Effect::Destroy)
    .verify_with("clerk_get_instance_protect")
    .flags(&[Flag::InstanceWide, Flag::Deprecated]),
    rest(
        "clerk_change_production_instance_domain",
        "Change production instance domain",
        Route::post("/instance/change_domain"),
        "Move the production instance to another domain: everybody is signed out and DNS must be \
         set anew.",
    )
    .takes(&[&[text("home_url").about("Of the new domain."), boolean("is_secondary")]])
    .effect(Effect::Destroy)
    .verify_with("clerk_get_instance_protect")
    .flags(&[Flag::InstanceWide]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "instance",
    about: "Settings of the whole instance",
    find: "clerk_whoami",
    on: On::Chosen,
    tools: &TOOLS,
};
