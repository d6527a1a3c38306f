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
    param::{
        COUNTRY, Format, Relation, Rule, TEXT, Type, URL, boolean, choice, email, id, integer,
        list, text,
    },
    rest,
    undo::{Look, Undo},
};

/// How people may join an organization by a domain, beside by hand.
const JOINING: Type = Type::Choice(&["automatic_invitation", "automatic_suggestion"]);

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
        boolean("test_mode").about(
            "Whether test email addresses and phone numbers work; default true in \
             development.",
        ),
        boolean("hibp").about("Whether passwords are checked against known breaches (HIBP)."),
        email("support_email", Relation::Nobody)
            .clearable()
            .about("The email address for support of the application, such as help@example.com."),
        text("clerk_js_version")
            .clearable()
            .about("The version of clerk-js that the instance uses, such as 5."),
        text("development_origin")
            .format(Format::WebUrl)
            .clearable()
            .about("The application's origin in development, such as http://localhost:3000."),
        list("allowed_origins", &URL).clearable().about(
            "Origins of browser extensions and native apps, such as capacitor://localhost; \
             comma-separated.",
        ),
        boolean("url_based_session_syncing")
            .about("Whether sessions sync by URL in development, without third-party cookies."),
        choice("preferred_sign_in_strategy_when_password_required", &["password", "otp"])
            .clears_to_empty()
            .about(
                "How Clerk's components prefer to sign in if a password is required; default \
                 password.",
            ),
    ]])
    .rules(&[Rule::Change])
    .undo(
        Undo::set_back(Look::Object("clerk_get_instance"), &["allowed_origins"])
            .but("The other settings don't come back: Clerk doesn't show what they were."),
    )
    .verify_with("clerk_get_instance")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_update_instance_restrictions",
        "Update instance restrictions",
        Route::patch("/instance/restrictions"),
        "Turn restrictions on sign-up on or off: allowlist, blocklist, disposable and \
         subaddressed emails. For the entries of the allowlist, use \
         clerk_list_allowlist_identifiers.",
    )
    .takes(&[&[
        boolean("allowlist").about("Whether only identifiers on the allowlist can sign up."),
        boolean("blocklist").about("Whether identifiers on the blocklist are refused."),
        boolean("allowlist_blocklist_disabled_on_sign_in")
            .about("Whether sign-in ignores the allowlist and the blocklist."),
        boolean("block_email_subaddresses")
            .about("Whether subaddresses such as ada+news@example.com are refused."),
        boolean("block_disposable_email_domains")
            .about("Whether addresses of disposable email domains are refused."),
    ]])
    .rules(&[Rule::Change])
    .returns(&INSTANCE_RESTRICTIONS)
    .undo(Undo::Never("Clerk doesn't show what the settings were. Set them back by hand."))
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
    .takes(&[&[
        boolean("rules_enabled").about("Whether Clerk Protect's rules are on."),
        boolean("specter_enabled").about("Whether Clerk Protect's Specter is on."),
    ]])
    .rules(&[Rule::Change])
    .returns(&INSTANCE_PROTECT)
    .undo(Undo::set_back(
        Look::Object("clerk_get_instance_protect"),
        &["rules_enabled", "specter_enabled"],
    ))
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
    .takes(&[&[list("blocked_country_codes", &COUNTRY)
        .at_most(250)
        .clearable()
        .about("All countries to block, as two-letter codes such as US,CA; comma-separated.")]])
    .rules(&[Rule::Change])
    .returns(&INSTANCE_COMMUNICATION)
    .undo(Undo::set_back(
        Look::Object("clerk_get_instance_communication"),
        &["blocked_country_codes"],
    ))
    .verify_with("clerk_get_instance_communication")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_get_instance_oauth_application_settings",
        "Get instance OAuth application settings",
        Route::get("/instance/oauth_application_settings"),
        "Get the settings that all OAuth applications share. For those of one application, use \
         clerk_get_oauth_application.",
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
        boolean("dynamic_oauth_client_registration")
            .about("Whether OAuth clients can register themselves (RFC 7591)."),
        list("default_scopes", &TEXT).clears_to_null().about(
            "Scopes of clients that request none, such as profile,email; comma-separated. Cleared, \
             they are Clerk's own.",
        ),
        boolean("oauth_jwt_access_tokens")
            .about("Whether access tokens are JWTs rather than opaque."),
        boolean("client_id_metadata_documents_advertised")
            .about("Whether server metadata advertises Client ID Metadata Documents (CIMD)."),
        boolean("client_id_metadata_documents_only_allow_pre_registered_clients")
            .about("Whether CIMD clients that aren't known yet are refused."),
        boolean("client_id_metadata_documents_block_implicitly_allowed_clients").about(
            "Whether CIMD clients that were never explicitly allowed are refused; issued \
             tokens stay valid.",
        ),
    ]])
    .rules(&[Rule::Change])
    .returns(&OAUTH_APPLICATION_SETTINGS)
    .undo(Undo::set_back(
        Look::Object("clerk_get_instance_oauth_application_settings"),
        &[
            "dynamic_oauth_client_registration",
            "default_scopes",
            "oauth_jwt_access_tokens",
            "client_id_metadata_documents_advertised",
            "client_id_metadata_documents_only_allow_pre_registered_clients",
            "client_id_metadata_documents_block_implicitly_allowed_clients",
        ],
    ))
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
        "Change the settings that all organizations share. For those of one organization, use \
         clerk_update_organization.",
    )
    .takes(&[&[
        boolean("enabled").about("Whether the instance has organizations."),
        integer("max_allowed_memberships")
            .at_least(0)
            .about("How many members an organization may have; 0 for no limit."),
        boolean("admin_delete_enabled")
            .about("Whether admins can delete their organization by default."),
        boolean("domains_enabled").about("Whether organizations can have domains."),
        boolean("slug_disabled").about("Whether organizations can't have slugs."),
        list("domains_enrollment_modes", &JOINING).clearable().about(
            "How people may join by domain, such as automatic_invitation,automatic_suggestion: \
             either or both, comma-separated.",
        ),
        id("creator_role_id", &[Kind::Role], Relation::Nobody)
            .clearable()
            .about("The ID of the role that the creator of an organization gets."),
        id("domains_default_role_id", &[Kind::Role], Relation::Nobody)
            .clearable()
            .about("The ID of the role for people who join by a domain."),
    ]])
    .rules(&[Rule::Change])
    .returns(&ORGANIZATION_SETTINGS)
    .undo(
        Undo::set_back(
            Look::Object("clerk_get_instance_organization_settings"),
            &[
                "enabled",
                "max_allowed_memberships",
                "admin_delete_enabled",
                "domains_enabled",
                "slug_disabled",
                "domains_enrollment_modes",
            ],
        )
        .but(
            "The roles of creators and of people who join by a domain don't come back: Clerk \
             doesn't show their IDs.",
        ),
    )
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
        boolean("restricted_to_allowlist")
            .about("Whether only identifiers on the allowlist can sign up; default false."),
        text("from_email_address").format(Format::Alphanumeric).clearable().about(
            "The part before @ of the sender of Clerk's emails, such as auth; letters and \
             digits only.",
        ),
        boolean("progressive_sign_up")
            .about("Whether Progressive Sign Up is on; deprecated by Clerk."),
        boolean("test_mode").about(
            "Whether test email addresses and phone numbers work; default true in \
             development.",
        ),
    ]])
    .rules(&[Rule::Change])
    .returns(&AUTH_CONFIG)
    .undo(Undo::Never("Clerk doesn't show what the settings were. Set them back by hand."))
    .verify_with("clerk_get_instance_protect")
    .flags(&[Flag::InstanceWide]),
    rest(
        "clerk_update_production_instance_domain",
        "Update production instance domain",
        Route::put("/beta_features/domain"),
        "Change the production domain by the old endpoint: all sessions end and DNS must be set \
         anew. Deprecated by Clerk: use clerk_change_production_instance_domain.",
    )
    .takes(&[&[
        text("home_url")
            .format(Format::WebUrl)
            .about("The new home URL, such as https://www.example.com."),
        boolean("is_secondary")
            .about("Whether it is for a secondary app, so that its subdomain is kept."),
    ]])
    .rules(&[Rule::Change])
    .effect(Effect::Destroy)
    .undo(Undo::Never(
        "Moving back to the old domain signs everybody out again, and needs its DNS records.",
    ))
    .verify_with("clerk_get_instance_protect")
    .flags(&[Flag::InstanceWide, Flag::Deprecated]),
    rest(
        "clerk_change_production_instance_domain",
        "Change production instance domain",
        Route::post("/instance/change_domain"),
        "Move the production instance to another domain: everybody is signed out and DNS must be \
         set anew.",
    )
    .takes(&[&[
        text("home_url")
            .format(Format::WebUrl)
            .about("The new home URL, such as https://www.example.com."),
        boolean("is_secondary")
            .about("Whether it is for a secondary app, so that its subdomain is kept."),
    ]])
    .effect(Effect::Destroy)
    .undo(Undo::Never(
        "Moving back to the old domain signs everybody out again, and needs its DNS records.",
    ))
    .verify_with("clerk_get_instance_protect")
    .flags(&[Flag::InstanceWide]),
];

pub(super) static TOOLSET: Toolset = Toolset {
    name: "instance",
    about: "Instance settings",
    find: "clerk_whoami",
    on: On::Chosen,
    tools: &TOOLS,
};
