//! What users prove their identity with.

use ring::digest::{SHA256, digest};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Serialize;

use super::{User, Verification};
use crate::totp;

/// The password of all users whose own the sandbox doesn't know: of those made up, and, to sign in
/// with, of those whose password was given as a hash that it can't compute.
const MADE_UP_PASSWORD: &str = "sandbox-password";

/// The secret in the authenticator apps of users who are made up.
const MADE_UP_TOTP_SECRET: &str = "JBSWY3DPEHPK3PXP";

/// Their backup codes.
const MADE_UP_BACKUP_CODES: [&str; 3] =
    ["sandbox-backup-1", "sandbox-backup-2", "sandbox-backup-3"];

/// What a user knows or has, and no response shows.
#[derive(Debug, Clone, Default)]
pub(crate) struct Credentials {
    password: Option<Password>,
    pub(crate) is_compromised: bool,
    totp_secret: Option<SecretString>,
    backup_codes: Vec<SecretString>,
}

impl Credentials {
    fn made_up() -> Self {
        Self {
            password: Some(Password::Plain(MADE_UP_PASSWORD.into())),
            is_compromised: false,
            totp_secret: Some(MADE_UP_TOTP_SECRET.into()),
            backup_codes: MADE_UP_BACKUP_CODES.map(SecretString::from).into(),
        }
    }
}

/// A password, as it was given.
#[derive(Debug, Clone)]
pub(crate) enum Password {
    Plain(SecretString),
    /// The hash of one that was set elsewhere.
    Digest {
        hasher: String,
        digest: SecretString,
    },
}

/// What a password turned out to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum PasswordCheck {
    Right,
    Wrong,
    NotSet,
    /// The sandbox can't compute this hash.
    Unsupported(String),
}

/// What a code was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum CodeType {
    Totp,
    BackupCode,
}

impl Password {
    fn check(&self, given: &str) -> PasswordCheck {
        let is_right = match self {
            Self::Plain(password) => password.expose_secret() == given,
            Self::Digest { hasher, digest: kept } if hasher == "sha256" => {
                hex(digest(&SHA256, given.as_bytes()).as_ref())
                    .eq_ignore_ascii_case(kept.expose_secret())
            }
            Self::Digest { hasher, .. } => return PasswordCheck::Unsupported(hasher.clone()),
        };
        if is_right { PasswordCheck::Right } else { PasswordCheck::Wrong }
    }
}

fn hex(bytes: &[u8]) -> String {
    let digit = |value: u8| char::from_digit(u32::from(value), 16).unwrap_or_default();
    bytes.iter().flat_map(|byte| [digit(byte >> 4), digit(byte & 0xf)]).collect()
}

impl User {
    pub(crate) fn check_password(&self, given: &str) -> PasswordCheck {
        if !self.password_enabled {
            return PasswordCheck::NotSet;
        }
        match self.credentials.as_deref() {
            None => Password::Plain(MADE_UP_PASSWORD.into()).check(given),
            Some(Credentials { password: None, .. }) => PasswordCheck::NotSet,
            Some(Credentials { password: Some(password), .. }) => password.check(given),
        }
    }

    /// Whether the user can sign in with this password.
    pub(crate) fn has_password(&self, given: &str) -> bool {
        match self.check_password(given) {
            PasswordCheck::Right => true,
            PasswordCheck::Unsupported(_) => given == MADE_UP_PASSWORD,
            PasswordCheck::Wrong | PasswordCheck::NotSet => false,
        }
    }

    pub(crate) fn set_password(&mut self, password: Password, now: i64) {
        self.password_enabled = true;
        self.password_last_updated_at = Some(now);
        let credentials = self.credentials();
        credentials.password = Some(password);
        credentials.is_compromised = false;
    }

    pub(crate) fn remove_password(&mut self, now: i64) {
        self.password_enabled = false;
        self.password_last_updated_at = None;
        self.updated_at = now;
        let credentials = self.credentials();
        credentials.password = None;
        credentials.is_compromised = false;
    }

    /// Whether this is a current code of the user's app, or a backup code, which is then used up.
    pub(crate) fn accept_code(&mut self, code: &str, now: i64) -> Option<CodeType> {
        if self.totp_enabled
            && let Some(secret) = &self.credentials().totp_secret
            && totp::accepts(secret.expose_secret(), code, now)
        {
            return Some(CodeType::Totp);
        }
        if !self.backup_code_enabled {
            return None;
        }
        let codes = &mut self.credentials().backup_codes;
        let used = codes.iter().position(|kept| kept.expose_secret() == code)?;
        codes.remove(used);
        Some(CodeType::BackupCode)
    }

