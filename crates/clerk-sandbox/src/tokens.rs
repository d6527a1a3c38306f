//! The claims of tokens (<https://clerk.com/docs/guides/sessions/session-tokens>).

use std::convert::Infallible;

use axum::extract::FromRequestParts;
use axum::http::HeaderMap;
use axum::http::header::{HOST, HeaderName, ORIGIN};
use axum::http::request::Parts;
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use secrecy::ExposeSecret as _;
use serde_json::{Map, Value, json};

use crate::jwt::{self, Category, Signer};
use crate::model::{
    JwtTemplate, Membership, Organization, OrganizationRole, SYSTEM_PERMISSION, Session, User,
    UserReply, Verification,
};
use crate::refusal::{INTERNAL_CLERK_ERROR, Refusal, SANDBOX_NOT_SUPPORTED};
use crate::shortcodes;
use crate::store::Store;
use crate::time::SECOND;

/// How long session tokens are valid, in seconds.
pub(crate) const LIFETIME: i64 = 60;

/// By how much earlier they are valid already, in seconds.
const CLOCK_SKEW: i64 = 10;

type Claims = Map<String, Value>;

/// To whom a request was sent, and from which page.
#[derive(Debug, Clone)]
pub(crate) struct Caller {
    /// The sandbox's address as the client sees it, which is the issuer of tokens.
    pub(crate) issuer: String,
    pub(crate) origin: Option<String>,
}

impl<S: Sync> FromRequestParts<S> for Caller {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Infallible> {
        Ok(Self::of(&parts.headers))
    }
}

impl Caller {
    pub(crate) fn of(headers: &HeaderMap) -> Self {
        let text = |name: HeaderName| {
            let value = headers.get(name)?.to_str().ok()?;
            (!value.is_empty() && value != "null").then(|| value.to_owned())
        };
        let host = text(HOST).unwrap_or_else(|| "127.0.0.1".to_owned());
        Self { issuer: format!("http://{host}"), origin: text(ORIGIN) }
    }

    /// The key by which front ends find the sandbox.
    pub(crate) fn publishable_key(&self) -> String {
        let host = self.issuer.trim_start_matches("http://");
        format!("pk_test_{}", BASE64_STANDARD.encode(format!("{host}$")))
    }
}

/// A session token that is valid for this many seconds.
pub(crate) fn of_session(
    store: &mut Store,
    session_id: &str,
    caller: &Caller,
    lifetime: i64,
) -> Result<String, Refusal> {
    let (now, jti) = (store.now() / SECOND, store.token_id());
    let session = store.sessions.get(session_id)?;
    let user = store.user(&session.user_id)?;
    let mut claims = defaults(user, caller, now, (lifetime, CLOCK_SKEW), jti);
    if let Some(origin) = &session.origin {
        claims.insert("azp".to_owned(), String::from(&**origin).into());
    }
    let since_sign_in = (now - session.created_at / SECOND).max(0) / 60;
    claims.insert("fva".to_owned(), json!([since_sign_in, -1]));
    claims.insert("sid".to_owned(), session.id.as_str().into());
    claims.insert("sts".to_owned(), json!(session.status));
    claims.insert("v".to_owned(), 2.into());
    if let Some(actor) = &session.actor {
        claims.insert("act".to_owned(), Value::Object((**actor).clone()));
    }
    if let Some((_, organization, role)) = active_organization(store, session) {
        add_organization(&mut claims, organization, role);
    }
    jwt::sign(Category::Session, &claims).ok_or_else(unsigned)
}

