//! Users and what identifies them.

use serde::Serialize;

use super::{Credentials, Metadata, Passkey, TrustedDevice};

/// How many characters an email address has at most.
const MAX_EMAIL: usize = 255;

/// How many wrong passwords and codes lock a user of the sandbox.
pub(crate) const ATTEMPTS: u64 = 100;

#[derive(Debug, Clone, Default, Serialize)]
#[expect(clippy::struct_excessive_bools, reason = "these are the flags of Clerk's user object")]
pub(crate) struct User {
    pub(crate) id: String,
    pub(crate) external_id: Option<String>,
    pub(crate) username: Option<String>,
    pub(crate) first_name: Option<String>,
    pub(crate) last_name: Option<String>,
    pub(crate) locale: Option<String>,
    /// Newer than Clerk's OpenAPI file.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) timezone: Option<String>,
    pub(crate) has_image: bool,
    pub(crate) primary_email_address_id: Option<String>,
    pub(crate) primary_phone_number_id: Option<String>,
    pub(crate) primary_web3_wallet_id: Option<String>,
    pub(crate) email_addresses: Vec<EmailAddress>,
    pub(crate) phone_numbers: Vec<PhoneNumber>,
    pub(crate) web3_wallets: Vec<Web3Wallet>,
    pub(crate) external_accounts: Vec<ExternalAccount>,
    pub(crate) passkeys: Vec<Passkey>,
    #[serde(skip)]
    pub(crate) trusted_devices: Vec<TrustedDevice>,
    /// `None` for a user whom the sandbox made up.
    #[serde(skip)]
    pub(crate) credentials: Option<Box<Credentials>>,
    pub(crate) public_metadata: Metadata,
    pub(crate) private_metadata: Metadata,
    pub(crate) unsafe_metadata: Metadata,
    pub(crate) password_enabled: bool,
    pub(crate) password_last_updated_at: Option<i64>,
    pub(crate) totp_enabled: bool,
    pub(crate) backup_code_enabled: bool,
    pub(crate) mfa_enabled_at: Option<i64>,
    pub(crate) mfa_disabled_at: Option<i64>,
    pub(crate) banned: bool,
    pub(crate) locked: bool,
    /// Wrong passwords and codes since the last sign-in.
    #[serde(skip)]
    pub(crate) failed_attempts: u64,
    /// When a lock ends; a made-up user may be locked for good.
    #[serde(skip)]
    pub(crate) locked_until: Option<i64>,
    pub(crate) delete_self_enabled: bool,
    pub(crate) create_organization_enabled: bool,
    pub(crate) create_organizations_limit: Option<u64>,
    pub(crate) bypass_client_trust: bool,
    pub(crate) legal_accepted_at: Option<i64>,
    pub(crate) last_sign_in_at: Option<i64>,
    /// With day precision.
    pub(crate) last_active_at: Option<i64>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

impl User {
    /// A user without anything but credentials of their own, of which there are none yet.
    pub(crate) fn new(id: String, created_at: i64) -> Self {
        Self { id, created_at, credentials: Some(Box::default()), ..Self::default() }
    }

    pub(crate) fn image_url(&self) -> String {
        format!("https://img.example.com/users/{}.png", self.id)
    }

    /// How long the user is still locked, in seconds; `None` if they aren't, or for good.
    pub(crate) fn lockout_seconds(&self, now: i64) -> Option<u64> {
        let rest = self.locked_until?.saturating_sub(now);
        u64::try_from(rest).ok().map(|rest| rest.div_ceil(1_000))
    }

