//! `/m2m_tokens`: with which a machine calls others. A machine creates them with its own secret
//! key; the rest works with the instance's key as well. Tokens in the format `jwt` are not kept:
//! they are neither listed nor revoked.

use axum::http::StatusCode;
use serde_json::{Value, json};

use super::Action::{Do, Find};
use super::{Call, Route, expiry};
use crate::jwt::{self, Category};
use crate::model::{Record, tables};
use crate::records::{Envelope, Field, Ids, Kind, List, Shape};
use crate::refusal::{
    AUTHORIZATION_INVALID, FORM_PARAM_FORMAT_INVALID, FORM_PARAM_MISSING, MACHINE_KEY_NEEDED,
    MACHINE_TOKEN_RESERVED_CLAIM, MACHINE_TOKEN_TTL_INVALID, RESOURCE_NOT_FOUND, Refusal,
};
use crate::reply::{self, Reply};
use crate::store::Store;
use crate::time::SECOND;
use crate::tokens::{Caller, unsigned};

pub(super) const ROUTES: &[Route] = &[
    Route::get("/m2m_tokens", Find(list)),
    Route::post("/m2m_tokens", Do(create)),
    Route::post("/m2m_tokens/verify", Do(verify)),
    Route::post("/m2m_tokens/{m2m_token_id}/revoke", Do(revoke)),
];

/// Claims that Clerk sets itself.
const RESERVED: [&str; 6] = ["iss", "sub", "exp", "nbf", "iat", "jti"];

/// By how much earlier a JWT is valid already, in seconds.
const CLOCK_SKEW: i64 = 10;

const M2M_TOKEN: Kind = Kind {
    ids: Ids::Hex("mt"),
    list: List { most: 100, envelope: Envelope::Named("m2m_tokens"), ..List::PLAIN },
    complete,
    show: expiry::show,
    ..Kind::new(
        tables::M2M_TOKEN,
        "mt",
        "M2M token",
        &[
            Field::derived("subject"),
            Field::new("claims", Shape::Any),
            Field::derived("scopes").or("[]"),
            Field::derived("token").secret(),
            Field::derived("revoked").or("false"),
            Field::derived("revocation_reason"),
            Field::derived("expired").or("false"),
            Field::derived("expiration"),
            Field::derived("last_used_at"),
            Field::new("token_format", Shape::Choice(&["opaque", "jwt"]))
                .or("\"opaque\"")
                .internal(),
            Field::new("min_remaining_ttl_seconds", Shape::Integer(0, i64::MAX)).internal(),
            expiry::SECONDS,
        ],
    )
};

/// `POST /m2m_tokens`. If the request says how long a token must still be valid at least, a token
/// that is there already may be enough.
fn create(store: &mut Store, call: &mut Call) -> Reply {
    let Some(machine) = call.machine.clone() else {
        let sentence = "M2M tokens are created with the secret key of a machine.";
        return Err(MACHINE_KEY_NEEDED.because(sentence).into());
    };
    let fields = call.fields()?;
    let subject = [("subject", json!(machine))].into_iter().collect();
    let mut made = M2M_TOKEN.prepare(store, fields, subject)?;
    if made.text("token_format") == "jwt" {
        let token = signed(&made, &Caller::of(&call.headers)).ok_or_else(unsigned)?;
        made.set("token", token);
    } else if let Some(token) = reusable(store, &made) {
        made = token;
    } else {
        store.records.put(tables::M2M_TOKEN, made.clone());
    }
    Ok(reply::json_with(StatusCode::CREATED, &M2M_TOKEN.shown_once(store, &made)))
}

/// The token as a JWT. It has the claims of the request, and doesn't say which machines accept it:
/// neither does Clerk's.
fn signed(token: &Record, caller: &Caller) -> Option<String> {
    let mut claims = token.get("claims").as_object().cloned().unwrap_or_default();
    let created_at = token.number("created_at") / SECOND;
    let own = json!({
        "exp": token.number("expiration") / SECOND,
        "iat": created_at,
        "iss": caller.issuer,
        "jti": token.id(),
        "nbf": created_at - CLOCK_SKEW,
        "sub": token.text("subject"),
    });
    claims.extend(own.as_object()?.clone());
    jwt::sign(Category::M2m, &claims)
}

/// The token that a JWT stands for, if the sandbox has signed it for a machine of this instance.
fn of_jwt(store: &Store, text: &str) -> Option<Record> {
    let mut claims = jwt::verify(text)?;
    let mut take = |name: &str| claims.shift_remove(name).unwrap_or_default();
    let subject = take("sub");
    let machine = store.records.get(tables::MACHINE, subject.as_str()?)?;
    let milliseconds =
        |seconds: Value| seconds.as_i64().map(|seconds| seconds.saturating_mul(SECOND));
    let created_at = milliseconds(take("iat"));
    let fields = [
        ("object", json!(M2M_TOKEN.object)),
        ("id", take("jti")),
        ("subject", subject),
        ("expiration", json!(milliseconds(take("exp")))),
        ("scopes", machine.get("scoped_machines").clone()),
        ("revoked", json!(false)),
        ("revocation_reason", Value::Null),
        ("last_used_at", Value::Null),
        ("created_at", json!(created_at)),
        ("updated_at", json!(created_at)),
    ];
    let mut token: Record = fields.into_iter().collect();
    claims.retain(|name, _| !RESERVED.contains(&name.as_str()));
    token.set("claims", (!claims.is_empty()).then_some(claims));
    Some(token)
}