/// A token made from a template.
pub(crate) fn of_template(
    store: &mut Store,
    session_id: &str,
    template: &JwtTemplate,
    caller: &Caller,
    lifetime: Option<i64>,
) -> Result<String, Refusal> {
    let (now, jti) = (store.now() / SECOND, store.token_id());
    let session = store.sessions.get(session_id)?;
    let user = store.user(&session.user_id)?;
    let custom = Value::Object(template.claims.clone());
    let mut claims = match shortcodes::fill(&custom, &context(store, session, user)) {
        Value::Object(claims) => claims,
        _ => Claims::new(),
    };
    let seconds = |seconds: u64| i64::try_from(seconds).unwrap_or(i64::MAX);
    let lifetime = lifetime.unwrap_or(seconds(template.lifetime));
    let times = (lifetime, seconds(template.allowed_clock_skew));
    claims.extend(defaults(user, caller, now, times, jti));
    let Some(key) = &template.signing_key else {
        return jwt::sign(Category::Template, &claims).ok_or_else(unsigned);
    };
    let algorithm = template.signing_algorithm.as_str();
    let signed = Signer::new(algorithm, key.expose_secret())
        .and_then(|signer| jwt::sign_with_own_key(&signer, algorithm, &claims));
    signed.ok_or_else(|| {
        let sentence = format!(
            "The sandbox can't sign with the signing_key of this template and {algorithm}."
        );
        SANDBOX_NOT_SUPPORTED.because(sentence).into()
    })
}

/// The claims that every token has. The times are in seconds: how long it is valid, and how much
/// earlier already.
fn defaults(
    user: &User,
    caller: &Caller,
    now: i64,
    (lifetime, skew): (i64, i64),
    jti: String,
) -> Claims {
    let mut claims = Claims::new();
    if let Some(origin) = &caller.origin {
        claims.insert("azp".to_owned(), origin.as_str().into());
    }
    claims.insert("exp".to_owned(), now.saturating_add(lifetime).into());
    claims.insert("iat".to_owned(), now.into());
    claims.insert("iss".to_owned(), caller.issuer.as_str().into());
    claims.insert("jti".to_owned(), jti.into());
    claims.insert("nbf".to_owned(), now.saturating_sub(skew).into());
    claims.insert("sub".to_owned(), user.id.as_str().into());
    claims
}

/// The active organization, if the user is a member of it still.
fn active_organization<'a>(
    store: &'a Store,
    session: &Session,
) -> Option<(&'a Membership, &'a Organization, &'a OrganizationRole)> {
    let organization = store.organizations.get(session.last_active_organization_id.as_ref()?)?;
    let membership = store.memberships.find(&organization.id, &session.user_id)?;
    Some((membership, organization, store.role_with_key(&membership.role).ok()?))
}

/// The organization, with the permissions that are the application's own: `fea` has the features,
/// `per` the permissions, and for each feature `fpm` a number whose bits say which of them it has.
fn add_organization(claims: &mut Claims, organization: &Organization, role: &OrganizationRole) {
    let mut features: Vec<(&str, u64)> = Vec::new();
    let mut permissions: Vec<&str> = Vec::new();
    let own = role.permissions.iter().filter(|one| !one.key.starts_with(SYSTEM_PERMISSION));
    for key in own.map(|permission| permission.key.trim_start_matches("org:")) {
        let (feature, permission) = key.split_once(':').unwrap_or((key, ""));
        let bit = place_of(&mut permissions, |known| *known == permission, || permission);
        let place = place_of(&mut features, |(known, _)| *known == feature, || (feature, 0));
        let bit = u32::try_from(bit).ok().and_then(|bit| 1_u64.checked_shl(bit));
        if let (Some((_, bits)), Some(bit)) = (features.get_mut(place), bit) {
            *bits |= bit;
        }
    }
    let mut active = json!({
        "id": organization.id,
        "rol": role.key.trim_start_matches("org:"),
        "slg": organization.slug,
    });
    if !features.is_empty() {
        let joined = |items: Vec<String>| Value::String(items.join(","));
        let scoped = features.iter().map(|(feature, _)| format!("o:{feature}")).collect();
        claims.insert("fea".to_owned(), joined(scoped));
        if let Value::Object(active) = &mut active {
            let map = features.iter().map(|(_, bits)| bits.to_string()).collect();
            active.insert("fpm".to_owned(), joined(map));
            active.insert("per".to_owned(), permissions.join(",").into());
        }
    }
    claims.insert("o".to_owned(), active);
}

