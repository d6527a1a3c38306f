//! What is read of Clerk's answers.

use serde::{Deserialize, de::IgnoredAny};
use serde_json::{Map, Value};

use crate::tool::date::UnixTime;

/// `GET /users/{user_id}`
#[derive(Debug, Deserialize)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) first_name: Option<String>,
    pub(super) last_name: Option<String>,
    pub(super) username: Option<String>,
    pub(super) external_id: Option<String>,
    pub(super) primary_email_address_id: Option<String>,
    pub(super) primary_phone_number_id: Option<String>,
    pub(super) email_addresses: Option<Vec<Email>>,
    pub(super) phone_numbers: Option<Vec<Phone>>,
    pub(super) external_accounts: Option<Vec<ExternalAccount>>,
    pub(super) passkeys: Option<Vec<IgnoredAny>>,
    pub(super) web3_wallets: Option<Vec<IgnoredAny>>,
    pub(super) enterprise_accounts: Option<Vec<IgnoredAny>>,
    pub(super) password_enabled: Option<bool>,
    pub(super) two_factor_enabled: Option<bool>,
    pub(super) totp_enabled: Option<bool>,
    pub(super) backup_code_enabled: Option<bool>,
    pub(super) banned: Option<bool>,
    pub(super) locked: Option<bool>,
    pub(super) deprovisioned: Option<bool>,
    pub(super) lockout_expires_in_seconds: Option<i64>,
    pub(super) password_last_updated_at: Option<UnixTime>,
    pub(super) mfa_disabled_at: Option<UnixTime>,
    pub(super) last_sign_in_at: Option<UnixTime>,
    pub(super) last_active_at: Option<UnixTime>,
    pub(super) created_at: Option<UnixTime>,
    pub(super) public_metadata: Option<Map<String, Value>>,
    pub(super) private_metadata: Option<Map<String, Value>>,
    pub(super) unsafe_metadata: Option<Map<String, Value>>,
}

impl User {
    /// The primary email address.
    pub(super) fn primary_email_address(&self) -> Option<&str> {
        let id = self.primary_email_address_id.as_ref()?;
        let mut all = self.email_addresses.iter().flatten();
        all.find(|email| email.id.as_ref() == Some(id))?.email_address.as_deref()
    }
}

#[derive(Debug, Deserialize)]
pub(super) struct Email {
    pub(super) id: Option<String>,
    pub(super) email_address: Option<String>,
    pub(super) verification: Option<Verification>,
    pub(super) created_at: Option<UnixTime>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Phone {
    pub(super) id: Option<String>,
    pub(super) phone_number: Option<String>,
    pub(super) verification: Option<Verification>,
    pub(super) reserved_for_second_factor: Option<bool>,
    pub(super) created_at: Option<UnixTime>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Verification {
    pub(super) status: Option<String>,
    pub(super) strategy: Option<String>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ExternalAccount {
    pub(super) provider: Option<String>,
    pub(super) email_address: Option<String>,
}

/// `GET /users/{user_id}/organization_memberships`
#[derive(Debug, Deserialize)]
pub(super) struct Membership {
    pub(super) role: Option<String>,
    pub(super) organization: Option<Organization>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Organization {
    pub(super) id: Option<String>,
    pub(super) name: Option<String>,
}

/// `GET /sessions`
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Session {
    pub(super) id: String,
    pub(super) status: Option<String>,
    pub(super) actor: Option<Value>,
    pub(super) created_at: Option<UnixTime>,
    pub(super) last_active_at: Option<UnixTime>,
    pub(super) latest_activity: Option<Activity>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Activity {
    pub(super) device_type: Option<String>,
    pub(super) browser_name: Option<String>,
    pub(super) browser_version: Option<String>,
    pub(super) ip_address: Option<String>,
    pub(super) city: Option<String>,
    pub(super) country: Option<String>,
}

impl Session {
    pub(super) fn is(&self, status: &str) -> bool {
        self.status.as_deref() == Some(status)
    }

    pub(super) fn country(&self) -> Option<&str> {
        self.latest_activity.as_ref()?.country.as_deref()
    }

    /// Who acts as the user, where someone does; "" where Clerk does not say who.
    pub(super) fn actor(&self) -> Option<&str> {
        let actor = self.actor.as_ref().filter(|actor| !actor.is_null())?;
        Some(actor.get("sub").and_then(Value::as_str).unwrap_or_default())
    }
}

impl Verification {
    pub(super) fn is_verified(&self) -> bool {
        self.status.as_deref() == Some("verified")
    }
}
