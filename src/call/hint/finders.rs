//! How the ids of each kind are found.

use crate::tool::kind::Kind;

/// Where the id of an object is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::call) enum Finder {
    /// In the result of this tool; by which arguments of it, if there is a choice.
    Tool(&'static str, &'static str),
    /// In no list: a sentence that says where else.
    Elsewhere(&'static str),
}

/// How the id of an object of a kind is found.
pub(in crate::call) const fn finder(kind: Kind) -> Finder {
    use Finder::{Elsewhere, Tool};
    match kind {
        Kind::User => Tool("clerk_list_users", "emailAddress or query"),
        Kind::Organization => Tool("clerk_list_organizations", "query"),
        Kind::Session | Kind::Client => Tool("clerk_list_sessions", "userId"),
        Kind::Membership => Tool("clerk_list_organization_memberships", "organizationId"),
        Kind::Invitation => Tool("clerk_list_invitations", "query"),
        Kind::OrganizationInvitation => {
            Tool("clerk_list_organization_invitations", "organizationId")
        }
        Kind::EmailAddress
        | Kind::PhoneNumber
        | Kind::Web3Wallet
        | Kind::Passkey
        | Kind::ExternalAccount
        | Kind::OAuthProvider => Tool("clerk_get_user", "userId"),
        Kind::BiometricCredential => Tool("clerk_list_user_biometric_credentials", "userId"),
        Kind::SignUp => {
            Elsewhere("No tool lists sign-ups: the ID is in the client of who signs up.")
        }
        Kind::SignInToken => Elsewhere(
            "No tool lists sign-in tokens: the ID is in the result of the call that created it.",
        ),
        Kind::ActorToken => Elsewhere(
            "No tool lists actor tokens: the ID is in the result of the call that created it.",
        ),
        Kind::AgentTask => Elsewhere(
            "No tool lists agent tasks: the ID is in the result of the call that created it.",
        ),
        Kind::AdminPortalLink => Elsewhere(
            "No tool lists admin portal links: the ID is in the result of the call that created it.",
        ),
        Kind::MessageTemplate => Tool("clerk_list_templates", "templateType"),
        Kind::JwtTemplate => Tool("clerk_list_jwt_templates", ""),
        Kind::Role => Tool("clerk_list_organization_roles", "query"),
        Kind::Permission => Tool("clerk_list_organization_permissions", "query"),
        Kind::RoleSet => Tool("clerk_list_role_sets", "query"),
        Kind::OAuthApplication => Tool("clerk_list_oauth_applications", "nameQuery"),
        Kind::SamlConnection => Tool("clerk_list_saml_connections", "query"),
        Kind::EnterpriseConnection => Tool("clerk_list_enterprise_connections", "organizationId"),
        Kind::Directory => Tool("clerk_list_directories", ""),
        Kind::ScimDirectory => Tool("clerk_list_scim_directories", ""),
        Kind::DirectoryMapping => Tool("clerk_list_directory_group_role_mappings", "directoryId"),
        Kind::ScimMapping => Tool("clerk_list_scim_group_role_mappings", "scimDirectoryId"),
        Kind::Domain => Tool("clerk_list_domains", ""),
        Kind::OrganizationDomain => Tool("clerk_list_organization_domains", "organizationId"),
        Kind::RedirectUrl => Tool("clerk_list_redirect_urls", ""),
        Kind::Machine => Tool("clerk_list_machines", "query"),
        Kind::M2mToken => Tool("clerk_list_m2m_tokens", "subject"),
        Kind::ApiKey => Tool("clerk_list_api_keys", "subject"),
        Kind::AllowlistIdentifier => Tool("clerk_list_allowlist_identifiers", ""),
        Kind::BlocklistIdentifier => Tool("clerk_list_blocklist_identifiers", ""),
        Kind::WaitlistEntry => Tool("clerk_list_waitlist_entries", "query"),
        Kind::BillingPlan => Tool("clerk_list_billing_plans", ""),
        Kind::BillingPrice => Tool("clerk_list_billing_prices", "planId"),
        Kind::SubscriptionItem => Tool("clerk_list_billing_subscription_items", "query"),
        Kind::Statement => Tool("clerk_list_billing_statements", ""),
        Kind::Discount => Elsewhere("No tool lists discounts: the Clerk Dashboard shows the ID."),
        Kind::Verification => Elsewhere(
            "No tool lists verifications: the ID is in the result of the call that sent the code.",
        ),
        Kind::ItContact => {
            Elsewhere("No tool lists IT contacts: the Clerk Dashboard shows the ID.")
        }
        Kind::Event => Tool("clerk_list_events", "type"),
        Kind::Log => Tool("clerk_list_logs", "type"),
        Kind::Foreign => {
            Elsewhere("The ID of a group is the identity provider's: look for it there.")
        }
    }
}
