//! What the tool answers.

use serde::Serialize;
use serde_json::{Map, Value, json};
use serde_with::skip_serializing_none;

use super::{
    sessions::Sessions,
    size::{self, Size},
    unusual,
    wire::{Email, ExternalAccount, Membership, Phone, Session, User, Verification},
};
use crate::tool::{
    date::UnixTime,
    field::{Field, Fields, boolean, code, integer, json, object, objects, text, texts, utc},
};

/// The fields of the overview: named as Clerk names them, and none is null.
pub(super) static OVERVIEW: Fields = Fields::closed(&[&[
    object("user", &USER),
    object("emails", &EMAILS),
    object("phones", &PHONES),
    object("external_accounts", &EXTERNAL_ACCOUNTS),
    integer("passkeys"),
    integer("web3_wallets"),
    integer("enterprise_accounts"),
    object("second_factors", &SECOND_FACTORS).about("Which are set up."),
    object("metadata_keys", &METADATA_KEYS)
        .about("The names of the keys, without their values: clerk_get_user has them."),
    object("organizations", &ORGANIZATIONS),
    object("sessions", &SESSIONS),
    texts("unusual").about("Facts with their numbers, no verdicts."),
]]);

static USER: Fields = Fields::closed(&[&[
    code("id"),
    text("name"),
    text("username"),
    code("primaryEmailAddress").about("The primary email address; left out if there is none."),
    text("externalId").about("Their ID in your own system."),
    utc("createdAt"),
    utc("lastSignInAt"),
    utc("lastActiveAt"),
    boolean("banned").about("Whether they are barred until the ban is lifted."),
    boolean("locked")
        .about("Whether they can't sign in for a while, after failed tries or by an admin."),
    boolean("deprovisioned").about("Whether a directory has taken the access away."),
    boolean("passwordEnabled").about("Whether there is a password."),
    boolean("twoFactorEnabled").about("Whether any second factor is set up."),
]]);
const ALL: Field = integer("total").about("How many there are.");
static EMAILS: Fields = Fields::closed(&[&[ALL, objects("shown", &EMAIL)]]);
static EMAIL: Fields = Fields::closed(&[&[
    code("emailAddress"),
    boolean("primary"),
    code("status"),
    code("strategy").about("How it is verified, such as email_code or oauth_google."),
]]);
static PHONES: Fields = Fields::closed(&[&[ALL, objects("shown", &PHONE)]]);
static PHONE: Fields = Fields::closed(&[&[
    code("phoneNumber"),
    boolean("primary"),
    code("status"),
    code("strategy").about("How it is verified, such as email_code or oauth_google."),
    boolean("secondFactor").about("Whether it is a second factor."),
]]);
static EXTERNAL_ACCOUNTS: Fields = Fields::closed(&[&[ALL, objects("shown", &ACCOUNT)]]);
static ACCOUNT: Fields = Fields::closed(&[&[
    code("provider").about("Who provides the identity, such as google or saml_okta."),
    code("emailAddress"),
]]);
static SECOND_FACTORS: Fields =
    Fields::closed(&[&[boolean("totp"), boolean("backupCode"), boolean("phone")]]);
static METADATA_KEYS: Fields = Fields::closed(&[&[
    object("public", &KEYS),
    object("private", &KEYS),
    object("unsafe", &KEYS),
]]);
static KEYS: Fields = Fields::closed(&[&[ALL, texts("shown")]]);
static ORGANIZATIONS: Fields = Fields::closed(&[&[ALL, objects("shown", &ORGANIZATION)]]);
static ORGANIZATION: Fields = Fields::closed(&[&[code("id"), text("name"), code("role")]]);
static SESSIONS: Fields = Fields::closed(&[&[
    ALL,
    json("byStatus").about("How many sessions there are of each status."),
    object("alive", &ALIVE).about("The active and pending ones, newest first."),
]]);
static ALIVE: Fields = Fields::closed(&[&[ALL, objects("shown", &SESSION)]]);
static SESSION: Fields = Fields::closed(&[&[
    code("id"),
    code("status"),
    utc("createdAt"),
    utc("lastActiveAt"),
    text("deviceType").about("Such as iPhone or Windows."),
    text("browserName"),
    text("browserVersion"),
    code("ipAddress"),
    text("city"),
    text("country"),
    object("actor", &ACTOR).about("Who acts as the user, if somebody does."),
]]);
static ACTOR: Fields = Fields::closed(&[&[code("sub").about("The ID of who acts as the user.")]]);