    pub(crate) fn set_totp(&mut self, secret: SecretString, now: i64) {
        self.totp_enabled = true;
        self.mfa_enabled_at = Some(now);
        self.credentials().totp_secret = Some(secret);
    }

    pub(crate) fn set_backup_codes(&mut self, codes: Vec<SecretString>, now: i64) {
        self.backup_code_enabled = !codes.is_empty();
        self.mfa_enabled_at = Some(now);
        self.credentials().backup_codes = codes;
    }

    pub(crate) fn remove_totp(&mut self, now: i64) {
        self.totp_enabled = false;
        self.credentials().totp_secret = None;
        self.settle_second_factors(now);
    }

    pub(crate) fn remove_backup_codes(&mut self, now: i64) {
        self.backup_code_enabled = false;
        self.credentials().backup_codes.clear();
        self.settle_second_factors(now);
    }

    /// Removes all second factors.
    pub(crate) fn disable_mfa(&mut self, now: i64) {
        for number in &mut self.phone_numbers {
            number.reserved_for_second_factor = false;
        }
        self.remove_totp(now);
        self.remove_backup_codes(now);
    }

    /// Whether the user has a second factor.
    pub(crate) fn has_second_factor(&self) -> bool {
        self.totp_enabled
            || self.backup_code_enabled
            || self.phone_numbers.iter().any(|number| number.reserved_for_second_factor)
    }

    /// What follows from a change of the second factors: of the numbers that are one, the first is
    /// the default.
    pub(crate) fn settle_second_factors(&mut self, now: i64) {
        self.updated_at = now;
        let mut has_default = false;
        for number in &mut self.phone_numbers {
            number.default_second_factor = number.reserved_for_second_factor && !has_default;
            has_default |= number.default_second_factor;
        }
        match (self.mfa_enabled_at, self.has_second_factor()) {
            (None, true) => self.mfa_enabled_at = Some(now),
            (Some(_), false) => {
                self.mfa_enabled_at = None;
                self.mfa_disabled_at = Some(now);
            }
            _ => {}
        }
    }

    /// A user without any is one of those made up.
    pub(crate) fn credentials(&mut self) -> &mut Credentials {
        self.credentials.get_or_insert_with(|| Box::new(Credentials::made_up()))
    }
}

/// A key pair on a device of the user's.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct Passkey {
    pub(crate) id: String,
    pub(crate) object: &'static str,
    pub(crate) name: String,
    pub(crate) last_used_at: i64,
    pub(crate) verification: Verification,
}

impl Passkey {
    pub(crate) fn new(id: String, name: &str, at: i64) -> Self {
        Self {
            id,
            object: "passkey",
            name: name.to_owned(),
            last_used_at: at,
            verification: Verification::by_passkey(),
        }
    }
}

/// A phone that may sign in without a code.
#[derive(Debug, Clone, Serialize)]
pub(crate) struct TrustedDevice {
    pub(crate) object: &'static str,
    pub(crate) id: String,
    pub(crate) platform: &'static str,
    pub(crate) app_identifier: &'static str,
    pub(crate) name: Option<String>,
    pub(crate) algorithm: &'static str,
    pub(crate) status: &'static str,
    pub(crate) created_at: i64,
    pub(crate) updated_at: i64,
    pub(crate) last_used_at: Option<i64>,
    pub(crate) revoked_at: Option<i64>,
}

impl TrustedDevice {
    pub(crate) fn new(id: String, name: &str, at: i64) -> Self {
        Self {
            object: "trusted_device",
            id,
            platform: "ios",
            app_identifier: "com.example.app",
            name: Some(name.to_owned()),
            algorithm: "ES256",
            status: "active",
            created_at: at,
            updated_at: at,
            last_used_at: Some(at),
            revoked_at: None,
        }
    }

    pub(crate) fn is_active(&self) -> bool {
        self.status == "active"
    }

    pub(crate) fn revoke(&mut self, now: i64) {
        self.status = "revoked";
        (self.updated_at, self.revoked_at) = (now, Some(now));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_is_verified_if_the_sandbox_can_compute_it() {
        let sha256 = "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8";
        for (hasher, given, check) in [
            ("sha256", "password", PasswordCheck::Right),
            ("sha256", "Password", PasswordCheck::Wrong),
            ("bcrypt", "password", PasswordCheck::Unsupported("bcrypt".to_owned())),
        ] {
            let password = Password::Digest { hasher: hasher.to_owned(), digest: sha256.into() };
            assert_eq!(password.check(given), check, "{hasher}");
        }
    }

    #[test]
    fn no_secret_is_in_debug_output() {
        let shown = format!("{:?}", Credentials::made_up());
        assert!(!shown.contains(MADE_UP_PASSWORD) && !shown.contains("sandbox-backup"), "{shown}");
    }
}