fn reusable(store: &Store, made: &Record) -> Option<Record> {
    let least = made.get("min_remaining_ttl_seconds").as_i64()?;
    let now = store.time().saturating_add(least.saturating_mul(SECOND));
    let is_same = |other: &Record| {
        ["subject", "claims", "scopes"].iter().all(|name| other.get(name) == made.get(name))
    };
    M2M_TOKEN.find(store, |other| is_same(other) && expiry::is_valid(other, now)).cloned()
}

fn complete(store: &mut Store, token: &mut Record, _: Option<&Record>) -> Result<(), Refusal> {
    let reserved = RESERVED.iter().find(|claim| token.get("claims").get(**claim).is_some());
    if let Some(claim) = reserved {
        let sentence = format!("You can't use the reserved claim: '{claim}'");
        return Err(MACHINE_TOKEN_RESERVED_CLAIM.at("claims", sentence).into());
    }
    let is_jwt = token.text("token_format") == "jwt";
    if is_jwt && !token.get("claims").is_null() && !token.get("claims").is_object() {
        let sentence = "The claims of a token in the format jwt must be an object.";
        return Err(FORM_PARAM_FORMAT_INVALID.at("claims", sentence).into());
    }
    let machine = store.records.get(tables::MACHINE, token.text("subject"));
    let scopes = machine.map_or(Value::Null, |machine| machine.get("scoped_machines").clone());
    let default = machine.map(|machine| machine.number("default_token_ttl"));
    token.set("scopes", scopes);
    token.set("token", store.secret("mt"));
    expiry::set(store, token, default);
    let lifetime = token.number("expiration").saturating_sub(store.time());
    let least = token.number("min_remaining_ttl_seconds").saturating_mul(SECOND);
    if !is_jwt && !token.get("expiration").is_null() && least >= lifetime.max(1) {
        let sentence = "min_remaining_ttl_seconds must be less than the lifetime of the token.";
        return Err(MACHINE_TOKEN_TTL_INVALID.at("min_remaining_ttl_seconds", sentence).into());
    }
    Ok(())
}

/// `GET /m2m_tokens`
fn list(store: &mut Store, call: &mut Call) -> Reply {
    call.query.take_decimal("limit");
    call.query.take_decimal("offset");
    let subject = call.query.text("subject");
    let revoked = call.query.flag("revoked") == Some(true);
    let expired = call.query.flag("expired") == Some(true);
    let Some(subject) = subject else {
        call.query.refuse(FORM_PARAM_MISSING.at("subject", "subject must be included."));
        return M2M_TOKEN.page(store, call.take_query(), |_| false);
    };
    check_owner(call, &subject)?;
    let now = store.time();
    M2M_TOKEN.page(store, call.take_query(), |token| {
        token.text("subject") == subject
            && (revoked || !token.is("revoked"))
            && (expired || !expiry::is_expired(token, now))
    })
}

/// `POST /m2m_tokens/{m2m_token_id}/revoke`
fn revoke(store: &mut Store, call: &mut Call) -> Reply {
    check_owner(call, M2M_TOKEN.get(store, call.id())?.text("subject"))?;
    expiry::revoke(&M2M_TOKEN, store, call)
}

/// A machine sees and revokes only its own tokens.
fn check_owner(call: &Call, subject: &str) -> Result<(), Refusal> {
    if call.machine.as_deref().is_none_or(|machine| machine == subject) {
        return Ok(());
    }
    let sentence = "The token belongs to another machine.";
    Err(AUTHORIZATION_INVALID.because(sentence).into())
}

/// `POST /m2m_tokens/verify`. A machine accepts the tokens that give access to it.
fn verify(store: &mut Store, call: &mut Call) -> Reply {
    let mut fields = call.fields()?;
    // Clerk's Python SDK sends it as `secret`.
    let text = match fields.text_of("secret") {
        Some(_) => fields.required("secret"),
        None => fields.required("token"),
    };
    fields.finish()?;
    let now = store.time();
    let is_for_caller = |token: &Record| {
        call.machine.as_deref().is_none_or(|machine| token.texts("scopes").any(|id| id == machine))
    };
    let stateless = of_jwt(store, &text);
    let is_stateless = stateless.is_some();
    let found = stateless
        .or_else(|| M2M_TOKEN.find(store, |token| token.text("token") == text).cloned())
        .filter(|token| expiry::is_valid(token, now) && is_for_caller(token));
    let Some(mut token) = found else {
        let sentence = "The M2M token is unknown, revoked, expired, or for other machines.";
        return Err(RESOURCE_NOT_FOUND.because(sentence).into());
    };
    if !is_stateless {
        token.set("last_used_at", now);
        store.records.put(tables::M2M_TOKEN, token.clone());
    }
    Ok(M2M_TOKEN.reply(store, &token))
}
