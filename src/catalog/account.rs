//! The user as the tools that look into an account read it.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value};

use crate::tool::date::UnixTime;

/// `GET /users/{user_id}`
#[derive(Clone, Debug, Default, Deserialize)]
pub(in crate::catalog) struct User {
    pub(in crate::catalog) id: String,
    pub(in crate::catalog) first_name: Option<String>,
    pub(in crate::catalog) last_name: Option<String>,
    pub(in crate::catalog) username: Option<String>,
    pub(in crate::catalog) external_id: Option<String>,
    pub(in crate::catalog) primary_email_address_id: Option<String>,
    pub(in crate::catalog) primary_phone_number_id: Option<String>,
    pub(in crate::catalog) email_addresses: Option<Vec<Email>>,
    pub(in crate::catalog) phone_numbers: Option<Vec<Phone>>,
    pub(in crate::catalog) external_accounts: Option<Vec<ExternalAccount>>,
    pub(in crate::catalog) passkeys: Option<Vec<IgnoredAny>>,
    pub(in crate::catalog) web3_wallets: Option<Vec<IgnoredAny>>,
    pub(in crate::catalog) enterprise_accounts: Option<Vec<EnterpriseAccount>>,
    pub(in crate::catalog) password_enabled: Option<bool>,
    pub(in crate::catalog) two_factor_enabled: Option<bool>,
    pub(in crate::catalog) totp_enabled: Option<bool>,
    pub(in crate::catalog) backup_code_enabled: Option<bool>,
    pub(in crate::catalog) banned: Option<bool>,
    pub(in crate::catalog) locked: Option<bool>,
    pub(in crate::catalog) deprovisioned: Option<bool>,
    /// Null for a locked user means that the lock doesn't end by itself.
    pub(in crate::catalog) lockout_expires_in_seconds: Option<i64>,
    pub(in crate::catalog) password_last_updated_at: Option<UnixTime>,
    pub(in crate::catalog) mfa_enabled_at: Option<UnixTime>,
    pub(in crate::catalog) mfa_disabled_at: Option<UnixTime>,
    pub(in crate::catalog) last_sign_in_at: Option<UnixTime>,
    pub(in crate::catalog) last_active_at: Option<UnixTime>,
    pub(in crate::catalog) created_at: Option<UnixTime>,
    pub(in crate::catalog) public_metadata: Option<Map<String, Value>>,
    pub(in crate::catalog) private_metadata: Option<Map<String, Value>>,
    pub(in crate::catalog) unsafe_metadata: Option<Map<String, Value>>,
}

impl User {
    /// The primary email address.
    pub(in crate::catalog) fn primary_email_address(&self) -> Option<&str> {
        let id = self.primary_email_address_id.as_ref()?;
        let mut all = self.email_addresses.iter().flatten();
        all.find(|email| email.id.as_ref() == Some(id))?.email_address.as_deref()
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(in crate::catalog) struct Email {
    pub(in crate::catalog) id: Option<String>,
    pub(in crate::catalog) email_address: Option<String>,
    pub(in crate::catalog) reserved: Option<bool>,
    pub(in crate::catalog) verification: Option<Verification>,
    pub(in crate::catalog) created_at: Option<UnixTime>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(in crate::catalog) struct Phone {
    pub(in crate::catalog) id: Option<String>,
    pub(in crate::catalog) phone_number: Option<String>,
    pub(in crate::catalog) reserved: Option<bool>,
    pub(in crate::catalog) verification: Option<Verification>,
    pub(in crate::catalog) reserved_for_second_factor: Option<bool>,
    pub(in crate::catalog) created_at: Option<UnixTime>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(in crate::catalog) struct Verification {
    pub(in crate::catalog) status: Option<String>,
    pub(in crate::catalog) strategy: Option<String>,
}

#[derive(Clone, Debug, Default, Deserialize)]
pub(in crate::catalog) struct ExternalAccount {
    pub(in crate::catalog) provider: Option<String>,
    pub(in crate::catalog) email_address: Option<String>,
    pub(in crate::catalog) verification: Option<Verification>,
}

#[derive(Clone, Debug, Deserialize)]
pub(in crate::catalog) struct EnterpriseAccount {
    pub(in crate::catalog) provider: Option<String>,
    pub(in crate::catalog) active: Option<bool>,
    pub(in crate::catalog) enterprise_connection_id: Option<String>,
    pub(in crate::catalog) enterprise_connection: Option<Linked>,
}

impl EnterpriseAccount {
    /// The ID of the connection that it is of.
    pub(in crate::catalog) fn connection(&self) -> Option<&str> {
        let linked = self.enterprise_connection.as_ref().and_then(|linked| linked.id.as_deref());
        self.enterprise_connection_id.as_deref().or(linked)
    }
}

#[derive(Clone, Debug, Deserialize)]
pub(in crate::catalog) struct Linked {
    pub(in crate::catalog) id: Option<String>,
}

impl Verification {
    pub(in crate::catalog) fn is_verified(&self) -> bool {
        self.status.as_deref() == Some("verified")
    }
}
