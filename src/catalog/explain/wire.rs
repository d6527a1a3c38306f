//! What is read of Clerk's responses.

use serde::{Deserialize, de::IgnoredAny};

use super::identifier::Held;
use crate::tool::date::UnixTime;

/// `GET /users/{user_id}`
#[derive(Clone, Debug, Default, Deserialize)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) username: Option<String>,
    pub(super) primary_email_address_id: Option<String>,
    pub(super) primary_phone_number_id: Option<String>,
    pub(super) email_addresses: Option<Vec<Email>>,
    pub(super) phone_numbers: Option<Vec<Phone>>,
    pub(super) web3_wallets: Option<Vec<IgnoredAny>>,
    pub(super) passkeys: Option<Vec<IgnoredAny>>,
    pub(super) external_accounts: Option<Vec<ExternalAccount>>,
    pub(super) enterprise_accounts: Option<Vec<EnterpriseAccount>>,
    pub(super) password_enabled: Option<bool>,
    pub(super) two_factor_enabled: Option<bool>,
    pub(super) totp_enabled: Option<bool>,
    pub(super) backup_code_enabled: Option<bool>,
    pub(super) banned: Option<bool>,
    pub(super) locked: Option<bool>,
    pub(super) deprovisioned: Option<bool>,
    /// Null for a locked user means that the lock doesn't end by itself.
    pub(super) lockout_expires_in_seconds: Option<i64>,
    pub(super) mfa_enabled_at: Option<UnixTime>,
    pub(super) last_sign_in_at: Option<UnixTime>,
}

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

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Email {
    pub(super) id: Option<String>,
    pub(super) email_address: Option<String>,
    pub(super) reserved: Option<bool>,
    pub(super) verification: Option<Verification>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Phone {
    pub(super) id: Option<String>,
    pub(super) phone_number: Option<String>,
    pub(super) reserved: Option<bool>,
    pub(super) reserved_for_second_factor: Option<bool>,
    pub(super) verification: Option<Verification>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Verification {
    pub(super) status: Option<String>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct ExternalAccount {
    pub(super) provider: Option<String>,
    pub(super) verification: Option<Verification>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct EnterpriseAccount {
    pub(super) provider: Option<String>,
    pub(super) active: Option<bool>,
    pub(super) enterprise_connection_id: Option<String>,
    pub(super) enterprise_connection: Option<Linked>,
}

impl EnterpriseAccount {
    /// The ID of the connection that it is of.
    pub(super) fn connection(&self) -> Option<&str> {
        let linked = self.enterprise_connection.as_ref().and_then(|linked| linked.id.as_deref());
        self.enterprise_connection_id.as_deref().or(linked)
    }
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Linked {
    pub(super) id: Option<String>,
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
