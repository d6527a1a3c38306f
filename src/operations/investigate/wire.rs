//! What is read of Clerk's answers.

use rmcp::model::JsonObject;
use serde::{Deserialize, Deserializer, Serialize, de::IgnoredAny};
use serde_json::Value;

use crate::text::clean_bytes;

/// A text of at most so many bytes, with a mark where it was longer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub(super) struct Short<const BYTES: usize>(pub(super) String);

impl<'de, const BYTES: usize> Deserialize<'de> for Short<BYTES> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self(clean_bytes(&String::deserialize(deserializer)?, BYTES)))
    }
}

pub(super) type Name = Short<32>;
/// Clerk's ids have some 32.
pub(super) type ShortId = Short<48>;
pub(super) type Address = Short<56>;
/// A word of Clerk's.
pub(super) type Word = Short<24>;

/// `GET /users/{user_id}`
#[derive(Debug, Deserialize)]
pub(super) struct User {
    pub(super) id: String,
    pub(super) first_name: Option<Name>,
    pub(super) last_name: Option<Name>,
    pub(super) username: Option<Name>,
    pub(super) external_id: Option<ShortId>,
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
    pub(super) password_last_updated_at: Option<i64>,
    pub(super) mfa_disabled_at: Option<i64>,
    pub(super) last_sign_in_at: Option<i64>,
    pub(super) last_active_at: Option<i64>,
    pub(super) created_at: Option<i64>,
    pub(super) public_metadata: Option<JsonObject>,
    pub(super) private_metadata: Option<JsonObject>,
    pub(super) unsafe_metadata: Option<JsonObject>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Email {
    pub(super) id: Option<String>,
    pub(super) email_address: Option<Address>,
    pub(super) verification: Option<Verification>,
    pub(super) created_at: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Phone {
    pub(super) id: Option<String>,
    pub(super) phone_number: Option<Name>,
    pub(super) verification: Option<Verification>,
    pub(super) reserved_for_second_factor: Option<bool>,
    pub(super) created_at: Option<i64>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Verification {
    pub(super) status: Option<Word>,
    pub(super) strategy: Option<Word>,
}

#[derive(Debug, Deserialize)]
pub(super) struct ExternalAccount {
    pub(super) provider: Option<Word>,
    pub(super) email_address: Option<Address>,
}

/// `GET /users/{user_id}/organization_memberships`
#[derive(Debug, Deserialize)]
pub(super) struct Membership {
    pub(super) role: Option<Word>,
    pub(super) organization: Option<Organization>,
}

#[derive(Debug, Deserialize)]
pub(super) struct Organization {
    pub(super) id: Option<ShortId>,
    pub(super) name: Option<Name>,
}

/// `GET /sessions`
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Session {
    pub(super) id: ShortId,
    pub(super) status: Option<Word>,
    pub(super) actor: Option<Value>,
    pub(super) created_at: Option<i64>,
    pub(super) last_active_at: Option<i64>,
    pub(super) latest_activity: Option<Activity>,
}

#[derive(Clone, Debug, Deserialize)]
pub(super) struct Activity {
    pub(super) device_type: Option<Word>,
    pub(super) browser_name: Option<Word>,
    pub(super) browser_version: Option<Short<16>>,
    pub(super) ip_address: Option<ShortId>,
    pub(super) city: Option<Word>,
    pub(super) country: Option<Word>,
}

impl Session {
    pub(super) fn is(&self, status: &str) -> bool {
        self.status.as_ref().is_some_and(|it| it.0 == status)
    }

    pub(super) fn country(&self) -> Option<&str> {
        Some(&self.latest_activity.as_ref()?.country.as_ref()?.0)
    }

    /// Who acts as the user, where somebody does; "" where Clerk does not say who.
    pub(super) fn actor(&self) -> Option<String> {
        let actor = self.actor.as_ref().filter(|it| !it.is_null())?;
        let sub = actor.get("sub").and_then(Value::as_str).unwrap_or_default();
        Some(clean_bytes(sub, 48))
    }
}

impl Verification {
    pub(super) fn is_verified(&self) -> bool {
        self.status.as_ref().is_some_and(|it| it.0 == "verified")
    }
}