/// All of the answer but `success` and `note`.
#[skip_serializing_none]
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Overview {
    user: Part,
    emails: Option<Part>,
    phones: Option<Part>,
    external_accounts: Option<Part>,
    passkeys: Option<u64>,
    web3_wallets: Option<u64>,
    enterprise_accounts: Option<u64>,
    second_factors: Part,
    metadata_keys: Part,
    organizations: Option<Part>,
    // byStatus counts all; alive are the active and pending, newest first.
    sessions: Option<Part>,
    /// Facts with their numbers, no verdicts.
    unusual: Vec<String>,
}

/// A part of the answer. Its fields are named as Clerk's, and none is null.
#[derive(Debug, Serialize)]
#[serde(transparent)]
struct Part(Map<String, Value>);

/// The rows of a list that are shown, and how many there are.
#[derive(Debug)]
pub(super) struct Shown<T> {
    pub(super) total: Option<u64>,
    pub(super) shown: Vec<T>,
}

/// All that the answer is made of. What could not be had is `None`.
#[derive(Debug)]
pub(super) struct Parts {
    pub(super) user: User,
    pub(super) organizations: Option<Shown<Membership>>,
    pub(super) sessions: Option<Sessions>,
    /// In Unix milliseconds.
    pub(super) now: i64,
    pub(super) notes: Vec<String>,
}

impl Overview {
    /// The overview in the first of the sizes in which it is cheap enough.
    pub(super) fn of(parts: &Parts) -> Self {
        let larger = size::LARGER.iter().map(|size| Self::sized(parts, size));
        larger
            .into_iter()
            .find(|overview| size::fits(overview, &parts.notes))
            .unwrap_or_else(|| Self::sized(parts, &size::LEAST))
    }

    fn sized(parts: &Parts, size: &Size) -> Self {
        let Parts { user, organizations, sessions, now, .. } = parts;
        let part = |value| part(value, size);
        let count = |list: &Option<Vec<_>>| list.as_ref().map(|rows| rows.len() as u64);
        let primary = user.primary_email_address_id.as_deref();
        let emails = user.email_addresses.as_ref().map(|all| {
            let shown = all.iter().take(size.emails).map(|address| email(address, primary));
            list(all.len(), shown)
        });
        let primary = user.primary_phone_number_id.as_deref();
        let phones = user.phone_numbers.as_ref().map(|all| {
            let shown = all.iter().take(size.phones).map(|number| phone(number, primary));
            list(all.len(), shown)
        });
        let external_accounts = user.external_accounts.as_ref().map(|all| {
            let shown = all.iter().take(size.external_accounts).map(external_account);
            list(all.len(), shown)
        });
        let organizations = organizations.as_ref().map(|all| {
            let shown = all.shown.iter().take(size.organizations).map(organization);
            list(all.total, shown)
        });
        Self {
            user: part(of_user(user)),
            emails: emails.map(part),
            phones: phones.map(part),
            external_accounts: external_accounts.map(part),
            passkeys: count(&user.passkeys),
            web3_wallets: count(&user.web3_wallets),
            enterprise_accounts: user.enterprise_accounts.as_ref().map(|all| all.len() as u64),
            second_factors: part(second_factors(user)),
            metadata_keys: part(metadata_keys(user, size)),
            organizations: organizations.map(part),
            sessions: sessions.as_ref().map(|sessions| part(of_sessions(sessions, size))),
            unusual: unusual::facts(user, sessions.as_ref(), *now, size),
        }
    }
}

/// `value` without nulls, and with its texts cut.
fn part(value: Value, size: &Size) -> Part {
    match trimmed(value, size) {
        Value::Object(fields) => Part(fields),
        _ => Part(Map::new()),
    }
}

fn trimmed(value: Value, size: &Size) -> Value {
    match value {
        Value::String(text) => size::cut(&text, size.text).into(),
        Value::Array(items) => items.into_iter().map(|item| trimmed(item, size)).collect(),
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, trimmed(value, size)))
            .collect(),
        value => value,
    }
}

fn list(total: impl Serialize, rows: impl Iterator<Item = Value>) -> Value {
    json!({ "total": total, "shown": rows.collect::<Vec<_>>() })
}