    /// What the user is known by to others: the primary address or number, else the user name.
    pub(crate) fn identifier(&self) -> Option<&str> {
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

/// A user in a response.
#[derive(Debug, Serialize)]
pub(crate) struct UserReply<'a> {
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
    saml_accounts: [(); 0],
    enterprise_accounts: [(); 0],
}

impl<'a> UserReply<'a> {
    /// The user at this point in time.
    pub(crate) fn at(user: &'a User, now: i64) -> Self {
        let image_url = user.image_url();
        Self {
            object: "user",
            user,
            profile_image_url: image_url.clone(),
            image_url,
            two_factor_enabled: user.has_second_factor(),
            lockout_expires_in_seconds: user.lockout_seconds(now),
            verification_attempts_remaining: if user.locked {
                0
            } else {
                ATTEMPTS.saturating_sub(user.failed_attempts)
            },
            deprovisioned: false,
            saml_accounts: [],
            enterprise_accounts: [],
        }
    }
}

/// An email address, kept in lower case.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct EmailAddress {
    pub(crate) id: String,
    pub(crate) object: &'static str,
    #[serde(rename = "email_address")]
    pub(crate) address: String,
    pub(crate) reserved: bool,
    pub(crate) verification: Option<Verification>,
    pub(crate) linked_to: Vec<Link>,
    pub(crate) matches_sso_connection: bool,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

impl EmailAddress {
    /// An unverified one.
    pub(crate) fn new(id: String, address: &str, now: i64) -> Self {
        Self {
            id,
            object: "email_address",
            address: address.to_lowercase(),
            reserved: false,
            verification: None,
            linked_to: Vec::new(),
            matches_sso_connection: false,
            created_at: now,
            updated_at: now,
        }
    }
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct PhoneNumber {
    pub(crate) id: String,
    pub(crate) object: &'static str,
    /// In E.164 form.
    #[serde(rename = "phone_number")]
    pub(crate) number: String,
    pub(crate) reserved_for_second_factor: bool,
    pub(crate) default_second_factor: bool,
    pub(crate) reserved: bool,
    pub(crate) verification: Option<Verification>,
    pub(crate) linked_to: Vec<Link>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

impl PhoneNumber {
    /// An unverified one.
    pub(crate) fn new(id: String, number: String, now: i64) -> Self {
        Self {
            id,
            object: "phone_number",
            number,
            reserved_for_second_factor: false,
            default_second_factor: false,
            reserved: false,
            verification: None,
            linked_to: Vec::new(),
            created_at: now,
            updated_at: now,
        }
    }
}

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Web3Wallet {
    pub(crate) id: String,
    pub(crate) object: &'static str,
    #[serde(rename = "web3_wallet")]
    pub(crate) address: String,
    pub(crate) verification: Option<Verification>,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
}

impl Web3Wallet {
    /// An unverified one.
    pub(crate) fn new(id: String, address: String, now: i64) -> Self {
        Self {
            id,
            object: "web3_wallet",
            address,
            verification: None,
            created_at: now,
            updated_at: now,
        }
    }
}

/// An account at an OAuth provider.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct ExternalAccount {
    pub(crate) object: &'static str,
    pub(crate) id: String,
    pub(crate) provider: &'static str,
    pub(crate) identification_id: String,
    pub(crate) provider_user_id: String,
    pub(crate) approved_scopes: &'static str,
    pub(crate) email_address: String,
    pub(crate) first_name: String,
    pub(crate) last_name: String,
    pub(crate) public_metadata: Metadata,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) verification: Option<Verification>,
}

/// What an identifier is tied to.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Link {
    #[serde(rename = "type")]
    pub(crate) kind: &'static str,
    pub(crate) id: String,
}

/// Whether and how an identifier was proved to belong to its user.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Verification {
    object: &'static str,
    status: &'static str,
    strategy: &'static str,
    attempts: Option<u64>,
    expire_at: Option<i64>,
}

impl Verification {
    /// Verified through the API, with the secret key.
    pub(crate) const ADMIN: Self = Self {
        object: "verification_admin",
        status: "verified",
        strategy: "admin",
        attempts: None,
        expire_at: None,
    };

    /// Verified by a code that was sent; the strategy is `email_code` or `phone_code`.
    pub(crate) fn by_code(strategy: &'static str, at: i64) -> Self {
        Self {
            object: "verification_otp",
            status: "verified",
            strategy,
            attempts: Some(1),
            expire_at: Some(at),
        }
    }

    /// A code was sent and never entered.
    pub(crate) fn pending(strategy: &'static str, expire_at: i64) -> Self {
        Self { status: "unverified", attempts: Some(0), ..Self::by_code(strategy, expire_at) }
    }

    /// Verified by a passkey's signature.
    pub(crate) const fn by_passkey() -> Self {
        Self {
            object: "verification_passkey",
            status: "verified",
            strategy: "passkey",
            attempts: None,
            expire_at: None,
        }
    }

    /// Verified by signing in at an OAuth provider.
    pub(crate) fn by_oauth(strategy: &'static str, at: i64) -> Self {
        Self { object: "verification_oauth", attempts: None, ..Self::by_code(strategy, at) }
    }

    /// Whether an identifier with this verification may become a primary one.
    pub(crate) fn is_verified(verification: Option<&Self>) -> bool {
        verification.is_some_and(|verification| verification.status == "verified")
    }
}

/// What identifies a user: no two users may share one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Identifier {
    EmailAddress,
    ExternalId,
    PhoneNumber,
    Username,
    Web3Wallet,
}

impl Identifier {
    /// The name of the field that gives it.
    pub(crate) fn field(self) -> &'static str {
        match self {
            Self::EmailAddress => "email_address",
            Self::ExternalId => "external_id",
            Self::PhoneNumber => "phone_number",
            Self::Username => "username",
            Self::Web3Wallet => "web3_wallet",
        }
    }

    /// The name of the field in words.
    pub(crate) fn words(self) -> String {
        self.field().replace('_', " ")
    }

    /// Whether a value has the form of such an identifier.
    pub(crate) fn is_well_formed(self, value: &str) -> bool {
        match self {
            Self::EmailAddress => value.split_once('@').is_some_and(|(local, domain)| {
                !local.is_empty()
                    && value.len() <= MAX_EMAIL
                    && domain.contains('.')
                    && domain.split('.').all(|label| !label.is_empty())
                    && !value.contains(|c: char| c.is_whitespace() || c.is_control())
                    && !domain.contains('@')
            }),
            Self::PhoneNumber => value.strip_prefix('+').is_some_and(|digits| {
                (8..=15).contains(&digits.len())
                    && !digits.starts_with('0')
                    && digits.bytes().all(|digit| digit.is_ascii_digit())
            }),
            Self::ExternalId | Self::Username | Self::Web3Wallet => !value.is_empty(),
        }
    }

    /// Whether `user` has this value. Email addresses, wallets and user names are compared without
    /// regard to case.
    pub(crate) fn held_by(self, user: &User, value: &str) -> bool {
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
