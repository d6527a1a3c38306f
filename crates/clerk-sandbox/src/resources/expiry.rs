//! What API keys, M2M tokens and OAuth tokens have in common: they expire and are revoked.

use serde_json::Value;

use super::Call;
use crate::model::Record;
use crate::records::{Field, Kind, Shape};
use crate::refusal::Refusal;
use crate::reply::Reply;
use crate::store::Store;
use crate::time::SECOND;

/// For how long a token is valid; a hundred years at most.
pub(super) const SECONDS: Field =
    Field::new("seconds_until_expiration", Shape::Integer(0, 3_153_600_000)).nullable().internal();

/// Sets the point in time at which a token expires from the seconds that the request gave, or from
/// the default.
pub(super) fn set(store: &mut Store, token: &mut Record, default: Option<i64>) {
    let given = token.remove(SECONDS.name).unwrap_or_default();
    if let Some(seconds) = given.as_i64().or(default) {
        token.set("expiration", store.time().saturating_add(seconds.saturating_mul(SECOND)));
    }
}

pub(super) fn is_expired(token: &Record, now: i64) -> bool {
    token.get("expiration").as_i64().is_some_and(|expiration| expiration <= now)
}

/// Whether a token is neither revoked nor expired.
pub(super) fn is_valid(token: &Record, now: i64) -> bool {
    !token.is("revoked") && !is_expired(token, now)
}

/// Shows whether a token is expired by now.
pub(super) fn show(store: &Store, token: &mut Record) {
    token.set("expired", is_expired(token, store.time()));
}

/// Revokes a token for the reason that the request gives, if any.
pub(super) fn revoke(kind: &Kind, store: &mut Store, call: &Call) -> Reply {
    kind.get(store, call.id())?;
    let mut fields = call.fields()?;
    let reason = fields.text("revocation_reason").value();
    fields.finish()?;
    let token = revoked(kind, store, call.id(), reason.into())?;
    Ok(kind.reply(store, &token))
}

/// Marks a token as revoked.
pub(super) fn revoked(
    kind: &Kind,
    store: &mut Store,
    id: &str,
    reason: Value,
) -> Result<Record, Refusal> {
    let now = store.now();
    let token = kind.get_mut(store, id)?;
    if !token.is("revoked") {
        token.set("revoked", true);
        token.set("revocation_reason", reason);
        token.set("updated_at", now);
    }
    Ok(token.clone())
}
