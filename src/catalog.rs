//! The catalog: every tool, in toolsets by Clerk's resource, in the order that tools are listed.

mod account;
mod admin_portal;
mod api_keys;
mod approvals;
mod billing;
mod bulk;
mod cases;
pub(crate) mod changes;
mod clients;
mod directories;
mod domains;
mod email_addresses;
mod enterprise_connections;
pub(crate) mod events;
mod explain;
mod fields;
mod find;
mod images;
mod instance;
mod investigate;
mod invitations;
mod jwt_templates;
mod logs;
mod m2m_tokens;
mod machines;
mod memberships;
mod metadata;
mod miscellaneous;
mod moderation;
mod oauth_applications;
mod objects;
pub(crate) mod operations;
mod organization_domains;
mod organization_invitations;
mod organization_memberships;
mod organization_permissions;
mod organization_profiles;
mod organization_roles;
mod organizations;
mod params;
mod person;
mod phone;
mod phone_numbers;
mod redirect_urls;
mod restrictions;
mod role_sets;
mod saml_connections;
mod scim_directories;
mod server;
mod session_tokens;
mod sessions;
mod sign_in_tokens;
mod sign_ups;
mod sso_bypass;
mod templates;
#[cfg(test)]
mod tests;
mod timeline;
mod user_credentials;
mod user_profiles;
mod users;
mod waitlist;
mod webhooks;
pub(crate) mod words;

pub(crate) use self::investigate::only_user;
use crate::tool::Tool;

/// The tools for one of Clerk's resources.
#[derive(Debug)]
pub struct Toolset {
    /// Its name in `--toolsets`.
    pub name: &'static str,
    /// What it is for.
    pub about: &'static str,
    /// The tool that finds such a resource if its id is not known.
    pub find: &'static str,
    /// When its tools are on.
    pub on: On,
    /// Its tools, in reading order.
    pub tools: &'static [Tool],
}

/// When a toolset's tools are on, as far as the choice of toolsets goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum On {
    /// Whichever toolsets are chosen.
    Always,
    /// If none is chosen, or it is.
    Default,
    /// If it is chosen; if none is, these of them.
    Partly(&'static [&'static str]),
    /// If it is chosen.
    Chosen,
}

/// All toolsets.
pub static CATALOG: &[&Toolset] = &[
    &users::TOOLSET,
    &find::TOOLSET,
    &investigate::TOOLSET,
    &cases::TOOLSET,
    &moderation::TOOLSET,
    &metadata::TOOLSET,
    &organizations::TOOLSET,
    &memberships::TOOLSET,
    &sessions::TOOLSET,
    &bulk::TOOLSET,
    &changes::TOOLSET,
    &approvals::TOOLSET,
    &restrictions::TOOLSET,
    &images::TOOLSET,
    &miscellaneous::TOOLSET,
    &clients::TOOLSET,
    &email_addresses::TOOLSET,
    &phone_numbers::TOOLSET,
    &session_tokens::TOOLSET,
    &templates::TOOLSET,
    &user_profiles::TOOLSET,
    &user_credentials::TOOLSET,
    &invitations::TOOLSET,
    &organization_invitations::TOOLSET,
    &instance::TOOLSET,
    &domains::TOOLSET,
    &redirect_urls::TOOLSET,
    &webhooks::TOOLSET,
    &sign_in_tokens::TOOLSET,
    &jwt_templates::TOOLSET,
    &machines::TOOLSET,
    &m2m_tokens::TOOLSET,
    &api_keys::TOOLSET,
    &organization_profiles::TOOLSET,
    &organization_roles::TOOLSET,
    &organization_memberships::TOOLSET,
    &organization_domains::TOOLSET,
    &sign_ups::TOOLSET,
    &oauth_applications::TOOLSET,
    &saml_connections::TOOLSET,
    &enterprise_connections::TOOLSET,
    &sso_bypass::TOOLSET,
    &scim_directories::TOOLSET,
    &directories::TOOLSET,
    &admin_portal::TOOLSET,
    &waitlist::TOOLSET,
    &billing::TOOLSET,
    &organization_permissions::TOOLSET,
    &role_sets::TOOLSET,
    &events::TOOLSET,
    &logs::TOOLSET,
    &operations::TOOLSET,
    &server::TOOLSET,
];

/// Every tool with its toolset, in the catalog's order.
pub fn all() -> impl Iterator<Item = (&'static Toolset, &'static Tool)> {
    CATALOG.iter().flat_map(|toolset| toolset.tools.iter().map(move |tool| (*toolset, tool)))
}

/// Whether Clerk has an operation, by its method and its path below `/v1`.
#[must_use]
pub fn has_operation(method: &str, path: &str) -> bool {
    let mut routes = all().filter_map(|(_, tool)| tool.route());
    routes.any(|route| route.method.as_str() == method && route.fits(path))
}
