//! Users and what identifies them.

use serde::Serialize;

use super::Metadata;

/// How many wrong verification attempts lock a user of the sandbox.
const VERIFICATION_ATTEMPTS: u64 = 100;

#[derive(Debug, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "these are the flags of Clerk's user object")]
pub(in crate::sandbox) struct User {
    pub(in crate::sandbox) id: String,
    pub(in crate::sandbox) external_id: Option<String>,
    pub(in crate::sandbox) username: Option<String>,
    pub(in crate::sandbox) first_name: Option<String>,
    pub(in crate::sandbox) last_name: Option<String>,
    pub(in crate::sandbox) locale: Option<String>,
    pub(in crate::sandbox) has_image: bool,
    pub(in crate::sandbox) primary_email_address_id: Option<String>,
    pub(in crate::sandbox) primary_phone_number_id: Option<String>,
    pub(in crate::sandbox) primary_web3_wallet_id: Option<String>,
    pub(in crate::sandbox) email_addresses: Vec<EmailAddress>,
    pub(in crate::sandbox) phone_numbers: Vec<PhoneNumber>,
    pub(in crate::sandbox) web3_wallets: Vec<Web3Wallet>,
    pub(in crate::sandbox) external_accounts: Vec<ExternalAccount>,
    pub(in crate::sandbox) public_metadata: Metadata,
    pub(in crate::sandbox) private_metadata: Metadata,
    pub(in crate::sandbox) unsafe_metadata: Metadata,
    /// The password itself is not kept.
    pub(in crate::sandbox) password_enabled: bool,
    pub(in crate::sandbox) password_last_updated_at: Option<i64>,
    pub(in crate::sandbox) totp_enabled: bool,
    pub(in crate::sandbox) backup_code_enabled: bool,
    pub(in crate::sandbox) mfa_enabled_at: Option<i64>,
    pub(in crate::sandbox) mfa_disabled_at: Option<i64>,
    pub(in crate::sandbox) banned: bool,
    pub(in crate::sandbox) locked: bool,
    pub(in crate::sandbox) delete_self_enabled: bool,
    pub(in crate::sandbox) create_organization_enabled: bool,
    pub(in crate::sandbox) create_organizations_limit: Option<u64>,
    pub(in crate::sandbox) bypass_client_trust: bool,
    pub(in crate::sandbox) legal_accepted_at: Option<i64>,
    pub(in crate::sandbox) last_sign_in_at: Option<i64>,
    /// With day precision.
    pub(in crate::sandbox) last_active_at: Option<i64>,
    pub(in crate::sandbox) created_at: i64,
    pub(in crate::sandbox) updated_at: i64,
}

impl User {
    pub(in crate::sandbox) fn image_url(&self) -> String {
        format!("https://img.example.com/users/{}.png", self.id)
    }

    /// What the user is known by to others: the primary address or number, else the user name.
    pub(in crate::sandbox) fn identifier(&self) -> Option<&str> {
        let is_primary = |primary: &Option<String>, id: &str| primary.as_deref() == Some(id);
        let mut emails = self.email_addresses.iter();
        let email = emails.find(|email| is_primary(&self.primary_email_address_id, &email.id));
        let mut phones = self.phone_numbers.iter();
        let phone = phones.find(|phone| is_primary(&self.primary_phone_number_id, &phone.id));
        let mut wallets = self.web3_wallets.iter();
        let wallet = wallets.find(|wallet| is_primary(&self.primary_web3_wallet_id, &wallet.id));
        email
            .map(|email| &email.address)
            .or(phone.map(|phone| &phone.number))
            .or(self.username.as_ref())
            .or(wallet.map(|wallet| &wallet.address))
            .map(String::as_str)
    }
}

/// A user as it is answered.
#[derive(Debug, Serialize)]
pub(in crate::sandbox) struct UserReply<'a> {
    object: &'static str,
    #[serde(flatten)]
    user: &'a User,
    image_url: String,
    profile_image_url: String,
    two_factor_enabled: bool,
    /// Null for a locked user means that the lockout never expires.
    lockout_expires_in_seconds: Option<u64>,
    verification_attempts_remaining: u64,
    deprovisioned: bool,
    passkeys: [(); 0],
    saml_accounts: [(); 0],
    enterprise_accounts: [(); 0],
}

impl<'a> From<&'a User> for UserReply<'a> {
    fn from(user: &'a User) -> Self {
        let image_url = user.image_url();
        Self {
            object: "user",
            user,
            profile_image_url: image_url.clone(),
            image_url,
            two_factor_enabled: user.totp_enabled || user.backup_code_enabled,
            lockout_expires_in_seconds: None,
            verification_attempts_remaining: if user.locked { 0 } else { VERIFICATION_ATTEMPTS },
            deprovisioned: false,
            passkeys: [],
            saml_accounts: [],
            enterprise_accounts: [],
        }
    }
}

/// Kept in lower case.
#[derive(Debug, Clone, Serialize)]
pub(in crate::sandbox) struct EmailAddress {
    pub(in crate::sandbox) id: String,
    pub(in crate::sandbox) object: &'static str,
    #[serde(rename = "email_address")]
    pub(in crate::sandbox) address: String,
    pub(in crate::sandbox) reserved: bool,
    pub(in crate::sandbox) verification: Option<Verification>,
    pub(in crate::sandbox) linked_to: Vec<Link>,
    pub(in crate::sandbox) matches_sso_connection: bool,
    pub(in crate::sandbox) created_at: i64,
    pub(in crate::sandbox) updated_at: i64,
}