fn of_user(user: &User) -> Value {
    let names = [&user.first_name, &user.last_name].into_iter().flatten();
    let name = names.cloned().reduce(|first, last| format!("{first} {last}"));
    json!({
        "id": user.id,
        "name": name,
        "username": user.username,
        "primaryEmailAddress": user.primary_email_address(),
        "externalId": user.external_id,
        "createdAt": user.created_at.map(UnixTime::iso),
        "lastSignInAt": user.last_sign_in_at.map(UnixTime::iso),
        "lastActiveAt": user.last_active_at.map(UnixTime::iso),
        "banned": user.banned,
        "locked": user.locked,
        "deprovisioned": user.deprovisioned.filter(|flag| *flag),
        "passwordEnabled": user.password_enabled,
        "twoFactorEnabled": user.two_factor_enabled,
    })
}

fn second_factors(user: &User) -> Value {
    let phones = user.phone_numbers.as_ref();
    json!({
        "totp": user.totp_enabled,
        "backupCode": user.backup_code_enabled,
        "phone": phones.map(|all| all.iter().any(|phone| phone.reserved_for_second_factor == Some(true))),
    })
}

/// Values may be anything, and long; clerk_get_user has them.
fn metadata_keys(user: &User, size: &Size) -> Value {
    let keys = |metadata: &Option<Map<String, Value>>| {
        metadata.as_ref().filter(|metadata| !metadata.is_empty()).map(|metadata| {
            list(metadata.len(), metadata.keys().take(size.metadata_keys).map(|key| json!(key)))
        })
    };
    json!({
        "public": keys(&user.public_metadata),
        "private": keys(&user.private_metadata),
        "unsafe": keys(&user.unsafe_metadata),
    })
}

fn email(email: &Email, primary: Option<&str>) -> Value {
    let is_primary = primary.is_some() && email.id.as_deref() == primary;
    json!({
        "emailAddress": email.email_address,
        "primary": is_primary.then_some(true),
        "status": status(email.verification.as_ref()),
        "strategy": email.verification.as_ref().and_then(|verification| verification.strategy.as_ref()),
    })
}

fn phone(phone: &Phone, primary: Option<&str>) -> Value {
    let is_primary = primary.is_some() && phone.id.as_deref() == primary;
    json!({
        "phoneNumber": phone.phone_number,
        "primary": is_primary.then_some(true),
        "status": status(phone.verification.as_ref()),
        "strategy": phone.verification.as_ref().and_then(|verification| verification.strategy.as_ref()),
        "secondFactor": phone.reserved_for_second_factor.filter(|flag| *flag),
    })
}

/// Without a verification nothing is verified.
fn status(verification: Option<&Verification>) -> &str {
    verification
        .and_then(|verification| verification.status.as_ref())
        .map_or("unverified", String::as_str)
}

fn external_account(account: &ExternalAccount) -> Value {
    json!({ "provider": account.provider, "emailAddress": account.email_address })
}

fn organization(membership: &Membership) -> Value {
    let organization = membership.organization.as_ref();
    json!({
        "id": organization.and_then(|organization| organization.id.as_ref()),
        "name": organization.and_then(|organization| organization.name.as_ref()),
        "role": membership.role,
    })
}

fn of_sessions(sessions: &Sessions, size: &Size) -> Value {
    let alive = sessions.alive.iter().take(size.sessions).map(session);
    json!({
        "total": sessions.total,
        "byStatus": sessions.by_status,
        "alive": list(sessions.alive_total, alive),
    })
}

fn session(session: &Session) -> Value {
    let activity = session.latest_activity.as_ref();
    json!({
        "id": session.id,
        "status": session.status,
        "createdAt": session.created_at.map(UnixTime::iso),
        "lastActiveAt": session.last_active_at.map(UnixTime::iso),
        "deviceType": activity.and_then(|activity| activity.device_type.as_ref()),
        "browserName": activity.and_then(|activity| activity.browser_name.as_ref()),
        "browserVersion": activity.and_then(|activity| activity.browser_version.as_ref()),
        "ipAddress": activity.and_then(|activity| activity.ip_address.as_ref()),
        "city": activity.and_then(|activity| activity.city.as_ref()),
        "country": activity.and_then(|activity| activity.country.as_ref()),
        "actor": session.actor().map(|sub| json!({ "sub": sub })),
    })
}