/// The place of an item, which is added if it isn't there.
fn place_of<T>(items: &mut Vec<T>, is_it: impl Fn(&T) -> bool, new: impl FnOnce() -> T) -> usize {
    items.iter().position(is_it).unwrap_or_else(|| {
        items.push(new());
        items.len() - 1
    })
}

/// What the shortcodes of a template can stand for.
fn context(store: &Store, session: &Session, user: &User) -> Value {
    let active = active_organization(store, session);
    let organization = active.map(|(membership, organization, role)| {
        json!({
            "id": organization.id,
            "name": organization.name,
            "slug": organization.slug,
            "role": role.key,
            "image_url": organization.image_url,
            "has_image": organization.has_image,
            "created_at": organization.created_at / SECOND,
            "public_metadata": organization.public_metadata,
            "permissions": own_permissions(role),
            "membership_id": membership.id,
        })
    });
    let membership = active.map(|(membership, _, role)| {
        json!({
            "role": role.key,
            "permissions": own_permissions(role),
            "public_metadata": membership.public_metadata,
        })
    });
    json!({
        "user": of_user(store, user),
        "org": organization,
        "org_membership": membership,
        "session": { "id": session.id, "actor": session.actor },
    })
}

fn own_permissions(role: &OrganizationRole) -> Vec<&str> {
    let keys = role.permissions.iter().map(|permission| permission.key.as_str());
    keys.filter(|key| !key.starts_with(SYSTEM_PERMISSION)).collect()
}

fn of_user(store: &Store, user: &User) -> Value {
    let mut fields = serde_json::to_value(UserReply::at(user, store.time())).unwrap_or_default();
    let names = [user.first_name.as_deref(), user.last_name.as_deref()];
    let full_name = names.into_iter().flatten().collect::<Vec<_>>().join(" ");
    let email = user
        .email_addresses
        .iter()
        .find(|email| Some(&email.id) == user.primary_email_address_id.as_ref());
    let phone = user
        .phone_numbers
        .iter()
        .find(|phone| Some(&phone.id) == user.primary_phone_number_id.as_ref());
    let wallet = user
        .web3_wallets
        .iter()
        .find(|wallet| Some(&wallet.id) == user.primary_web3_wallet_id.as_ref());
    let is_verified = |verification: Option<&Option<Verification>>| {
        Verification::is_verified(verification.and_then(Option::as_ref))
    };
    let organizations: Map<String, Value> = store
        .memberships
        .of_user(&user.id)
        .map(|membership| (membership.organization_id.clone(), json!(membership.role)))
        .collect();
    let more = json!({
        "full_name": (!full_name.is_empty()).then_some(full_name),
        "primary_email_address": email.map(|email| &email.address),
        "email_verified": is_verified(email.map(|email| &email.verification)),
        "primary_phone_number": phone.map(|phone| &phone.number),
        "phone_number_verified": is_verified(phone.map(|phone| &phone.verification)),
        "primary_web3_wallet": wallet.map(|wallet| &wallet.address),
        "web3_wallet_verified": is_verified(wallet.map(|wallet| &wallet.verification)),
        "organizations": organizations,
        "created_at": user.created_at / SECOND,
        "updated_at": user.updated_at / SECOND,
        "last_sign_in_at": user.last_sign_in_at.map(|at| at / SECOND),
    });
    if let (Value::Object(fields), Value::Object(more)) = (&mut fields, more) {
        fields.shift_remove("private_metadata");
        fields.extend(more);
    }
    fields
}

/// Signing with a key that is part of the program does not fail.
pub(crate) fn unsigned() -> Refusal {
    INTERNAL_CLERK_ERROR.because("The token could not be signed.").into()
}