#[derive(Debug, Clone, Serialize)]
pub(in crate::sandbox) struct PhoneNumber {
    pub(in crate::sandbox) id: String,
    pub(in crate::sandbox) object: &'static str,
    /// In E.164 form.
    #[serde(rename = "phone_number")]
    pub(in crate::sandbox) number: String,
    pub(in crate::sandbox) reserved_for_second_factor: bool,
    pub(in crate::sandbox) default_second_factor: bool,
    pub(in crate::sandbox) reserved: bool,
    pub(in crate::sandbox) verification: Option<Verification>,
    pub(in crate::sandbox) linked_to: Vec<Link>,
    pub(in crate::sandbox) created_at: i64,
    pub(in crate::sandbox) updated_at: i64,
}

#[derive(Debug, Serialize)]
pub(in crate::sandbox) struct Web3Wallet {
    pub(in crate::sandbox) id: String,
    pub(in crate::sandbox) object: &'static str,
    #[serde(rename = "web3_wallet")]
    pub(in crate::sandbox) address: String,
    pub(in crate::sandbox) verification: Option<Verification>,
    pub(in crate::sandbox) created_at: i64,
    pub(in crate::sandbox) updated_at: i64,
}

/// An account at an OAuth provider.
#[derive(Debug, Serialize)]
pub(in crate::sandbox) struct ExternalAccount {
    pub(in crate::sandbox) object: &'static str,
    pub(in crate::sandbox) id: String,
    pub(in crate::sandbox) provider: &'static str,
    pub(in crate::sandbox) identification_id: String,
    pub(in crate::sandbox) provider_user_id: String,
    pub(in crate::sandbox) approved_scopes: &'static str,
    pub(in crate::sandbox) email_address: String,
    pub(in crate::sandbox) first_name: String,
    pub(in crate::sandbox) last_name: String,
    pub(in crate::sandbox) public_metadata: Metadata,
    pub(in crate::sandbox) created_at: i64,
    pub(in crate::sandbox) updated_at: i64,
    pub(in crate::sandbox) verification: Option<Verification>,
}

/// What an identifier is tied to.
#[derive(Debug, Clone, Serialize)]
pub(in crate::sandbox) struct Link {
    #[serde(rename = "type")]
    pub(in crate::sandbox) kind: &'static str,
    pub(in crate::sandbox) id: String,
}

/// Whether and how an identifier was proved to belong to its user.
#[derive(Debug, Clone, Serialize)]
pub(in crate::sandbox) struct Verification {
    object: &'static str,
    status: &'static str,
    strategy: &'static str,
    attempts: Option<u64>,
    expire_at: Option<i64>,
}

impl Verification {
    /// Verified by whoever holds the secret key.
    pub(in crate::sandbox) const ADMIN: Self = Self {
        object: "verification_admin",
        status: "verified",
        strategy: "admin",
        attempts: None,
        expire_at: None,
    };

    /// Verified by a code that was sent; the strategy is `email_code` or `phone_code`.
    pub(in crate::sandbox) fn by_code(strategy: &'static str, at: i64) -> Self {
        Self {
            object: "verification_otp",
            status: "verified",
            strategy,
            attempts: Some(1),
            expire_at: Some(at),
        }
    }

    /// A code was sent and never entered.
    pub(in crate::sandbox) fn pending(strategy: &'static str, expire_at: i64) -> Self {
        Self { status: "unverified", attempts: Some(0), ..Self::by_code(strategy, expire_at) }
    }

    /// Verified by signing in at an OAuth provider.
    pub(in crate::sandbox) fn by_oauth(strategy: &'static str, at: i64) -> Self {
        Self { object: "verification_oauth", attempts: None, ..Self::by_code(strategy, at) }
    }

    /// Whether an identifier with this verification may become a primary one.
    pub(in crate::sandbox) fn is_verified(verification: Option<&Self>) -> bool {
        verification.is_some_and(|verification| verification.status == "verified")
    }
}

/// What no two users may share.
#[derive(Debug, Clone, Copy)]
pub(in crate::sandbox) enum Identifier {
    EmailAddress,
    ExternalId,
    PhoneNumber,
    Username,
    Web3Wallet,
}

impl Identifier {
    /// The name of the field that gives it.
    pub(in crate::sandbox) fn field(self) -> &'static str {
        match self {
            Self::EmailAddress => "email_address",
            Self::ExternalId => "external_id",
            Self::PhoneNumber => "phone_number",
            Self::Username => "username",
            Self::Web3Wallet => "web3_wallet",
        }
    }

    /// Whether `user` has this value of it. Addresses of mail and wallets and user names are
    /// compared without regard to case.
    pub(in crate::sandbox) fn held_by(self, user: &User, value: &str) -> bool {
        match self {
            Self::EmailAddress => {
                user.email_addresses.iter().any(|email| email.address.eq_ignore_ascii_case(value))
            }
            Self::ExternalId => user.external_id.as_deref() == Some(value),
            Self::PhoneNumber => user.phone_numbers.iter().any(|phone| phone.number == value),
            Self::Username => {
                user.username.as_ref().is_some_and(|username| username.eq_ignore_ascii_case(value))
            }
            Self::Web3Wallet => {
                user.web3_wallets.iter().any(|wallet| wallet.address.eq_ignore_ascii_case(value))
            }
        }
    }
}
