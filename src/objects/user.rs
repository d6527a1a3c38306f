//! A user, in the three shapes that the tools answer with.

use std::borrow::Cow;

use rmcp::schemars::{self, JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize};
use serde_with::skip_serializing_none;

use crate::operation::Metadata;

/// A user with all that Clerk knows of it, as `clerk_get_user` answers.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub(crate) struct User {
    pub(crate) id: String,
    #[serialize_always]
    pub(crate) username: Option<String>,
    #[serialize_always]
    pub(crate) first_name: Option<String>,
    #[serialize_always]
    pub(crate) last_name: Option<String>,
    image_url: Option<String>,
    has_image: Option<bool>,
    #[serialize_always]
    pub(crate) primary_email_address_id: Option<String>,
    #[serialize_always]
    primary_phone_number_id: Option<String>,
    #[serialize_always]
    primary_web3_wallet_id: Option<String>,
    pub(crate) email_addresses: Option<Vec<EmailAddress>>,
    phone_numbers: Option<Vec<PhoneNumber>>,
    #[serialize_always]
    external_id: Option<String>,
    password_enabled: Option<bool>,
    pub(crate) two_factor_enabled: Option<bool>,
    totp_enabled: Option<bool>,
    backup_code_enabled: Option<bool>,
    pub(crate) banned: Option<bool>,
    pub(crate) locked: Option<bool>,
    delete_self_enabled: Option<bool>,
    create_organization_enabled: Option<bool>,
    #[serialize_always]
    pub(crate) last_sign_in_at: Option<i64>,
    #[serialize_always]
    pub(crate) last_active_at: Option<i64>,
    pub(crate) created_at: Option<i64>,
    updated_at: Option<i64>,
    pub(crate) public_metadata: Option<Metadata>,
    #[serialize_always]
    pub(crate) private_metadata: Option<Metadata>,
    pub(crate) unsafe_metadata: Option<Metadata>,
}

impl User {
    fn primary_email(&self) -> Option<&EmailAddress> {
        let id = self.primary_email_address_id.as_ref();
        self.email_addresses.iter().flatten().find(|it| id.is_some() && it.id.as_ref() == id)
    }

    /// Whether the primary email address is verified; without one it is not.
    pub(crate) fn is_email_verified(&self) -> bool {
        self.primary_email().is_some_and(|it| it.verified.0)
    }

    /// The domains of all email addresses.
    pub(crate) fn email_domains(&self) -> impl Iterator<Item = &str> {
        let addresses = self.email_addresses.iter().flatten();
        addresses.filter_map(|it| it.email_address.as_deref()?.rsplit_once('@').map(|it| it.1))
    }

    /// What people know the user by: the name and the primary email address, else the username.
    pub(crate) fn known_as(&self) -> Option<String> {
        let names = [&self.first_name, &self.last_name].into_iter().flatten();
        let name = names.map(String::as_str).collect::<Vec<_>>().join(" ");
        let email = self.primary_email().or(self.email_addresses.iter().flatten().next());
        let email = email.and_then(|it| it.email_address.clone());
        let parts = [Some(name).filter(|it| !it.is_empty()), email.or(self.username.clone())];
        let known = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
        Some(known).filter(|it| !it.is_empty())
    }
}

// A user as a row of a list.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub(crate) struct ListedUser {
    id: String,
    #[serialize_always]
    username: Option<String>,
    #[serialize_always]
    first_name: Option<String>,
    #[serialize_always]
    last_name: Option<String>,
    image_url: Option<String>,
    has_image: Option<bool>,
    #[serialize_always]
    primary_email_address_id: Option<String>,
    #[serialize_always]
    primary_phone_number_id: Option<String>,
    email_addresses: Option<Vec<ListedEmailAddress>>,
    phone_numbers: Option<Vec<ListedPhoneNumber>>,
    #[serialize_always]
    external_id: Option<String>,
    password_enabled: Option<bool>,
    two_factor_enabled: Option<bool>,
    banned: Option<bool>,
    locked: Option<bool>,
    #[serialize_always]
    last_sign_in_at: Option<i64>,
    #[serialize_always]
    last_active_at: Option<i64>,
    created_at: Option<i64>,
    updated_at: Option<i64>,
    public_metadata: Option<Metadata>,
}

/// A user as it is after being created or updated.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub(crate) struct ChangedUser {
    id: String,
    #[serialize_always]
    username: Option<String>,
    #[serialize_always]
    first_name: Option<String>,
    #[serialize_always]
    last_name: Option<String>,
    image_url: Option<String>,
    #[serialize_always]
    primary_email_address_id: Option<String>,
    #[serialize_always]
    primary_phone_number_id: Option<String>,
    email_addresses: Option<Vec<EmailAddress>>,
    phone_numbers: Option<Vec<PhoneNumber>>,
    #[serialize_always]
    external_id: Option<String>,
    banned: Option<bool>,
    locked: Option<bool>,
    created_at: Option<i64>,
    updated_at: Option<i64>,
    public_metadata: Option<Metadata>,
}

#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
pub(crate) struct EmailAddress {
    pub(crate) id: Option<String>,
    pub(crate) email_address: Option<String>,
    #[serde(default, rename(deserialize = "verification"))]
    verified: Verified,
}

#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
struct PhoneNumber {
    id: Option<String>,
    phone_number: Option<String>,
    #[serde(default, rename(deserialize = "verification"))]
    verified: Verified,
}

#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
struct ListedEmailAddress {
    id: Option<String>,
    email_address: Option<String>,
}

#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all(serialize = "camelCase"))]
struct ListedPhoneNumber {
    id: Option<String>,
    phone_number: Option<String>,
}

/// Whether a `verification` has the status `verified`. Clerk's other statuses (unverified,
/// failed, expired, transferable) and a missing verification all mean that it is not.
#[derive(Debug, Default, Serialize)]
struct Verified(bool);

impl<'de> Deserialize<'de> for Verified {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let verification = serde_json::Value::deserialize(deserializer)?;
        Ok(Self(verification.get("status").is_some_and(|status| status == "verified")))
    }
}

impl JsonSchema for Verified {
    fn schema_name() -> Cow<'static, str> {
        bool::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        bool::json_schema(generator)
    }
}
