//! Changing the price, and with it perhaps the plan, of a subscription item.

use serde_json::{Value, json};

use super::items::{find, settle, span};
use super::{Call, PRICE, events, keep, statements, view};
use crate::model::{Record, money, tables};
use crate::refusal::{
    OUT_OF_DATE_PRICE, PRICE_TRANSITION_NOT_ALLOWED, Refusal, SUBSCRIPTION_ITEM_NO_LONGER_ACTIVE,
};
use crate::reply::{self, Reply};
use crate::store::Store;

/// `POST /billing/subscription_items/{subscription_item_id}/price_transition`: a higher price at
/// once, a lower one at the end of the period.
pub(super) fn create(store: &mut Store, call: &mut Call) -> Reply {
    settle(store);
    let old = find(store, call.id(), "changed")?;
    let mut fields = call.fields()?;
    let (from, to) = (fields.required("from_price_id"), fields.required("to_price_id"));
    fields.finish()?;
    let price = PRICE.get(store, &to)?.clone();
    check(store, &old, &from, &price)?;
    let now = store.now();
    let (mut previous, mut next) = (old.clone(), old.clone());
    next.set("price_id", to);
    next.set("plan_id", price.get("plan_id").clone());
    next.set("is_free_trial", false);
    let is_immediate = view::amount(store, &next) >= view::amount(store, &old);
    let (status, effective_at) = if is_immediate {
        previous.set("ended_at", now);
        ("ended", now)
    } else {
        previous.set("canceled_at", now);
        ("canceled", old.number("period_end"))
    };
    previous.set("status", status);
    previous.set("updated_at", now);
    store.records.put(tables::SUBSCRIPTION_ITEM, previous.clone());
    let end = effective_at.saturating_add(span(&next));
    let next = keep(
        store,
        tables::SUBSCRIPTION_ITEM,
        "csub_item",
        vec![
            ("owner", next.get("owner").clone()),
            ("status", json!(if is_immediate { "active" } else { "upcoming" })),
            ("plan_id", next.get("plan_id").clone()),
            ("price_id", next.get("price_id").clone()),
            ("plan_period", next.get("plan_period").clone()),
            ("is_free_trial", json!(false)),
            ("period_start", json!(effective_at)),
            ("period_end", json!(end)),
        ],
    );
    events::status_changed(store, &previous);
    events::status_changed(store, &next);
    let charge = view::amount(store, &next);
    if is_immediate {
        statements::charge(store, &next, "checkout");
    }
    events::subscription_updated(store, next.text("owner"));
    let plan = store.records.get(tables::PLAN, old.text("plan_id"));
    let old_price = store.records.get(tables::PRICE, old.text("price_id"));
    Ok(reply::json(&json!({
        "object": "commerce_price_transition",
        "subscription_item": view::changed_item(store, &next),
        "transition": {
            "previous_plan": plan.map(|plan| view::changed_plan(store, plan)),
            "previous_price": old_price.map(|price| view::price(store, price)),
            "effective_at": effective_at,
            "effective_mode": if is_immediate { "immediate" } else { "end_of_period" },
            "next_billing_date": end,
            "charged_immediately": is_immediate && charge > 0,
            "immediate_charge": if is_immediate { money(charge) } else { Value::Null },
            "previous_subscription_item_status": status,
            "previous_subscription_item_id": old.id(),
        },
    })))
}

fn check(store: &Store, old: &Record, from: &str, price: &Record) -> Result<(), Refusal> {
    if old.text("status") != "active" {
        let sentence = "The subscription item is no longer the payer's active subscription item. \
                        It may have been changed by another request.";
        return Err(SUBSCRIPTION_ITEM_NO_LONGER_ACTIVE.because(sentence).into());
    }
    if old.text("price_id") != from {
        let sentence = "There was a mismatch in the price transition. The price may have been \
                        changed by another request.";
        return Err(OUT_OF_DATE_PRICE.at("from_price_id", sentence).into());
    }
    let kind = |plan: &str| {
        let plan = store.records.get(tables::PLAN, plan);
        plan.map(|plan| plan.text("for_payer_type").to_owned())
    };
    let reason = if from == price.id() {
        "the item has this price already"
    } else if kind(price.text("plan_id")) != kind(old.text("plan_id")) {
        "the plans are for different payers"
    } else {
        return Ok(());
    };
    let sentence = format!("Price transition not allowed because {reason}");
    Err(PRICE_TRANSITION_NOT_ALLOWED.at("to_price_id", sentence).into())
}
