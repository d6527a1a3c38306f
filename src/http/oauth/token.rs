//! Access tokens as JWTs: what must be in one, and what it says of a person.
//! <https://www.rfc-editor.org/rfc/rfc9068> <https://www.rfc-editor.org/rfc/rfc8725>

mod introspected;

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use jiff::SignedDuration;
use jsonwebtoken::Algorithm;
use serde::Deserialize;
use serde_json::Value;

pub(super) use self::introspected::Introspected;
use super::{crypto, keys::Key};
use crate::principal::{Authentication, Principal};

/// The largest token that is looked at, in bytes.
const LARGEST: usize = 16 << 10;
/// How far the issuer's clock and ours may differ.
const LEEWAY: SignedDuration = SignedDuration::from_secs(5);
/// The longest ID of a key or a person, in bytes.
const LONGEST_ID: usize = 255;

/// What a token is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Use {
    /// It lets a client use a server.
    Access,
    /// It tells a client who signed in.
    Identity,
}

impl Use {
    /// Whether a token of this media type is for this. Session and ID tokens of the same issuer must not
    /// pass as access tokens.
    fn has_type(self, typ: Option<&str>) -> bool {
        let is = |known: &str| typ.is_some_and(|typ| known.eq_ignore_ascii_case(typ));
        match self {
            Self::Access => is("at+jwt") || is("application/at+jwt"),
            Self::Identity => typ.is_none() || is("JWT"),
        }
    }
}

/// What a token is checked against.
#[derive(Clone, Debug)]
pub(super) struct Rules {
    /// Who must have issued it.
    pub(super) issuer: String,
    /// Whom it must be for.
    pub(super) resource: String,
    /// Whether one without `aud` is accepted.
    pub(super) any_audience: bool,
}

/// Why a token isn't accepted. Its text never repeats a part of the token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Invalid {
    #[error("the token is larger than 16 KiB")]
    TooLarge,
    #[error("the token isn't a signed JWT")]
    Malformed,
    #[error("the token isn't an access token: its typ must be at+jwt")]
    Type,
    #[error("the token isn't an ID token: its typ must be JWT")]
    NotIdentity,
    #[error("the token is for another sign-in")]
    Nonce,
    #[error("the token's algorithm must be RS256 or ES256")]
    Algorithm,
    #[error("the token has critical extensions, which aren't supported")]
    Critical,
    #[error("the token names no key of the issuer")]
    Key,
    #[error("the token's signature is wrong")]
    Signature,
    #[error("the token has no {0}")]
    Missing(&'static str),
    #[error("the token's {0} has the wrong form")]
    Form(&'static str),
    #[error("the token is from another issuer")]
    Issuer,
    #[error("the token is for another server")]
    Audience,
    #[error("the token has expired")]
    Expired,
    #[error("the token isn't valid yet")]
    Early,
    #[error("the issuer says that the token isn't active")]
    Inactive,
    #[error("the token isn't a bearer token")]
    NotBearer,
}

impl Invalid {
    /// The reason in a word, for metrics.
    pub(super) fn kind(&self) -> &'static str {
        match self {
            Self::TooLarge => "too_large",
            Self::Malformed => "malformed",
            Self::Type | Self::NotIdentity => "type",
            Self::Nonce => "nonce",
            Self::Algorithm => "algorithm",
            Self::Critical => "critical",
            Self::Key => "key",
            Self::Signature => "signature",
            Self::Missing(_) => "missing_claim",
            Self::Form(_) => "claim",
            Self::Issuer => "issuer",
            Self::Audience => "audience",
            Self::Expired => "expired",
            Self::Early => "not_yet_valid",
            Self::Inactive => "inactive",
            Self::NotBearer => "token_type",
        }
    }
}

/// What the header says.
#[derive(Debug)]
pub(super) struct Head {
    pub(super) algorithm: Algorithm,
    pub(super) key: String,
}

/// The parameters that decide. Others, such as `jku`, `jwk` and `x5u`, name keys that anyone could have
/// made, and aren't read. A parameter that is given twice makes the header malformed.
#[derive(Deserialize)]
struct Header {
    alg: Option<Value>,
    typ: Option<Value>,
    kid: Option<Value>,
    crit: Option<Value>,
    b64: Option<Value>,
}

