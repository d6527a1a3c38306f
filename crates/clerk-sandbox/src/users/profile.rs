//! The fields that creating and updating a user have in common.

use std::ops::RangeInclusive;

use secrecy::SecretString;

use crate::body::{Change, Fields};
use crate::model::{Identifier, Password, User};
use crate::refusal::{
    Error, FORM_IDENTIFIER_EXISTS, FORM_PARAM_MISSING, FORM_PARAM_VALUE_INVALID,
    FORM_PASSWORD_LENGTH_TOO_LONG, FORM_PASSWORD_LENGTH_TOO_SHORT, FORM_PASSWORD_PWNED,
    FORM_RESOURCE_NOT_FOUND, FORM_USERNAME_INVALID_CHARACTER, FORM_USERNAME_INVALID_LENGTH,
    FORM_USERNAME_NEEDS_NON_NUMBER_CHAR, INVALID_TOTP_SECRET_CODE,
};
use crate::store::Store;
use crate::totp;

/// How many characters a password has, at least and at most.
const PASSWORD_LENGTH: RangeInclusive<usize> = 8..=72;

/// How many characters a first or last name has at most.
const MAX_NAME: usize = 256;
/// The passwords that the sandbox knows to have leaked; Clerk knows all that have.
const LEAKED_PASSWORDS: [&str; 10] = [
    "12345678",
    "123456789",
    "1234567890",
    "11111111",
    "iloveyou",
    "password",
    "password1",
    "password123",
    "qwerty123",
    "qwertyuiop",
];

/// How many characters a user name has, at least and at most.
const USERNAME_LENGTH: RangeInclusive<usize> = 4..=64;

/// What a user name must not contain.
const USERNAME_FORBIDDEN: &str = "^$!.`#+~";

/// The algorithms of `password_hasher`.
const PASSWORD_HASHERS: [&str; 17] = [
    "argon2i",
    "argon2id",
    "bcrypt",
    "bcrypt_sha256_django",
    "ldap_ssha",
    "md5",
    "md5_phpass",
    "pbkdf2_sha1",
    "pbkdf2_sha256",
    "pbkdf2_sha256_django",
    "pbkdf2_sha512",
    "pbkdf2_sha512_hex",
    "phpass",
    "scrypt_firebase",
    "scrypt_werkzeug",
    "sha256",
    "sha512_symfony",
];

/// What is to change about a user.
#[derive(Debug)]
pub(super) struct Profile {
    external_id: Change<String>,
    username: Change<String>,
    first_name: Change<String>,
    last_name: Change<String>,
    locale: Change<String>,
    timezone: Change<String>,
    password: Option<Password>,
    totp_secret: Option<SecretString>,
    backup_codes: Option<Vec<String>>,
    delete_self_enabled: Option<bool>,
    create_organization_enabled: Option<bool>,
    create_organizations_limit: Change<u64>,
    bypass_client_trust: Option<bool>,
    legal_accepted_at: Change<i64>,
    created_at: Option<i64>,
}

impl Profile {
    /// Reads the fields; `id` is that of the user to change, if there is one already.
    pub(super) fn read(fields: &mut Fields, store: &Store, id: Option<&str>) -> Self {
        // Nothing in the sandbox depends on consent to legal documents.
        fields.flag("skip_legal_checks");
        Self {
            external_id: identifier(fields, store, id, Identifier::ExternalId),
            username: username(fields, store, id),
            first_name: fields.short_text("first_name", MAX_NAME).or_clear_if_empty(),
            last_name: fields.short_text("last_name", MAX_NAME).or_clear_if_empty(),
            locale: fields.text("locale").or_clear_if_empty(),
            timezone: fields.text("timezone").or_clear_if_empty(),
            password: password(fields),
            totp_secret: totp_secret(fields),
            backup_codes: fields.texts("backup_codes"),
            delete_self_enabled: fields.flag("delete_self_enabled").value(),
            create_organization_enabled: fields.flag("create_organization_enabled").value(),
            create_organizations_limit: fields.count("create_organizations_limit"),
            bypass_client_trust: fields.flag("bypass_client_trust").value(),
            legal_accepted_at: fields.date("legal_accepted_at"),
            created_at: fields.date("created_at").value(),
        }
    }

    pub(super) fn has_username(&self) -> bool {
        matches!(self.username, Change::Set(_))
    }

    pub(super) fn sets_password(&self) -> bool {
        self.password.is_some()
    }

    pub(super) fn apply(self, user: &mut User, now: i64) {
        self.external_id.apply(&mut user.external_id);
        self.username.apply(&mut user.username);
        self.first_name.apply(&mut user.first_name);
        self.last_name.apply(&mut user.last_name);
        self.locale.apply(&mut user.locale);
        self.timezone.apply(&mut user.timezone);
        self.create_organizations_limit.apply(&mut user.create_organizations_limit);
        self.legal_accepted_at.apply(&mut user.legal_accepted_at);
        set(&mut user.delete_self_enabled, self.delete_self_enabled);
        set(&mut user.create_organization_enabled, self.create_organization_enabled);
        set(&mut user.bypass_client_trust, self.bypass_client_trust);
        set(&mut user.created_at, self.created_at);
        if let Some(password) = self.password {
            user.set_password(password, now);
        }
        if let Some(secret) = self.totp_secret {
            user.set_totp(secret, now);
        }
        if let Some(codes) = self.backup_codes.filter(|codes| !codes.is_empty()) {
            user.set_backup_codes(codes.into_iter().map(SecretString::from).collect(), now);
        }
        user.updated_at = now;
    }
}

