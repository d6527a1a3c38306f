//! Discounts on subscription items. The sandbox has two: `disc_sandbox_percentage` and
//! `disc_sandbox_fixed`.

use serde_json::{Value, json};

use super::items::{find, settle};
use super::{Call, events, keep};
use crate::model::{Record, money, tables};
use crate::refusal::{DISCOUNT_ALREADY_APPLIED, DISCOUNT_NOT_FOUND, Refusal};
use crate::reply::{self, Reply};
use crate::store::Store;

/// The active discount of an item.
fn active<'a>(store: &'a Store, item: &str) -> Option<&'a Record> {
    let mut all = store.records.all(tables::REDEMPTION);
    all.find(|one| one.text("subscription_item_id") == item && one.text("status") == "active")
}

/// An amount less the item's discount.
pub(super) fn reduced(store: &Store, item: &Record, amount: i64) -> i64 {
    let Some(redemption) = active(store, item.id()) else { return amount };
    let percent = redemption.number("percent_off");
    let fixed = redemption.get("amount_off").get("amount").and_then(Value::as_i64);
    let off = (amount.saturating_mul(percent) / 100).saturating_add(fixed.unwrap_or_default());
    amount.saturating_sub(off).max(0)
}

/// `POST /billing/subscription_items/{subscription_item_id}/discounts`: replaces another discount.
pub(super) fn apply(store: &mut Store, call: &mut Call) -> Reply {
    settle(store);
    let item = find(store, call.id(), "discounted")?;
    let mut fields = call.fields()?;
    let id = fields.required("discount_id");
    fields.finish()?;
    let discount = store.records.get(tables::DISCOUNT, &id).ok_or_else(none)?.clone();
    if let Some(redemption) = active(store, item.id()).cloned() {
        if redemption.text("discount_id") == id {
            let sentence = "This subscription item already has an active discount applied";
            return Err(DISCOUNT_ALREADY_APPLIED.at("discount_id", sentence).into());
        }
        end(store, redemption);
    }
    let now = store.now();
    let fixed = discount.get("amount_off").as_i64();
    let redemption = keep(
        store,
        tables::REDEMPTION,
        "cdred",
        vec![
            ("subscription_item_id", json!(item.id())),
            ("discount_id", json!(id)),
            ("name", discount.get("name").clone()),
            ("source", json!("manual")),
            ("effect", discount.get("effect").clone()),
            ("percent_off", discount.get("percent_off").clone()),
            ("amount_off", fixed.map_or(Value::Null, money)),
            ("cycles_remaining", Value::Null),
            ("cycles_applied", json!(0)),
            ("status", json!("active")),
            ("redeemed_at", json!(now)),
            ("redeemed_by", Value::Null),
        ],
    );
    item_changed(store, &item);
    Ok(reply(&redemption))
}

/// `DELETE /billing/subscription_items/{subscription_item_id}/discounts/{discount_id}`
pub(super) fn remove(store: &mut Store, call: &mut Call) -> Reply {
    settle(store);
    let item = find(store, call.id(), "changed")?;
    let found = active(store, item.id());
    let found = found.filter(|one| one.text("discount_id") == call.second_id()).cloned();
    let redemption = end(store, found.ok_or_else(none)?);
    item_changed(store, &item);
    Ok(reply(&redemption))
}

fn item_changed(store: &mut Store, item: &Record) {
    events::item_updated(store, item);
    events::subscription_updated(store, item.text("owner"));
}

fn end(store: &mut Store, mut redemption: Record) -> Record {
    redemption.set("status", "removed");
    store.records.put(tables::REDEMPTION, redemption.clone());
    redemption
}

fn none() -> Refusal {
    DISCOUNT_NOT_FOUND.because("The discount was not found").into()
}

fn reply(redemption: &Record) -> axum::response::Response {
    let mut body = redemption.clone();
    body.set("object", "commerce_discount_redemption");
    body.remove("created_at");
    body.remove("updated_at");
    reply::json(&body)
}
