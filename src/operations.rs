//! The catalog: every operation, in toolsets by Clerk's resource, in the order that tools are
//! listed.

mod admin_portal;
mod api_keys;
mod billing;
mod bulk;
mod clients;
mod directories;
mod domains;
mod email_addresses;
mod enterprise_connections;
mod events;
mod fields;
mod find;
mod images;
mod instance;
mod investigate;
mod invitations;
mod jwt_templates;
mod m2m_tokens;
mod machines;
mod memberships;
mod metadata;
mod miscellaneous;
mod moderation;
mod oauth_applications;
mod organization_domains;
mod organization_invitations;
mod organization_memberships;
mod organization_permissions;
mod organization_profiles;
mod organization_roles;
mod organizations;
mod phone_numbers;
pub(crate) mod reach;
mod redirect_urls;
mod restrictions;
mod role_sets;
mod saml_connections;
mod scim_directories;
mod session_tokens;
mod sessions;
mod sign_in_tokens;
mod sign_ups;
mod templates;
mod user_credentials;
mod user_profiles;
mod users;
mod waitlist;
mod webhooks;
pub(crate) mod whoami;

pub(crate) use investigate::only_user;

use clerk_api::Decoded;

use crate::operation::Entry;

/// The operations on one of Clerk's resources.
#[derive(Debug)]
pub struct Toolset {
    /// Its name in `--toolsets`.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// The tool that finds such a resource where its id is not known.
    pub find: &'static str,
    /// When its tools are on.
    pub on: On,
    /// Its operations, in reading order.
    pub operations: &'static [Entry],
}

/// When a toolset's tools are on, as far as the choice of toolsets goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// Whichever toolsets are chosen.
    Always,
    /// Where none is chosen, or it is.
    Default,
    /// Where it is chosen; where none is, these of them.
    Partly(&'static [&'static str]),
    /// Where it is chosen.
    Chosen,
}

