//! What is read of Clerk's responses.

use serde::Deserialize;

use super::identifier::Held;
pub(super) use crate::catalog::account::{Email, EnterpriseAccount, Phone, User, Verification};
use crate::tool::date::UnixTime;

impl User {
    pub(super) fn emails(&self) -> impl Iterator<Item = Held<'_>> {
        self.email_addresses.iter().flatten().map(Held::from)
    }

    pub(super) fn phones(&self) -> impl Iterator<Item = Held<'_>> {
        self.phone_numbers.iter().flatten().map(Held::from)
    }

    /// The email addresses and the phone numbers.
    pub(super) fn addresses(&self) -> impl Iterator<Item = Held<'_>> {
        self.emails().chain(self.phones())
    }
}

/// `GET /sessions`
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Session {
    pub(super) status: Option<String>,
    pub(super) tasks: Option<Vec<Task>>,
    pub(super) created_at: Option<UnixTime>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Task {
    pub(super) key: Option<String>,
}

/// `GET /allowlist_identifiers`, `GET /blocklist_identifiers`
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Entry {
    pub(super) id: Option<String>,
    pub(super) identifier: Option<String>,
    pub(super) created_at: Option<UnixTime>,
}

/// `GET /invitations`, `GET /organization_invitations`, `GET /waitlist_entries`
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Invitation {
    pub(super) id: Option<String>,
    pub(super) email_address: Option<String>,
    pub(super) status: Option<String>,
    pub(super) organization_id: Option<String>,
    pub(super) created_at: Option<UnixTime>,
    pub(super) expires_at: Option<UnixTime>,
}

/// `GET /enterprise_connections`
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Connection {
    pub(super) id: String,
    pub(super) name: Option<String>,
    pub(super) active: Option<bool>,
    pub(super) domains: Option<Vec<String>>,
    pub(super) authenticatable: Option<bool>,
    pub(super) disable_jit_provisioning: Option<bool>,
    pub(super) saml_connection: Option<Saml>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Saml {
    pub(super) id: Option<String>,
    pub(super) allow_subdomains: Option<bool>,
    /// Newer than Clerk's OpenAPI file; the first is the primary one.
    pub(super) idp_certificates: Option<Vec<Certificate>>,
}

/// `GET /saml_connections/{saml_connection_id}`, and the certificates of a connection.
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Certificate {
    #[serde(alias = "idp_certificate_expires_at")]
    pub(super) expires_at: Option<UnixTime>,
}

/// `GET /sso_bypass_allowlist_users`
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Exempt {
    pub(super) user_id: Option<String>,
    pub(super) created_at: Option<UnixTime>,
}

/// `GET /instance/communication`
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct Communication {
    pub(super) blocked_country_codes: Option<Vec<String>>,
}

/// The data of an `email.created` event.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Message {
    pub(super) to_email_address: Option<String>,
    pub(super) slug: Option<String>,
    pub(super) delivered_by_clerk: Option<bool>,
    pub(super) suppression_reason: Option<String>,
}