/// The claims that are read.
#[derive(Deserialize)]
struct Claims {
    iss: Option<Value>,
    sub: Option<Value>,
    aud: Option<Value>,
    exp: Option<Value>,
    nbf: Option<Value>,
    iat: Option<Value>,
    scope: Option<Value>,
    scp: Option<Value>,
    client_id: Option<Value>,
    azp: Option<Value>,
    org_id: Option<Value>,
    org_role: Option<Value>,
    role: Option<Value>,
    roles: Option<Value>,
    email: Option<Value>,
    email_verified: Option<Value>,
    nonce: Option<Value>,
}

/// Whether a token is opaque by its form, so that only its issuer can say what it is. What has the parts
/// of a JWT never is, however broken.
pub(super) fn is_opaque(token: &str) -> bool {
    let is_printable = token.bytes().all(|byte| byte.is_ascii_graphic());
    let dots = token.bytes().filter(|byte| *byte == b'.').count();
    !token.is_empty() && token.len() <= LARGEST && is_printable && dots < 2
}

/// The three parts of a token.
fn parts(token: &str) -> Result<[&str; 3], Invalid> {
    if token.len() > LARGEST {
        return Err(Invalid::TooLarge);
    }
    let mut parts = token.split('.');
    match (parts.next(), parts.next(), parts.next(), parts.next()) {
        (Some(header), Some(claims), Some(signature), None) => Ok([header, claims, signature]),
        _ => Err(Invalid::Malformed),
    }
}

fn decoded<'de, T: Deserialize<'de>>(part: &str, bytes: &'de mut Vec<u8>) -> Result<T, Invalid> {
    *bytes = URL_SAFE_NO_PAD.decode(part).map_err(|_| Invalid::Malformed)?;
    serde_json::from_slice(bytes).map_err(|_| Invalid::Malformed)
}

/// Reads the header, and checks all of it.
///
/// # Errors
/// Why no key could make the token valid.
pub(super) fn head(token: &str, used_for: Use) -> Result<Head, Invalid> {
    let [header, ..] = parts(token)?;
    let Header { alg, typ, kid, crit, b64 } = decoded(header, &mut Vec::new())?;
    if crit.is_some() || b64.is_some() {
        return Err(Invalid::Critical);
    }
    let typ = text("typ", typ)?;
    if !used_for.has_type(typ.as_deref()) {
        return Err(match used_for {
            Use::Access => Invalid::Type,
            Use::Identity => Invalid::NotIdentity,
        });
    }
    let algorithm = match text("alg", alg)?.as_deref() {
        Some("RS256") => Algorithm::RS256,
        Some("ES256") => Algorithm::ES256,
        _ => return Err(Invalid::Algorithm),
    };
    let key = text("kid", kid)?.ok_or(Invalid::Missing("kid"))?;
    Ok(Head { algorithm, key })
}

/// Whom a token is for, if it is valid now, by its `head` and the key that this names.
///
/// # Errors
/// Why it isn't valid. The signature comes first: nothing that it doesn't cover is looked at.
pub(super) fn verify(
    token: &str,
    head: &Head,
    key: &Key,
    rules: &Rules,
    now: SignedDuration,
) -> Result<Principal, Invalid> {
    let claims = signed(token, head, key)?;
    check(&claims, rules, now)?;
    principal(claims)
}

/// Who signed in, if an ID token is valid now, for the client that `rules` has as the resource and for the
/// sign-in with this nonce. <https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation>
///
/// # Errors
/// Why it isn't valid.
pub(super) fn identify(
    token: &str,
    head: &Head,
    key: &Key,
    rules: &Rules,
    nonce: &str,
    now: SignedDuration,
) -> Result<Principal, Invalid> {
    let claims = signed(token, head, key)?;
    check(&claims, rules, now)?;
    let given = text("nonce", claims.nonce.clone())?.ok_or(Invalid::Missing("nonce"))?;
    if given != nonce {
        return Err(Invalid::Nonce);
    }
    // Of several audiences, one is whom it was issued to.
    let is_shared = matches!(&claims.aud, Some(Value::Array(audience)) if audience.len() > 1);
    match text("azp", claims.azp.clone())? {
        None if is_shared => return Err(Invalid::Missing("azp")),
        Some(client) if client != rules.resource => return Err(Invalid::Audience),
        _ => {}
    }
    principal(claims)
}

/// The claims of a token whose signature is right.
fn signed(token: &str, head: &Head, key: &Key) -> Result<Claims, Invalid> {
    crypto::install();
    let [_, claims, signature] = parts(token)?;
    if key.algorithm != head.algorithm {
        return Err(Invalid::Algorithm);
    }
    let (signed, _) = token.rsplit_once('.').ok_or(Invalid::Malformed)?;
    let verified =
        jsonwebtoken::crypto::verify(signature, signed.as_bytes(), &key.key, head.algorithm);
    if !verified.is_ok_and(|is_right| is_right) {
        return Err(Invalid::Signature);
    }
    decoded(claims, &mut Vec::new())
}