/// The error about an identifier that another user has.
pub(crate) fn taken(kind: Identifier) -> Error {
    let sentence = format!("That {} is taken. Please try another.", kind.words());
    FORM_IDENTIFIER_EXISTS.at(kind.field(), sentence)
}

/// Reads `user_id`, which must be the id of a user.
pub(crate) fn required(fields: &mut Fields, store: &Store) -> String {
    let user_id = fields.required("user_id");
    if !user_id.is_empty() && store.user(&user_id).is_err() {
        let sentence = format!("No user was found with id {user_id}");
        fields.refuse(FORM_RESOURCE_NOT_FOUND.at("user_id", sentence));
    }
    user_id
}

/// A field that holds one identifier, which the empty string removes as null does.
fn identifier(
    fields: &mut Fields,
    store: &Store,
    id: Option<&str>,
    kind: Identifier,
) -> Change<String> {
    let change = fields.text(kind.field()).or_clear_if_empty();
    if let Change::Set(value) = &change
        && store.is_taken(kind, value, id)
    {
        fields.refuse(taken(kind));
    }
    change
}

fn username(fields: &mut Fields, store: &Store, id: Option<&str>) -> Change<String> {
    let change = identifier(fields, store, id, Identifier::Username);
    let Change::Set(username) = &change else {
        return change;
    };
    if !USERNAME_LENGTH.contains(&username.chars().count()) {
        let (least, most) = USERNAME_LENGTH.into_inner();
        let sentence = format!("Your username must be between {least} and {most} characters long.");
        fields.refuse(FORM_USERNAME_INVALID_LENGTH.at("username", sentence));
    }
    if username.contains(|character| USERNAME_FORBIDDEN.contains(character)) {
        let sentence = format!("A username must not contain any of {USERNAME_FORBIDDEN}");
        fields.refuse(FORM_USERNAME_INVALID_CHARACTER.at("username", sentence));
    }
    if username.bytes().all(|byte| byte.is_ascii_digit()) {
        let sentence = "Your username must contain one non-number character.";
        fields.refuse(FORM_USERNAME_NEEDS_NON_NUMBER_CHAR.at("username", sentence));
    }
    change
}

/// The secret of an authenticator app.
fn totp_secret(fields: &mut Fields) -> Option<SecretString> {
    let secret = fields.text("totp_secret").value()?;
    if totp::decode_base32(&secret).is_none() {
        let sentence = "The TOTP secret is invalid, please provide a valid one base32 encoded";
        fields.refuse(INVALID_TOTP_SECRET_CODE.at("totp_secret", sentence));
    }
    Some(secret.into())
}

/// The password, as it is or as a digest.
fn password(fields: &mut Fields) -> Option<Password> {
    let password = fields.text("password").value();
    let unchecked = fields.flag("skip_password_checks").value() == Some(true);
    let digest = fields.text("password_digest").value();
    let hasher = fields.text("password_hasher").value();
    if let Some(password) = password.as_ref().filter(|_| !unchecked) {
        check(fields, password);
    }
    match (&digest, &hasher) {
        (Some(_), None) => {
            let sentence = "password_hasher must be included with password_digest.";
            fields.refuse(FORM_PARAM_MISSING.at("password_hasher", sentence));
        }
        (None, Some(_)) => {
            let sentence = "password_digest must be included with password_hasher.";
            fields.refuse(FORM_PARAM_MISSING.at("password_digest", sentence));
        }
        (Some(_), Some(hasher)) if !PASSWORD_HASHERS.contains(&hasher.as_str()) => {
            let sentence = format!("{hasher} is not a supported password hasher.");
            fields.refuse(FORM_PARAM_VALUE_INVALID.at("password_hasher", sentence));
        }
        _ => {}
    }
    let plain = password.map(|password| Password::Plain(password.into()));
    let imported = digest.zip(hasher);
    plain.or(imported.map(|(digest, hasher)| Password::Digest { hasher, digest: digest.into() }))
}

fn check(fields: &mut Fields, password: &str) {
    let length = password.chars().count();
    if LEAKED_PASSWORDS.contains(&password.to_lowercase().as_str()) {
        let sentence = "Password has been found in an online data breach. For account safety, \
                        please use a different password.";
        fields.refuse(FORM_PASSWORD_PWNED.at("password", sentence));
    }
    let (least, most) = PASSWORD_LENGTH.into_inner();
    if length < least {
        let sentence = format!("Passwords must be {least} characters or more.");
        fields.refuse(FORM_PASSWORD_LENGTH_TOO_SHORT.at("password", sentence));
    } else if length > most {
        let sentence = format!("Passwords must be {most} characters or fewer.");
        fields.refuse(FORM_PASSWORD_LENGTH_TOO_LONG.at("password", sentence));
    }
}

fn set<T>(target: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *target = value;
    }
}
