//! What the tool answers. Every list and every text is bounded, so the whole is.

use std::borrow::Cow;

use rmcp::{
    model::JsonObject,
    schemars::{self, JsonSchema, Schema, SchemaGenerator, json_schema},
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};
use serde_with::skip_serializing_none;

use super::{
    sessions::Sessions,
    wire::{Email, ExternalAccount, Membership, Phone, Session, User, Verification},
};
use crate::text::clean_bytes;

const EMAILS: usize = 3;
const PHONES: usize = 2;
const EXTERNAL_ACCOUNTS: usize = 2;
const SESSIONS: usize = 4;
/// Of each of the three kinds of metadata.
const METADATA_KEYS: usize = 4;

/// All of the answer but `success` and `note`.
#[skip_serializing_none]
#[derive(Debug, Deserialize, Serialize, JsonSchema)]
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
    sessions: Option<Part>,
    unusual: Vec<String>,
}

/// A part of the answer. Its fields are named as Clerk's, and none is null.
#[derive(Debug, Deserialize, Serialize)]
#[serde(transparent)]
struct Part(JsonObject);

impl JsonSchema for Part {
    fn schema_name() -> Cow<'static, str> {
        "Part".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "object" })
    }
}

/// The rows of a list that are shown, and how many there are.
#[derive(Debug)]
pub(super) struct Shown<T> {
    pub(super) total: Option<u64>,
    pub(super) shown: Vec<T>,
}

impl Overview {
    pub(super) fn new(
        user: User,
        organizations: Option<Shown<Membership>>,
        sessions: Option<Sessions>,
        unusual: Vec<String>,
    ) -> Self {
        let of_user = of_user(&user);
        let (second_factors, metadata_keys) = (second_factors(&user), metadata_keys(&user));
        let count = |list: Option<usize>| list.map(|count| count as u64);
        Self {
            user: of_user,
            second_factors,
            metadata_keys,
            emails: user.email_addresses.map(|all| {
                let primary = user.primary_email_address_id.as_deref();
                list(all.len(), all.iter().take(EMAILS).map(|it| email(it, primary)))
            }),
            phones: user.phone_numbers.map(|all| {
                let primary = user.primary_phone_number_id.as_deref();
                list(all.len(), all.iter().take(PHONES).map(|it| phone(it, primary)))
            }),
            external_accounts: user.external_accounts.map(|all| {
                list(all.len(), all.iter().take(EXTERNAL_ACCOUNTS).map(external_account))
            }),
            passkeys: count(user.passkeys.map(|it| it.len())),
            web3_wallets: count(user.web3_wallets.map(|it| it.len())),
            enterprise_accounts: count(user.enterprise_accounts.map(|it| it.len())),
            organizations: organizations
                .map(|it| list(it.total, it.shown.iter().map(organization))),
            sessions: sessions.map(|it| of_sessions(&it)),
            unusual,
        }
    }
}

/// The fields of `value` that have a value.
fn part(value: Value) -> Part {
    let Value::Object(fields) = value else { return Part(Map::new()) };
    Part(fields.into_iter().filter(|(_, value)| !value.is_null()).collect())
}

fn list(total: impl Serialize, rows: impl Iterator<Item = Value>) -> Part {
    let shown: Vec<Part> = rows.map(part).collect();
    part(json!({ "total": total, "shown": shown }))
}

fn of_user(user: &User) -> Part {
    let names = [&user.first_name, &user.last_name].into_iter().flatten();
    let name = names.map(|it| it.0.clone()).reduce(|first, last| format!("{first} {last}"));
    part(json!({
        "id": clean_bytes(&user.id, 48),
        "name": name,
        "username": user.username,
        "externalId": user.external_id,
        "createdAt": user.created_at,
        "lastSignInAt": user.last_sign_in_at,
        "lastActiveAt": user.last_active_at,
        "banned": user.banned,
        "locked": user.locked,
        "deprovisioned": user.deprovisioned.filter(|it| *it),
        "passwordEnabled": user.password_enabled,
        "twoFactorEnabled": user.two_factor_enabled,
    }))
}

fn second_factors(user: &User) -> Part {
    let phones = user.phone_numbers.as_ref();
    part(json!({
        "totp": user.totp_enabled,
        "backupCode": user.backup_code_enabled,
        "phone": phones.map(|all| all.iter().any(|it| it.reserved_for_second_factor == Some(true))),
    }))
}

/// Values may be anything, and long; clerk_get_user has them.
fn metadata_keys(user: &User) -> Part {
    let keys = |metadata: &Option<JsonObject>| {
        metadata.as_ref().filter(|it| !it.is_empty()).map(|it| {
            let shown: Vec<String> =
                it.keys().take(METADATA_KEYS).map(|key| clean_bytes(key, 24)).collect();
            json!({ "total": it.len(), "shown": shown })
        })
    };
    part(json!({
        "public": keys(&user.public_metadata),
        "private": keys(&user.private_metadata),
        "unsafe": keys(&user.unsafe_metadata),
    }))
}

fn email(email: &Email, primary: Option<&str>) -> Value {
    let is_primary = primary.is_some() && email.id.as_deref() == primary;
    json!({
        "emailAddress": email.email_address,
        "primary": is_primary.then_some(true),
        "status": status(email.verification.as_ref()),
        "strategy": email.verification.as_ref().and_then(|it| it.strategy.as_ref()),
    })
}

fn phone(phone: &Phone, primary: Option<&str>) -> Value {
    let is_primary = primary.is_some() && phone.id.as_deref() == primary;
    json!({
        "phoneNumber": phone.phone_number,
        "primary": is_primary.then_some(true),
        "status": status(phone.verification.as_ref()),
        "strategy": phone.verification.as_ref().and_then(|it| it.strategy.as_ref()),
        "secondFactor": phone.reserved_for_second_factor.filter(|it| *it),
    })
}

/// Without a verification nothing is verified.
fn status(verification: Option<&Verification>) -> &str {
    verification.and_then(|it| it.status.as_ref()).map_or("unverified", |it| &it.0)
}

fn external_account(account: &ExternalAccount) -> Value {
    json!({ "provider": account.provider, "emailAddress": account.email_address })
}

fn organization(membership: &Membership) -> Value {
    let organization = membership.organization.as_ref();
    json!({
        "id": organization.and_then(|it| it.id.as_ref()),
        "name": organization.and_then(|it| it.name.as_ref()),
        "role": membership.role,
    })
}

fn of_sessions(sessions: &Sessions) -> Part {
    let alive = sessions.alive.iter().take(SESSIONS).map(session);
    part(json!({
        "total": sessions.total,
        "byStatus": sessions.by_status,
        "alive": list(sessions.alive_total, alive),
    }))
}

fn session(session: &Session) -> Value {
    let activity = session.latest_activity.as_ref();
    json!({
        "id": session.id,
        "status": session.status,
        "createdAt": session.created_at,
        "lastActiveAt": session.last_active_at,
        "deviceType": activity.and_then(|it| it.device_type.as_ref()),
        "browserName": activity.and_then(|it| it.browser_name.as_ref()),
        "browserVersion": activity.and_then(|it| it.browser_version.as_ref()),
        "ipAddress": activity.and_then(|it| it.ip_address.as_ref()),
        "city": activity.and_then(|it| it.city.as_ref()),
        "country": activity.and_then(|it| it.country.as_ref()),
        "actor": session.actor().map(|sub| json!({ "sub": sub })),
    })
}
