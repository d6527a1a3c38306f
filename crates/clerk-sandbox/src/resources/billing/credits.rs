//! Credits of payers: a ledger of what was added and taken.

use serde_json::json;

use super::{Call, keep, payer_of, view};
use crate::model::{Record, money, tables};
use crate::records::{Field, Kind, Shape};
use crate::refusal::{IDEMPOTENCY_CONFLICT, INSUFFICIENT_CREDIT_BALANCE, INVALID_CREDIT_AMOUNT};
use crate::reply::{self, Reply};
use crate::store::Store;
use crate::time;

/// The fields of an adjustment.
const ADJUSTMENT: Kind = Kind::new(
    tables::CREDIT,
    "cledger",
    "adjustment",
    &[
        Field::new("amount", Shape::Integer(i64::MIN, i64::MAX)).required(),
        Field::new("action", Shape::Choice(&["increase", "decrease"])).required(),
        Field::new("currency", Shape::Choice(&["USD"])).or(r#""USD""#),
        Field::new("idempotency_key", Shape::Name).required(),
        Field::new("note", Shape::Text),
    ],
);

/// The balance of a payer, in cents.
pub(super) fn sum(store: &Store, owner: &str) -> i64 {
    let entries = store.records.all(tables::CREDIT).filter(|entry| entry.text("owner") == owner);
    entries.map(|entry| entry.number("change")).sum()
}

/// `GET /users/{user_id}/billing/credits`, and the same of organizations.
pub(super) fn balance(store: &mut Store, call: &mut Call) -> Reply {
    let owner = payer_of(store, call)?;
    let balance = money(sum(store, &owner));
    Ok(reply::json(&json!({ "object": "commerce_credit_balance", "balance": balance })))
}

/// `POST /users/{user_id}/billing/credits`, and the same of organizations. A repeat with the same
/// key changes nothing.
pub(super) fn adjust(store: &mut Store, call: &mut Call) -> Reply {
    let owner = payer_of(store, call)?;
    let given = ADJUSTMENT.prepare(store, call.fields()?, Record::default())?;
    let amount = given.number("amount");
    if amount <= 0 {
        let sentence = "Credit amount must be greater than zero";
        return Err(INVALID_CREDIT_AMOUNT.at("amount", sentence).into());
    }
    let change = if given.text("action") == "increase" { amount } else { -amount };
    let earlier = store.records.find(tables::CREDIT, |entry| {
        entry.text("owner") == owner && entry.get("idempotency_key") == given.get("idempotency_key")
    });
    if let Some(earlier) = earlier {
        if earlier.number("change") == change {
            return Ok(entry(earlier));
        }
        let sentence = "The idempotency key was used with another adjustment.";
        return Err(IDEMPOTENCY_CONFLICT.at("idempotency_key", sentence).into());
    }
    if sum(store, &owner).saturating_add(change) < 0 {
        let sentence = "The decrease amount exceeds the current credit balance";
        return Err(INSUFFICIENT_CREDIT_BALANCE.at("amount", sentence).into());
    }
    let kept = keep(
        store,
        tables::CREDIT,
        "cledger",
        vec![
            ("owner", json!(owner)),
            ("change", json!(change)),
            ("idempotency_key", given.get("idempotency_key").clone()),
            ("note", given.get("note").clone()),
        ],
    );
    Ok(entry(&kept))
}

fn entry(entry: &Record) -> axum::response::Response {
    reply::json(&json!({
        "object": "commerce_credit_ledger",
        "id": entry.id(),
        "payer_id": view::payer_id(entry.text("owner")),
        "amount": money(entry.number("change")),
        "source_type": "manual_adjustment",
        "source_id": entry.get("idempotency_key"),
        "note": entry.get("note"),
        "created_at": time::rfc3339(entry.number("created_at")),
    }))
}