fn check(claims: &Claims, rules: &Rules, now: SignedDuration) -> Result<(), Invalid> {
    let issuer = text("iss", claims.iss.clone())?.ok_or(Invalid::Missing("iss"))?;
    if issuer != rules.issuer {
        return Err(Invalid::Issuer);
    }
    check_use(claims, rules, now).map(|_| ())
}

/// Checks whom a token is for and when it may be used, and returns when it expires.
fn check_use(
    claims: &Claims,
    rules: &Rules,
    now: SignedDuration,
) -> Result<SignedDuration, Invalid> {
    match texts("aud", claims.aud.clone())? {
        None if rules.any_audience => {}
        None => return Err(Invalid::Missing("aud")),
        Some(audience) if audience.contains(&rules.resource) => {}
        Some(_) => return Err(Invalid::Audience),
    }
    let expiry = time("exp", claims.exp.as_ref())?.ok_or(Invalid::Missing("exp"))?;
    if now >= expiry.saturating_add(LEEWAY) {
        return Err(Invalid::Expired);
    }
    for (name, claim) in [("nbf", &claims.nbf), ("iat", &claims.iat)] {
        let start = time(name, claim.as_ref())?;
        if start.is_some_and(|start| start > now.saturating_add(LEEWAY)) {
            return Err(Invalid::Early);
        }
    }
    Ok(expiry)
}

fn principal(claims: Claims) -> Result<Principal, Invalid> {
    let subject = text("sub", claims.sub)?.ok_or(Invalid::Missing("sub"))?;
    let client_id = text("client_id", claims.client_id)?;
    let client = client_id.or(text("azp", claims.azp)?);
    let mut scopes = words("scope", claims.scope)?;
    scopes.extend(words("scp", claims.scp)?);
    scopes.dedup();
    let mut roles = Vec::new();
    for (name, claim) in
        [("role", claims.role), ("roles", claims.roles), ("org_role", claims.org_role)]
    {
        roles.extend(texts(name, claim)?.unwrap_or_default());
    }
    let email = text("email", claims.email)?;
    let is_verified = claims.email_verified == Some(Value::Bool(true));
    Ok(Principal {
        authentication: Authentication::OAuth,
        subject: Some(subject),
        email: email.filter(|_| is_verified),
        organization: text("org_id", claims.org_id)?,
        roles,
        scopes,
        client,
    })
}

/// A text that can stand in a log: not empty, not long, without control characters.
fn text(name: &'static str, value: Option<Value>) -> Result<Option<String>, Invalid> {
    match value {
        None => Ok(None),
        Some(Value::String(text)) if is_name(&text) => Ok(Some(text)),
        Some(_) => Err(Invalid::Form(name)),
    }
}

fn is_name(text: &str) -> bool {
    !text.trim().is_empty() && text.len() <= LONGEST_ID && !text.contains(char::is_control)
}

/// One text, or a list of them.
fn texts(name: &'static str, value: Option<Value>) -> Result<Option<Vec<String>>, Invalid> {
    let Some(Value::Array(items)) = value else {
        return Ok(text(name, value)?.map(|one| vec![one]));
    };
    let texts = items.into_iter().map(|item| text(name, Some(item)));
    texts.collect()
}

/// Words with spaces between them, or a list of them.
fn words(name: &'static str, value: Option<Value>) -> Result<Vec<String>, Invalid> {
    match value {
        Some(Value::String(text)) => Ok(text.split_ascii_whitespace().map(str::to_owned).collect()),
        value => Ok(texts(name, value)?.unwrap_or_default()),
    }
}

/// A time in seconds since 1970, whole or not.
fn time(name: &'static str, value: Option<&Value>) -> Result<Option<SignedDuration>, Invalid> {
    let Some(value) = value else { return Ok(None) };
    let whole = value.as_i64().filter(|seconds| *seconds >= 0).map(SignedDuration::from_secs);
    let fraction = || {
        let seconds = value.as_f64().filter(|seconds| *seconds >= 0.0)?;
        SignedDuration::try_from_secs_f64(seconds).ok()
    };
    whole.or_else(fraction).map(Some).ok_or(Invalid::Form(name))
}

#[cfg(test)]
mod tests;