/// All toolsets.
pub static CATALOG: &[Toolset] = &[
    Toolset {
        name: "users",
        about: "Find, create, change and delete users",
        find: "clerk_list_users",
        on: On::Default,
        operations: &users::OPERATIONS,
    },
    Toolset {
        name: "search",
        about: "Find users by what Clerk can't filter by, and count them",
        find: "clerk_find_users",
        on: On::Partly(&["clerk_find_users"]),
        operations: &find::OPERATIONS,
    },
    Toolset {
        name: "overview",
        about: "Answers that take several requests",
        find: "clerk_list_users",
        on: On::Default,
        operations: &investigate::OPERATIONS,
    },
    Toolset {
        name: "moderation",
        about: "Ban and lock users, and lift it",
        find: "clerk_list_users",
        on: On::Default,
        operations: &moderation::OPERATIONS,
    },
    Toolset {
        name: "metadata",
        about: "Merge into users' metadata",
        find: "clerk_list_users",
        on: On::Default,
        operations: &metadata::OPERATIONS,
    },
    Toolset {
        name: "organizations",
        about: "Find, read and create organizations",
        find: "clerk_list_organizations",
        on: On::Default,
        operations: &organizations::OPERATIONS,
    },
    Toolset {
        name: "memberships",
        about: "Who is in which organization, with which role",
        find: "clerk_list_organization_memberships",
        on: On::Default,
        operations: &memberships::OPERATIONS,
    },
    Toolset {
        name: "sessions",
        about: "Look into sessions and revoke them",
        find: "clerk_list_sessions",
        on: On::Default,
        operations: &sessions::OPERATIONS,
    },
    Toolset {
        name: "bulk",
        about: "Change many at once, each step of which passes the guard",
        find: "clerk_list_users",
        on: On::Default,
        operations: &bulk::OPERATIONS,
    },
    Toolset {
        name: "restrictions",
        about: "The allowlist and the blocklist: who may sign up",
        find: "clerk_list_allowlist_identifiers",
        on: On::Chosen,
        operations: &restrictions::OPERATIONS,
    },
    Toolset {
        name: "images",
        about: "Upload profile images and logos",
        find: "clerk_list_users",
        on: On::Chosen,
        operations: &images::OPERATIONS,
    },
    Toolset {
        name: "miscellaneous",
        about: "Odds and ends",
        find: "clerk_whoami",
        on: On::Chosen,
        operations: &miscellaneous::OPERATIONS,
    },
    Toolset {
        name: "clients",
        about: "Browsers and apps that people sign in with",
        find: "clerk_list_clients",
        on: On::Chosen,
        operations: &clients::OPERATIONS,
    },
    Toolset {
        name: "email_addresses",
        about: "Email addresses of users",
        find: "clerk_list_users",
        on: On::Chosen,
        operations: &email_addresses::OPERATIONS,
    },
    Toolset {
        name: "phone_numbers",
        about: "Phone numbers of users",
        find: "clerk_list_users",
        on: On::Chosen,
        operations: &phone_numbers::OPERATIONS,
    },
    Toolset {
        name: "session_tokens",
        about: "Make sessions and their tokens",
        find: "clerk_list_sessions",
        on: On::Chosen,
        operations: &session_tokens::OPERATIONS,
    },
    Toolset {
        name: "templates",
        about: "Texts of emails and SMS (deprecated)",
        find: "clerk_list_templates",
        on: On::Chosen,
        operations: &templates::OPERATIONS,
    },
    Toolset {
        name: "user_profiles",
        about: "More on users: bulk bans, images, whole metadata, memberships",
        find: "clerk_list_user_organization_invitations",
        on: On::Chosen,
        operations: &user_profiles::OPERATIONS,
    },
    Toolset {
        name: "user_credentials",
        about: "Passwords, second factors, passkeys and devices of users",
        find: "clerk_list_user_trusted_devices",
        on: On::Chosen,
        operations: &user_credentials::OPERATIONS,
    },
    Toolset {
        name: "invitations",
        about: "Invite people to sign up",
        find: "clerk_list_invitations",
        on: On::Chosen,
        operations: &invitations::OPERATIONS,
    },
    Toolset {
        name: "organization_invitations",
        about: "Invite people into organizations",
        find: "clerk_list_organization_invitations",
        on: On::Partly(&[
            "clerk_list_organization_invitations",
            "clerk_create_organization_invitation",
            "clerk_revoke_organization_invitation",
        ]),
        operations: &organization_invitations::OPERATIONS,
    },
    Toolset {
        name: "instance",
        about: "Settings of the whole instance",
        find: "clerk_whoami",
        on: On::Chosen,
        operations: &instance::OPERATIONS,
    },
    Toolset {
        name: "domains",
        about: "Domains that the application runs on",
        find: "clerk_list_domains",
        on: On::Chosen,
        operations: &domains::OPERATIONS,
    },
    Toolset {
        name: "redirect_urls",
        about: "URLs that native sign-in may return to",
        find: "clerk_list_redirect_urls",
        on: On::Chosen,
        operations: &redirect_urls::OPERATIONS,
    },
    Toolset {
        name: "webhooks",
        about: "The Svix app that delivers webhooks",
        find: "clerk_whoami",
        on: On::Chosen,
        operations: &webhooks::OPERATIONS,
    },
    Toolset {
        name: "sign_in_tokens",
        about: "Tokens that sign somebody in",
        find: "clerk_list_users",
        on: On::Chosen,
        operations: &sign_in_tokens::OPERATIONS,
    },
    Toolset {
        name: "jwt_templates",
        about: "Templates of tokens for other services",
        find: "clerk_list_jwt_templates",
        on: On::Chosen,
        operations: &jwt_templates::OPERATIONS,
    },
    Toolset {
        name: "machines",
        about: "Services that talk to one another, and their keys",
        find: "clerk_list_machines",
        on: On::Chosen,
        operations: &machines::OPERATIONS,
    },
    Toolset {
        name: "m2m_tokens",
        about: "Tokens of machines",
        find: "clerk_list_m2m_tokens",
        on: On::Chosen,
        operations: &m2m_tokens::OPERATIONS,
    },
    Toolset {
        name: "api_keys",
        about: "API keys of your users and organizations",
        find: "clerk_list_api_keys",
        on: On::Chosen,
        operations: &api_keys::OPERATIONS,
    },
    Toolset {
        name: "organization_profiles",
        about: "Change and delete organizations",
        find: "clerk_list_organizations",
        on: On::Chosen,
        operations: &organization_profiles::OPERATIONS,
    },
    Toolset {
        name: "organization_roles",
        about: "Roles in organizations and what they allow",
        find: "clerk_list_organization_roles",
        on: On::Chosen,
        operations: &organization_roles::OPERATIONS,
    },
    Toolset {
        name: "organization_memberships",
        about: "Change memberships, and list them over all organizations",
        find: "clerk_list_all_organization_memberships",
        on: On::Partly(&["clerk_update_organization_membership"]),
        operations: &organization_memberships::OPERATIONS,
    },
    Toolset {
        name: "organization_domains",
        about: "Email domains that organizations own",
        find: "clerk_list_organization_domains",
        on: On::Chosen,
        operations: &organization_domains::OPERATIONS,
    },
    Toolset {
        name: "sign_ups",
        about: "Sign-ups under way",
        find: "clerk_whoami",
        on: On::Chosen,
        operations: &sign_ups::OPERATIONS,
    },
    Toolset {
        name: "oauth_applications",
        about: "Apps that sign people in with your application",
        find: "clerk_list_oauth_applications",
        on: On::Chosen,
        operations: &oauth_applications::OPERATIONS,
    },
    Toolset {
        name: "saml_connections",
        about: "SAML connections (deprecated for enterprise connections)",
        find: "clerk_list_saml_connections",
        on: On::Chosen,
        operations: &saml_connections::OPERATIONS,
    },
    Toolset {
        name: "enterprise_connections",
        about: "Single sign-on with companies' identity providers",
        find: "clerk_list_enterprise_connections",
        on: On::Chosen,
        operations: &enterprise_connections::OPERATIONS,
    },
    Toolset {
        name: "scim_directories",
        about: "Provisioning by SCIM (older name of directories)",
        find: "clerk_list_scim_directories",
        on: On::Chosen,
        operations: &scim_directories::OPERATIONS,
    },
    Toolset {
        name: "directories",
        about: "Provisioning of users from companies' directories",
        find: "clerk_list_directories",
        on: On::Chosen,
        operations: &directories::OPERATIONS,
    },
    Toolset {
        name: "admin_portal",
        about: "Links with which a company sets up its own sign-on",
        find: "clerk_list_enterprise_connections",
        on: On::Chosen,
        operations: &admin_portal::OPERATIONS,
    },
    Toolset {
        name: "waitlist",
        about: "People who wait to be let in",
        find: "clerk_list_waitlist_entries",
        on: On::Chosen,
        operations: &waitlist::OPERATIONS,
    },
    Toolset {
        name: "billing",
        about: "Plans, prices, subscriptions and statements",
        find: "clerk_list_billing_plans",
        on: On::Chosen,
        operations: &billing::OPERATIONS,
    },
    Toolset {
        name: "organization_permissions",
        about: "Permissions that roles consist of",
        find: "clerk_list_organization_permissions",
        on: On::Chosen,
        operations: &organization_permissions::OPERATIONS,
    },
    Toolset {
        name: "role_sets",
        about: "Which roles an organization can have",
        find: "clerk_list_role_sets",
        on: On::Chosen,
        operations: &role_sets::OPERATIONS,
    },
    Toolset {
        name: "events",
        about: "What happened, by Clerk's webhooks; on where events are received",
        find: "clerk_list_events",
        on: On::Default,
        operations: &events::OPERATIONS,
    },
    Toolset {
        name: "operations",
        about: "Every operation of Clerk's by its name, found by words",
        find: "clerk_search_operations",
        on: On::Default,
        operations: &reach::OPERATIONS,
    },
    Toolset {
        name: "server",
        about: "What this server may do",
        find: "clerk_whoami",
        on: On::Always,
        operations: &whoami::OPERATIONS,
    },
];

/// Every operation with its toolset, in the catalog's order.
pub fn all() -> impl Iterator<Item = (&'static Toolset, &'static Entry)> {
    CATALOG.iter().flat_map(|toolset| toolset.operations.iter().map(move |entry| (toolset, entry)))
}

/// About how many tokens a tool's definition costs each client that lists it.
#[must_use]
pub fn tokens(definition: &serde_json::Value) -> usize {
    crate::shape::tokens::of(definition)
}

/// How many rows a list has where no limit is given: Clerk's own default.
pub(crate) const DEFAULT_LIMIT: u64 = 10;

/// Says so where the total of a list could not be had.
fn note_unknown_total<T>(mut answer: Decoded<T>, total: Option<u64>) -> Decoded<T> {
    if total.is_none() {
        answer.notes.push("totalCount is not known: Clerk did not tell it.".to_owned());
    }
    answer
}

/// Says so where a role finds nobody because of how it is written.
fn note_bare_role(role: &str) -> Option<String> {
    (!role.contains(':')).then(|| {
        format!("Nobody has the role {role:?}; Clerk's roles have names such as org:admin.")
    })
}
